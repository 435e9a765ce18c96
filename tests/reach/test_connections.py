"""Two VPCs and what joins them, rule by rule: peerings, transit gateways, VPNs, Direct Connect."""

from __future__ import annotations

from typing import Any

import pytest

from eks_checks.reach.answer import Answer
from eks_checks.reach.engine import Question, Reachability
from tests.aws.plans import R, estate

Object = dict[str, Any]
HOME, AWAY = "10.0.0.0/16", "10.1.0.0/16"


def vpc(name: str, cidr: str, region: str = "eu-west-1") -> tuple[R, ...]:
    """A VPC with one subnet (its x.y.1.0/24) in zone a, under a table of its own."""
    third = cidr.replace("0.0/16", "1.0/24")
    return (
        R(f"aws_vpc.{name}", {"id": f"vpc-{name}", "cidr_block": cidr, "region": region}),
        R(
            f"aws_subnet.{name}",
            {
                "id": f"subnet-{name}",
                "vpc_id": f"vpc-{name}",
                "cidr_block": third,
                "availability_zone": f"{region}a",
            },
        ),
        R(f"aws_route_table.{name}", {"id": f"rtb-{name}", "vpc_id": f"vpc-{name}", "route": []}),
        R(
            f"aws_route_table_association.{name}",
            {"subnet_id": f"subnet-{name}", "route_table_id": f"rtb-{name}"},
        ),
    )


def host(name: str, ingress: list[Object] | None = None, egress: list[Object] | None = None) -> tuple[R, ...]:
    """An instance in the VPC of that name, with a group of its own; open egress unless given."""
    everything = [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}]
    group = {
        "id": f"sg-{name}",
        "vpc_id": f"vpc-{name}",
        "ingress": ingress or [],
        "egress": everything if egress is None else egress,
    }
    return (
        R(f"aws_security_group.{name}", group),
        R(
            f"aws_instance.{name}",
            {"id": f"i-{name}", "subnet_id": f"subnet-{name}", "vpc_security_group_ids": [f"sg-{name}"]},
        ),
    )


def ssh(**peer: Any) -> Object:
    """A rule for tcp 22."""
    return {"protocol": "tcp", "from_port": 22, "to_port": 22, **peer}


FROM_AWAY = [ssh(cidr_blocks=[AWAY])]
BY_GROUP = [ssh(security_groups=["sg-away"])]
NETWORKS = (*vpc("home", HOME), *vpc("away", AWAY))


def route(table: str, to: str, **target: str) -> R:
    """A separate route."""
    name = f"aws_route.{table}-{'-'.join(target)}-{to.replace('.', '_').replace('/', '-')}"
    return R(name, {"route_table_id": f"rtb-{table}", "destination_cidr_block": to, **target})


def peering(**more: Any) -> R:
    """A peering connection between the two, accepted unless told otherwise."""
    values = {"id": "pcx-1", "vpc_id": "vpc-home", "peer_vpc_id": "vpc-away", "auto_accept": True, **more}
    return R("aws_vpc_peering_connection.this", values)


PEERED = (
    route("home", AWAY, vpc_peering_connection_id="pcx-1"),
    route("away", HOME, vpc_peering_connection_id="pcx-1"),
)


def gateway(referencing: str = "enable", **more: Any) -> tuple[R, ...]:
    """A transit gateway with both VPCs attached, one table for all."""
    attached = {"transit_gateway_id": "tgw-1", "security_group_referencing_support": referencing}
    return (
        R("aws_ec2_transit_gateway.this", {"id": "tgw-1", **attached, **more}),
        *(
            R(
                f"aws_ec2_transit_gateway_vpc_attachment.{name}",
                {
                    "id": f"tgw-attach-{name}",
                    "vpc_id": f"vpc-{name}",
                    "subnet_ids": [f"subnet-{name}"],
                    **attached,
                },
            )
            for name in ("home", "away")
        ),
    )


ROUTED = (
    route("home", "10.0.0.0/8", transit_gateway_id="tgw-1"),
    route("away", "10.0.0.0/8", transit_gateway_id="tgw-1"),
)


