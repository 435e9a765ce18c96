"""Random configurations, applied by the real Terraform: what we know before must leave room for what is then.

Every output of every configuration is asked twice, of the folder alone and of the plan with its sources.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from eks_checks.terraform.value import Value
from tests.terraform.evaluation.admitting import admits, decided
from tests.terraform.evaluation.asking import (
    TERRAFORM,
    RefusedError,
    applied,
    of_folder,
    of_plan,
    output,
    written,
)
from tests.terraform.evaluation.generated import Writer

OUTPUTS = 20
DECIDED = 0.85
"""The share of outputs that are known but for ids: the fuzzer would be vain if all were unknown."""

pytestmark = pytest.mark.skipif(TERRAFORM is None, reason="no terraform on this machine to ask")


def compared(folder: Path, seed: int) -> tuple[list[str], Counter[str]]:
    """What our evaluator rules out although it came about, and how much it knew."""
    written(folder, Writer(seed).configuration(OUTPUTS))
    try:
        truth = applied(folder)
    except RefusedError:
        return [], Counter(refused=1)
    with_sources, notices = of_plan(folder)
    assert notices == ()
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    for moment, evaluator in (("folder", of_folder(folder)), ("plan", with_sources)):
        for name, actual in truth.outputs.items():
            value: Value = output(evaluator, name)
            seen["decided" if decided(value) else "open"] += 1
            if not admits(value, actual, truth.become):
                wrong.append(f"seed {seed}, {moment}, {name}: {value} but it became {actual}")
    return wrong, seen


def compare(folder: Path, seeds: range) -> None:
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    for seed in seeds:
        found, counted = compared(folder / str(seed), seed)
        wrong += found
        seen += counted
    assert wrong == []
    assert seen["refused"] <= len(seeds) * 0.2
    assert seen["decided"] >= DECIDED * (seen["decided"] + seen["open"])


@pytest.mark.slow
def test_what_terraform_makes_of_it_is_never_ruled_out(tmp_path: Path) -> None:
    compare(tmp_path, range(6))


@pytest.mark.long
def test_what_terraform_makes_of_many_is_never_ruled_out(tmp_path: Path) -> None:
    compare(tmp_path, range(1000, 1600))
