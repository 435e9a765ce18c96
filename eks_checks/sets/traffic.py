"""Sets of traffic: protocols, and ports or ICMP types within them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, final

from eks_checks.sets.algebra import SymbolicSet
from eks_checks.sets.interval import IntervalSet
from eks_checks.sets.product import Product
from eks_checks.sets.traffic_text import phrases_of

ICMP: Final = 1
TCP: Final = 6
UDP: Final = 17
ICMPV6: Final = 58

# The protocols that firewalls look into. All others are one thing each, whatever they carry.
_SELECTIVE: Final = frozenset({ICMP, TCP, UDP, ICMPV6})
_WHOLE: Final = IntervalSet.of((0, 65535))

_set: Final = object.__setattr__
_new: Final = object.__new__


@final
class TrafficSet(SymbolicSet):
    """A set of (protocol number 0..255, selector 0..65535).

    The selector is the destination port for TCP and UDP, and type*256+code for ICMP and ICMPv6. Every
    other protocol has all selectors or none: its packets have no part that firewalls tell apart.
    """

    __slots__ = ("selectors",)
    selectors: Product[IntervalSet, IntervalSet]

    @classmethod
    def everything(cls) -> TrafficSet:
        """Traffic of every protocol."""
        return _EVERYTHING

    @classmethod
    def empty(cls) -> TrafficSet:
        """No traffic."""
        return _EMPTY

    @classmethod
    def of(cls, protocol: int, ports: IntervalSet) -> TrafficSet:
        """One protocol with these selectors; a protocol without selectors takes any as all of it.

        Raises ValueError for a protocol number outside 0..255 or a selector outside 0..65535.
        """
        if not 0 <= protocol <= 255:
            raise ValueError(f"protocol number {protocol} is not within 0-255")
        if not ports:
            return _EMPTY
        if not ports <= _WHOLE:
            raise ValueError(f"ports {ports.min()}-{ports.max()} are not within 0-65535")
        return _trusted(Product.of(IntervalSet.point(protocol), ports if protocol in _SELECTIVE else _WHOLE))

    @classmethod
    def protocol(cls, number: int) -> TrafficSet:
        """All traffic of one protocol; ValueError for a number outside 0..255."""
        return cls.of(number, _WHOLE)

    @classmethod
    def tcp(cls, lo: int, hi: int) -> TrafficSet:
        """TCP to the ports lo..hi; ValueError if they are no such range within 0..65535."""
        return cls.of(TCP, IntervalSet.of((lo, hi)))

    @classmethod
    def udp(cls, lo: int, hi: int) -> TrafficSet:
        """UDP to the ports lo..hi; ValueError if they are no such range within 0..65535."""
        return cls.of(UDP, IntervalSet.of((lo, hi)))

    @classmethod
    def icmp(cls, icmp_type: int | None, code: int | None, protocol: int = ICMP) -> TrafficSet:
        """ICMP (or ICMPv6, by protocol number) of one type and code; None stands for all of them.

        Raises ValueError for a number outside 0..255, a code without a type, or another protocol.
        """
        if protocol not in (ICMP, ICMPV6):
            raise ValueError(f"protocol {protocol} has no ICMP types: use {ICMP} or {ICMPV6}")
        for number in (icmp_type, code):
            if number is not None and not 0 <= number <= 255:
                raise ValueError(f"ICMP type or code {number} is not within 0-255")
        if icmp_type is None and code is not None:
            raise ValueError(f"ICMP code {code} means nothing without a type")
        if icmp_type is None:
            return cls.protocol(protocol)
        lo, hi = (0, 255) if code is None else (code, code)
        return cls.of(protocol, IntervalSet.of((icmp_type * 256 + lo, icmp_type * 256 + hi)))

    def __or__(self, other: TrafficSet, /) -> TrafficSet:
        return _wrapped(self.selectors | other.selectors, self, other)

    def __and__(self, other: TrafficSet, /) -> TrafficSet:
        return _wrapped(self.selectors & other.selectors, self, other)

    def __sub__(self, other: TrafficSet, /) -> TrafficSet:
        return _wrapped(self.selectors - other.selectors, self, other)

    def __invert__(self) -> TrafficSet:
        """All traffic that is not in the set."""
        return _EVERYTHING - self

    def __le__(self, other: TrafficSet, /) -> bool:
        return self.selectors <= other.selectors

    def isdisjoint(self, other: TrafficSet, /) -> bool:
        """Whether no traffic is in both."""
        return self.selectors.isdisjoint(other.selectors)

    def __bool__(self) -> bool:
        return bool(self.selectors.entries)

    def __eq__(self, other: object, /) -> bool:
        if self is other:
            return True
        return self.selectors == other.selectors if isinstance(other, TrafficSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.selectors)

    def __repr__(self) -> str:
        return f"<TrafficSet {self.describe()}>"

    def __reduce__(self) -> tuple[Callable[..., TrafficSet], tuple[Any, ...]]:
        return _trusted, (self.selectors,)

    def ports(self, protocol: int) -> IntervalSet:
        """The selectors of one protocol: all of 0..65535 for a protocol in the set that has none."""
        for protocols, selectors in self.selectors.entries:
            if protocol in protocols:
                return selectors
        return IntervalSet.empty()

    def protocols(self) -> IntervalSet:
        """The numbers of the protocols of which some traffic is in the set."""
        return self.selectors.keys(IntervalSet.empty())

    def contains(self, protocol: int, selector: int) -> bool:
        """Whether one protocol and selector is in the set."""
        return selector in self.ports(protocol)

    def first(self) -> tuple[int, int]:
        """The lowest protocol number and its lowest selector; ValueError if the set is empty."""
        if not self:
            raise ValueError("an empty TrafficSet has no lowest traffic")
        protocols, selectors = self.selectors.entries[0]
        return protocols.min(), selectors.min()

    def describe(self) -> str:
        """The set in a few words, such as 'tcp 22', 'tcp 53, udp 53' or 'all traffic except tcp 22'."""
        if not self:
            return "no traffic"
        inverse = ~self
        if not inverse:
            return "all traffic"
        phrases = phrases_of(self.selectors.entries, _WHOLE)
        missing = phrases_of(inverse.selectors.entries, _WHOLE)
        if len(missing) < len(phrases):
            return f"all traffic except {', '.join(missing)}"
        return ", ".join(phrases)


def _trusted(selectors: Product[IntervalSet, IntervalSet]) -> TrafficSet:
    """The set of these selectors, which are known to be whole where they must be."""
    made: TrafficSet = _new(TrafficSet)
    _set(made, "selectors", selectors)
    return made


def _wrapped(
    selectors: Product[IntervalSet, IntervalSet], first: TrafficSet, second: TrafficSet
) -> TrafficSet:
    """The set of these selectors: an operand itself if nothing changed, which keeps `is` useful."""
    if selectors is first.selectors:
        return first
    if selectors is second.selectors:
        return second
    return _trusted(selectors) if selectors.entries else _EMPTY


_EMPTY: Final = _trusted(Product.empty())
_EVERYTHING: Final = _trusted(Product.of(IntervalSet.of((0, 255)), _WHOLE))
