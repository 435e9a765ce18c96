"""Plan = apply: with its sources, a plan of unknown ids gives the answers of the plan after its apply."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from eks_checks import analysis
from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.engine import Question
from tests.stories.asking import FIXTURES, as_told
from tests.stories.evaluation import EVALUATION, Case
from tests.stories.truths import APPLIED, PLAN, POSSIBLE, Said, Target

FAMILY = FIXTURES / "evaluation"
FOLDERS = sorted(name for name, case in EVALUATION.items() if case.folder)


@cache
def answers(name: str, moment: str, question: Question | None = None) -> tuple[Answer, ...]:
    """Who reaches the nodes' port 22: by the applied plan, the plan with its sources, or the folder."""
    folder = FAMILY / name
    source = str(folder / EVALUATION[name].root)
    paths = [source] if moment == "folder" else [str(folder / moment)]
    options: dict[str, Any] = {"source": source} if moment == PLAN else {}
    return analysis.reach(analysis.load(paths, **options), question or Question()).answers


def told(found: tuple[Answer, ...]) -> dict[tuple[str, str | None, str], Target]:
    """The answers in the words of the table, by target."""
    return {(t.resource, t.subnet, t.family): t for t in map(as_told, found)}


def allowed(target: Target, case: Case, moment: str) -> list[frozenset[Said]]:
    """What may be told of a target's sources: the truth, or before the apply perhaps the same as possible."""
    if moment == APPLIED or (target.resource, target.family) not in case.or_possible:
        return [target.sources]
    return [target.sources, frozenset(said._replace(verdict=POSSIBLE) for said in target.sources)]


def compare(name: str, moment: str) -> None:
    """What is told is the truth, and what is possible names what decides it."""
    case, found = EVALUATION[name], answers(name, moment)
    truth = case.applied if moment == APPLIED else case.before
    said = told(found)
    assert sorted(map(str, said)) == sorted(str((t.resource, t.subnet, t.family)) for t in truth)
    for target in truth:
        answer = said[target.resource, target.subnet, target.family]
        where = (target.resource, target.subnet, target.family)
        assert answer.sources in allowed(target, case, moment), where
        assert (answer.groups, answer.latent) == (target.groups, target.latent), where
    strongest = {(a.resource, a.subnet, a.family): a.verdict.value for a in found}
    assert strongest == {key: target.verdict for key, target in said.items()}
    for source in (source for answer in found for source in answer.sources):
        deciding = {(unknown.resource, unknown.attribute) for unknown in source.unknowns}
        assert deciding <= case.because
        assert bool(deciding) == (source.verdict is Verdict.POSSIBLE)


@pytest.mark.parametrize("name", sorted(EVALUATION))
def test_after_the_apply(name: str) -> None:
    compare(name, APPLIED)


@pytest.mark.parametrize("name", sorted(EVALUATION))
def test_the_plan_with_its_sources(name: str) -> None:
    compare(name, PLAN)


@pytest.mark.parametrize("name", sorted(EVALUATION))
def test_the_sources_are_taken_for_those_of_the_plan(name: str) -> None:
    inputs = analysis.load([str(FAMILY / name / PLAN)], source=str(FAMILY / name / EVALUATION[name].root))
    analysis.reach(inputs, Question())
    assert not [notice for notice in inputs.notices if "do not match" in notice]


@pytest.mark.parametrize("name", sorted(EVALUATION))
@pytest.mark.parametrize("port", [22, 443])
def test_every_interface_has_one_verdict_before_and_after(name: str, port: int) -> None:
    question = Question(everything=True, ports=(port, port))
    before, after = (
        {(a.resource, a.subnet, a.family): a.verdict for a in answers(name, moment, question)}
        for moment in (PLAN, APPLIED)
    )
    case = EVALUATION[name]
    if case.planned is None:
        assert before == after
        return
    # What AWS has not decided yet may be told more carefully, or concern an address that will not be.
    for key in before.keys() & after.keys():
        assert before[key] in (after[key], Verdict.POSSIBLE), key


@pytest.mark.parametrize("name", FOLDERS)
def test_the_folder_alone(name: str) -> None:
    compare(name, "folder")


def test_every_case_is_told() -> None:
    assert sorted(path.name for path in Path(FAMILY).iterdir() if path.is_dir()) == sorted(EVALUATION)
    for name in EVALUATION:
        assert (FAMILY / name / PLAN).is_file()
        assert (FAMILY / name / APPLIED).is_file()
