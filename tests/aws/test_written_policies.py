"""What the inputs write of network policies for a cluster, and what of it is not known (I8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eks_checks.aws.eks import WrittenPolicies
from tests.aws.plans import CLUSTER, SUBNET, VPC, R, estate, nodes

KEY = "aws_eks_cluster.this"
CNI = R(
    "aws_eks_addon.cni",
    {
        "addon_name": "vpc-cni",
        "cluster_name": "prod",
        "configuration_values": '{"enableNetworkPolicy":"true"}',
    },
)


def policy(spec: dict[str, Any], unknown: dict[str, Any] | None = None) -> R:
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": spec,
    }
    return R("kubernetes_manifest.p", {"manifest": body}, {"manifest": {"spec": unknown}} if unknown else {})


def written(*resources: R) -> WrittenPolicies:
    return estate(VPC, SUBNET, CLUSTER, nodes(), *resources).particulars.written_policies[KEY]


def doubted(*resources: R) -> set[str]:
    return {cause.resource for cause in written(*resources).doubts}


CLOSED = {"podSelector": {}, "policyTypes": ["Egress"]}


def test_nothing_written_is_nothing_doubted() -> None:
    assert written() == WrittenPolicies()
    assert written(CNI).doubts == ()


def test_a_known_policy_is_named_and_not_doubted() -> None:
    found = written(CNI, policy(CLOSED))
    assert found.resources == ("kubernetes_manifest.p",)
    assert found.doubts == ()
    assert found.kubernetes


def test_what_a_policy_says_may_not_be_known() -> None:
    assert doubted(CNI, policy({"podSelector": {}}, {"policyTypes": True})) == {"kubernetes_manifest.p"}


def test_what_enforces_it_may_not_be_known() -> None:
    unknown = R(
        CNI.address,
        {"addon_name": "vpc-cni", "cluster_name": "prod"},
        {"configuration_values": True},
        {"configuration_values": {"references": ["local.cni"]}},
    )
    assert CNI.address in doubted(unknown, policy(CLOSED))
    assert doubted(unknown) == set()


def test_a_text_that_is_not_read_may_hold_policies() -> None:
    hidden = R("kubectl_manifest.x", {}, {"yaml_body": True}, {"yaml_body": {"references": ["local.text"]}})
    assert doubted(hidden) == {"kubectl_manifest.x"}


@pytest.mark.parametrize("kind", ["GlobalNetworkPolicy", "NetworkPolicy"])
def test_policies_of_engines_count_as_well(kind: str) -> None:
    body = {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": {"name": "p"}, "spec": {}}
    told = written(R("kubectl_manifest.p", {"yaml_body": json.dumps(body)}))
    assert told.resources == ("kubectl_manifest.p",)


def test_other_objects_are_no_policies() -> None:
    space = R("kubernetes_namespace_v1.shop", {"metadata": [{"name": "shop"}]})
    assert written(space) == WrittenPolicies(kubernetes=True)
