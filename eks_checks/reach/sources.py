"""Which sources to ask about for a target, and what stands between them (contract, scopes)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Subnet, TargetKind
from eks_checks.reach.alike import Alike
from eks_checks.reach.crossings import Crossings, perhaps_inside
from eks_checks.reach.hosts import Hosts
from eks_checks.reach.internet import globally_reachable, private
from eks_checks.reach.layers import Crossing, Ends
from eks_checks.reach.pieces import Candidate, Piece, Target
from eks_checks.reach.roster import Roster
from eks_checks.reach.selection import Selection
from eks_checks.reach.topology import INTERNET, Kind, Place, Step
from eks_checks.reach.transfer import Flow, Party, Transfer
from eks_checks.sets import AddressSet

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


class Sources:
    """Lists the pieces for a target."""

    def __init__(self, transfer: Transfer, roster: Roster) -> None:
        """Nothing is computed yet."""
        self.transfer = transfer
        self.topology = transfer.topology
        self.estate = transfer.estate
        self._roster = roster
        self._make = Crossings(transfer)
        self._alike = Alike(transfer)
        self._hosts = Hosts(self._make, self._alike)
        self._crossings: dict[object, Crossing] = {}
        self._free: dict[int, Piece] = {}

    def pieces(
        self, target: Target, flow: Flow, selection: Selection, *, explain: bool = False
    ) -> Iterator[Piece]:
        """Every piece for one shape of a target, in no particular order.

        With ``explain`` each piece knows the layers that let it through.
        """
        yield from self._internet(target, flow, selection)
        yield from self._hosts.pieces(target, flow, selection)
        yield from self._beyond(target, flow, selection)
        yield from self._interfaces(target, flow, selection, explain=explain)

    def own(self, target: Target) -> AddressSet:
        """The addresses of the target's VPC, as far as the inputs tell."""
        return self._make.own(target)

    def _internet(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        addresses = selection.within("internet", "", globally_reachable(target.family))
        if not addresses:
            return
        path = self.topology.path(INTERNET, target.subnet)
        crossing = self._make.over(path, flow, Party(None), target, addresses, fixed=False)
        address = self.transfer.address(flow, target.interface, target.shape)
        layers = (crossing.layers[0], address, *crossing.layers[1:])
        yield Piece("internet", "", None, replace(crossing, layers=layers))

    def _beyond(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Networks behind other route targets: possible, since what lies there is not modelled yet."""
        for routing in self.transfer.routing(target.subnet.route_table, target.family):
            for route, share in routing.shares:
                scope = BEYOND.get(route.kind)
                if scope is None or (route.kind is TargetKind.UNKNOWN and not route.gateway.open):
                    continue
                resource = " or ".join(route.gateway.keys) or route.origin.resource
                behind = share.upper - self._make.own(target)
                if route.kind is TargetKind.NETWORK_INTERFACE:
                    # NOTE: a NAT instance lets nothing in (C7); an appliance may join private networks.
                    behind = behind & private(target.family)
                region = selection.within(scope, resource, behind)
                if not region:
                    continue
                crossing = self._make.over((), flow, Party(None), target, region, fixed=False)
                entering = self.transfer.entering(flow, target.subnet)
                why = Cause(resource, "route", f"what lies behind {resource} and routes back is not followed")
                layers = (*entering, *crossing.layers)
                replies = self.transfer.leaving(flow, target.subnet)
                entered = replace(crossing, layers=layers, replies=replies)
                pieced = self._make.strangers(entered, target, flow, self._abroad(target))
                yield Piece(scope, resource, None, pieced, (why, *route.causes), doubtful=True)

    def _abroad(self, target: Target) -> dict[str, str]:
        """Groups that interfaces of other VPCs carry: a rule may name them across a connection (A9)."""
        found: dict[str, str] = {}
        for interface in self.estate.interfaces:
            if self.topology.subnet_of(interface).vpc.exact not in (None, target.subnet.vpc.exact):
                for shape in interface.shapes:
                    found.update(dict.fromkeys(shape.groups.candidates, interface.resource))
        return found

    def _interfaces(
        self, target: Target, flow: Flow, selection: Selection, *, explain: bool
    ) -> Iterator[Piece]:
        """Known interfaces, pods and the control plane. Those no rule of the target admits are left out

        at once, unless blocked sources are told too: in a large network they are most.
        """
        quick = selection.open_only
        plain = quick and target.there and not explain
        listed = self._roster.candidates(target)
        for source in self._alike.knocking(listed, target.groups, flow) if quick else listed:
            if source.interface is target.interface and not source.interface.many:
                continue
            if selection.known_only and source.interface.resource not in selection.exact:
                continue
            addresses = selection.within(source.scope, source.interface.resource, source.addresses)
            if not addresses:
                continue
            if plain and source.exists.surely and self._alike.unhindered(source, target, flow):
                yield self._unhindered(source, target)
                continue
            leaving = self.transfer.merged(source.groups, flow, ingress=False)
            if quick and not leaving.may_admit(target.groups, target.addresses):
                continue
            crossing = self._between(source, addresses, target, flow, shared=quick)
            interface = source.interface
            yield Piece(
                source.scope,
                interface.resource,
                interface.subnet,
                crossing,
                source.exists.causes,
                not source.exists.surely,
                source.shape.groups,
            )

    def _unhindered(self, source: Candidate, target: Target) -> Piece:
        """A source with nothing between it and the target: the same piece for every such target."""
        if id(source) not in self._free:
            ends = Ends(source.addresses, target.addresses, source.fixed, targets_fixed=True)
            interface, why = source.interface, source.exists.causes
            crossing = Crossing(ends, (), ())
            self._free[id(source)] = Piece(
                source.scope, interface.resource, interface.subnet, crossing, why, groups=source.shape.groups
            )
        return self._free[id(source)]

    def _between(
        self, source: Candidate, addresses: AddressSet, target: Target, flow: Flow, *, shared: bool
    ) -> Crossing:
        """What lies between two interfaces: the same for all that have the same groups, subnet and addresses.

        ``shared`` crossings name the first such pair where they name one, so only what gets in may be told.
        """
        ends = (source.subnet.key, addresses, source.fixed, target.subnet.key, target.addresses, target.fixed)
        key = (id(flow), id(source.groups), id(target.groups), ends)
        if shared and key in self._crossings:
            return self._crossings[key]
        interface = source.interface
        party = Party(source.subnet, source.groups, interface.resource)
        path = self._path(interface, source.subnet, target)
        crossing = self._make.over(path, flow, party, target, addresses, fixed=source.fixed)
        if path and (interface.subnet is None or target.interface.subnet is None):
            crossing = perhaps_inside(crossing, flow)
        if shared:
            self._crossings[key] = crossing
        return crossing

    def _path(self, source: Interface, subnet: Subnet, target: Target) -> tuple[Step, ...]:
        if subnet.key == target.subnet.key and source.subnet is not None:
            return ()
        if (
            self.topology.vpc_key(subnet) != self.topology.vpc_key(target.subnet)
            or subnet.key == target.subnet.key
        ):
            # Perhaps the same VPC, perhaps not: as if two subnets of one, whose lists are open.
            return self.topology.path(Place(Kind.VPC, self.topology.vpc_key(target.subnet)), target.subnet)
        return self.topology.path(Place(Kind.SUBNET, subnet.key), target.subnet)
