"""The hosts of the target's own VPC as sources: where they may be, and what they meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import Cause, absent
from eks_checks.aws.vpc import Subnet, Vpc
from eks_checks.reach.alike import Alike, Member, Quarter
from eks_checks.reach.crossings import Crossings, perhaps_inside
from eks_checks.reach.pieces import Piece, Target
from eks_checks.reach.selection import Selection
from eks_checks.reach.topology import Kind, Place
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet, Family


class Hosts:
    """Lists the pieces of one estate's VPCs."""

    def __init__(self, crossings: Crossings, alike: Alike) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._alike = alike
        self.topology = crossings.topology
        self.estate = crossings.estate

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Every address of the VPC in some piece; alike subnets in one, unless blocked ones are told too."""
        key = target.subnet.vpc.exact
        vpc = self.estate.vpcs.get(key or "")
        resource = vpc.resource if vpc is not None else ""
        wanted = selection.within("vpc", resource, self._crossings.hosts(vpc, target.family))
        if not wanted:
            return
        rest, unclear = wanted, []
        subnets: Iterable[tuple[int, Subnet]] = enumerate(self.estate.subnets.values())
        if vpc is not None and selection.open_only:
            town = self._alike.town(vpc.key, flow, wanted)
            for quarter in self._alike.quarters(town, target):
                yield from self._quarter(quarter, target, flow, resource, vpc)
            rest = rest - (town.addresses - target.subnet.addresses(target.family))
            subnets = town.remaining(target.subnet.key)
        for place, subnet in subnets:
            own = subnet.key == target.subnet.key
            if not own and (key is None or not subnet.vpc.may_be(key)):
                continue
            here = subnet.addresses(target.family) & rest
            if target.family in subnet.unknown_block or (here and not own and subnet.vpc.exact is None):
                unclear.append(subnet)
            elif here:
                for piece in self._inside(subnet, here, target, flow, resource, vpc):
                    yield replace(piece, place=place)
                rest = rest - here
        for piece in self._unsettled(rest, unclear, target, flow, resource, vpc):
            yield replace(piece, place=len(self.estate.subnets))

    def _unsettled(
        self,
        rest: AddressSet,
        unclear: list[Subnet],
        target: Target,
        flow: Flow,
        resource: str,
        vpc: Vpc | None,
    ) -> Iterator[Piece]:
        """Addresses that are in none of the subnets: first those of blocks that the VPC may not have."""
        for block in vpc.blocks if vpc is not None else ():
            here = block.addresses & rest
            if here and block.doubts:
                for piece in self._elsewhere(here, unclear, target, flow, resource, vpc):
                    yield replace(piece, doubtful=True, doubts=(*piece.doubts, *block.doubts))
                rest = rest - here
        if rest:
            yield from self._elsewhere(rest, unclear, target, flow, resource, vpc)

    def _quarter(
        self, quarter: Quarter, target: Target, flow: Flow, resource: str, vpc: Vpc
    ) -> Iterator[Piece]:
        """The hosts of alike subnets, the target's own left out: one piece, which can be taken apart."""
        own = target.subnet.key
        first = next((member for member in quarter.members if member.subnet.key != own), None)
        if first is None:
            return

        def alone(member: Member, addresses: AddressSet) -> Piece:
            piece = self._host(member.subnet, addresses, target, flow, resource, vpc)
            return replace(piece, place=member.place)

        def apart(region: AddressSet) -> Piece:
            inside = (m for m in quarter.members if not m.addresses.isdisjoint(region))
            met = next(inside, first)
            return alone(met, met.addresses)

        addresses = quarter.addresses - target.subnet.addresses(target.family)
        yield replace(alone(first, addresses), apart=apart)

    def _inside(
        self, subnet: Subnet, here: AddressSet, target: Target, flow: Flow, resource: str, vpc: Vpc | None
    ) -> Iterator[Piece]:
        """Addresses of a subnet; of one that may not exist they may be anywhere in the VPC."""
        inside = self._host(subnet, here, target, flow, resource, vpc)
        if not subnet.doubts:
            yield inside
            return
        outside = self._host(None, here, target, flow, resource, vpc)
        for piece in (inside, outside):
            yield replace(piece, doubtful=True, doubts=(*piece.doubts, *subnet.doubts))

    def _host(
        self,
        subnet: Subnet | None,
        here: AddressSet,
        target: Target,
        flow: Flow,
        resource: str,
        vpc: Vpc | None,
    ) -> Piece:
        if subnet is not None:
            path = self.topology.path(Place(Kind.SUBNET, subnet.key), target.subnet)
        else:
            router = Place(Kind.VPC, self.topology.vpc_key(target.subnet))
            path = self.topology.path(router, target.subnet)
        crossing = self._crossings.over(path, flow, Party(subnet), target, here, fixed=False)
        if target.interface.subnet is None:
            crossing = perhaps_inside(crossing, flow)
        piece = Piece("vpc", resource, None, self._crossings.strangers(crossing, target, flow), vpc=vpc)
        # Hosts of a VPC that cannot be named are never told as a fact.
        return piece if vpc is not None else replace(piece, doubts=target.subnet.vpc.causes, doubtful=True)

    def _elsewhere(
        self,
        rest: AddressSet,
        unclear: list[Subnet],
        target: Target,
        flow: Flow,
        resource: str,
        vpc: Vpc | None,
    ) -> Iterator[Piece]:
        """Addresses in no known subnet; they may also lie in a subnet of which not enough is known."""
        outside = self._host(None, rest, target, flow, resource, vpc)
        if not unclear and vpc is not None:
            yield outside
            return
        names = tuple(_why_unclear(subnet, target.family) for subnet in unclear) or target.subnet.vpc.causes
        yield replace(outside, doubtful=True, doubts=names)
        for subnet in unclear:
            yield replace(self._host(subnet, rest, target, flow, resource, vpc), doubtful=True, doubts=names)


def _why_unclear(subnet: Subnet, family: Family) -> Cause:
    if family in subnet.unknown_block and subnet.resource and not subnet.managed:
        return absent(subnet.resource, "cidr_block")
    if family in subnet.unknown_block:
        return Cause(subnet.resource, "cidr_block", "known after apply")
    return Cause(subnet.resource, "vpc_id", "it may be a subnet of this VPC")
