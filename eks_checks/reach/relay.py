"""Flows of two halves: from a client to something that hands the packets on, and from there to the target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from eks_checks.aws.knowledge import Cause
from eks_checks.reach.answer import Hop, Verdict
from eks_checks.reach.layers import Crossing, Ends
from eks_checks.sets import AddressSet, Bounds


@dataclass(frozen=True)
class Relay(Crossing):
    """Both halves. The sources are clients; ``relay`` is the resource between them.

    With ``preserved`` the target sees the client's own address, which is then the source of the second
    half too; else it sees one of the relay's, and only whether that gets in counts.
    """

    first: Crossing
    second: Crossing
    relay: str
    preserved: bool
    handed: Hop

    @classmethod
    def of(cls, first: Crossing, second: Crossing, relay: str, handed: Hop, *, preserved: bool) -> Relay:
        """Two halves put together."""
        ends = Ends(first.ends.sources, second.ends.targets, targets_fixed=second.ends.targets_fixed)
        layers = (*first.layers, *second.layers)
        return cls(ends, layers, (), first, second, relay, preserved, handed)

    def among(self, sources: AddressSet) -> Relay:
        """The same for some of the clients only."""
        second = self.second.among(sources) if self.preserved else self.second
        first = self.first.among(sources)
        return Relay.of(first, second, self.relay, self.handed, preserved=self.preserved)

    @property
    def between(self) -> tuple[Hop, ...]:
        """What happens between the halves."""
        return (self.handed,)

    def legs(self, region: AddressSet) -> tuple[tuple[Crossing, AddressSet], ...]:
        """The first half for ``region``, then the second for the address that the target sees."""
        seen = region if self.preserved else self.second.admitted.lower or self.second.admitted.upper
        return ((self.first, region), (self.second, seen))

    @cached_property
    def admitted(self) -> Bounds[AddressSet]:
        """Clients admitted by the first half, as far as the second lets what it hands on through."""
        if self.preserved:
            return self.first.admitted & self.second.admitted
        onward, nobody = self.second.verdict, AddressSet.empty()
        lower = self.first.admitted.lower if onward is Verdict.REACHABLE else nobody
        return Bounds(lower, nobody if onward is Verdict.BLOCKED else self.first.admitted.upper)

    @cached_property
    def open_causes(self) -> tuple[Cause, ...]:
        """What leaves either half open; for the second, the relay's own address where nothing else does."""
        found = [*self.first.open_causes]
        if self.preserved:
            found += self.second.open_causes
        elif self.second.verdict is Verdict.POSSIBLE:
            why = "its private address in the subnet: a rule covers only part of the subnet"
            found += self.second.open_causes or (Cause(self.relay, "private_ip", why),)
        return tuple(dict.fromkeys(found))

    def blockers(self, region: AddressSet) -> tuple[tuple[str, str, str], ...]:
        """What keeps clients of ``region`` from the relay, and the relay from the target."""
        found: tuple[tuple[str, str, str], ...] = ()
        if not region <= self.first.admitted.upper:
            found = self.first.blockers(region)
        if self.preserved and not region <= self.second.admitted.upper:
            found += self.second.blockers(region)
        elif not self.preserved and self.second.verdict is Verdict.BLOCKED:
            found += self.second.blockers(self.second.ends.sources)
        return tuple(dict.fromkeys(found))
