"""NAT gateways, VPC endpoints and their associations, as lowered."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.knowledge import NO, YES, Truth, exactly
from eks_checks.aws.ways_out import VpcEndpoint
from tests.aws.plans import OPAQUE, WORLD, R, estate, ref

TABLE = R("aws_route_table.a", {}, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")})
KEY = "aws_vpc_endpoint.x"


def endpoint(name: object = None, **values: object) -> R:
    """An endpoint of the VPC; its service's name a text, or an expression."""
    unknown: dict[str, object] = {"id": True, "vpc_id": True, "security_group_ids": True}
    expressions: dict[str, object] = {"vpc_id": ref("aws_vpc.this.id")}
    if isinstance(name, dict):
        unknown["service_name"], expressions["service_name"] = True, name
    else:
        values["service_name"] = name or "com.amazonaws.eu-west-1.ecr.api"
    return R(KEY, values, unknown, expressions)


def lowered(*resources: R) -> VpcEndpoint:
    """The one endpoint of a world with these resources."""
    return estate(*WORLD, TABLE, *resources).particulars.vpc_endpoints[KEY]


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("com.amazonaws.eu-west-1.ecr.api", "ecr.api"),
        ("com.amazonaws.us-gov-west-1.s3", "s3"),
        ("cn.com.amazonaws.cn-north-1.ec2", "ec2"),
        ("com.amazonaws.eu-west-1.eks-auth", "eks-auth"),
    ],
)
def test_the_service_is_the_end_of_its_name(name: str, service: str) -> None:
    assert lowered(endpoint(name)).service == service


def test_a_name_that_is_not_known_may_be_of_any_service() -> None:
    found = lowered(endpoint(OPAQUE))
    assert found.service is None
    assert found.may_serve("sts")
    assert [cause.attribute for cause in found.causes] == ["service_name"]


FOLDER = """
data "aws_region" "here" {}

data "aws_vpc_endpoint_service" "sts" {
  service = "sts"
}

resource "aws_vpc_endpoint" "sts" {
  vpc_id       = "vpc-1"
  service_name = data.aws_vpc_endpoint_service.sts.service_name
}

resource "aws_vpc_endpoint" "api" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.${data.aws_region.here.region}.ecr.api"
}

resource "aws_vpc_endpoint" "own" {
  vpc_id       = "vpc-1"
  service_name = aws_vpc_endpoint_service.own.service_name
}

resource "aws_vpc_endpoint_service" "own" {
  acceptance_required = false
}
"""


def test_sources_tell_the_service_though_its_region_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(FOLDER, encoding="utf-8")
    found = analysis.load([str(tmp_path)]).estate.particulars.vpc_endpoints
    told = {key.rpartition(".")[2]: one.service for key, one in found.items()}
    assert told == {"sts": "sts", "api": "ecr.api", "own": "aws_vpc_endpoint_service"}


def test_left_out_an_endpoint_is_a_gateway_without_tables() -> None:
    found = lowered(endpoint())
    assert found.kind == "Gateway"
    assert found.route_tables.exact
    assert not found.route_tables.candidates
    assert found.private_dns == NO


def test_route_tables_come_by_argument_and_by_association() -> None:
    association = R(
        "aws_vpc_endpoint_route_table_association.x",
        {},
        {"id": True, "vpc_endpoint_id": True, "route_table_id": True},
        {"vpc_endpoint_id": ref(f"{KEY}.id"), "route_table_id": ref("aws_route_table.a.id")},
    )
    assert lowered(endpoint(), association).route_tables == exactly("aws_route_table.a")


def test_private_names_for_the_resolver_of_other_networks_do_not_serve_the_vpc() -> None:
    options = {"private_dns_only_for_inbound_resolver_endpoint": True}
    common = {"vpc_endpoint_type": "Interface", "private_dns_enabled": True}
    assert lowered(endpoint(**common)).private_dns == YES
    assert lowered(endpoint(**common, dns_options=[options])).private_dns == NO


def _interface(*more: R) -> tuple[frozenset[str], frozenset[str | None]]:
    world = estate(*WORLD, endpoint(vpc_endpoint_type="Interface"), *more)
    found = [i for i in world.passive if i.resource == KEY]
    return (
        frozenset(key for i in found for shape in i.shapes for key in shape.groups.sure),
        frozenset(i.subnet for i in found),
    )


def _group(**values: object) -> R:
    return R(
        "aws_vpc_endpoint_security_group_association.x",
        values,
        {"id": True, "vpc_endpoint_id": True, "security_group_id": True},
        {"vpc_endpoint_id": ref(f"{KEY}.id"), "security_group_id": ref("aws_security_group.node.id")},
    )


PLACED = R(
    "aws_vpc_endpoint_subnet_association.x",
    {},
    {"id": True, "vpc_endpoint_id": True, "subnet_id": True},
    {"vpc_endpoint_id": ref(f"{KEY}.id"), "subnet_id": ref("aws_subnet.a.id")},
)
DEFAULT = "aws_vpc.this#default_security_group"


def test_separate_associations_place_an_endpoint_and_add_groups_beside_the_default_one() -> None:
    assert _interface() == (frozenset(), frozenset())
    assert _interface(PLACED) == ({DEFAULT}, {"aws_subnet.a"})
    assert _interface(PLACED, _group()) == ({DEFAULT, "aws_security_group.node"}, {"aws_subnet.a"})


def test_a_group_may_take_the_default_ones_place() -> None:
    groups, _ = _interface(PLACED, _group(replace_default_association=True))
    assert groups == {"aws_security_group.node"}


def _nat(**values: object) -> R:
    unknown = {"id": True, "subnet_id": True}
    return R("aws_nat_gateway.x", values, unknown, {"subnet_id": ref("aws_subnet.a.id")})


def test_a_nat_gateway_is_public_unless_it_says_otherwise() -> None:
    for values, public in (({}, True), ({"connectivity_type": "private"}, False)):
        found = estate(*WORLD, _nat(**values)).particulars.nat_gateways["aws_nat_gateway.x"]
        assert found.public == Truth(public)
        assert found.subnet.exact == "aws_subnet.a"
        assert not found.regional
