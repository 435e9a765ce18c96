"""Connections whose other half cannot be told from the inputs: what may be joined is only possible."""

from __future__ import annotations

import pytest

from tests.aws.plans import OPAQUE, Object, R, estate, ref

VPCS = (
    R("aws_vpc.home", {"id": "vpc-home", "cidr_block": "10.0.0.0/16"}),
    R("aws_vpc.away", {"id": "vpc-away", "cidr_block": "10.1.0.0/16"}),
)
ONE = R("aws_vpc_peering_connection.one", {"id": "pcx-1", "vpc_id": "vpc-home", "peer_vpc_id": "vpc-away"})
TWO = R("aws_vpc_peering_connection.two", {"id": "pcx-2", "vpc_id": "vpc-away", "peer_vpc_id": "vpc-home"})
GATEWAY = R("aws_vpn_gateway.this", {}, {"id": True, "vpc_id": True})


def accepter(**values: object) -> R:
    return R("aws_vpc_peering_connection_accepter.this", {"auto_accept": True, **values})


def unread(resource: R, name: str, expression: Object) -> R:
    return R(resource.address, resource.values, {name: True}, {name: expression})


@pytest.mark.parametrize(
    "named", [OPAQUE, ref("aws_vpc_peering_connection.one.id", "aws_vpc_peering_connection.two.id")]
)
def test_an_accepter_of_one_that_cannot_be_told_may_accept_either(named: Object) -> None:
    made = estate(*VPCS, ONE, TWO, unread(accepter(), "vpc_peering_connection_id", named))
    assert [str(one.active) for one in made.connections.peerings.values()] == ["unknown", "unknown"]


def test_nobody_accepts_what_an_accepter_of_another_names() -> None:
    made = estate(*VPCS, ONE, TWO, accepter(vpc_peering_connection_id="pcx-2"))
    assert [str(one.active) for one in made.connections.peerings.values()] == ["no", "yes"]
    made = estate(*VPCS, ONE, unread(accepter(auto_accept=False), "vpc_peering_connection_id", OPAQUE))
    assert [str(one.active) for one in made.connections.peerings.values()] == ["no"]


def test_an_attachment_of_a_vpn_gateway_that_cannot_be_told_may_be_any_ones() -> None:
    attached = R("aws_vpn_gateway_attachment.this", {"vpc_id": "vpc-home"})
    known = R(
        attached.address,
        attached.values,
        {"vpn_gateway_id": True},
        {"vpn_gateway_id": ref(f"{GATEWAY.address}.id")},
    )
    for resource, exact in ((known, "aws_vpc.home"), (unread(attached, "vpn_gateway_id", OPAQUE), None)):
        [gateway] = estate(*VPCS, GATEWAY, resource).connections.vpn_gateways.values()
        assert gateway.vpc.exact == exact
        assert gateway.vpc.may_be("aws_vpc.home")
