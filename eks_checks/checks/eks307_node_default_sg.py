"""EKS307: nodes use the VPC's default security group."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import SecurityGroup
from eks_checks.aws.identity import owner_and_role
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, node_groups
from eks_checks.checks.phrases import decided_by, listed, open_questions, subnet_name, unique
from eks_checks.findings import Evidence, Severity

_ROLE = "default_security_group"


@check(
    id="EKS307",
    name="node-default-sg",
    severity=Severity.MEDIUM,
    summary="Nodes use the VPC's default security group.",
    resource_types=NODE_TYPES,
)
def eks307(view: View) -> Iterator[Outcome]:
    """One outcome per node group: whether any of its interfaces carries a default group (A15, A25)."""
    for resource, interfaces in node_groups(view.estate):
        yield _outcome(view.estate, resource, interfaces)


def _outcome(estate: Estate, resource: str, interfaces: tuple[Interface, ...]) -> Outcome:
    location = interfaces[0].location
    pairs = [(interface, shape) for interface in interfaces for shape in interface.shapes]
    carrying = [(i, s) for i, s in pairs if _defaults(estate, s.groups.sure)]
    if any(interface.node.surely for interface, _ in carrying):
        named = _named(estate, [shape for _, shape in carrying])
        subnets = listed(subnet_name(interface.subnet) for interface, _ in carrying)
        message = (
            f"The nodes in {subnets} carry {named}. It is on everything of the VPC that names no group: "
            "what is written into it for one of these holds for the nodes, and its members reach each "
            "other as its rules say."
        )
        told = unique(_evidence(estate, interface, shape) for interface, shape in carrying)
        return Outcome(resource, "fail", message, told, _REMEDIATION, location=location)
    maybe = carrying or [(i, s) for i, s in pairs if s.groups.open or _defaults(estate, s.groups.maybe)]
    if not maybe:
        return Outcome(resource, "pass", location=location)
    causes = {cause for interface, shape in maybe for cause in _causes(interface, shape)}
    causes = causes or {
        Cause(resource, "vpc_security_group_ids", "which groups the nodes carry is not known")
    }
    message = f"Whether nodes carry the VPC's default security group cannot be told: {decided_by(causes)}."
    told = (*unique(_evidence(estate, i, s) for i, s in carrying), *open_questions(causes))
    return Outcome(resource, "possible", message, told, _REMEDIATION, location=location)


def _defaults(estate: Estate, groups: frozenset[str]) -> list[str]:
    """Those of the groups that are a VPC's default one; of a VPC outside the inputs the key alone tells."""
    return [key for key in sorted(groups) if _is_default(estate.security_groups.get(key), key)]


def _is_default(group: SecurityGroup | None, key: str) -> bool:
    return owner_and_role(key)[1] == _ROLE or (group is not None and group.kind == "default")


def _causes(interface: Interface, shape: Shape) -> Iterator[Cause]:
    yield from shape.groups.causes
    if not interface.node.surely:
        yield from interface.node.causes


def _named(estate: Estate, shapes: list[Shape]) -> str:
    keys = [key for shape in shapes for key in _defaults(estate, shape.groups.sure)]
    return listed(f"the default security group of {_vpc(estate.security_groups.get(k), k)}" for k in keys)


def _vpc(group: SecurityGroup | None, key: str) -> str:
    """What a reader knows the group's VPC by."""
    owner = owner_and_role(key)[0]
    return owner if group is None or group.kind == "external" else group.resource


def _evidence(estate: Estate, interface: Interface, shape: Shape) -> Evidence:
    text = f"its nodes come up with {_named(estate, [shape])}"
    if shape.origin and shape.origin != interface.resource:
        return Evidence(shape.origin, text, shape.groups_at)
    return Evidence(interface.resource, text, shape.groups_at or interface.location)


_REMEDIATION = (
    "Make a security group for the nodes and name it: in vpc_security_group_ids of their launch template or "
    "instance (a managed group's nodes are replaced one by one), or in securityGroupSelectorTerms of the "
    "node class. It needs tcp 443 to the control plane, 10250 and the webhooks' ports from it, tcp and udp "
    "53 and tcp 1025-65535 among the nodes, and their way out. Then empty the default group with an "
    "aws_default_security_group that has no rules."
)
