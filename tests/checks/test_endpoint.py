"""EKS304, EKS309 and EKS310: whom the cluster's endpoint lets in, and what its pods share."""

from __future__ import annotations

import pytest

from eks_checks.aws.eks import Endpoint
from eks_checks.aws.firewall import Rule
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Cause, Pointer, Truth
from eks_checks.checks.check import Outcome
from eks_checks.checks.eks304_pods_share_node_sg import eks304
from eks_checks.checks.eks309_endpoint_public_world import eks309
from eks_checks.checks.eks310_endpoint_unreachable import eks310
from eks_checks.findings import Severity
from eks_checks.reach.answer import Answer, GroupOnInterface, Source, Verdict
from eks_checks.sets import AddressSet, Bounds
from eks_checks.settings import Settings
from tests.checks import builders as b

CIDRS = "vpc_config[0].public_access_cidrs"
LATER = Cause(b.CLUSTER, CIDRS, "known after apply")
UNTOLD = Truth(None, (Cause(b.CLUSTER, "vpc_config[0].endpoint_public_access", "known after apply"),))


# --- EKS309 ---------------------------------------------------------------------------------------


def public(*cidrs: str, truth: Truth = YES, open_: bool = False) -> Endpoint:
    """A public endpoint for these ranges, and with ``open_`` for others that are not known."""
    known = AddressSet.from_cidrs(cidrs)
    bounds = Bounds(known, AddressSet.everything() if open_ else known)
    return Endpoint(truth, NO, bounds, cidrs, (LATER,) if open_ else (), b.HERE)


def judged(endpoint: Endpoint, family: str = "ipv4", *allowed: str) -> Outcome:
    cluster = b.cluster(endpoint=endpoint, ip_family=family)
    return b.World(clusters=(cluster,), settings=Settings(allowed_cidrs=allowed)).only(eks309)


@pytest.mark.parametrize(
    ("cidrs", "severity"),
    [
        (("0.0.0.0/0",), Severity.HIGH),
        (("0.0.0.0/1", "128.0.0.0/1"), Severity.HIGH),
        (("0.0.0.0/1",), Severity.HIGH),
        (("128.0.0.0/2", "64.0.0.0/2"), Severity.HIGH),
        (("64.0.0.0/2",), Severity.MEDIUM),
        (("11.0.0.0/8",), Severity.MEDIUM),
        (("11.0.0.0/9",), None),
        (("11.22.33.0/24", "44.55.66.77/32"), None),
        (("10.0.0.0/8", "192.168.0.0/16"), None),
        (("::/0",), None),  # an IPv4 cluster has no IPv6 endpoint
    ],
)
def test_ranges_count_as_a_set(cidrs: tuple[str, ...], severity: Severity | None) -> None:
    outcome = judged(public(*cidrs))
    assert outcome.verdict == ("pass" if severity is None else "fail")
    if severity is not None:
        assert outcome.severity is severity
        assert ("Rated medium" in outcome.message) is (severity is Severity.MEDIUM)


def test_ipv6_counts_on_clusters_of_ipv6() -> None:
    outcome = judged(public("11.22.33.0/24", "::/0"), "ipv6")
    assert outcome.severity is Severity.HIGH
    assert "every public IPv6 address (::/0)" in outcome.message
    assert "IPv4" not in outcome.message
    assert judged(public("11.22.33.0/24", "2a01::/17"), "ipv6").verdict == "pass"


def test_an_address_family_that_is_not_known() -> None:
    outcome = judged(public("11.22.33.0/24", "::/0"), "")
    assert outcome.verdict == "possible"
    assert "kubernetes_network_config[0].ip_family decides" in outcome.message
    assert judged(public("0.0.0.0/0"), "").verdict == "fail"


def test_no_public_endpoint_no_finding() -> None:
    assert judged(public("0.0.0.0/0", truth=NO)).verdict == "pass"
    outcome = judged(public("0.0.0.0/0", truth=UNTOLD))
    assert outcome.verdict == "possible"
    assert "endpoint_public_access decides" in outcome.message


