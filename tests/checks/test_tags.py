"""EKS701, EKS702 and EKS703: which tags a cluster's resources and nodes carry."""

from __future__ import annotations

import pytest

from eks_checks.aws.knowledge import KeySet
from eks_checks.aws.tags import Tag, Tagged, Tagging, TagSet
from eks_checks.checks.eks701_required_tags import eks701
from eks_checks.settings import RequiredTag, Settings
from tests.checks import builders as b

SOMEHOW = (b.WHY,)


def tag_set(given: dict[str, str | None], *, open_: bool = False) -> TagSet:
    """Tags by key; None: the value is not known. ``open_``: there may be others."""
    sure = {key: Tag(key, value, causes=() if value is not None else SOMEHOW) for key, value in given.items()}
    return TagSet(sure, (), open_, SOMEHOW if open_ else ())


def tags(
    given: dict[str, str | None], *, open_: bool = False, type_: str = "aws_eks_cluster", certain: bool = True
) -> Tagged:
    """A resource of the cluster with these tags."""
    clusters = (
        KeySet(frozenset((b.CLUSTER,))) if certain else KeySet(maybe=frozenset((b.CLUSTER,)), causes=SOMEHOW)
    )
    return Tagged(
        f"{type_}.this", type_, tag_set(given, open_=open_), clusters, certain, "aws", location=b.HERE
    )


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
    assert b.World(tagging=Tagging((tagged,))).only(eks701).verdict == verdict


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
    outcome = b.World(tagging=Tagging((tagged,)), settings=OWNER).only(eks701)
    assert outcome.verdict == verdict
    if verdict != "pass":
        assert "Owner" in outcome.message


def test_a_key_alone_takes_any_value_even_one_not_known() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner"),))
    assert b.World(tagged=(tags({"Owner": None}),), settings=settings).only(eks701).verdict == "pass"


def test_required_for_some_types_only() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner", types=("aws_subnet",)),))
    world = b.World(tagging=Tagging((tags({}), tags({}, type_="aws_subnet"))), settings=settings)
    found = world.outcomes(eks701)
    assert found["aws_eks_cluster.this"].verdict == "pass"
    assert found["aws_subnet.this"].verdict == "fail"


def test_every_fault_is_evidence_of_one_outcome() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner"), RequiredTag("Env", pattern="prod|dev")))
    outcome = b.World(tagging=Tagging((tags({"Env": "test"}),)), settings=settings).only(eks701)
    assert len(outcome.evidence) == 2
