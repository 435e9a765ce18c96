"""EKS602: the node role allows more than nodes need, to every pod that reaches the metadata service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from eks_checks.aws.estate import Estate
from eks_checks.aws.iam import Role
from eks_checks.aws.iam_documents import Element, Pattern
from eks_checks.aws.iam_managed import managed_document
from eks_checks.aws.iam_powers import WIDE_POLICIES, Power, other_policies, powers_beyond
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique
from eks_checks.checks.roles import (
    Part,
    by_role,
    doubts,
    meant,
    of_attachment,
    of_power,
    parts_of,
    said,
    unread,
)
from eks_checks.findings import Evidence, Severity

NODE_POLICIES = frozenset(
    {
        "AWSXRayDaemonWriteAccess",
        "AWSXrayWriteOnlyAccess",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEKSWorkerNodePolicy",
        "AmazonSSMManagedEC2InstanceDefaultPolicy",
        "AmazonSSMManagedInstanceCore",
        "CloudWatchAgentServerPolicy",
    }
)
"""What kubelet and the agents of a node take: registration, images, Session Manager, logs and traces."""

CNI_POLICIES = frozenset({"AmazonEKS_CNI_Policy", "AmazonEKS_CNI_IPv6_Policy"})
"""What the VPC CNI takes: it works on the node role, and is better off with a role of its own."""

# Logs, metrics and traces; the CNI in an IPv6 cluster; images through a pull-through cache.
_ALSO = """cloudwatch:PutMetricData logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents
    logs:PutRetentionPolicy xray:GetSampling* xray:PutTelemetryRecords xray:PutTraceSegments
    ec2:AssignIpv6Addresses ec2:UnassignIpv6Addresses ecr:CreateRepository"""


@check(
    id="EKS602",
    name="node-role-powers",
    severity=Severity.MEDIUM,
    summary="The node role allows more than nodes need, and pods that reach the metadata service take it.",
    resource_types=("aws_iam_role",),
    parameters=("allowed_policies",),
)
def eks602(view: View) -> Iterator[Outcome]:
    """One outcome per role of the inputs that nodes have; what a node needs is in ``NODE_POLICIES`` (F2)."""
    for role, parts in by_role(_parts(view.estate)):
        yield _outcome(view, role, parts)


def _parts(estate: Estate) -> Iterator[Part]:
    """The roles of all nodes; of what only may be nodes, with the reason."""
    why: dict[str, tuple[Cause, ...]] = {}
    for interface in estate.node_interfaces():
        unsure = Cause(interface.resource, "cluster", "whether it makes nodes is not known")
        causes = () if interface.node.surely else interface.node.causes or (unsure,)
        why[interface.resource] = () if why.get(interface.resource) == () else causes
    for group in estate.node_groups:
        roles = estate.particulars.iam.roles_of_nodes(group.resource)
        for part in parts_of(estate.particulars.iam, roles, group.resource, "ec2.amazonaws.com"):
            yield Part(part.role, part.words, (*part.causes, *why.get(group.resource, ())))


@lru_cache(maxsize=1)
def needed() -> Element:
    """The actions that a node's own software needs."""
    documents = map(managed_document, sorted(NODE_POLICIES | CNI_POLICIES))
    statements = (statement for document in documents for statement in document.statements)
    patterns = (pattern for statement in statements for pattern in statement.actions.patterns)
    return Element((*patterns, *map(Pattern, _ALSO.split())))


def _outcome(view: View, role: Role, parts: tuple[Part, ...]) -> Outcome:
    found = [*other_policies(role, NODE_POLICIES | CNI_POLICIES), *powers_beyond(role, needed())]
    powers = [power for power in found if not meant(view, power.attached.policy)]
    telling = [power for power in powers if power.truth.surely]
    if telling and not doubts(parts):
        told = unique((*map(of_power, telling), *_beside(role)))
        message = _fails(role, parts, telling)
        return Outcome(role.resource, "fail", message, told, _REMEDIATION, location=role.location)
    causes = (
        *(cause for power in powers if not power.truth.surely for cause in power.truth.causes),
        *unread(view, role),
    )
    if not (causes or powers):
        return Outcome(role.resource, "pass", location=role.location)
    open_ = (*causes, *doubts(parts))
    told = unique((*map(of_power, powers), *_beside(role), *open_questions(open_)))
    message = (
        f"Whether {role.resource}, the role of the nodes of {_groups(parts)}, allows more than nodes need "
        f"cannot be told: {decided_by(open_)}."
    )
    return Outcome(role.resource, "possible", message, told, _REMEDIATION, location=role.location)


def _fails(role: Role, parts: tuple[Part, ...], powers: list[Power]) -> str:
    wide = any(p.attached.policy.name in WIDE_POLICIES or p.text.startswith("every") for p in powers)
    end = "With it a pod has the account." if wide else "What the nodes may do, their pods may."
    return (
        f"{role.resource}, the role of the nodes of {_groups(parts)}, {said(powers)}: more than nodes need. "
        f"Every pod that reaches the metadata service (EKS601) takes this role. {end}"
    )


def _groups(parts: tuple[Part, ...]) -> str:
    return listed(part.words for part in parts)


def _beside(role: Role) -> Iterator[Evidence]:
    """What does not fail alone, and is better off elsewhere."""
    for attached in role.policies:
        if attached.policy.name in CNI_POLICIES:
            better = "needed only while the VPC CNI has no role of its own"
            yield of_attachment(attached, f"attaches {attached.policy.name}: {better}")


_REMEDIATION = (
    "Give what needs these rights a role of its own (aws_eks_pod_identity_association, or IRSA), and take "
    "the policies named off the node role. Nodes keep AmazonEKSWorkerNodePolicy and "
    "AmazonEC2ContainerRegistryPullOnly, with AmazonSSMManagedInstanceCore for Session Manager, and "
    "AmazonEKS_CNI_Policy while the VPC CNI has no role of its own. Attaching and detaching policies "
    "replaces nothing; move the workload before you detach. A policy that is meant to be there is named in "
    "`checks: {EKS602: {allowed_policies: [...]}}`."
)
