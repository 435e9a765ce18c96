"""What every symbolic set of this package has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NoReturn, TypeVar

S = TypeVar("S", bound="SymbolicSet")


class SymbolicSet(ABC):
    """An exact, immutable, hashable set, described by rules instead of by listing its members.

    Subclasses are canonical: two objects are equal exactly when they have the same members, however
    they were built. Operators only combine sets of the same class.
    """

    __slots__ = ()

    def __init__(self) -> None:
        raise TypeError(f"{type(self).__name__} has no plain constructor: use its class methods")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}")

    @abstractmethod
    def __or__(self: S, other: S, /) -> S:
        """Members of either set."""

    @abstractmethod
    def __and__(self: S, other: S, /) -> S:
        """Members of both sets."""

    @abstractmethod
    def __sub__(self: S, other: S, /) -> S:
        """Members of this set that the other lacks."""

    @abstractmethod
    def __le__(self: S, other: S, /) -> bool:
        """Whether every member of this set is in the other."""

    @abstractmethod
    def isdisjoint(self: S, other: S, /) -> bool:
        """Whether the two sets have no member in common."""

    @abstractmethod
    def __bool__(self) -> bool:
        """Whether the set has any member."""

    @abstractmethod
    def __eq__(self, other: object, /) -> bool:
        """Whether both have the same class and the same members."""

    @abstractmethod
    def __hash__(self) -> int:
        """The same for equal sets, and in every process."""

    def __lt__(self: S, other: S, /) -> bool:
        """Whether this set is a proper part of the other."""
        return self != other and self <= other

    def __ge__(self: S, other: S, /) -> bool:
        """Whether this set has every member of the other."""
        return other <= self

    def __gt__(self: S, other: S, /) -> bool:
        """Whether the other set is a proper part of this one."""
        return other < self


class LineSet(SymbolicSet):
    """A symbolic set of points on an integer line, so that disjoint sets have an order."""

    __slots__ = ()

    @abstractmethod
    def min(self) -> int:
        """The lowest point on the line; ValueError if the set is empty."""


def union_of(sets: Iterable[S], empty: S) -> S:
    """The union of any number of sets; `empty` is the answer for none.

    Joins neighbours pairwise, so that n sets cost about n log n instead of n squared.
    """
    layer = list(sets)
    while len(layer) > 1:
        odd = layer[-1:] if len(layer) % 2 else []
        layer = [layer[i] | layer[i + 1] for i in range(0, len(layer) - 1, 2)] + odd
    return layer[0] if layer else empty
