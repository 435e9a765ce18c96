"""The nouns of a small AWS world in which every id and address is known: the network.

These classes hold what somebody *wrote* in Terraform plus the ids AWS gave to it.  What AWS and EKS
add by themselves (local routes, default rules, the cluster group's rules) is the oracle's business.
`address` is the Terraform address; None marks an object that AWS made and no resource manages.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class CidrAssociation:
    address: str
    id: str
    cidr: str


@dataclass
class Vpc:
    address: str
    id: str
    cidr: str
    default_group_id: str
    default_acl_id: str
    default_table_id: str
    main_table_id: str
    ipv6_cidr: str | None = None
    secondary: list[CidrAssociation] = field(default_factory=list)

    def blocks(self, family: int) -> list[str]:
        if family == 6:
            return [self.ipv6_cidr] if self.ipv6_cidr else []
        return [self.cidr] + [association.cidr for association in self.secondary]


@dataclass
class Subnet:
    address: str
    id: str
    vpc_id: str
    cidr: str
    zone: str = "eu-west-1a"
    ipv6_cidr: str | None = None
    map_public: bool = False
    assign_ipv6: bool = False

    def block(self, family: int) -> str | None:
        return self.cidr if family == 4 else self.ipv6_cidr


@dataclass
class Gateway:
    """kind: `internet`, `nat`, `egress_only`.  vpc_id None: an internet gateway attached to nothing."""

    kind: str
    address: str
    id: str
    vpc_id: str | None
    subnet_id: str | None = None
    attachment: str | None = None


@dataclass
class Route:
    """Exactly one of `cidr` and `prefix_list`.  address None: an inline `route`.
    target: the id of a gateway, a peering connection, a transit gateway."""

    target: str
    cidr: str | None = None
    prefix_list: str | None = None
    address: str | None = None
    id: str = ""


@dataclass
class RouteTable:
    """kind: `implicit` (made by AWS, unmanaged), `default` (aws_default_route_table), `custom`.
    propagating: the VPN gateways that the table itself names (`propagating_vgws`)."""

    kind: str
    id: str
    vpc_id: str
    address: str | None = None
    routes: list[Route] = field(default_factory=list)
    propagating: list[str] = field(default_factory=list)


@dataclass
class TableAssociation:
    """subnet_id None: an aws_main_route_table_association."""

    address: str
    id: str
    table_id: str
    subnet_id: str | None = None


@dataclass
class AclEntry:
    """address None: inline.  `protocol` and `cidr` as written: name or number, host bits allowed."""

    egress: bool
    number: int
    allow: bool
    protocol: str
    cidr: str
    from_port: int | None = 0
    to_port: int | None = 0
    icmp_type: int | None = None
    icmp_code: int | None = None
    address: str | None = None
    id: str = ""


@dataclass
class AclAssociation:
    address: str
    id: str
    subnet_id: str


@dataclass
class Acl:
    """kind: `unmanaged` (default, no resource), `default` (aws_default_network_acl), `custom`."""

    kind: str
    id: str
    vpc_id: str
    address: str | None = None
    entries: list[AclEntry] = field(default_factory=list)
    subnet_ids: list[str] = field(default_factory=list)
    associations: list[AclAssociation] = field(default_factory=list)


@dataclass
class PrefixList:
    address: str
    id: str
    family: int
    cidrs: list[str]


@dataclass
class ElasticIp:
    """Given to an instance, an interface or a NAT gateway; `association` is a separate resource's address."""

    address: str
    id: str
    public_ip: str
    instance_id: str | None = None
    interface_id: str | None = None
    nat_id: str | None = None
    association: str | None = None


@dataclass
class BlockPublicAccess:
    """exclusions: (address, id, mode, vpc_id or None, subnet_id or None)."""

    address: str
    mode: str
    exclusions: list[tuple[str, str, str, str | None, str | None]] = field(default_factory=list)
