"""Networks that the routes of the target's subnet lead to: behind peerings, transit gateways and VPNs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import TargetKind
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.internet import private
from eks_checks.reach.pieces import Piece, Target
from eks_checks.reach.selection import Selection
from eks_checks.reach.transfer import Flow, Party

BEYOND = {
    TargetKind.PEERING: "peering",
    TargetKind.TRANSIT_GATEWAY: "transit_gateway",
    TargetKind.CORE_NETWORK: "transit_gateway",
    TargetKind.VPN_GATEWAY: "vpn",
    TargetKind.LOCAL_GATEWAY: "vpn",
    TargetKind.CARRIER_GATEWAY: "vpn",
    TargetKind.NETWORK_INTERFACE: "vpn",
    TargetKind.UNKNOWN: "vpn",
}
"""Route targets that other networks lie behind, to the contract's scope."""


class Beyond:
    """Hosts of other networks that routes join to the target's VPC."""

    def __init__(self, crossings: Crossings) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._transfer = crossings.transfer
        self._topology = crossings.topology
        self._estate = crossings.estate

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Networks behind other route targets: possible, since what lies there is not modelled yet."""
        for routing in self._transfer.routing(target.subnet.route_table, target.family):
            for route, share in routing.shares:
                scope = BEYOND.get(route.kind)
                if scope is None or (route.kind is TargetKind.UNKNOWN and not route.gateway.open):
                    continue
                resource = " or ".join(route.gateway.keys) or route.origin.resource
                behind = share.upper - self._crossings.own(target)
                if route.kind is TargetKind.NETWORK_INTERFACE:
                    # NOTE: a NAT instance lets nothing in (C7); an appliance may join private networks.
                    behind = behind & private(target.family)
                region = selection.within(scope, resource, behind)
                if not region:
                    continue
                crossing = self._crossings.over((), flow, Party(None), target, region, fixed=False)
                entering = self._transfer.entering(flow, target.subnet)
                why = Cause(resource, "route", f"what lies behind {resource} and routes back is not followed")
                layers = (*entering, *crossing.layers)
                replies = self._transfer.leaving(flow, target.subnet)
                entered = replace(crossing, layers=layers, replies=replies)
                pieced = self._crossings.strangers(entered, target, flow, self._abroad(target))
                yield Piece(scope, resource, None, pieced, (why, *route.causes), doubtful=True)

    def _abroad(self, target: Target) -> dict[str, str]:
        """Groups that interfaces of other VPCs carry: a rule may name them across a connection (A9)."""
        found: dict[str, str] = {}
        for interface in self._estate.everyone:
            if self._topology.subnet_of(interface).vpc.exact not in (None, target.subnet.vpc.exact):
                for shape in interface.shapes:
                    found.update(dict.fromkeys(shape.groups.candidates, interface.resource))
        return found
