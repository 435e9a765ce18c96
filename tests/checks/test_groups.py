"""EKS301 and EKS302: the cluster security group."""

from __future__ import annotations

from eks_checks.aws.knowledge import KeySet, Pointer, exactly
from eks_checks.checks.eks301_cluster_sg_open import eks301
from eks_checks.checks.eks302_cluster_sg_on_nodes import eks302
from eks_checks.sets import Bounds, TrafficSet
from eks_checks.settings import Settings
from tests.checks import builders as b

NODE = b.node(b.shape(b.NODE_SG))
EVERYONE = (NODE, b.control_plane(), b.stranger(b.BASTION_SG))


def world(*groups: object, cluster: object = None, interfaces: tuple[object, ...] = EVERYONE) -> b.World:
    given = {group.key: group for group in groups}  # type: ignore[attr-defined]
    known = {
        b.NODE_SG: b.group(b.NODE_SG),
        b.BASTION_SG: b.group(b.BASTION_SG),
        b.CLUSTER_SG: b.cluster_group(),
    }
    return b.World(
        interfaces=interfaces,  # type: ignore[arg-type]
        groups=tuple((known | given).values()),
        clusters=(cluster or b.cluster(),),  # type: ignore[arg-type]
    )


# --- EKS301 ---------------------------------------------------------------------------------------


def test_the_self_rule_alone_passes() -> None:
    assert world().only(eks301).verdict == "pass"


def test_nodes_reaching_443_are_the_clusters_own() -> None:
    rule = b.rule(b.NODE_SG, b.ports(443, 443))
    assert world(b.cluster_group(rule)).only(eks301).verdict == "pass"


def test_the_vpc_by_cidr_fails_and_the_remedy_tells_what_lasts() -> None:
    rule = b.rule(b.addresses("10.0.0.0/16"), b.ports(0, 65535), "aws_security_group_rule.open")
    outcome = world(b.cluster_group(rule)).only(eks301)
    assert outcome.verdict == "fail"
    assert outcome.resource == b.CLUSTER
    assert outcome.evidence[0].resource == "aws_security_group_rule.open"
    assert "removing a rule of your own lasts" in outcome.remediation
    assert "EKS puts it back" in outcome.remediation


def test_the_nodes_subnets_by_cidr_are_the_clusters_own_unless_a_stranger_sits_there() -> None:
    rule = b.rule(b.addresses("10.0.10.0/24", "10.0.11.0/24"), b.ports(443, 443))
    assert world(b.cluster_group(rule)).only(eks301).verdict == "pass"
    inside = b.stranger(b.BASTION_SG, at=b.SUBNET)
    outcome = world(b.cluster_group(rule), interfaces=(*EVERYONE, inside)).only(eks301)
    assert outcome.verdict == "fail"
    assert b.BASTION in outcome.message


def test_a_strangers_group_fails() -> None:
    outcome = world(b.cluster_group(b.rule(b.BASTION_SG))).only(eks301)
    assert outcome.verdict == "fail"
    assert b.BASTION in outcome.message


def test_additional_control_plane_groups_count() -> None:
    extra = "aws_security_group.extra"
    open_ = b.group(extra, b.rule(b.addresses("0.0.0.0/0"), b.ports(443, 443)))
    sure = b.cluster(additional_groups=exactly(extra))
    outcome = world(open_, cluster=sure).only(eks301)
    assert outcome.verdict == "fail"
    assert extra in outcome.message
    assert "self rule" not in outcome.remediation
    maybe = b.cluster(additional_groups=KeySet(maybe=frozenset({extra}), causes=(b.WHY,)))
    assert world(open_, cluster=maybe).only(eks301).verdict == "possible"


def test_unknown_ranges_groups_and_ports_are_possible() -> None:
    rules = [
        b.rule(b.anything()),
        b.rule(Pointer((b.NODE_SG, b.BASTION_SG), causes=(b.WHY,))),
        b.rule(Pointer(open=True, causes=(b.WHY,))),
        b.rule("sg-0123456789abcdef0"),
        b.rule(b.addresses("10.0.0.0/16"), certain=False),
        b.rule(b.addresses("10.0.0.0/16"), Bounds(TrafficSet.empty(), TrafficSet.everything())),
    ]
    for rule in rules:
        assert world(b.cluster_group(rule)).only(eks301).verdict == "possible", rule
    assert world(b.group(b.CLUSTER_SG, kind="cluster", open_=True)).only(eks301).verdict == "possible"
    unknown = b.cluster(additional_groups=KeySet(open=True))
    assert world(cluster=unknown).only(eks301).verdict == "possible"


def test_an_instance_whose_groups_are_not_known_may_carry_the_nodes_group() -> None:
    loose = b.stranger(keys=KeySet(open=True, causes=(b.WHY,)))
    rule = b.rule(b.NODE_SG, b.ports(443, 443))
    outcome = world(b.cluster_group(rule), interfaces=(NODE, loose)).only(eks301)
    assert outcome.verdict == "possible"


