"""EKS704: a policy for the cluster lets EC2 or Auto Scaling be changed whatever the tags say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.iam import AWS_MANAGED, Attached, Role
from eks_checks.aws.iam_tags import Untagged, untagged
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique
from eks_checks.checks.roles import Part, cluster_parts, doubts, meant, parts_of, policy_name
from eks_checks.findings import Evidence, Severity
from eks_checks.location import SourceSpan

POLICY_TYPES = ("aws_iam_policy", "aws_iam_role", "aws_iam_role_policy")
"""What holds the text of a policy: a role does in its ``inline_policy`` blocks."""

_SHOWN = 5


@dataclass(frozen=True)
class _Carried:
    """A policy on a role of the cluster, with what it allows without tags; ``causes``: what is not known."""

    attached: Attached
    role: Role
    words: str
    found: tuple[Untagged, ...]
    causes: tuple[Cause, ...]


@check(
    id="EKS704",
    name="tag-condition-missing",
    severity=Severity.LOW,
    summary="A policy for the cluster lets EC2 or Auto Scaling be changed without a condition on tags.",
    resource_types=POLICY_TYPES,
    parameters=("allowed_policies",),
)
def eks704(view: View) -> Iterator[Outcome]:
    """One outcome per resource that holds a policy of a role of the cluster, AWS's own left out (L1, L2)."""
    by_resource: dict[str, list[_Carried]] = {}
    for one in _carried(view):
        by_resource.setdefault(one.attached.policy.resource, []).append(one)
    for resource in sorted(by_resource):
        yield _outcome(resource, by_resource[resource])


def _carried(view: View) -> Iterator[_Carried]:
    parts: dict[str, list[Part]] = {}
    for part in _parts(view.estate):
        parts.setdefault(part.role.key, []).append(part)
    for key in sorted(parts):
        role, why = parts[key][0].role, doubts(parts[key])
        words = listed(part.words for part in parts[key])
        for attached in role.policies:
            policy = attached.policy
            if policy.kind != AWS_MANAGED and policy.resource and not meant(view, policy):
                unread = policy.document.causes if policy.document.open else ()
                yield _Carried(attached, role, words, untagged(role, attached), (*why, *unread))


def _parts(estate: Estate) -> Iterator[Part]:
    """The roles of clusters, creators, nodes and pods."""
    iam = estate.particulars.iam
    yield from cluster_parts(estate)
    for group in estate.node_groups:
        words = f"the role of the nodes of {group.resource}"
        yield from parts_of(iam, iam.roles_of_nodes(group.resource), words)
    for workload in iam.workloads:
        words = f"the role of the pods of {workload.account}" if workload.account else "the role of pods"
        yield from parts_of(iam, workload.role, words)


def _outcome(resource: str, carried: list[_Carried]) -> Outcome:
    place = _place(carried)
    telling = [(one, each) for one in carried for each in one.found if each.truth.surely]
    sure = [(one, each) for one, each in telling if one.causes == () or not _only_doubts(one)]
    if sure:
        one, _ = sure[0]
        told = unique(_evidence(each) for _, each in sure)
        return Outcome(resource, "fail", _fails(resource, one, sure), told, _REMEDIATION, location=place)
    found = [each for one in carried for each in one.found]
    open_ = (
        *(cause for one in carried for cause in one.causes),
        *(cause for each in found for cause in each.truth.causes),
    )
    if not found and not open_:
        return Outcome(resource, "pass", location=place)
    message = (
        f"Whether {policy_name(carried[0].attached.policy)} lets EC2 or Auto Scaling be changed without a "
        f"condition on tags cannot be told: {decided_by(open_)}."
    )
    told = unique((*map(_evidence, found), *open_questions(open_)))
    return Outcome(resource, "possible", message, told, _REMEDIATION, location=place)


def _only_doubts(one: _Carried) -> bool:
    """Whether it is not sure that the role is one of the cluster's."""
    unread = one.attached.policy.document.causes if one.attached.policy.document.open else ()
    return any(cause not in unread for cause in one.causes)


def _place(carried: list[_Carried]) -> SourceSpan | None:
    return carried[0].attached.policy.location


def _fails(resource: str, one: _Carried, sure: list[tuple[_Carried, Untagged]]) -> str:
    names = list(dict.fromkeys(name for _, each in sure for name in each.actions))
    return (
        f"{resource}, a policy of {one.role.resource} ({one.words}), allows {listed(names, _SHOWN)} whatever "
        "the tags: a token of that role changes what belongs to other clusters of the account as well."
    )


def _evidence(each: Untagged) -> Evidence:
    statement = each.statement
    text = f"{statement}: no condition on a tag, for {listed(each.actions, _SHOWN)}"
    return Evidence(statement.resource, text, statement.location, statement.attribute)


_REMEDIATION = (
    "Add a condition to the statement: StringEquals on aws:ResourceTag/KEY for what exists (the tag "
    "kubernetes.io/cluster/NAME = owned, or k8s.io/cluster-autoscaler/NAME = owned on Auto Scaling groups), "
    "on aws:RequestTag/KEY for what is made; or name the ARNs. See first that the tag is on what the role "
    "works with (EKS702, EKS703), else its calls are refused. A changed policy replaces nothing."
)
