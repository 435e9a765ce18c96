"""Networks that no input has: behind a VPN, a peering or gateway of somebody else's, or an appliance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.connections import AttachmentKind
from eks_checks.aws.knowledge import Cause
from eks_checks.reach.across import Across, route
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.exits import Passage
from eks_checks.reach.layers import Crossing, Ends, Layer
from eks_checks.reach.pieces import NOTHING, Piece, Target
from eks_checks.reach.selection import Selection
from eks_checks.reach.transfer import Flow, Party
from eks_checks.reach.transit import Leg
from eks_checks.sets import AddressSet, Bounds, union_of


class Outside:
    """Lists the ranges that the target's routes lead to, where these are of no VPC of the inputs."""

    def __init__(self, crossings: Crossings, across: Across) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._across = across
        self._exits = across.exits
        self._transfer = crossings.transfer

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """One piece for each connection: sure only behind a VPN whose routes are written."""
        if not self._exits.any:
            return
        found: dict[tuple[str, str], list[Leg]] = {}
        for leg in self._exits.legs(self._exits.stand(target.subnet), target.family):
            # NOTE: of a VPC that cannot be told, what its routes lead to may be any network.
            if leg.outside or target.subnet.vpc.exact is None:
                found.setdefault((leg.scope, leg.resource), []).append(leg)
        for (scope, resource), legs in found.items():
            behind = union_of((leg.share.upper for leg in legs), NOTHING) - self._crossings.own(target)
            region = selection.within(scope, resource, behind, {n for leg in legs for n in leg.names})
            if not region:
                continue
            crossing = self._crossing(scope, legs, region, target, flow)
            pieced = self._crossings.strangers(crossing, target, flow)
            sure = any(leg.share.lower for leg in legs)
            why = () if sure else tuple(dict.fromkeys(cause for leg in legs for cause in leg.causes))
            yield Piece(scope, resource, None, pieced, why, doubtful=not sure)

    def _crossing(
        self, scope: str, legs: list[Leg], region: AddressSet, target: Target, flow: Flow
    ) -> Crossing:
        lower = union_of((leg.share.lower for leg in legs if leg.scope == "vpn"), NOTHING)
        upper = union_of((leg.share.upper for leg in legs), NOTHING)
        back = Passage(Bounds(lower, upper), tuple(legs))
        layers = [*self._across.arriving(back, target, flow, f"the networks behind {legs[0].resource}")]
        if scope == "vpn":
            layers += self._coming_in(legs, target)
        layers.append(self._transfer.ingress(flow, Party(None), target.party))
        ends = Ends(region, target.addresses, targets_fixed=target.fixed)
        return Crossing(ends, tuple(layers), self._across.answering(target, flow))

    def _coming_in(self, legs: list[Leg], target: Target) -> Iterator[Layer]:
        """The way in from a tunnel: through the gateway's table, or past what steers there (C18)."""
        tunnels = {leg.leaving.key: leg.leaving for leg in legs if leg.leaving is not None}
        into: list[Leg] = []
        for attachment in tunnels.values():
            if attachment.kind is AttachmentKind.VPN:
                into += self._exits.transit.back(attachment, target.family)
        own = target.subnet.vpc.exact or ""
        mine = [leg for leg in into if own in leg.vpcs or not own]
        if tunnels:
            low = union_of(
                (leg.share.lower for leg in mine if leg.vpcs == {own} and not leg.outside), NOTHING
            )
            high = union_of((leg.share.upper for leg in mine), NOTHING)
            if len(tunnels) > 1:
                low = NOTHING
            way = Passage(Bounds(low, low | high), tuple(mine))
            yield route(way, legs[0].resource, target.subnet.resource, "target")
        gateways = self._exits.estate.connections.vpn_gateways.values()
        steered = [g for g in gateways if g.steered and g.vpc.may_be(own)]
        for gateway in steered[:1] if not tunnels else ():
            why = Cause(gateway.resource, "route_table", "a table of its own steers what comes in (C18)")
            past = Leg("vpn", gateway.resource, Bounds(NOTHING, target.addresses), causes=(why,))
            way = Passage(past.share, (past,))
            layer = route(way, gateway.resource, target.subnet.resource, "target")
            yield replace(layer, resource=gateway.resource)
