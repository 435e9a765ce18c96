"""EKS501: the principal that creates the cluster silently becomes its administrator."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import Cluster
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, open_questions
from eks_checks.findings import Evidence, Severity

_CONFIG_MAP = "CONFIG_MAP"
_CREATOR = "access_config[0].bootstrap_cluster_creator_admin_permissions"


@check(
    id="EKS501",
    name="creator-admin",
    severity=Severity.MEDIUM,
    summary="The principal that creates the cluster silently becomes its administrator.",
    resource_types=("aws_eks_cluster",),
)
def eks501(view: View) -> Iterator[Outcome]:
    """One outcome per cluster: whether the creator is bootstrapped (G5), in which mode (G4)."""
    for cluster in sorted(view.estate.clusters.values(), key=lambda each: each.resource):
        if cluster.managed:  # who created one that others manage, these inputs cannot change
            yield _outcome(cluster)


def _outcome(cluster: Cluster) -> Outcome:
    creator = cluster.creator_admin
    if not creator.possibly:
        return Outcome(cluster.resource, "pass", location=cluster.location)
    severity = Severity.HIGH if cluster.authentication_mode == _CONFIG_MAP else Severity.MEDIUM
    if not creator.surely:
        message = (
            f"Whether whoever creates the cluster becomes its administrator cannot be told: "
            f"{decided_by(creator.causes)}. {_consequence(cluster)}"
        )
        told = open_questions(creator.causes)
        return Outcome(cluster.resource, "possible", message, told, _REMEDIATION, severity, cluster.location)
    message = (
        f"Whoever runs the apply that creates the cluster becomes its administrator. {_consequence(cluster)}"
    )
    told = (Evidence(cluster.resource, _TRUE, attribute=_CREATOR), *_mode(cluster))
    return Outcome(cluster.resource, "fail", message, told, _REMEDIATION, severity, cluster.location)


def _consequence(cluster: Cluster) -> str:
    if cluster.authentication_mode == _CONFIG_MAP:
        return (
            "In authentication mode CONFIG_MAP that right is shown nowhere and cannot be taken away, "
            "so it outlives the person's job and the pipeline's role."
        )
    if cluster.authentication_mode:
        return (
            "It is an access entry that no code states: it can be listed and deleted, but nobody reviews it."
        )
    return (
        "Should the authentication mode be CONFIG_MAP, that right is shown nowhere and cannot be taken away."
    )


def _mode(cluster: Cluster) -> tuple[Evidence, ...]:
    mode = cluster.authentication_mode or "not known"
    text = f"access_config.authentication_mode is {mode}"
    return (Evidence(cluster.resource, text, attribute="access_config[0].authentication_mode"),)


_TRUE = "access_config.bootstrap_cluster_creator_admin_permissions is true (the default where it is not set)"

_REMEDIATION = (
    'In access_config, set authentication_mode to "API" and bootstrap_cluster_creator_admin_permissions to '
    "false, and grant administration explicitly by aws_eks_access_entry and "
    "aws_eks_access_policy_association. Changing bootstrap_cluster_creator_admin_permissions replaces the "
    "cluster: on one that exists, leave it, move to API_AND_CONFIG_MAP, make the entries you want, and then "
    "delete the creator's access entry."
)