def test_a_range_that_is_not_known_may_be_the_world() -> None:
    outcome = judged(public("11.22.33.0/24", open_=True))
    assert (outcome.verdict, outcome.severity) == ("possible", Severity.HIGH)
    assert f"{b.CLUSTER}.{CIDRS} decides" in outcome.message
    part = judged(public("64.0.0.0/2", open_=True))
    assert (part.verdict, part.severity) == ("fail", Severity.MEDIUM)
    assert "for certain" in part.message


def test_ranges_that_are_meant_do_not_count() -> None:
    assert judged(public("11.0.0.0/8"), "ipv4", "11.0.0.0/8").verdict == "pass"
    assert judged(public("0.0.0.0/0"), "ipv4", "11.0.0.0/8").verdict == "fail"
    assert judged(public("11.0.0.0/7"), "ipv4", "11.0.0.0/8", "10.0.0.0/8").verdict == "pass"


def test_a_cluster_that_another_root_manages_is_not_judged() -> None:
    cluster = b.cluster(endpoint=public("0.0.0.0/0"), managed=False)
    assert not b.World(clusters=(cluster,)).outcomes(eks309)


def test_the_ranges_and_the_switch_are_evidence() -> None:
    told = judged(public("128.0.0.0/1", "0.0.0.0/1")).evidence
    assert [(e.resource, e.attribute) for e in told] == [
        (b.CLUSTER, "vpc_config[0].endpoint_public_access"),
        (b.CLUSTER, CIDRS),
    ]
    assert "0.0.0.0/1 and 128.0.0.0/1" in told[1].text


# --- EKS310 ---------------------------------------------------------------------------------------

ON_IT = (GroupOnInterface(b.CLUSTER, "cluster", True),)
PRIVATE = Endpoint(NO, YES)
OWN_NODES = b.source("interface", b.NODES, subnet=b.SUBNET)
OWN_PODS = b.source("pods", b.NODES, subnet=b.SUBNET)
BASTION = b.source("interface", b.BASTION, subnet=b.BASTION_SUBNET)


def api(*sources: Source) -> Answer:
    """Who reaches 443 of the control plane's interface."""
    return b.answer(*sources, resource=b.CLUSTER, subnet=b.OTHER_SUBNET, port="443", groups=ON_IT)


def reached(
    *sources: Source,
    endpoint: Endpoint = PRIVATE,
    more: tuple[Interface, ...] = (),
    rules: tuple[Rule, ...] = (),
) -> Outcome:
    world = b.World(
        interfaces=(b.node(b.shape(b.NODE_SG)), b.control_plane(), b.stranger(b.BASTION_SG), *more),
        groups=(b.cluster_group(b.rule(b.NODE_SG, b.ports(443, 443)), *rules), b.group(b.NODE_SG)),
        clusters=(b.cluster(endpoint=endpoint),),
        others={443: (api(*sources),)},
    )
    return world.outcomes(eks310)[b.CLUSTER]


def test_only_the_clusters_own_get_in() -> None:
    outcome = reached(OWN_NODES, OWN_PODS, b.CONTROL_PLANE)
    assert outcome.verdict == "fail"
    texts = [f"{e.attribute}|{e.text}" for e in outcome.evidence]
    assert "vpc_config[0].endpoint_public_access|endpoint_public_access is off" in texts
    assert any("inbound tcp 443" in text and "nobody in the inputs but" in text for text in texts)
    assert reached().verdict == "fail"


@pytest.mark.parametrize(
    "source",
    [
        BASTION,
        b.FROM_VPC,
        b.source("peering", "aws_vpc_peering_connection.x", cidrs=("10.9.0.0/16",)),
        b.source("vpn", "aws_vpn_connection.x", cidrs=("192.168.0.0/16",)),
    ],
)
def test_anybody_else_is_enough(source: Source) -> None:
    assert reached(OWN_NODES, source).verdict == "pass"


def test_somebody_who_may_get_in() -> None:
    maybe = b.source("interface", b.BASTION, Verdict.POSSIBLE, subnet=b.BASTION_SUBNET)
    outcome = reached(OWN_NODES, maybe)
    assert outcome.verdict == "possible"
    assert f"{b.WHY.resource}.{b.WHY.attribute} decides" in outcome.message
    blocked = b.source("interface", b.BASTION, Verdict.BLOCKED, subnet=b.BASTION_SUBNET)
    assert reached(OWN_NODES, blocked).verdict == "fail"


