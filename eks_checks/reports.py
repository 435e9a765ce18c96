"""What the commands other than ``scan`` have to say, as data for the renderers."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.estate import Coverage, Unresolved
from eks_checks.location import SourceSpan
from eks_checks.naming import UNSHARED, Names
from eks_checks.reach.answer import Answer, AttackHop, AttackPath

__all__ = [
    "AttackHop",
    "AttackPath",
    "CatalogueEntry",
    "Coverage",
    "GroupOrigin",
    "InterfaceGroups",
    "InterfacesReport",
    "KeySource",
    "MetadataOptions",
    "NamedObject",
    "NodeEntry",
    "ReachReport",
    "Unresolved",
]


@dataclass(frozen=True)
class ReachReport:
    """Who reaches what: the answers in the contract's order. ``names``: see ``findings.Report``."""

    answers: tuple[Answer, ...]
    coverage: Coverage
    attack_paths: tuple[AttackPath, ...] = ()
    notices: tuple[str, ...] = ()
    names: Names = UNSHARED


@dataclass(frozen=True)
class GroupOrigin:
    """A security group on an interface, and what put it there.

    ``role`` is as in the contract's ``security_groups``; ``origin`` is the resource that decides (a
    launch template, the node group, an instance), ``reason`` says it in words. ``certain`` is
    false where the group may be absent. An empty ``resource`` stands for groups outside the inputs.
    ``location`` is where the group stands, ``named_at`` where ``origin`` names it.
    """

    resource: str
    role: str
    implicit: bool
    certain: bool
    origin: str
    reason: str
    location: SourceSpan | None = None
    named_at: SourceSpan | None = None


@dataclass(frozen=True)
class InterfaceGroups:
    """One logical node interface with every group on it; ``clusters`` are those whose node it may be.

    ``public_ipv4`` and ``ipv6`` are ``yes``, ``no`` or ``unknown``: a public IPv4 and a global IPv6 address.
    """

    resource: str
    kind: str
    subnet: str | None
    clusters: tuple[str, ...]
    groups: tuple[GroupOrigin, ...]
    unknowns: tuple[tuple[str, str, str], ...] = ()
    location: SourceSpan | None = None
    public_ipv4: str = "unknown"
    ipv6: str = "unknown"


@dataclass(frozen=True)
class NamedObject:
    """A launch template with its version, or a role; ``certain`` is false where it may be another one."""

    resource: str
    version: str = ""
    certain: bool = True


@dataclass(frozen=True)
class KeySource:
    """Where an SSH key of nodes is set; ``name`` is the key pair's, empty where it is not told."""

    resource: str
    attribute: str
    name: str = ""


@dataclass(frozen=True)
class MetadataOptions:
    """The metadata service of nodes that come up in one way: for each option the values it may have.

    An empty tuple stands for any. ``pods`` says ``yes``, ``no`` or ``unknown`` to whether pods get the node
    role's credentials from it.
    """

    http_endpoint: tuple[str, ...]
    http_tokens: tuple[str, ...]
    http_put_response_hop_limit: tuple[str, ...]
    pods: str


@dataclass(frozen=True)
class NodeEntry:
    """What is known of the nodes that one resource makes, beside their interfaces.

    ``kind``: ``managed``, ``self_managed``, ``instance``, ``fleet``, ``node_class`` or ``auto_mode``.
    ``ami_families`` are those that the image may be of, none where that is not told. ``ssh_key`` and
    ``launch_template`` (whether there is one) are ``yes``, ``no`` or ``unknown``.
    """

    resource: str
    kind: str
    clusters: tuple[str, ...]
    ami_families: tuple[str, ...]
    launch_template: str
    templates: tuple[NamedObject, ...]
    ssh_key: str
    keys: tuple[KeySource, ...]
    metadata: tuple[MetadataOptions, ...]
    roles: tuple[NamedObject, ...]
    unknowns: tuple[tuple[str, str, str], ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class InterfacesReport:
    """Every node interface, in order, and what is known of the nodes besides."""

    interfaces: tuple[InterfaceGroups, ...]
    coverage: Coverage
    nodes: tuple[NodeEntry, ...] = ()
    notices: tuple[str, ...] = ()
    names: Names = UNSHARED


@dataclass(frozen=True)
class CatalogueEntry:
    """One check as the catalogue shows it."""

    check_id: str
    name: str
    severity: str
    summary: str
