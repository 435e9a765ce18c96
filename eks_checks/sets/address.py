"""Sets of IP addresses, IPv4 and IPv6 together."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final, Literal, final

from eks_checks.sets.address_text import (
    IPV4_LAST,
    IPV6_BASE,
    IPV6_LAST,
    cidr_text,
    number_of,
    prefixes_of,
    range_of,
    text_of,
)
from eks_checks.sets.algebra import LineSet
from eks_checks.sets.interval import IntervalSet

Family = Literal["ipv4", "ipv6"]
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_set: Final = object.__setattr__
_new: Final = object.__new__


@final
class AddressSet(LineSet):
    """A set of IPv4 and IPv6 addresses.

    `numbers` are their places on one line: see `address_text`. An IPv4-mapped IPv6 address such as
    ::ffff:10.0.0.1 is an IPv6 address, not the IPv4 address it names.
    """

    __slots__ = ("numbers",)
    numbers: IntervalSet

    @classmethod
    def from_cidr(cls, text: str, *, strict: bool = False) -> AddressSet:
        """The addresses of one prefix such as '10.0.0.0/8' or '2001:db8::/32'.

        Bits after the prefix are cleared. Raises ValueError, naming the text, if it is no prefix (an
        address without '/' is none), or if `strict` and it has bits set after the prefix.
        """
        if not isinstance(text, str):
            raise ValueError(f"{text!r} is not a CIDR block: it is not even text")
        return _prefix(text, strict)

    @classmethod
    def from_cidrs(cls, texts: Iterable[str]) -> AddressSet:
        """The addresses of any number of prefixes; errors as in `from_cidr`."""
        ranges = [pair for text in texts for pair in cls.from_cidr(text).numbers.intervals]
        return _trusted(IntervalSet.of(*ranges)) if ranges else _EMPTY

    @classmethod
    def from_address(cls, text: str) -> AddressSet:
        """The set of one address; ValueError if the text is none."""
        return _trusted(IntervalSet.point(_number(text)))

    @classmethod
    def from_range(cls, first: str, last: str) -> AddressSet:
        """Every address from the first to the last, both included.

        Raises ValueError if a text is no address, the families differ, or the last is below the first.
        """
        lo, hi = _number(first), _number(last)
        if (lo <= IPV4_LAST) != (hi <= IPV4_LAST):
            raise ValueError(f"range {first} - {last} mixes IPv4 and IPv6")
        if lo > hi:
            raise ValueError(f"range {first} - {last} ends before it starts")
        return _trusted(IntervalSet.of((lo, hi)))

    @classmethod
    def empty(cls) -> AddressSet:
        """The set without addresses."""
        return _EMPTY

    @classmethod
    def all_ipv4(cls) -> AddressSet:
        """0.0.0.0/0."""
        return _ALL_IPV4

    @classmethod
    def all_ipv6(cls) -> AddressSet:
        """::/0."""
        return _ALL_IPV6

    @classmethod
    def everything(cls) -> AddressSet:
        """Every address of both families."""
        return _EVERYTHING

    def __or__(self, other: AddressSet, /) -> AddressSet:
        return _wrapped(self.numbers | other.numbers, self, other)

    def __and__(self, other: AddressSet, /) -> AddressSet:
        return _wrapped(self.numbers & other.numbers, self, other)

    def __sub__(self, other: AddressSet, /) -> AddressSet:
        return _wrapped(self.numbers - other.numbers, self, other)

    def __invert__(self) -> AddressSet:
        """Every address of either family that is not in the set."""
        return _EVERYTHING - self

    def __le__(self, other: AddressSet, /) -> bool:
        return self.numbers <= other.numbers

    def isdisjoint(self, other: AddressSet, /) -> bool:
        """Whether no address is in both."""
        return self.numbers.isdisjoint(other.numbers)

    def __bool__(self) -> bool:
        return bool(self.numbers.intervals)

    def __contains__(self, address: str | IPAddress) -> bool:
        """Whether one address is in the set; ValueError if the text is none."""
        return _number(address) in self.numbers

    def __eq__(self, other: object, /) -> bool:
        if self is other:
            return True
        return self.numbers == other.numbers if isinstance(other, AddressSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.numbers)

    def __repr__(self) -> str:
        return f"AddressSet.from_cidrs({list(self.to_cidrs())!r})"

    def __reduce__(self) -> tuple[Callable[..., AddressSet], tuple[Any, ...]]:
        return _trusted, (self.numbers,)

    @property
    def ipv4(self) -> AddressSet:
        """The IPv4 addresses of the set."""
        return self & _ALL_IPV4

    @property
    def ipv6(self) -> AddressSet:
        """The IPv6 addresses of the set."""
        return self & _ALL_IPV6

    def family(self, name: Family) -> AddressSet:
        """The addresses of the named family; ValueError for another name than 'ipv4' or 'ipv6'."""
        if name not in ("ipv4", "ipv6"):
            raise ValueError(f"{name!r} is no address family: it is 'ipv4' or 'ipv6'")
        return self.ipv4 if name == "ipv4" else self.ipv6

    def size(self) -> int:
        """How many addresses are in the set."""
        return self.numbers.size()

    def min(self) -> int:
        """The place of the lowest address on the line: good for ordering only. ValueError if empty."""
        return self.numbers.min()

    def first(self) -> str:
        """The lowest address, IPv4 before IPv6; ValueError if the set is empty."""
        if not self:
            raise ValueError("an empty AddressSet has no lowest address")
        return text_of(self.numbers.min())

    def to_cidrs(self, optional: AddressSet | None = None) -> tuple[str, ...]:
        """The fewest disjoint prefixes that cover this set and nothing outside `self | optional`.

        Without `optional` they make up exactly this set. IPv4 comes first, then numeric order.
        """
        # Every permitted prefix lies in one prefix of the shortest list for all permitted addresses.
        # So that list, without the prefixes nobody requires, is the shortest.
        allowed = self if optional is None else self | optional
        return tuple(
            cidr_text(lo, hi)
            for start, end in allowed.numbers
            if _touches(self.numbers, start, end)
            for lo, hi in prefixes_of(start, end)
            if allowed is self or _touches(self.numbers, lo, hi)
        )


def _trusted(numbers: IntervalSet) -> AddressSet:
    """The set at these places, which are known to be addresses."""
    made: AddressSet = _new(AddressSet)
    _set(made, "numbers", numbers)
    return made


def _wrapped(numbers: IntervalSet, first: AddressSet, second: AddressSet) -> AddressSet:
    """The set at these places: an operand itself if nothing changed, which keeps `is` useful."""
    if numbers is first.numbers:
        return first
    if numbers is second.numbers:
        return second
    return _trusted(numbers) if numbers.intervals else _EMPTY


@lru_cache(maxsize=1 << 16)
def _prefix(text: str, strict: bool) -> AddressSet:
    return _trusted(IntervalSet.of(range_of(text, strict)))


def _number(address: str | IPAddress) -> int:
    # An ipaddress object may carry a zone: going by its text refuses it like any other.
    if isinstance(address, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
        return number_of(str(address))
    if not isinstance(address, str):
        raise ValueError(f"{address!r} is not an IPv4 or IPv6 address")
    return number_of(address)


def _touches(numbers: IntervalSet, lo: int, hi: int) -> bool:
    return not numbers.isdisjoint(IntervalSet.of((lo, hi)))


_EMPTY: Final = _trusted(IntervalSet.empty())
_ALL_IPV4: Final = _trusted(IntervalSet.of((0, IPV4_LAST)))
_ALL_IPV6: Final = _trusted(IntervalSet.of((IPV6_BASE, IPV6_LAST)))
_EVERYTHING: Final = _ALL_IPV4 | _ALL_IPV6