def asked(*resources: R) -> Answer:
    """Who reaches tcp 22 of the instance at home."""
    question = Question(targets=("aws_instance.home",), families=("ipv4",))
    [answer] = Reachability(estate(*resources)).answers(question)
    return answer


def told(*resources: R) -> dict[tuple[str, str], str]:
    """The same as (scope, resource) to verdict; of a range also its prefixes."""
    return {
        (s.scope, s.resource + "".join(f" {cidr}" for cidr in s.cidrs or ())): s.verdict.value
        for s in asked(*resources).sources
    }


OVER_PEERING = ("peering", "aws_vpc_peering_connection.this 10.1.1.0/24")
OVER_GATEWAY = ("transit_gateway", "aws_ec2_transit_gateway.this 10.1.1.0/24")
OVER_PEERING_UNTOLD = ("peering", f"aws_vpc_peering_connection.this {AWAY}")
JUMP = ("interface", "aws_instance.away")


def test_a_peering_needs_routes_on_both_sides() -> None:
    world = (*NETWORKS, *host("home", FROM_AWAY), *host("away"), peering())
    assert told(*world, *PEERED) == {OVER_PEERING: "reachable", JUMP: "reachable"}
    assert told(*world, PEERED[0]) == {}
    assert told(*world, PEERED[1]) == {}


def test_a_peering_that_nobody_accepts_lets_nothing_through() -> None:
    """The inputs manage both ends: what they lack does not exist. The end of somebody else is open."""
    world = (*NETWORKS, *host("home", FROM_AWAY), *host("away"), *PEERED)
    assert told(*world, peering(auto_accept=None)) == {}
    assert told(*world, peering(auto_accept=None, accept_status="pending-acceptance")) == {}
    elsewhere = peering(auto_accept=None, peer_vpc_id="vpc-0abc", peer_owner_id="222222222222")
    assert told(*world, elsewhere) == {OVER_PEERING_UNTOLD: "possible"}
    assert told(*world, peering(auto_accept=None, accept_status="rejected")) == {}
    accepter = R(
        "aws_vpc_peering_connection_accepter.this",
        {"id": "pcx-1", "vpc_peering_connection_id": "pcx-1", "auto_accept": True},
    )
    assert told(*world, peering(auto_accept=None), accepter)[JUMP] == "reachable"


def test_groups_may_be_named_across_a_peering_in_one_region_only() -> None:
    near = (*host("home", BY_GROUP), *host("away"), peering(), *PEERED)
    assert told(*NETWORKS, *near) == {JUMP: "reachable"}
    apart = (*vpc("home", HOME), *vpc("away", AWAY, region="us-east-1"))
    assert told(*apart, *near) == {}
    untold = tuple(R(r.address, {k: v for k, v in r.values.items() if k != "region"}) for r in NETWORKS)
    far = (*host("home", BY_GROUP), *host("away"), peering(peer_region="us-east-1"), *PEERED)
    assert told(*untold, *far) == {JUMP: "possible"}


def test_outbound_rules_may_name_groups_across_a_peering_but_not_a_gateway() -> None:
    out = [{"protocol": "-1", "from_port": 0, "to_port": 0, "security_groups": ["sg-home"]}]
    world = (*NETWORKS, *host("home", BY_GROUP), *host("away", egress=out))
    assert told(*world, peering(), *PEERED) == {JUMP: "reachable"}
    assert told(*world, *gateway(), *ROUTED) == {}


@pytest.mark.parametrize(("setting", "verdict"), [("enable", "reachable"), ("disable", None), (None, None)])
def test_groups_across_a_gateway_only_where_all_enable_it(setting: str | None, verdict: str | None) -> None:
    world = (*NETWORKS, *host("home", BY_GROUP), *host("away"), *gateway(setting or ""), *ROUTED)
    assert told(*world) == ({JUMP: verdict} if verdict else {})


