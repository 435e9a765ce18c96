"""Every kind of symbolic set behaves like the plain set of its members."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_checks.sets import Bounds, union_of
from tests.sets.universes import COMPLEMENTED, UNIVERSES, Universe

each_universe = pytest.mark.parametrize("universe", UNIVERSES, ids=repr)


@each_universe
@given(data=st.data())
def test_operators(universe: Universe, data: st.DataObject) -> None:
    a, b = data.draw(universe.sets), data.draw(universe.sets)
    x, y = universe.members(a), universe.members(b)
    assert universe.members(a | b) == x | y
    assert universe.members(a & b) == x & y
    assert universe.members(a - b) == x - y
    assert bool(a) == bool(x)
    assert a.isdisjoint(b) == x.isdisjoint(y)
    assert (a == b, a != b) == (x == y, x != y)
    assert (a <= b, a < b, a >= b, a > b) == (x <= y, x < y, x >= y, x > y)


@each_universe
@given(data=st.data())
def test_algebra_is_canonical(universe: Universe, data: st.DataObject) -> None:
    a, b, c = (data.draw(universe.sets) for _ in range(3))
    same = [
        (a | b, b | a),
        (a & b, b & a),
        ((a | b) | c, a | (b | c)),
        ((a & b) & c, a & (b & c)),
        (a & (b | c), (a & b) | (a & c)),
        (a | (b & c), (a | b) & (a | c)),
        (a - (b | c), (a - b) & (a - c)),
        (a - (b & c), (a - b) | (a - c)),
        ((a - b) | (a & b), a),
        (a - a, universe.empty),
        (a | universe.empty, a),
        (a & universe.empty, universe.empty),
    ]
    for left, right in same:
        assert_same(left, right)


@each_universe
@given(data=st.data())
def test_the_order_of_building_leaves_no_trace(universe: Universe, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(sorted(universe.everything)), unique=True, max_size=12))
    shuffled = data.draw(st.permutations(chosen))
    built = universe.build(chosen)
    assert_same(built, universe.build(shuffled))
    assert_same(built, union_of((universe.single(member) for member in shuffled), universe.empty))
    assert_same(built, universe.build(universe.everything) - universe.build(universe.everything - {*chosen}))
    assert universe.members(built) == {*chosen}


@pytest.mark.parametrize(("universe", "everything"), COMPLEMENTED, ids=str)
@given(data=st.data())
def test_complement(universe: Universe, everything: Any, data: st.DataObject) -> None:
    a, b = data.draw(universe.sets), data.draw(universe.sets)
    assert universe.members(~a) == universe.everything - universe.members(a)
    assert_same(~~a, a)
    assert_same(~(a | b), ~a & ~b)
    assert_same(~(a & b), ~a | ~b)
    assert_same(a | ~a, everything)
    assert_same(a & ~a, universe.empty)
    assert_same(a - b, a & ~b)
    assert (a <= b) == (~b <= ~a)
    assert_same(~universe.empty, everything)


@each_universe
@given(data=st.data())
def test_copies(universe: Universe, data: st.DataObject) -> None:
    a = data.draw(universe.sets)
    assert_same(pickle.loads(pickle.dumps(a)), a)
    assert_same(copy.deepcopy(a), a)


@each_universe
def test_nothing_changes_a_set(universe: Universe) -> None:
    for name in ("intervals", "numbers", "anything"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(universe.empty, name, ())
        with pytest.raises(AttributeError, match="immutable"):
            delattr(universe.empty, name)
    with pytest.raises(TypeError, match="class methods"):
        type(universe.empty)()


@each_universe
def test_sets_of_other_kinds_are_unequal(universe: Universe) -> None:
    others = [other.empty for other in UNIVERSES if other is not universe]
    assert all(universe.empty != other for other in [*others, None, (), 0])


@each_universe
@given(data=st.data())
def test_bounds_hold_for_every_set_between(universe: Universe, data: st.DataObject) -> None:
    (a, x), (b, y) = (_bounds_with_a_choice(universe, data) for _ in range(2))
    for bounds, chosen in [(a & b, x & y), (a | b, x | y), (a - b, x - y)]:
        assert bounds.lower <= chosen <= bounds.upper
        assert bounds.decided == (bounds.lower == bounds.upper) == (not bounds.undecided)
        assert_same(bounds.lower | bounds.undecided, bounds.upper)


def _bounds_with_a_choice(universe: Universe, data: st.DataObject) -> tuple[Bounds[Any], Any]:
    lower, extra, choice = (data.draw(universe.sets) for _ in range(3))
    return Bounds(lower, lower | extra), lower | (extra & choice)


@each_universe
@given(data=st.data())
def test_bounds_refuse_a_lower_beyond_the_upper(universe: Universe, data: st.DataObject) -> None:
    a, b = data.draw(universe.sets), data.draw(universe.sets)
    if a <= b:
        assert Bounds(a, b).lower is a
        return
    with pytest.raises(ValueError, match="not within"):
        Bounds(a, b)


def assert_same(left: Any, right: Any) -> None:
    """Equal in every way that a program could notice."""
    assert left == right
    assert hash(left) == hash(right)
    assert repr(left) == repr(right)
