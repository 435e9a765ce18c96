"""What joins VPCs and sites, as a plan document writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import World
from .model_connections import Peering, TransitAttachment, TransitGateway, TransitTable, VpnGateway
from .plan_network import ACCOUNT, REGION, arn, common


def connection_resources(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for peering in world.peerings:
        yield from _peering(peering, blank)
    for gateway in world.transit_gateways:
        yield gateway.address, _transit_gateway(gateway, blank)
        for attachment in gateway.attachments:
            yield attachment.address, _attachment(attachment, blank)
        for table in gateway.tables:
            yield from _transit_table(gateway, table, blank)
    for vpn in world.vpn_gateways:
        yield from _vpn_gateway(vpn, blank)


def _peering(peering: Peering, blank: Any) -> Iterator[tuple[str, dict]]:
    shared = {
        "id": peering.id,
        "vpc_id": peering.vpc_id,
        "peer_vpc_id": peering.peer_vpc_id,
        "peer_owner_id": ACCOUNT,
        "accept_status": peering.status,
        "accepter": [{"allow_remote_vpc_dns_resolution": False}],
        "requester": [{"allow_remote_vpc_dns_resolution": False}],
        "timeouts": None,
    }
    auto = peering.status == "active" and peering.accepter is None
    peer_region = blank.rng.choice([REGION, ""])
    yield (
        peering.address,
        common(blank, **shared, peer_region=peer_region, auto_accept=True if auto else None),
    )
    if peering.accepter:
        # NOTE: seen from the accepter, `vpc_id` is its own VPC and the peer is the requester.
        own = {**shared, "vpc_id": peering.peer_vpc_id, "peer_vpc_id": peering.vpc_id}
        yield (
            peering.accepter,
            common(blank, **own, peer_region=REGION, auto_accept=True, vpc_peering_connection_id=peering.id),
        )


# --- transit gateway -----------------------------------------------------------------------------------


def _transit_gateway(gateway: TransitGateway, blank: Any) -> dict:
    table = gateway.default_table_id or ""
    return common(
        blank,
        id=gateway.id,
        arn=arn("ec2", "transit-gateway", gateway.id),
        amazon_side_asn=64512,
        association_default_route_table_id=table if gateway.default_association else "",
        propagation_default_route_table_id=table if gateway.default_propagation else "",
        auto_accept_shared_attachments="disable",
        default_route_table_association=_enabled(gateway.default_association),
        default_route_table_propagation=_enabled(gateway.default_propagation),
        security_group_referencing_support=_enabled(gateway.group_references),
        dns_support="enable",
        multicast_support="disable",
        vpn_ecmp_support="enable",
        description="",
        owner_id=ACCOUNT,
        transit_gateway_cidr_blocks=blank.items([]),
        timeouts=None,
    )


def _enabled(flag: bool) -> str:
    return "enable" if flag else "disable"


def _attachment(attachment: TransitAttachment, blank: Any) -> dict:
    return common(
        blank,
        id=attachment.id,
        arn=arn("ec2", "transit-gateway-attachment", attachment.id),
        transit_gateway_id=attachment.gateway_id,
        vpc_id=attachment.vpc_id,
        vpc_owner_id=ACCOUNT,
        subnet_ids=attachment.subnet_ids,
        appliance_mode_support="disable",
        dns_support="enable",
        ipv6_support=_enabled(attachment.ipv6),
        security_group_referencing_support=_enabled(attachment.group_references),
        transit_gateway_default_route_table_association=attachment.default_association,
        transit_gateway_default_route_table_propagation=attachment.default_propagation,
    )


def _transit_table(gateway: TransitGateway, table: TransitTable, blank: Any) -> Iterator[tuple[str, dict]]:
    vpc_of = {item.id: item.vpc_id for item in gateway.attachments}
    if table.address:
        yield (
            table.address,
            common(
                blank,
                id=table.id,
                arn=arn("ec2", "transit-gateway-route-table", table.id),
                transit_gateway_id=gateway.id,
                default_association_route_table=False,
                default_propagation_route_table=False,
            ),
        )
    for kind, pairs in (("association", table.associations), ("propagation", table.propagations)):
        for address, attachment_id in pairs:
            values = {
                "id": f"{table.id}_{attachment_id}",
                "region": REGION,
                "transit_gateway_attachment_id": attachment_id,
                "transit_gateway_route_table_id": table.id,
                "resource_id": vpc_of[attachment_id],
                "resource_type": "vpc",
            }
            if kind == "association":
                values["replace_existing_association"] = None
            yield address, values
    for route in table.routes:
        yield (
            route.address,
            {
                "id": f"{table.id}_{route.cidr}",
                "region": REGION,
                "destination_cidr_block": route.cidr,
                "blackhole": True if route.attachment_id is None else blank.rng.choice([None, False]),
                "transit_gateway_attachment_id": blank.text(route.attachment_id),
                "transit_gateway_route_table_id": table.id,
            },
        )


# --- VPN -------------------------------------------------------------------------------------------------


def _vpn_gateway(gateway: VpnGateway, blank: Any) -> Iterator[tuple[str, dict]]:
    yield (
        gateway.address,
        common(
            blank,
            id=gateway.id,
            arn=arn("ec2", "vpn-gateway", gateway.id),
            vpc_id=blank.text(gateway.vpc_id),
            amazon_side_asn="64512",
            availability_zone=None,
        ),
    )
    if gateway.attachment:
        yield (
            gateway.attachment,
            {
                "id": f"vpn-attachment-{gateway.id}",
                "region": REGION,
                "vpc_id": gateway.vpc_id,
                "vpn_gateway_id": gateway.id,
            },
        )
    for address, table_id in gateway.propagations:
        yield (
            address,
            {
                "id": f"{gateway.id}_{table_id}",
                "region": REGION,
                "route_table_id": table_id,
                "vpn_gateway_id": gateway.id,
                "timeouts": None,
            },
        )
    for connection in gateway.connections:
        yield (
            connection.customer_address,
            common(
                blank,
                id=connection.customer_id,
                arn=arn("ec2", "customer-gateway", connection.customer_id),
                bgp_asn="65000",
                bgp_asn_extended=None,
                certificate_arn="",
                device_name="",
                ip_address="198.51.100.9",
                type="ipsec.1",
            ),
        )
        yield connection.address, _vpn_connection(gateway, connection, blank)
        for address, block in connection.routes:
            yield (
                address,
                {
                    "id": f"{block}:{connection.id}",
                    "region": REGION,
                    "destination_cidr_block": block,
                    "vpn_connection_id": connection.id,
                },
            )


def _vpn_connection(gateway: VpnGateway, connection: Any, blank: Any) -> dict:
    routes = [
        {"destination_cidr_block": block, "source": "Static", "state": "available"}
        for _, block in connection.routes
    ]
    return common(
        blank,
        id=connection.id,
        arn=arn("ec2", "vpn-connection", connection.id),
        type="ipsec.1",
        customer_gateway_id=connection.customer_id,
        vpn_gateway_id=gateway.id,
        transit_gateway_id=None,
        transit_gateway_attachment_id="",
        transport_transit_gateway_attachment_id=None,
        core_network_arn="",
        static_routes_only=True,
        enable_acceleration=False,
        local_ipv4_network_cidr="0.0.0.0/0",
        remote_ipv4_network_cidr="0.0.0.0/0",
        local_ipv6_network_cidr="",
        remote_ipv6_network_cidr="",
        outside_ip_address_type="PublicIpv4",
        tunnel_inside_ip_version="ipv4",
        routes=routes if blank.rng.random() < 0.5 else [],
    )
