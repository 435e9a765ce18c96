"""The nouns of a small AWS world: what joins VPCs with each other and with networks outside AWS."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Peering:
    """status: `active` or `pending-acceptance`.  accepter: the address of an
    aws_vpc_peering_connection_accepter, where one accepts it."""

    address: str
    id: str
    vpc_id: str
    peer_vpc_id: str
    status: str = "active"
    accepter: str | None = None

    def other(self, vpc_id: str) -> str | None:
        return {self.vpc_id: self.peer_vpc_id, self.peer_vpc_id: self.vpc_id}.get(vpc_id)


@dataclass
class TransitRoute:
    """A static route; attachment_id None: a blackhole."""

    address: str
    cidr: str
    attachment_id: str | None


@dataclass
class TransitTable:
    """address None: the default table that AWS made with the gateway.  associations and propagations:
    (address, attachment id) of the resources that name this table."""

    id: str
    gateway_id: str
    address: str | None = None
    routes: list[TransitRoute] = field(default_factory=list)
    associations: list[tuple[str, str]] = field(default_factory=list)
    propagations: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class TransitAttachment:
    address: str
    id: str
    gateway_id: str
    vpc_id: str
    subnet_ids: list[str]
    ipv6: bool = True
    group_references: bool = False
    default_association: bool = True
    default_propagation: bool = True


@dataclass
class TransitGateway:
    """default_table_id None: neither default association nor default propagation."""

    address: str
    id: str
    default_table_id: str | None
    default_association: bool = True
    default_propagation: bool = True
    group_references: bool = False
    attachments: list[TransitAttachment] = field(default_factory=list)
    tables: list[TransitTable] = field(default_factory=list)

    def attachment_of(self, vpc_id: str) -> TransitAttachment | None:
        return next((item for item in self.attachments if item.vpc_id == vpc_id), None)


@dataclass
class VpnConnection:
    """With static routes only: (address, CIDR) of each aws_vpn_connection_route."""

    address: str
    id: str
    customer_address: str
    customer_id: str
    routes: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class VpnGateway:
    """propagations: (address, table id) of each aws_vpn_gateway_route_propagation; a table may name the
    gateway in `propagating` as well.  attachment: an aws_vpn_gateway_attachment's address."""

    address: str
    id: str
    vpc_id: str | None
    attachment: str | None = None
    connections: list[VpnConnection] = field(default_factory=list)
    propagations: list[tuple[str, str]] = field(default_factory=list)