def test_the_way_there_and_the_way_back_may_differ() -> None:
    world = (*NETWORKS, *host("home", FROM_AWAY), *host("away"), peering(), *gateway())
    mixed = (route("home", AWAY, vpc_peering_connection_id="pcx-1"), ROUTED[1])
    assert told(*world, *mixed) == {OVER_GATEWAY: "reachable", JUMP: "reachable"}


def test_by_default_attachments_share_the_gateways_table() -> None:
    world = (*NETWORKS, *host("home", FROM_AWAY), *host("away"), *ROUTED)
    assert told(*world, *gateway()) == {OVER_GATEWAY: "reachable", JUMP: "reachable"}
    assert told(*world, *gateway(default_route_table_association="disable")) == {}
    assert told(*world, *gateway(default_route_table_propagation="disable")) == {}


def test_without_an_attachment_in_the_zone_nothing_comes_or_goes() -> None:
    world = (*NETWORKS, *host("home", FROM_AWAY), *host("away"), *gateway(), *ROUTED)

    def moved(name: str, zone: str | None) -> list[R]:
        """The attachment is put into another subnet, which is in that zone."""
        other = {"id": "subnet-other", "vpc_id": f"vpc-{name}", "availability_zone": zone}
        made = [R("aws_subnet.other", {**other, "cidr_block": "10.9.0.0/28"})]
        for one in world:
            if one.address == f"aws_ec2_transit_gateway_vpc_attachment.{name}":
                one = R(one.address, {**one.values, "subnet_ids": ["subnet-other"]})
            made.append(one)
        return made

    for name in ("home", "away"):
        assert JUMP not in told(*moved(name, "eu-west-1b"))
        assert told(*moved(name, "eu-west-1a"))[JUMP] == "reachable"
        assert told(*moved(name, None))[JUMP] == "possible"


def test_a_gateway_known_by_id_only_is_open() -> None:
    world = (*NETWORKS, *host("home", FROM_AWAY), *host("away"), *ROUTED)
    assert told(*world)[JUMP] == "possible"
    assert told(*world, *gateway()[1:])[JUMP] == "possible"


def tunnel(**more: Any) -> tuple[R, ...]:
    """A VPN gateway at home, and a connection on it."""
    return (
        R("aws_vpn_gateway.this", {"id": "vgw-1", "vpc_id": "vpc-home"}),
        R("aws_vpn_connection.this", {"id": "vpn-1", "vpn_gateway_id": "vgw-1", **more}),
    )


OFFICE = "192.168.0.0/16"
WRITTEN = R(
    "aws_vpn_connection_route.this",
    {"vpn_connection_id": "vpn-1", "destination_cidr_block": "192.168.1.0/24"},
)
LEARNS = R(
    "aws_vpn_gateway_route_propagation.this",
    {"vpn_gateway_id": "vgw-1", "route_table_id": "rtb-home"},
)
HOST = (*vpc("home", HOME), *host("home", [ssh(cidr_blocks=[OFFICE])]))


def test_behind_a_vpn_lies_what_both_the_table_and_its_written_routes_cover() -> None:
    static = (*tunnel(static_routes_only=True), WRITTEN)
    over = ("vpn", "aws_vpn_connection.this 192.168.1.0/24")
    assert told(*HOST, *static, route("home", OFFICE, gateway_id="vgw-1")) == {over: "reachable"}
    assert told(*HOST, *static) == {}
    assert told(*HOST, *static, LEARNS) == {over: "reachable"}


def test_what_bgp_tells_is_open() -> None:
    over = ("vpn", f"aws_vpn_connection.this {OFFICE}")
    by_route = route("home", OFFICE, gateway_id="vgw-1")
    assert told(*HOST, *tunnel(static_routes_only=False), by_route) == {over: "possible"}
    assert told(*HOST, *tunnel(), LEARNS) == {over: "possible"}


