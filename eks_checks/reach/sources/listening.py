"""Clients of a load balancer: who gets through to one of its listeners, at its interface in one subnet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.load_balancing import Listener, LoadBalancer
from eks_checks.aws.membership import Membership
from eks_checks.aws.vpc import Subnet, Vpc
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.exits import Exits
from eks_checks.reach.internet import globally_reachable, whole
from eks_checks.reach.layers import Crossing, Ends, Layer
from eks_checks.reach.pieces import NOTHING
from eks_checks.reach.ports import flow_of
from eks_checks.reach.topology import INTERNET, Kind, Place, Step
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet, Bounds, Family, union_of


@dataclass(frozen=True)
class Clients:
    """Clients that meet the same layers on their way to the balancer; ``doubts`` say why they may not."""

    crossing: Crossing
    doubts: tuple[Cause, ...] = ()
    vpc: Vpc | None = None


class Listening:
    """The clients of every listener of one estate; each worked out once."""

    def __init__(self, crossings: Crossings, exits: Exits) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._exits = exits
        self._transfer = crossings.transfer
        self._topology = crossings.topology
        self._estate = crossings.estate
        self._membership: Membership | None = None
        self._kept: dict[object, tuple[Clients, ...]] = {}

    def clients(
        self, balancer: LoadBalancer, listener: Listener, subnet: Subnet, name: str, family: Family
    ) -> tuple[Clients, ...]:
        """Clients of the family at the balancer's interface in the subnet; ``name`` is tcp or udp."""
        key = (balancer.key, listener.port, name, subnet.key, family)
        if key not in self._kept:
            self._kept[key] = tuple(self._found(balancer, listener, subnet, name, family))
        return self._kept[key]

    def _found(
        self, balancer: LoadBalancer, listener: Listener, subnet: Subnet, name: str, family: Family
    ) -> Iterator[Clients]:
        public = balancer.public_ipv4 if family == "ipv4" else balancer.ipv6
        has = family == "ipv4" or balancer.ipv6.possibly
        flow = flow_of(name, listener.port or 0, family) if listener.port is not None else None
        if balancer.internal.value is not True and public.possibly:
            path = self._topology.path(INTERNET, subnet)
            addresses = globally_reachable(family)
            doubts = (
                *(() if balancer.internal.value is False else balancer.internal.causes),
                *(() if public.surely else public.causes),
            )
            yield Clients(self._over(path, flow, None, balancer, subnet, addresses), doubts)
        if has:
            for one in self._inside(balancer, flow, subnet, family):
                yield replace(one, doubts=(*one.doubts, *(() if family == "ipv4" else balancer.ipv6.causes)))
            yield from self._joined(balancer, flow, subnet, family)

    def _inside(
        self, balancer: LoadBalancer, flow: Flow | None, subnet: Subnet, family: Family
    ) -> Iterator[Clients]:
        """Hosts of the balancer's VPC: by the subnet they are in, and those in none that is known."""
        vpc = self._estate.vpcs.get(subnet.vpc.exact or "")
        router = Place(Kind.VPC, self._topology.vpc_key(subnet))
        if vpc is None:
            why = subnet.vpc.causes or (Cause(subnet.resource, "vpc_id", "not known"),)
            for path in ((), self._topology.path(router, subnet)):
                yield Clients(self._over(path, flow, None, balancer, subnet, whole(family)), why)
            return
        rest = self._crossings.hosts(vpc, family)
        unclear: list[Cause] = []
        for other in self._estate.subnets.values():
            if not other.vpc.may_be(vpc.key):
                continue
            here = other.addresses(family) & rest
            if family in other.unknown_block or other.vpc.exact is None:
                unread = Cause(other.resource, "cidr_block", "not known")
                unclear.append(unread)
                if other.key == subnet.key:  # those beside the balancer meet no network ACL (B1)
                    near = self._over((), flow, None, balancer, subnet, rest)
                    yield Clients(self._with_members(near, balancer, flow, family), (unread,), vpc)
            elif here:
                own = other.key == subnet.key
                path = () if own else self._topology.path(Place(Kind.SUBNET, other.key), subnet)
                made = self._over(path, flow, other, balancer, subnet, here)
                yield Clients(self._with_members(made, balancer, flow, family), other.doubts, vpc)
                rest = rest - here
        if rest:
            made = self._over(self._topology.path(router, subnet), flow, None, balancer, subnet, rest)
            yield Clients(self._with_members(made, balancer, flow, family), tuple(unclear), vpc)

    def _joined(
        self, balancer: LoadBalancer, flow: Flow | None, subnet: Subnet, family: Family
    ) -> Iterator[Clients]:
        """Networks that routes of the balancer's subnet lead to: what lies there is not followed."""
        own = union_of((vpc.addresses(family) for vpc in self._vpcs(subnet)), NOTHING)
        for leg in self._exits.legs(self._exits.stand(subnet), family):
            behind = leg.share.upper - own
            if not leg.outside:
                there = (self._crossings.hosts(self._estate.vpcs[vpc], family) for vpc in leg.vpcs)
                behind = behind & union_of(there, NOTHING)
            if not behind:
                continue
            crossing = self._over((), flow, None, balancer, subnet, behind)
            if flow is not None:
                layers = (self._transfer.acl(flow, subnet, inbound=True, end="source"), *crossing.layers)
                replies = (self._transfer.reply(flow, subnet, inbound=False, end="source"),)
                crossing = replace(crossing, layers=layers, replies=replies)
            why = f"what lies behind {leg.resource} and routes back is not followed"
            yield Clients(crossing, (Cause(leg.resource, "route", why), *leg.causes))

    def _vpcs(self, subnet: Subnet) -> Iterator[Vpc]:
        for key in subnet.vpc.keys:
            if key in self._estate.vpcs:
                yield self._estate.vpcs[key]

    def _over(
        self,
        path: tuple[Step, ...],
        flow: Flow | None,
        start: Subnet | None,
        balancer: LoadBalancer,
        subnet: Subnet,
        addresses: AddressSet,
    ) -> Crossing:
        """What clients at these addresses meet on the way to the balancer; on an unknown port nothing."""
        if flow is None:
            return Crossing(Ends(addresses, subnet.addresses("ipv4"), targets_fixed=True), (), ())
        here = subnet.addresses(flow.family) or whole(flow.family)
        source, end = Party(start), Party(subnet, balancer.groups, balancer.resource)
        layers = tuple(self._transfer.layers(path, flow, source, end))
        replies = tuple(self._transfer.replies(path, flow, source, end))
        return Crossing(Ends(addresses, here), layers, replies)

    def _with_members(
        self, crossing: Crossing, balancer: LoadBalancer, flow: Flow | None, family: Family
    ) -> Crossing:
        """Hosts may be members of a group that the balancer's groups admit (A7)."""
        if flow is None or balancer.groups is None:
            return crossing
        found = self._transfer.merged(balancer.groups, flow, ingress=True)
        named = sorted(found.members | found.maybe_members)
        if not named:
            return crossing
        region, causes = NOTHING, []
        for key in named:
            held, why = self._members(key, family)
            region = region | held
            causes.append(why)

        def opened(layer: Layer) -> Layer:
            if layer.kind != "security_group":
                return layer
            admits = Bounds(layer.admits.lower, layer.admits.upper | region)
            return replace(layer, admits=admits, causes=lambda at: (*layer.causes(at), *causes))

        return replace(crossing, layers=tuple(opened(layer) for layer in crossing.layers))

    def _members(self, group: str, family: Family) -> tuple[AddressSet, Cause]:
        """The addresses that members of the group may have, and why it is not sure which."""
        known = self._estate.security_groups.get(group)
        resource = known.resource if known is not None else group
        why = Cause(resource, "members", "a rule admits its members, which only some of the addresses are")
        if known is None or known.kind == "external" or group in self._estate.carried_elsewhere:
            return whole(family), why
        if self._membership is None:
            self._membership = Membership(self._estate)
        region = NOTHING
        for member in self._membership.of(group):
            held = self._membership.addresses(member.interface, member.shape, family)
            region = whole(family) if held is None else region | held
        return region, why
