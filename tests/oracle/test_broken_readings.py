"""The worlds tell an engine that misreads a resource from a sound one.

Each reading changes the plan before the engine sees it, in the way in which an engine would err that
ignores one rule of AWS or one attribute: the oracle, which saw the whole world, must notice.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .compare import run
from .engine_under_test import reach
from .random_names import Maker

Plan = dict[str, Any]
Reading = Callable[[Plan], None]
WORLDS = 60
ANY = "any"


def worlds_with(feature: str) -> list[int]:
    if feature == ANY:
        return list(range(160))
    return [seed for seed in range(600) if feature in Maker(seed).features][:WORLDS]


# --- reading a plan ------------------------------------------------------------------------------


def of_type(plan: Plan, *types: str) -> Iterator[dict[str, Any]]:
    """The attributes of every resource of these types; what is changed in them is changed everywhere."""
    for change in plan["resource_changes"]:
        if change["type"] in types:
            yield change["change"]["after"]


def drop(plan: Plan, unwanted: Callable[[str, dict[str, Any]], bool]) -> None:
    gone = {
        change["address"]
        for change in plan["resource_changes"]
        if unwanted(change["type"], change["change"]["after"])
    }
    plan["resource_changes"] = [item for item in plan["resource_changes"] if item["address"] not in gone]
    documents = [plan["planned_values"]]
    if "prior_state" in plan:
        documents.append(plan["prior_state"]["values"])
    for document in documents:
        root = document["root_module"]
        for module in [root, *root.get("child_modules", [])]:
            module["resources"] = [item for item in module["resources"] if item["address"] not in gone]


def without(*types: str) -> Reading:
    return lambda plan: drop(plan, lambda type_, _: type_ in types)


def always(type_: str, **values: Any) -> Reading:
    """An engine that takes these attributes to be such, whatever they say."""

    def read(plan: Plan) -> None:
        for found in of_type(plan, type_):
            found.update(values)

    return read


def all_of(*readings: Reading) -> Reading:
    def read(plan: Plan) -> None:
        for each in readings:
            each(plan)

    return read


# --- connections ---------------------------------------------------------------------------------


def every_zone(plan: Plan) -> None:
    subnets: dict[str, list[str]] = {}
    for subnet in of_type(plan, "aws_subnet"):
        subnets.setdefault(subnet["vpc_id"], []).append(subnet["id"])
    for attachment in of_type(plan, "aws_ec2_transit_gateway_vpc_attachment"):
        attachment["subnet_ids"] = subnets[attachment["vpc_id"]]


def one_transit_table(plan: Plan) -> None:
    """As if every route table of the gateway were one."""
    tables = {item["id"] for item in of_type(plan, "aws_ec2_transit_gateway_route_table")}
    for gateway in of_type(plan, "aws_ec2_transit_gateway"):
        default = (
            gateway["association_default_route_table_id"]
            or gateway["propagation_default_route_table_id"]
            or min(tables)
        )
        for attachment in of_type(plan, "aws_ec2_transit_gateway_vpc_attachment"):
            attachment["transit_gateway_default_route_table_association"] = True
            attachment["transit_gateway_default_route_table_propagation"] = True
        gateway.update(
            default_route_table_association="enable",
            default_route_table_propagation="enable",
            association_default_route_table_id=default,
            propagation_default_route_table_id=default,
        )
    without("aws_ec2_transit_gateway_route_table_association")(plan)


def routes_back(target: str) -> Reading:
    """A route on one side is taken for the way back as well: its mirror image is added on the other side."""

    def read(plan: Plan) -> None:
        vpcs = {vpc["id"]: vpc for vpc in of_type(plan, "aws_vpc")}
        tables = [
            table
            for table in of_type(plan, "aws_route_table", "aws_default_route_table")
            if not any(route[target] for route in table["route"] or [])
        ]
        found = [(route[target], route) for table in _tables(plan) for route in table["route"] or []]
        connections = {connection: route for connection, route in found if connection}
        for table in tables:
            for connection, example in connections.items():
                for vpc in vpcs.values():
                    if vpc["id"] == table["vpc_id"] or any(
                        route["cidr_block"] == vpc["cidr_block"] for route in table["route"] or []
                    ):
                        continue
                    mirrored = {
                        **dict.fromkeys(example, ""),
                        "cidr_block": vpc["cidr_block"],
                        target: connection,
                    }
                    table["route"] = [*(table["route"] or []), mirrored]

    return read


def _tables(plan: Plan) -> Iterator[dict[str, Any]]:
    return of_type(plan, "aws_route_table", "aws_default_route_table")


def transitive_peering(plan: Plan) -> None:
    """The two ends of a chain are taken for peered, by the routes that lead into the chain."""
    peerings = list(of_type(plan, "aws_vpc_peering_connection"))
    if len(peerings) < 2:
        return
    first, second = sorted(peerings, key=lambda item: item["vpc_id"] == peerings[0]["peer_vpc_id"])
    middle = {first["vpc_id"], first["peer_vpc_id"]} & {second["vpc_id"], second["peer_vpc_id"]}
    ends = sorted({first["vpc_id"], first["peer_vpc_id"], second["vpc_id"], second["peer_vpc_id"]} - middle)
    blocks = {vpc["id"]: ipaddress.ip_network(vpc["cidr_block"]) for vpc in of_type(plan, "aws_vpc")}
    own = {table["id"]: table["vpc_id"] for table in _tables(plan)}
    own |= {vpc["default_route_table_id"]: vpc["id"] for vpc in of_type(plan, "aws_vpc")}
    first.update(vpc_id=ends[0], peer_vpc_id=ends[1], accept_status="active")
    for peer in of_type(plan, "aws_vpc_peering_connection_accepter"):
        peer["accept_status"] = "active"
    routes = [
        (table["vpc_id"], route, "cidr_block") for table in _tables(plan) for route in table["route"] or []
    ]
    routes += [
        (own[route["route_table_id"]], route, "destination_cidr_block")
        for route in of_type(plan, "aws_route")
    ]
    for vpc_id, route, destination in routes:
        text = route[destination]
        if vpc_id in ends and route.get("vpc_peering_connection_id") and text:
            far = blocks[next(end for end in ends if end != vpc_id)]
            if ipaddress.ip_network(text).subnet_of(far):
                route["vpc_peering_connection_id"] = first["id"]


def shifted_sites(plan: Plan) -> None:
    for route in of_type(plan, "aws_vpn_connection_route"):
        route["destination_cidr_block"] = "10.77.0.0/16"


def no_propagation(plan: Plan) -> None:
    without("aws_vpn_gateway_route_propagation")(plan)
    for table in _tables(plan):
        table["propagating_vgws"] = []


SUPPORT = "security_group_referencing_support"
TRANSIT: dict[str, Reading] = {
    "blackhole ignored": lambda plan: drop(
        plan, lambda type_, item: type_ == "aws_ec2_transit_gateway_route" and item["blackhole"] is True
    ),
    "static transit routes ignored": without("aws_ec2_transit_gateway_route"),
    "transit propagation ignored": without("aws_ec2_transit_gateway_route_table_propagation"),
    "transit association ignored": without("aws_ec2_transit_gateway_route_table_association"),
    "default propagation everywhere": always(
        "aws_ec2_transit_gateway_vpc_attachment", transit_gateway_default_route_table_propagation=True
    ),
    "one transit table": one_transit_table,
    "zones ignored": every_zone,
    "IPv6 support ignored": always("aws_ec2_transit_gateway_vpc_attachment", ipv6_support="enable"),
    "group references need no option": all_of(
        always("aws_ec2_transit_gateway", **{SUPPORT: "enable"}),
        always("aws_ec2_transit_gateway_vpc_attachment", **{SUPPORT: "enable"}),
    ),
    "no group references": always("aws_ec2_transit_gateway", **{SUPPORT: "disable"}),
    "reply route over the gateway assumed": routes_back("transit_gateway_id"),
}
PEERING: dict[str, Reading] = {
    "pending peering carries": all_of(
        always("aws_vpc_peering_connection", accept_status="active", auto_accept=True),
    ),
    "reply route over the peering assumed": routes_back("vpc_peering_connection_id"),
    "peering is transitive": transitive_peering,
    "secondary blocks forgotten": without("aws_vpc_ipv4_cidr_block_association"),
}
VPN: dict[str, Reading] = {
    "ranges of the site ignored": shifted_sites,
    "VPN propagation ignored": no_propagation,
}


# --- load balancers, endpoints, pods ---------------------------------------------------------------


def every_port(plan: Plan) -> None:
    always("aws_lb_target_group", port=22)(plan)
    always("aws_lb_target_group_attachment", port=22)(plan)


def balancers_without_groups(plan: Plan) -> None:
    for balancer in of_type(plan, "aws_lb"):
        if balancer["load_balancer_type"] == "network":
            balancer["security_groups"] = []


def any_target_group(plan: Plan) -> None:
    """Every target is registered in the first group."""
    groups = sorted(item["arn"] for item in of_type(plan, "aws_lb_target_group"))
    for item in of_type(plan, "aws_lb_target_group_attachment"):
        item["target_group_arn"] = groups[0]
    for item in of_type(plan, "aws_autoscaling_attachment"):
        item["lb_target_group_arn"] = groups[0]


def default_pods(plan: Plan) -> None:
    for add_on in of_type(plan, "aws_eks_addon"):
        add_on["configuration_values"] = ""


def pods_in_their_nodes_groups(plan: Plan) -> None:
    """ENIConfigs are read without their security groups."""
    for add_on in of_type(plan, "aws_eks_addon"):
        settings = json.loads(add_on["configuration_values"] or "{}")
        for entry in settings.get("eniConfig", {}).get("subnets", {}).values():
            entry.pop("securityGroups", None)
        add_on["configuration_values"] = json.dumps(settings)


BALANCERS: dict[str, Reading] = {
    "target port ignored": every_port,
    "target group ignored": any_target_group,
    "listeners of one port only": lambda plan: drop(
        plan, lambda type_, item: type_ == "aws_lb_listener" and item["port"] != 22
    ),
    "client address never kept": always("aws_lb_target_group", preserve_client_ip="false"),
    "client address always kept": always("aws_lb_target_group", preserve_client_ip="true"),
    "balancer's groups ignored": balancers_without_groups,
    "internal balancer faces the internet": always("aws_lb", internal=False),
    "scaling groups are no targets": without("aws_autoscaling_attachment"),
}
ENDPOINTS: dict[str, Reading] = {
    "endpoint's groups ignored": always("aws_ec2_instance_connect_endpoint", security_group_ids=[]),
    "endpoint ignored": without("aws_ec2_instance_connect_endpoint"),
}
PODS: dict[str, Reading] = {
    "custom networking ignored": default_pods,
    "groups of ENIConfigs ignored": pods_in_their_nodes_groups,
    "manifests ignored": without("kubectl_manifest", "kubernetes_manifest"),
}
ANYWHERE: dict[str, Reading] = {
    "Block Public Access ignored": without("aws_vpc_block_public_access_options"),
    "exclusions from Block Public Access ignored": without("aws_vpc_block_public_access_exclusion"),
    "prefix lists are empty": always("aws_ec2_managed_prefix_list", entry=[]),
}
READINGS = [
    (feature, name, reading)
    for feature, readings in (
        ("transit", TRANSIT),
        ("peering", PEERING),
        ("vpn", VPN),
        ("balancers", BALANCERS),
        ("endpoint", ENDPOINTS),
        ("pods", PODS),
        (ANY, ANYWHERE),
    )
    for name, reading in readings.items()
]


@pytest.mark.parametrize(("feature", "name", "reading"), READINGS, ids=[name for _, name, _ in READINGS])
def test_a_misreading_is_caught(feature: str, name: str, reading: Reading) -> None:
    def misread(plan: Plan) -> Plan:
        reading(plan)
        return reach(plan)

    found = run(worlds_with(feature), misread, stop_after=1).disagreements
    assert found, f"no world notices: {name}"
