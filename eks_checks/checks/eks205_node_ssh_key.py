"""EKS205: nodes carry an SSH key at all."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import NodeGroup
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES
from eks_checks.checks.phrases import decided_by, listed, open_questions
from eks_checks.findings import Evidence, Severity


@check(
    id="EKS205",
    name="node-ssh-key",
    severity=Severity.LOW,
    summary="Nodes carry an SSH key, so somebody means to log in to them with it.",
    resource_types=NODE_TYPES,
)
def eks205(view: View) -> Iterator[Outcome]:
    """One outcome per node group: a key in remote_access, in the template, or on the instance (E6, E7)."""
    for group in sorted(view.estate.node_groups, key=lambda each: each.resource):
        yield _outcome(group)


def _outcome(group: NodeGroup) -> Outcome:
    key = group.ssh_key
    if not key.possibly:
        return Outcome(group.resource, "pass", location=group.location)
    if not key.surely:
        message = f"Whether the nodes carry an SSH key cannot be told: {decided_by(key.causes)}."
        told = open_questions(key.causes)
        return Outcome(group.resource, "possible", message, told, _REMEDIATION, location=group.location)
    message = (
        f"The nodes carry an SSH key, set in {_holder(group)}: one shared key that never expires, is tied "
        "to no person, and works on every node wherever port 22 can be reached."
    )
    attribute = "remote_access[0].ec2_ssh_key" if group.remote_access.surely else "key_name"
    told = (Evidence(_resource(group), f"sets the SSH key of {group.resource}", attribute=attribute),)
    return Outcome(group.resource, "fail", message, told, _REMEDIATION, location=group.location)


def _holder(group: NodeGroup) -> str:
    if group.remote_access.surely:
        return f"remote_access.ec2_ssh_key of {group.resource}"
    if group.templates.candidates:
        return f"key_name of {listed(sorted(group.templates.candidates))}"
    return group.resource


def _resource(group: NodeGroup) -> str:
    if group.remote_access.surely or len(group.templates.candidates) != 1:
        return group.resource
    return next(iter(group.templates.candidates))


_REMEDIATION = (
    "Drop the key (key_name of the launch template or instance, remote_access.ec2_ssh_key of the node "
    "group) and use Session Manager: give the node role AmazonSSMManagedInstanceCore, and nodes in "
    "private subnets NAT or the ssm, ssmmessages and ec2messages endpoints. Nodes take the change by "
    "being replaced. On Bottlerocket the key is also what switches the SSH container on."
)
