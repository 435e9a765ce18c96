"""Auto Scaling groups: self-managed EKS nodes, or others (graph rule 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, Cause, KeySet, Pointer
from eks_checks.aws.lower import sshd
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.joining import joined_group
from eks_checks.aws.lower.nodes import (
    Scene,
    Shapes,
    default_groups,
    family_of,
    landings,
    template_names,
)
from eks_checks.aws.lower.ssh_keys import ssh_key
from eks_checks.aws.lower.templates import Launch, launch_of, specification
from eks_checks.aws.vpc import LANDS_IN_DEFAULT
from eks_checks.terraform.resource import Block, Resource


def lower_autoscaling_groups(run: Lowering, scene: Scene) -> None:
    """Auto Scaling groups, EKS nodes or not (graph rule 1)."""
    for resource in run.world.resources("aws_autoscaling_group"):
        launches = launches_of_group(run, resource)
        cluster, node = joined_group(run, resource, launches, scene.clusters)
        subnets = _asg_subnets(run, resource, scene)
        made = _self_managed(run, resource, cluster, launches, subnets)
        listener, note = sshd.of_group(run, launches, made.ssh_key)
        if node.possibly:
            scene.node_groups.append(replace(made, node=node))
        for subnet, certain, causes in landings(subnets, scene):
            where = scene.subnets.get(subnet or "")
            default = default_groups(where)
            shapes_in = Shapes(run, launches, default, KeySet(), family_of(cluster, scene))
            scene.interfaces.append(
                Interface(
                    resource=resource.key,
                    kind="autoscaling_group",
                    subnet=subnet,
                    shapes=shapes_in.at(where),
                    cluster=cluster,
                    node=node,
                    certain=certain,
                    listener_ssh=listener,
                    listener_note=note,
                    causes=causes,
                    location=resource.location,
                )
            )


def launches_of_group(run: Lowering, resource: Resource) -> tuple[Launch, ...]:
    """The templates and configurations that a group's instances may come up with."""
    return tuple(_launches(run, resource)) or (_nothing_told(resource),)


def _self_managed(
    run: Lowering, resource: Resource, cluster: Pointer, launches: tuple[Launch, ...], subnets: KeySet
) -> NodeGroup:
    return NodeGroup(
        resource=resource.key,
        kind="self_managed",
        cluster=cluster,
        subnets=subnets,
        ssh_key=ssh_key(launches, NO),
        remote_access=NO,
        remote_access_sources=KeySet(),
        windows=sshd.windows(run, launches),
        templates=template_names(launches),
        location=resource.location,
    )


def _launches(run: Lowering, resource: Resource) -> Iterator[Launch]:
    yield from launch_of(run, resource, fallback=True)
    yield from _unknown_launch(resource, "mixed_instances_policy")
    for policy in resource.blocks("mixed_instances_policy").items:
        yield from _unknown_launch(policy, "launch_template")
        for template in policy.blocks("launch_template").items:
            yield from _unknown_launch(template, "launch_template_specification")
            yield from _unknown_launch(template, "override")
            for block in template.blocks("launch_template_specification").items:
                yield from specification(run, block)
            for override in template.blocks("override").items:
                for block in override.blocks("launch_template_specification").items:
                    yield from specification(run, block)
    value = resource.value("launch_configuration")
    if not left_out(value):
        yield from _configurations(run, resource)


def _nothing_told(resource: Resource) -> Launch:
    """What stands for a group that shows no template at all: AWS wants one, so the plan hides it."""
    why = "no launch template or configuration can be told from the plan"
    return Launch(known=False, causes=(Cause(resource.key, "launch_template", why),))


def _unknown_launch(block: Block, name: str) -> Iterator[Launch]:
    """What blocks unknown as a whole stand for: a template that cannot be told."""
    unknown = block.blocks(name).open
    if unknown is not None and not (unknown.computed and name == "mixed_instances_policy"):
        yield Launch(known=False, causes=(Cause(block.resource.key, name, unknown.reason),))


def _configurations(run: Lowering, resource: Resource) -> Iterator[Launch]:
    found = run.link(resource, "launch_configuration", "launch_configuration")
    by_key = run.by_key("aws_launch_configuration")
    for key in found.keys:
        why = (Cause(resource.key, "launch_configuration", f"{key} is in none of the inputs"),)
        yield Launch(by_key[key]) if key in by_key else Launch(known=False, causes=why)
    if found.open:
        yield Launch(known=False, causes=found.causes)


def _asg_subnets(run: Lowering, resource: Resource, scene: Scene) -> KeySet:
    if not left_out(resource.value("vpc_zone_identifier")):
        return run.links(resource, "subnet", "vpc_zone_identifier")
    # NOTE: zones alone mean the default VPC's subnets (C19).
    defaults = run.by_key("aws_default_subnet").keys()
    why = (Cause(resource.key, "vpc_zone_identifier", f"unset: {LANDS_IN_DEFAULT}'s subnets"),)
    return KeySet(maybe=frozenset(defaults & set(scene.subnets)), open=True, causes=why)
