"""Every case: the plan alone, the plan with its sources and the folder alone all tell the truth."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eks_checks import analysis
from tests.conformance.asking import disagreements, verdict
from tests.conformance.corpus import Case, cases

CASES = [pytest.param(case, id=case.name) for case in cases()]
ALONE = [pytest.param(case, id=case.name) for case in cases() if case.needs != "sources"]
LACKING = [pytest.param(case, id=case.name) for case in cases() if case.needs == "sources"]


def told(case: Case, inputs: analysis.Inputs) -> list[str]:
    """Every disagreement of a case, with its question."""
    return [
        f"{asked.said}: {difference}"
        for asked in case.questions
        for difference in disagreements(asked, inputs)
    ]


@pytest.mark.parametrize("case", ALONE)
def test_the_plan_alone(case: Case, tmp_path: Path) -> None:
    plan = shutil.copy(case.folder / "plan.json", tmp_path)
    assert told(case, analysis.load([str(plan)])) == []


@pytest.mark.parametrize("case", LACKING)
def test_a_plan_that_does_not_keep_what_decides_says_nothing_wrong(case: Case, tmp_path: Path) -> None:
    inputs = analysis.load([str(shutil.copy(case.folder / "plan.json", tmp_path))])
    for asked in case.questions:
        assert verdict(asked, inputs) in {asked.verdict, "possible", None}, asked.said


@pytest.mark.parametrize("case", CASES)
def test_the_plan_with_its_sources(case: Case) -> None:
    assert told(case, analysis.load([str(case.folder / "plan.json")], source=str(case.folder))) == []


@pytest.mark.parametrize("case", CASES)
def test_the_folder_alone(case: Case, tmp_path: Path) -> None:
    shutil.copytree(case.folder, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.json"))
    assert told(case, analysis.load([str(tmp_path)])) == []
