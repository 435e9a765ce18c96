"""Our checks inside Checkov: the findings of a scan under their ids, and never a pass by accident."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

checkov = pytest.importorskip("checkov")

from checkov.common.models.enums import CheckResult  # noqa: E402
from checkov.runner_filter import RunnerFilter  # noqa: E402
from checkov.terraform.checks.resource.registry import resource_registry  # noqa: E402
from checkov.terraform.plan_runner import Runner  # noqa: E402

from eks_checks import analysis  # noqa: E402
from eks_checks.checks import CHECKS  # noqa: E402
from eks_checks.checks.check import Outcome, View  # noqa: E402
from eks_checks.errors import InputError  # noqa: E402
from eks_checks.findings import Evidence  # noqa: E402
from eks_checks.location import ModuleCall, SourceSpan  # noqa: E402
from tests.source_tree import ROOT  # noqa: E402

FOLDER = str(ROOT / "eks_checks" / "checkov_plugin")
PLAN = ROOT / "tests" / "fixtures" / "stories" / "node-group-in-public-subnet" / "plan.json"
NODES = "aws_eks_node_group.workers"
CLUSTER = "aws_eks_cluster.this"
"""What makes nodes, and what may: an Auto Mode cluster makes its own."""
ID = "EKS201"


@pytest.fixture(autouse=True, scope="session")
def loaded() -> None:
    """Checkov has loaded our folder, with all checks, before a test puts its own in their place."""
    resource_registry.load_external_checks(FOLDER)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a plan in a folder of its own: nothing known of it yet, no configuration near it."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EKS_CHECKS_STRICT", raising=False)
    return Path(shutil.copy(PLAN, tmp_path / "plan.json"))


def run(plan: Path, check_id: str = ID) -> dict[str, tuple[str, list[str]]]:
    """What Checkov records of one check: address to (result, details)."""
    chosen = RunnerFilter(framework=["terraform_plan"], checks=[check_id])
    report = Runner().run(
        root_folder=None, files=[str(plan)], external_checks_dir=[FOLDER], runner_filter=chosen
    )
    assert not report.parsing_errors
    return {
        record.resource_address: (record.check_result["result"].value, record.details)
        for record in (*report.failed_checks, *report.passed_checks)
    }


def judged(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome, fault: Exception | None = None) -> list[str]:
    """Lets one check say just this, and keeps the plans that were analysed."""
    seen: list[str] = []

    def judge(view: View) -> Iterator[Outcome]:
        yield from outcomes
        if fault is not None:
            raise fault

    original = analysis.load

    def load(paths: Any, stdin: Any = None) -> Any:
        seen.extend(paths)
        return original(paths, stdin)

    changed = tuple(replace(check, run=judge) for check in CHECKS if check.id == ID)
    monkeypatch.setattr("eks_checks.checks.CHECKS", changed)
    monkeypatch.setattr(analysis, "load", load)
    return seen


EVIDENCE = (
    Evidence("aws_security_group.node", "allows tcp 22", SourceSpan("main.tf", 4, 9)),
    Evidence("a.b", "so"),
)
FAIL = Outcome(NODES, "fail", "The internet gets in.", EVIDENCE, "Close it.")
LINES = [
    "critical: The internet gets in.",
    "aws_security_group.node: allows tcp 22 (main.tf:4)",
    "a.b: so",
    "fix: Close it.",
]


def test_a_finding_fails_with_its_reasons(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, FAIL)
    assert run(plan) == {NODES: ("FAILED", LINES)}


def test_a_place_in_a_called_module_is_told_with_its_calls(
    plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = (ModuleCall("module.eks", "main.tf", 3),)
    here, rule = (
        SourceSpan("modules/eks/main.tf", 20, 31, calls),
        SourceSpan("modules/eks/main.tf", 44, 50, calls),
    )
    judged(monkeypatch, replace(FAIL, location=here, evidence=(Evidence("a.b", "lets it in", rule),)))
    [(_, lines)] = run(plan).values()
    assert lines[1:3] == [
        "at modules/eks/main.tf:20, called at main.tf:3",
        "a.b: lets it in (modules/eks/main.tf:44)",
    ]


def test_the_sources_beside_a_plan_tell_its_places(plan: Path) -> None:
    shutil.copy(PLAN.parent / "main.tf", plan.parent)
    [(_, lines)] = run(plan).values()
    sources = (plan.parent / "main.tf").read_text(encoding="utf-8").splitlines()
    line = sources.index('resource "aws_eks_node_group" "workers" {') + 1
    assert lines[1] == f"at main.tf:{line}"
    assert f"(main.tf:{sources.index('  map_public_ip_on_launch = true') + 1})" in lines[2]


def test_sources_that_do_not_match_the_plan_are_said(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = (PLAN.parent / "main.tf").read_text(encoding="utf-8")
    added = '\nresource "aws_security_group" "later" {\n  name = "later"\n}\n'
    (plan.parent / "main.tf").write_text(written + added, encoding="utf-8")
    run(plan)
    warned = [line for line in capsys.readouterr().err.splitlines() if "do not match the plan" in line]
    assert len(warned) == 1
    assert "aws_security_group.later (only in the sources)" in warned[0]


def test_what_was_judged_good_passes(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, Outcome(NODES, "pass"))
    assert run(plan) == {NODES: ("PASSED", [])}


def test_what_was_not_judged_is_not_listed(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch)
    assert run(plan) == {}


def test_undecided_passes_with_a_line_and_one_warning(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(monkeypatch, replace(FAIL, verdict="possible"))
    assert run(plan) == {NODES: ("PASSED", ["possible, not decided by the plan", *LINES])}
    run(plan)
    [warning] = [line for line in capsys.readouterr().err.splitlines() if "eks-checks" in line]
    assert warning == (
        f"eks-checks: {plan}: some checks passed although the plan leaves them undecided;"
        " see their details, or set EKS_CHECKS_STRICT=1 to make them fail"
    )


@pytest.mark.parametrize("word", ["", "0", "false", "No"])
def test_these_words_are_not_strict(plan: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("EKS_CHECKS_STRICT", word)
    judged(monkeypatch, replace(FAIL, verdict="possible"))
    assert run(plan)[NODES][0] == "PASSED"


@pytest.mark.parametrize("by", ["environment", "configuration"])
def test_undecided_fails_when_strict(plan: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    if by == "environment":
        monkeypatch.setenv("EKS_CHECKS_STRICT", "1")
    else:
        (plan.parent / ".eks-checks.yaml").write_text("strict: true\n", encoding="utf-8")
    judged(monkeypatch, replace(FAIL, verdict="possible"))
    assert run(plan) == {NODES: ("FAILED", LINES)}


def test_a_check_of_ours_that_raises_fails(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, Outcome(NODES, "pass"), fault=RuntimeError("lost\nthread"))
    expected = ["eks-checks could not analyse the plan: internal fault, RuntimeError: lost thread"]
    assert run(plan) == dict.fromkeys((NODES, CLUSTER), ("FAILED", expected))


def test_a_plan_that_we_cannot_read_fails(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise InputError("it is odd", where="plan.json")

    monkeypatch.setattr(analysis, "load", refuse)
    expected = ["eks-checks could not analyse the plan: plan.json: it is odd"]
    assert run(plan) == dict.fromkeys((NODES, CLUSTER), ("FAILED", expected))


def test_a_broken_configuration_fails(plan: Path) -> None:
    (plan.parent / ".eks-checks.yaml").write_text("nope: true\n", encoding="utf-8")
    told = run(plan)
    assert set(told) == {NODES, CLUSTER}
    for result, [reason] in told.values():
        assert result == "FAILED"
        assert ".eks-checks.yaml:1: unknown key 'nope'" in reason


def test_what_checkov_cannot_show_is_said(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(monkeypatch, replace(FAIL, resource="subnet-0123"), Outcome(NODES, "pass"))
    assert run(plan) == {NODES: ("PASSED", [])}
    [warning] = [line for line in capsys.readouterr().err.splitlines() if "eks-checks" in line]
    assert warning == (
        f"eks-checks: {plan}: Checkov does not list what the plan does not manage: EKS201 subnet-0123;"
        " see `eks-checks scan`"
    )


def test_a_plan_is_analysed_once(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = judged(monkeypatch, FAIL)
    for check in CHECKS:
        run(plan, check.id)
    assert seen == [str(plan)]
    os.utime(plan, ns=(1, 1))
    run(plan)
    assert len(seen) == 2, "a plan that was written anew is another plan"


def test_a_failure_is_found_once_too(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = judged(monkeypatch, fault=RuntimeError("lost"))
    run(plan, "EKS*")
    assert seen == [str(plan)]


def test_other_frameworks_get_no_answer() -> None:
    [check] = [c for c in resource_registry.get_checks("aws_eks_node_group") if c.id == ID]
    assert check.scan_resource_conf({"__address__": NODES}) is CheckResult.UNKNOWN


def test_every_check_is_registered_for_its_types() -> None:
    for ours in CHECKS:
        for resource_type in ours.resource_types:
            [theirs] = [c for c in resource_registry.get_checks(resource_type) if c.id == ours.id]
            assert theirs.name == ours.name
            assert theirs.severity.name == ours.severity.label.upper()
            assert theirs.guideline == f"eks-checks explain {ours.id}"


def test_checkov_says_what_scan_says(plan: Path) -> None:
    """The documented command line, in a process of its own, against our own scan of the same plan."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    folder = subprocess.run(
        [sys.executable, "-m", "eks_checks", "checkov-dir"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    command = ["-f", str(plan), "--framework", "terraform_plan", "--skip-download"]
    finished = subprocess.run(
        [
            sys.executable,
            "-m",
            "checkov.main",
            *command,
            "--external-checks-dir",
            folder,
            "--check",
            "EKS*",
            "-o",
            "json",
        ],
        env=environment,
        cwd=plan.parent,
        capture_output=True,
        text=True,
    )
    theirs = json.loads(finished.stdout)["results"]
    report = json.loads(
        subprocess.run(
            [sys.executable, "-m", "eks_checks", "scan", str(plan), "--format", "json"],
            env=environment,
            capture_output=True,
            text=True,
        ).stdout
    )
    assert {(r["check_id"], r["resource_address"]) for r in theirs["failed_checks"]} == {
        (f["check_id"], f["resource"]) for f in report["findings"] if f["status"] == "fail"
    }
    assert {(r["check_id"], r["resource_address"]) for r in theirs["passed_checks"]} == {
        *((f["check_id"], f["resource"]) for f in report["findings"] if f["status"] == "possible"),
        *((run["check_id"], address) for run in report["checks"] for address in run["passed"]),
    }
    assert finished.returncode == 1
    assert "eks-checks" not in finished.stderr or "possible" in str(theirs)
