"""EKS303 in depth: what restricts, what is wider, who is meant, and what cannot be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import YES, KeySet, Pointer
from eks_checks.checks.check import Outcome
from eks_checks.checks.eks303_node_sg_restriction_defeated import eks303
from eks_checks.findings import Severity
from eks_checks.reach.answer import Answer, Verdict
from eks_checks.settings import Settings
from tests.checks import builders as b

WIDE = "aws_security_group.wide"
ONLY_BASTION = b.rule(b.BASTION_SG, at="aws_security_group_rule.only_bastion")
OFFICE = "198.51.100.0/24"
SELF_ALL = b.rule(b.NODE_SG, b.ALL, "aws_security_group_rule.self")
REACHED = b.answer(b.FROM_BASTION, b.PODS, b.CONTROL_PLANE)


def world(
    *groups: SecurityGroup,
    shape: Shape | None = None,
    answers: tuple[Answer, ...] = (REACHED,),
    settings: Settings | None = None,
    more: tuple[Interface, ...] = (),
    vpc: tuple[str, ...] = ("10.0.0.0/16",),
) -> b.World:
    """Nodes that carry every given group; the bastion has its own, the control plane the cluster's."""
    known = {b.BASTION_SG: b.group(b.BASTION_SG), b.CLUSTER_SG: b.cluster_group()}
    given = {group.key: group for group in groups}
    carried = shape or b.shape(*given)
    nodes = (b.node(carried), b.node(carried, at=b.OTHER_SUBNET))
    return b.World(
        interfaces=(*nodes, b.control_plane(), b.stranger(b.BASTION_SG), *more),
        groups=tuple((known | given).values()),
        clusters=(b.cluster(),),
        answers=answers,
        settings=settings or Settings(),
        vpc_cidrs=vpc,
    )


def judge(*groups: SecurityGroup, **changes: object) -> Outcome:
    return world(*groups, **changes).only(eks303)  # type: ignore[arg-type]


def held(*rules: Rule) -> SecurityGroup:
    return b.group(b.NODE_SG, *rules)


def wide(*rules: Rule, open_: bool = False) -> SecurityGroup:
    return b.group(WIDE, *rules, open_=open_)


# --- the idea -------------------------------------------------------------------------------------


def test_a_bastion_rule_undone_by_the_cluster_groups_self_rule() -> None:
    outcome = judge(held(ONLY_BASTION), b.cluster_group())
    assert outcome.verdict == "fail"
    assert outcome.severity is Severity.HIGH
    assert b.NODE_SG in outcome.message
    assert f"the cluster security group of {b.CLUSTER}" in outcome.message
    assert "pods of" in outcome.message
    assert b.BASTION not in outcome.message, "the bastion gets in by the restricting rule itself"
    resources = [evidence.resource for evidence in outcome.evidence]
    assert resources[:2] == ["aws_security_group_rule.only_bastion", b.CLUSTER]


def test_both_rules_are_named_with_their_places() -> None:
    opener = b.rule(b.addresses("10.0.0.0/16"), at="aws_security_group_rule.opener")
    outcome = judge(held(ONLY_BASTION), wide(opener), answers=(b.answer(b.FROM_VPC),))
    places = {e.resource: e.location for e in outcome.evidence}
    assert places["aws_security_group_rule.only_bastion"] == b.HERE
    assert places["aws_security_group_rule.opener"] == b.HERE
    assert "10.0.0.0/16" in outcome.message


def test_one_group_alone_restricts_nothing_that_another_could_undo() -> None:
    both = held(ONLY_BASTION, b.rule(b.addresses("10.0.0.0/16")))
    assert judge(both).verdict == "pass"


# --- what restricts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        b.rule(b.NODE_SG, b.ALL),
        b.rule(b.NODE_SG, b.ports(0, 65535)),
        b.rule(b.NODE_SG, b.ports(1025, 65535)),
        b.rule(b.BASTION_SG, b.ALL),
        b.rule(b.addresses("10.0.0.0/24"), b.ports(1, 65535)),
        b.rule(b.addresses("0.0.0.0/0")),
        b.rule(b.addresses("0.0.0.0/1", "128.0.0.0/1")),
        b.rule(b.BASTION_SG, b.ports(443, 443)),
    ],
    ids=["self all", "self tcp", "no 22", "all from a group", "all from a range", "world", "halves", "443"],
)
def test_no_restriction_no_finding(rule: Rule) -> None:
    assert judge(held(rule), b.cluster_group()).verdict == "pass"


def test_udp_22_is_not_ssh() -> None:
    udp = b.Bounds.exact(b.TrafficSet.udp(22, 22))
    assert judge(held(b.rule(b.BASTION_SG, udp)), b.cluster_group()).verdict == "pass"


