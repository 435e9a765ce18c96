"""EKS501: who administers the cluster."""

from __future__ import annotations

import pytest

from eks_checks.aws.knowledge import NO, YES
from eks_checks.checks.eks501_creator_admin import eks501
from eks_checks.findings import Severity
from tests.checks import builders as b


@pytest.mark.parametrize(
    ("mode", "severity"),
    [
        ("CONFIG_MAP", Severity.HIGH),
        ("API_AND_CONFIG_MAP", Severity.MEDIUM),
        ("API", Severity.MEDIUM),
        ("", Severity.MEDIUM),
    ],
)
def test_the_creator_becomes_administrator(mode: str, severity: Severity) -> None:
    cluster = b.cluster(creator_admin=YES, authentication_mode=mode)
    outcome = b.World(clusters=(cluster,)).only(eks501)
    assert (outcome.verdict, b.severity_of(eks501, outcome)) == ("fail", severity)
    assert outcome.location == b.HERE


def test_no_creator_admin_passes_and_an_unknown_setting_is_possible() -> None:
    assert b.World(clusters=(b.cluster(creator_admin=NO),)).only(eks501).verdict == "pass"
    outcome = b.World(clusters=(b.cluster(creator_admin=b.MAYBE),)).only(eks501)
    assert outcome.verdict == "possible"
    assert b.WHY.resource in outcome.message


def test_a_cluster_that_others_manage_is_not_judged() -> None:
    elsewhere = b.cluster(creator_admin=b.MAYBE, managed=False)
    assert b.World(clusters=(elsewhere,)).outcomes(eks501) == {}
