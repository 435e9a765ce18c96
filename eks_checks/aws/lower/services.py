"""Other resources with interfaces of their own from which code of the user's opens connections.

A function, task, notebook, build or connector that carries a group which a node's rule admits reaches
the node as an instance would. Load balancers, databases and endpoints are left out: they open no connections
to a node's port by themselves.
"""

from __future__ import annotations

from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, UNKNOWN, Cause, KeySet, just
from eks_checks.aws.lower.context import Lowering, where
from eks_checks.aws.lower.fleets import BATCH, on_eks
from eks_checks.aws.lower.nodes import Scene, default_groups, landings
from eks_checks.aws.lower.templates import or_default
from eks_checks.terraform.resource import Block
from eks_checks.terraform.value import path_of

_NAMES = ("subnet_ids", "security_group_ids")

PLACES: dict[str, tuple[str, str, str]] = {
    "aws_apigatewayv2_vpc_link": ("", *_NAMES),
    "aws_apprunner_vpc_connector": ("", "subnets", "security_groups"),
    "aws_appstream_fleet": ("vpc_config", *_NAMES),
    "aws_appstream_image_builder": ("vpc_config", *_NAMES),
    "aws_batch_compute_environment": ("compute_resources", "subnets", "security_group_ids"),
    "aws_bedrockagentcore_agent_runtime": (
        "network_configuration.network_mode_config",
        "subnets",
        "security_groups",
    ),
    "aws_bedrockagentcore_browser": ("network_configuration.vpc_config", "subnets", "security_groups"),
    "aws_bedrockagentcore_code_interpreter": (
        "network_configuration.vpc_config",
        "subnets",
        "security_groups",
    ),
    "aws_codebuild_fleet": ("vpc_config", "subnets", "security_group_ids"),
    "aws_codebuild_project": ("vpc_config", "subnets", "security_group_ids"),
    "aws_devicefarm_test_grid_project": ("vpc_config", *_NAMES),
    "aws_ecs_service": ("network_configuration", "subnets", "security_groups"),
    "aws_ecs_task_set": ("network_configuration", "subnets", "security_groups"),
    "aws_emrserverless_application": ("network_configuration", *_NAMES),
    "aws_glue_connection": ("physical_connection_requirements", "subnet_id", "security_group_id_list"),
    "aws_glue_dev_endpoint": ("", "subnet_id", "security_group_ids"),
    "aws_grafana_workspace": ("vpc_configuration", *_NAMES),
    "aws_imagebuilder_infrastructure_configuration": ("", "subnet_id", "security_group_ids"),
    "aws_kinesisanalyticsv2_application": ("application_configuration.vpc_configuration", *_NAMES),
    "aws_lambda_capacity_provider": ("vpc_config", *_NAMES),
    "aws_lambda_function": ("vpc_config", *_NAMES),
    "aws_m2_environment": ("", *_NAMES),
    "aws_medialive_channel": ("vpc", *_NAMES),
    "aws_mskconnect_connector": ("kafka_cluster.apache_kafka_cluster.vpc", "subnets", "security_groups"),
    "aws_mwaa_environment": ("network_configuration", *_NAMES),
    "aws_osis_pipeline": ("vpc_options", *_NAMES),
    "aws_prometheus_scraper": ("source.eks", *_NAMES),
    "aws_quicksight_vpc_connection": ("", *_NAMES),
    "aws_sagemaker_domain": ("", "subnet_ids", "default_user_settings[0].security_groups"),
    "aws_sagemaker_model": ("vpc_config", "subnets", "security_group_ids"),
    "aws_sagemaker_notebook_instance": ("", "subnet_id", "security_groups"),
    "aws_synthetics_canary": ("vpc_config", *_NAMES),
    "aws_vpclattice_resource_gateway": ("", *_NAMES),
}
"""Type to (blocks that lead to them, argument with the subnets, argument with the groups)."""


def lower_services(run: Lowering, scene: Scene) -> None:
    """Their interfaces: sources, never targets of themselves."""
    for type_, (path, subnets, groups) in PLACES.items():
        blocks = path.split(".") if path else []
        for resource in run.world.resources(type_):
            if resource.type == BATCH and on_eks(resource):
                continue  # its instances are nodes
            _lower(run, scene, resource, blocks, (subnets, groups))


def _lower(run: Lowering, scene: Scene, holder: Block, blocks: list[str], names: tuple[str, str]) -> None:
    """Go down the nested blocks to the innermost ones; each of these is where the service has interfaces."""
    if not blocks:
        _place(
            scene,
            holder,
            _subnets(run, holder, names[0]),
            run.links(holder, "security_group", *path_of(names[1])),
        )
        return
    found = holder.blocks(blocks[0])
    for block in found.items:
        _lower(run, scene, block, blocks[1:], names)
    if found.open is not None:
        why = (Cause(*where(holder, (blocks[0],)), found.open.reason),)
        run.unclear(why)
        anything = KeySet(open=True, causes=why)
        _place(scene, holder, anything, anything)


def _subnets(run: Lowering, holder: Block, argument: str) -> KeySet:
    if not argument.endswith("_id"):
        return run.links(holder, "subnet", argument)
    return just(run.link(holder, "subnet", argument))


def _place(scene: Scene, holder: Block, places: KeySet, named: KeySet) -> None:
    resource = holder.resource
    for subnet, certain, causes in landings(places, scene):
        groups = or_default(named, default_groups(scene.subnets.get(subnet or "")))
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