@pytest.mark.parametrize(
    "rule",
    [
        b.rule(b.BASTION_SG),
        b.rule(b.BASTION_SG, b.ports(20, 30)),
        b.rule(b.BASTION_SG, b.ports(0, 1024)),
        b.rule(b.addresses("10.0.0.0/24")),
        b.rule(b.NODE_SG),
    ],
    ids=["group", "range", "privileged ports", "cidr", "22 among themselves"],
)
def test_narrower_than_the_world_restricts(rule: Rule) -> None:
    assert judge(held(rule), b.cluster_group()).verdict == "fail"


def test_half_the_world_restricts_and_all_of_it_defeats_that() -> None:
    outcome = judge(held(b.rule(b.addresses("0.0.0.0/1"))), wide(b.rule(b.addresses("0.0.0.0/0"))))
    assert outcome.verdict == "fail"
    assert "128.0.0.0/1" in " ".join(e.text for e in outcome.evidence)


def test_all_ports_for_declared_bastions_only_is_a_restriction() -> None:
    holder = held(b.rule(b.BASTION_SG, b.ALL))
    assert judge(holder, b.cluster_group(), settings=Settings(bastions=(b.BASTION,))).verdict == "fail"
    by_cidr = held(b.rule(b.addresses("10.0.0.0/25"), b.ALL))
    assert judge(by_cidr, b.cluster_group(), settings=Settings(bastions=("10.0.0.0/24",))).verdict == "fail"


def test_a_group_that_admits_the_world_beside_its_bastion_restricts_nothing() -> None:
    holder = held(ONLY_BASTION, b.rule(b.addresses("0.0.0.0/0")))
    assert judge(holder, b.cluster_group()).verdict == "pass"


def test_the_wider_of_two_restricting_groups_defeats_the_narrower_only() -> None:
    narrow = held(b.rule(b.addresses("10.0.0.0/24"), at="aws_security_group_rule.narrow"))
    broad = wide(b.rule(b.addresses("10.0.0.0/16"), at="aws_security_group_rule.broad"))
    outcome = judge(narrow, broad, answers=(b.answer(b.FROM_VPC),))
    assert outcome.verdict == "fail"
    assert outcome.message.startswith(b.NODE_SG)
    assert "10.0.0.0/24 besides" not in " ".join(e.text for e in outcome.evidence)


def test_the_remote_access_group_restricts_too() -> None:
    made = b.group(
        f"{b.NODES}#remote_access", b.rule(b.BASTION_SG, at=b.NODES), kind="remote_access", resource=b.NODES
    )
    outcome = judge(made, b.cluster_group())
    assert outcome.verdict == "fail"
    assert outcome.message.startswith(f"The remote-access group of {b.NODES} restricts")


# --- what is wider --------------------------------------------------------------------------------


def test_silent_where_the_other_groups_cidrs_are_a_subset() -> None:
    holder = held(b.rule(b.addresses("10.0.0.0/16")))
    assert judge(holder, wide(b.rule(b.addresses("10.0.7.0/24"), b.ALL))).verdict == "pass"
    halves = held(b.rule(b.addresses("10.0.0.0/17")), b.rule(b.addresses("10.0.128.0/17")))
    assert judge(halves, wide(b.rule(b.addresses("10.0.0.0/16")))).verdict == "pass"


def test_of_two_groups_for_22_the_narrower_is_defeated_by_the_wider() -> None:
    office = held(b.rule(b.addresses("10.0.0.0/16")))
    bastion = wide(b.rule(b.addresses("10.0.7.0/24")))
    outcome = judge(office, bastion)
    assert outcome.verdict == "fail"
    assert outcome.message.startswith(f"{WIDE} restricts")


def test_silent_where_the_cidr_covers_every_member_of_the_other_groups_source() -> None:
    assert judge(held(b.rule(b.addresses("10.0.0.0/16"))), b.cluster_group()).verdict == "pass"
    members = held(b.rule(b.addresses("10.0.10.0/23")))
    assert judge(members, b.cluster_group()).verdict == "pass"


def test_a_cidr_that_covers_only_some_members_is_defeated() -> None:
    assert judge(held(b.rule(b.addresses("10.0.10.0/24"))), b.cluster_group()).verdict == "fail"


def test_silent_where_both_name_the_same_group() -> None:
    assert judge(held(b.rule(b.CLUSTER_SG)), b.cluster_group()).verdict == "pass"
    assert judge(held(ONLY_BASTION), wide(b.rule(b.BASTION_SG))).verdict == "pass"


def test_a_group_never_admits_an_address_by_its_members_subnet() -> None:
    outcome = judge(held(ONLY_BASTION), wide(b.rule(b.addresses("10.0.0.0/24"))))
    assert outcome.verdict == "fail"


