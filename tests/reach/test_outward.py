"""Ways out of subnets, by hand-made networks: NAT, endpoints, and what keeps hosts from these."""

from __future__ import annotations

from typing import Any

import pytest

from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import NO, YES
from eks_checks.reach.engine import Reachability
from eks_checks.reach.outward import Outward
from eks_checks.reach.services import Access, ServiceAccess
from tests.aws.plans import OPAQUE, R, estate, ref

VPC = R(
    "aws_vpc.this",
    {"cidr_block": "10.0.0.0/16"},
    {"id": True, "default_security_group_id": True, "default_network_acl_id": True},
)
IN_VPC = {"vpc_id": ref("aws_vpc.this.id")}
GATEWAY = R("aws_internet_gateway.this", {}, {"id": True, "vpc_id": True}, IN_VPC)
NAT = R("aws_nat_gateway.this", {}, {"id": True, "subnet_id": True}, {"subnet_id": ref("aws_subnet.out.id")})
IGW = ("gateway_id", "aws_internet_gateway.this.id")
TO_NAT = ("nat_gateway_id", "aws_nat_gateway.this.id")


def subnet(name: str, third: int) -> R:
    """A subnet of the VPC."""
    values = {"cidr_block": f"10.0.{third}.0/24", "map_public_ip_on_launch": False}
    return R(f"aws_subnet.{name}", values, {"id": True, "vpc_id": True}, IN_VPC)


def table(name: str, *routes: tuple[str, str], cidr: str = "0.0.0.0/0") -> tuple[R, ...]:
    """The route table of the subnet with this name, with routes of (argument, target)."""
    own = R(f"aws_route_table.{name}", {}, {"id": True, "vpc_id": True}, IN_VPC)
    joined = R(
        f"aws_route_table_association.{name}",
        {},
        {"subnet_id": True, "route_table_id": True},
        {"subnet_id": ref(f"aws_subnet.{name}.id"), "route_table_id": ref(f"aws_route_table.{name}.id")},
    )
    made = [
        R(
            f"aws_route.{name}_{number}",
            {"destination_cidr_block": cidr},
            {"route_table_id": True, argument: True},
            {"route_table_id": ref(f"aws_route_table.{name}.id"), argument: ref(target)},
        )
        for number, (argument, target) in enumerate(routes)
    ]
    return (own, joined, *made)


CLUSTER = R(
    "aws_eks_cluster.this",
    {"name": "prod", "vpc_config": [{"endpoint_private_access": True}]},
    {"id": True, "vpc_config": [{"subnet_ids": [True], "cluster_security_group_id": True}]},
    {"vpc_config": [{"subnet_ids": ref("aws_subnet.nodes.id")}]},
)
NODES = R(
    "aws_eks_node_group.workers",
    {"cluster_name": "prod", "ami_type": "AL2023_x86_64_STANDARD"},
    {"id": True, "subnet_ids": [True]},
    {"subnet_ids": ref("aws_subnet.nodes.id")},
)
BASE = (VPC, GATEWAY, NAT, subnet("out", 0), subnet("nodes", 1), CLUSTER, NODES)
SEALED = (*BASE, *table("out", IGW), *table("nodes"))


def network(*more: R) -> Estate:
    """The base with what is added."""
    return estate(*BASE, *more)


def way(found: Estate) -> bool | None:
    """Whether nodes get out."""
    return Outward(found).by_routes(found.subnets["aws_subnet.nodes"]).value


def test_a_nat_gateway_leads_out_by_the_routes_of_its_own_subnet() -> None:
    assert way(network(*table("out", IGW), *table("nodes", TO_NAT))) is True
    stranded = network(*table("out"), *table("nodes", TO_NAT))
    assert way(stranded) is False
    [(origin, why)] = Outward(stranded).dead_ends(stranded.subnets["aws_subnet.nodes"])
    assert origin.resource == "aws_route.nodes_0"
    assert "aws_nat_gateway.this" in why


def test_two_halves_of_the_world_are_the_world_and_one_is_not() -> None:
    halves = [*table("nodes", TO_NAT, cidr="0.0.0.0/1")]
    assert way(network(*table("out", IGW), *halves)) is None
    second = R(
        "aws_route.second",
        {"destination_cidr_block": "128.0.0.0/1"},
        {"route_table_id": True, "nat_gateway_id": True},
        {"route_table_id": ref("aws_route_table.nodes.id"), "nat_gateway_id": ref("aws_nat_gateway.this.id")},
    )
    assert way(network(*table("out", IGW), *halves, second)) is True


def test_a_route_to_private_ranges_is_no_way_out() -> None:
    peered = ("transit_gateway_id", "aws_ec2_transit_gateway.hub.id")
    hub = R("aws_ec2_transit_gateway.hub", {}, {"id": True})
    assert way(network(hub, *table("nodes", peered, cidr="10.0.0.0/8"))) is False
    assert way(network(hub, *table("nodes", peered))) is None


