"""No finding without a witness or a named attribute, on every stack whose sources are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.findings import Finding, Status
from eks_checks.settings import Settings
from tests.source_tree import ROOT

FIXTURES = ROOT / "tests" / "fixtures"
STACKS = sorted(
    plan
    for family in ("stories", "evaluation", "node-kinds", "ways-in", "connections", "pods")
    for plan in FIXTURES.glob(f"{family}/*/plan.json")
    if not (plan.parent / "examples").is_dir()  # there the root module is further down
)
EXAMPLES = sorted((ROOT / "examples").glob("*/plan.json"))


@pytest.mark.parametrize("plan", [*STACKS, *EXAMPLES], ids=lambda plan: f"{plan.parts[-3]}-{plan.parts[-2]}")
def test_every_finding_has_a_witness(plan: Path) -> None:
    inputs = analysis.load([str(plan)])
    managed = {resource.key for resource in inputs.world.resources()}
    for finding in analysis.scan(inputs, Settings()).findings:
        name = f"{finding.check_id} {finding.resource}"
        assert finding.evidence, name
        assert finding.message.endswith((".", ":")), name
        assert finding.remediation, name
        assert finding.location or finding.resource not in managed, name
        for item in finding.evidence:
            assert item.resource, name
            assert item.text, name
            assert item.location or item.resource not in managed, f"{name}: {item.resource}: {item.text}"
        if finding.status is Status.POSSIBLE:
            assert _names_what_decides(finding), name


def _names_what_decides(finding: Finding) -> bool:
    return any(item.attribute for item in finding.evidence)
