"""EKS304: pods come with the security groups of their nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Estate
from eks_checks.aws.pod_groups import PodGroups, Sharing
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, group_name, listed, open_questions
from eks_checks.findings import Evidence, Severity


@check(
    id="EKS304",
    name="pods-share-node-sg",
    severity=Severity.LOW,
    summary="Pods use the nodes' security groups: neither custom networking nor groups for pods.",
    resource_types=("aws_eks_cluster",),
)
def eks304(view: View) -> Iterator[Outcome]:
    """One outcome per cluster that has nodes in the inputs: the groups of their pods (I1, I3, I5, H6)."""
    pods = PodGroups(view.estate)
    for cluster in sorted(view.estate.clusters.values(), key=lambda each: each.resource):
        found = list(pods.of(cluster)) if cluster.managed else []
        if found:
            yield _outcome(view.estate, cluster, found)


def _outcome(estate: Estate, cluster: Cluster, found: Sequence[Sharing]) -> Outcome:
    sharing = [one for one in found if one.shared.surely]
    if sharing:
        told = (_default(cluster), *(_evidence(estate, one, "come") for one in sharing))
        nodes = listed(one.resource for one in sharing)
        message = (
            f"Pods on {nodes} come with the security groups of their nodes. What these groups let in to the "
            "nodes they let in to every pod, and a rule that names one of them, a database's for example, "
            "admits every pod."
        )
        return Outcome(cluster.resource, "fail", message, told, _REMEDIATION, location=cluster.location)
    maybe = [one for one in found if one.shared.possibly]
    if not maybe:
        return Outcome(cluster.resource, "pass", location=cluster.location)
    causes = list(dict.fromkeys(cause for one in maybe for cause in one.shared.causes))
    message = (
        f"Whether pods on {listed(one.resource for one in maybe)} come with the security groups of their "
        f"nodes cannot be told: {decided_by(causes)}."
    )
    told = (*(_evidence(estate, one, "perhaps come") for one in maybe), *open_questions(causes))
    return Outcome(cluster.resource, "possible", message, told, _REMEDIATION, location=cluster.location)


def _default(cluster: Cluster) -> Evidence:
    text = (
        "nothing in the inputs gives all its pods groups of their own: no ENIConfig of custom networking, no "
        "SecurityGroupPolicy in force, no node class with groups for pods"
    )
    return Evidence(cluster.resource, text, cluster.location)


def _evidence(estate: Estate, one: Sharing, come: str) -> Evidence:
    known = [group_name(g) for key in one.groups if (g := estate.security_groups.get(key)) is not None]
    text = f"pods of its nodes {come} with the nodes' groups: {listed(known) if known else 'not told which'}"
    return Evidence(one.resource, text)


_REMEDIATION = (
    "Give pods groups of their own: for those that need it by a SecurityGroupPolicy (ENABLE_POD_ENI = true "
    "on the vpc-cni add-on; Nitro instances, not t3), or for all by custom networking "
    "(AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG = true and an ENIConfig per zone that names subnet and "
    "securityGroups; nodes must be replaced once); on Auto Mode by podSubnetSelectorTerms and "
    "podSecurityGroupSelectorTerms of a NodeClass of your own. The groups of pods need tcp and udp 53 to the "
    "DNS pods, tcp 443 to the control plane, and from it the webhooks' ports."
)