def test_somebody_who_may_be_the_clusters_own() -> None:
    either = Pointer((b.CLUSTER, "aws_eks_cluster.other"), causes=(b.WHY,))
    loose = b.node(b.shape(b.NODE_SG), resource="aws_autoscaling_group.x", cluster=either)
    source = b.source("interface", "aws_autoscaling_group.x", subnet=b.SUBNET)
    assert reached(source, more=(loose,)).verdict == "possible"


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (b.rule(b.addresses("192.168.0.0/16"), b.ports(443, 443)), "pass"),
        (b.rule(b.addresses("192.168.0.0/16"), b.ALL), "pass"),
        (b.rule(b.addresses("11.22.33.0/24"), b.ports(443, 443)), "fail"),  # the endpoint is not public
        (
            b.rule(b.addresses("10.0.3.0/24"), b.ports(443, 443)),
            "fail",
        ),  # in the VPC: the engine's word counts
        (b.rule(b.addresses("192.168.0.0/16"), b.ports(80, 80)), "fail"),
        (b.rule(b.addresses("192.168.0.0/16"), b.ports(443, 443), certain=False), "possible"),
        (b.rule(b.anything(), b.ports(443, 443)), "possible"),
        (b.rule(b.anything(), b.ports(80, 80)), "fail"),
    ],
)
def test_a_connected_network_may_be_somebody_elses(rule: Rule, verdict: str) -> None:
    assert reached(OWN_NODES, rules=(rule,)).verdict == verdict


def test_with_a_public_endpoint_nobody_needs_the_private_one() -> None:
    assert reached(endpoint=Endpoint(YES, YES)).verdict == "pass"
    assert reached(endpoint=Endpoint(UNTOLD, YES)).verdict == "possible"
    assert reached(BASTION, endpoint=Endpoint(UNTOLD, YES)).verdict == "pass"
    assert reached(endpoint=Endpoint(NO, UNTOLD)).verdict == "possible"


def test_answers_about_the_public_endpoint_are_not_about_the_private_one() -> None:
    about_public = b.answer(b.INTERNET, resource=b.CLUSTER, subnet=None, port="443")
    world = b.World(
        interfaces=(b.control_plane(),),
        groups=(b.cluster_group(),),
        clusters=(b.cluster(endpoint=PRIVATE),),
        others={443: (about_public, api())},
    )
    assert world.only(eks310).verdict == "fail"


# --- EKS304 ---------------------------------------------------------------------------------------


def sharing(*pods: Interface, managed: bool = True) -> dict[str, Outcome]:
    world = b.World(
        interfaces=(b.node(b.shape(b.NODE_SG)),),
        groups=(b.group(b.NODE_SG), b.cluster_group()),
        clusters=(b.cluster(managed=managed),),
        pods=pods,
    )
    return world.outcomes(eks304)


def pods(*groups: str, **changes: object) -> Interface:
    return b.node(b.shape(*groups), kind="pods", node=NO, **changes)


def test_pods_with_the_nodes_groups() -> None:
    outcome = sharing(pods(b.NODE_SG))[b.CLUSTER]
    assert outcome.verdict == "fail"
    assert b.NODES in outcome.message
    assert [e.resource for e in outcome.evidence] == [b.CLUSTER, b.NODES]
    assert b.NODE_SG in outcome.evidence[1].text


def test_pods_with_groups_of_their_own_or_of_which_it_is_not_known() -> None:
    assert sharing(pods("aws_security_group.pods"))[b.CLUSTER].verdict == "pass"
    maybe = pods("aws_security_group.pods", certain=False, causes=(b.WHY,))
    outcome = sharing(pods(b.NODE_SG), maybe)[b.CLUSTER]
    assert outcome.verdict == "possible"
    assert f"{b.WHY.resource}.{b.WHY.attribute} decides" in outcome.message


def test_clusters_without_nodes_or_of_other_roots_are_not_judged() -> None:
    assert not sharing()
    assert not sharing(pods(b.NODE_SG), managed=False)
