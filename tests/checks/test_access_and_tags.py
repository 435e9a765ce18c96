"""EKS501 and EKS701: who administers the cluster, and which tags its resources carry."""

from __future__ import annotations

import pytest

from eks_checks.aws.estate import Tagged
from eks_checks.aws.knowledge import NO, YES
from eks_checks.checks.eks501_creator_admin import eks501
from eks_checks.checks.eks701_required_tags import eks701
from eks_checks.findings import Severity
from eks_checks.settings import RequiredTag, Settings
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


def tags(given: dict[str, str | None], *, open_: bool = False, type_: str = "aws_eks_cluster") -> Tagged:
    return Tagged(f"{type_}.this", type_, given, open_, b.HERE)


@pytest.mark.parametrize(
    ("tagged", "verdict"),
    [
        (tags({}), "fail"),
        (tags({"aws:eks:cluster-name": "prod"}), "fail"),
        (tags({"Owner": "me"}), "pass"),
        (tags({"Owner": None}), "pass"),
        (tags({}, open_=True), "possible"),
        (tags({"Owner": "me"}, open_=True), "pass"),
    ],
)
def test_with_no_tag_required_one_of_the_users_is_enough(tagged: Tagged, verdict: str) -> None:
    assert b.World(tagged=(tagged,)).only(eks701).verdict == verdict


OWNER = Settings(required_tags=(RequiredTag("Owner", pattern="team-[a-z]+"),))


@pytest.mark.parametrize(
    ("tagged", "verdict"),
    [
        (tags({"Owner": "team-net"}), "pass"),
        (tags({"Owner": "team-net", "More": "x"}, open_=True), "pass"),
        (tags({"Owner": "team-net2"}), "fail"),
        (tags({"Owner": "my team-net"}), "fail"),
        (tags({"owner": "team-net"}), "fail"),
        (tags({}), "fail"),
        (tags({}, open_=True), "possible"),
        (tags({"Owner": None}), "possible"),
    ],
)
def test_a_required_tag_by_key_and_whole_value(tagged: Tagged, verdict: str) -> None:
    outcome = b.World(tagged=(tagged,), settings=OWNER).only(eks701)
    assert outcome.verdict == verdict
    if verdict != "pass":
        assert "Owner" in outcome.message


def test_a_key_alone_takes_any_value_even_one_not_known() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner"),))
    assert b.World(tagged=(tags({"Owner": None}),), settings=settings).only(eks701).verdict == "pass"


def test_required_for_some_types_only() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner", types=("aws_subnet",)),))
    world = b.World(tagged=(tags({}), tags({}, type_="aws_subnet")), settings=settings)
    found = world.outcomes(eks701)
    assert found["aws_eks_cluster.this"].verdict == "pass"
    assert found["aws_subnet.this"].verdict == "fail"


def test_every_fault_is_evidence_of_one_outcome() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner"), RequiredTag("Env", pattern="prod|dev")))
    outcome = b.World(tagged=(tags({"Env": "test"}),), settings=settings).only(eks701)
    assert len(outcome.evidence) == 2
