"""The hosts of other VPCs that a peering or a transit gateway joins to the target's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Subnet, Vpc
from eks_checks.reach.across import Across
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.exits import Passage, Stand
from eks_checks.reach.pieces import NOTHING, Piece, Target
from eks_checks.reach.selection import Selection
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet, Bounds, Family, union_of

_NO_WAY = Passage(Bounds.exact(NOTHING))


@dataclass(frozen=True)
class _Quarter:
    """Subnets of one VPC under the same route table and lists, in the same zone; (None): no known subnet."""

    stand: Stand
    addresses: AddressSet
    members: tuple[tuple[Subnet, AddressSet], ...] = ()
    doubts: tuple[Cause, ...] = ()
    doubtful: bool = False


class Networks:
    """Lists the pieces of the other VPCs of one estate."""

    def __init__(self, crossings: Crossings, across: Across) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._across = across
        self._exits = across.exits
        self._estate = crossings.estate
        self._quarters: dict[object, tuple[_Quarter, ...]] = {}

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Hosts of the VPCs of the inputs from which routes lead to the target, and back."""
        own = target.subnet.vpc.exact
        if own is None or not self._exits.any:
            return
        here = self._exits.stand(target.subnet)
        for vpc in self._estate.vpcs.values():
            if vpc.key == own or not self._exits.transit.told(vpc.key):
                continue
            back = self._exits.whole(here, vpc.key, target.family)
            if not back.bounds.upper and selection.open_only:
                continue
            for quarter in self._of_vpc(vpc, target.family):
                yield from self._from(quarter, vpc, target, flow, selection)

    def _from(
        self, quarter: _Quarter, vpc: Vpc, target: Target, flow: Flow, selection: Selection
    ) -> Iterator[Piece]:
        ways = self._exits.onward(quarter.stand, target.subnet.vpc.exact or "", target.family)
        named = {(leg.scope, leg.resource) for leg in self._exits.joined(vpc.key, target.family)}
        asked = {} if selection.open_only else dict.fromkeys(named & self._near(target), _NO_WAY)
        for (scope, resource), way in {**asked, **ways}.items():
            addresses = selection.within(scope, resource, quarter.addresses, way.names)
            shut = way.bounds.upper.isdisjoint(target.addresses) and selection.open_only
            if not addresses or shut:
                continue
            yield self._piece(scope, resource, way, quarter, addresses, vpc, target, flow)

    def _near(self, target: Target) -> set[tuple[str, str]]:
        """The connections that the target's VPC is at."""
        joined = self._exits.joined(target.subnet.vpc.exact or "", target.family)
        return {(leg.scope, leg.resource) for leg in joined}

    def _piece(
        self,
        scope: str,
        resource: str,
        way: Passage,
        quarter: _Quarter,
        addresses: AddressSet,
        vpc: Vpc,
        target: Target,
        flow: Flow,
    ) -> Piece:
        def alone(stand: Stand, inside: AddressSet) -> Piece:
            party = Party(stand.subnet)
            crossing = self._across.crossing(way, stand, party, target, flow, inside, fixed=False)
            if way.references[0].possibly:
                crossing = self._crossings.strangers(crossing, target, flow)
            return Piece(scope, resource, None, crossing, quarter.doubts, quarter.doubtful, vpc=vpc)

        found = alone(quarter.stand, addresses)
        if len(quarter.members) < 2:
            return found

        def apart(region: AddressSet) -> Piece:
            met = next((m for m in quarter.members if not m[1].isdisjoint(region)), quarter.members[0])
            return alone(self._exits.stand(met[0]), met[1] & addresses)

        return replace(found, apart=apart)

    def _of_vpc(self, vpc: Vpc, family: Family) -> tuple[_Quarter, ...]:
        key = (vpc.key, family)
        if key not in self._quarters:
            self._quarters[key] = tuple(self._made(vpc, family))
        return self._quarters[key]

    def _made(self, vpc: Vpc, family: Family) -> Iterator[_Quarter]:
        """Every address of the VPC in some quarter; what is doubtful of a subnet may lie in none as well."""
        inside = [s for s in self._estate.subnets.values() if s.vpc.may_be(vpc.key)]
        rest = self._crossings.hosts(vpc, family)
        alike: dict[object, list[tuple[Subnet, AddressSet]]] = {}
        unclear: list[Subnet] = []
        doubted = NOTHING
        for subnet in inside:
            here = subnet.addresses(family) & rest
            if family in subnet.unknown_block or (here and subnet.vpc.exact is None):
                unclear.append(subnet)
            elif here and subnet.doubts:
                doubted = doubted | here
                unclear.append(subnet)
            elif here:
                zone = (subnet.availability_zone, subnet.zone_id)
                known = zone if any(zone) else subnet.key
                alike.setdefault((subnet.route_table, subnet.network_acl, known), []).append((subnet, here))
                rest = rest - here
        for members in alike.values():
            stand = self._exits.stand(members[0][0])
            yield _Quarter(stand, union_of((a for _, a in members), NOTHING), tuple(members))
        yield from self._elsewhere(vpc, rest, unclear, family)

    def _elsewhere(
        self, vpc: Vpc, rest: AddressSet, unclear: Iterable[Subnet], family: Family
    ) -> Iterator[_Quarter]:
        """Addresses in no known subnet, under the main table; or in a subnet of which not enough is known."""
        if not rest:
            return
        doubtful = {block: block.doubts for block in vpc.blocks if block.doubts}
        main = Stand(vpc.key, vpc.main_table)
        listed = tuple(unclear)
        why = tuple(Cause(s.resource, "cidr_block", "which addresses are its own decides") for s in listed)
        for block, doubts in doubtful.items():
            here = rest & block.addresses
            if here:
                yield _Quarter(main, here, doubts=(*doubts, *why), doubtful=True)
            rest = rest - block.addresses
        if rest:
            yield _Quarter(main, rest, doubts=why, doubtful=bool(listed))
        for subnet in listed:
            some = subnet.addresses(family) & rest or rest
            stand = replace(self._exits.stand(subnet), vpc=vpc.key)
            yield _Quarter(stand, some, doubts=(*why, *subnet.doubts, *subnet.vpc.causes), doubtful=True)
