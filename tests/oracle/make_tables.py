"""Random route tables of one VPC."""

from __future__ import annotations

from .make_blocks import EVERYWHERE, OUTSIDE
from .model import World
from .model_network import (
    Gateway,
    Route,
    RouteTable,
    TableAssociation,
    Vpc,
)
from .random_names import Maker


class TablesMaker:
    def __init__(self, maker: Maker, world: World, vpc: Vpc, gateways: list[Gateway]) -> None:
        self.maker, self.world, self.vpc, self.gateways = maker, world, vpc, gateways
        self.subnets = world.subnets_of(vpc)

    def make(self) -> None:
        maker, world, vpc = self.maker, self.world, self.vpc
        tables: list[RouteTable] = []
        main = RouteTable(maker.pick(("implicit", "default"), (6, 4)), vpc.default_table_id, vpc.id)
        if main.kind == "default":
            main.address = maker.address("aws_default_route_table", "main")
        tables.append(main)
        for _ in range(maker.pick((0, 1, 2, 3), (2, 5, 4, 1))):
            tables.append(
                RouteTable("custom", maker.id("rtb"), vpc.id, maker.address("aws_route_table", "rt"))
            )
        for table in tables:
            self._routes(table)
        world.tables += tables
        custom = [table for table in tables if table.kind == "custom"]
        if custom and maker.chance(0.15):
            vpc.main_table_id = maker.pick(custom).id
            world.table_associations.append(
                TableAssociation(
                    maker.address("aws_main_route_table_association", "main"),
                    maker.id("rtbassoc"),
                    vpc.main_table_id,
                )
            )
        for subnet in self.subnets:
            if maker.chance(0.7):
                table = maker.pick(custom) if custom and maker.chance(0.9) else main
                world.table_associations.append(
                    TableAssociation(
                        maker.address("aws_route_table_association", "rta"),
                        maker.id("rtbassoc"),
                        table.id,
                        subnet.id,
                    )
                )

    def _routes(self, table: RouteTable) -> None:
        maker = self.maker
        separate = table.kind == "implicit" or maker.chance(0.5)
        used = set(self.vpc.blocks(4) + self.vpc.blocks(6))
        # NOTE: nothing inside the VPC: a route more specific than `local` is a special case (C2).
        lists = [item for item in self.world.prefix_lists if set(item.cidrs) <= set(OUTSIDE[item.family])]
        for family in (4, 6):
            if family == 6 and not self.vpc.ipv6_cidr:
                continue
            wanted = [EVERYWHERE[family]] if maker.by_mood(0.98, 0.93, 0.88) else []
            wanted += maker.some(OUTSIDE[family], 0, 3) if maker.chance(0.4) else []
            for destination in wanted:
                target = self._route_target(family, destination == EVERYWHERE[family])
                if target and destination not in used:
                    used.add(destination)
                    self._add_route(table, Route(target, cidr=destination), separate)
            for item in lists:
                target = self._route_target(family, False)
                if (
                    item.family == family
                    and target
                    and not used.intersection(item.cidrs)
                    and maker.chance(0.12)
                ):
                    used.update(item.cidrs)
                    self._add_route(table, Route(target, prefix_list=item.id), separate)

    def _route_target(self, family: int, is_default: bool) -> str | None:
        weights = {
            "internet": {"open": 30, "mixed": 8, "tight": 4}[self.maker.mood] if is_default else 3,
            "nat": 1.5 if family == 4 else 0.2,
            "egress_only": 0 if family == 4 else 1.5,
        }
        gateways = [gateway for gateway in self.gateways if weights[gateway.kind]]
        if not gateways:
            return None
        return self.maker.pick(gateways, [weights[gateway.kind] for gateway in gateways]).id

    def _add_route(self, table: RouteTable, route: Route, separate: bool) -> None:
        if separate:
            route.address = self.maker.address("aws_route", "to")
            route.id = f"r-{table.id}{self.maker.rng.getrandbits(31)}"
        table.routes.append(route)
