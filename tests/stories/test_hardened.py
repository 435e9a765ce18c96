"""The hardened example: what good looks like, and nothing to say about it in the strictest profile."""

from __future__ import annotations

import pytest

from eks_checks import analysis
from tests.source_tree import ROOT

FOLDER = ROOT / "examples" / "hardened"
NOTHING_TO_JUDGE = {
    "EKS104",  # nothing but NAT gateways is on the public subnets
    "EKS704",  # no policy of the stack's own grants EC2 anything
}


@pytest.mark.parametrize("way", ["plan.json", "."])
def test_no_check_has_anything_to_say(way: str) -> None:
    settings = analysis.configured(None, [FOLDER])
    assert (settings.profile, settings.strict) == ("hardened", True)
    report = analysis.scan(analysis.load([str(FOLDER / way)]), settings)
    assert [(f.check_id, f.resource, f.message) for f in report.findings] == []
    assert not report.notices
    judged = {run.check_id for run in report.checks if run.passed}
    assert set(analysis.check_ids()) - judged == NOTHING_TO_JUDGE


def test_without_its_configuration_only_what_is_meant_is_told() -> None:
    """Who may use the API, and who administers, is told by the configuration alone."""
    settings = analysis.configured(None, [ROOT.parent])
    report = analysis.scan(analysis.load([str(FOLDER / "plan.json")]), settings)
    assert {(f.check_id, f.resource) for f in report.findings} == {
        ("EKS301", "aws_eks_cluster.this"),
        ("EKS503", "aws_eks_access_policy_association.operators"),
    }
