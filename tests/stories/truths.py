"""How a truth is written down: for every node target who gets in on tcp 22, and which checks fail.

Nothing here or in the tables beside it was copied from the tool. The tables are transcribed from the heads of
``main.tf`` and from ``story.md``, which were derived from AWS's rules on paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

PLAN, APPLIED = "plan.json", "applied.json"
BOTH = (PLAN, APPLIED)
REACHABLE, POSSIBLE, BLOCKED = "reachable", "possible", "blocked"


class Said(NamedTuple):
    """One source: ``where`` is its subnet, or its prefixes (or the attributes that will hold them)."""

    scope: str
    resource: str
    where: str | tuple[str, ...] | None
    verdict: str = REACHABLE


def internet(*cidrs: str, verdict: str = REACHABLE) -> set[Said]:
    """Addresses of the internet."""
    return {Said("internet", "", cidrs, verdict)}


def vpc(*cidrs: str, at: str = "aws_vpc.this", verdict: str = REACHABLE) -> set[Said]:
    """Hosts of the VPC without a known group; ``cidrs`` may be an attribute that will hold the block."""
    return {Said("vpc", at, cidrs, verdict)}


def interface(resource: str, *subnets: str | None, verdict: str = REACHABLE) -> set[Said]:
    """Interfaces of one creator."""
    return {Said("interface", resource, subnet, verdict) for subnet in subnets}


def pods(resource: str, *subnets: str | None, verdict: str = REACHABLE) -> set[Said]:
    """Pods on one creator's nodes."""
    return {Said("pods", resource, subnet, verdict) for subnet in subnets}


def control_plane(
    *subnets: str | None, at: str = "aws_eks_cluster.this", verdict: str = REACHABLE
) -> set[Said]:
    """The cluster's own interfaces."""
    return {Said("control_plane", at, subnet, verdict) for subnet in subnets}


NOBODY: frozenset[Said] = frozenset()


@dataclass(frozen=True)
class Target:
    """A node interface: who gets in, what only lacks an address or a route, what groups it has.

    ``groups``: (resource, role) pairs. ``latent``: (prefix, what is missing) pairs.
    """

    resource: str
    subnet: str | None
    sources: frozenset[Said]
    groups: frozenset[tuple[str, str]]
    family: str = "ipv4"
    latent: frozenset[tuple[str, str]] = frozenset()

    @property
    def verdict(self) -> str:
        """A target's verdict is its strongest source's."""
        said = {source.verdict for source in self.sources}
        return REACHABLE if REACHABLE in said else POSSIBLE if POSSIBLE in said else BLOCKED


def targets(
    resource: str,
    subnets: tuple[str, ...],
    sources: set[Said] | frozenset[Said],
    groups: set[tuple[str, str]],
    *,
    family: str = "ipv4",
    latent: set[tuple[str, str]] | None = None,
) -> tuple[Target, ...]:
    """The same truth in several subnets."""
    return tuple(
        Target(resource, subnet, frozenset(sources), frozenset(groups), family, frozenset(latent or ()))
        for subnet in subnets
    )


# The contract's table of checks: what a failure weighs unless the case says otherwise.
SEVERITY = {
    "EKS101": "high",
    "EKS102": "high",
    "EKS201": "critical",
    "EKS202": "medium",
    "EKS203": "medium",
    "EKS204": "critical",
    "EKS205": "low",
    "EKS301": "high",
    "EKS302": "medium",
    "EKS303": "high",
    "EKS401": "low",
    "EKS501": "medium",
    "EKS701": "low",
}
CHECKS = frozenset(SEVERITY)
"""The checks that the truths are about; the others have fixtures of their own."""

Findings = frozenset[tuple[str, str, str]]
"""(check id, resource, severity)."""


def on(resource: str, check_ids: str, severity: str = "") -> Findings:
    """These checks on one resource, at their own severity unless one is given."""
    return frozenset((name, resource, severity or SEVERITY[name]) for name in check_ids.split())


def each(check_id: str, *resources: str, severity: str = "") -> Findings:
    """One check on several resources."""
    return frozenset((check_id, resource, severity or SEVERITY[check_id]) for resource in resources)


@dataclass(frozen=True)
class Truth:
    """What is true of a case in the moments named.

    ``fails`` and ``possible`` are all there are of the thirteen checks; every other one passes.
    ``paths``: (target, subnet, hops) of all ways of more than one hop, where the case states them.
    ``passes``: (check id, resource) that must be named as passed. ``without_settings``: what fails besides
    where the ``.eks-checks.yaml`` beside the plan is not used.
    """

    targets: tuple[Target, ...]
    fails: Findings
    possible: Findings = frozenset()
    moments: tuple[str, ...] = (PLAN,)
    paths: frozenset[tuple[str, str | None, tuple[str, ...]]] | None = None
    passes: frozenset[tuple[str, str]] = frozenset()
    without_settings: Findings = frozenset()


@dataclass(frozen=True)
class Undecided:
    """What a plan must say whose links run through what a plan does not keep: ``possible``, and never less.

    Every target of ``resources`` is possible, and from every one of ``scopes`` somebody possibly gets in.
    ``possible`` are findings that must be there (as possible, nothing else); ``fails`` those that are
    certain all the same. ``perhaps`` may be possible too: what a cleverer reader of the plan rules out.
    """

    resources: tuple[str, ...]
    scopes: tuple[str, ...]
    possible: frozenset[tuple[str, str]]
    perhaps: frozenset[tuple[str, str]] = frozenset()
    fails: Findings = frozenset()