def test_a_peering_leads_to_no_nat_gateway_of_the_other_vpc() -> None:
    peering = R("aws_vpc_peering_connection.x", {}, {"id": True, "vpc_id": True}, IN_VPC)
    leads = ("vpc_peering_connection_id", "aws_vpc_peering_connection.x.id")
    assert way(network(peering, *table("nodes", leads))) is False


def test_a_private_nat_gateway_and_one_that_is_not_at_hand_are_not_known() -> None:
    private = R(NAT.address, {"connectivity_type": "private"}, NAT.unknown, NAT.expressions)
    found = estate(*(private if r is NAT else r for r in BASE), *table("out", IGW), *table("nodes", TO_NAT))
    assert way(found) is None
    elsewhere = R(
        "aws_route.x",
        {"destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-0123456789abcdef0"},
        {"route_table_id": True},
        {"route_table_id": ref("aws_route_table.nodes.id")},
    )
    assert way(network(*table("nodes"), elsewhere)) is None


def test_an_internet_gateway_leads_out_only_whoever_has_a_public_address() -> None:
    found = network(*table("nodes", IGW))
    inside, out = found.subnets["aws_subnet.nodes"], Outward(found)
    assert out.by_routes(inside, NO).value is False
    assert out.by_routes(inside, YES).value is True


def test_an_instance_that_routes_lead_to_translates_where_it_is_public() -> None:
    def instance(public: bool) -> R:
        return R(
            "aws_instance.nat",
            {"associate_public_ip_address": public, "source_dest_check": False},
            {"id": True, "subnet_id": True, "primary_network_interface_id": True},
            {"subnet_id": ref("aws_subnet.out.id")},
        )

    leads = ("network_interface_id", "aws_instance.nat.primary_network_interface_id")
    for public, wanted in ((True, True), (False, None)):
        assert way(network(instance(public), *table("out", IGW), *table("nodes", leads))) is wanted


def test_block_public_access_both_ways_stops_what_gets_out() -> None:
    options = R(
        "aws_vpc_block_public_access_options.x", {"internet_gateway_block_mode": "block-bidirectional"}
    )
    assert way(network(options, *table("out", IGW), *table("nodes", TO_NAT))) is None


def group(*ingress: dict[str, Any]) -> R:
    """The security group of endpoints."""
    return R(
        "aws_security_group.endpoints",
        {"ingress": list(ingress)},
        {"id": True, "vpc_id": True, "ingress": [{} for _ in ingress]},
        IN_VPC,
    )


def rule(cidr: str, port: int = 443) -> dict[str, Any]:
    """An inbound rule."""
    return {"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": [cidr], "self": False}


def endpoint(service: str | None = "sts", **values: Any) -> R:
    """An interface endpoint in the nodes' subnet."""
    made = {
        "vpc_endpoint_type": "Interface",
        "private_dns_enabled": True,
        **({"service_name": f"com.amazonaws.eu-west-1.{service}"} if service else {}),
        **values,
    }
    unknown = {"id": True, "vpc_id": True, "subnet_ids": [True], "security_group_ids": [True]}
    expressions = {
        **IN_VPC,
        "subnet_ids": ref("aws_subnet.nodes.id"),
        "security_group_ids": ref("aws_security_group.endpoints.id"),
    }
    if service is None:
        unknown["service_name"], expressions["service_name"] = True, OPAQUE
    return R("aws_vpc_endpoint.x", made, unknown, expressions)


def asked(*more: R, service: str = "sts") -> Access:
    """Whether nodes without NAT reach the service."""
    found = estate(*SEALED, *more)
    [host] = [i for i in found.interfaces if i.kind == "node_group"]
    return ServiceAccess(found, Reachability(found).answers, (service,), (host,)).of(host, service)


def test_an_endpoint_serves_nodes_that_its_group_admits() -> None:
    assert asked(group(rule("10.0.1.0/24")), endpoint()).truth.value is True
    assert asked(group(rule("10.0.0.0/8", 80)), endpoint()).truth.value is False
    assert asked(group(rule("10.0.1.0/25")), endpoint()).truth.value is None
    assert asked().truth.value is False


def test_the_rule_that_keeps_nodes_out_is_named() -> None:
    found = asked(group(rule("10.9.0.0/16")), endpoint())
    assert [(short.endpoint, short.resource) for short in found.shortfalls] == [
        ("aws_vpc_endpoint.x", "aws_security_group.endpoints")
    ]


def test_an_endpoint_without_private_names_does_not_serve() -> None:
    found = asked(group(rule("10.0.0.0/16")), endpoint(private_dns_enabled=False))
    assert found.truth.value is False
    assert found.shortfalls[0].attribute == "private_dns_enabled"


