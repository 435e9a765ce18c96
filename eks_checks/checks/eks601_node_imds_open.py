"""EKS601: pods take the node role's credentials from the instance metadata service."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.node_facts import OPTIONAL, NodeFacts, Setting
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES
from eks_checks.checks.phrases import decided_by, listed, open_questions
from eks_checks.findings import Evidence, Severity


@check(
    id="EKS601",
    name="node-imds-open",
    severity=Severity.MEDIUM,
    summary="Pods get the node role's credentials: metadata tokens are optional, or the hop limit lets them.",
    resource_types=NODE_TYPES,
)
def eks601(view: View) -> Iterator[Outcome]:
    """One outcome per node group: by the metadata options its nodes come up with (E9, H3, H5)."""
    for group in view.estate.node_groups:
        facts = view.estate.particulars.node_facts.get(group.resource)
        if facts is not None:
            yield _outcome(view, group, facts)


def _outcome(view: View, group: NodeGroup, facts: NodeFacts) -> Outcome:
    open_ = facts.to_pods
    if not open_.possibly:
        return Outcome(group.resource, "pass", location=group.location)
    bare = group.kind == "managed" and not facts.templated.possibly
    remedy = _remediation(group, bare=bare)
    if not (open_.surely and group.node.surely):
        causes = (*open_.causes, *group.node.causes)
        message = (
            "Whether pods get the credentials of the node role from the instance metadata service cannot be "
            f"told: {decided_by(causes)}.{_CHOSEN if bare else ''}"
        )
        told = (*_evidence(facts), *open_questions(causes))
        return Outcome(group.resource, "possible", message, told, remedy, location=group.location)
    message = (
        f"Any pod on these nodes gets the credentials of the node role{_role(view, group)} from the instance "
        f"metadata service: {_why(facts, bare=bare)}. Whoever breaks into a pod is then that role in AWS, "
        "and a node of the cluster. Pods on the host network get them whatever the options are."
    )
    return Outcome(group.resource, "fail", message, _evidence(facts), remedy, location=group.location)


def _role(view: View, group: NodeGroup) -> str:
    """The role's name in brackets, or those of several, as far as the inputs tell them."""
    iam = view.estate.particulars.iam
    found = sorted(iam.roles_of_nodes(group.resource).sure)
    named = listed(iam.roles[key].resource if key in iam.roles else key for key in found)
    return f" ({named})" if found else ""


def _openings(facts: NodeFacts) -> Iterator[Setting]:
    """What lets pods in, of every way in which the nodes come up."""
    for way in facts.metadata:
        if way.to_pods.surely:
            yield from way.openings


def _why(facts: NodeFacts, *, bare: bool) -> str:
    found = list(_openings(facts))
    reasons = []
    if any(setting.exact == OPTIONAL for setting in found):
        reasons.append("tokens are optional, so a plain request is answered, whatever the hop limit")
    limits = sorted({value for one in found if one.exact != OPTIONAL for value in one.values}, key=int)
    if limits:
        whose = "EKS's own launch template sets hop limit" if bare else "the hop limit is"
        reasons.append(f"{whose} {' or '.join(limits)}, and the node itself needs only 1")
    return "; ".join(reasons)


def _evidence(facts: NodeFacts) -> tuple[Evidence, ...]:
    found = (Evidence(one.resource, one.text, attribute=one.attribute) for one in _openings(facts))
    return tuple(dict.fromkeys(found))


def _remediation(group: NodeGroup, *, bare: bool) -> str:
    if group.kind == "node_class":
        return _NODE_CLASS + _PODS
    return (_BARE if bare else _TEMPLATE) + _PODS


_CHOSEN = (
    " Without a launch template EKS writes one: AWS's user guide gives its hop limit as 2 for managed node "
    "groups, and as 1 where it speaks of Amazon Linux 2023."
)
_TEMPLATE = (
    'Set http_tokens = "required" and http_put_response_hop_limit = 1 in metadata_options of the launch '
    "template (or configuration, or instance), and leave the endpoint enabled: the node needs it. Nodes take "
    "the change by being replaced. "
)
_BARE = (
    'Give the node group a launch template with metadata_options { http_tokens = "required", '
    "http_put_response_hop_limit = 1 }. That replaces the node group, so create the new one beside it first; "
    "a template that names no security groups leaves the cluster's on the nodes, as now. "
)
_NODE_CLASS = (
    "Leave metadataOptions out of an EC2NodeClass of karpenter.k8s.aws/v1, or set httpTokens: required and "
    "httpPutResponseHopLimit: 1 in it; before v1 the default hop limit is 2. Karpenter replaces the nodes. "
)
_PODS = (
    "Before that, give pods that call AWS a role of their own (EKS Pod Identity, or IAM roles for service "
    "accounts), and tell controllers that read Region or VPC from the service what these are, as with "
    "--aws-region and --aws-vpc-id of the AWS Load Balancer Controller."
)
