"""EKS502: access to the cluster is by the aws-auth config map alone."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import Cluster
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, open_questions
from eks_checks.findings import Evidence, Severity

_CONFIG_MAP = "CONFIG_MAP"
_MODE = "access_config[0].authentication_mode"


@check(
    id="EKS502",
    name="auth-config-map",
    severity=Severity.MEDIUM,
    summary="Access to the cluster is by the aws-auth config map alone.",
    resource_types=("aws_eks_cluster",),
)
def eks502(view: View) -> Iterator[Outcome]:
    """One outcome per cluster that the inputs manage: its authentication mode (G4)."""
    for cluster in sorted(view.estate.clusters.values(), key=lambda each: each.resource):
        if cluster.managed:
            yield _outcome(cluster)


def _outcome(cluster: Cluster) -> Outcome:
    mode = cluster.authentication_mode
    if mode and mode != _CONFIG_MAP:
        return Outcome(cluster.resource, "pass", location=cluster.location)
    if not mode:
        message = (
            f"Whether access is by the aws-auth config map alone cannot be told: "
            f"{decided_by(cluster.mode_causes)}. {_CONSEQUENCE}"
        )
        told = open_questions(cluster.mode_causes)
        return Outcome(cluster.resource, "possible", message, told, _REMEDIATION, location=cluster.location)
    message = f"Who gets into this cluster, the aws-auth config map alone decides. {_CONSEQUENCE}"
    text = "access_config.authentication_mode is CONFIG_MAP (what AWS takes where it is not set)"
    told = (Evidence(cluster.resource, text, attribute=_MODE),)
    return Outcome(cluster.resource, "fail", message, told, _REMEDIATION, location=cluster.location)


_CONSEQUENCE = (
    "One object inside the cluster maps everybody: one wrong indent locks all of them out, whoever may write "
    "it makes himself administrator, AWS neither lists nor audits what it says, and the creator's own right "
    "is in no list at all."
)

_REMEDIATION = (
    'Set authentication_mode to "API_AND_CONFIG_MAP" in access_config (in place, never to be taken back), '
    "make an aws_eks_access_entry for every line of aws-auth (EKS makes those of managed node groups and "
    'Fargate profiles by itself), test them, then go on to "API".'
)
