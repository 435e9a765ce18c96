"""Whatever a function claims of arguments known in part holds for what they turn out to be."""

from __future__ import annotations

from collections import Counter

import pytest

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions import call
from eks_checks.terraform.functions.knowledge import TOO_LARGE
from eks_checks.terraform.value import Unknown, Value
from tests.terraform.functions.hiding import Maker
from tests.terraform.functions.oracle import admits

CHANCES = (0.05, 0.15, 0.3)


@pytest.mark.parametrize("block", range(4))
def test_claims_hold_whatever_is_hidden(block: int) -> None:
    outcomes = run(range(block * 1000, (block + 1) * 1000))
    assert outcomes["still sure"] > 150, outcomes


@pytest.mark.long
def test_claims_hold_in_the_long_run() -> None:
    outcomes = run(range(10_000, 110_000))
    assert outcomes["still sure"] > 15_000, outcomes


def run(seeds: range) -> Counter[str]:
    """Tries one call for each seed; says how they ended."""
    outcomes: Counter[str] = Counter()
    for seed in seeds:
        outcomes[outcome(seed)] += 1
    return outcomes


def outcome(seed: int) -> str:
    """How the call of one seed ended; fails where the partial result does not admit the full one."""
    maker = Maker(seed)
    name = maker.function()
    arguments = maker.arguments(name)
    chance = maker.random.choice(CHANCES)
    partly = [maker.hide(argument, chance) for argument in arguments]
    try:
        full: Value | None = call(name, arguments)
    except EvaluationError:
        full = None
    try:
        partial = call(name, partly)
    except EvaluationError as error:
        if full is not None:
            pytest.fail(f"seed {seed}: {name}{partly} is refused ({error}), {arguments} gives {full}")
        return "refused"
    if full is None or isinstance(full, Unknown):
        return "fails when known"
    assert partial != TOO_LARGE
    assert admits(partial, full, maker.hidden), (
        f"seed {seed}: {name}{partly}\n{partial}\ndoes not admit\n{full}"
    )
    return "unknown" if isinstance(partial, Unknown) else "still sure"
