"""Filters: security groups (allow only, merged) and network ACLs (ordered, stateless)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eks_checks.aws.knowledge import Cause, Origin, Pointer, Truth
from eks_checks.location import SourceSpan
from eks_checks.sets import AddressSet, Bounds, TrafficSet

CLIENT_PORTS = (1024, 65535)
"""The ports a client may wait for its reply on (B10): one of them must be let back."""


@dataclass(frozen=True)
class Rule:
    """One security group rule with exactly one kind of peer (fact A6).

    ``addresses`` is the peer's address range; or ``group`` is the group whose members are the
    peers (A7); the other one is None. ``certain`` is false where the rule may belong to
    another group or may not exist.
    """

    traffic: Bounds[TrafficSet]
    origin: Origin
    addresses: Bounds[AddressSet] | None = None
    group: Pointer | None = None
    certain: bool = True
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class SecurityGroup:
    """A security group with all rules that apply to it, inline and separate ones alike.

    ``kind`` is ``managed`` (a resource), ``cluster`` or ``remote_access`` (made by EKS), ``default``
    (of a VPC) or ``external`` (known by id only). ``resource`` is what the contract's output
    names: the group, the cluster, the node group, or the VPC. ``open`` is true where rules
    outside the inputs may exist.
    """

    key: str
    kind: str
    resource: str
    vpc: Pointer
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]
    open: bool = False
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class AclEntry:
    """One numbered entry. ``number`` is None where it is not known; ``allow`` likewise a Truth.

    ``far_end`` matches the packet's source for inbound and its destination for outbound
    entries (B20); ``traffic`` its protocol and destination port.
    """

    number: int | None
    allow: Truth
    far_end: Bounds[AddressSet]
    traffic: Bounds[TrafficSet]
    origin: Origin
    certain: bool = True
    causes: tuple[Cause, ...] = ()


def in_order(entries: Iterable[AclEntry]) -> tuple[AclEntry, ...]:
    """The entries as AWS reads them (B2); those whose number is not known at the end."""
    return tuple(sorted(entries, key=lambda e: (e.number is None, e.number or 0, e.origin.text)))


@dataclass(frozen=True)
class NetworkAcl:
    """A network ACL: entries in the order AWS reads them, then an implicit deny (B2, B3).

    ``open`` is true where entries outside the inputs may exist.
    """

    key: str
    resource: str
    vpc: Pointer
    inbound: tuple[AclEntry, ...]
    outbound: tuple[AclEntry, ...]
    default: bool = False
    open: bool = False
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class PrefixList:
    """A managed prefix list: its addresses as far as known, and its entries where all of them are."""

    key: str
    resource: str
    addresses: Bounds[AddressSet]
    causes: tuple[Cause, ...] = ()
    cidrs: tuple[str, ...] = ()
