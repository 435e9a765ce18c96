"""The one product of sets under TrafficSet and PacketSet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, TypeVar, cast, final

from eks_checks.sets.algebra import LineSet, SymbolicSet, union_of

K = TypeVar("K", bound=LineSet)
V = TypeVar("V", bound=SymbolicSet)

_set: Final = object.__setattr__
_new: Final = object.__new__


@final
class Product(SymbolicSet, Generic[K, V]):
    """A set of pairs (key, value), as a finite map from sets of keys to sets of values.

    `entries` has disjoint, non-empty key sets in the order of their lowest key, each with a non-empty
    value set that no other entry has. A set of pairs can be written like this in one way only.
    """

    __slots__ = ("_domain", "_hash", "entries")
    entries: tuple[tuple[K, V], ...]
    _domain: K
    _hash: int

    @classmethod
    def empty(cls) -> Product[K, V]:
        """The product without pairs."""
        return cast("Product[K, V]", _EMPTY)

    @classmethod
    def of(cls, keys: K, values: V) -> Product[K, V]:
        """Every pair of one of the keys and one of the values."""
        return _trusted(((keys, values),)) if keys and values else cls.empty()

    def __or__(self, other: Product[K, V], /) -> Product[K, V]:
        if self is other or not other.entries:
            return self
        if not self.entries:
            return other
        merged: dict[V, K] = {}
        for keys, values in self.entries:
            rest = keys
            for other_keys, other_values in other.entries:
                common = keys & other_keys
                if common:
                    _add(merged, common, values | other_values)
                    rest = rest - common
            _add(merged, rest, values)
        mine = self._all_keys()
        for other_keys, other_values in other.entries:
            _add(merged, other_keys - mine, other_values)
        return _reused(merged, self, other)

    def __and__(self, other: Product[K, V], /) -> Product[K, V]:
        if self is other:
            return self
        merged: dict[V, K] = {}
        for keys, values in self.entries:
            for other_keys, other_values in other.entries:
                common = keys & other_keys
                if common:
                    _add(merged, common, values & other_values)
        return _reused(merged, self, other)

    def __sub__(self, other: Product[K, V], /) -> Product[K, V]:
        if self is other:
            return self.empty()
        merged: dict[V, K] = {}
        for keys, values in self.entries:
            rest = keys
            for other_keys, other_values in other.entries:
                common = keys & other_keys
                if common:
                    _add(merged, common, values - other_values)
                    rest = rest - common
            _add(merged, rest, values)
        return _reused(merged, self, self)

    def __le__(self, other: Product[K, V], /) -> bool:
        if self is other or not self.entries:
            return True
        if not other.entries or not self._all_keys() <= other._all_keys():
            return False
        return all(
            values <= other_values or keys.isdisjoint(other_keys)
            for keys, values in self.entries
            for other_keys, other_values in other.entries
        )

    def isdisjoint(self, other: Product[K, V], /) -> bool:
        """Whether no pair is in both."""
        return all(
            keys.isdisjoint(other_keys) or values.isdisjoint(other_values)
            for keys, values in self.entries
            for other_keys, other_values in other.entries
        )

    def __bool__(self) -> bool:
        return bool(self.entries)

    def __eq__(self, other: object, /) -> bool:
        if self is other:
            return True
        return self.entries == other.entries if isinstance(other, Product) else NotImplemented

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            _set(self, "_hash", hash(self.entries))
            return self._hash

    def __repr__(self) -> str:
        parts = (f"Product.of({keys!r}, {values!r})" for keys, values in self.entries)
        return " | ".join(parts) or "Product.empty()"

    def __reduce__(self) -> tuple[Callable[..., Product[K, V]], tuple[Any, ...]]:
        return _trusted, (self.entries,)

    def keys(self, empty: K) -> K:
        """Every key of some pair; `empty` is the answer of a product without pairs."""
        return self._all_keys() if self.entries else empty

    def values(self, empty: V) -> V:
        """Every value of some pair; `empty` is the answer of a product without pairs."""
        return union_of((values for _, values in self.entries), empty)

    def _all_keys(self) -> K:
        """The keys of a product that has pairs: computed once."""
        try:
            return self._domain
        except AttributeError:
            keys = union_of((keys for keys, _ in self.entries), self.entries[0][0])
            _set(self, "_domain", keys)
            return keys


def product_of(pairs: Iterable[tuple[K, V]]) -> Product[K, V]:
    """The product of disjoint key sets with their values: equal values are merged, empty sets dropped.

    The caller vouches that the key sets are disjoint; unite products where they may overlap.
    """
    merged: dict[V, K] = {}
    for keys, values in pairs:
        _add(merged, keys, values)
    return _sorted(merged)


def _add(merged: dict[V, K], keys: K, values: V) -> None:
    """Note keys, disjoint from all others noted, under their values."""
    if keys and values:
        known = merged.get(values)
        merged[values] = keys if known is None else known | keys


def _sorted(merged: dict[V, K]) -> Product[K, V]:
    if not merged:
        return Product.empty()
    entries = [(keys, values) for values, keys in merged.items()]
    if len(entries) > 1:
        entries.sort(key=_lowest_key)
    return _trusted(tuple(entries))


def _reused(merged: dict[V, K], first: Product[K, V], second: Product[K, V]) -> Product[K, V]:
    """The product of these entries: an operand itself if nothing changed, which keeps `is` useful."""
    made = _sorted(merged)
    if made.entries == first.entries:
        return first
    return second if made.entries == second.entries else made


def _lowest_key(entry: tuple[K, V]) -> int:
    return entry[0].min()


def _trusted(entries: tuple[tuple[K, V], ...]) -> Product[K, V]:
    """The product of entries that are canonical already."""
    made: Product[K, V] = _new(Product)
    _set(made, "entries", entries)
    return made


_EMPTY: Final[Product[Any, Any]] = _trusted(())
