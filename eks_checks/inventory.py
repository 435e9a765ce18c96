"""Which nodes there are, and which security groups stand on their interfaces, and what put each there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause, KeySet, Pointer, Truth
from eks_checks.aws.node_facts import Metadata, NodeFacts
from eks_checks.location import SourceSpan
from eks_checks.reports import (
    GroupOrigin,
    InterfaceGroups,
    InterfacesReport,
    KeySource,
    MetadataOptions,
    NamedObject,
    NodeEntry,
)

_IMPLICIT = {"cluster", "remote_access"}
_ROLES = {"managed": "attached", "external": "attached"}


def interfaces(estate: Estate) -> InterfacesReport:
    """Every node interface with its groups, in the estate's order, and what is known of the nodes besides."""
    entries = tuple(_entry(estate, interface) for interface in estate.node_interfaces())
    nodes = {group.resource: group for group in reversed(estate.node_groups)}
    known = tuple(
        _nodes(estate, nodes[resource])
        for resource in sorted(nodes)
        if resource in estate.particulars.node_facts
    )
    return InterfacesReport(entries, estate.coverage, known)


def _nodes(estate: Estate, group: NodeGroup) -> NodeEntry:
    facts, roles = (
        estate.particulars.node_facts[group.resource],
        estate.particulars.iam.roles_of_nodes(group.resource),
    )
    return NodeEntry(
        resource=group.resource,
        kind=group.kind,
        clusters=_clusters(estate, group.cluster),
        ami_families=facts.image.families,
        launch_template=str(facts.templated),
        templates=tuple(NamedObject(one.resource, one.version, one.certain) for one in facts.templates),
        ssh_key=str(facts.ssh_key),
        keys=tuple(KeySource(place.resource, place.attribute, place.name) for place in facts.keys),
        metadata=tuple(_metadata(way) for way in facts.metadata),
        roles=tuple(_roles(estate, roles)),
        unknowns=tuple(_unknowns(group.node.causes, *_open(facts), () if roles.exact else roles.causes)),
        location=group.location,
    )


def _metadata(way: Metadata) -> MetadataOptions:
    return MetadataOptions(way.endpoint.values, way.tokens.values, way.hops.values, str(way.to_pods))


def _open(facts: NodeFacts) -> Iterator[tuple[Cause, ...]]:
    yield facts.image.causes
    yield facts.templated.causes
    yield facts.ssh_key.causes
    yield facts.to_pods.causes


def _roles(estate: Estate, roles: KeySet) -> Iterator[NamedObject]:
    for key in sorted(roles.candidates):
        yield NamedObject(estate.particulars.iam.role(key).resource, certain=key in roles.sure)


def _unknowns(*several: tuple[Cause, ...]) -> dict[tuple[str, str, str], None]:
    """(resource, attribute, effect) of each cause, once."""
    return dict.fromkeys((c.resource, c.attribute, c.reason) for causes in several for c in causes)


def _clusters(estate: Estate, cluster: Pointer) -> tuple[str, ...]:
    return tuple(estate.clusters[key].resource for key in cluster.keys if key in estate.clusters)


def _most(truths: Iterable[Truth]) -> str:
    """What the most open of several shapes says: the contract's ``public_address``."""
    found = {str(truth) for truth in truths}
    return next((word for word in ("yes", "unknown") if word in found), "no")


def _entry(estate: Estate, interface: Interface) -> InterfaceGroups:
    groups = dict.fromkeys(g for shape in interface.shapes for g in _groups(estate, interface, shape))
    unknowns = _unknowns(interface.causes, *(shape.groups.causes for shape in interface.shapes))
    subnet = estate.subnets.get(interface.subnet or "")
    return InterfaceGroups(
        resource=interface.resource,
        kind=interface.kind,
        subnet=subnet.resource if subnet else interface.subnet,
        clusters=_clusters(estate, interface.cluster),
        groups=tuple(groups),
        unknowns=tuple(unknowns),
        location=interface.location,
        public_ipv4=_most(shape.public_ipv4 for shape in interface.shapes),
        ipv6=_most(shape.ipv6 for shape in interface.shapes),
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
