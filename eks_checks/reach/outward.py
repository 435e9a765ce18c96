"""Whether a subnet's hosts get out to the internet's addresses: by NAT, or by public addresses of their own.

Routes and gateways alone decide here; what the hosts' own groups and network ACLs let out is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Cause, Origin, Truth, absent
from eks_checks.aws.vpc import BlockMode, Route, Subnet, TargetKind
from eks_checks.aws.ways_out import NatGateway
from eks_checks.reach.goals import attached
from eks_checks.reach.internet import globally_reachable, whole
from eks_checks.reach.routing import Routing
from eks_checks.sets import AddressSet, Bounds, Family

NOTHING = AddressSet.empty()
_INSIDE = (TargetKind.LOCAL, TargetKind.PEERING)
"""Where routes lead no further than the VPC, or one other: a peering is not transitive (C10)."""


class Outward:
    """Ways out of the subnets of one estate."""

    def __init__(self, estate: Estate) -> None:
        """Nothing is walked yet."""
        self._estate = estate
        self._kept: dict[object, Truth] = {}

    def of(self, host: Interface, subnet: Subnet) -> Truth:
        """Whether the host, in ``subnet``, gets to AWS's public addresses."""
        publics = {shape.public_ipv4.value for shape in host.shapes}
        public = _alike(publics, (cause for shape in host.shapes for cause in shape.public_ipv4.causes))
        found = self.by_routes(subnet, public)
        if found.possibly or not any(shape.ipv6.possibly for shape in host.shapes):
            return found
        six = self.by_routes(subnet, public, "ipv6")
        if not six.possibly:
            return NO
        # NOTE: services have IPv6 addresses under other names than the usual ones.
        where = self.table_of(subnet)
        why = Cause(where, "route", "only IPv6 leads out: whether services are asked over IPv6 is not told")
        return Truth(None, (why, *six.causes))

    def by_routes(self, subnet: Subnet, public: Truth = NO, family: Family = "ipv4") -> Truth:
        """Whether all of the internet is routed out of ``subnet`` for hosts of which some are ``public``."""
        key = (subnet.key, public, family)
        if key not in self._kept:
            self._kept[key] = self._by_routes(subnet, public, family, nat=True)
        return self._kept[key]

    def dead_ends(self, subnet: Subnet) -> tuple[tuple[Origin, str], ...]:
        """Routes in force that name a NAT gateway which leads nowhere, with the reason."""
        return tuple(
            (route.origin, why)
            for key in subnet.route_table.keys
            if key in self._estate.route_tables
            for route in self._estate.route_tables[key].routes
            if route.kind is TargetKind.NAT_GATEWAY and not self._leads(route, subnet, NO, nat=True).possibly
            for why in (_SHUT.format(route.gateway.exact or "the NAT gateway"),)
        )

    def _by_routes(self, subnet: Subnet, public: Truth, family: Family, *, nat: bool) -> Truth:
        """``nat`` is false for the NAT gateway itself: another one does not take its packets on."""
        goal_addresses = globally_reachable(family)
        found: Bounds[AddressSet] | None = None
        causes: dict[Cause, None] = dict.fromkeys(subnet.route_table.causes)
        for key in subnet.route_table.keys:
            table = self._estate.route_tables.get(key)
            if table is None:
                continue
            told = {id(route): self._leads(route, subnet, public, nat=nat) for route in table.routes}
            routing = Routing(table, family)

            def goal(route: Route, told: dict[int, Truth] = told) -> bool | None:
                return told[id(route)].value

            share = routing.towards(goal)
            causes.update(dict.fromkeys(table.causes))
            causes.update(dict.fromkeys(routing.causes(goal_addresses, goal)))
            for route, taken in routing.shares:
                if not taken.upper.isdisjoint(goal_addresses):
                    causes.update(dict.fromkeys(told[id(route)].causes))
            if table.open:
                share = Bounds(NOTHING, whole(family))
            found = share if found is None else Bounds(found.lower & share.lower, found.upper | share.upper)
        if found is None or subnet.route_table.open:
            found = Bounds(NOTHING, whole(family))
        if goal_addresses <= found.lower:
            return YES
        if goal_addresses.isdisjoint(found.upper):
            return NO
        shown = bool(found.lower) or found.upper != whole(family)
        why = (
            "leads out for a part of all addresses"
            if shown
            else "may hold routes that the inputs do not show"
        )
        return Truth(None, tuple(causes) or (Cause(self.table_of(subnet), "route", why),))

    def _leads(self, route: Route, subnet: Subnet, public: Truth, *, nat: bool) -> Truth:
        """Whether the route takes packets of these hosts out to the internet."""
        if route.kind in _INSIDE:
            return NO
        if route.kind is TargetKind.EGRESS_ONLY:
            return self._unblocked(subnet)
        if route.kind is TargetKind.INTERNET_GATEWAY:
            answers = {
                attached(self._estate.internet_gateways.get(k), subnet.vpc.exact) for k in route.gateway.keys
            }
            if route.gateway.open or not answers:
                answers.add(None)
            gateway = _alike(answers, route.gateway.causes)
            return _all(gateway, public, self._unblocked(subnet))
        if route.kind is TargetKind.NAT_GATEWAY:
            return self._through_nat(route) if nat else NO
        if route.kind is TargetKind.UNKNOWN and not route.gateway.open:
            return NO  # a blackhole
        if route.kind is TargetKind.NETWORK_INTERFACE and self._nat_instance(route):
            return YES
        name = " or ".join(route.gateway.keys) or route.origin.resource
        why = Cause(route.origin.resource, "route", f"what lies behind {name} is not followed")
        return Truth(None, route.causes or (why,))

    def _through_nat(self, route: Route) -> Truth:
        if route.gateway.open or not route.gateway.keys:
            why = Cause(route.origin.resource, "nat_gateway_id", "which NAT gateway it is cannot be told")
            return Truth(None, route.gateway.causes or (why,))
        found = []
        for key in route.gateway.keys:
            gateway = self._estate.particulars.nat_gateways.get(key)
            found.append(self._nat(gateway) if gateway else Truth(None, (absent(key, "subnet_id"),)))
        return _alike({one.value for one in found}, (cause for one in found for cause in one.causes))

    def _nat(self, gateway: NatGateway) -> Truth:
        """A NAT gateway gets out by the routes of its own subnet, at its own public address."""
        if not gateway.public.possibly:
            why = Cause(gateway.resource, "connectivity_type", "where a private NAT gateway leads on")
            return Truth(None, (why,))
        subnet = self._estate.subnets.get(gateway.subnet.exact or "")
        if gateway.regional:
            way = YES
        elif subnet is None:
            why = Cause(gateway.resource, "subnet_id", "its subnet cannot be told")
            way = Truth(None, gateway.subnet.causes or (why,))
        else:
            way = self._by_routes(subnet, YES, "ipv4", nat=False)
        doubts = Truth(None, gateway.doubts) if gateway.doubts else YES
        return _all(way, gateway.public, doubts)

    def _nat_instance(self, route: Route) -> bool:
        """Whether the route leads to an instance of the inputs with a public address and a way out (C7)."""
        owners = {key.partition("#")[0] for key in route.gateway.keys}
        if route.gateway.exact is None:
            return False
        return any(
            all(shape.public_ipv4.surely for shape in interface.shapes)
            and subnet is not None
            and self._by_routes(subnet, YES, "ipv4", nat=False).surely
            for interface in self._estate.interfaces
            if interface.resource in owners
            for subnet in (self._estate.subnets.get(interface.subnet or ""),)
        )

    def _unblocked(self, subnet: Subnet) -> Truth:
        """Whether VPC Block Public Access lets hosts of the subnet out (C15)."""
        block = self._estate.block_public_access
        if block.mode in (BlockMode.OFF, BlockMode.INGRESS):
            return YES
        if block.mode is BlockMode.BIDIRECTIONAL and block.excluded & {subnet.key, subnet.vpc.exact}:
            return YES
        why = Cause(block.resource, "internet_gateway_block_mode", "which subnets it lets out")
        return Truth(None, block.causes or (why,))

    def table_of(self, subnet: Subnet) -> str:
        """The route table in force, as its resource; of a VPC's own main table the VPC."""
        tables = (self._estate.route_tables.get(key) for key in subnet.route_table.keys)
        return next((table.resource for table in tables if table is not None), subnet.resource)


_SHUT = "{} leads no further: its own subnet has no route to an internet gateway"


def _alike(values: set[bool | None], causes: Iterable[Cause]) -> Truth:
    """The value where there is one, else not known."""
    return Truth(values.pop()) if len(values) == 1 and None not in values else Truth(None, tuple(causes))


def _all(*truths: Truth) -> Truth:
    """Whether all of these are so."""
    if not all(truth.possibly for truth in truths):
        return NO
    if all(truth.surely for truth in truths):
        return YES
    return Truth(None, tuple(cause for truth in truths for cause in truth.causes))
