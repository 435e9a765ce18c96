"""What the two main commands print for every story, against files that were read line by line.

``expected.txt`` is `eks-checks reach CASE/plan.json` and `eks-checks scan CASE/plan.json`, as written to a
file (100 columns); ``expected.json`` is `reach --format json`. After a change of wording, write them anew and
read what changed:

    EKS_CHECKS_REWRITE_GOLDEN=1 python -m pytest tests/stories/test_golden.py; git diff tests/fixtures/stories
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from eks_checks.cli import main
from tests.stories.asking import FIXTURES, cases
from tests.stories.stories import STORIES as STORY_TRUTHS
from tests.stories.truths import CHECKS, PLAN, Said, Truth

STORIES = FIXTURES / "stories"
REWRITE = bool(os.environ.get("EKS_CHECKS_REWRITE_GOLDEN"))
PAGES = ("reach", "scan")


@pytest.fixture(autouse=True)
def _beside_the_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(STORIES)


@pytest.mark.parametrize("case", cases("stories"))
def test_the_text(case: str, tmp_path: Path) -> None:
    told = "".join(f"$ eks-checks {page} {case}/plan.json\n{said(tmp_path, page, case)}\n" for page in PAGES)
    agrees(STORIES / case / "expected.txt", told.rstrip("\n") + "\n")


@pytest.mark.parametrize("case", cases("stories"))
def test_the_json(case: str, tmp_path: Path) -> None:
    told = said(tmp_path, "reach", case, "--format", "json")
    json.loads(told)
    agrees(STORIES / case / "expected.json", told)


def said(folder: Path, page: str, case: str, *options: str) -> str:
    """The report, without the exit code that a finding brings."""
    file = folder / "report"
    chosen = ["--select", ",".join(sorted(CHECKS))] if page == "scan" else []
    assert main([page, f"{case}/plan.json", "-o", str(file), *chosen, *options]) in (0, 1)
    return file.read_text(encoding="utf-8")


def agrees(file: Path, told: str) -> None:
    """Compare with the golden file, or write it where that was asked for."""
    if REWRITE:
        file.write_text(told, encoding="utf-8", newline="\n")
    assert told == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("case", "truth"),
    [
        pytest.param(case, truth, id=case)
        for case, truths in STORY_TRUTHS.items()
        for truth in truths
        if PLAN in truth.moments
    ],
)
def test_the_golden_json_tells_the_truth(case: str, truth: Truth) -> None:
    """What was once written down is held against the table as well, not only against the tool."""
    document = json.loads((STORIES / case / "expected.json").read_text(encoding="utf-8"))
    told = {
        (target["resource"], target["subnet"], target["family"]): (
            target["verdict"],
            {_said(source) for source in target["sources"]},
            {(cidr, source["missing"]) for source in target["latent"] for cidr in source["cidrs"]},
            {(group["resource"], group["role"]) for group in target["security_groups"]},
        )
        for target in document["targets"]
    }
    assert told == {
        (t.resource, t.subnet, t.family): (t.verdict, set(t.sources), set(t.latent), set(t.groups))
        for t in truth.targets
    }


def _said(source: dict[str, Any]) -> Said:
    where = source.get("subnet") or tuple(source["cidrs"] or source["cidrs_of"])
    return Said(source["scope"], source.get("resource", ""), where, source["verdict"])


def test_no_golden_file_is_left_behind() -> None:
    written = {path.parent.name for path in STORIES.glob("*/expected.*")}
    assert written == set(cases("stories"))
