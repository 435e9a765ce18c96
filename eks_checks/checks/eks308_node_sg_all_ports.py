"""EKS308: a group of the nodes or the control plane admits a wide source on every port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eks_checks.aws.all_ports import AllPorts, all_ports
from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import SecurityGroup
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Vpc
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import (
    FAMILY_NAMES,
    capital,
    decided_by,
    group_name,
    listed,
    open_questions,
    said_by,
    unique,
)
from eks_checks.findings import Severity
from eks_checks.reach.breadth import Breadth
from eks_checks.sets import AddressSet, Family

_FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")
_ROLES = ("on nodes", "on the control plane")


@check(
    id="EKS308",
    name="node-sg-all-ports",
    severity=Severity.MEDIUM,
    summary="A group of the nodes or the control plane admits a wide source on every port.",
    resource_types=("aws_security_group", "aws_default_security_group", "aws_eks_cluster", "aws_vpc"),
    parameters=("allowed_cidrs",),
)
def eks308(view: View) -> Iterator[Outcome]:
    """One outcome per group on a node or a control plane: ranges it admits on all ports (A16-A18, E1-E5)."""
    estate = view.estate
    for key, roles in sorted(_judged(estate).items()):
        group = estate.security_groups.get(key)
        # The group behind remote_access is for one port; EKS204 has it.
        if group is not None and group.kind != "remote_access":
            yield _outcome(estate, group, roles, view.settings.allowed_addresses)


def _judged(estate: Estate) -> Mapping[str, Mapping[str, tuple[Cause, ...]]]:
    """Group key to where it is carried, and why that is not sure (empty: it is)."""
    found: dict[str, dict[str, tuple[Cause, ...]]] = {}

    def add(key: str, role: str, doubts: tuple[Cause, ...]) -> None:
        known = found.setdefault(key, {}).get(role, doubts)
        found[key][role] = () if not (known and doubts) else known

    for interface in estate.node_interfaces():
        unsure = interface.node.causes or (
            Cause(interface.resource, "tag", "whether it makes nodes is not known"),
        )
        for shape in interface.shapes:
            for key in shape.groups.candidates:
                node = () if interface.node.surely else unsure
                carried = () if key in shape.groups.sure else shape.groups.causes or unsure
                add(key, _ROLES[0], (*node, *carried))
    for cluster in estate.clusters.values():
        add(cluster.security_group, _ROLES[1], ())
        for key in cluster.additional_groups.candidates:
            sure = key in cluster.additional_groups.sure
            add(key, _ROLES[1], () if sure else cluster.additional_groups.causes)
    return found


def _outcome(
    estate: Estate, group: SecurityGroup, roles: Mapping[str, tuple[Cause, ...]], meant: AddressSet
) -> Outcome:
    vpc = estate.vpcs.get(group.vpc.exact or "")
    found = all_ports(group, vpc, meant)
    if found is None and not group.open:
        return Outcome(group.resource, "pass", location=group.location)
    sure_roles = [role for role in _ROLES if roles.get(role) == ()]
    carried = listed(sure_roles or [f"perhaps {role}" for role in _ROLES if role in roles])
    if found is None or not (found.sure and sure_roles):
        return _undecided(group, found, carried, _causes(group, found, roles, sure=bool(sure_roles)))
    ports = "every UDP port" if found.udp else "every port"
    message = (
        f"{capital(group_name(group))}, {carried}, admits {_source(found.wide, vpc)} on {ports}. Whatever "
        "listens there, or will one day, is open to all of it: kubelet, sshd, NodePorts, hostNetwork pods."
    )
    told = unique(said_by(rule.origin, _effect(found)) for rule in found.rules)
    return Outcome(group.resource, "fail", message, told, _REMEDIATION, location=group.location)


def _undecided(group: SecurityGroup, found: AllPorts | None, carried: str, causes: list[Cause]) -> Outcome:
    told = []
    if found is not None:
        told = [said_by(rule.origin, _effect(found), certain=rule.certain) for rule in found.rules]
    message = (
        f"Whether {group_name(group)}, {carried}, admits a wide source on every port cannot be told: "
        f"{decided_by(causes)}."
    )
    evidence = unique([*told, *open_questions(causes)])
    return Outcome(group.resource, "possible", message, evidence, _REMEDIATION, location=group.location)


def _causes(
    group: SecurityGroup,
    found: AllPorts | None,
    roles: Mapping[str, tuple[Cause, ...]],
    *,
    sure: bool,
) -> list[Cause]:
    causes = [] if sure else [cause for role in _ROLES for cause in roles.get(role, ())]
    if found is None:
        fallback = Cause(group.resource, "ingress", "may hold rules that the inputs do not show")
        return [*causes, *(group.causes or (fallback,))]
    if not found.sure:
        causes.extend(cause for rule in found.rules for cause in rule.causes)
        causes.extend(group.vpc.causes)
    return causes or [Cause(group.resource, "vpc_id", "the VPC's blocks are not known")]


def _effect(found: AllPorts) -> str:
    ports = "UDP port" if found.udp else "port"
    if found.together:
        return (
            f"together with the others named here it {'leaves' if found.sure else 'may leave'} no {ports} out"
        )
    return f"leaves no {ports} out" if found.sure else f"may leave no {ports} out to a wide source"


def _source(wide: AddressSet, vpc: Vpc | None) -> str:
    """The world, the whole VPC, or so many addresses beyond it: for each family."""
    return listed(_of_family(wide.family(family), vpc, family) for family in _FAMILIES if wide.family(family))


def _of_family(wide: AddressSet, vpc: Vpc | None, family: Family) -> str:
    name = FAMILY_NAMES[family]
    if Breadth.of(wide, family).world:
        return f"every {name} address"
    blocks = [b.addresses.family(family) for b in vpc.blocks] if vpc is not None else []
    outside = wide
    for block in blocks:
        outside = outside - block
    whole = any(block and block <= wide for block in blocks)
    parts = [f"the whole of {vpc.resource} over {name}"] if whole and vpc is not None else []
    if outside:
        parts.append(f"{outside.size():,} {name} addresses outside the VPC")
    return listed(parts)


_REMEDIATION = (
    "Narrow the rule to the ports that are needed and to the groups that need them: on nodes tcp 10250 and "
    "the webhooks' ports from the control plane's group, tcp and udp 53 and tcp 1025-65535 from the nodes' "
    "own group, the application's ports from its load balancer's group; on the control plane tcp 443 from "
    "the nodes' group. Add these rules before the wide one goes. A range that is meant belongs under "
    "`allowed_cidrs`."
)
