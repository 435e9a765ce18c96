"""EKS603: a managed node group without launch template cannot bring security groups of its own."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.node_facts import NodeFacts
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, open_questions
from eks_checks.findings import Evidence, Severity


@check(
    id="EKS603",
    name="node-group-no-template",
    severity=Severity.INFO,
    summary="A managed node group without launch template cannot bring security groups of its own.",
    resource_types=("aws_eks_node_group",),
)
def eks603(view: View) -> Iterator[Outcome]:
    """One outcome per managed node group (E5); nothing else comes up without a description of its nodes."""
    for group in view.estate.node_groups:
        facts = view.estate.particulars.node_facts.get(group.resource)
        if facts is not None and group.kind == "managed":
            yield _outcome(group, facts)


def _outcome(group: NodeGroup, facts: NodeFacts) -> Outcome:
    templated = facts.templated
    if templated.surely:
        return Outcome(group.resource, "pass", location=group.location)
    if templated.possibly:
        message = (
            f"Whether the node group has a launch template cannot be told: {decided_by(templated.causes)}."
        )
        told = open_questions(templated.causes)
        return Outcome(group.resource, "possible", message, told, _REMEDIATION, location=group.location)
    remote = ", and beside it the group that it makes for remote_access" if group.remote_access.surely else ""
    message = (
        "The node group has no launch template, so it cannot bring security groups of its own: EKS puts the "
        f"cluster security group on its nodes{remote}. Nor can it set metadata options, user data or the "
        "tags of its instances."
    )
    text = "no launch_template block: EKS writes a launch template of its own"
    told = (Evidence(group.resource, text, attribute="launch_template"),)
    return Outcome(group.resource, "fail", message, told, _REMEDIATION, location=group.location)


_REMEDIATION = (
    "Give the node group a launch_template that names the nodes' own groups in vpc_security_group_ids and "
    "sets metadata_options; disk_size, remote_access and the key then belong into the template. A node group "
    "cannot take a template later: it is replaced, so create the new one beside it first, and add the rules "
    "that nodes need without the cluster security group (eks-checks explain EKS302)."
)
