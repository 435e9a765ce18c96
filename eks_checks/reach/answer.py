"""The answer to "who reaches this interface on this port": plain data for checks and renderers."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from eks_checks.location import SourceSpan

LOGIN_PORTS = (22, 3389)
"""The ports over which one logs in where the configuration names no others: SSH and Remote Desktop."""


class Verdict(enum.Enum):
    """The contract's three truths; all but ``POSSIBLE`` hold whatever the unknowns turn out to be."""

    BLOCKED = "blocked"
    POSSIBLE = "possible"
    REACHABLE = "reachable"

    @property
    def strength(self) -> int:
        """0 for blocked, 1 for possible, 2 for reachable."""
        return _STRENGTH[self]


_STRENGTH = {Verdict.BLOCKED: 0, Verdict.POSSIBLE: 1, Verdict.REACHABLE: 2}


@dataclass(frozen=True)
class Hop:
    """One step of a path, from source to target.

    ``layer`` is one of ``source``, ``egress``, ``network_acl``, ``route``, ``gateway``, ``address``,
    ``security_group``, ``reply``, ``target``; ``rule`` is the deciding rule, route or entry in short.
    """

    layer: str
    resource: str
    rule: str
    text: str
    location: SourceSpan | None = None
    implicit: bool = False


@dataclass(frozen=True)
class Blocker:
    """A layer that blocks: ``route``, ``address``, ``nacl``, ``security_group`` or ``egress``."""

    layer: str
    resource: str
    text: str


@dataclass(frozen=True)
class UnknownValue:
    """An attribute on which a ``possible`` verdict depends, and what each value means for it.

    ``reason`` says why it is not known.
    """

    resource: str
    attribute: str
    effect: str
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """One group of like sources of one scope.

    ``scope``: ``internet``, ``vpc``, ``interface``, ``pods``, ``control_plane``, ``peering``,
    ``transit_gateway``, ``vpn``, ``client_vpn``, ``load_balancer``, ``instance_connect_endpoint``.
    ``resource`` is the VPC, interface creator, cluster or connection (empty for
    ``internet``); ``subnet`` is set for interface-like scopes. ``cidrs`` are minimal sorted prefixes,
    None where the block is not known yet (``cidrs_of`` then names it) or the scope has none.
    ``via`` is the gateway for ``internet``. ``path`` has the hops of one concrete packet;
    ``blocked_by`` is filled for blocked and latent sources, ``missing`` (``public_address`` or
    ``route``) for latent ones, ``unknowns`` for possible ones.
    """

    scope: str
    verdict: Verdict
    resource: str = ""
    subnet: str | None = None
    cidrs: tuple[str, ...] | None = None
    cidrs_of: tuple[str, ...] = ()
    via: str = ""
    path: tuple[Hop, ...] = ()
    blocked_by: tuple[Blocker, ...] = ()
    unknowns: tuple[UnknownValue, ...] = ()
    mitigated_by: tuple[str, ...] = ()
    missing: str = ""
    shape: str = ""

    @property
    def has_subnet(self) -> bool:
        """Whether the scope's entries are per (resource, subnet)."""
        return self.scope in {"interface", "pods", "control_plane"}


@dataclass(frozen=True)
class GroupOnInterface:
    """A group on the target: ``role`` is ``cluster``, ``remote_access``, ``attached`` or ``default``."""

    resource: str
    role: str
    implicit: bool
    certain: bool = True


@dataclass(frozen=True)
class Answer:
    """Who reaches one target (resource, subnet, family) on one port range.

    ``port`` is ``N`` or ``N-M``, None for ICMP. ``sources`` holds reachable and possible sources,
    and blocked ones where they were asked for by name; ``latent`` those that lack only a public
    address or a route.
    """

    resource: str
    subnet: str | None
    family: str
    protocol: str
    port: str | None
    verdict: Verdict
    groups: tuple[GroupOnInterface, ...]
    public_address: str
    listener: str
    sources: tuple[Source, ...]
    latent: tuple[Source, ...] = ()
    unknowns: tuple[UnknownValue, ...] = ()
    listener_note: str = ""
    location: SourceSpan | None = None


@dataclass(frozen=True)
class AttackHop:
    """One hop of an attack path: from a source (``internet`` or an address) to what it leads to."""

    source: str
    target: str
    port: str


@dataclass(frozen=True)
class Change:
    """One change of the configuration: what is to be done (``text``) to ``rule`` of ``resource``.

    ``rule`` is the rule in short, or the security group that the resource should no longer carry.
    """

    resource: str
    rule: str
    text: str
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Cut:
    """The fewest changes after which no way from the internet to a target is left, not even a possible one.

    ``exact`` is false where there may be fewer. ``verified`` says that the engine was asked again with
    these changes made, and found no way. Without ``changes`` no change of rules cuts every way.
    """

    changes: tuple[Change, ...]
    exact: bool
    verified: bool


@dataclass(frozen=True)
class AttackPath:
    """A way of several hops to one target (resource, subnet, family) on one port.

    ``cut`` is what cuts this and every other way there; None where it was not asked for.
    """

    resource: str
    subnet: str | None
    family: str
    port: str
    verdict: Verdict
    hops: tuple[AttackHop, ...]
    cut: Cut | None = None
