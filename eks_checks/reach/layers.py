"""Layers: what each filter on a flow's way lets through, and what all of them together do.

A flow is a source address, a target address, one request traffic and a client port for the reply.
Most filters look at one end only. Only the reply couples the ends: one client port must pass
the lists of both subnets (M3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from eks_checks.aws.knowledge import Cause
from eks_checks.reach.answer import Hop, UnknownValue, Verdict
from eks_checks.reach.filters import Passed
from eks_checks.sets import AddressSet, Bounds, PacketSet, Product, TrafficSet

Causes = Callable[[AddressSet], Iterable[Cause]]
Explain = Callable[[str, str], Iterable[Hop]]


@dataclass(frozen=True)
class Layer:
    """One filter. ``end`` is the end it looks at: ``source`` or ``target``.

    ``kind`` is the contract's layer word; ``causes`` says what leaves it open for a region of
    that end; ``explain`` gives the deciding rule for one (source, target) pair of addresses.
    """

    kind: str
    end: str
    resource: str
    admits: Bounds[AddressSet]
    text: str
    causes: Causes
    explain: Explain


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

    ``hops`` keeps what was told of a (source, target) pair of addresses.
    """

    ends: Ends
    layers: tuple[Layer, ...]
    replies: tuple[ReplyLayer, ...]
    hops: dict[tuple[str, str], tuple[Hop, ...]] = field(default_factory=dict, init=False, compare=False)

    def without(self, *kinds: str) -> Crossing:
        """The same flow as if the layers of these kinds were not there."""
        return Crossing(
            self.ends, tuple(layer for layer in self.layers if layer.kind not in kinds), self.replies
        )

    @cached_property
    def admitted(self) -> Bounds[AddressSet]:
        """Source addresses admitted for every target address they may meet, and for at least one."""
        target = self._end("target", self.ends.targets)
        source = self._end("source", self.ends.sources)
        if self.ends.targets_fixed:
            lower = self._pairs(0).sources_for_some(target.lower) if target.lower else AddressSet.empty()
        elif target.lower == self.ends.targets and target.lower:
            lower = self._pairs(0).sources_for_all(target.lower)
        else:
            lower = AddressSet.empty()
        upper = self._pairs(1).sources_for_some(target.upper) if target.upper else AddressSet.empty()
        low = source.lower & lower
        return Bounds(low, (source.upper & upper) | low)

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
                found.append((layer.kind, layer.resource, layer.text))
        for reply in self.replies:
            wanted = region if reply.end == "source" else self.ends.targets
            if not (wanted <= reply.passes.upper.keys(AddressSet.empty())):
                found.append(("nacl", reply.resource, reply.text))
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

    def _pairs(self, which: int) -> PacketSet:
        """(source, target) pairs that get an answer: by the lower (0) or upper (1) bounds of the replies."""
        by_source, by_target = self._replies("source", which), self._replies("target", which)
        pairs = PacketSet.empty()
        for sources, ports in by_source:
            targets = AddressSet.empty()
            for keys, other in by_target:
                if not ports.isdisjoint(other):
                    targets = targets | keys
            if targets:
                pairs = pairs | PacketSet.of(sources, targets, _ANY)
        return pairs

    def _replies(self, end: str, which: int) -> tuple[tuple[AddressSet, TrafficSet], ...]:
        found: Product[AddressSet, TrafficSet] | None = None
        for reply in self.replies:
            if reply.end == end:
                one = reply.passes.upper if which else reply.passes.lower
                found = one if found is None else found & one
        if found is None:
            return ((self.ends.sources if end == "source" else self.ends.targets, TrafficSet.everything()),)
        return found.entries


@lru_cache(maxsize=1 << 16)
def unknown_of(cause: Cause) -> UnknownValue:
    """The attribute that leaves an answer open, as the contract names it."""
    effect = f"{cause.reason}: decides whether the source gets in"
    return UnknownValue(cause.resource, cause.attribute, effect)


_ANY = TrafficSet.everything()
