"""Clients that come through a load balancer (fact M8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import Cause, KeySet, Truth
from eks_checks.aws.load_balancing import ANYBODY, LoadBalancer
from eks_checks.aws.vpc import Subnet, Vpc
from eks_checks.reach.answer import Hop
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.exits import Exits
from eks_checks.reach.internet import globally_reachable, private, whole
from eks_checks.reach.layers import Crossing, Ends, Layer
from eks_checks.reach.pieces import NOTHING, Piece, Target
from eks_checks.reach.relay import Relay
from eks_checks.reach.selection import Selection
from eks_checks.reach.sources.forwarding import Forwarding, Way, crosses, transport
from eks_checks.reach.sources.listening import Listening
from eks_checks.reach.sources.onward import Onward
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet, Bounds, Family

SCOPE = "load_balancer"
FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")


class Balanced:
    """The load balancers of one estate as sources."""

    def __init__(self, crossings: Crossings, exits: Exits) -> None:
        """Nothing is computed yet; an estate without load balancers costs nothing."""
        self._crossings = crossings
        self._estate = crossings.estate
        self._listening = Listening(crossings, exits)
        self._onward = Onward(crossings, exits)
        self._forwarding: Forwarding | None = None

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Who gets in through each balancer, in pieces by its subnet and by where the clients are."""
        balancers = self._estate.balancing.balancers.values()
        if not balancers:
            return
        if self._forwarding is None:
            self._forwarding = Forwarding(self._estate)
        seen = set()
        for way in self._forwarding.ways(target, flow):
            seen.add(way.balancer.key)
            for piece in self._of_way(way, target, flow):
                yield from _asked(piece, selection)
        for outer, inner in self._forwarding.chains(target, flow):
            seen.add(outer.balancer.key)
            for piece in self._of_chain(outer, inner, target, flow):
                yield from _asked(piece, selection)
        if not selection.open_only:
            for balancer in balancers:
                if balancer.key not in seen:
                    yield from _asked(_nowhere(balancer, target, flow), selection)

    def _of_way(self, way: Way, target: Target, flow: Flow) -> Iterator[Piece]:
        subnets = way.balancer.subnets
        zones = self._zones(subnets)
        for key in sorted(subnets.candidates):
            doubts = way.doubts if key in subnets.sure else (*way.doubts, *subnets.causes)
            here = self._estate.subnets[key]
            crossed = crosses(way, here, target.subnet, zones)
            if crossed.value is False:
                continue
            if not self._onward.joined(here, target):
                continue
            if self._apart(here, target):
                why = f"registers {target.interface.resource}, which lies in another VPC"
                doubts = (*doubts, Cause(way.registration.origin.resource, "target_id", why))
            yield from self._leg(way, here, target, flow, (*doubts, *_open(crossed)))
        if subnets.open:
            yield self._unclear(way, target, flow)

    def _leg(
        self, way: Way, here: Subnet, target: Target, flow: Flow, doubts: tuple[Cause, ...]
    ) -> Iterator[Piece]:
        """Through the balancer's interface in one subnet."""
        asked = transport(flow)
        name = asked[0] if asked is not None else ""
        for family in FAMILIES:
            for clients in self._listening.clients(way.balancer, way.listener, here, name, family):
                first = _for_some(clients.crossing, way)
                if first is None:
                    continue
                unsure = (*doubts, *clients.doubts)
                preserved = _preserved(way, family, target.family)
                for relay, why in self._relays(way, here, first, target, flow, preserved):
                    yield _piece(way.balancer, relay, (*unsure, *why), clients.vpc)

    def _relays(
        self, way: Way, here: Subnet, first: Crossing, target: Target, flow: Flow, preserved: Truth
    ) -> Iterator[tuple[Relay, tuple[Cause, ...]]]:
        """Both halves; where it is open whose address the target sees, either way."""
        made = []
        for kept in (True, False) if preserved.value is None else (preserved.surely,):
            sender = Party(here, way.balancer.groups, way.balancer.resource)
            if kept:
                awaited = tuple(reply for reply in first.replies if reply.end == "source")
                second = self._onward.preserved(sender, first.ends.sources, target, flow, awaited)
            else:
                second = self._onward.own(sender, target, flow)
            hop = _handed(way, preserved=kept)
            made.append(Relay.of(first, second, way.balancer.resource, hop, preserved=kept))
        if len(made) > 1 and made[0].admitted == made[1].admitted:
            made = made[:1]
        for relay in made:
            yield relay, (preserved.causes if len(made) > 1 else ())

    def _of_chain(self, outer: Way, inner: Way, target: Target, flow: Flow) -> Iterator[Piece]:
        """Through a network balancer to an application one: which clients that lets in is not followed."""
        first, last = outer.balancer, inner.balancer
        why = f"sends its clients to {last.resource}, whose own groups are not looked at for them"
        doubts = (*outer.doubts, *inner.doubts, Cause(outer.group.resource, "target_type", why))
        asked = transport(flow)
        name = asked[0] if asked is not None else ""
        nodes = [self._estate.subnets[key] for key in sorted(last.subnets.candidates)]
        senders = [Party(there, last.groups, last.resource) for there in nodes]
        onward = [self._onward.own(sender, target, flow) for sender in senders]
        for key in sorted(first.subnets.candidates) if onward and not last.subnets.open else ():
            for family in FAMILIES:
                here = self._estate.subnets[key]
                for clients in self._listening.clients(first, outer.listener, here, name, family):
                    for second in onward:
                        hop = _handed(inner, preserved=False)
                        relay = Relay.of(clients.crossing, second, last.resource, hop, preserved=False)
                        yield _piece(first, relay, (*doubts, *clients.doubts), clients.vpc)
        if first.subnets.open or last.subnets.open or not onward:
            yield self._unclear(replace(outer, doubts=doubts), target, flow)

    def _unclear(self, way: Way, target: Target, flow: Flow) -> Piece:
        """Through a balancer of which too little is known: only the target's own groups count."""
        balancer = way.balancer
        vpc = self._estate.vpcs.get(target.subnet.vpc.exact or "")
        inside = self._crossings.own(target) or private(target.family)
        clients = inside if balancer.internal.surely else globally_reachable(target.family) | inside
        groups = KeySet(open=True, causes=balancer.subnets.causes)
        layers = self._crossings.transfer.layers((), flow, Party(None, groups), target.party)
        crossing = Crossing(Ends(clients, target.addresses, targets_fixed=True), tuple(layers), ())
        opened = replace(crossing, layers=tuple(_seen_by_any(layer, clients) for layer in crossing.layers))
        return _piece(balancer, opened, (*way.doubts, *balancer.subnets.causes), vpc, doubtful=True)

    def _apart(self, here: Subnet, target: Target) -> bool:
        mine, its = here.vpc.exact, target.subnet.vpc.exact
        return mine is not None and its is not None and mine != its

    def _zones(self, subnets: KeySet) -> frozenset[str]:
        return frozenset(self._estate.subnets[key].availability_zone for key in subnets.sure)


