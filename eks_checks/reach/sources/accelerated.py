"""Clients that come through a global accelerator, to a load balancer or straight to an instance (fact M8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import Cause, KeySet
from eks_checks.aws.load_balancing import Accelerator
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.internet import globally_reachable
from eks_checks.reach.layers import Crossing, Ends, Layer
from eks_checks.reach.pieces import NOTHING, Piece, Target
from eks_checks.reach.selection import Selection
from eks_checks.reach.sources.forwarding import Forwarding, transport
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet, Bounds

SCOPE = "load_balancer"


class Accelerated:
    """The accelerators of one estate as sources.

    A target sees the client's own address, or one that the accelerator has in the VPC: so its clients are
    never surely let in, and only what admits no address at all keeps them out.
    """

    def __init__(self, crossings: Crossings) -> None:
        """Nothing is computed yet; an estate without accelerators costs nothing."""
        self._transfer = crossings.transfer
        self._estate = crossings.estate
        self._forwarding: Forwarding | None = None

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Everybody on the internet, through each accelerator that may lead to the target."""
        accelerators = self._estate.balancing.accelerators
        if not accelerators or transport(flow) is None:
            return
        if self._forwarding is None:
            self._forwarding = Forwarding(self._estate)
        behind = {way.balancer.key: way.balancer.groups for way in self._forwarding.ways(target, flow)}
        for one in accelerators:
            anybody = globally_reachable(target.family)
            wanted = selection.within(SCOPE, one.resource, anybody)
            for groups in _leads(one, target, behind) if wanted else ():
                crossing = self._crossing(groups, wanted, target, flow)
                if selection.open_only and not crossing.admitted.upper:
                    continue
                why = "whose address the target sees, and on which ports clients come, is not followed"
                doubts = (Cause(one.resource, "endpoint_configuration", why),)
                yield Piece(SCOPE, one.resource, None, crossing, doubts, doubtful=True)

    def _crossing(self, groups: KeySet | None, clients: AddressSet, target: Target, flow: Flow) -> Crossing:
        """The target's own filters, for whichever address it sees."""
        layers = (
            self._transfer.acl(flow, target.subnet, inbound=True, end="source"),
            *self._transfer.layers((), flow, Party(None, groups), target.party),
        )
        ends = Ends(clients, target.addresses, targets_fixed=True)
        return Crossing(ends, tuple(_for_any(layer, clients) for layer in layers), ())


def _leads(one: Accelerator, target: Target, behind: dict[str, KeySet | None]) -> Iterator[KeySet | None]:
    """For each way on to the target, the groups that its last sender carries."""
    if target.interface.resource in one.creators.candidates or one.creators.open:
        yield KeySet(open=True, causes=one.creators.causes)
    for key, groups in behind.items():
        if key in one.balancers.candidates or one.balancers.open:
            yield groups


def _for_any(layer: Layer, clients: AddressSet) -> Layer:
    """The layer for an address that is not known: open where it admits any at all."""
    if layer.end != "source":
        return replace(layer, admits=Bounds(NOTHING, layer.admits.upper))
    return replace(layer, admits=Bounds(NOTHING, clients if layer.admits.upper else NOTHING))
