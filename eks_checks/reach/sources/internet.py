"""The internet as a source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.reach.crossings import Crossings
from eks_checks.reach.internet import globally_reachable
from eks_checks.reach.pieces import Piece, Target
from eks_checks.reach.selection import Selection
from eks_checks.reach.topology import INTERNET
from eks_checks.reach.transfer import Flow, Party


class Internet:
    """Hosts anywhere, which come in through the VPC's internet gateway."""

    def __init__(self, crossings: Crossings) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._transfer = crossings.transfer
        self._topology = crossings.topology

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Every public address, in one piece; none where nothing would be told of it, blocked or latent."""
        addresses = selection.within("internet", "", globally_reachable(target.family))
        if not addresses:
            return
        admitted = self._transfer.merged(target.groups, flow, ingress=True).addresses.upper
        address = self._transfer.address(flow, target.interface, target.shape)
        if selection.open_only and admitted.isdisjoint(addresses):
            return
        if selection.known_only and not selection.latent and not address.admits.upper:
            return
        path = self._topology.path(INTERNET, target.subnet)
        crossing = self._crossings.over(path, flow, Party(None), target, addresses, fixed=False)
        layers = (crossing.layers[0], address, *crossing.layers[1:])
        yield Piece("internet", "", None, replace(crossing, layers=layers))
