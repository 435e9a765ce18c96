"""Where the routes of a subnet lead out of its VPC, and in which other VPC that comes out (facts C5, C10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from eks_checks.aws.connections import Peering
from eks_checks.aws.knowledge import UNKNOWN, Cause, Pointer, Truth, absent
from eks_checks.aws.vpc import Attached, Route, Subnet, TargetKind
from eks_checks.reach.internet import private, whole
from eks_checks.reach.transfer import Transfer
from eks_checks.reach.transit import NOTHING, Leg, Transit
from eks_checks.sets import AddressSet, Bounds, Family, union_of

_LEADING = frozenset(
    {
        TargetKind.PEERING,
        TargetKind.TRANSIT_GATEWAY,
        TargetKind.CORE_NETWORK,
        TargetKind.VPN_GATEWAY,
        TargetKind.LOCAL_GATEWAY,
        TargetKind.CARRIER_GATEWAY,
        TargetKind.NETWORK_INTERFACE,
        TargetKind.VPC_ENDPOINT,
        TargetKind.UNKNOWN,
    }
)
"""Route targets by which packets may leave the VPC other than to the internet."""


@dataclass(frozen=True)
class Stand:
    """A place in a VPC: a subnet, or (None) addresses in no known one, under the main route table."""

    vpc: str
    table: Attached
    subnet: Subnet | None = None

    @property
    def name(self) -> str:
        """What people know it by."""
        return self.subnet.resource if self.subnet is not None else self.vpc


@dataclass(frozen=True)
class Passage:
    """The destinations that a stand sends into one VPC by one connection, or by any.

    ``references`` says whether rules may name groups across it, in inbound (first) and outbound rules.
    """

    bounds: Bounds[AddressSet]
    legs: tuple[Leg, ...] = field(default=(), repr=False)
    references: tuple[Truth, Truth] = (UNKNOWN, UNKNOWN)

    @property
    def names(self) -> frozenset[str]:
        """The other resources on the way, which it may be asked by."""
        return frozenset(name for leg in self.legs for name in leg.names)

    def causes(self, region: AddressSet) -> Iterator[Cause]:
        """What leaves the way open for ``region``."""
        for leg in self.legs:
            if not leg.share.decided and not leg.share.undecided.isdisjoint(region):
                yield from leg.causes


class Exits:
    """The ways out of the VPCs of one estate."""

    def __init__(self, transfer: Transfer) -> None:
        """Nothing is followed yet."""
        self._transfer = transfer
        self.estate = transfer.estate
        self.transit = Transit(self.estate)
        self._kept: dict[object, tuple[Leg, ...]] = {}
        self._onward: dict[object, dict[tuple[str, str], Passage]] = {}
        self._joined: dict[object, tuple[Leg, ...]] = {}
        joined = self.estate.connections
        tables = self.estate.route_tables.values()
        self.any = bool(
            joined.peerings
            or joined.attachments
            or joined.vpn_gateways
            or any(route.kind in _LEADING for table in tables for route in table.routes)
        )

    def stand(self, subnet: Subnet) -> Stand:
        """The subnet as a place that packets leave."""
        return Stand(subnet.vpc.exact or "", subnet.route_table, subnet)

    def legs(self, stand: Stand, family: Family) -> tuple[Leg, ...]:
        """Every way out that a table which is, or may be, in force has; sure ones only where that is told."""
        if not self.any:
            return ()
        subnet = stand.subnet.key if stand.subnet is not None else ""
        key = (stand.vpc, subnet, stand.table.keys if not subnet else (), family)
        if key not in self._kept:
            self._kept[key] = tuple(self._of_stand(stand, family))
        return self._kept[key]

    def onward(self, stand: Stand, vpc: str, family: Family) -> dict[tuple[str, str], Passage]:
        """What the stand sends into ``vpc``, by (scope, connection)."""
        subnet = stand.subnet.key if stand.subnet is not None else ""
        key = (stand.vpc, subnet, vpc, family)
        if key not in self._onward:
            found: dict[tuple[str, str], list[Leg]] = {}
            for leg in self.legs(stand, family):
                if vpc in leg.vpcs:
                    sure = leg.vpcs == {vpc} and not leg.outside
                    into = leg if sure else replace(leg, share=Bounds(NOTHING, leg.share.upper))
                    found.setdefault((leg.scope, leg.resource), []).append(into)
            self._onward[key] = {name: _together(legs) for name, legs in found.items()}
        return self._onward[key]

    def whole(self, stand: Stand, vpc: str, family: Family) -> Passage:
        """What the stand sends into ``vpc`` by whichever connection: a reply may take another one (C10)."""
        return _together([leg for way in self.onward(stand, vpc, family).values() for leg in way.legs])

    def joined(self, vpc: str, family: Family) -> tuple[Leg, ...]:
        """Every connection that the VPC is, or may be, at: what a table that is not told could lead to."""
        key = (vpc, family)
        if key not in self._joined:
            self._joined[key] = tuple(self._all_of(vpc, family))
        return self._joined[key]

    def _of_stand(self, stand: Stand, family: Family) -> Iterator[Leg]:
        told = len(stand.table.keys) == 1 and not stand.table.open
        for routing in self._transfer.routing(stand.table, family):
            for route, share in routing.shares:
                if route.kind not in _LEADING or (route.gateway.unset and not route.gateway.open):
                    continue
                for leg in self._of_route(route, stand, family):
                    low = NOTHING if routing.table.open or not told else leg.share.lower & share.lower
                    here = Bounds(low, leg.share.upper & share.upper)
                    if here.upper:
                        causes = (*leg.causes, *route.causes, *(() if told else stand.table.causes))
                        yield replace(leg, share=here, hops=(route.origin, *leg.hops), causes=causes)
            if routing.table.open:
                yield from self._perhaps(stand, family, routing.table.causes)
        if stand.table.open:
            yield from self._perhaps(stand, family, stand.table.causes)

    def _perhaps(self, stand: Stand, family: Family, causes: Iterable[Cause]) -> Iterator[Leg]:
        for leg in self.joined(stand.vpc, family):
            yield replace(leg, causes=(*leg.causes, *causes))

    def _of_route(self, route: Route, stand: Stand, family: Family) -> Iterator[Leg]:
        made = _BY_KIND.get(route.kind)
        if made is not None:
            for key in route.gateway.keys:
                for leg in made(self, key, stand, family):
                    yield leg if route.gateway.exact else _perhaps(leg)
        if route.kind in (TargetKind.LOCAL_GATEWAY, TargetKind.CARRIER_GATEWAY):
            for key in route.gateway.keys or (route.origin.resource,):
                yield _beyond("vpn", key, whole(family))
        through = route.kind in (TargetKind.VPC_ENDPOINT, TargetKind.NETWORK_INTERFACE)
        name = " or ".join(route.gateway.keys) or route.origin.resource
        if route.kind is TargetKind.NETWORK_INTERFACE:
            # NOTE: a NAT instance lets nothing in (C7); an appliance may join private networks.
            yield _beyond("vpn", name, private(family))
        if through or route.gateway.open:
            why = Cause(name, "route", f"what lies behind {name} is not followed")
            for leg in self.joined(stand.vpc, family):
                yield replace(leg, causes=(*leg.causes, why))
        if route.gateway.open and not through:
            yield _beyond(_SCOPES.get(route.kind, "vpn"), route.origin.resource, whole(family))

    def _by_peering(self, key: str, stand: Stand, family: Family) -> Iterator[Leg]:
        known = self.estate.connections.peerings.get(key)
        if known is None:
            # NOTE: a route to a peering connection says that its VPC is at one end of it.
            others = self._naming(key) - {stand.vpc}
            why = (absent(key, "peer_vpc_id"),)
            share = Bounds(NOTHING, whole(family))
            yield Leg("peering", key, share, others, True, UNKNOWN, why)
            return
        if known.active.value is False:
            return
        other, sure = _other_end(known, stand.vpc)
        told = [vpc for vpc in other.keys if self.transit.told(vpc)]
        perhaps = self.transit.everywhere - {stand.vpc} if other.open else ()
        causes = [*known.active.causes, *other.causes]
        causes += [absent(vpc, "route_table") for vpc in other.keys if vpc not in told]
        leg = Leg(
            "peering",
            known.resource,
            Bounds.exact(whole(family)),
            frozenset((*told, *perhaps)),
            other.open or len(told) < len(other.keys),
            known.same_region,
            tuple(causes),
        )
        yield leg if sure and known.active.surely else _perhaps(leg)

    def _by_transit_gateway(self, key: str, stand: Stand, family: Family) -> Iterator[Leg]:
        yield from self.transit.legs(key, stand.vpc, stand.subnet, family)

    def _by_core_network(self, key: str, stand: Stand, family: Family) -> Iterator[Leg]:
        attached = self.estate.connections.core_networks.get(key)
        others = attached.candidates - {stand.vpc} if attached is not None else frozenset()
        why = (Cause(key, "policy", "which segments its policy joins is not followed"),)
        share = Bounds(NOTHING, whole(family))
        yield Leg("transit_gateway", key, share, others, True, UNKNOWN, why)

    def _by_vpn_gateway(self, key: str, stand: Stand, family: Family) -> Iterator[Leg]:
        """To the far sides of the gateway's tunnels: written routes are told, BGP's are not (C20)."""
        joined = self.estate.connections
        gateway = joined.vpn_gateways.get(key)
        names = frozenset({key if gateway is None else gateway.resource})
        if gateway is None or not gateway.managed:
            yield _beyond("vpn", key, whole(family), absent(key, "VPN connections"))
        if gateway is not None and stand.vpc and not gateway.vpc.may_be(stand.vpc):
            return
        for one in joined.vpn_connections.values():
            if not one.gateway.may_be(key):
                continue
            sure = gateway is not None and gateway.vpc.exact == stand.vpc and one.gateway.exact == key
            if not one.static.surely or one.open:
                why = Cause(one.resource, "routes", "BGP tells which ranges lie behind it, after apply")
                leg = _beyond("vpn", one.resource, whole(family), *(one.causes or (why,)))
                yield replace(leg, causes=(*leg.causes, why), names=names)
            for route in one.routes:
                low = route.destination.lower if route.certain and sure else NOTHING
                share = Bounds(low, route.destination.upper) & Bounds.exact(whole(family))
                causes = (*route.causes, *one.gateway.causes)
                leg = Leg("vpn", one.resource, share, outside=True, causes=causes, hops=(route.origin,))
                yield replace(leg, names=names)
        for name in gateway.direct_connect if gateway is not None else ():
            why = Cause(name, "allowed_prefixes", "what the far side announces is not known")
            yield replace(_beyond("vpn", name, whole(family), why), names=names)

    def _all_of(self, vpc: str, family: Family) -> Iterator[Leg]:
        joined = self.estate.connections
        stand = Stand(vpc, Attached((), open=True))
        for key, peering in joined.peerings.items():
            if not vpc or any(end.may_be(vpc) for end in peering.ends):
                yield from map(_perhaps, self._by_peering(key, stand, family))
        gateways = {key for one in joined.attachments.values() for key in one.gateway.keys}
        if any(one.gateway.open for one in joined.attachments.values()):
            gateways |= set(joined.transit_gateways)
        for key in sorted(gateways):
            if not vpc or vpc in self.transit.at(key):
                others = self.transit.at(key) - {vpc}
                known = joined.transit_gateways.get(key)
                name = known.resource if known is not None else key
                yield Leg("transit_gateway", name, Bounds(NOTHING, whole(family)), others, True, UNKNOWN)
        for key, gateway in joined.vpn_gateways.items():
            if not vpc or gateway.vpc.may_be(vpc):
                yield from map(_perhaps, self._by_vpn_gateway(key, stand, family))

    def _naming(self, peering: str) -> frozenset[str]:
        return frozenset(
            vpc
            for table in self.estate.route_tables.values()
            for route in table.routes
            if route.kind is TargetKind.PEERING and peering in route.gateway.keys
            for vpc in table.vpc.keys
        )


_Follow = Callable[[Exits, str, Stand, Family], Iterator[Leg]]
_BY_KIND: dict[TargetKind, _Follow] = {
    TargetKind.PEERING: Exits._by_peering,
    TargetKind.TRANSIT_GATEWAY: Exits._by_transit_gateway,
    TargetKind.CORE_NETWORK: Exits._by_core_network,
    TargetKind.VPN_GATEWAY: Exits._by_vpn_gateway,
}
_SCOPES = {
    TargetKind.PEERING: "peering",
    TargetKind.TRANSIT_GATEWAY: "transit_gateway",
    TargetKind.CORE_NETWORK: "transit_gateway",
}


def _other_end(peering: Peering, vpc: str) -> tuple[Pointer, bool]:
    """The VPC at the other end, and whether it is sure which end is which."""
    mine, its = peering.ends
    if mine.exact == vpc and not its.may_be(vpc):
        return its, True
    if its.exact == vpc and not mine.may_be(vpc):
        return mine, True
    keys = tuple(sorted({*mine.keys, *its.keys} - {vpc}))
    return Pointer(keys, mine.open or its.open, (*mine.causes, *its.causes)), False


def _beyond(scope: str, resource: str, share: AddressSet, *causes: Cause) -> Leg:
    """A way to networks of which the inputs tell nothing."""
    why = causes or (
        Cause(resource, "route", f"what lies behind {resource} and routes back is not followed"),
    )
    return Leg(scope, resource, Bounds(NOTHING, share), frozenset(), True, UNKNOWN, why)


def _perhaps(leg: Leg) -> Leg:
    references = leg.references if leg.references.value is False else UNKNOWN
    return replace(leg, share=Bounds(NOTHING, leg.share.upper), references=references)


def _together(legs: list[Leg]) -> Passage:
    lower = union_of((leg.share.lower for leg in legs), NOTHING)
    upper = union_of((leg.share.upper for leg in legs), NOTHING)
    return Passage(Bounds(lower, lower | upper), tuple(legs), _references(legs))


def _references(legs: list[Leg]) -> tuple[Truth, Truth]:
    """Across a peering all rules may name groups (A9), through a gateway inbound ones only (A10)."""
    inbound = _same([leg.references for leg in legs])
    outbound = _same([leg.references if leg.scope == "peering" else Truth(False) for leg in legs])
    return inbound, outbound


def _same(truths: list[Truth]) -> Truth:
    values = {truth.value for truth in truths}
    causes = tuple(dict.fromkeys(cause for truth in truths for cause in truth.causes))
    return Truth(values.pop(), causes) if len(values) == 1 else Truth(None, causes)
