"""The smallest hitting set: against trying every set, and beyond the bound."""

from __future__ import annotations

import itertools
import random

import pytest

from eks_checks.reach import hitting
from eks_checks.reach.hitting import smallest_hitting


def drawn(seed: int) -> list[frozenset[int]]:
    pick = random.Random(seed)
    return [frozenset(pick.sample(range(9), pick.randint(1, 4))) for _ in range(pick.randint(0, 10))]


def hits(chosen: frozenset[int], sets: list[frozenset[int]]) -> bool:
    return all(chosen & one for one in sets)


@pytest.mark.parametrize("seed", range(100))
def test_none_is_smaller_and_of_equal_ones_it_ranks_first(seed: int) -> None:
    sets = drawn(seed)
    every = (
        frozenset(chosen)
        for size in range(10)
        for chosen in itertools.combinations(range(9), size)
        if hits(frozenset(chosen), sets)
    )
    first = min(every, key=lambda chosen: (len(chosen), sorted(chosen)))
    assert smallest_hitting(sets, lambda member: member) == (first, True)


def test_beyond_the_bound_it_is_greedy_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hitting, "MOST_STEPS", 3)
    sets = [frozenset({0, 9}), frozenset({1, 9}), frozenset({2, 3}), frozenset({4, 3}), frozenset({5, 6})]
    chosen, exact = smallest_hitting(sets, lambda member: member)
    assert not exact
    assert chosen == {9, 3, 5}
