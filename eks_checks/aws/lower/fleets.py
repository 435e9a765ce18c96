"""Fleets of instances: EC2 and Spot fleets, and AWS Batch on EKS, whose instances are the cluster's nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, NOWHERE, YES, Cause, KeySet, Pointer, Truth, just
from eks_checks.aws.lower import sshd
from eks_checks.aws.lower.attachments import either
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.joining import joined_by_user_data, joined_group
from eks_checks.aws.lower.nodes import (
    Scene,
    Shapes,
    default_groups,
    family_of,
    landings,
    one_per_subnet,
    template_names,
)
from eks_checks.aws.lower.ssh_keys import key_pair, ssh_key
from eks_checks.aws.lower.templates import (
    Launch,
    flagged_by,
    or_default,
    specification,
    subnet_addressing,
)
from eks_checks.aws.lower.user_data import SILENT
from eks_checks.aws.node_facts import AMAZON_LINUX
from eks_checks.aws.vpc import LANDS_IN_DEFAULT
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, Value

FLEETS = ("aws_ec2_fleet", "aws_spot_fleet_request", "aws_spot_instance_request")
"""Types whose instances are interfaces of their own, whether nodes or not."""
BATCH = "aws_batch_compute_environment"


def lower_fleets(run: Lowering, scene: Scene) -> None:
    """The instances of fleets, one interface per subnet they may land in."""
    for resource in run.world.resources("aws_ec2_fleet", "aws_spot_fleet_request", BATCH):
        if resource.type == BATCH and not on_eks(resource):
            continue
        made = list(_instances(run, scene, resource))
        scene.interfaces.extend(one_per_subnet(made))


def _instances(run: Lowering, scene: Scene, resource: Resource) -> Iterator[Interface]:
    if resource.type == BATCH:
        yield from _of_batch(run, scene, resource)
    for config in resource.blocks("launch_template_config").items:
        yield from _of_templates(run, scene, resource, config)
    for block in resource.blocks("launch_specification").items:
        yield from _of_specification(run, scene, block)


def on_eks(resource: Resource) -> bool:
    """Whether a Batch environment puts its instances into an EKS cluster."""
    return bool(resource.blocks("eks_configuration").items)


def launches_of_fleet(run: Lowering, resource: Resource) -> tuple[Launch, ...]:
    """The templates of a fleet or a Batch environment."""
    spot = ("id", "name") if resource.type == "aws_spot_fleet_request" else ()
    blocks = [
        block
        for config in resource.blocks("launch_template_config").items
        for block in config.blocks("launch_template_specification").items
    ]
    batch = [
        block
        for resources in resource.blocks("compute_resources").items
        for block in resources.blocks("launch_template").items
    ]
    return (
        *(launch for block in blocks for launch in specification(run, block, *spot)),
        *(launch for block in batch for launch in specification(run, block)),
    )


@dataclass(frozen=True)
class _Fleet:
    """What all instances of one fleet have in common."""

    resource: Resource
    cluster: Pointer
    node: Truth
    listener: sshd.Listener
    key: Truth
    templates: KeySet


def fleet_launches(run: Lowering, resource: Resource) -> tuple[Launch, ...]:
    """Every template by which instances of a fleet, or of a Batch environment, come up."""
    if resource.type == BATCH:
        blocks = resource.blocks("compute_resources").items
        return tuple(launch for block in blocks for launch in _batch_launches(run, block))
    configs = resource.blocks("launch_template_config").items
    return tuple(launch for config in configs for launch in _config_launches(run, config))


def _config_launches(run: Lowering, config: Block) -> tuple[Launch, ...]:
    spot = ("id", "name") if config.resource.type == "aws_spot_fleet_request" else ()
    blocks = config.blocks("launch_template_specification").items
    return tuple(launch for block in blocks for launch in specification(run, block, *spot))


def _batch_launches(run: Lowering, block: Block) -> tuple[Launch, ...]:
    return tuple(
        launch for one in block.blocks("launch_template").items for launch in specification(run, one)
    )


def _of_templates(run: Lowering, scene: Scene, resource: Resource, config: Block) -> Iterator[Interface]:
    launches = _config_launches(run, config)
    cluster, node = joined_group(run, resource, launches, scene.clusters)
    key = ssh_key(launches, NO)
    listener = sshd.of_group(run, launches, key)
    fleet = _Fleet(resource, cluster, node, listener, key, template_names(launches))
    subnets = _overridden(run, config)
    for subnet, certain, causes in landings(subnets, scene):
        where = scene.subnets.get(subnet or "")
        made = Shapes(run, launches, default_groups(where), KeySet(), family_of(cluster, scene)).at(where)
        yield _interface(fleet, subnet, made, (certain, causes))
    _count(scene, fleet, subnets)


def _overridden(run: Lowering, config: Block) -> KeySet:
    """The subnets that overrides name; without any, the template's or those of the default VPC."""
    found = KeySet()
    for name in ("override", "overrides"):
        for block in config.blocks(name).items:
            found = found.plus(_subnets(run, block))
    if found.candidates or found.open:
        return found
    why = Cause(config.resource.key, "launch_template_config", "no override names a subnet")
    return KeySet(open=True, causes=(why,))


