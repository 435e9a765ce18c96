"""How much of the public address space a set of addresses is: by its size, not by its spelling (A18)."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.reach.internet import globally_reachable
from eks_checks.sets import AddressSet, Family

_LARGE: dict[Family, int] = {"ipv4": 1 << 24, "ipv6": 1 << 112}
"""As many addresses as a /8, or an IPv6 /16, has: more than any one organisation's clients come from."""


@dataclass(frozen=True)
class Breadth:
    """The globally reachable addresses of one family in a set: ``size`` of ``whole``."""

    family: Family
    size: int
    whole: int

    @classmethod
    def of(cls, addresses: AddressSet, family: Family) -> Breadth:
        """Measure ``addresses``; special-purpose blocks do not count."""
        public = globally_reachable(family)
        return cls(family, (addresses & public).size(), public.size())

    @property
    def world(self) -> bool:
        """Whether it is every public address."""
        return self.size == self.whole

    @property
    def most(self) -> bool:
        """Whether it is at least half of them."""
        return 2 * self.size >= self.whole

    @property
    def large(self) -> bool:
        """Whether it is so many that no one organisation's networks are meant."""
        return self.size >= _LARGE[self.family]
