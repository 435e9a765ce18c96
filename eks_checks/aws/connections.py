"""What joins a VPC to other networks: peerings, transit gateways, VPNs, and the rest of that kind."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from eks_checks.aws.knowledge import NO, NOWHERE, UNKNOWN, YES, Cause, KeySet, Pointer, Truth
from eks_checks.aws.vpc import Attached, Route, RouteTable
from eks_checks.location import SourceSpan
from eks_checks.sets import AddressSet


@dataclass(frozen=True)
class Peering:
    """A VPC peering connection between ``requester`` and ``accepter`` (VPC keys, C10).

    ``active`` says whether both sides have agreed, ``same_region`` whether rules may name the other
    side's groups (A9). ``managed`` is false for one known by id or as data only.
    """

    key: str
    resource: str
    requester: Pointer
    accepter: Pointer
    active: Truth = UNKNOWN
    same_region: Truth = UNKNOWN
    managed: bool = True
    location: SourceSpan | None = None

    @property
    def ends(self) -> tuple[Pointer, Pointer]:
        """Both VPCs."""
        return self.requester, self.accepter


class AttachmentKind(enum.Enum):
    """What is attached to a transit gateway (C11)."""

    VPC = "vpc"
    VPN = "vpn"
    DIRECT_CONNECT = "direct-connect-gateway"
    PEERING = "peering"
    CONNECT = "connect"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Attachment:
    """One attachment of a transit gateway.

    ``subnets`` are those of a VPC attachment: they decide in which Availability Zones it is.
    ``referencing`` is whether it passes on group references (A10), ``ipv6`` whether it carries IPv6.
    ``peer`` is the gateway on the other side of a peering attachment, ``behind`` the resource that a person
    knows the attachment by (the VPN connection). ``doubts`` say why there may be no such attachment.
    """

    key: str
    resource: str
    kind: AttachmentKind
    gateway: Pointer
    vpc: Pointer = NOWHERE
    subnets: KeySet = field(default_factory=KeySet)
    referencing: Truth = NO
    ipv6: Truth = NO
    peer: Pointer = NOWHERE
    accepted: Truth = YES
    behind: str = ""
    doubts: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class TransitGateway:
    """A transit gateway.

    ``associations`` maps an attachment's key to the gateway's own table that decides for what comes in by
    it: no key and not open means none, and such packets are dropped.
    """

    key: str
    resource: str
    referencing: Truth = NO
    associations: Mapping[str, Attached] = field(default_factory=dict)
    location: SourceSpan | None = None


@dataclass(frozen=True)
class VpnGateway:
    """A virtual private gateway, the VPC it is attached to, and the Direct Connect gateways it serves.

    ``steered`` is true where a route table of its own sends inbound packets elsewhere (C18).
    """

    key: str
    resource: str
    vpc: Pointer
    direct_connect: tuple[str, ...] = ()
    steered: bool = False
    managed: bool = True


@dataclass(frozen=True)
class VpnConnection:
    """A site-to-site VPN connection on a VPN gateway or a transit gateway (the other one is unset).

    ``static`` says whether its routes are written (else BGP tells them, which no input holds);
    ``routes`` are those, towards the far side.
    """

    key: str
    resource: str
    gateway: Pointer
    transit_gateway: Pointer
    static: Truth
    routes: tuple[Route, ...] = ()
    open: bool = False
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class ClientVpn:
    """A Client VPN endpoint: its clients come out of ``networks`` (subnet keys) with ``groups``.

    ``clients`` is the ``client_cidr_block`` (``symbol`` where it is not known yet), ``rules`` the authorised
    destinations and ``routes`` those it has routes for by themselves, besides the VPC of its networks. A
    route's ``gateway`` is the subnet it leads through. ``ipv4`` and ``ipv6`` say what traffic it carries.
    """

    key: str
    resource: str
    clients: AddressSet
    symbol: str
    networks: KeySet
    groups: Mapping[str, KeySet]
    rules: tuple[Route, ...]
    routes: tuple[Route, ...]
    ipv4: Truth = YES
    ipv6: Truth = NO
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


class _Named(Protocol):
    @property
    def resource(self) -> str: ...


@dataclass(frozen=True)
class Connections:
    """Everything that joins the estate's VPCs to each other and to other networks, by key.

    ``transit_tables`` are transit gateways' route tables: their routes lead to attachments.
    ``core_networks`` maps a core network to the VPCs attached to it.
    """

    peerings: Mapping[str, Peering] = field(default_factory=dict)
    transit_gateways: Mapping[str, TransitGateway] = field(default_factory=dict)
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    transit_tables: Mapping[str, RouteTable] = field(default_factory=dict)
    vpn_gateways: Mapping[str, VpnGateway] = field(default_factory=dict)
    vpn_connections: Mapping[str, VpnConnection] = field(default_factory=dict)
    client_vpns: Mapping[str, ClientVpn] = field(default_factory=dict)
    core_networks: Mapping[str, KeySet] = field(default_factory=dict)

    def subnets(self) -> frozenset[str]:
        """The subnets that clients come out of."""
        return frozenset(key for vpn in self.client_vpns.values() for key in vpn.networks.candidates)

    def security_groups(self) -> frozenset[str]:
        """The groups that clients come with."""
        carried = (groups for vpn in self.client_vpns.values() for groups in vpn.groups.values())
        return frozenset(key for groups in carried for key in groups.candidates)

    @property
    def resources(self) -> frozenset[str]:
        """The names of everything that a source may be asked by."""
        named: tuple[Mapping[str, _Named], ...] = (
            self.peerings,
            self.transit_gateways,
            self.attachments,
            self.vpn_gateways,
            self.vpn_connections,
            self.client_vpns,
        )
        return frozenset(one.resource for each in named for one in each.values())