def test_silent_on_the_fixed_address_of_a_member() -> None:
    fixed = b.shape(b.BASTION_SG, addresses=b.AddressSet.from_address("10.0.0.5"), origin=b.BASTION)
    bastion = Interface(b.BASTION, "instance", b.BASTION_SUBNET, (fixed,), many=False)
    made = world(held(ONLY_BASTION), wide(b.rule(b.addresses("10.0.0.5/32"))))
    made.interfaces = (*made.interfaces[:3], bastion)
    assert made.only(eks303).verdict == "pass"


def test_ipv6_is_judged_on_its_own_where_the_node_has_it() -> None:
    groups = (held(b.rule(b.addresses("10.0.0.0/24"))), wide(b.rule(b.addresses("::/0"))))
    assert judge(*groups).verdict == "pass"
    assert judge(*groups, shape=b.shape(b.NODE_SG, WIDE, ipv6=YES)).verdict == "fail"


def test_world_in_one_family_still_restricts_in_the_other() -> None:
    holder = held(b.rule(b.addresses("0.0.0.0/0")), b.rule(b.addresses("2001:db8::/64")))
    shape = b.shape(b.NODE_SG, WIDE, ipv6=YES)
    assert judge(holder, wide(b.rule(b.addresses("::/0"))), shape=shape).verdict == "fail"
    assert judge(holder, wide(b.rule(b.addresses("10.0.0.0/8"), b.ALL)), shape=shape).verdict == "pass"


def test_the_only_member_is_the_target_itself() -> None:
    alone = b.node(b.shape(b.NODE_SG, WIDE), resource="aws_instance.node", many=False)
    made = world(held(ONLY_BASTION), wide(b.rule(WIDE, b.ALL)))
    made.interfaces = (alone, b.stranger(b.BASTION_SG))
    assert made.only(eks303).verdict == "pass"


def test_groups_on_different_interfaces_do_not_add_up() -> None:
    made = world(held(ONLY_BASTION), b.cluster_group())
    first, second = b.node(b.shape(b.NODE_SG)), b.node(b.shape(b.CLUSTER_SG), at=b.OTHER_SUBNET)
    made.interfaces = (first, second, b.stranger(b.BASTION_SG))
    assert made.only(eks303).verdict == "pass"
    made.interfaces = (b.node(b.shape(b.NODE_SG), b.shape(b.CLUSTER_SG, primary=False)),)
    assert made.only(eks303).verdict == "pass"


# --- who is meant, who gets in --------------------------------------------------------------------


def test_declared_bastions_are_meant_whichever_group_lets_them_in() -> None:
    groups = (held(b.rule(b.addresses(OFFICE))), wide(b.rule(b.BASTION_SG)))
    assert judge(*groups).verdict == "fail"
    assert judge(*groups, settings=Settings(bastions=(b.BASTION, OFFICE))).verdict == "pass"
    assert judge(*groups, settings=Settings(bastions=(OFFICE,))).verdict == "fail"


def test_one_step_lower_where_nobody_gets_in_by_it() -> None:
    outcome = judge(held(ONLY_BASTION), b.cluster_group(), answers=(b.answer(b.FROM_BASTION),))
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.MEDIUM)
    assert "medium instead of high" in outcome.message


def test_one_step_lower_where_nothing_listens() -> None:
    quiet = replace(REACHED, listener="no", listener_note="Bottlerocket without a key")
    outcome = judge(held(ONLY_BASTION), b.cluster_group(), answers=(quiet,))
    assert outcome.severity is Severity.MEDIUM
    assert "Bottlerocket" in outcome.message


def test_only_sources_beyond_the_restriction_are_named() -> None:
    holder = held(b.rule(b.addresses("10.0.10.0/24")))
    here = replace(b.PODS, subnet=b.SUBNET, cidrs=("10.0.10.0/24",))
    outcome = judge(holder, b.cluster_group(), answers=(b.answer(here, b.PODS),))
    texts = [e.text for e in outcome.evidence if "by the wider rule alone" in e.text]
    assert len(texts) == 1
    assert f"pods of {b.NODES} ({b.OTHER_SUBNET}) reach tcp 22" in texts[0]


# --- what cannot be told --------------------------------------------------------------------------


