"""docs/guide-coverage.md: every recommendation has its checks, or the reason why there is none."""

from __future__ import annotations

import re

from eks_checks.checks import CHECKS
from tests.checks.test_catalogue import CONTRACT
from tests.source_tree import ROOT

PAGE = ROOT / "docs" / "guide-coverage.md"


def rows() -> list[list[str]]:
    """The cells of every row: what to do, checks, today."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.startswith("| ") and not line.startswith("| what to do")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in told]


def test_every_recommendation_has_checks_or_a_reason() -> None:
    assert len(rows()) > 30
    for what, checks, today in rows():
        if checks == "none":
            assert today.startswith("no static check"), what
        else:
            assert re.search(r"EKS\d{3}|checkov-config", checks), what


def test_every_check_serves_a_recommendation() -> None:
    cited = set(re.findall(r"EKS\d{3}", PAGE.read_text(encoding="utf-8")))
    assert cited == set(CONTRACT)
    assert {check.id for check in CHECKS} <= cited


def test_its_pages_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / target).exists(), target
