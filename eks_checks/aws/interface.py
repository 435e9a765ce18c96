"""Network interfaces: one logical interface per (what creates it, subnet)."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, NOWHERE, UNKNOWN, Cause, KeySet, Pointer, Truth
from eks_checks.location import SourceSpan
from eks_checks.sets import AddressSet


@dataclass(frozen=True)
class Shape:
    """One way the interface may come up: a group with several templates or interfaces has several.

    ``groups`` are security group keys. ``public_ipv4`` and ``ipv6`` say whether it gets a
    public IPv4 address and a global IPv6 address. ``addresses`` are its private addresses where
    the inputs fix them (both families), else None: any address of its subnet. ``origin`` is
    the template or resource this shape comes from, ``public_origin`` what decides the public address.
    ``primary`` is false for a further interface beside the node's own (D8): pods take the groups of the
    primary one. ``groups_at`` and ``public_at`` are where the sources name the groups and decide the
    public address.
    """

    groups: KeySet
    public_ipv4: Truth
    ipv6: Truth
    addresses: AddressSet | None = None
    origin: str = ""
    public_origin: str = ""
    primary: bool = True
    groups_at: SourceSpan | None = None
    public_at: SourceSpan | None = None


@dataclass(frozen=True)
class Interface:
    """A logical interface.

    ``kind``: ``node_group``, ``autoscaling_group``, ``instance``, ``network_interface``,
    ``control_plane``, ``pods``, ``fargate`` or ``service``. Pods have the ``resource`` that makes
    their nodes, and addresses of their cluster's family alone (D9). ``subnet`` is a subnet key, None where
    not resolved; ``certain`` is false where it only may land in that subnet. ``cluster`` is the cluster
    whose node (or control plane, or pod) it is; unset for others. ``many`` is true where the creator makes
    several interfaces of this kind, so that one of them can be another's source.
    """

    resource: str
    kind: str
    subnet: str | None
    shapes: tuple[Shape, ...]
    cluster: Pointer = NOWHERE
    node: Truth = NO
    many: bool = True
    certain: bool = True
    listener_ssh: Truth = UNKNOWN
    listener_note: str = ""
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None
