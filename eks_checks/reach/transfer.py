"""What a flow meets on each step of the topology: routes, network ACLs, addresses, security groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from eks_checks.aws.acl_walk import Passed
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause, KeySet
from eks_checks.aws.vpc import Attached, Subnet
from eks_checks.reach import filters, reasons
from eks_checks.reach.answer import Hop
from eks_checks.reach.filters import GroupFilter
from eks_checks.reach.goals import internet_goal, local_goal
from eks_checks.reach.internet import whole
from eks_checks.reach.layers import Layer, Near, ReplyLayer
from eks_checks.reach.public_access import public_access
from eks_checks.reach.routing import Goal, Routing
from eks_checks.reach.topology import Kind, Step, Topology
from eks_checks.reach.words import named, rule_hop
from eks_checks.sets import AddressSet, Bounds, Family, Product, TrafficSet

T = TypeVar("T")
NOTHING = AddressSet.empty()


@dataclass(frozen=True)
class Flow:
    """What is sent and what comes back: one request traffic and the reply traffics of which one must pass."""

    family: Family
    request: TrafficSet
    reply: TrafficSet


@dataclass(frozen=True)
class Party:
    """One end of a flow: where it is, and the groups it carries (None: a host with no group known)."""

    subnet: Subnet | None
    groups: KeySet | None = None
    resource: str = ""


class Transfer:
    """The filters of one estate; each is computed once per question it is asked.

    What is kept is found again by the identity of groups (the estate holds them) and of flows
    (``flow_of`` makes each one once): comparing them by value would cost more than the filters.
    """

    def __init__(self, topology: Topology, between: dict[object, Any] | None = None) -> None:
        """Nothing is computed yet but what ``between`` holds of the same subnets, ACLs and routes."""
        self.topology = topology
        self.estate: Estate = topology.estate
        self.between: dict[object, Any] = {} if between is None else between
        self._kept: dict[object, Any] = {}

    def layers(self, path: tuple[Step, ...], flow: Flow, source: Party, target: Party) -> Iterator[Layer]:
        """The request's layers along ``path``, the groups at both ends, and the routes both ways."""
        outward = any(step.tail.kind is Kind.INTERNET for step in path)
        if source.groups is not None and target.groups is not None:
            yield self.egress(flow, source, target)
        if path:
            if source.subnet is not None and not outward:
                yield from self._leaving(flow, source.subnet)
            if target.subnet is not None:
                yield from self._entering(flow, target.subnet, outward=outward)
        if target.groups is not None:
            yield self.ingress(flow, source, target)

    def replies(
        self, path: tuple[Step, ...], flow: Flow, source: Party, target: Party
    ) -> Iterator[ReplyLayer]:
        """The network ACLs on the reply's way along ``path``: stateless, so each needs its own allow (B4)."""
        if not path:
            return
        if target.subnet is not None:
            yield self.reply(flow, target.subnet, inbound=False, end="source")
        if source.subnet is not None:
            yield self.reply(flow, source.subnet, inbound=True, end="target")

    def _leaving(self, flow: Flow, subnet: Subnet) -> tuple[Layer, ...]:
        """The layers of a request that leaves its subnet for another one of the VPC."""
        return self._once(
            ("leaving", subnet.key, id(flow)),
            lambda: (
                self.acl(flow, subnet, inbound=False, end="target"),
                self._route(flow, subnet, local_goal, end="target"),
            ),
        )

    def _entering(self, flow: Flow, subnet: Subnet, *, outward: bool) -> tuple[Layer, ...]:
        """The layers of a request that enters the target's subnet, and of the reply's way back by route."""

        def made() -> tuple[Layer, ...]:
            goal = internet_goal(self.estate, subnet) if outward else local_goal
            first = (public_access(self.estate, subnet, flow.family),) if outward else ()
            acl = self.acl(flow, subnet, inbound=True, end="source")
            return (*first, self._route(flow, subnet, goal, end="source"), acl)

        return self._once(("entering", subnet.key, id(flow), outward), made)

    def routing(self, attached: Attached, family: Family) -> list[Routing]:
        """The routing of every table that may be in force."""
        tables = self.estate.route_tables
        return [
            self._once(("routing", key, family), lambda k=key: Routing(tables[k], family), self.between)  # type: ignore[misc]
            for key in attached.keys
            if key in tables
        ]

    def merged(self, groups: KeySet, flow: Flow, *, ingress: bool) -> GroupFilter:
        """All rules of all groups for the request, as one filter."""
        return self._once(
            ("groups", id(groups), id(flow), ingress),
            lambda: filters.merged(
                groups, self.estate.security_groups, flow.request, flow.family, ingress=ingress
            ),
        )

    def towards(self, subnet: Subnet, goal: Goal, family: Family) -> Bounds[AddressSet]:
        """The destinations that the subnet's route table sends to ``goal``, whichever table is in force."""
        found: Bounds[AddressSet] | None = None
        for routing in self.routing(subnet.route_table, family):
            share = routing.towards(goal)
            if routing.table.open:
                share = Bounds(NOTHING, whole(family))
            found = share if found is None else Bounds(found.lower & share.lower, found.upper | share.upper)
        if subnet.route_table.open or found is None:
            return Bounds(NOTHING, whole(family))
        return found

    def _route(self, flow: Flow, subnet: Subnet, goal: Goal, end: str) -> Layer:
        admits = self.towards(subnet, goal, flow.family)
        if goal is local_goal:
            # NOTE: inside a VPC a more specific route leads through a middlebox, which may let it pass (A11).
            admits = Bounds(admits.lower, whole(flow.family))
        what = "local addresses" if goal is local_goal else "the internet through a gateway"
        name = named(subnet.route_table.keys) or subnet.resource

        def causes(region: AddressSet) -> Iterable[Cause]:
            yield from subnet.route_table.causes
            for routing in self.routing(subnet.route_table, flow.family):
                yield from routing.table.causes
                yield from routing.causes(region, goal)
                yield from routing.detours(region) if goal is local_goal else ()

        def explain(source: str, target: str) -> Iterable[Hop]:
            address = source if end == "source" else target
            for routing in self.routing(subnet.route_table, flow.family):
                route = routing.route_for(address, goal)
                if route is not None:
                    back = "the reply's route" if end == "source" else "the route"
                    text = f"{back} from {subnet.resource or 'the subnet'}: {route.origin.text}"
                    yield Hop("route", route.origin.resource, route.origin.text, text, route.origin.location)
                    return

        def near(region: AddressSet) -> str:
            return reasons.no_route(self.routing(subnet.route_table, flow.family), region, goal)

        text = f"no route from {subnet.resource} to {what}"
        return Layer("route", end, name, admits, text, causes, explain, near)

    def address(self, flow: Flow, target: Interface, shape: Shape) -> Layer:
        """Whether the target has an address that the internet can reach (C6, D1-D9)."""
        truth = shape.public_ipv4 if flow.family == "ipv4" else shape.ipv6
        what = "public IPv4 address" if flow.family == "ipv4" else "global IPv6 address"
        everything = whole(flow.family)
        admits = Bounds(everything if truth.surely else NOTHING, everything if truth.possibly else NOTHING)

        def explain(_source: str, _target: str) -> Iterable[Hop]:
            by = shape.public_origin or target.resource
            verb = "gets" if truth.surely else "may get"
            flag = shape.public_at if flow.family == "ipv4" else None
            place = flag or self.estate.places(by, "")
            yield Hop("address", by, what, f"{target.resource} {verb} a {what} ({by})", place)

        text = f"{target.resource} has no {what}"
        why = reasons.no_address(target, shape, flow.family, self.topology.subnet_of(target).resource)
        return Layer(
            "address", "source", target.resource, admits, text, lambda _: truth.causes, explain, lambda _: why
        )

    def acl_passes(self, subnet: Subnet, traffic: TrafficSet, family: Family, *, inbound: bool) -> Passed:
        """What the subnet's network ACL, whichever is in force, lets through of the traffic."""
        acls = [self.estate.network_acls[key] for key in subnet.network_acl.keys]
        options = [
            self._once(
                ("acl", acl.key, traffic, family, inbound),
                lambda a=acl: filters.passed(a, traffic, family, inbound=inbound),  # type: ignore[misc]
                self.between,
            )
            for acl in acls
        ]
        if subnet.network_acl.open or not options:
            everything = Product.of(whole(family), traffic)
            options.append(Bounds(Product.empty(), everything))
        return filters.either(options)

    def acl(self, flow: Flow, subnet: Subnet, *, inbound: bool, end: str) -> Layer:
        """What the subnet's network ACL lets through of the request."""
        passes = self.acl_passes(subnet, flow.request, flow.family, inbound=inbound)
        admits = Bounds(passes.lower.keys(NOTHING), passes.upper.keys(NOTHING))
        name, text = self._acl_words(subnet, inbound=inbound, reply=False)
        causes, explain = self._acl_voice(subnet, flow.request, inbound=inbound, end=end, reply=False)
        near = self._acl_reason(subnet, flow.request, inbound=inbound)
        return Layer("nacl", end, name, admits, text, causes, explain, near)

    def reply(self, flow: Flow, subnet: Subnet, *, inbound: bool, end: str) -> ReplyLayer:
        """What the subnet's network ACL lets through of the reply."""
        return self._once(
            ("reply", subnet.key, id(flow), inbound, end),
            lambda: self._reply_layer(flow, subnet, inbound=inbound, end=end),
        )

    def _reply_layer(self, flow: Flow, subnet: Subnet, *, inbound: bool, end: str) -> ReplyLayer:
        passes = self.acl_passes(subnet, flow.reply, flow.family, inbound=inbound)
        name, text = self._acl_words(subnet, inbound=inbound, reply=True)
        causes, explain = self._acl_voice(subnet, flow.reply, inbound=inbound, end=end, reply=True)
        near = self._acl_reason(subnet, flow.reply, inbound=inbound)
        return ReplyLayer(end, name, passes, text, causes, explain, near)

    def _acl_reason(self, subnet: Subnet, traffic: TrafficSet, *, inbound: bool) -> Near:
        acls = [self.estate.network_acls[key] for key in subnet.network_acl.keys]
        return lambda region: reasons.not_listed(acls, region, traffic, inbound=inbound)

    def _acl_words(self, subnet: Subnet, *, inbound: bool, reply: bool) -> tuple[str, str]:
        keys = subnet.network_acl.keys
        name = named(self.estate.network_acls[key].resource for key in keys) or subnet.resource
        what = "the reply" if reply else "the request"
        direction = "inbound" if inbound else "outbound"
        return name, f"the {direction} rules of {subnet.resource}'s network ACL do not let {what} through"

    def _acl_voice(
        self, subnet: Subnet, traffic: TrafficSet, *, inbound: bool, end: str, reply: bool
    ) -> tuple[Callable[[AddressSet], Iterable[Cause]], Callable[[str, str], Iterable[Hop]]]:
        acls = [self.estate.network_acls[key] for key in subnet.network_acl.keys]

        def causes(_region: AddressSet) -> Iterable[Cause]:
            yield from subnet.network_acl.causes
            yield from filters.acl_causes(acls, traffic, inbound=inbound)

        def explain(source: str, target: str) -> Iterable[Hop]:
            address = source if end == "source" else target
            for acl in acls[:1]:
                entry = filters.deciding_entry(acl, address, traffic, inbound=inbound)
                if entry is not None:
                    word = "the reply" if reply else "the request"
                    side = "entering" if inbound else "leaving"
                    text = f"{word} {side} {subnet.resource}: {entry.origin.text}"
                    layer = "reply" if reply else "network_acl"
                    yield Hop(layer, entry.origin.resource, entry.origin.text, text, entry.origin.location)

        return causes, explain

    def ingress(self, flow: Flow, source: Party, target: Party) -> Layer:
        """What the target's groups admit: by address, or by a group that the source carries."""
        groups = target.groups or KeySet()
        found = self.merged(groups, flow, ingress=True)
        by_group = found.admits(source.groups) if source.groups is not None else False
        admits = filters.with_members(found, by_group, flow.family)
        return self._group_layer("security_group", "source", admits, flow, groups, source, target)

    def egress(self, flow: Flow, source: Party, target: Party) -> Layer:
        """What the source's groups let out."""
        groups = source.groups or KeySet()
        found = self.merged(groups, flow, ingress=False)
        by_group = found.admits(target.groups) if target.groups is not None else False
        admits = filters.with_members(found, by_group, flow.family)
        return self._group_layer("egress", "target", admits, flow, groups, source, target)

    def _group_layer(
        self,
        kind: str,
        end: str,
        admits: Bounds[AddressSet],
        flow: Flow,
        groups: KeySet,
        source: Party,
        target: Party,
    ) -> Layer:
        ingress = kind == "security_group"
        by_key, owner = self.estate.security_groups, target.resource if ingress else source.resource
        other = source if ingress else target

        def causes(_region: AddressSet) -> Iterable[Cause]:
            yield from self._once(
                ("causes", id(groups), id(flow), ingress),
                lambda: tuple(
                    dict.fromkeys(filters.group_causes(groups, by_key, flow.request, ingress=ingress))
                ),
            )

        def explain(source_address: str, target_address: str) -> Iterable[Hop]:
            peer = source_address if ingress else target_address
            kept = ("hops", id(groups), id(flow), ingress, peer, id(other.groups))
            return self._once(kept, lambda: self._rule_hops(kind, groups, flow, peer, other.groups))

        def near(region: AddressSet) -> str:
            return reasons.no_rule(groups, by_key, flow.request, region, other.groups, ingress=ingress)

        names = self._names(groups) or owner
        verb = "admits it inbound" if ingress else "lets it out"
        text = f"no rule of {owner}'s security groups {verb}"
        return Layer(kind, end, names, admits, text, causes, explain, near)

    def _names(self, groups: KeySet) -> str:
        listed = (self.estate.security_groups[key].resource for key in sorted(groups.candidates))
        return self._once(("names", id(groups)), lambda: named(listed))

    def _rule_hops(
        self, kind: str, groups: KeySet, flow: Flow, peer: str, carried: KeySet | None
    ) -> tuple[Hop, ...]:
        """The rules of ``groups`` that admit one concrete peer."""
        ingress = kind == "security_group"
        rules = self._once(
            ("rules", id(groups), id(flow), ingress),
            lambda: filters.rules_for(groups, self.estate.security_groups, flow.request, ingress=ingress),
        )
        return tuple(
            rule_hop(kind, doubtful, group, rule)
            for doubtful, group, rule in filters.admitting_rules(rules, peer, carried or KeySet())
        )

    def _once(self, key: object, make: Callable[[], T], within: dict[object, Any] | None = None) -> T:
        kept = self._kept if within is None else within
        if key not in kept:
            kept[key] = make()
        found: T = kept[key]
        return found