def _seen_by_any(layer: Layer, clients: AddressSet) -> Layer:
    """The target's groups where it is not known which address they see: any that they admit may be it."""
    if layer.kind != "security_group":
        return replace(layer, admits=Bounds(NOTHING, layer.admits.upper | layer.admits.lower))
    return replace(layer, admits=Bounds(NOTHING, clients if layer.admits.upper else NOTHING))


def _for_some(crossing: Crossing, way: Way) -> Crossing | None:
    """The clients whose requests the listener sends this way; None where there are none."""
    if way.forward.clients == ANYBODY:
        return crossing
    whose = way.forward.clients
    sources = crossing.ends.sources & whose.upper
    if not sources:
        return None
    origin = way.forward.origin

    def causes(_region: AddressSet) -> Iterable[Cause]:
        yield Cause(origin.resource, "condition", "which clients' requests it takes is not known")

    def explain(_source: str, _target: str) -> Iterable[Hop]:
        text = f"{origin.resource} takes the client's requests"
        yield Hop("route", origin.resource, "listener rule", text, origin.location)

    text = f"no rule of {way.listener.resource} forwards the client's requests"
    layer = Layer("route", "source", origin.resource, whose, text, causes, explain)
    return replace(crossing, ends=replace(crossing.ends, sources=sources), layers=(*crossing.layers, layer))


def _preserved(way: Way, client: Family, target: Family) -> Truth:
    """Whether the target sees the client's own address: behind a network balancer, in one family (M8)."""
    if way.balancer.kind not in ("network", "") or client != target:
        return Truth(False)
    if not way.balancer.kind:
        return Truth(None, way.balancer.doubts)
    return way.group.preserves


def _handed(way: Way, *, preserved: bool) -> Hop:
    port = "a port" if way.registration.port is None else str(way.registration.port)
    listener = "a port that is not known" if way.listener.port is None else str(way.listener.port)
    seen = "with the client's own address" if preserved else "with an address of its own"
    text = (
        f"{way.balancer.resource} takes it on {listener} and hands it on to {port}, {seen} "
        f"({way.group.resource}, {way.registration.origin.resource})"
    )
    return Hop("forward", way.balancer.resource, f"{listener} to {port}", text, way.listener.location)


def _open(truth: Truth) -> tuple[Cause, ...]:
    return () if truth.value is not None else truth.causes


def _piece(
    balancer: LoadBalancer,
    crossing: Crossing,
    doubts: tuple[Cause, ...],
    vpc: Vpc | None,
    *,
    doubtful: bool = False,
) -> Piece:
    why = tuple(dict.fromkeys(doubts))
    return Piece(SCOPE, balancer.resource, None, crossing, why, doubtful or bool(why), vpc=vpc)


def _asked(piece: Piece, selection: Selection) -> Iterator[Piece]:
    """The piece for the clients that were asked for; blocked ones only where these are told too."""
    crossing = piece.crossing
    wanted = selection.within(SCOPE, piece.resource, crossing.ends.sources)
    if not wanted or (selection.open_only and not crossing.admitted.upper):
        return
    if wanted != crossing.ends.sources:
        crossing = crossing.among(wanted)
    yield replace(piece, crossing=crossing)


def _nowhere(balancer: LoadBalancer, target: Target, flow: Flow) -> Piece:
    """A balancer that was asked about, and sends nothing to the target on this port."""
    asked = transport(flow)
    port = "this" if asked is None else f"{asked[0]} {asked[1]}"
    text = f"no listener of {balancer.resource} sends clients to {target.interface.resource} on {port}"
    layer = Layer(
        "route", "source", balancer.resource, Bounds.exact(NOTHING), text, lambda _: (), lambda _s, _t: ()
    )
    ends = Ends(whole(target.family), target.addresses, targets_fixed=True)
    return Piece(SCOPE, balancer.resource, None, Crossing(ends, (layer,), ()))
