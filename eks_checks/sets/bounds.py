"""A set known only from below and above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from eks_checks.sets.algebra import SymbolicSet

S = TypeVar("S", bound=SymbolicSet)


@dataclass(frozen=True, slots=True)
class Bounds(Generic[S]):
    """A set of which we know what surely is in it (`lower`) and what may be (`upper`).

    Raises ValueError unless `lower <= upper`. Operators bound the result for every set that the
    operands may be; they take the operands as independent, so `b - b` need not be empty.
    """

    lower: S
    upper: S

    def __post_init__(self) -> None:
        if not (self.lower is self.upper or self.lower <= self.upper):
            raise ValueError("lower bound is not within the upper bound")

    @classmethod
    def exact(cls, known: S) -> Bounds[S]:
        """The bounds of a set that is known."""
        return cls(known, known)

    def __and__(self, other: Bounds[S]) -> Bounds[S]:
        if self.decided and other.decided:
            return Bounds.exact(self.lower & other.lower)
        return Bounds(self.lower & other.lower, self.upper & other.upper)

    def __or__(self, other: Bounds[S]) -> Bounds[S]:
        if self.decided and other.decided:
            return Bounds.exact(self.lower | other.lower)
        return Bounds(self.lower | other.lower, self.upper | other.upper)

    def __sub__(self, other: Bounds[S]) -> Bounds[S]:
        if self.decided and other.decided:
            return Bounds.exact(self.lower - other.lower)
        return Bounds(self.lower - other.upper, self.upper - other.lower)

    @property
    def decided(self) -> bool:
        """Whether only one set is possible."""
        return self.lower is self.upper or self.lower == self.upper

    @property
    def undecided(self) -> S:
        """What may be in the set, but not surely."""
        return self.upper - self.lower
