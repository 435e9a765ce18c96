"""Known interfaces of other VPCs, with their groups, over whatever joins the VPCs (facts A9, A10)."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.knowledge import KeySet
from eks_checks.reach.across import Across
from eks_checks.reach.alike import Alike
from eks_checks.reach.exits import Passage, Stand
from eks_checks.reach.pieces import NOTHING, Candidate, Piece, Target
from eks_checks.reach.roster import Roster
from eks_checks.reach.selection import Selection
from eks_checks.reach.transfer import Flow, Party, Transfer
from eks_checks.sets import Bounds

_NO_WAY = Passage(Bounds.exact(NOTHING))


class Abroad:
    """Interfaces, pods and control planes of the other VPCs."""

    def __init__(self, transfer: Transfer, across: Across, roster: Roster, alike: Alike) -> None:
        """Nothing is computed yet."""
        self._transfer = transfer
        self._across = across
        self._exits = across.exits
        self._roster = roster
        self._alike = alike

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """A piece for each interface and way into the target's VPC; the best of them is told."""
        own = target.subnet.vpc.exact
        quick = selection.open_only
        if own is None or (quick and not self._exits.any):
            return
        here = self._exits.stand(target.subnet)
        for vpc in self._exits.estate.vpcs:
            if vpc == own:
                continue
            back = self._exits.whole(here, vpc, target.family).bounds.upper
            if quick and not back:
                continue
            listed = self._roster.abroad(vpc, target)
            for source in self._alike.knocking(listed, target.groups, flow) if quick else listed:
                if selection.known_only and source.interface.resource not in selection.exact:
                    continue
                if quick and back.isdisjoint(source.addresses):
                    continue
                yield from self._from(source, vpc, target, flow, selection)

    def _from(
        self, source: Candidate, vpc: str, target: Target, flow: Flow, selection: Selection
    ) -> Iterator[Piece]:
        interface = source.interface
        addresses = selection.within(source.scope, interface.resource, source.addresses)
        if not addresses:
            return
        subnet = source.subnet
        stand = Stand(vpc, subnet.route_table, subnet)
        ways = self._exits.onward(stand, target.subnet.vpc.exact or "", target.family)
        sure = subnet.vpc.exact == vpc and source.exists.surely
        why = (*source.exists.causes, *(() if subnet.vpc.exact == vpc else subnet.vpc.causes))
        party = Party(subnet, source.groups, interface.resource)
        for way in ways.values() or (_NO_WAY,):
            if selection.open_only and self._shut(way, source.groups, target, flow):
                continue
            crossing = self._across.crossing(way, stand, party, target, flow, addresses, fixed=source.fixed)
            yield Piece(
                source.scope,
                interface.resource,
                interface.subnet,
                crossing,
                why,
                not sure,
                source.shape.groups,
            )

    def _shut(self, way: Passage, groups: KeySet, target: Target, flow: Flow) -> bool:
        if way.bounds.upper.isdisjoint(target.addresses):
            return True
        leaving = self._transfer.merged(groups, flow, ingress=False)
        return not leaving.may_admit(target.groups, target.addresses)
