"""Which sources to ask about for a target, and what stands between: one file per kind of source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from eks_checks.reach.across import Across
from eks_checks.reach.alike import Alike
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.exits import Exits
from eks_checks.reach.layers import Crossing
from eks_checks.reach.pieces import Candidate, Piece, Target
from eks_checks.reach.roster import Roster
from eks_checks.reach.selection import Selection
from eks_checks.reach.sources.abroad import Abroad
from eks_checks.reach.sources.accelerated import Accelerated
from eks_checks.reach.sources.balanced import Balanced
from eks_checks.reach.sources.client_vpn import ClientVpns
from eks_checks.reach.sources.connect_endpoints import ConnectEndpoints
from eks_checks.reach.sources.hosts import Hosts
from eks_checks.reach.sources.interfaces import Interfaces
from eks_checks.reach.sources.internet import Internet
from eks_checks.reach.sources.networks import Networks
from eks_checks.reach.sources.outside import Outside
from eks_checks.reach.transfer import Flow, Transfer
from eks_checks.sets import AddressSet


class Kind(Protocol):
    """One kind of source."""

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Every piece of this kind for one shape of a target that ``selection`` asks for, in no order."""


class Sources:
    """Lists the pieces for a target."""

    def __init__(self, transfer: Transfer, roster: Roster, alike: Alike) -> None:
        """Nothing is computed yet."""
        self.topology = transfer.topology
        self._crossings = Crossings(transfer)
        across = Across(transfer, Exits(transfer))
        self._interfaces = Interfaces(self._crossings, roster, alike)
        self._kinds: tuple[Kind, ...] = (
            Internet(self._crossings),
            Hosts(self._crossings, alike),
            Networks(self._crossings, across),
            Outside(self._crossings, across),
            ClientVpns(self._crossings, across),
            Abroad(transfer, across, roster, alike),
            Balanced(self._crossings, across.exits),
            Accelerated(self._crossings),
            ConnectEndpoints(self._crossings, across.exits),
        )

    def pieces(
        self, target: Target, flow: Flow, selection: Selection, *, explain: bool = False
    ) -> Iterator[Piece]:
        """Every piece for one shape of a target, in no particular order.

        With ``explain`` each piece knows the layers that let it through.
        """
        for kind in self._kinds:
            yield from kind.pieces(target, flow, selection)
        yield from self._interfaces.pieces(target, flow, selection, explain=explain)

    def between(self, source: Candidate, target: Target, flow: Flow, *, shared: bool) -> Crossing:
        """What lies between a known interface and the target."""
        return self._interfaces.between(source, source.addresses, target, flow, shared=shared)

    def own(self, target: Target) -> AddressSet:
        """The addresses of the target's VPC, as far as the inputs tell."""
        return self._crossings.own(target)
