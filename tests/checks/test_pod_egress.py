"""EKS208: pods' way out to tcp 22, asked of small plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eks_checks.checks.check import Outcome, View
from eks_checks.checks.eks208_pod_ssh_egress_open import eks208
from eks_checks.findings import Severity
from eks_checks.kubernetes.policies.egress import SYSTEM_NAMESPACES
from eks_checks.reach.engine import Reachability
from eks_checks.settings import Settings
from tests.aws.plans import CLUSTER, SUBNET, VPC, R, estate, nodes
from tests.checks import builders as b

CNI = R(
    "aws_eks_addon.cni",
    {
        "addon_name": "vpc-cni",
        "cluster_name": "prod",
        "configuration_values": '{"enableNetworkPolicy":"true"}',
    },
)


def policy(namespace: str, *egress: dict[str, Any], unknown: bool = False) -> R:
    spec: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Egress"]}
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": namespace},
        "spec": spec if unknown else {**spec, "egress": list(egress)},
    }
    hidden = {"manifest": {"spec": {"egress": True}}} if unknown else {}
    return R(f"kubernetes_manifest.{namespace.replace('-', '_')}", {"manifest": body}, hidden)


def closed(*egress: dict[str, Any]) -> tuple[R, ...]:
    return tuple(policy(namespace, *egress) for namespace in SYSTEM_NAMESPACES)


def asked(*resources: R, node: R | None = None) -> Outcome:
    made = estate(VPC, SUBNET, CLUSTER, node or nodes(), *resources)
    [outcome] = eks208.run(View(made, Reachability(made), Settings()))
    assert outcome.resource == "aws_eks_cluster.this"
    if outcome.verdict != "pass":
        assert outcome.evidence
        assert outcome.remediation
    return outcome


def but(*cidrs: str) -> dict[str, Any]:
    return {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": list(cidrs)}}]}


def test_without_policies_pods_reach_their_own_node_and_the_message_says_what_is_not_seen() -> None:
    outcome = asked()
    assert outcome.verdict == "fail"
    assert "the inputs hold no Kubernetes object at all" in outcome.message
    assert "aws_eks_node_group.workers" in {item.resource for item in outcome.evidence}


def test_a_switch_without_policies_is_nothing() -> None:
    assert asked(CNI).verdict == "fail"


@pytest.mark.parametrize(
    ("egress", "verdict"),
    [
        ((), "pass"),
        ((but("10.0.0.0/16"),), "pass"),
        ((but("10.0.1.0/25"),), "fail"),
        (({"ports": [{"port": 443}]},), "pass"),
        (({"ports": [{"port": 20, "endPort": 30}]},), "fail"),
    ],
)
def test_policies_have_to_close_22_to_the_nodes_own_subnet(egress: tuple[Any, ...], verdict: str) -> None:
    """The nodes are in 10.0.1.0/24."""
    assert asked(CNI, *closed(*egress)).verdict == verdict


def test_every_namespace_counts_and_the_open_ones_are_named() -> None:
    first, *rest = closed()
    outcome = asked(CNI, *rest)
    assert outcome.verdict == "fail"
    assert "in default from" in outcome.message
    assert asked(CNI, first, *rest).verdict == "pass"


def test_policies_that_nothing_enforces_do_not_count() -> None:
    outcome = asked(*closed())
    assert outcome.verdict == "fail"
    assert any("is not enforced" in item.text for item in outcome.evidence)


def test_a_policy_that_is_not_known_makes_it_possible_and_is_named() -> None:
    _, *rest = closed()
    outcome = asked(CNI, policy("default", unknown=True), *rest)
    assert outcome.verdict == "possible"
    assert "kubernetes_manifest.default" in {item.resource for item in outcome.evidence}


def test_nodes_without_an_ssh_server_lower_it() -> None:
    quiet = nodes({"ami_type": "BOTTLEROCKET_x86_64"})
    outcome = asked(node=quiet)
    assert b.severity_of(eks208, outcome) is Severity.INFO
    assert "Rated info instead of low" in outcome.message


def test_a_cluster_without_nodes_has_no_node_to_reach() -> None:
    made = estate(VPC, SUBNET, CLUSTER)
    [outcome] = eks208.run(View(made, Reachability(made), Settings()))
    assert outcome.verdict == "pass"


def test_nodes_whose_cluster_is_not_known_are_possible() -> None:
    made = estate(VPC, SUBNET, CLUSTER, nodes())
    unsure = tuple(
        replace(i, cluster=replace(i.cluster, open=True)) if i.kind == "node_group" else i
        for i in made.interfaces
    )
    made = replace(made, interfaces=unsure, pods=())
    [outcome] = eks208.run(View(made, Reachability(made), Settings()))
    assert outcome.verdict == "possible"
