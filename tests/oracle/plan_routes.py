"""Route tables as a plan document writes them: inline, separate and propagated routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import World
from .model_network import Route, RouteTable
from .plan_network import ACCOUNT, common

ROUTE_TARGETS = (
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
)
TARGET_OF_KIND = {"internet": "gateway_id", "nat": "nat_gateway_id", "egress_only": "egress_only_gateway_id"}


def route_resources(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for table in world.tables:
        if table.address:
            yield table.address, _table(world, table, blank)
        for route in table.routes:
            if route.address:
                yield route.address, _separate_route(world, table, route, blank)
    for item in world.table_associations:
        if item.subnet_id is not None:
            yield (
                item.address,
                {
                    "id": item.id,
                    "subnet_id": item.subnet_id,
                    "route_table_id": item.table_id,
                    "gateway_id": blank.text(None),
                    "timeouts": None,
                },
            )
        else:
            table = next(table for table in world.tables if table.id == item.table_id)
            vpc = world.vpc_by_id(table.vpc_id)
            yield (
                item.address,
                {
                    "id": item.id,
                    "vpc_id": vpc.id,
                    "route_table_id": item.table_id,
                    "original_route_table_id": vpc.default_table_id,
                    "timeouts": None,
                },
            )


def _table(world: World, table: RouteTable, blank: Any) -> dict:
    inline = [_inline_route(world, route, blank) for route in table.routes if not route.address]
    if inline and blank.rng.random() < 0.1:  # the local route, adopted: changes nothing
        local = world.vpc_by_id(table.vpc_id).cidr
        inline.append(_inline_route(world, Route("local", cidr=local), blank))
    propagating = list(table.propagating)
    for gateway in world.vpn_gateways:  # a refresh shows what aws_vpn_gateway_route_propagation brought
        if table.id in [table_id for _, table_id in gateway.propagations] and blank.rng.random() < 0.5:
            propagating.append(gateway.id)
    values = common(
        blank,
        id=table.id,
        vpc_id=table.vpc_id,
        owner_id=ACCOUNT,
        propagating_vgws=blank.items(propagating),
        route=blank.items(inline),
        timeouts=None,
    )
    if table.kind == "default":
        values["default_route_table_id"] = table.id
        for route in values["route"] or []:  # that resource knows fewer kinds of target
            del route["carrier_gateway_id"], route["local_gateway_id"]
    return values


def _target(world: World, route: Route) -> dict:
    if route.target in [item.id for item in world.peerings]:
        return {"vpc_peering_connection_id": route.target}
    if route.target in [item.id for item in world.transit_gateways]:
        return {"transit_gateway_id": route.target}
    kind = next((gateway.kind for gateway in world.gateways if gateway.id == route.target), "internet")
    return {TARGET_OF_KIND[kind]: route.target}


def _inline_route(world: World, route: Route, blank: Any) -> dict:
    unset = blank.rng.choice([None, ""])
    values = dict.fromkeys(
        ("cidr_block", "ipv6_cidr_block", "destination_prefix_list_id", *ROUTE_TARGETS), unset
    )
    values.update(_target(world, route))
    if route.prefix_list:
        values["destination_prefix_list_id"] = route.prefix_list
    else:
        values["ipv6_cidr_block" if ":" in route.cidr else "cidr_block"] = route.cidr
    return values


def _separate_route(world: World, table: RouteTable, route: Route, blank: Any) -> dict:
    values = {
        name: blank.text(None)
        for name in (
            "destination_cidr_block",
            "destination_ipv6_cidr_block",
            "destination_prefix_list_id",
            *ROUTE_TARGETS,
        )
    }
    values.update(_target(world, route))
    if route.prefix_list:
        values["destination_prefix_list_id"] = route.prefix_list
    else:
        values["destination_ipv6_cidr_block" if ":" in route.cidr else "destination_cidr_block"] = route.cidr
    stray = any(
        gateway.id == route.target and gateway.vpc_id != table.vpc_id for gateway in world.gateways
    ) or any(item.id == route.target and item.status != "active" for item in world.peerings)
    return {
        **values,
        "id": route.id,
        "route_table_id": table.id,
        "origin": "CreateRoute",
        "state": "blackhole" if stray else "active",
        "timeouts": None,
    }