def test_a_gateway_without_tunnels_has_nobody_behind_it() -> None:
    alone = tunnel()[:1]
    by_route = route("home", OFFICE, gateway_id="vgw-1")
    assert told(*HOST, *alone, by_route) == {}
    direct = R("aws_dx_gateway_association.this", {"id": "dx-1", "associated_gateway_id": "vgw-1"})
    assert told(*HOST, *alone, by_route, direct) == {
        ("vpn", f"aws_dx_gateway_association.this {OFFICE}"): "possible"
    }


def test_a_gateway_of_another_vpc_leads_nowhere() -> None:
    elsewhere = R("aws_vpn_gateway.this", {"id": "vgw-1", "vpc_id": "vpc-other"})
    world = (*HOST, elsewhere, *tunnel(static_routes_only=True)[1:], WRITTEN)
    assert told(*world, route("home", OFFICE, gateway_id="vgw-1")) == {}


def test_a_vpn_on_a_transit_gateway_goes_by_the_gateways_tables() -> None:
    world = (
        *HOST,
        *gateway()[:2],
        R(
            "aws_vpn_connection.this",
            {
                "id": "vpn-1",
                "transit_gateway_id": "tgw-1",
                "transit_gateway_attachment_id": "tgw-attach-vpn",
                "static_routes_only": True,
            },
        ),
        R(
            "aws_ec2_transit_gateway_route_table.this",
            {"id": "tgw-rtb-1", "transit_gateway_id": "tgw-1"},
        ),
        *(
            R(
                f"aws_ec2_transit_gateway_route_table_association.{name}",
                {
                    "transit_gateway_attachment_id": f"tgw-attach-{name}",
                    "transit_gateway_route_table_id": "tgw-rtb-1",
                },
            )
            for name in ("home", "vpn")
        ),
        route("home", OFFICE, transit_gateway_id="tgw-1"),
    )
    to_office = R(
        "aws_ec2_transit_gateway_route.office",
        {
            "destination_cidr_block": "192.168.1.0/24",
            "transit_gateway_attachment_id": "tgw-attach-vpn",
            "transit_gateway_route_table_id": "tgw-rtb-1",
        },
    )
    to_home = R(
        "aws_ec2_transit_gateway_route.home",
        {
            "destination_cidr_block": HOME,
            "transit_gateway_attachment_id": "tgw-attach-home",
            "transit_gateway_route_table_id": "tgw-rtb-1",
        },
    )
    over = ("vpn", "aws_vpn_connection.this 192.168.1.0/24")
    assert told(*world, to_office, to_home) == {over: "reachable"}
    assert told(*world, to_home) == {}
    assert told(*world, to_office) == {}


def test_an_appliance_is_never_silently_crossed() -> None:
    through = route("away", HOME, network_interface_id="eni-0123456789abcdef0")
    world = (*NETWORKS, *host("home", FROM_AWAY), *host("away"), peering(), PEERED[0], through)
    assert told(*world) == {OVER_PEERING: "possible", JUMP: "possible"}


def test_the_second_vpc_of_a_group_is_looked_at() -> None:
    """A group carried in another VPC is named across what joins the two as any group is (A26)."""
    shared = R(
        "aws_vpc_security_group_vpc_association.this",
        {"security_group_id": "sg-home", "vpc_id": "vpc-away"},
    )
    guest = R(
        "aws_instance.away",
        {"id": "i-away", "subnet_id": "subnet-away", "vpc_security_group_ids": ["sg-home"]},
    )
    world = (*NETWORKS, *host("home", [ssh(self=True)]), shared, guest)
    assert told(*world) == {}
    assert told(*world, peering(), *PEERED) == {JUMP: "reachable"}


def test_what_a_route_server_learns_may_lead_to_any_private_network() -> None:
    world = (*vpc("home", HOME), *host("home", [ssh(cidr_blocks=[AWAY, "52.0.0.0/8"])]))
    learns = R(
        "aws_vpc_route_server_propagation.this",
        {"id": "rsp-1", "route_server_id": "rs-1", "route_table_id": "rtb-home"},
    )
    assert told(*world) == {}
    assert told(*world, learns) == {("vpn", f"aws_vpc_route_server_propagation.this {AWAY}"): "possible"}
