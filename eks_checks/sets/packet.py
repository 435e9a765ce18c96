"""Sets of packets: source, destination and traffic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, final

from eks_checks.sets.address import AddressSet
from eks_checks.sets.algebra import SymbolicSet, union_of
from eks_checks.sets.product import Product, product_of
from eks_checks.sets.traffic import TrafficSet

_ByDestination = Product[AddressSet, TrafficSet]
_BySource = Product[AddressSet, _ByDestination]

_set: Final = object.__setattr__
_new: Final = object.__new__


@final
class PacketSet(SymbolicSet):
    """A set of (source address, destination address, protocol and selector).

    It is a plain product: a packet from an IPv4 to an IPv6 address is a member like any other. No
    network carries one, so intersect with `same_family()` before calling a set with both reachable.
    """

    __slots__ = ("by_source",)
    by_source: _BySource

    @classmethod
    def of(cls, source: AddressSet, destination: AddressSet, traffic: TrafficSet) -> PacketSet:
        """All this traffic from any of the sources to any of the destinations."""
        return _trusted(Product.of(source, Product.of(destination, traffic)))

    @classmethod
    def empty(cls) -> PacketSet:
        """No packet."""
        return _EMPTY

    @classmethod
    def everything(cls) -> PacketSet:
        """Every packet, also from one address family to the other."""
        return _EVERYTHING

    @classmethod
    def same_family(cls) -> PacketSet:
        """Every packet whose source and destination are both IPv4 or both IPv6."""
        return _SAME_FAMILY

    def __or__(self, other: PacketSet, /) -> PacketSet:
        return _wrapped(self.by_source | other.by_source, self, other)

    def __and__(self, other: PacketSet, /) -> PacketSet:
        return _wrapped(self.by_source & other.by_source, self, other)

    def __sub__(self, other: PacketSet, /) -> PacketSet:
        return _wrapped(self.by_source - other.by_source, self, other)

    def __invert__(self) -> PacketSet:
        """Every packet of `everything()` that is not in the set."""
        return _EVERYTHING - self

    def __le__(self, other: PacketSet, /) -> bool:
        return self.by_source <= other.by_source

    def isdisjoint(self, other: PacketSet, /) -> bool:
        """Whether no packet is in both."""
        return self.by_source.isdisjoint(other.by_source)

    def __bool__(self) -> bool:
        return bool(self.by_source.entries)

    def __eq__(self, other: object, /) -> bool:
        if self is other:
            return True
        return self.by_source == other.by_source if isinstance(other, PacketSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.by_source)

    def __repr__(self) -> str:
        boxes = (
            f"{','.join(source.to_cidrs())} -> {','.join(destination.to_cidrs())}: {traffic.describe()}"
            for source, destination, traffic in self.boxes()
        )
        return f"<PacketSet {'; '.join(boxes) or 'empty'}>"

    def __reduce__(self) -> tuple[Callable[..., PacketSet], tuple[Any, ...]]:
        return _trusted, (self.by_source,)

    def boxes(self) -> Iterator[tuple[AddressSet, AddressSet, TrafficSet]]:
        """Disjoint (sources, destinations, traffic), lowest source first, that make up the set."""
        for source, by_destination in self.by_source.entries:
            for destination, traffic in by_destination.entries:
                yield source, destination, traffic

    def sources(self) -> AddressSet:
        """Every address that some packet comes from."""
        return self.by_source.keys(AddressSet.empty())

    def destinations(self) -> AddressSet:
        """Every address that some packet goes to."""
        return self.by_source.values(Product.empty()).keys(AddressSet.empty())

    def traffic(self) -> TrafficSet:
        """The traffic of some packet, between whichever addresses."""
        return union_of((traffic for _, _, traffic in self.boxes()), TrafficSet.empty())

    def swap(self) -> PacketSet:
        """The same packets with source and destination exchanged; ports stay as they are."""
        return union_of(
            (self.of(destination, source, traffic) for source, destination, traffic in self.boxes()), _EMPTY
        )

    def with_traffic(self, traffic: TrafficSet) -> PacketSet:
        """All of the given traffic for every (source, destination) that has any packet in this set."""
        no_address = AddressSet.empty()
        return _trusted(
            product_of(
                (source, Product.of(by_destination.keys(no_address), traffic))
                for source, by_destination in self.by_source.entries
            )
        )

    def sources_for_all(self, destinations: AddressSet) -> AddressSet:
        """The sources with some packet to each of the destinations.

        For no destinations that is every address. A source has packets to destinations of both
        families only if the set mixes families: ask for one family at a time.
        """
        if not destinations:
            return AddressSet.everything()
        no_address = AddressSet.empty()
        return union_of(
            (s for s, inner in self.by_source.entries if destinations <= inner.keys(no_address)), no_address
        )

    def sources_for_some(self, destinations: AddressSet) -> AddressSet:
        """The sources with some packet to at least one of the destinations."""
        no_address = AddressSet.empty()
        return union_of(
            (
                source
                for source, inner in self.by_source.entries
                if not destinations.isdisjoint(inner.keys(no_address))
            ),
            no_address,
        )

    def contains(self, source: str, destination: str, protocol: int, selector: int) -> bool:
        """Whether one packet is in the set; ValueError if a text is no address."""
        return any(
            source in sources and destination in destinations and traffic.contains(protocol, selector)
            for sources, destinations, traffic in self.boxes()
        )

    def first(self) -> tuple[str, str, int, int]:
        """The lowest packet: source, destination, protocol number, selector. ValueError if empty."""
        if not self:
            raise ValueError("an empty PacketSet has no lowest packet")
        source, by_destination = self.by_source.entries[0]
        destination, traffic = by_destination.entries[0]
        return (source.first(), destination.first(), *traffic.first())


def _trusted(by_source: _BySource) -> PacketSet:
    made: PacketSet = _new(PacketSet)
    _set(made, "by_source", by_source)
    return made


def _wrapped(by_source: _BySource, first: PacketSet, second: PacketSet) -> PacketSet:
    """The set of these packets: an operand itself if nothing changed, which keeps `is` useful."""
    if by_source is first.by_source:
        return first
    if by_source is second.by_source:
        return second
    return _trusted(by_source) if by_source.entries else _EMPTY


_EMPTY: Final = _trusted(Product.empty())
_EVERYTHING: Final = PacketSet.of(AddressSet.everything(), AddressSet.everything(), TrafficSet.everything())
_SAME_FAMILY: Final = PacketSet.of(
    AddressSet.all_ipv4(), AddressSet.all_ipv4(), TrafficSet.everything()
) | PacketSet.of(AddressSet.all_ipv6(), AddressSet.all_ipv6(), TrafficSet.everything())
