"""Targets and the pieces of sources that meet the same layers on the way to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause, KeySet, Truth
from eks_checks.aws.vpc import Subnet, Vpc
from eks_checks.reach.layers import Crossing
from eks_checks.reach.transfer import Party
from eks_checks.sets import AddressSet, Family, union_of

NOTHING = AddressSet.empty()


@dataclass(frozen=True)
class Target:
    """One shape of the interface asked about, in one family.

    ``groups`` are the shape's, as the one object that all interfaces with the same groups share.
    """

    interface: Interface
    shape: Shape
    subnet: Subnet
    family: Family
    addresses: AddressSet
    fixed: bool
    groups: KeySet

    @cached_property
    def there(self) -> bool:
        """Whether it surely exists, as an EKS node where it is asked about as one."""
        here = self.interface.certain and self.interface.node.value is not None
        return here and has_address(self.shape, self.family).surely

    @property
    def party(self) -> Party:
        """This end of a flow."""
        return Party(self.subnet, self.groups, self.interface.resource)


@dataclass(frozen=True)
class Candidate:
    """One shape of an interface as a source of ``scope``, before it is known what stands in its way.

    ``groups`` is shared as a target's is, ``shape`` has why they are not known; ``exists`` says whether
    it surely is there, with addresses of the family.
    """

    interface: Interface
    scope: str
    shape: Shape
    groups: KeySet
    subnet: Subnet
    addresses: AddressSet
    fixed: bool
    exists: Truth


@dataclass(frozen=True)
class Piece:
    """Sources of one entry that meet the same layers.

    ``groups`` are those of a source interface. ``doubts`` are reasons why the source may not exist
    at all: it is then never surely reachable. ``place`` is where it comes among the pieces of its entry.
    ``mitigated_by`` are the network policies that hold these pods back.
    A piece of several alike subnets has ``apart``: the piece of the first one that has any of the addresses.
    ``cidrs`` (or ``cidrs_of``) are what the sources are told by where they come in by other addresses.
    """

    scope: str
    resource: str
    subnet: str | None
    crossing: Crossing
    doubts: tuple[Cause, ...] = ()
    doubtful: bool = False
    groups: KeySet | None = None
    vpc: Vpc | None = None
    place: int = 0
    apart: Callable[[AddressSet], Piece] | None = None
    mitigated_by: tuple[str, ...] = ()
    cidrs: tuple[str, ...] | None = None
    cidrs_of: tuple[str, ...] = ()


def has_address(shape: Shape, family: Family) -> Truth:
    """Whether the shape has an address of the family: every interface has IPv4 (in a subnet that has it)."""
    return Truth(True) if family == "ipv4" else shape.ipv6


def addresses_of(pieces: list[Piece]) -> AddressSet:
    """All source addresses that pieces speak of."""
    return union_of((piece.crossing.ends.sources for piece in pieces), NOTHING)
