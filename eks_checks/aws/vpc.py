"""Networks: VPCs, subnets, route tables and the gateways that routes lead to."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field

from eks_checks.aws.knowledge import NO, Cause, Origin, Pointer, Truth
from eks_checks.location import SourceSpan
from eks_checks.sets import AddressSet, Bounds, Family, union_of

LANDS_IN_DEFAULT = "lands in the default VPC"
"""What the reason says of an interface for which the configuration names no subnet (C19)."""


@dataclass(frozen=True)
class CidrBlock:
    """One address block of a VPC or subnet.

    Where AWS will choose the block only at apply, ``addresses`` is a stand-in that no other
    object shares and ``symbol`` names the attribute (``aws_vpc.this.ipv6_cidr_block``);
    otherwise ``symbol`` is empty and ``addresses`` is the block itself. ``doubts`` say why the VPC
    may not have the block at all.
    """

    addresses: AddressSet
    symbol: str = ""
    doubts: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Vpc:
    """A VPC. ``managed`` is false for one the inputs know only by id or as data (open world).

    ``main_table`` is the route table for what no other one is associated with (C3).
    """

    key: str
    resource: str
    blocks: tuple[CidrBlock, ...]
    managed: bool = True
    default: bool = False
    region: str = ""
    location: SourceSpan | None = None
    main_table: Attached = field(default_factory=lambda: Attached((), open=True))

    def addresses(self, family: Family) -> AddressSet:
        """All addresses of the VPC's blocks of ``family`` (``ipv4`` or ``ipv6``), stand-ins included."""
        return _addresses(self.blocks).family(family)

    def symbols(self, region: AddressSet, family: Family) -> tuple[str, ...]:
        """The attributes that will hold those of the blocks in ``region`` that are not known yet, sorted."""
        chosen = (b for b in self.blocks if b.symbol and b.addresses.family(family))
        return tuple(sorted(b.symbol for b in chosen if not b.addresses.isdisjoint(region)))

    def symbolic(self, family: Family) -> AddressSet:
        """The stand-in addresses among the blocks of ``family``."""
        return _addresses(b for b in self.blocks if b.symbol).family(family)


@dataclass(frozen=True)
class Attached:
    """The object of one kind that is in force for a subnet, as far as it is known.

    Exactly one of ``keys`` (route tables or network ACLs); with ``open`` it may be one that
    the inputs do not hold.
    """

    keys: tuple[str, ...]
    open: bool = False
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Subnet:
    """A subnet with what is in force for it.

    ``blocks`` is empty for a family it certainly lacks; ``unknown_block`` names the families whose
    block cannot be told at all (not even as part of the VPC's). ``public_on_launch`` is
    ``map_public_ip_on_launch``, ``ipv6_on_creation`` is ``assign_ipv6_address_on_creation`` (D1, D4);
    ``public_at`` is where the first of them stands. ``doubts`` say why there may be no such subnet.
    ``zone_id`` is the Availability Zone's id where that is told (its name may differ by account).
    """

    key: str
    resource: str
    vpc: Pointer
    blocks: tuple[CidrBlock, ...]
    unknown_block: tuple[str, ...] = ()
    public_on_launch: Truth = NO
    ipv6_on_creation: Truth = NO
    route_table: Attached = Attached((), open=True)
    network_acl: Attached = Attached((), open=True)
    managed: bool = True
    availability_zone: str = ""
    location: SourceSpan | None = None
    doubts: tuple[Cause, ...] = ()
    public_at: SourceSpan | None = None
    zone_id: str = ""

    def addresses(self, family: Family) -> AddressSet:
        """The subnet's own addresses of ``family``, stand-ins included."""
        return _addresses(self.blocks).family(family)


class TargetKind(enum.Enum):
    """What a route leads to (fact C12)."""

    LOCAL = "local"
    INTERNET_GATEWAY = "internet_gateway"
    NAT_GATEWAY = "nat_gateway"
    EGRESS_ONLY = "egress_only_gateway"
    TRANSIT_GATEWAY = "transit_gateway"
    PEERING = "vpc_peering_connection"
    VPN_GATEWAY = "vpn_gateway"
    VPC_ENDPOINT = "vpc_endpoint"
    NETWORK_INTERFACE = "network_interface"
    CARRIER_GATEWAY = "carrier_gateway"
    LOCAL_GATEWAY = "local_gateway"
    CORE_NETWORK = "core_network"
    ATTACHMENT = "transit_gateway_attachment"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Route:
    """One route: packets to ``destination`` go to one of ``gateway``'s candidates.

    ``prefix`` is the destination's prefix length in bits, ``None`` where the destination is
    not known or is a prefix list. ``certain`` is false where the route may belong to
    another table.
    """

    destination: Bounds[AddressSet]
    prefix: int | None
    kind: TargetKind
    gateway: Pointer
    origin: Origin
    certain: bool = True
    propagated: bool = False
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class RouteTable:
    """A route table. With ``open`` it may hold routes the inputs do not show."""

    key: str
    resource: str
    vpc: Pointer
    routes: tuple[Route, ...]
    open: bool = False
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class InternetGateway:
    """An internet gateway and the VPC it is attached to (unset: to none).

    ``steered`` is true where a route table of its own sends inbound packets elsewhere (C18).
    """

    key: str
    resource: str
    vpc: Pointer
    steered: bool = False


class BlockMode(enum.Enum):
    """VPC Block Public Access of the Region (fact C15)."""

    OFF = "off"
    INGRESS = "block-ingress"
    BIDIRECTIONAL = "block-bidirectional"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class BlockPublicAccess:
    """The account's VPC Block Public Access: its mode, and VPC and subnet keys excluded both ways.

    ``resource`` is the options resource, empty where the inputs have none; ``region`` the Region it
    is for, empty where not known.
    """

    mode: BlockMode = BlockMode.OFF
    excluded: frozenset[str] = frozenset()
    maybe_excluded: frozenset[str] = frozenset()
    exclusions_open: bool = False
    resource: str = ""
    causes: tuple[Cause, ...] = ()
    region: str = ""


def _addresses(blocks: Iterable[CidrBlock]) -> AddressSet:
    return union_of((block.addresses for block in blocks), AddressSet.empty())
