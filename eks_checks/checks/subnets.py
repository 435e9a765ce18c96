"""Subnets as checks see them: who sits in each, and whether it is public."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Subnet
from eks_checks.checks.nodes import subnet_of

SUBNET_TYPES = ("aws_subnet", "aws_default_subnet")


def by_subnet(
    estate: Estate, interfaces: Iterable[Interface]
) -> Iterator[tuple[Subnet, tuple[Interface, ...]]]:
    """Each subnet with those of the interfaces that are, or may be, in it, in order of its address."""
    found: dict[str, list[Interface]] = {}
    for interface in interfaces:
        subnet = subnet_of(estate, interface)
        if subnet is not None:
            found.setdefault(subnet.key, []).append(interface)
    for key in sorted(found, key=lambda each: (estate.subnets[each].resource, each)):
        yield estate.subnets[key], tuple(found[key])


def not_there(interface: Interface) -> tuple[Cause, ...]:
    """Why it is not sure that the interface is in its subnet; empty where it is."""
    if interface.certain:
        return ()
    return interface.causes or (Cause(interface.resource, "subnet", "whether it is there is not known"),)
