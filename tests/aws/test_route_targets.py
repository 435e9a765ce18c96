"""What a ``gateway_id`` names: EC2 takes the ids of NAT and transit gateways there as well (C12, K18)."""

from __future__ import annotations

import pytest

from eks_checks.aws.vpc import Route, TargetKind
from tests.aws.plans import SUBNET, VPC, Object, R, estate, ref

IN_VPC = {"vpc_id": ref("aws_vpc.this.id")}
GATEWAY = R("aws_internet_gateway.gw", {}, {"id": True, "vpc_id": True}, IN_VPC)
NAT = R("aws_nat_gateway.nat", {}, {"id": True, "subnet_id": True}, {"subnet_id": ref("aws_subnet.a.id")})
TRANSIT = R("aws_ec2_transit_gateway.tgw", {}, {"id": True})
EVERYWHERE = "0.0.0.0/0"
ELSEWHERE = "10.9.0.0/16"


def table(*routes: Object, unknown: tuple[Object, ...] = (), written: Object | None = None) -> R:
    """A route table of the VPC with inline routes, as a plan without its sources shows them."""
    expressions = {**IN_VPC, **({"route": written} if written else {})}
    hidden = list(unknown) or [{} for _ in routes]
    values = {"route": list(routes)}
    return R("aws_route_table.t", values, {"id": True, "vpc_id": True, "route": hidden}, expressions)


def routes(*resources: R) -> list[Route]:
    """The routes of that table that somebody wrote."""
    found = estate(VPC, SUBNET, GATEWAY, *resources).route_tables["aws_route_table.t"].routes
    return [route for route in found if route.kind is not TargetKind.LOCAL]


def kinds(*resources: R) -> list[TargetKind]:
    return [route.kind for route in routes(*resources)]


HIDDEN = {"gateway_id": True}
OUT = {"cidr_block": EVERYWHERE}
OVER = {"cidr_block": ELSEWHERE}


@pytest.mark.parametrize(
    ("gateway", "kind"),
    [
        ("igw-0a", TargetKind.INTERNET_GATEWAY),
        ("nat-0a", TargetKind.NAT_GATEWAY),
        ("tgw-0a", TargetKind.TRANSIT_GATEWAY),
        ("lgw-0a", TargetKind.UNKNOWN),
    ],
)
def test_a_known_id_tells_its_kind_and_is_never_taken_for_the_internet_gateway(
    gateway: str, kind: TargetKind
) -> None:
    assert kinds(table({**OUT, "gateway_id": gateway})) == [kind]


def test_a_separate_route_follows_the_type_of_what_it_refers_to() -> None:
    made = table()
    route = R(
        "aws_route.r",
        {"destination_cidr_block": EVERYWHERE},
        {"route_table_id": True, "gateway_id": True},
        {"route_table_id": ref("aws_route_table.t.id"), "gateway_id": ref("aws_nat_gateway.nat.id")},
    )
    (found,) = routes(made, route, NAT)
    assert (found.kind, found.gateway.exact) == (TargetKind.NAT_GATEWAY, "aws_nat_gateway.nat")


def test_a_nat_gateway_as_only_reference_is_the_gateway() -> None:
    made = table(OUT, unknown=(HIDDEN,), written=ref("aws_nat_gateway.nat.id"))
    assert kinds(made, NAT) == [TargetKind.NAT_GATEWAY]


def test_two_gateways_lumped_together_are_told_apart_by_nobody() -> None:
    """Either route may be the one to the transit gateway: neither is surely to the internet."""
    lumped = ref("aws_internet_gateway.gw.id", "aws_ec2_transit_gateway.tgw.id")
    made = table(OUT, OVER, unknown=(HIDDEN, HIDDEN), written=lumped)
    assert kinds(made, TRANSIT) == [TargetKind.UNKNOWN, TargetKind.UNKNOWN]


def test_a_reference_that_a_route_beside_it_accounts_for_does_not_count() -> None:
    lumped = ref("aws_internet_gateway.gw.id", "aws_nat_gateway.nat.id")
    made = table(OUT, OVER, unknown=(HIDDEN, {"nat_gateway_id": True}), written=lumped)
    assert kinds(made, NAT) == [TargetKind.INTERNET_GATEWAY, TargetKind.NAT_GATEWAY]


def test_the_only_internet_gateway_is_taken_where_no_other_gateway_could_be_meant() -> None:
    """Without a trace of the block: a NAT gateway that no route names may be the one (K18)."""
    made = table(OUT, unknown=(HIDDEN,))
    assert kinds(made) == [TargetKind.INTERNET_GATEWAY]
    assert kinds(made, NAT) == [TargetKind.UNKNOWN]
    through = R(
        "aws_route.r",
        {"destination_cidr_block": ELSEWHERE},
        {"route_table_id": True, "nat_gateway_id": True},
        {"route_table_id": ref("aws_route_table.t.id"), "nat_gateway_id": ref("aws_nat_gateway.nat.id")},
    )
    assert kinds(made, NAT, through) == [TargetKind.INTERNET_GATEWAY, TargetKind.NAT_GATEWAY]
