"""Which instance a network interface belongs to, and whether it is its primary one (D7, D8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.templates import first_interface
from eks_checks.terraform.resource import Block, Resource

INSTANCES = ("aws_instance", "aws_spot_instance_request")
"""Types that are one instance each; a Spot request has the arguments of an instance."""


@dataclass(frozen=True)
class Owner:
    """The instance an interface belongs to; ``causes`` say why that is not sure."""

    instance: Resource
    causes: tuple[Cause, ...] = ()


def primary_interface(run: Lowering, instance: Resource) -> str | None:
    """The managed interface that an instance uses as its primary one, if any."""
    managed = run.by_key("aws_network_interface")
    for block, _ in _primary_blocks(instance):
        found = run.link(block, "interface", "network_interface_id").exact
        if found in managed:
            return found
    return None


def maybe_primaries(run: Lowering) -> dict[str, tuple[Cause, ...]]:
    """Interfaces that may be an instance's primary one, though the plan does not say which."""
    found: dict[str, tuple[Cause, ...]] = {}
    for resource in run.world.resources(*INSTANCES):
        for name in ("network_interface", "primary_network_interface"):
            for block in resource.blocks(name).items:
                named = run.link(block, "interface", "network_interface_id")
                if named.exact is None:
                    found.update(dict.fromkeys(named.keys, named.causes))
    return found


def further_interfaces(run: Lowering) -> dict[str, Owner]:
    """Interface key to the instance whose further interface it is, or may be."""
    found: dict[str, Owner] = {}
    instances = {key: one for type_ in INSTANCES for key, one in run.by_key(type_).items()}
    for resource in run.world.resources(*INSTANCES):
        primary = {id(block) for block, _ in _primary_blocks(resource)}
        for block in resource.blocks("network_interface").items:
            if id(block) in primary or first_interface(block):
                continue
            for key in run.link(block, "interface", "network_interface_id").keys:
                found.setdefault(key, Owner(resource))
    for key, block, instance in _attachments(run):
        named = run.link(block, "interface", instance)
        causes = () if named.exact else named.causes
        for owner in named.keys:
            if owner in instances:
                found.setdefault(key, Owner(instances[owner], causes))
    return found


def _attachments(run: Lowering) -> Iterator[tuple[str, Block, str]]:
    """(interface key, block that attaches it, its attribute that names the instance)."""
    for resource in run.world.resources("aws_network_interface_attachment"):
        for key in run.link(resource, "interface", "network_interface_id").keys:
            yield key, resource, "instance_id"
    for resource in run.world.resources("aws_network_interface"):
        for block in resource.blocks("attachment").items:
            if not first_interface(block):
                yield run.identity.key(resource), block, "instance"


def _primary_blocks(instance: Resource) -> Iterator[tuple[Block, str]]:
    for block in instance.blocks("network_interface").items:
        if first_interface(block):
            yield block, "network_interface"
    for block in instance.blocks("primary_network_interface").items:
        yield block, "primary_network_interface"
