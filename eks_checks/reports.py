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
    """One logical node interface with every group on it; ``clusters`` are those whose node it may be."""

    resource: str
    kind: str
    subnet: str | None
    clusters: tuple[str, ...]
    groups: tuple[GroupOrigin, ...]
    unknowns: tuple[tuple[str, str, str], ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class InterfacesReport:
    """Every node interface, in order."""

    interfaces: tuple[InterfaceGroups, ...]
    coverage: Coverage
    notices: tuple[str, ...] = ()
    names: Names = UNSHARED


@dataclass(frozen=True)
class CatalogueEntry:
    """One check as the catalogue shows it."""

    check_id: str
    name: str
    severity: str
    summary: str
