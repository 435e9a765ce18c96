"""EKS604: audit or authenticator logs of the control plane are off."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import Cluster
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, listed, open_questions
from eks_checks.findings import Evidence, Severity

_WHAT = {
    "audit": "who did what to the API server",
    "authenticator": "which IAM principal came in as which user",
}
"""Type of logs to what they tell."""
_ATTRIBUTE = "enabled_cluster_log_types"


@check(
    id="EKS604",
    name="control-plane-logs",
    severity=Severity.LOW,
    summary="Audit or authenticator logs of the control plane are off.",
    resource_types=("aws_eks_cluster",),
)
def eks604(view: View) -> Iterator[Outcome]:
    """One outcome per cluster that the inputs manage: whether both types of logs are sent to CloudWatch."""
    for cluster in sorted(view.estate.clusters.values(), key=lambda each: each.resource):
        if cluster.managed:
            yield _outcome(cluster)


def _outcome(cluster: Cluster) -> Outcome:
    sent = {type_: cluster.logs_of(type_) for type_ in _WHAT}
    missing = [type_ for type_, on in sent.items() if not on.possibly]
    if missing:
        lost = listed(_WHAT[type_] for type_ in missing)
        message = (
            f"The control plane keeps no {listed(missing)} log: nobody can tell afterwards {lost}. "
            "What was not logged cannot be fetched later."
        )
        text = f"{_ATTRIBUTE} lacks {listed(missing)} (none is on by default)"
        lacks = (Evidence(cluster.resource, text, attribute=_ATTRIBUTE),)
        return Outcome(cluster.resource, "fail", message, lacks, _REMEDIATION, location=cluster.location)
    causes = tuple(dict.fromkeys(cause for on in sent.values() if not on.surely for cause in on.causes))
    if all(on.surely for on in sent.values()):
        return Outcome(cluster.resource, "pass", location=cluster.location)
    message = f"Whether audit and authenticator logs are kept cannot be told: {decided_by(causes)}."
    told = open_questions(causes)
    return Outcome(cluster.resource, "possible", message, told, _REMEDIATION, location=cluster.location)


_REMEDIATION = (
    'Add "audit" and "authenticator" to enabled_cluster_log_types of the cluster, which changes it in place. '
    "EKS makes the log group /aws/eks/NAME/cluster, which keeps everything for ever: an "
    "aws_cloudwatch_log_group of that name, made before the cluster, sets retention_in_days."
)