def test_unknown_parts_are_possible_and_named() -> None:
    group_maybe = KeySet(frozenset({b.NODE_SG}), frozenset({b.CLUSTER_SG}), causes=(b.WHY,))
    group_open = KeySet(frozenset({b.NODE_SG}), open=True, causes=(b.WHY,))
    unknown_peer = Pointer((b.BASTION_SG, b.CLUSTER_SG), causes=(b.WHY,))
    either = b.rule(unknown_peer, certain=False)
    for outcome in (
        judge(held(ONLY_BASTION), b.cluster_group(), shape=b.shape(keys=group_maybe)),
        judge(held(ONLY_BASTION), shape=b.shape(keys=group_open)),
        judge(held(b.rule(b.BASTION_SG, certain=False)), b.cluster_group()),
        judge(held(b.rule(b.anything())), b.cluster_group()),
        judge(held(either), wide(b.rule(b.addresses("10.0.0.0/16"), certain=False))),
        judge(held(ONLY_BASTION), wide(b.rule(b.anything()))),
        judge(held(ONLY_BASTION), wide(b.rule(Pointer(open=True, causes=(b.WHY,))))),
        judge(held(ONLY_BASTION), wide(open_=True)),
        judge(b.group(b.NODE_SG, ONLY_BASTION, open_=True), b.cluster_group()),
    ):
        assert outcome.verdict == "possible"
        assert any(e.text for e in outcome.evidence)
        assert "decides" in outcome.message


def test_an_unknown_prefix_list_that_may_be_the_world_is_possible() -> None:
    listed = b.rule(b.anything(), at="aws_security_group_rule.prefix_list")
    assert judge(held(ONLY_BASTION), wide(listed)).verdict == "possible"


def test_a_rule_for_the_world_that_may_belong_elsewhere_restricts_nothing() -> None:
    loose = b.rule(b.addresses("0.0.0.0/0"), certain=False)
    assert judge(held(loose), b.cluster_group()).verdict == "pass"


def test_groups_that_cannot_be_told_may_hold_the_restriction() -> None:
    keys = KeySet(frozenset({b.CLUSTER_SG}), open=True, causes=(b.WHY,))
    outcome = judge(b.cluster_group(), shape=b.shape(keys=keys))
    assert outcome.verdict == "possible"
    assert b.WHY.resource in outcome.message


def test_a_group_whose_rules_are_not_told_may_hold_the_restriction() -> None:
    hidden = b.group(b.NODE_SG, open_=True)
    assert judge(hidden, b.cluster_group()).verdict == "possible"
    assert judge(hidden).verdict == "pass", "alone it is undone by nobody"
    assert judge(hidden, wide()).verdict == "pass", "a group without rules for the port undoes nothing"


def test_possible_sources_do_not_lower() -> None:
    maybe = b.source("pods", b.NODES, Verdict.POSSIBLE, subnet=b.OTHER_SUBNET, cidrs=("10.0.11.0/24",))
    outcome = judge(held(ONLY_BASTION), b.cluster_group(), answers=(b.answer(maybe),))
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.HIGH)


# --- any port -------------------------------------------------------------------------------------------


KUBELET = b.rule(b.CLUSTER_SG, b.ports(10250, 10250), "aws_security_group_rule.kubelet")
BESIDE = b.rule(b.addresses("10.0.0.0/16"), b.ports(10250, 10250), "aws_security_group_rule.beside")


def test_other_ports_are_compared_where_the_configuration_asks_for_them() -> None:
    groups = (held(KUBELET), wide(BESIDE))
    assert judge(*groups).verdict == "pass"
    outcome = judge(*groups, settings=Settings(ports=(10250,)))
    assert outcome.verdict == "fail"
    assert "restricts tcp 10250 by" in outcome.message
    assert "tcp 22" not in outcome.message
    named = {e.resource for e in outcome.evidence}
    assert {"aws_security_group_rule.kubelet", "aws_security_group_rule.beside"} <= named


def test_several_ports_are_one_finding_with_the_evidence_of_each() -> None:
    opener = b.rule(b.addresses("10.0.0.0/16"), at="aws_security_group_rule.opener")
    groups = (held(ONLY_BASTION, KUBELET), wide(BESIDE, opener))
    outcome = judge(*groups, settings=Settings(ports=(22, 10250)))
    assert outcome.verdict == "fail"
    assert "restricts tcp 22 by" in outcome.message
    assert "restricts tcp 10250 by" in outcome.message
    named = {e.resource for e in outcome.evidence}
    assert {"only_bastion", "opener", "kubelet", "beside"} <= {name.split(".")[-1] for name in named}


def test_a_certain_finding_on_one_port_stands_before_a_possible_one_on_another() -> None:
    maybe = b.rule(b.anything(), b.ports(10250, 10250), "aws_security_group_rule.beside")
    opener = b.rule(b.addresses("10.0.0.0/16"), at="aws_security_group_rule.opener")
    groups = (held(ONLY_BASTION, KUBELET), wide(maybe, opener))
    outcome = judge(*groups, settings=Settings(ports=(10250, 22)))
    assert outcome.verdict == "fail"
    assert "restricts tcp 22" in outcome.message.split(". ")[0]
    assert judge(*groups, settings=Settings(ports=(10250,))).verdict == "possible"
