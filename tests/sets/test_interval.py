"""Ranges of integers: edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_checks.sets import IntervalSet
from tests.sets.universes import INTERVALS


@given(a=INTERVALS.sets, number=st.integers(-2, 22))
def test_readings(a: IntervalSet, number: int) -> None:
    members = INTERVALS.members(a)
    assert (number in a) == (number in members)
    assert a.size() == len(members)
    if members:
        assert (a.min(), a.max()) == (min(members), max(members))


@given(a=INTERVALS.sets)
def test_ranges_are_sorted_with_gaps(a: IntervalSet) -> None:
    assert tuple(a) == a.intervals
    assert all(lo <= hi for lo, hi in a)
    assert all(a.intervals[i][1] + 1 < a.intervals[i + 1][0] for i in range(len(a.intervals) - 1))


def test_adjacent_ranges_are_one() -> None:
    assert IntervalSet.of((81, 90), (80, 80)) == IntervalSet.of((80, 90))
    assert IntervalSet.of((1, 9), (3, 4), (2, 12)).intervals == ((1, 12),)
    assert repr(IntervalSet.of((5, 6), (1, 2))) == "IntervalSet.of((1, 2), (5, 6))"
    assert repr(IntervalSet.empty()) == "IntervalSet.of()"


def test_zero_and_negative_numbers_are_members() -> None:
    assert IntervalSet.point(0)
    assert IntervalSet.of((-3, 0)).size() == 4
    assert 0 in IntervalSet.point(0)


def test_empty() -> None:
    nothing = IntervalSet.empty()
    assert not nothing
    assert nothing == IntervalSet.of()
    assert nothing.size() == 0
    with pytest.raises(ValueError, match="no lowest"):
        nothing.min()
    with pytest.raises(ValueError, match="no highest"):
        nothing.max()


def test_a_range_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="range 5-4 ends before it starts"):
        IntervalSet.of((1, 2), (5, 4))


def test_results_reuse_the_operands() -> None:
    few, many = IntervalSet.of((2, 3), (7, 8)), IntervalSet.of((0, 4), (6, 9))
    assert few & many is few
    assert few | many is many
    assert few - IntervalSet.of((4, 6)) is few
