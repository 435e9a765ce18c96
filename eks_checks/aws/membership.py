"""Who carries a security group: the interfaces a rule that names the group speaks of (fact A7)."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.sets import AddressSet, Family


@dataclass(frozen=True)
class Member:
    """One interface in one of its shapes; ``sure`` is false where it only may carry the group."""

    interface: Interface
    shape: Shape
    sure: bool


class Membership:
    """The members of every group of one estate; indexed once."""

    def __init__(self, estate: Estate) -> None:
        """Index which interface carries which group."""
        self._estate = estate
        self._named: dict[str, list[Member]] = {}
        self._loose: list[Member] = []
        for interface in estate.everyone:
            for shape in interface.shapes:
                self._add(interface, shape)

    def of(self, group: str) -> tuple[Member, ...]:
        """Every interface that carries ``group``, or may: also one whose groups cannot be told."""
        named = self._named.get(group, [])
        listed = {id(member.shape) for member in named}
        return (*named, *(member for member in self._loose if id(member.shape) not in listed))

    def addresses(self, interface: Interface, shape: Shape, family: Family) -> AddressSet | None:
        """The addresses it may have inside its VPC; None where they cannot be told."""
        if shape.addresses is not None:
            return shape.addresses.family(family)
        subnet = self._estate.subnets.get(interface.subnet or "")
        if subnet is None or family in subnet.unknown_block:
            return None
        return subnet.addresses(family)

    def _add(self, interface: Interface, shape: Shape) -> None:
        for group in sorted(shape.groups.candidates):
            sure = group in shape.groups.sure
            self._named.setdefault(group, []).append(Member(interface, shape, sure))
        if shape.groups.open:
            self._loose.append(Member(interface, shape, False))
