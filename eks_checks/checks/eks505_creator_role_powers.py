"""EKS505: the role that creates a cluster, or its service role, is too powerful or open to many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from eks_checks.aws.iam import Role
from eks_checks.aws.iam_powers import WIDE_POLICIES, Power, other_policies, wide_powers
from eks_checks.aws.iam_trust import Admission, admissions
from eks_checks.aws.knowledge import Truth
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique
from eks_checks.checks.roles import CLUSTER_ROLE, Part, by_role, cluster_parts, doubts, meant, of_power, said
from eks_checks.checks.roles import unread as unread_policies
from eks_checks.findings import Evidence, Severity

CLUSTER_POLICIES = frozenset(
    {
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSLocalOutpostClusterPolicy",
        "AmazonEKSNetworkingPolicy",
        "AmazonEKSServicePolicy",
        "AmazonEKSVPCResourceController",
    }
)
"""The policies that AWS made for cluster roles, those of Auto Mode, of Outposts and an old one included."""

READING_POLICIES = frozenset(
    {
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEKSWorkerNodePolicy",
    }
)
"""Policies for nodes that only read: of no use on a cluster role, and not wide."""


@check(
    id="EKS505",
    name="creator-role-powers",
    severity=Severity.MEDIUM,
    summary="The role that creates a cluster, or its service role, has wide permissions or is open to many.",
    resource_types=("aws_iam_role",),
    parameters=("allowed_policies",),
)
def eks505(view: View) -> Iterator[Outcome]:
    """One outcome per role of the inputs that is a cluster's service role or creates a cluster (G5, H5)."""
    for role, parts in by_role(cluster_parts(view.estate)):
        yield _outcome(view, role, parts)


def _outcome(view: View, role: Role, parts: tuple[Part, ...]) -> Outcome:
    powers = [power for power in _powers(role, parts) if not meant(view, power.attached.policy)]
    admitted = admissions(role)
    telling = [power for power in powers if power.truth.surely]
    many = [one for one in admitted if one.truth.surely]
    if (telling or many) and not doubts(parts):
        told = unique((*map(of_power, telling), *map(_of_admission, many)))
        message, advice = _fails(role, parts, telling, many), _remediation(telling, many)
        return Outcome(role.resource, "fail", message, told, advice, location=role.location)
    causes = (
        *(cause for truth in _truths(powers, admitted) if not truth.surely for cause in truth.causes),
        *unread_policies(view, role),
        *(role.trust.causes if role.trust.open else ()),
    )
    if not (causes or powers or admitted):
        return Outcome(role.resource, "pass", location=role.location)
    open_ = (*causes, *doubts(parts))
    told = unique((*map(of_power, powers), *map(_of_admission, admitted), *open_questions(open_)))
    message = (
        f"Whether {role.resource}, {_parts(parts)}, keeps wide permissions or may be assumed by many "
        f"cannot be told: {decided_by(open_)}."
    )
    advice = _remediation(powers, admitted)
    return Outcome(role.resource, "possible", message, told, advice, location=role.location)


def _powers(role: Role, parts: tuple[Part, ...]) -> Iterator[Power]:
    found = list(wide_powers(role))
    yield from found
    if any(part.words.startswith(CLUSTER_ROLE) for part in parts):
        named = {power.attached for power in found}
        others = other_policies(role, CLUSTER_POLICIES | READING_POLICIES)
        yield from (each for each in others if each.attached not in named)


def _truths(powers: Iterable[Power], admitted: Iterable[Admission]) -> Iterator[Truth]:
    yield from (power.truth for power in powers)
    yield from (one.truth for one in admitted)


def _of_admission(admission: Admission) -> Evidence:
    statement = admission.statement
    text = f"trust policy: {statement}, which lets {admission.who} in"
    return Evidence(statement.resource, text, statement.location, statement.attribute)


def _parts(parts: tuple[Part, ...]) -> str:
    return listed(part.words for part in parts)


def _fails(role: Role, parts: tuple[Part, ...], powers: list[Power], many: list[Admission]) -> str:
    found = [said(powers)] if powers else []
    if many:
        found.append(f"may be assumed by {listed(one.who for one in many)}")
    return f"{role.resource}, {_parts(parts)}, {' and '.join(found)}. {_consequence(powers)}"


def _consequence(powers: list[Power]) -> str:
    if any(power.statement is not None or power.attached.policy.name in WIDE_POLICIES for power in powers):
        return "Whoever gets hold of the role, or of a pipeline that uses it, has the account."
    if powers:
        return "That is more than a control plane needs: whoever may pass the role to a cluster has it too."
    return (
        "Whoever assumes the role that creates a cluster may be its administrator; whoever assumes a service "
        "role acts as the control plane does in the account."
    )


def _remediation(powers: Sequence[Power], many: Sequence[Admission]) -> str:
    text = []
    if powers:
        text.append(
            "Take the policies named off the role. A service role needs AmazonEKSClusterPolicy alone (in "
            "Auto Mode its four policies besides). A role that creates clusters needs the actions of eks, "
            "ec2 and iam that the configuration uses, with iam:PassRole on the ARNs of the cluster and node "
            "roles. Changing policies replaces nothing; attach the narrow one before the wide one goes."
        )
    if many:
        text.append(
            "In assume_role_policy, name the roles that may assume it, or add a condition that says who "
            "(aws:PrincipalArn, aws:PrincipalOrgID, the provider's :sub). For a service role "
            "eks.amazonaws.com alone is enough. That changes in place."
        )
    return " ".join(text) or _FIND_OUT


_FIND_OUT = (
    "Give the inputs what decides: the state or plan that holds these policies, or the sources beside the "
    "plan. Then see that the role carries no more than it needs and names who may assume it."
)
