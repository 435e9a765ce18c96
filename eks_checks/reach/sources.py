"""Which sources to ask about for a target, and what stands between them (contract, scopes)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.aws.vpc import Subnet, TargetKind, Vpc
from eks_checks.reach.internet import globally_reachable, whole
from eks_checks.reach.layers import Crossing, Ends, Layer
from eks_checks.reach.pieces import NOTHING, Candidate, Piece, Target, has_address
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

    def __init__(self, transfer: Transfer) -> None:
        """Nothing is computed yet."""
        self.transfer = transfer
        self.topology = transfer.topology
        self.estate = transfer.estate
        self._listed: dict[object, tuple[Candidate, ...]] = {}
        self._addresses: dict[object, tuple[AddressSet, bool]] = {}

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Every piece for one shape of a target, in no particular order."""
        yield from self._internet(target, flow, selection)
        yield from self._vpc(target, flow, selection)
        yield from self._beyond(target, flow, selection)
        yield from self._interfaces(target, flow, selection)

    def targets(self, interface: Interface, family: Family) -> Iterator[Target]:
        """The shapes of ``interface`` that have, or may have, an address of ``family``."""
        subnet = self.topology.subnet_of(interface)
        for shape in interface.shapes:
            addresses, fixed = self.addresses(shape, subnet, family)
            if addresses and has_address(shape, family).possibly:
                yield Target(interface, shape, subnet, family, addresses, fixed)

    def addresses(self, shape: Shape, subnet: Subnet, family: Family) -> tuple[AddressSet, bool]:
        """(private addresses the shape has or may have, whether they are known); empty where it has none."""
        key = (shape.addresses, subnet.key, family)
        if key not in self._addresses:
            self._addresses[key] = self._found_addresses(shape, subnet, family)
        return self._addresses[key]

    def _found_addresses(self, shape: Shape, subnet: Subnet, family: Family) -> tuple[AddressSet, bool]:
        known = shape.addresses.family(family) if shape.addresses is not None else NOTHING
        if known:
            return known, True
        own = subnet.addresses(family)
        if own or (subnet.managed and family not in subnet.unknown_block):
            return own, False
        vpc = self.estate.vpcs.get(subnet.vpc.exact or "")
        inside = vpc.addresses(family) if vpc is not None else NOTHING
        return inside or whole(family), False

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
                yield self._host(subnet, here, target, flow, resource, vpc)
                rest = rest - here
        if rest:
            yield from self._elsewhere(rest, unclear, target, flow, resource, vpc)

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
        return Piece("vpc", resource, None, self._strangers(crossing, target, flow), vpc=vpc)

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

    def _strangers(self, crossing: Crossing, target: Target, flow: Flow) -> Crossing:
        """Hosts no interface shows may be members of a group: one known only by id, or carried elsewhere."""
        found = self.transfer.merged(target.shape.groups, flow, ingress=True)
        groups = self.estate.security_groups
        named = sorted(found.members | found.maybe_members)
        elsewhere = self.estate.carried_elsewhere
        outside = [k for k in named if k in elsewhere or (k in groups and groups[k].kind == "external")]
        if not outside:
            return crossing
        causes = tuple(Cause(key, "members", _members(elsewhere.get(key, ""))) for key in outside)

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
                    behind = behind - globally_reachable(target.family)
                region = selection.within(scope, resource, behind)
                if not region:
                    continue
                crossing = self._crossing((), flow, Party(None), target, region, fixed=False)
                entering = self.transfer.entering(flow, target.subnet)
                why = Cause(resource, "route", f"what lies behind {resource} and routes back is not followed")
                layers = (*entering, *crossing.layers)
                replies = self.transfer.leaving(flow, target.subnet)
                pieced = self._strangers(replace(crossing, layers=layers, replies=replies), target, flow)
                yield Piece(scope, resource, None, pieced, (why, *route.causes), doubtful=True)

    def own(self, target: Target) -> AddressSet:
        """The addresses of the target's VPC, as far as the inputs tell."""
        vpc = self.estate.vpcs.get(target.subnet.vpc.exact or "")
        return vpc.addresses(target.family) if vpc is not None else NOTHING

    def _interfaces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Known interfaces, pods and the control plane. Those no rule of the target admits are left out

        at once, unless sources were asked for by name: in a large network they are most.
        """
        admitted = self.transfer.merged(target.shape.groups, flow, ingress=True)
        quick = selection.everything or selection.known_only
        for source in self._candidates(target):
            if source.interface is target.interface and not source.interface.many:
                continue
            addresses = selection.within(source.scope, source.interface.resource, source.addresses)
            if not addresses:
                continue
            if quick and not admitted.may_admit(source.groups, source.addresses):
                continue
            leaving = self.transfer.merged(source.groups, flow, ingress=False)
            if quick and not leaving.may_admit(target.shape.groups, target.addresses):
                continue
            yield self._interface(source, addresses, target, flow)

    def _interface(self, source: Candidate, addresses: AddressSet, target: Target, flow: Flow) -> Piece:
        interface = source.interface
        party = Party(source.subnet, source.groups, interface.resource)
        path = self._path(interface, source.subnet, target)
        crossing = self._crossing(path, flow, party, target, addresses, fixed=source.fixed)
        if path and (interface.subnet is None or target.interface.subnet is None):
            crossing = _perhaps_inside(crossing, flow)
        doubts = source.exists.causes
        return Piece(
            source.scope, interface.resource, interface.subnet, crossing, doubts, not source.exists.surely
        )

    def _candidates(self, target: Target) -> tuple[Candidate, ...]:
        """Every source of the target's family that may be in its VPC; listed once per VPC and family."""
        key = (target.subnet.vpc, target.family)
        if key not in self._listed:
            self._listed[key] = tuple(
                candidate
                for interface in self.estate.interfaces
                if self._same_network(interface, target)
                for candidate in self._of_interface(interface, target.family)
            )
        return self._listed[key]

    def _of_interface(self, interface: Interface, family: Family) -> Iterator[Candidate]:
        subnet = self.topology.subnet_of(interface)
        for scope in self._scopes(interface, family):
            for shape in interface.shapes:
                # A pod has an address of its own out of the node's subnet, under the node's groups (I1).
                pod = scope == "pods"
                if pod and not shape.primary:
                    continue
                here = replace(shape, addresses=None, ipv6=Truth(True)) if pod else shape
                addresses, fixed = self.addresses(here, subnet, family)
                exists = self._exists(interface, here, scope, family)
                if addresses and exists.possibly:
                    yield Candidate(interface, scope, shape.groups, subnet, addresses, fixed, exists)

    def _scopes(self, source: Interface, family: Family) -> Iterator[str]:
        if source.kind == "control_plane":
            yield "control_plane"
            return
        if source.kind != "fargate":
            yield "interface"
        if source.node.possibly or source.kind == "fargate":
            families = self._cluster_families(source)
            # NOTE: pods have addresses of the cluster's family only (D9).
            if not families or family in families or "" in families:
                yield "pods"

    def _cluster_families(self, source: Interface) -> set[str]:
        clusters = self.estate.clusters
        return {clusters[key].ip_family for key in source.cluster.keys if key in clusters}

    def _exists(self, source: Interface, shape: Shape, scope: str, family: Family) -> Truth:
        """Whether the source surely exists, with an address of the family."""
        causes: list[Cause] = [] if source.certain else list(source.causes)
        doubtful = not source.certain
        if scope != "pods" or source.kind == "fargate":
            has = has_address(shape, family)
            if has.value is False:
                return has
            doubtful = doubtful or has.value is None
            causes.extend(has.causes)
        elif source.node.value is None or self._cluster_families(source) != {family}:
            doubtful = True
            causes.extend((*source.node.causes, *source.cluster.causes))
        return Truth(None if doubtful else True, tuple(dict.fromkeys(causes)))

    def _same_network(self, source: Interface, target: Target) -> bool:
        here, there = self.topology.subnet_of(source), target.subnet
        mine, its = here.vpc, there.vpc
        return mine.open or its.open or bool(set(mine.keys) & set(its.keys))

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


def _members(carrier: str) -> str:
    if carrier:
        return f"a rule admits its members, and {carrier} carries it in a way that is not modelled"
    return "a rule admits its members; who they are is not in the inputs"


def _why_unclear(subnet: Subnet, family: Family) -> Cause:
    if family in subnet.unknown_block:
        return Cause(subnet.resource, "cidr_block", "known after apply")
    return Cause(subnet.resource, "vpc_id", "it may be a subnet of this VPC")
