"""Every fixture with a known answer: what the tool says of it is what AWS does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eks_checks.checks import CHECKS as CATALOGUE
from eks_checks.findings import Report, Status
from eks_checks.settings import Settings
from tests.stories.asking import FAMILIES, FIXTURES, as_told, cases, reach, scan
from tests.stories.blind_spots import BLIND_SPOTS
from tests.stories.echoes import ECHOES
from tests.stories.node_kinds import NODE_KINDS
from tests.stories.stories import STORIES, UNDECIDED
from tests.stories.truths import APPLIED, CHECKS, PLAN, SEVERITY, Truth, Undecided

TABLES = dict(zip(FAMILIES, (STORIES, BLIND_SPOTS, ECHOES, NODE_KINDS), strict=True))
MOMENTS = [
    pytest.param(FIXTURES / family / case / moment, truth, id=f"{case}-{moment.removesuffix('.json')}")
    for family, table in TABLES.items()
    for case, truths in table.items()
    for truth in truths
    for moment in truth.moments
]
VAGUE = [
    pytest.param(FIXTURES / "stories" / case / PLAN, undecided, id=case)
    for case, undecided in UNDECIDED.items()
]


@pytest.mark.parametrize(("path", "truth"), MOMENTS)
def test_who_reaches_the_nodes(path: Path, truth: Truth) -> None:
    told = {(t.resource, t.subnet, t.family): t for t in map(as_told, reach(path).answers)}
    assert set(told) == {(t.resource, t.subnet, t.family) for t in truth.targets}
    for target in truth.targets:
        found = told[target.resource, target.subnet, target.family]
        assert found.sources == target.sources, (target.resource, target.subnet, target.family)
        assert (found.latent, found.groups) == (target.latent, target.groups)


@pytest.mark.parametrize(("path", "truth"), MOMENTS)
def test_the_verdict_is_the_strongest_sources(path: Path, truth: Truth) -> None:
    told = {(a.resource, a.subnet, a.family): a.verdict.value for a in reach(path).answers}
    assert told == {(t.resource, t.subnet, t.family): t.verdict for t in truth.targets}


@pytest.mark.parametrize(("path", "truth"), [m for m in MOMENTS if m.values[1].paths is not None])  # type: ignore[union-attr]
def test_ways_of_more_than_one_hop(path: Path, truth: Truth) -> None:
    told: set[tuple[str, str | None, tuple[str, ...]]] = {
        (way.resource, way.subnet, (way.hops[0].source, *(hop.target for hop in way.hops)))
        for way in reach(path).attack_paths
    }
    assert truth.paths is not None
    assert told == set(truth.paths)


@pytest.mark.parametrize(("path", "truth"), MOMENTS)
def test_which_checks_fail(path: Path, truth: Truth) -> None:
    report = scan(path)
    assert _findings(report, Status.FAIL) == truth.fails
    assert _findings(report, Status.POSSIBLE) == truth.possible
    passed = {(run.check_id, resource) for run in report.checks for resource in run.passed}
    assert truth.passes <= passed


@pytest.mark.parametrize(("path", "truth"), [m for m in MOMENTS if m.values[1].without_settings])  # type: ignore[union-attr]
def test_what_fails_besides_where_nothing_is_declared(path: Path, truth: Truth) -> None:
    assert _findings(scan(path, Settings()), Status.FAIL) == truth.fails | truth.without_settings


# --- links that a plan does not keep: without its sources, every answer is open ---------------------


@pytest.fixture
def alone(path: Path, tmp_path: Path) -> Path:
    """The plan in a folder of its own, where there are no sources to read."""
    return Path(shutil.copy(path, tmp_path))


@pytest.mark.parametrize(("path", "undecided"), VAGUE)
def test_links_that_a_plan_does_not_keep_leave_every_answer_open(alone: Path, undecided: Undecided) -> None:
    answers = reach(alone).answers
    assert {answer.resource for answer in answers} == set(undecided.resources)
    for answer in answers:
        assert answer.verdict.value == "possible", answer.resource
        assert {source.verdict.value for source in answer.sources} == {"possible"}
        assert all(source.unknowns for source in answer.sources)
        if answer.family == "ipv4":
            assert set(undecided.scopes) <= {source.scope for source in answer.sources}


@pytest.mark.parametrize(("path", "undecided"), VAGUE)
def test_links_that_a_plan_does_not_keep_leave_findings_possible(alone: Path, undecided: Undecided) -> None:
    report = scan(alone)
    possible = {(check, resource) for check, resource, _ in _findings(report, Status.POSSIBLE)}
    assert undecided.possible <= possible <= undecided.possible | undecided.perhaps
    assert _findings(report, Status.FAIL) == undecided.fails


# --- the tables themselves ---------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_every_case_has_its_truth_for_every_moment(family: str) -> None:
    table = TABLES[family]
    assert sorted(table) == cases(family)
    for case, truths in table.items():
        told = [moment for truth in truths for moment in truth.moments]
        there = [moment for moment in (PLAN, APPLIED) if (FIXTURES / family / case / moment).is_file()]
        assert sorted(told) == sorted(there), case


def test_the_tables_speak_of_all_checks() -> None:
    assert {check.id for check in CATALOGUE} >= CHECKS
    assert {check.id: check.severity.label for check in CATALOGUE if check.id in CHECKS} == SEVERITY


def _findings(report: Report, status: Status) -> set[tuple[str, str, str]]:
    return {
        (finding.check_id, finding.resource, finding.severity.label)
        for finding in report.findings
        if finding.status is status and finding.check_id in CHECKS
    }
