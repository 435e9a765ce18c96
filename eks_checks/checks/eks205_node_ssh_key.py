"""EKS205: nodes carry an SSH key at all."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.node_facts import KeyPlace, NodeFacts
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
    """One outcome per node group: a key in remote_access, template, instance or user data (E6, E7)."""
    for group in view.estate.node_groups:
        facts = view.estate.particulars.node_facts.get(group.resource)
        if facts is not None:
            yield _outcome(group, facts)


def _outcome(group: NodeGroup, facts: NodeFacts) -> Outcome:
    key = facts.ssh_key
    if not key.possibly:
        return Outcome(group.resource, "pass", location=group.location)
    told = tuple(_evidence(group, place) for place in facts.keys)
    brought = any(place.by_user_data for place in facts.keys)
    remedy = _REMEDIATION + (_FROM_USER_DATA if brought else "")
    if not (key.surely and group.node.surely):
        causes = (*key.causes, *group.node.causes)
        message = f"Whether the nodes carry an SSH key cannot be told: {decided_by(causes)}."
        told = (*told, *open_questions(causes))
        return Outcome(group.resource, "possible", message, told, remedy, location=group.location)
    message = f"The nodes carry an SSH key, set in {listed(map(_holder, facts.keys))}: {_meaning(group)}"
    return Outcome(group.resource, "fail", message, told, remedy, location=group.location)


def _holder(place: KeyPlace) -> str:
    what = "the user data" if place.by_user_data else place.attribute.replace("[0]", "")
    return f"{what} of {place.resource}"


def _meaning(group: NodeGroup) -> str:
    if group.windows.surely:
        return (
            "one shared key that never expires, is tied to no person, and decrypts the administrator's "
            "password of every node."
        )
    return (
        "one shared key that never expires, is tied to no person, and works on every node wherever port 22 "
        "can be reached."
    )


def _evidence(group: NodeGroup, place: KeyPlace) -> Evidence:
    if place.by_user_data:
        text = f"its user data brings an SSH key to the nodes of {group.resource}"
    else:
        text = f"sets the SSH key of {group.resource}"
    return Evidence(place.resource, text, attribute=place.attribute)


_REMEDIATION = (
    "Drop the key (key_name of the launch template or instance, remote_access.ec2_ssh_key of the node "
    "group) and use Session Manager: give the node role AmazonSSMManagedInstanceCore, and nodes in "
    "private subnets NAT or the ssm, ssmmessages and ec2messages endpoints. Nodes take the change by "
    "being replaced. On Bottlerocket the key is also what switches the SSH container on."
)
_FROM_USER_DATA = " Leave authorized keys out of the user data as well."