def _subnets(run: Lowering, block: Block) -> KeySet:
    value = block.value("subnet_id")
    if left_out(value):
        return KeySet()
    found = KeySet()
    several: list[Value] = [value]
    if isinstance(value, Known):
        several = [Known(word.strip()) for word in str(value.value).split(",")]
    for one in several:
        found = found.plus(just(run.identity.find(one, "subnet", block.resource.key, "subnet_id")))
    return found


def _of_specification(run: Lowering, scene: Scene, block: Block) -> Iterator[Interface]:
    """Instances that a Spot fleet describes itself."""
    resource = block.resource
    cluster, node = joined_by_user_data(run, block)
    key = key_pair(block)
    listener = sshd.of_launches(run, [block], key)
    fleet = _Fleet(resource, cluster, node, listener, key, KeySet())
    why = Cause(resource.key, "launch_specification", f"names no subnet: {LANDS_IN_DEFAULT}")
    subnets = _subnets(run, block)
    if not (subnets.candidates or subnets.open):
        subnets = KeySet(open=True, causes=(why,))
    for subnet, certain, causes in landings(subnets, scene):
        shape = _own_shape(run, scene, block, subnet, cluster)
        yield _interface(fleet, subnet, (shape,), (certain, causes))
    _count(scene, fleet, subnets)


def _own_shape(run: Lowering, scene: Scene, block: Block, subnet: str | None, cluster: Pointer) -> Shape:
    where = scene.subnets.get(subnet or "")
    public, ipv6 = subnet_addressing(where, family_of(cluster, scene))
    origin, place = flagged_by(where)
    # NOTE: the provider passes on true only: false, its default, leaves the word to the subnet (D1).
    wanted = run.truth(block, "associate_public_ip_address")
    if wanted.possibly:
        public, origin = either(wanted, public), block.resource.key
    named = run.links(block, "security_group", "vpc_security_group_ids")
    return Shape(
        or_default(named, default_groups(where)),
        public,
        ipv6,
        origin=block.resource.key,
        public_origin=origin,
        groups_at=block.located("vpc_security_group_ids"),
        public_at=place,
    )


def _of_batch(run: Lowering, scene: Scene, resource: Resource) -> Iterator[Interface]:
    cluster = NOWHERE
    for block in resource.blocks("eks_configuration").items:
        cluster = run.link(block, "cluster", "eks_cluster_arn")
    for block in resource.blocks("compute_resources").items:
        launches = _batch_launches(run, block)
        key = ssh_key(launches, key_pair(block, "ec2_key_pair"))
        own = not left_out(block.value("image_id")) or bool(launches)
        listener = sshd.UNTOLD if own else sshd.of_family(AMAZON_LINUX, key, SILENT)
        fleet = _Fleet(resource, cluster, YES, listener, key, template_names(launches))
        subnets = run.links(block, "subnet", "subnets")
        groups = run.links(block, "security_group", "security_group_ids")
        for subnet, certain, causes in landings(subnets, scene):
            where = scene.subnets.get(subnet or "")
            public, ipv6 = subnet_addressing(where, family_of(cluster, scene))
            origin, place = flagged_by(where)
            plain = Shape(
                or_default(groups, default_groups(where)),
                public,
                ipv6,
                origin=resource.key,
                public_origin=origin,
                groups_at=block.located("security_group_ids"),
                public_at=place,
            )
            shapes = Shapes(run, launches, plain.groups, KeySet(), family_of(cluster, scene)).at(where)
            yield _interface(fleet, subnet, shapes or (plain,), (certain, causes))
        _count(scene, fleet, subnets)


def _interface(
    fleet: _Fleet, subnet: str | None, shapes: tuple[Shape, ...], lands: tuple[bool, tuple[Cause, ...]]
) -> Interface:
    certain, causes = lands
    return Interface(
        resource=fleet.resource.key,
        kind="fleet",
        subnet=subnet,
        shapes=shapes,
        cluster=fleet.cluster,
        node=fleet.node,
        certain=certain,
        listener_ssh=fleet.listener[0],
        listener_note=fleet.listener[1],
        causes=causes,
        location=fleet.resource.location,
    )


def _count(scene: Scene, fleet: _Fleet, subnets: KeySet) -> None:
    if fleet.node.possibly:
        scene.node_groups.append(
            NodeGroup(
                resource=fleet.resource.key,
                kind="fleet",
                cluster=fleet.cluster,
                subnets=subnets,
                ssh_key=fleet.key,
                remote_access=NO,
                remote_access_sources=KeySet(),
                windows=NO,
                templates=fleet.templates,
                location=fleet.resource.location,
                node=fleet.node,
            )
        )
