"""Other resources with interfaces of their own from which code of the user's opens connections.

A function or task that carries a group which a node's rule admits reaches the node as an
instance would. Load balancers, databases and endpoints are left out: they open no connections
to a node's port by themselves.
"""

from __future__ import annotations

from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, UNKNOWN, Cause
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.nodes import Scene, default_groups, landings
from eks_checks.aws.lower.templates import or_default
from eks_checks.terraform.resource import Block, Resource

PLACES: dict[str, tuple[str, str, str]] = {
    "aws_lambda_function": ("vpc_config", "subnet_ids", "security_group_ids"),
    "aws_ecs_service": ("network_configuration", "subnets", "security_groups"),
    "aws_codebuild_project": ("vpc_config", "subnets", "security_group_ids"),
    "aws_apprunner_vpc_connector": ("", "subnets", "security_groups"),
    "aws_mwaa_environment": ("network_configuration", "subnet_ids", "security_group_ids"),
    "aws_batch_compute_environment": ("compute_resources", "subnets", "security_group_ids"),
    "aws_sagemaker_notebook_instance": ("", "subnet_id", "security_groups"),
}
"""Type to (block, argument with the subnets, argument with the groups)."""


def lower_services(run: Lowering, scene: Scene) -> None:
    """Their interfaces: sources, never targets."""
    for type_, (block, subnets, groups) in PLACES.items():
        for resource in run.world.resources(type_):
            blocks = resource.blocks(block) if block else None
            if blocks is not None and blocks.open is not None:
                run.unclear([Cause(resource.key, block, blocks.open.reason)])
            for holder in blocks.items if blocks is not None else (resource,):
                _place(run, scene, resource, holder, (subnets, groups))


def _place(run: Lowering, scene: Scene, resource: Resource, holder: Block, names: tuple[str, str]) -> None:
    where = run.links(holder, "subnet", names[0])
    carried = run.links(holder, "security_group", names[1])
    for subnet, certain, causes in landings(where, scene):
        groups = or_default(carried, default_groups(scene.subnets.get(subnet or "")))
        scene.interfaces.append(
            Interface(
                resource=resource.key,
                kind="service",
                subnet=subnet,
                shapes=(Shape(groups, NO, UNKNOWN, origin=resource.key),),
                certain=certain,
                causes=causes,
                location=resource.location,
            )
        )
