"""Layers: what each filter on a flow's way lets through, and what all of them together do.

A flow is a source address, a target address, one request traffic and a client port for the reply.
Most filters look at one end only. Only the reply couples the ends: one client port must pass
the lists of both subnets (M3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from eks_checks.aws.acl_walk import Passed
from eks_checks.aws.knowledge import Cause
from eks_checks.reach.answer import Hop, UnknownValue, Verdict
from eks_checks.sets import AddressSet, Bounds, Product, TrafficSet, union_of

Causes = Callable[[AddressSet], Iterable[Cause]]
Explain = Callable[[str, str], Iterable[Hop]]
Near = Callable[[AddressSet], str]
"""What decides that addresses are kept out, or comes nearest to letting them in; empty: nothing is told."""


def _untold(_region: AddressSet) -> str:
    return ""


@dataclass(frozen=True)
class Layer:
    """One filter. ``end`` is the end it looks at: ``source`` or ``target``.

    ``kind`` is the contract's layer word; ``causes`` says what leaves it open for a region of
    that end; ``explain`` gives the deciding rule for one (source, target) pair of addresses,
    ``near`` what decides against addresses that are kept out.
    """

    kind: str
    end: str
    resource: str
    admits: Bounds[AddressSet]
    text: str
    causes: Causes
    explain: Explain
    near: Near = _untold


@dataclass(frozen=True)
class ReplyLayer:
    """A network ACL on the reply's way: the far end's address to the client ports that pass.

    For ``end`` ``source`` the keys are source addresses (the target subnet's outbound list), for
    ``target`` target addresses (the source subnet's inbound list).
    """

    end: str
    resource: str
    passes: Passed
    text: str
    causes: Causes
    explain: Explain
    near: Near = _untold


@dataclass(frozen=True)
class Ends:
    """The addresses a flow may have. ``fixed`` ends are all known addresses of one interface."""

    sources: AddressSet
    targets: AddressSet
    sources_fixed: bool = False
    targets_fixed: bool = False


@dataclass(frozen=True)
class Crossing:
    """All layers of one flow, and what they let through together.

    ``hops`` keeps what was told of a (source, target) pair of addresses: for the request and the reply.
    """

    ends: Ends
    layers: tuple[Layer, ...]
    replies: tuple[ReplyLayer, ...]
    hops: dict[tuple[str, str], tuple[tuple[Hop, ...], tuple[Hop, ...]]] = field(
        default_factory=dict, init=False, compare=False
    )

    def without(self, *kinds: str) -> Crossing:
        """The same flow as if the layers of these kinds were not there."""
        return Crossing(
            self.ends, tuple(layer for layer in self.layers if layer.kind not in kinds), self.replies
        )

    def among(self, sources: AddressSet) -> Crossing:
        """The same flow from some of the sources only."""
        return replace(self, ends=replace(self.ends, sources=sources))

    @property
    def between(self) -> tuple[Hop, ...]:
        """What is told between two flows that it is made of."""
        return ()

    def legs(self, region: AddressSet) -> tuple[tuple[Crossing, AddressSet], ...]:
        """The flows it is made of, each with the sources to look at for those of ``region``: here, itself."""
        return ((self, region),)

    @cached_property
    def admitted(self) -> Bounds[AddressSet]:
        """Source addresses admitted for every target address they may meet, and for at least one."""
        target = self._end("target", self.ends.targets)
        source = self._end("source", self.ends.sources)
        low = high = AddressSet.empty()
        if source.lower and target.lower and self.ends.targets_fixed:
            low = source.lower & self._answered_for_some(target.lower, 0)
        elif source.lower and target.lower == self.ends.targets:
            low = source.lower & self._answered_for_all(target.lower)
        if source.upper and target.upper:
            high = source.upper & self._answered_for_some(target.upper, 1)
        return Bounds(low, high | low)

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict on a source interface: for every address it may have, for some, or for none."""
        if not self.admitted.upper:
            return Verdict.BLOCKED
        if self.ends.sources_fixed:
            return Verdict.REACHABLE if self.admitted.lower else Verdict.POSSIBLE
        return Verdict.REACHABLE if self.admitted.lower == self.ends.sources else Verdict.POSSIBLE

    @cached_property
    def open_causes(self) -> tuple[Cause, ...]:
        """What leaves the undecided sources open, from the layers that are undecided for them."""
        undecided = self.admitted.undecided
        found: list[Cause] = []
        for layer in self.layers:
            region = undecided if layer.end == "source" else self.ends.targets
            if not layer.admits.decided and not layer.admits.undecided.isdisjoint(region):
                found.extend(layer.causes(region))
        for reply in self.replies:
            if not reply.passes.decided:
                found.extend(reply.causes(undecided if reply.end == "source" else self.ends.targets))
        return tuple(dict.fromkeys(found))

    @cached_property
    def unknowns(self) -> tuple[UnknownValue, ...]:
        """The same as attributes with what they decide."""
        return tuple(unknown_of(cause) for cause in self.open_causes)

    def blockers(self, region: AddressSet) -> tuple[tuple[str, str, str], ...]:
        """(layer, resource, text) of every layer that keeps some of ``region`` out."""
        found = []
        for layer in self.layers:
            wanted = region if layer.end == "source" else self.ends.targets
            if not (wanted <= layer.admits.upper):
                text = _joined(layer.text, layer.near(wanted - layer.admits.upper))
                found.append((layer.kind, layer.resource, text))
        for reply in self.replies:
            wanted = region if reply.end == "source" else self.ends.targets
            passed = reply.passes.upper.keys(AddressSet.empty())
            if not (wanted <= passed):
                found.append(("nacl", reply.resource, _joined(reply.text, reply.near(wanted - passed))))
        if not found and self.replies:
            names = " and ".join(reply.resource for reply in self.replies)
            found.append(("nacl", names, "no client port passes both lists on the reply's way"))
        return tuple(dict.fromkeys(found))

    def _end(self, end: str, addresses: AddressSet) -> Bounds[AddressSet]:
        bounds = Bounds.exact(addresses)
        for layer in self.layers:
            if layer.end == end:
                bounds = bounds & layer.admits
        return bounds

    def _answered_for_some(self, targets: AddressSet, which: int) -> AddressSet:
        """The sources that get an answer from one of ``targets``, by the lower (0) or upper (1) bounds."""
        near = self._replies("target", which)
        return union_of(
            (
                sources
                for sources, ports in self._replies("source", which)
                if any(not (targets.isdisjoint(keys) or ports.isdisjoint(other)) for keys, other in near)
            ),
            AddressSet.empty(),
        )

    def _answered_for_all(self, targets: AddressSet) -> AddressSet:
        """The sources that surely get an answer from each of ``targets``."""
        near = self._replies("target", 0)
        found = []
        for sources, ports in self._replies("source", 0):
            answering = (keys for keys, other in near if not ports.isdisjoint(other))
            if targets and targets <= union_of(answering, AddressSet.empty()):
                found.append(sources)
        return union_of(found, AddressSet.empty())

    def _replies(self, end: str, which: int) -> tuple[tuple[AddressSet, TrafficSet], ...]:
        found: Product[AddressSet, TrafficSet] | None = None
        for reply in self.replies:
            if reply.end == end:
                one = reply.passes.upper if which else reply.passes.lower
                found = one if found is None else found & one
        if found is None:
            return ((self.ends.sources if end == "source" else self.ends.targets, TrafficSet.everything()),)
        return found.entries


def _joined(text: str, near: str) -> str:
    return f"{text} {near}" if near.startswith("[") else f"{text}: {near}" if near else text


@lru_cache(maxsize=1 << 16)
def unknown_of(cause: Cause) -> UnknownValue:
    """The attribute that leaves an answer open, as the contract names it."""
    effect = f"{cause.reason}: decides whether the source gets in"
    return UnknownValue(cause.resource, cause.attribute, effect, cause.reason)
