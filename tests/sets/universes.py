"""Tiny universes: random symbolic sets beside the plain Python sets they stand for.

A member is found by reading the ranges of a set, never by the operators under test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

from hypothesis import strategies as st

from eks_checks.sets import AddressSet, IntervalSet, PacketSet, Product, TrafficSet, union_of

V4 = [f"10.0.0.{240 + i}" for i in range(16)]
V6 = ["2001:db8::", *(f"2001:db8::{i:x}" for i in range(1, 16))]
SELECTORS = [(0, 0), (1, 0), (1, 8 * 256), (6, 0), (6, 22), (6, 23), (17, 22), (17, 65535), (47, 0), (255, 7)]
SOURCES = ["10.0.0.0", "10.0.0.1", "10.0.0.2", "2001:db8::"]
DESTINATIONS = ["10.0.0.0", "10.0.0.1", "2001:db8::"]
PACKET_SELECTORS = [(6, 0), (6, 22), (47, 0)]


@dataclass(frozen=True)
class Universe:
    """A kind of set: how to draw one, what it contains, and what one member makes."""

    name: str
    sets: st.SearchStrategy[Any]
    members: Callable[[Any], frozenset[Any]]
    everything: frozenset[Any]
    single: Callable[[Any], Any]
    empty: Any

    def __repr__(self) -> str:
        return self.name

    def build(self, members: Iterable[Any]) -> Any:
        """The set that has at least these members, one by one."""
        result = self.empty
        for member in members:
            result = result | self.single(member)
        return result


def _ordered(lowest: int, highest: int) -> st.SearchStrategy[tuple[int, int]]:
    number = st.integers(lowest, highest)
    return st.tuples(number, number).map(lambda pair: (min(pair), max(pair)))


def _interval_members(numbers: IntervalSet) -> frozenset[int]:
    return frozenset(n for n in range(21) if any(lo <= n <= hi for lo, hi in numbers.intervals))


def _address_range(texts: list[str]) -> st.SearchStrategy[AddressSet]:
    return _ordered(0, len(texts) - 1).map(lambda pair: AddressSet.from_range(texts[pair[0]], texts[pair[1]]))


def _address_members(addresses: AddressSet, universe: Iterable[str] = (*V4, *V6)) -> frozenset[str]:
    return frozenset(text for text in universe if text in addresses)


def _traffic_members(traffic: TrafficSet) -> frozenset[tuple[int, int]]:
    return frozenset(pair for pair in SELECTORS if traffic.contains(*pair))


def _packet_members(packets: PacketSet) -> frozenset[tuple[str, str, int, int]]:
    return frozenset(member for member in _ALL_PACKETS if packets.contains(*member))


def _single_packet(member: tuple[str, str, int, int]) -> PacketSet:
    source, destination, protocol, selector = member
    return PacketSet.of(
        AddressSet.from_address(source),
        AddressSet.from_address(destination),
        TrafficSet.of(protocol, IntervalSet.point(selector)),
    )


def _subset(texts: list[str]) -> st.SearchStrategy[AddressSet]:
    return st.sets(st.sampled_from(texts)).map(
        lambda chosen: union_of(map(AddressSet.from_address, sorted(chosen)), AddressSet.empty())
    )


def _traffic_over(selectors: list[tuple[int, int]]) -> st.SearchStrategy[TrafficSet]:
    return st.sets(st.sampled_from(selectors)).map(
        lambda pairs: union_of(
            (TrafficSet.of(protocol, IntervalSet.point(n)) for protocol, n in sorted(pairs)),
            TrafficSet.empty(),
        )
    )


def _unions(parts: st.SearchStrategy[Any], empty: Any, most: int) -> st.SearchStrategy[Any]:
    return st.lists(parts, max_size=most).map(lambda chosen: union_of(chosen, empty))


def _pair_members(pairs: Product[IntervalSet, IntervalSet]) -> frozenset[tuple[int, int]]:
    return frozenset(
        (key, value)
        for key in range(6)
        for value in range(6)
        if any(key in keys and value in values for keys, values in pairs.entries)
    )


_small = st.lists(_ordered(0, 5), max_size=2).map(lambda pairs: IntervalSet.of(*pairs))
_ALL_PACKETS = [(s, d, *t) for s, d, t in product(SOURCES, DESTINATIONS, PACKET_SELECTORS)]
_no_product: Product[IntervalSet, IntervalSet] = Product.empty()

INTERVALS = Universe(
    "intervals",
    st.lists(_ordered(0, 20), max_size=5).map(lambda pairs: IntervalSet.of(*pairs)),
    _interval_members,
    frozenset(range(21)),
    IntervalSet.point,
    IntervalSet.empty(),
)
ADDRESSES = Universe(
    "addresses",
    _unions(st.one_of(_address_range(V4), _address_range(V6)), AddressSet.empty(), 6),
    _address_members,
    frozenset([*V4, *V6]),
    AddressSet.from_address,
    AddressSet.empty(),
)
PRODUCTS = Universe(
    "products",
    _unions(st.builds(Product.of, _small, _small), _no_product, 5),
    _pair_members,
    frozenset(product(range(6), range(6))),
    lambda pair: Product.of(IntervalSet.point(pair[0]), IntervalSet.point(pair[1])),
    _no_product,
)
TRAFFIC = Universe(
    "traffic",
    _traffic_over(SELECTORS),
    _traffic_members,
    frozenset(SELECTORS),
    lambda pair: TrafficSet.of(pair[0], IntervalSet.point(pair[1])),
    TrafficSet.empty(),
)
PACKETS = Universe(
    "packets",
    _unions(
        st.builds(PacketSet.of, _subset(SOURCES), _subset(DESTINATIONS), _traffic_over(PACKET_SELECTORS)),
        PacketSet.empty(),
        5,
    ),
    _packet_members,
    frozenset(_ALL_PACKETS),
    _single_packet,
    PacketSet.empty(),
)

# Destinations to ask about: among them one that no packet of PACKETS goes to.
ASKED = [*DESTINATIONS, "10.0.0.9"]
ASKED_SETS = _subset(ASKED)

UNIVERSES = [INTERVALS, ADDRESSES, PRODUCTS, TRAFFIC, PACKETS]
COMPLEMENTED = [
    (ADDRESSES, AddressSet.everything()),
    (TRAFFIC, TrafficSet.everything()),
    (PACKETS, PacketSet.everything()),
]
