"""The JSON of every story is the contract's, to the key; and no run differs from the next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eks_checks.cli import main
from tests.render import schema
from tests.source_tree import ROOT

STORIES = sorted((ROOT / "tests" / "fixtures" / "stories").glob("*/*.json"))
PLANS = [path for path in STORIES if path.name in ("plan.json", "applied.json")]
NAMES = [f"{path.parent.name}-{path.stem}" for path in PLANS]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code = main([*arguments, "--format", "json"])
    out, err = capsys.readouterr()
    assert code in (0, 1), err
    return json.loads(out)


def check(document: Any, by: schema.Schema) -> None:
    problems = sorted(Draft202012Validator(by).iter_errors(document), key=lambda error: list(error.path))
    assert not problems, "\n".join(f"{list(p.path)}: {p.message[:400]}" for p in problems[:5])


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_scan(capsys: pytest.CaptureFixture[str], plan: Path) -> None:
    document = run(capsys, "scan", str(plan))
    check(document, schema.SCAN)
    findings = document["findings"]
    order = list(document["summary"]["by_severity"])
    keys = [(order.index(f["severity"]), f["check_id"], f["resource"]) for f in findings]
    assert keys == sorted(keys)
    assert len({(f["check_id"], f["resource"]) for f in findings}) == len(findings)
    assert document["summary"]["fail"] == sum(f["status"] == "fail" for f in findings)
    found = {(f["check_id"], f["resource"]) for f in findings}
    passed = {(run["check_id"], address) for run in document["checks"] for address in run["passed"]}
    assert not found & passed
    expected = {"existing"} if plan.stem == "applied" else {"new"}
    assert {f["change"] for f in findings} <= expected


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_reach(capsys: pytest.CaptureFixture[str], plan: Path) -> None:
    document = run(capsys, "reach", str(plan))
    check(document, schema.reach(explain=False))
    for target in document["targets"]:
        strengths = ["blocked", "possible", "reachable"]
        strongest = max((strengths.index(s["verdict"]) for s in target["sources"]), default=0)
        assert target["verdict"] == strengths[strongest] or (target["subnet"] is None)


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_explaining_adds_paths_and_changes_nothing(capsys: pytest.CaptureFixture[str], plan: Path) -> None:
    explained = run(capsys, "reach", str(plan), "--explain")
    check(explained, schema.reach(explain=True))
    for target in explained["targets"]:
        for source in (*target["sources"], *target["latent"]):
            del source["path"]
    for way in explained["attack_paths"]:
        cut = way.pop("cut")
        assert cut["verified"] == bool(cut["changes"])
    assert explained == run(capsys, "reach", str(plan))


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_all_ports_of_all_protocols(capsys: pytest.CaptureFixture[str], plan: Path) -> None:
    document = run(capsys, "reach", str(plan), "--all", "--port", "0-65535", "--protocol", "all")
    check(document, schema.reach(explain=False))
    ranges: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for target in document["targets"]:
        key = tuple(target[name] for name in ("resource", "subnet", "family", "protocol"))
        if target["protocol"] == "icmp":
            assert target["port"] is None
            continue
        first, _, last = target["port"].partition("-")
        ranges.setdefault(key, []).append((int(first), int(last or first)))
    for parts in ranges.values():
        assert parts[0][0] == 0
        assert parts[-1][1] == 65535
        assert all(left[1] + 1 == right[0] for left, right in pairwise(parts))


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_a_blocked_source_that_was_asked_for_says_why(capsys: pytest.CaptureFixture[str], plan: Path) -> None:
    document = run(capsys, "reach", str(plan), "--from", "internet")
    check(document, schema.reach(explain=False))
    for target in document["targets"]:
        assert {source["scope"] for source in target["sources"]} == {"internet"}
        for source in target["sources"]:
            assert bool(source.get("blocked_by")) == (source["verdict"] == "blocked")


@pytest.mark.parametrize("command", ["scan", "reach", "interfaces"])
def test_the_same_bytes_in_every_process(command: str) -> None:
    plan = ROOT / "tests" / "fixtures" / "stories" / "module-nested" / "plan.json"
    outputs = {
        subprocess.run(
            [sys.executable, "-m", "eks_checks", command, str(plan), "--verbose"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(outputs) == 1
    assert outputs != {b""}
