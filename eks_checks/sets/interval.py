"""Sets of integers as closed ranges."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, final

from eks_checks.sets.algebra import LineSet

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]

# The guard against assignment in SymbolicSet is passed by here only, while an object is being made.
_set: Final = object.__setattr__
_new: Final = object.__new__


@final
class IntervalSet(LineSet):
    """A set of integers: sorted closed ranges `(lo, hi)` with a gap of at least one between any two.

    `intervals` holds those ranges; iterating yields them, `in` asks about one integer.
    """

    __slots__ = ("_hash", "intervals")
    intervals: Intervals
    _hash: int

    @classmethod
    def of(cls, *pairs: Interval) -> IntervalSet:
        """The union of closed ranges, in any order, overlapping or not.

        Raises ValueError for a range whose first number is above its last.
        """
        for lo, hi in pairs:
            if lo > hi:
                raise ValueError(f"range {lo}-{hi} ends before it starts")
        return _trusted(_coalesced(sorted(pairs))) if pairs else _EMPTY

    @classmethod
    def empty(cls) -> IntervalSet:
        """The set without members."""
        return _EMPTY

    @classmethod
    def point(cls, number: int) -> IntervalSet:
        """The set of one integer."""
        return _trusted(((number, number),))

    def __or__(self, other: IntervalSet, /) -> IntervalSet:
        mine, theirs = self.intervals, other.intervals
        if self is other or not theirs:
            return self
        if not mine:
            return other
        if len(mine) == 1 and mine[0][0] <= theirs[0][0] and theirs[-1][1] <= mine[0][1]:
            return self
        if len(theirs) == 1 and theirs[0][0] <= mine[0][0] and mine[-1][1] <= theirs[0][1]:
            return other
        # Sorting two sorted runs is one linear merge, done in C.
        merged = _coalesced(sorted(mine + theirs))
        return _reused(merged, self, other)

    def __and__(self, other: IntervalSet, /) -> IntervalSet:
        mine, theirs = self.intervals, other.intervals
        if self is other:
            return self
        if not mine or not theirs or mine[0][0] > theirs[-1][1] or theirs[0][0] > mine[-1][1]:
            return _EMPTY
        if len(theirs) == 1:
            return _clipped(self, *theirs[0])
        if len(mine) == 1:
            return _clipped(other, *mine[0])
        return _reused(_common(mine, theirs), self, other)

    def __sub__(self, other: IntervalSet, /) -> IntervalSet:
        mine, theirs = self.intervals, other.intervals
        if not mine or not theirs or mine[0][0] > theirs[-1][1] or theirs[0][0] > mine[-1][1]:
            return self
        if self is other:
            return _EMPTY
        return _reused(_difference(mine, theirs), self, self)

    def __le__(self, other: IntervalSet, /) -> bool:
        mine, theirs = self.intervals, other.intervals
        if self is other or not mine:
            return True
        if not theirs or mine[0][0] < theirs[0][0] or mine[-1][1] > theirs[-1][1]:
            return False
        return len(theirs) == 1 or all(hi <= theirs[_before(theirs, lo + 1) - 1][1] for lo, hi in mine)

    def isdisjoint(self, other: IntervalSet, /) -> bool:
        """Whether no integer is in both."""
        mine, theirs = self.intervals, other.intervals
        if not mine or not theirs or mine[0][0] > theirs[-1][1] or theirs[0][0] > mine[-1][1]:
            return True
        if len(mine) > len(theirs):
            mine, theirs = theirs, mine
        for lo, hi in mine:
            until = _before(theirs, hi + 1)
            if until and theirs[until - 1][1] >= lo:
                return False
        return True

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __contains__(self, number: int) -> bool:
        until = _before(self.intervals, number + 1)
        return until > 0 and number <= self.intervals[until - 1][1]

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.intervals)

    def __eq__(self, other: object, /) -> bool:
        if self is other:
            return True
        return self.intervals == other.intervals if isinstance(other, IntervalSet) else NotImplemented

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            _set(self, "_hash", hash(self.intervals))
            return self._hash

    def __repr__(self) -> str:
        return f"IntervalSet.of({', '.join(map(repr, self.intervals))})"

    def __reduce__(self) -> tuple[Callable[..., IntervalSet], tuple[Any, ...]]:
        return _trusted, (self.intervals,)

    def size(self) -> int:
        """How many integers are in the set."""
        return sum(hi - lo + 1 for lo, hi in self.intervals)

    def min(self) -> int:
        """The lowest integer; ValueError if the set is empty."""
        if not self.intervals:
            raise ValueError("an empty IntervalSet has no lowest number")
        return self.intervals[0][0]

    def max(self) -> int:
        """The highest integer; ValueError if the set is empty."""
        if not self.intervals:
            raise ValueError("an empty IntervalSet has no highest number")
        return self.intervals[-1][1]


def _trusted(intervals: Intervals) -> IntervalSet:
    """The set of ranges that are canonical already."""
    made: IntervalSet = _new(IntervalSet)
    _set(made, "intervals", intervals)
    return made


def _reused(intervals: Intervals, first: IntervalSet, second: IntervalSet) -> IntervalSet:
    """One of the operands if it is the result: this keeps its hash and makes `is` a useful shortcut."""
    if intervals == first.intervals:
        return first
    if intervals == second.intervals:
        return second
    return _trusted(intervals) if intervals else _EMPTY


def _before(intervals: Intervals, number: int) -> int:
    """How many ranges start before the number."""
    # A 1-tuple sorts before every pair that begins with the same number.
    probe: tuple[int, ...] = (number,)
    return bisect_left(intervals, probe)


def _coalesced(ranges: Iterable[Interval]) -> Intervals:
    """Sorted ranges with overlapping and adjacent ones joined."""
    remaining = iter(ranges)
    joined: list[Interval] = []
    start, end = next(remaining)
    for lo, hi in remaining:
        if lo > end + 1:
            joined.append((start, end))
            start, end = lo, hi
        elif hi > end:
            end = hi
    joined.append((start, end))
    return tuple(joined)


def _clipped(whole: IntervalSet, lo: int, hi: int) -> IntervalSet:
    """The part of a non-empty set within lo..hi."""
    intervals = whole.intervals
    if lo <= intervals[0][0] and intervals[-1][1] <= hi:
        return whole
    start = _before(intervals, lo)
    if start and intervals[start - 1][1] >= lo:
        start -= 1
    part = list(intervals[start : _before(intervals, hi + 1)])
    if not part:
        return _EMPTY
    if part[0][0] < lo:
        part[0] = (lo, part[0][1])
    if part[-1][1] > hi:
        part[-1] = (part[-1][0], hi)
    return _trusted(tuple(part))


def _common(mine: Intervals, theirs: Intervals) -> Intervals:
    """The overlaps of two sorted lists of ranges, in one sweep."""
    common: list[Interval] = []
    i = j = 0
    mine_count, theirs_count = len(mine), len(theirs)
    while i < mine_count and j < theirs_count:
        lo, hi = mine[i]
        other_lo, other_hi = theirs[j]
        if hi < other_hi:
            i += 1
            if hi >= other_lo:
                common.append((lo if lo > other_lo else other_lo, hi))
        else:
            j += 1
            if other_hi >= lo:
                common.append((lo if lo > other_lo else other_lo, other_hi))
    return tuple(common)


def _difference(mine: Intervals, theirs: Intervals) -> Intervals:
    """The first list of sorted ranges without the second, in one sweep."""
    left: list[Interval] = []
    j, theirs_count = 0, len(theirs)
    for lo, hi in mine:
        while j < theirs_count and theirs[j][1] < lo:
            j += 1
        while j < theirs_count and theirs[j][0] <= hi:
            cut_lo, cut_hi = theirs[j]
            if cut_lo > lo:
                left.append((lo, cut_lo - 1))
            lo = cut_hi + 1
            if cut_hi > hi:
                break  # this cut may reach into the next range too
            j += 1
        if lo <= hi:
            left.append((lo, hi))
    return tuple(left)


_EMPTY: Final = _trusted(())
