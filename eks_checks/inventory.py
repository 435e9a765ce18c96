"""Which security groups stand on which node interface, and what put each there."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import KeySet
from eks_checks.location import SourceSpan
from eks_checks.reports import GroupOrigin, InterfaceGroups, InterfacesReport

_IMPLICIT = {"cluster", "remote_access"}
_ROLES = {"managed": "attached", "external": "attached"}


def interfaces(estate: Estate) -> InterfacesReport:
    """Every node interface with its groups, in the estate's order."""
    entries = tuple(_entry(estate, interface) for interface in estate.node_interfaces())
    return InterfacesReport(entries, estate.coverage)


def _entry(estate: Estate, interface: Interface) -> InterfaceGroups:
    groups = dict.fromkeys(g for shape in interface.shapes for g in _groups(estate, interface, shape))
    unknowns = dict.fromkeys(
        (cause.resource, cause.attribute, cause.reason)
        for causes in (interface.causes, *(shape.groups.causes for shape in interface.shapes))
        for cause in causes
    )
    clusters = (estate.clusters[key].resource for key in interface.cluster.keys if key in estate.clusters)
    subnet = estate.subnets.get(interface.subnet or "")
    return InterfaceGroups(
        resource=interface.resource,
        kind=interface.kind,
        subnet=subnet.resource if subnet else interface.subnet,
        clusters=tuple(clusters),
        groups=tuple(groups),
        unknowns=tuple(unknowns),
        location=interface.location,
    )


def _groups(estate: Estate, interface: Interface, shape: Shape) -> Iterator[GroupOrigin]:
    origin = shape.origin or interface.resource
    for key in sorted(shape.groups.candidates):
        certain = all(key in other.groups.sure for other in interface.shapes)
        yield _group(estate, interface, shape, key, certain=certain)
    if shape.groups.open:
        reason = _why_open(shape.groups, origin)
        place = _named_at(interface, shape)
        yield GroupOrigin("", "attached", False, False, origin, reason, named_at=place)


def _group(estate: Estate, interface: Interface, shape: Shape, key: str, *, certain: bool) -> GroupOrigin:
    origin = shape.origin or interface.resource
    group = estate.security_groups.get(key)
    role = _role(estate, key)
    named = any(_role(estate, other) in ("attached", "default") for other in shape.groups.candidates)
    reason = _reason(role, interface, origin, named)
    resource = group.resource if group else key
    location = group.location if group else None
    named_at = None if role == "remote_access" else _named_at(interface, shape)
    return GroupOrigin(resource, role, role in _IMPLICIT, certain, origin, reason, location, named_at)


def _named_at(interface: Interface, shape: Shape) -> SourceSpan | None:
    """Where the groups are named, or could be; a node group without a template names none."""
    return shape.groups_at if shape.origin else interface.location


def _role(estate: Estate, key: str) -> str:
    group = estate.security_groups.get(key)
    kind = group.kind if group else "external"
    return _ROLES.get(kind, kind)


def _reason(role: str, interface: Interface, origin: str, named: bool) -> str:
    """What put the group there; only EKS adds the cluster's by itself, where nothing names groups (E5)."""
    if role == "remote_access":
        return f"EKS makes it for the remote_access block of {interface.resource}"
    if role == "default":
        return f"{origin} names no group, so AWS takes the VPC's default one"
    if interface.kind == "node_class":
        return _selected(interface, origin)
    if role == "cluster" and interface.kind == "node_group" and not named:
        if origin == interface.resource:
            return "EKS puts it on the nodes: no launch template names groups"
        return f"{origin} names no other group; where none is named, EKS puts this one on the nodes"
    return f"named by {origin}"


def _selected(interface: Interface, origin: str) -> str:
    """Why a group is on the nodes of a node class, or of the pools that EKS brings (H1, H6)."""
    if interface.cluster.exact == interface.resource:
        return "EKS puts it on the nodes of Auto Mode's own node pools"
    return f"selected by a node class of {origin}"


def _why_open(groups: KeySet, origin: str) -> str:
    reasons = "; ".join(dict.fromkeys(cause.reason for cause in groups.causes))
    return f"{origin} may name further groups" + (f": {reasons}" if reasons else "")