def test_an_endpoint_of_a_service_not_known_may_be_the_one() -> None:
    found = asked(group(rule("10.0.0.0/16")), endpoint(None))
    assert found.truth.value is None
    assert ("aws_vpc_endpoint.x", "service_name") in {(c.resource, c.attribute) for c in found.truth.causes}


def test_an_endpoint_of_another_service_or_vpc_does_not_serve() -> None:
    admitting = group(rule("10.0.0.0/16"))
    assert asked(admitting, endpoint("ec2")).truth.value is False
    other = R("aws_vpc.other", {"cidr_block": "10.1.0.0/16"}, {"id": True})
    made = endpoint()
    moved = R(
        made.address, made.values, made.unknown, {**made.expressions, "vpc_id": ref("aws_vpc.other.id")}
    )
    assert asked(admitting, other, moved).truth.value is False


@pytest.mark.parametrize(("tables", "wanted"), [("nodes", True), ("out", False), (None, False)])
def test_a_gateway_endpoint_serves_the_tables_it_is_associated_with(tables: str | None, wanted: bool) -> None:
    unknown: dict[str, Any] = {"id": True, "vpc_id": True, "route_table_ids": [True] if tables else True}
    expressions = dict(IN_VPC)
    if tables:
        expressions["route_table_ids"] = ref(f"aws_route_table.{tables}.id")
    made = R("aws_vpc_endpoint.s3", {"service_name": "com.amazonaws.eu-west-1.s3"}, unknown, expressions)
    found = asked(made, service="s3")
    assert found.truth.value is wanted
    assert bool(found.shortfalls) is not wanted


MINE = "vpc-0123456789abcdef0"


def by_id(r: R) -> R:
    """The same resource, with the VPC named by its id."""
    if r is VPC:
        return R(VPC.address, {**VPC.values, "id": MINE}, actions=("no-op",))
    named = "vpc_id" in r.expressions
    expressions = {k: v for k, v in r.expressions.items() if k != "vpc_id"}
    values = {**r.values, "vpc_id": MINE} if named else r.values
    return R(r.address, values, {k: v for k, v in r.unknown.items() if k != "vpc_id"}, expressions)


def test_endpoints_of_a_vpc_that_the_inputs_do_not_manage_may_be_there() -> None:
    """Nothing is missing for certain where somebody else keeps the VPC (K11)."""
    found = estate(*(by_id(r) for r in SEALED if r is not VPC))
    [host] = [i for i in found.interfaces if i.kind == "node_group"]
    access = ServiceAccess(found, Reachability(found).answers, ("sts",), (host,)).of(host, "sts")
    assert access.truth.value is None


@pytest.mark.parametrize(
    ("zone", "wanted"),
    [
        (R("aws_route53_zone.x", {"name": "sts.eu-west-1.amazonaws.com"}, {"zone_id": True}), None),
        (R("aws_route53_zone.x", {"name": "internal.example.com"}, {"zone_id": True}), False),
        (R("aws_route53_zone_association.x", {"zone_id": "Z123", "vpc_id": "vpc-1"}, {}), None),
    ],
)
def test_names_of_ones_own_may_lead_to_endpoints_elsewhere(zone: R, wanted: bool | None) -> None:
    assert asked(zone).truth.value is wanted


@pytest.mark.parametrize(("vpc", "wanted"), [(MINE, None), ("vpc-1", False)])
def test_an_endpoint_that_was_looked_up_may_serve_its_own_vpc(vpc: str, wanted: bool | None) -> None:
    """Who gets to its interfaces, a data source does not tell."""
    looked_up = R(
        "data.aws_vpc_endpoint.x",
        {
            "id": "vpce-0123456789abcdef0",
            "service_name": "com.amazonaws.eu-west-1.sts",
            "vpc_endpoint_type": "Interface",
            "private_dns_enabled": True,
            "vpc_id": vpc,
        },
    )
    found = estate(*map(by_id, SEALED), looked_up)
    [host] = [i for i in found.interfaces if i.kind == "node_group"]
    access = ServiceAccess(found, Reachability(found).answers, ("sts",), (host,)).of(host, "sts")
    assert access.truth.value is wanted


def test_a_network_acl_before_the_endpoint_counts() -> None:
    """The endpoint sits in another subnet, whose list admits nothing (B7)."""
    made = endpoint()
    far = R(
        made.address, made.values, made.unknown, {**made.expressions, "subnet_ids": ref("aws_subnet.out.id")}
    )
    admitting = group(rule("10.0.0.0/16"))
    acl = R(
        "aws_network_acl.x",
        {"ingress": [], "egress": []},
        {"id": True, "vpc_id": True, "subnet_ids": [True]},
        {**IN_VPC, "subnet_ids": ref("aws_subnet.out.id")},
    )
    assert asked(admitting, far).truth.value is True
    found = asked(admitting, far, acl)
    assert found.truth.value is False
    assert "aws_network_acl.x" in {short.resource for short in found.shortfalls}
