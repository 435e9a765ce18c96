"""Every check on its own fixtures: one stack with findings, one without, one with an unknown value.

Each is asked as a plan beside its sources, as the folder of sources alone, and, where the applied twin is
there, as what is left after the apply: the answers must be those of ``truth.yaml``, which is written by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from eks_checks import analysis
from eks_checks.checks import CHECKS
from eks_checks.checks.check import Check
from eks_checks.findings import CheckRun, Finding, Status
from eks_checks.settings import Settings, parse
from tests.source_tree import ROOT

FOLDER = ROOT / "tests" / "fixtures" / "checks"
KINDS = ("findings", "none", "unknown")
TRUTH = "truth.yaml"


@dataclass(frozen=True)
class Case:
    """One stack of one check. ``truth``: fail and possible map a resource to its severity, pass is a list."""

    check: str
    folder: Path
    truth: dict[str, Any]

    def named(self, status: str) -> dict[str, str]:
        """Resource to severity of what is to have ``status``."""
        return dict(self.truth.get(status) or {})

    @property
    def settings(self) -> Settings:
        """The configuration that the truth is about."""
        text = yaml.safe_dump(self.truth.get("config") or {})
        return parse(text, file=TRUTH, checks=analysis.check_parameters)


def _cases() -> list[Case]:
    found = []
    for truth in sorted(FOLDER.glob(f"EKS*/*/{TRUTH}")):
        content = yaml.safe_load(truth.read_text(encoding="utf-8"))
        found.append(Case(truth.parent.parent.name, truth.parent, content))
    return found


def _ways() -> list[Any]:
    ways = []
    for case in _cases():
        names = ("plan.json", ".", "applied.json")
        present = [name for name in names if (case.folder / name).exists()]
        name = f"{case.check}-{case.folder.name}"
        ways += [pytest.param(case, way, id=f"{name}-{way}") for way in present]
    return ways


def _asked(case: Case, way: str) -> tuple[dict[str, Finding], CheckRun, analysis.Inputs]:
    inputs = analysis.load([str(case.folder / way)], source=None if way == "." else str(case.folder))
    report = analysis.scan(inputs, case.settings, select=[case.check])
    [run] = report.checks
    return {finding.resource: finding for finding in report.findings}, run, inputs


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_fixtures_of_the_three_kinds(check: Check) -> None:
    cases = {case.folder.name.partition("-")[0]: case for case in _cases() if case.check == check.id}
    assert set(KINDS) <= set(cases)
    assert cases["findings"].named("fail")
    assert not cases["none"].named("fail")
    assert not cases["none"].named("possible")
    assert cases["none"].truth["pass"]
    assert cases["unknown"].named("possible")


@pytest.mark.parametrize(("case", "way"), _ways())
def test_the_check_says_what_is_true(case: Case, way: str) -> None:
    found, run, _ = _asked(case, way)
    for status in (Status.FAIL, Status.POSSIBLE):
        said = {name: f.severity.label for name, f in found.items() if f.status is status}
        assert said == case.named(status.value), status
    assert sorted(run.passed) == sorted(case.truth.get("pass") or [])


@pytest.mark.parametrize(("case", "way"), _ways())
def test_findings_name_what_decides_and_where_it_stands(case: Case, way: str) -> None:
    found, _, inputs = _asked(case, way)
    managed = {resource.key for resource in inputs.world.resources()}
    for name, wanted in (case.truth.get("evidence") or {}).items():
        told = " | ".join(f"{item.resource}: {item.text}" for item in found[name].evidence)
        for text in wanted:
            assert text in told, name
    for finding in found.values():
        assert finding.message
        assert finding.remediation
        assert finding.evidence
        for item in finding.evidence:
            assert item.resource
            assert item.text
            assert item.location or item.resource not in managed, f"no line for {item.resource}: {item.text}"
