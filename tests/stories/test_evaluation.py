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
from tests.stories.truths import APPLIED, PLAN, POSSIBLE, Target

# The one switch: whether `analysis.load` reads sources. Until it does, only the applied twins are asked.
SOURCES_ARE_READ = False

FAMILY = FIXTURES / "evaluation"
FOLDERS = sorted(name for name, case in EVALUATION.items() if case.folder)
with_sources = pytest.mark.skipif(not SOURCES_ARE_READ, reason="sources are not read yet")


@cache
def answers(name: str, moment: str, question: Question | None = None) -> tuple[Answer, ...]:
    """Who reaches the nodes' port 22: by the applied plan, the plan with its sources, or the folder."""
    folder = FAMILY / name
    paths = [str(folder)] if moment == "folder" else [str(folder / moment)]
    options: dict[str, Any] = {"source": str(folder)} if moment == PLAN else {}
    return analysis.reach(analysis.load(paths, **options), question or Question()).answers


def told(found: tuple[Answer, ...]) -> dict[tuple[str, str | None, str], Target]:
    """The answers in the words of the table, by target."""
    return {(t.resource, t.subnet, t.family): t for t in map(as_told, found)}


def compare(found: tuple[Answer, ...], truth: tuple[Target, ...], case: Case) -> None:
    """What is told is the truth, and what is possible names what decides it."""
    said = told(found)
    assert sorted(map(str, said)) == sorted(str((t.resource, t.subnet, t.family)) for t in truth)
    for target in truth:
        answer = said[target.resource, target.subnet, target.family]
        where = (target.resource, target.subnet, target.family)
        assert answer.sources == target.sources, where
        assert (answer.groups, answer.latent) == (target.groups, target.latent), where
    verdicts = {(a.resource, a.subnet, a.family): a.verdict.value for a in found}
    assert verdicts == {(t.resource, t.subnet, t.family): t.verdict for t in truth}
    for source in (source for answer in found for source in answer.sources):
        deciding = {(unknown.resource, unknown.attribute) for unknown in source.unknowns}
        assert deciding <= case.because
        assert bool(deciding) == (source.verdict is Verdict.POSSIBLE)


@pytest.mark.parametrize("name", sorted(EVALUATION))
def test_after_the_apply(name: str) -> None:
    case = EVALUATION[name]
    compare(answers(name, APPLIED), case.applied, case)


@with_sources
@pytest.mark.parametrize("name", sorted(EVALUATION))
def test_the_plan_with_its_sources(name: str) -> None:
    case = EVALUATION[name]
    compare(answers(name, PLAN), case.before, case)


@with_sources
@pytest.mark.parametrize("name", sorted(EVALUATION))
@pytest.mark.parametrize("port", [22, 443])
def test_every_interface_has_one_verdict_before_and_after(name: str, port: int) -> None:
    question = Question(everything=True, ports=(port, port))
    before, after = (
        {(a.resource, a.subnet, a.family): a.verdict for a in answers(name, moment, question)}
        for moment in (PLAN, APPLIED)
    )
    undecided = {
        (t.resource, t.subnet, t.family)
        for target in (EVALUATION[name].planned or ())
        for t in [target]
        if POSSIBLE in {source.verdict for source in t.sources} or t.subnet is None
    }
    kept = {key for key in before.keys() & after.keys() if key not in undecided}
    assert {key: before[key] for key in kept} == {key: after[key] for key in kept}
    if not EVALUATION[name].planned:
        assert before.keys() == after.keys()


@with_sources
@pytest.mark.parametrize("name", FOLDERS)
def test_the_folder_alone(name: str) -> None:
    case = EVALUATION[name]
    compare(answers(name, "folder"), case.before, case)


def test_every_case_is_told() -> None:
    assert sorted(path.name for path in Path(FAMILY).iterdir() if path.is_dir()) == sorted(EVALUATION)
    for name in EVALUATION:
        assert (FAMILY / name / PLAN).is_file()
        assert (FAMILY / name / APPLIED).is_file()
