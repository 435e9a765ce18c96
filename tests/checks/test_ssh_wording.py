"""What the SSH checks say: sure things as sure, doubtful ones as doubtful, and nothing twice."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.aws.knowledge import YES, Truth
from eks_checks.checks.eks102_node_public_address import eks102
from eks_checks.checks.eks201_node_ssh_from_internet import eks201
from eks_checks.checks.eks202_node_ssh_from_pods import eks202
from eks_checks.checks.eks205_node_ssh_key import eks205
from eks_checks.checks.phrases import without_name
from eks_checks.reach.answer import Hop, Verdict
from tests.checks import builders as b

NAMED = Hop(
    "security_group", b.NODE_SG, "rule", f"security group {b.NODE_SG}: inbound tcp 22 from 10.0.0.0/16"
)
PERHAPS = Hop(
    "security_group", "aws_security_group_rule.x", "rule", "perhaps security group a.b: inbound tcp 22"
)
CLUSTER = Hop(
    "security_group",
    b.CLUSTER,
    "rule",
    f"the cluster security group of {b.CLUSTER}: inbound all traffic",
    implicit=True,
)
WORLD = b.World(interfaces=(b.node(b.shape(b.NODE_SG)),))


def said(*hops: Hop, verdict: Verdict = Verdict.REACHABLE) -> list[str]:
    source = replace(b.INTERNET, verdict=verdict, path=hops)
    outcome = replace(WORLD, answers=(b.answer(source),)).only(eks201)
    return [f"{each.resource}: {each.text}" for each in outcome.evidence]


def test_a_fail_names_sure_rules_only_if_there_are_any() -> None:
    assert [line for line in said(NAMED, PERHAPS) if "perhaps" in line] == []
    assert len(said(PERHAPS)) == 1
    assert len([line for line in said(NAMED, PERHAPS, verdict=Verdict.POSSIBLE) if "may let" in line]) == 2


def test_no_name_is_said_twice() -> None:
    [line] = said(NAMED)
    assert line.startswith(
        f"{b.NODE_SG}: inbound tcp 22 from 10.0.0.0/16: lets the internet (0.0.0.0/0) reach"
    )
    assert line.count(b.NODE_SG) == 1
    assert without_name(CLUSTER.text, b.CLUSTER) == "the cluster security group: inbound all traffic"
    assert without_name(f"perhaps {NAMED.text}", b.NODE_SG) == "perhaps inbound tcp 22 from 10.0.0.0/16"
    assert without_name("a.b gets a public IPv4 address (a.b)", "a.b") == "gets a public IPv4 address"


def test_the_sources_subnets_are_told_where_they_are_not_the_targets() -> None:
    same = replace(b.PODS, subnet=b.SUBNET)
    [other] = replace(WORLD, answers=(b.answer(b.PODS),)).only(eks202).evidence
    [own] = replace(WORLD, answers=(b.answer(same),)).only(eks202).evidence
    assert f"lets pods of {b.NODES} ({b.OTHER_SUBNET}) reach the nodes in {b.SUBNET} over IPv4" in other.text
    assert f"lets pods of {b.NODES} reach the nodes in {b.SUBNET} over IPv4" in own.text


def test_without_a_rule_to_name_the_verdict_still_words_the_evidence() -> None:
    assert "may reach tcp 22" in said(verdict=Verdict.POSSIBLE)[0]
    assert "reaches tcp 22" in said()[0]


def test_the_remedy_for_pods_follows_the_rule_that_lets_them_in() -> None:
    def remedy(*hops: Hop) -> str:
        return replace(WORLD, answers=(b.answer(replace(b.PODS, path=hops)),)).only(eks202).remediation

    assert "cluster security group" not in remedy(NAMED)
    assert remedy(NAMED).startswith("Narrow the inbound rule named")
    assert remedy(CLUSTER).startswith("Keep the cluster security group off the nodes")
    assert "Narrow the inbound rule" not in remedy(CLUSTER)
    both = remedy(CLUSTER, NAMED)
    assert "Narrow the inbound rule" in both
    assert "Keep the cluster security group off" in both


def test_a_latent_source_says_once_that_nothing_gets_in_yet() -> None:
    latent = replace(b.INTERNET, verdict=Verdict.BLOCKED, missing="public_address")
    message = replace(WORLD, answers=(b.answer(latent=(latent,)),)).only(eks201).message
    assert message.count("nothing gets in yet") == 1
    assert message.endswith("Therefore rated high instead of critical.")


def test_an_address_that_is_not_sure_is_worded_so() -> None:
    def word(public: Truth, *, certain: bool = True) -> str:
        interface = b.node(b.shape(public_ipv4=public), certain=certain, causes=(b.WHY,))
        return b.World(interfaces=(interface,)).only(eks102).evidence[0].text.partition(" the nodes")[0]

    assert (word(YES), word(b.MAYBE), word(YES, certain=False)) == ("gives", "may give", "may give")


def test_a_key_that_may_be_null_is_possible() -> None:
    facts = b.node_facts(maybe_keys=b.MAYBE.causes)
    outcome = b.World(node_groups=(b.node_group(),), facts=facts).only(eks205)
    assert outcome.verdict == "possible"
    assert f"{b.WHY.resource}.{b.WHY.attribute} decides" in outcome.message
