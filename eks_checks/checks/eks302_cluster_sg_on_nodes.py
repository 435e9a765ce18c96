"""EKS302: nodes carry the cluster security group, whose self rule opens every port among its members."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, node_groups
from eks_checks.checks.phrases import decided_by, listed, open_questions, subnet_name
from eks_checks.findings import Evidence, Severity


@check(
    id="EKS302",
    name="cluster-sg-on-nodes",
    severity=Severity.MEDIUM,
    summary="Nodes carry the cluster security group, whose self rule opens every port among its members.",
    resource_types=NODE_TYPES,
)
def eks302(view: View) -> Iterator[Outcome]:
    """One outcome per node group: whether any of its interfaces carries the group EKS made (E1, E3, E5)."""
    for resource, interfaces in node_groups(view.estate):
        yield _outcome(view.estate, resource, interfaces)


def _outcome(estate: Estate, resource: str, interfaces: tuple[Interface, ...]) -> Outcome:
    location = interfaces[0].location
    pairs = [(interface, shape) for interface in interfaces for shape in interface.shapes]
    carrying = [pair for pair in pairs if _made_by_eks(estate, pair[1].groups.sure)]
    sure = [pair for pair in carrying if pair[0].node.surely]
    if sure:
        cluster = listed(_clusters(estate, [shape for _, shape in sure]))
        subnets = listed(dict.fromkeys(subnet_name(interface.subnet) for interface, _ in sure))
        message = (
            f"The nodes in {subnets} carry the cluster security group of {cluster}. Its self rule, which EKS "
            "restores, opens every port, 22 included, to the control plane, to all other nodes and pods that "
            "carry it, whatever the nodes' other groups say."
        )
        told = tuple(dict.fromkeys(_evidence(estate, interface, shape) for interface, shape in sure))
        return Outcome(resource, "fail", message, told, _remediation(interfaces), location=location)
    # What carries the group for certain may be no node.
    maybe = carrying or [p for p in pairs if p[1].groups.open or _made_by_eks(estate, p[1].groups.maybe)]
    if not maybe:
        return Outcome(resource, "pass", location=location)
    causes = {cause for _, shape in maybe for cause in shape.groups.causes}
    causes |= {cause for interface, _ in maybe for cause in interface.node.causes}
    causes = causes or {
        Cause(resource, "vpc_security_group_ids", "which groups the nodes carry is not known")
    }
    message = f"Whether the nodes carry the cluster security group cannot be told: {decided_by(causes)}."
    told = open_questions(causes)
    return Outcome(resource, "possible", message, told, _remediation(interfaces), location=location)


def _made_by_eks(estate: Estate, groups: frozenset[str]) -> list[str]:
    known = (estate.security_groups.get(key) for key in sorted(groups))
    return [group.key for group in known if group is not None and group.kind == "cluster"]


def _clusters(estate: Estate, shapes: list[Shape]) -> list[str]:
    keys = [key for shape in shapes for key in _made_by_eks(estate, shape.groups.sure)]
    return sorted({estate.security_groups[key].resource for key in keys})


def _evidence(estate: Estate, interface: Interface, shape: Shape) -> Evidence:
    text = f"its nodes come up with the cluster security group of {listed(_clusters(estate, [shape]))}"
    if shape.origin and shape.origin != interface.resource:
        return Evidence(shape.origin, text, shape.groups_at)
    return Evidence(interface.resource, text, interface.location)


def _remediation(interfaces: tuple[Interface, ...]) -> str:
    classes = all(interface.kind == "node_class" for interface in interfaces)
    return (_NODE_CLASS if classes else _TEMPLATE) + _RULES


_TEMPLATE = (
    "Give the node group a launch template that names the nodes' own groups in vpc_security_group_ids and "
    "not the cluster security group: EKS then attaches only those. "
)
_NODE_CLASS = (
    "Let securityGroupSelectorTerms of the node class select the nodes' own groups and not the cluster "
    "security group; in Auto Mode, do without the built-in node pools and write a NodeClass for your own. "
)
_RULES = (
    "Deleting the self rule does not last, EKS puts it back at each cluster update. Nodes without the group "
    "still need: tcp 443 to the control plane (admit the node group's security group on the cluster "
    "security group or on one in vpc_config.security_group_ids), 10250 and the webhooks' ports from the "
    "control plane, tcp and udp 53 and tcp 1025-65535 among themselves, and their way out. Add these rules "
    "before the nodes change groups."
)
