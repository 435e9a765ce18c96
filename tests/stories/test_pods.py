"""Pods by CNI mode, and policies that hold them back: the truths at the head of each case's ``main.tf``."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from eks_checks import analysis
from eks_checks.reach.engine import Question
from tests.stories.asking import FIXTURES, cases, scan

FAMILY = FIXTURES / "pods"
WORKERS = "module.world.aws_eks_node_group.workers"
NODE = tuple(f"module.world.aws_subnet.node[{n}]" for n in (0, 1))
POD = tuple(f"module.world.aws_subnet.pod[{n}]" for n in (0, 1))
NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


@dataclass(frozen=True)
class Truth:
    """Where nodes and pods that reach tcp 22 of every node are; ``held`` by which policies."""

    nodes: tuple[str, ...] = NODE
    pods: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


TRUTHS = {
    "calico-global-policy": Truth(pods=NODE, held=("kubectl_manifest.no_ssh",)),
    "cilium-clusterwide-policy": Truth(pods=NODE, held=('kubectl_manifest.no_ssh["nodes"]',)),
    "custom-networking": Truth(),
    "eni-config-manifest": Truth(nodes=(), pods=POD),
    "eni-config-without-groups": Truth(pods=POD),
    "groups-for-pods-standard": Truth(nodes=(), pods=NODE),
    "groups-for-pods-strict": Truth(nodes=(), pods=NODE),
    "network-policy": Truth(
        pods=NODE,
        held=tuple(f'kubernetes_network_policy_v1.not_to_nodes["{name}"]' for name in NAMESPACES),
    ),
    "network-policy-not-enforced": Truth(pods=NODE),
    "network-policy-one-namespace-open": Truth(pods=NODE),
    "tagged-subnets": Truth(pods=NODE, perhaps=POD),
}
MOMENTS = ("plan.json", "applied.json", "")
"""The plan, the plan after its apply, and the folder alone."""


def test_every_case_has_a_truth() -> None:
    assert cases("pods") == sorted(TRUTHS)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("case", TRUTHS)
def test_who_reaches_the_nodes(case: str, moment: str) -> None:
    truth = TRUTHS[case]
    inputs = analysis.load([str(FAMILY / case / moment)])
    answers = analysis.reach(inputs, Question(families=("ipv4",))).answers
    assert [(answer.resource, answer.subnet) for answer in answers] == [(WORKERS, subnet) for subnet in NODE]
    for answer in answers:
        nodes = [
            s.subnet for s in answer.sources if s.scope == "interface" and s.verdict.value == "reachable"
        ]
        pods = [s for s in answer.sources if s.scope == "pods"]
        assert nodes == list(truth.nodes)
        assert {s.resource for s in pods} <= {WORKERS}
        assert [s.subnet for s in pods if s.verdict.value == "reachable"] == list(truth.pods)
        assert [s.subnet for s in pods if s.verdict.value == "possible"] == list(truth.perhaps)
        assert {s.mitigated_by for s in pods} <= {truth.held}


@pytest.mark.parametrize("case", TRUTHS)
def test_held_pods_are_no_finding(case: str) -> None:
    truth = TRUTHS[case]
    expected = "fail" if truth.pods and not truth.held else "possible" if truth.perhaps else None
    for moment in ("plan.json", "applied.json"):
        found = [f for f in scan(FAMILY / case / moment).findings if f.check_id == "EKS202"]
        assert [f.status.value for f in found] == ([expected] if expected else [])
