"""Which load balancers hand packets on to a target, from which of their listeners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import YES, Cause, Truth
from eks_checks.aws.load_balancing import Forward, Listener, LoadBalancer, Registration, TargetGroup
from eks_checks.aws.vpc import Subnet
from eks_checks.reach.pieces import Target
from eks_checks.reach.transfer import Flow
from eks_checks.sets import TCP, UDP


@dataclass(frozen=True)
class Way:
    """A listener of a balancer that sends clients to the target; ``doubts`` say why it may not."""

    balancer: LoadBalancer
    listener: Listener
    forward: Forward
    group: TargetGroup
    registration: Registration
    doubts: tuple[Cause, ...]


class Forwarding:
    """The target groups of one estate, by what is registered with them."""

    def __init__(self, estate: Estate) -> None:
        """Index the registrations: those of a certain creator under it, all others under the empty name."""
        self._uses: dict[str, list[tuple[LoadBalancer, Listener, Forward]]] = {}
        self._registered: dict[str, list[tuple[TargetGroup, Registration]]] = {}
        balancing = estate.balancing
        for balancer in balancing.balancers.values():
            for listener in balancer.listeners if balancer.kind != "gateway" else ():
                for forward in listener.forwards:
                    for key in forward.group.keys or (balancing.groups if forward.group.open else ()):
                        self._uses.setdefault(key, []).append((balancer, listener, forward))
        for group in balancing.groups.values():
            for one in group.registrations:
                loose = one.creators.open or bool(one.addresses)
                for name in ("",) if loose else sorted(one.creators.candidates):
                    self._registered.setdefault(name, []).append((group, one))

    def ways(self, target: Target, flow: Flow) -> Iterator[Way]:
        """Every way to the target on the flow's port that there is, or may be."""
        asked = transport(flow)
        if asked is None:
            return
        name = target.interface.resource
        for group, registration in (*self._registered.get(name, ()), *self._registered.get("", ())):
            doubts = _fits(group, registration, target, asked)
            if doubts is None:
                continue
            for balancer, listener, forward in self._uses.get(group.key, ()):
                if listener.transports is not None and asked[0] not in listener.transports:
                    continue
                unsure = (*doubts, *_unsure(balancer, listener, forward))
                why = tuple(dict.fromkeys(unsure))
                yield Way(balancer, listener, forward, group, registration, why)

    def chains(self, target: Target, flow: Flow) -> Iterator[tuple[Way, Way]]:
        """Ways through a network load balancer to an application one, then through that."""
        for inner in self.ways(target, flow):
            for group, one in self._registered.get(inner.balancer.key, ()):
                if group.kind not in ("alb", "") or one.port not in (None, inner.listener.port):
                    continue
                doubts = (*one.causes, *group.causes, *one.creators.causes)
                for balancer, listener, forward in self._uses.get(group.key, ()):
                    why = tuple(dict.fromkeys((*doubts, *_unsure(balancer, listener, forward))))
                    yield Way(balancer, listener, forward, group, one, why), inner


def transport(flow: Flow) -> tuple[str, int] | None:
    """(``tcp`` or ``udp``, port) of the flow; None for others, which no load balancer hands on."""
    for name, number in (("tcp", TCP), ("udp", UDP)):
        for first, _ in flow.request.ports(number):
            return name, first
    return None


def crosses(way: Way, here: Subnet, target: Subnet, zones: frozenset[str]) -> Truth:
    """Whether the balancer's node in the subnet ``here`` sends to targets in the subnet ``target``.

    ``zones`` are those that the balancer is enabled for, with the empty name where not all are known.
    Without cross-zone load balancing a node keeps to its own zone.
    """
    if here.key == target.key:
        return YES
    mine, its = here.availability_zone, target.availability_zone
    same = Truth(mine == its) if mine and its else Truth(None, _unnamed(here, target))
    across = way.balancer.cross_zone if way.group.cross_zone is None else way.group.cross_zone
    if same.surely:
        return YES
    if across.value is False:
        return same
    if not its or its not in zones:
        why = f"whether {way.balancer.resource} is enabled for its zone"
        return Truth(None, (Cause(target.resource, "availability_zone", why), *across.causes))
    return across


def _unnamed(*subnets: Subnet) -> tuple[Cause, ...]:
    return tuple(
        Cause(subnet.resource, "availability_zone", "not known: a balancer's node may keep to its own zone")
        for subnet in subnets
        if not subnet.availability_zone
    )


def _unsure(balancer: LoadBalancer, listener: Listener, forward: Forward) -> tuple[Cause, ...]:
    one_of = () if forward.group.exact else forward.group.causes
    what: tuple[Cause, ...] = ()
    if listener.transports is None and not listener.causes:
        what = (Cause(listener.resource, "protocol", "known after apply"),)
    return (*balancer.doubts, *listener.causes, *forward.causes, *one_of, *what)


def _fits(
    group: TargetGroup, one: Registration, target: Target, asked: tuple[str, int]
) -> tuple[Cause, ...] | None:
    """Why it is not sure that the target is registered on the port; None where it surely is not."""
    name, port = asked
    if group.kind in ("lambda", "alb") or (group.transports is not None and name not in group.transports):
        return None
    if group.family not in ("", target.family) or one.port not in (None, port):
        return None
    # NOTE: a target told by its instance's id is reached at the primary interface.
    if group.kind == "instance" and not target.shape.primary:
        return None
    held = _holds(one, target)
    if held is None:
        return None
    found = [*held, *one.causes, *group.causes]
    if one.port is None and not found:
        found.append(Cause(one.origin.resource, "port", "not known"))
    if not group.family and not found:
        found.append(Cause(group.resource, "ip_address_type", "not known"))
    return tuple(dict.fromkeys(found))


def _holds(one: Registration, target: Target) -> tuple[Cause, ...] | None:
    """Why it is not sure that the registration means this interface; None where it surely does not."""
    resource = target.interface.resource
    if one.addresses:
        if one.addresses.isdisjoint(target.addresses):
            return None
        if target.fixed:
            return ()
        return (Cause(resource, "private_ip", f"{one.origin.resource} registers one address of its subnet"),)
    if resource in one.creators.sure:
        return ()
    if resource in one.creators.maybe or one.creators.open:
        return one.creators.causes or (Cause(one.origin.resource, "target_id", "may register it"),)
    return None
