"""Keys, metadata service and launch templates of nodes: EKS205, EKS601, EKS603."""

from __future__ import annotations

import pytest

from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.node_facts import Image, KeyPlace, Metadata, NodeFacts, Setting
from eks_checks.checks.eks205_node_ssh_key import eks205
from eks_checks.checks.eks601_node_imds_open import eks601
from eks_checks.checks.eks603_node_group_no_template import eks603
from tests.checks import builders as b

TEMPLATE = "aws_launch_template.this"
REQUIRED, OPTIONAL = b.setting("required"), b.setting("optional")
ONE, TWO = b.setting("1"), b.setting("2")
BARE = b.node_facts(templates=(), templated=NO)


def world(facts: NodeFacts, **changes: object) -> b.World:
    """One node group with these facts."""
    return b.World(node_groups=(b.node_group(**changes),), facts=facts)


# --- EKS205 ---------------------------------------------------------------------------------------


def test_every_place_of_a_key_is_named() -> None:
    places = (KeyPlace(TEMPLATE, "key_name", "ops"), KeyPlace("aws_launch_template.b", "key_name", "ops"))
    outcome = world(b.node_facts(keys=places)).only(eks205)
    assert (outcome.verdict, outcome.severity) == ("fail", None)
    assert [(item.resource, item.attribute) for item in outcome.evidence] == [
        (TEMPLATE, "key_name"),
        ("aws_launch_template.b", "key_name"),
    ]
    assert TEMPLATE in outcome.message
    assert "port 22" in outcome.message


def test_keys_of_user_data_are_told_as_such() -> None:
    outcome = world(b.node_facts(keys=(KeyPlace(TEMPLATE, "user_data", by_user_data=True),))).only(eks205)
    assert outcome.verdict == "fail"
    assert "user data brings" in outcome.evidence[0].text
    assert "authorized keys" in outcome.remediation


def test_no_key_passes_and_an_unknown_one_is_possible() -> None:
    assert world(b.node_facts()).only(eks205).verdict == "pass"
    outcome = world(b.node_facts(maybe_keys=b.MAYBE.causes)).only(eks205)
    assert outcome.verdict == "possible"
    assert outcome.evidence[0].attribute == b.WHY.attribute


def test_the_key_of_windows_nodes_opens_no_port_22() -> None:
    facts = b.node_facts(keys=(KeyPlace(TEMPLATE, "key_name", "ops"),))
    message = world(facts, windows=YES).only(eks205).message
    assert "administrator's password" in message
    assert "22" not in message


@pytest.mark.parametrize("check", [eks205, eks601], ids=lambda check: check.id)
def test_what_may_not_make_nodes_never_fails(check: object) -> None:
    open_ = b.metadata(OPTIONAL, TWO)
    facts = b.node_facts(keys=(KeyPlace(TEMPLATE, "key_name", "ops"),), metadata=(open_,))
    why = Cause("aws_launch_template.this", "user_data", "known after apply")
    outcome = world(facts, node=Truth(None, (why,))).only(check)  # type: ignore[arg-type]
    assert outcome.verdict == "possible"
    assert why.attribute in {item.attribute for item in outcome.evidence}


# --- EKS601 ---------------------------------------------------------------------------------------

UNKNOWN_TOKENS, UNKNOWN_HOPS = b.setting("optional", "required"), b.setting("1", "2")
ANY_HOPS = b.setting()


@pytest.mark.parametrize(
    ("tokens", "hops", "verdict"),
    [
        (REQUIRED, ONE, "pass"),
        (REQUIRED, TWO, "fail"),
        (REQUIRED, b.setting("64"), "fail"),
        # Without a token there is no answer whose hops are counted.
        (OPTIONAL, ONE, "fail"),
        (OPTIONAL, ANY_HOPS, "fail"),
        (UNKNOWN_TOKENS, TWO, "fail"),
        (UNKNOWN_TOKENS, ONE, "possible"),
        (REQUIRED, UNKNOWN_HOPS, "possible"),
        (REQUIRED, b.setting("2", "3"), "fail"),
        (REQUIRED, ANY_HOPS, "possible"),
    ],
)
def test_tokens_and_hops(tokens: Setting, hops: Setting, verdict: str) -> None:
    assert world(b.node_facts(metadata=(b.metadata(tokens, hops),))).only(eks601).verdict == verdict
    # Where there is no endpoint, nobody is answered; where there may be none, it is not sure.
    off = b.metadata(tokens, hops, endpoint="disabled")
    assert world(b.node_facts(metadata=(off,))).only(eks601).verdict == "pass"
    perhaps = Metadata(b.setting("disabled", "enabled"), tokens, hops)
    expected = "pass" if verdict == "pass" else "possible"
    assert world(b.node_facts(metadata=(perhaps,))).only(eks601).verdict == expected


def test_one_way_of_coming_up_is_enough_and_only_it_is_evidence() -> None:
    far = b.metadata(REQUIRED, b.setting("2", at="aws_launch_template.spot"))
    outcome = world(b.node_facts(metadata=(b.CLOSED, far))).only(eks601)
    assert outcome.verdict == "fail"
    assert [item.resource for item in outcome.evidence] == ["aws_launch_template.spot"]
    assert "hop limit is 2" in outcome.message
    assert "tokens are optional" not in outcome.message


def test_both_openings_are_named() -> None:
    outcome = world(b.node_facts(metadata=(b.metadata(OPTIONAL, TWO),))).only(eks601)
    assert len(outcome.evidence) == 2
    assert "tokens are optional" in outcome.message
    assert "hop limit is 2" in outcome.message


def test_without_a_template_the_remedy_is_one() -> None:
    by_eks = b.metadata(REQUIRED, b.setting("2", at=b.NODES))
    facts = b.node_facts(templates=(), templated=NO, metadata=(by_eks,))
    outcome = world(facts).only(eks601)
    assert "EKS's own launch template sets hop limit 2" in outcome.message
    assert "replaces the node group" in outcome.remediation
    unclear = b.node_facts(templates=(), templated=NO, metadata=(b.metadata(REQUIRED, UNKNOWN_HOPS),))
    assert "Without a launch template EKS writes one" in world(unclear).only(eks601).message


# --- EKS603 ---------------------------------------------------------------------------------------


def test_a_managed_group_without_template_is_told() -> None:
    outcome = world(BARE).only(eks603)
    assert outcome.verdict == "fail"
    assert outcome.evidence[0].resource == b.NODES
    assert "remote_access" not in outcome.message
    assert "remote_access" in world(BARE, remote_access=YES).only(eks603).message


def test_a_template_whatever_is_in_it_passes_and_a_maybe_is_possible() -> None:
    unread = b.node_facts(templates=(), image=Image(causes=b.MAYBE.causes))
    assert world(unread).only(eks603).verdict == "pass"
    why = Cause(b.NODES, "launch_template", "known after apply")
    outcome = world(b.node_facts(templates=(), templated=Truth(None, (why,)))).only(eks603)
    assert outcome.verdict == "possible"
    assert outcome.evidence[0].attribute == "launch_template"


@pytest.mark.parametrize("kind", ["self_managed", "instance", "fleet", "node_class", "auto_mode"])
def test_only_managed_groups_are_judged(kind: str) -> None:
    assert world(BARE, kind=kind).outcomes(eks603) == {}
