"""EKS504: no dedicated role creates the cluster, or one role creates several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eks_checks.aws.access import Creator
from eks_checks.aws.eks import Cluster
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, listed, open_questions
from eks_checks.findings import Evidence, Severity
from eks_checks.terraform.sameness import Same
from eks_checks.terraform.value import scalar

_PROVIDER = "provider"


@check(
    id="EKS504",
    name="creator-not-dedicated",
    severity=Severity.LOW,
    summary="No dedicated role creates the cluster, or one role creates several clusters.",
    resource_types=("aws_eks_cluster",),
)
def eks504(view: View) -> Iterator[Outcome]:
    """One outcome per cluster that the inputs manage: whose rights its provider configuration takes (G5)."""
    creators = view.estate.particulars.access.creators
    for key, cluster in sorted(view.estate.clusters.items(), key=lambda each: each[1].resource):
        if cluster.managed and key in creators:
            yield _outcome(view, cluster, creators[key], _others(view, key, creators))


def _others(view: View, key: str, creators: Mapping[str, Creator]) -> Mapping[Same, list[Cluster]]:
    """The other clusters by whether the same role makes them."""
    found: dict[Same, list[Cluster]] = {answer: [] for answer in Same}
    for other, creator in sorted(creators.items()):
        cluster = view.estate.clusters[other]
        if other == key or not cluster.managed:
            continue
        answer = creators[key].same(creator)
        unsure = view.estate.uncertain.get(cluster.resource)
        found[Same.UNDECIDED if unsure and answer is Same.YES else answer].append(cluster)
    return found


def _outcome(view: View, cluster: Cluster, creator: Creator, others: Mapping[Same, list[Cluster]]) -> Outcome:
    place, name = cluster.location, cluster.resource
    if not creator.assumes.possibly:
        message = (
            f"No role of its own creates this cluster: {_provider(creator)} assumes none, so it is created "
            "with the credentials of whoever runs the apply, a person or a pipeline's role that can do much "
            "else. Whoever creates a cluster may hold it from then on."
        )
        return Outcome(name, "fail", message, (_own(cluster, creator),), _REMEDIATION, location=place)
    if others[Same.YES]:
        message = (
            f"One role creates this cluster and {_named(others[Same.YES])}: the creator of a cluster may "
            "hold it from then on, so whoever gets hold of this role has all of them."
        )
        told = (_own(cluster, creator), *(_other(each) for each in others[Same.YES]))
        return Outcome(name, "fail", message, told, _REMEDIATION, location=place)
    causes = (*creator.assumes.causes, *_perhaps_several(view, cluster, others))
    if not causes:
        return Outcome(name, "pass", location=place)
    message = f"Whether a role of its own creates this cluster cannot be told: {decided_by(causes)}."
    return Outcome(name, "possible", message, open_questions(causes), _REMEDIATION, location=place)


def _perhaps_several(view: View, cluster: Cluster, others: Mapping[Same, list[Cluster]]) -> tuple[Cause, ...]:
    """Why the same role may create another cluster: one that may be there, or a provider that is not told."""
    mine = view.estate.uncertain.get(cluster.resource, ())
    unsure = (view.estate.uncertain.get(each.resource, ()) for each in others[Same.UNDECIDED])
    known = (*mine, *(cause for causes in unsure for cause in causes))
    if known or not others[Same.UNDECIDED]:
        return known
    reason = f"the role may be that of {_named(others[Same.UNDECIDED])}"
    return (Cause(cluster.resource, _PROVIDER, reason),)


def _own(cluster: Cluster, creator: Creator) -> Evidence:
    if not creator.assumes.possibly:
        text = f"made by {_provider(creator)}, which has no assume_role"
    else:
        arn = scalar(creator.role)
        role = f" {arn}" if isinstance(arn, str) else ""
        text = f"made by {_provider(creator)}, which assumes the role{role}"
    return Evidence(cluster.resource, text, cluster.location, _PROVIDER)


def _other(cluster: Cluster) -> Evidence:
    return Evidence(cluster.resource, "is made by the same role", cluster.location, _PROVIDER)


def _named(clusters: list[Cluster]) -> str:
    return listed(each.resource for each in clusters)


def _provider(creator: Creator) -> str:
    return f"provider {creator.provider}" if creator.provider else "its provider"


_REMEDIATION = (
    "Make one aws_iam_role for each cluster that may do just what creating it takes, and let an aliased "
    "provider assume it: assume_role { role_arn = ... }, and provider = aws.ALIAS on the aws_eks_cluster "
    "(for a module: providers = { aws = aws.ALIAS }). A cluster that exists keeps the creator it had."
)
