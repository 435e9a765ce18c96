"""One packet between VPCs: which connection carries it from one place to an address elsewhere?"""

from __future__ import annotations

from typing import NamedTuple

from .model_connections import TransitAttachment, TransitGateway, TransitTable
from .model_network import Subnet
from .network import Network
from .packets import Cidr, cidr


class Place(NamedTuple):
    """Where a packet starts; subnet None: in no known subnet of that VPC, under its main table."""

    vpc_id: str
    subnet: Subnet | None


class Crossing(NamedTuple):
    """kind: `peering` or `transit_gateway`; connection: its id."""

    kind: str
    connection: str


def crossing(network: Network, start: Place, goal_vpc: str, address: int, family: int) -> Crossing | None:
    """The connection by which a packet from `start` arrives at the address inside the other VPC."""
    table = network.table_of[start.subnet.id] if start.subnet else network.main_table[start.vpc_id]
    target = network.route(table, address, family)
    if not network.vpc_holds(goal_vpc, address, family):
        return None
    for peering in network.world.peerings:
        # C10: not transitive: what arrives goes to the peer VPC's own blocks and nowhere else.
        if peering.id == target and peering.status == "active" and peering.other(start.vpc_id) == goal_vpc:
            return Crossing("peering", peering.id)
    for gateway in network.world.transit_gateways:
        if gateway.id == target and _carries(network, gateway, start, goal_vpc, address, family):
            return Crossing("transit_gateway", gateway.id)
    return None


def _carries(
    network: Network, gateway: TransitGateway, start: Place, goal_vpc: str, address: int, family: int
) -> bool:
    """C11: in through an attachment in the packet's own zone, on by the attachment's associated table."""
    entry = gateway.attachment_of(start.vpc_id)
    if entry is None or not _is_in_zone(network, entry, start.subnet):
        return False
    table = associated_table(gateway, entry)
    if table is None:
        return False
    exit_ = _transit_route(network, gateway, table, address, family)
    return exit_ is not None and exit_.vpc_id == goal_vpc


def _is_in_zone(network: Network, attachment: TransitAttachment, subnet: Subnet | None) -> bool:
    """A place in no known subnet has no known zone either: taken to be in one that is attached."""
    zones = {network.subnets[subnet_id].zone for subnet_id in attachment.subnet_ids}
    return subnet is None or subnet.zone in zones


def associated_table(gateway: TransitGateway, attachment: TransitAttachment) -> TransitTable | None:
    for table in gateway.tables:
        if attachment.id in [attachment_id for _, attachment_id in table.associations]:
            return table
    if gateway.default_association and attachment.default_association:
        return next(table for table in gateway.tables if table.id == gateway.default_table_id)
    return None


def _transit_route(
    network: Network, gateway: TransitGateway, table: TransitTable, address: int, family: int
) -> TransitAttachment | None:
    """Longest prefix; a static route (a blackhole is one) beats a propagated one of the same length."""
    best, found = (-1, False), None
    for block, static, attachment_id in transit_routes(network, gateway, table):
        if block.family == family and block.holds(address) and (block.length, static) > best:
            best, found = (block.length, static), attachment_id
    return next((item for item in gateway.attachments if item.id == found), None)


def transit_routes(
    network: Network, gateway: TransitGateway, table: TransitTable
) -> list[tuple[Cidr, bool, str | None]]:
    routes = [(cidr(route.cidr), True, route.attachment_id) for route in table.routes]
    for attachment in gateway.attachments:
        if _propagates(gateway, table, attachment):
            # NOTE: without IPv6 support the IPv6 block is not propagated; static IPv6 routes still work.
            routes += [
                (block, False, attachment.id)
                for block in network.vpc_blocks[attachment.vpc_id]
                if block.family == 4 or attachment.ipv6
            ]
    return routes


def _propagates(gateway: TransitGateway, table: TransitTable, attachment: TransitAttachment) -> bool:
    by_default = gateway.default_propagation and attachment.default_propagation
    return attachment.id in [attachment_id for _, attachment_id in table.propagations] or (
        by_default and table.id == gateway.default_table_id
    )


def sees_groups(network: Network, path: Crossing, direction: str, *vpc_ids: str) -> bool:
    """Whether a rule may name a group whose members are at the connection's other end (A9, A10)."""
    if path.kind == "peering":
        return True
    gateway = next(item for item in network.world.transit_gateways if item.id == path.connection)
    attachments = [gateway.attachment_of(vpc_id) for vpc_id in vpc_ids]
    return (
        direction == "ingress"
        and gateway.group_references
        and all(attachment is not None and attachment.group_references for attachment in attachments)
    )
