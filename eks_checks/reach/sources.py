"""Which sources to ask about for a target, and what stands between them (contract, scopes)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause, absent
from eks_checks.aws.vpc import Subnet, TargetKind, Vpc
from eks_checks.reach.internet import globally_reachable, private, whole
from eks_checks.reach.layers import Crossing, Ends, Layer
from eks_checks.reach.pieces import NOTHING, Candidate, Piece, Target
from eks_checks.reach.roster import Roster
from eks_checks.reach.selection import Selection
from eks_checks.reach.topology import INTERNET, Kind, Place, Step
from eks_checks.reach.transfer import Flow, Party, Transfer
from eks_checks.sets import AddressSet, Bounds, Family, Product, union_of

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
        self._crossings: dict[object, Crossing] = {}

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Every piece for one shape of a target, in no particular order."""
        yield from self._internet(target, flow, selection)
        yield from self._vpc(target, flow, selection)
        yield from self._beyond(target, flow, selection)
        yield from self._interfaces(target, flow, selection)

    def _internet(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        addresses = selection.within("internet", "", globally_reachable(target.family))
        if not addresses:
            return
        path = self.topology.path(INTERNET, target.subnet)
        crossing = self._crossing(path, flow, Party(None), target, addresses, fixed=False)
        address = self.transfer.address(flow, target.interface, target.shape)
        layers = (crossing.layers[0], address, *crossing.layers[1:])
        yield Piece("internet", "", None, replace(crossing, layers=layers))

    def _vpc(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        key = target.subnet.vpc.exact
        vpc = self.estate.vpcs.get(key or "")
        resource = vpc.resource if vpc is not None else ""
        wanted = selection.within("vpc", resource, self._hosts(vpc, target.family))
        if not wanted:
            return
        rest, unclear = wanted, []
        for subnet in self.estate.subnets.values():
            own = subnet.key == target.subnet.key
            if not own and (key is None or not subnet.vpc.may_be(key)):
                continue
            here = subnet.addresses(target.family) & rest
            if target.family in subnet.unknown_block or (here and not own and subnet.vpc.exact is None):
                unclear.append(subnet)
            elif here:
                yield from self._inside(subnet, here, target, flow, resource, vpc)
                rest = rest - here
        for block in vpc.blocks if vpc is not None else ():
            here = block.addresses & rest
            if here and block.doubts:
                for piece in self._elsewhere(here, unclear, target, flow, resource, vpc):
                    yield replace(piece, doubtful=True, doubts=(*piece.doubts, *block.doubts))
                rest = rest - here
        if rest:
            yield from self._elsewhere(rest, unclear, target, flow, resource, vpc)

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

    def _hosts(self, vpc: Vpc | None, family: Family) -> AddressSet:
        """Every address a host of the VPC may have: its blocks, and its subnets' where one is not known."""
        if vpc is None:
            return whole(family)
        found = vpc.addresses(family)
        if vpc.symbolic(family):
            subnets = (s.addresses(family) for s in self.estate.subnets.values() if s.vpc.exact == vpc.key)
            found = found | union_of(subnets, NOTHING)
        return found

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
        crossing = self._crossing(path, flow, Party(subnet), target, here, fixed=False)
        if target.interface.subnet is None:
            crossing = _perhaps_inside(crossing, flow)
        piece = Piece("vpc", resource, None, self._strangers(crossing, target, flow), vpc=vpc)
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

    def _strangers(
        self, crossing: Crossing, target: Target, flow: Flow, abroad: dict[str, str] | None = None
    ) -> Crossing:
        """Hosts no interface shows may be members of a group: one known only by id, or carried elsewhere."""
        found = self.transfer.merged(target.groups, flow, ingress=True)
        groups = self.estate.security_groups
        named = sorted(found.members | found.maybe_members)
        elsewhere = {**(abroad or {}), **self.estate.carried_elsewhere}
        outside = [k for k in named if k in elsewhere or (k in groups and groups[k].kind == "external")]
        if not outside:
            return crossing
        causes = tuple(
            _members(groups[key].resource if key in groups else key, elsewhere.get(key)) for key in outside
        )

        def opened(layer: Layer) -> Layer:
            if layer.kind != "security_group":
                return layer
            admits = Bounds(layer.admits.lower, whole(flow.family))
            return replace(layer, admits=admits, causes=lambda region: (*layer.causes(region), *causes))

        return replace(crossing, layers=tuple(opened(layer) for layer in crossing.layers))

    def _beyond(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Networks behind other route targets: possible, since what lies there is not modelled yet."""
        for routing in self.transfer.routing(target.subnet.route_table, target.family):
            for route, share in routing.shares:
                scope = BEYOND.get(route.kind)
                if scope is None or (route.kind is TargetKind.UNKNOWN and not route.gateway.open):
                    continue
                resource = " or ".join(route.gateway.keys) or route.origin.resource
                behind = share.upper - self.own(target)
                if route.kind is TargetKind.NETWORK_INTERFACE:
                    # NOTE: a NAT instance lets nothing in (C7); an appliance may join private networks.
                    behind = behind & private(target.family)
                region = selection.within(scope, resource, behind)
                if not region:
                    continue
                crossing = self._crossing((), flow, Party(None), target, region, fixed=False)
                entering = self.transfer.entering(flow, target.subnet)
                why = Cause(resource, "route", f"what lies behind {resource} and routes back is not followed")
                layers = (*entering, *crossing.layers)
                replies = self.transfer.leaving(flow, target.subnet)
                entered = replace(crossing, layers=layers, replies=replies)
                pieced = self._strangers(entered, target, flow, self._abroad(target))
                yield Piece(scope, resource, None, pieced, (why, *route.causes), doubtful=True)

    def _abroad(self, target: Target) -> dict[str, str]:
        """Groups that interfaces of other VPCs carry: a rule may name them across a connection (A9)."""
        found: dict[str, str] = {}
        for interface in self.estate.interfaces:
            if self.topology.subnet_of(interface).vpc.exact not in (None, target.subnet.vpc.exact):
                for shape in interface.shapes:
                    found.update(dict.fromkeys(shape.groups.candidates, interface.resource))
        return found

    def own(self, target: Target) -> AddressSet:
        """The addresses of the target's VPC, as far as the inputs tell."""
        vpc = self.estate.vpcs.get(target.subnet.vpc.exact or "")
        return vpc.addresses(target.family) if vpc is not None else NOTHING

    def _interfaces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Known interfaces, pods and the control plane. Those no rule of the target admits are left out

        at once, unless sources were asked for by name: in a large network they are most.
        """
        admitted = self.transfer.merged(target.groups, flow, ingress=True)
        quick = selection.everything or selection.known_only
        for source in self._roster.candidates(target):
            if source.interface is target.interface and not source.interface.many:
                continue
            addresses = selection.within(source.scope, source.interface.resource, source.addresses)
            if not addresses:
                continue
            if quick and not admitted.may_admit(source.groups, source.addresses):
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
        crossing = self._crossing(path, flow, party, target, addresses, fixed=source.fixed)
        if path and (interface.subnet is None or target.interface.subnet is None):
            crossing = _perhaps_inside(crossing, flow)
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

    def _crossing(
        self,
        path: tuple[Step, ...],
        flow: Flow,
        source: Party,
        target: Target,
        addresses: AddressSet,
        *,
        fixed: bool,
    ) -> Crossing:
        layers = tuple(self.transfer.layers(path, flow, source, target.party))
        replies = tuple(self.transfer.replies(path, flow, source, target.party))
        return Crossing(Ends(addresses, target.addresses, fixed, target.fixed), layers, replies)


def _perhaps_inside(crossing: Crossing, flow: Flow) -> Crossing:
    """The same flow where both ends may lie in one subnet: routes and network ACLs then do not count (B1)."""
    everything = whole(flow.family)

    def softened(layer: Layer) -> Layer:
        if layer.kind not in ("nacl", "route"):
            return layer
        return replace(layer, admits=Bounds(layer.admits.lower, everything))

    replies = tuple(
        replace(reply, passes=Bounds(reply.passes.lower, Product.of(everything, flow.reply)))
        for reply in crossing.replies
    )
    return replace(crossing, layers=tuple(softened(layer) for layer in crossing.layers), replies=replies)


def _members(group: str, carrier: str | None) -> Cause:
    """Why the members of a group, which a rule admits, are not all known."""
    if carrier is None:
        return absent(group, "members")
    why = f"a rule admits its members, and {carrier} carries it where it is not followed"
    return Cause(group, "members", why)


def _why_unclear(subnet: Subnet, family: Family) -> Cause:
    if family in subnet.unknown_block and subnet.resource and not subnet.managed:
        return absent(subnet.resource, "cidr_block")
    if family in subnet.unknown_block:
        return Cause(subnet.resource, "cidr_block", "known after apply")
    return Cause(subnet.resource, "vpc_id", "it may be a subnet of this VPC")
