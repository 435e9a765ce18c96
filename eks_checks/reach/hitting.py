"""The smallest set that has a member of each of several sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

MOST_STEPS = 5_000
"""So many choices are tried before the search gives up being exact."""


def smallest_hitting(sets: Sequence[frozenset[T]], rank: Callable[[T], Any]) -> tuple[frozenset[T], bool]:
    """(a set with a member of each of ``sets``, whether none is smaller); no set may be empty.

    Of equally small ones the one whose members rank first. Exact while the search takes no more than
    ``MOST_STEPS``; beyond that whoever is in most sets is taken again and again.
    """
    telling = [one for one in sets if not any(other < one for other in sets)]
    search = _Search(sorted(dict.fromkeys(telling), key=len), rank)
    for size in range(len(telling) + 1):
        search.go(frozenset(), size)
        if search.steps > MOST_STEPS:
            return _greedy(telling, rank), False
        if search.best is not None:
            return search.best, True
    raise AssertionError("one member of each set hits all of them")


class _Search:
    """Looks for the best set of one size, by what can hit the first set that is not hit yet."""

    def __init__(self, sets: list[frozenset[T]], rank: Callable[[T], Any]) -> None:
        self.sets: list[frozenset[Any]] = list(sets)
        self.rank: Callable[[Any], Any] = rank
        self.best: frozenset[Any] | None = None
        self.steps = 0

    def go(self, chosen: frozenset[Any], left: int) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            return
        open_ = [one for one in self.sets if one.isdisjoint(chosen)]
        if not open_:
            if self.best is None or self._worth(chosen) < self._worth(self.best):
                self.best = chosen
        elif left and _apart(open_) <= left:
            for member in sorted(open_[0], key=self.rank):
                self.go(chosen | {member}, left - 1)

    def _worth(self, chosen: frozenset[Any]) -> list[Any]:
        return sorted(map(self.rank, chosen))


def _apart(sets: list[frozenset[Any]]) -> int:
    """How many of the sets have nothing in common with one another: each needs a member of its own."""
    taken: frozenset[Any] = frozenset()
    number = 0
    for one in sets:
        if one.isdisjoint(taken):
            taken |= one
            number += 1
    return number


def _greedy(sets: list[frozenset[T]], rank: Callable[[T], Any]) -> frozenset[T]:
    chosen: frozenset[T] = frozenset()
    while open_ := [one for one in sets if one.isdisjoint(chosen)]:
        often = Counter(member for one in open_ for member in one)
        chosen |= {min(often, key=lambda member: (-often[member], rank(member)))}
    return chosen
