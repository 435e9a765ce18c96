"""A random transit gateway: attachments, route tables, associations, propagations, static routes."""

from __future__ import annotations

from .make_blocks import EVERYWHERE
from .model import World
from .model_connections import TransitAttachment, TransitGateway, TransitRoute, TransitTable
from .model_network import Vpc
from .random_names import Maker


class TransitMaker:
    def __init__(self, maker: Maker, world: World) -> None:
        self.maker, self.world = maker, world

    def make(self, vpcs: list[Vpc]) -> TransitGateway:
        maker = self.maker
        gateway = TransitGateway(
            maker.address("aws_ec2_transit_gateway", "hub"),
            maker.id("tgw"),
            None,
            default_association=maker.chance(0.7),
            default_propagation=maker.chance(0.7),
            group_references=maker.chance(0.6),
        )
        self.world.transit_gateways.append(gateway)
        if gateway.default_association or gateway.default_propagation:
            gateway.default_table_id = maker.id("tgw-rtb")
            gateway.tables.append(TransitTable(gateway.default_table_id, gateway.id))
        for _ in range(maker.pick((0, 1, 2), (6, 3, 2) if gateway.default_association else (0, 5, 3))):
            address = maker.address("aws_ec2_transit_gateway_route_table", "rt")
            gateway.tables.append(TransitTable(maker.id("tgw-rtb"), gateway.id, address))
        for vpc in vpcs:
            if maker.chance(0.97):
                self._attach(gateway, vpc)
        for table in gateway.tables:
            self._static_routes(gateway, table, vpcs)
        return gateway

    def _attach(self, gateway: TransitGateway, vpc: Vpc) -> None:
        maker = self.maker
        zones: dict[str, list[str]] = {}
        for subnet in self.world.subnets_of(vpc):
            zones.setdefault(subnet.zone, []).append(subnet.id)
        chosen = sorted(zones)
        if len(chosen) > 1 and maker.chance(0.2):
            chosen.remove(maker.pick(chosen))
        attachment = TransitAttachment(
            maker.address("aws_ec2_transit_gateway_vpc_attachment", "vpc"),
            maker.id("tgw-attach"),
            gateway.id,
            vpc.id,
            [maker.pick(zones[zone]) for zone in chosen],
            ipv6=bool(vpc.ipv6_cidr) and maker.chance(0.93),
            group_references=maker.chance(0.85),
        )
        gateway.attachments.append(attachment)
        self._associate(gateway, attachment)
        self._propagate(gateway, attachment)

    def _associate(self, gateway: TransitGateway, attachment: TransitAttachment) -> None:
        maker = self.maker
        custom = [table for table in gateway.tables if table.address]
        if gateway.default_association and not (custom and maker.chance(0.4)) and maker.chance(0.95):
            return
        attachment.default_association = not gateway.default_association and maker.chance(0.5)
        tables = gateway.tables if not custom or maker.chance(0.2) else custom
        if tables and maker.chance(0.97):
            address = maker.address("aws_ec2_transit_gateway_route_table_association", "vpc")
            maker.pick(tables).associations.append((address, attachment.id))

    def _propagate(self, gateway: TransitGateway, attachment: TransitAttachment) -> None:
        maker = self.maker
        if gateway.default_propagation:
            attachment.default_propagation = maker.chance(0.95)
        for table in gateway.tables:
            is_default = table.id == gateway.default_table_id
            if is_default and gateway.default_propagation:
                continue
            if maker.by_mood(0.96, 0.9, 0.8):
                address = maker.address("aws_ec2_transit_gateway_route_table_propagation", "vpc")
                table.propagations.append((address, attachment.id))

    def _static_routes(self, gateway: TransitGateway, table: TransitTable, vpcs: list[Vpc]) -> None:
        maker = self.maker
        used = set()
        for _ in range(maker.pick((0, 1, 2), (6, 3, 1))):
            vpc = maker.pick(vpcs)
            family = 6 if vpc.ipv6_cidr and maker.chance(0.35) else 4
            blocks = vpc.blocks(family) + [
                subnet.block(family) for subnet in self.world.subnets_of(vpc) if subnet.block(family)
            ]
            cidr = EVERYWHERE[family] if maker.chance(0.15) else maker.part_of(maker.pick(blocks), 0, 1)
            attachment = gateway.attachment_of(vpc.id)
            if gateway.attachments and maker.chance(0.1):
                attachment = maker.pick(gateway.attachments)
            if cidr in used or attachment is None:
                continue
            used.add(cidr)
            address = maker.address("aws_ec2_transit_gateway_route", "to")
            blackhole = maker.chance(0.35)
            table.routes.append(TransitRoute(address, cidr, None if blackhole else attachment.id))