# --- EKS302 ---------------------------------------------------------------------------------------


def test_nodes_on_the_cluster_group_fail() -> None:
    outcome = world(interfaces=(b.node(b.shape(b.NODE_SG, b.CLUSTER_SG)),)).only(eks302)
    assert outcome.verdict == "fail"
    assert b.CLUSTER in outcome.message
    assert outcome.evidence[0].resource == "aws_launch_template.this"


def test_own_groups_pass_and_the_control_plane_is_no_node() -> None:
    assert world().outcomes(eks302)[b.NODES].verdict == "pass"
    assert b.CLUSTER not in world().outcomes(eks302)


def test_groups_that_cannot_be_told_are_possible() -> None:
    for keys in (
        KeySet(maybe=frozenset({b.CLUSTER_SG}), causes=(b.WHY,)),
        KeySet(frozenset({b.NODE_SG}), open=True, causes=(b.WHY,)),
    ):
        outcome = world(interfaces=(b.node(b.shape(keys=keys)),)).only(eks302)
        assert outcome.verdict == "possible"
        assert b.WHY.resource in outcome.message


# --- what EKS301 says --------------------------------------------------------------------------------


def test_443_alone_from_a_range_is_said_to_be_what_a_private_endpoint_needs() -> None:
    extra = "aws_security_group.extra"
    operators = b.group(extra, b.rule(b.BASTION_SG, b.ports(443, 443), "aws_security_group_rule.kubectl"))
    outcome = world(operators, cluster=b.cluster(additional_groups=exactly(extra))).only(eks301)
    assert outcome.verdict == "fail"
    assert "tcp 443 alone, which a private endpoint does need" in outcome.message
    assert outcome.remediation.startswith(f"If kubectl uses the private endpoint from {b.BASTION}")
    assert "belongs under `allowed_cidrs`" in outcome.remediation


def test_ranges_that_are_meant_may_use_443_and_nothing_else() -> None:
    """G2: kubectl reaches a private endpoint from the ranges that the configuration allows."""
    meant = Settings(allowed_cidrs=("192.168.0.0/16", "10.0.0.0/24"))
    vpn = b.rule(b.addresses("192.168.7.0/24"), b.ports(443, 443))
    bastion = b.rule(b.BASTION_SG, b.ports(443, 443))
    for rule, verdict in (
        (vpn, "pass"),
        (bastion, "pass"),  # its subnet is 10.0.0.0/24
        (b.rule(b.addresses("192.168.0.0/15"), b.ports(443, 443)), "fail"),
        (b.rule(b.addresses("192.168.7.0/24"), b.ports(443, 444)), "fail"),
        (b.rule(b.anything(), b.ports(443, 443)), "possible"),
    ):
        made = world(b.cluster_group(rule))
        made.settings = meant
        assert made.only(eks301).verdict == verdict, rule
    assert world(b.cluster_group(vpn)).only(eks301).verdict == "fail"
    assert world(b.cluster_group(bastion)).only(eks301).verdict == "fail"


def test_only_what_is_not_meant_is_named() -> None:
    made = world(b.cluster_group(b.rule(b.addresses("192.168.0.0/23"), b.ports(443, 443))))
    made.settings = Settings(allowed_cidrs=("192.168.0.0/24",))
    assert "admits 192.168.1.0/24 on tcp 443" in made.only(eks301).message


def test_more_than_443_is_to_be_narrowed() -> None:
    outcome = world(b.cluster_group(b.rule(b.BASTION_SG, b.ports(443, 444)))).only(eks301)
    assert "443 alone" not in outcome.message
    assert outcome.remediation.startswith("Remove the inbound rule named (aws_security_group_rule.x)")


def test_an_undecided_group_without_a_rule_to_name_has_a_remedy_of_its_own() -> None:
    outcome = world(b.group(b.CLUSTER_SG, kind="cluster", resource=b.CLUSTER, open_=True)).only(eks301)
    assert outcome.verdict == "possible"
    assert outcome.remediation.startswith("Give the inputs what decides")


def test_a_rule_that_may_belong_elsewhere_is_evidence_as_perhaps() -> None:
    rule = b.rule(b.addresses("10.9.0.0/16"), certain=False)
    outcome = world(b.cluster_group(rule)).only(eks301)
    assert outcome.verdict == "possible"
    assert outcome.evidence[0].text.startswith("perhaps inbound tcp 22")
    assert "may admit 10.9.0.0/16" in outcome.evidence[0].text


def test_a_range_that_aws_will_choose_is_told_by_its_name() -> None:
    made = world(b.cluster_group(b.rule(b.addresses("3fff::/56", "10.9.0.0/16"))))
    made.ipv6_symbol = "aws_vpc.this.ipv6_cidr_block"
    outcome = made.only(eks301)
    assert "admits 10.9.0.0/16 and aws_vpc.this.ipv6_cidr_block on tcp 22" in outcome.message
    assert "3fff" not in str(outcome)
