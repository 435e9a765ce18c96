"""EC2 Instance Connect Endpoints: every rule by hand (I12)."""

from __future__ import annotations

from typing import Any

import pytest

from eks_checks.reach.answer import Source
from tests.aws.plans import R, estate
from tests.reach.balanced import EVERYWHERE, NETWORK, OFFICE, WORKERS, asked, group, lets, nacl, workers

TUNNEL = group("tunnel")
OUT = lets("tunnel", (22, 22), "node", direction="egress")
ADMITTED = lets("node", (22, 22), "tunnel")
ENDPOINT = "aws_ec2_instance_connect_endpoint.this"


def endpoint(**values: Any) -> R:
    """An endpoint beside the nodes of one zone, with the group ``tunnel`` and an address of its own."""
    given = {
        "id": "eice-1",
        "subnet_id": "subnet-nodes_a",
        "security_group_ids": ["sg-tunnel"],
        "preserve_client_ip": False,
        "ip_address_type": "ipv4",
    }
    return R(ENDPOINT, {k: v for k, v in {**given, **values}.items() if v is not None})


def source(*resources: R, port: int = 22, where: str = "nodes_a", **question: Any) -> Source | None:
    """What the endpoint is to the nodes in one subnet; None where it is no source of theirs."""
    found = estate(*NETWORK, TUNNEL, *workers(), *resources)
    answer = asked(found, port, **question)[WORKERS, where]
    mine = [s for s in answer.sources if s.scope == "instance_connect_endpoint"]
    assert len(mine) < 2
    return mine[0] if mine else None


def verdict(*resources: R, **question: Any) -> str:
    """``blocked`` where it is no source at all."""
    found = source(*resources, **question)
    return "blocked" if found is None else found.verdict.value


def test_an_endpoint_reaches_nodes_that_admit_its_group() -> None:
    found = source(endpoint(), OUT, ADMITTED)
    assert found is not None
    assert (found.verdict.value, found.resource, found.cidrs) == ("reachable", ENDPOINT, None)
    assert verdict(endpoint(), OUT, ADMITTED, where="nodes_b") == "reachable"


def test_its_groups_must_let_it_out() -> None:
    assert verdict(endpoint(), ADMITTED) == "blocked"
    elsewhere = lets("tunnel", (22, 22), "10.0.11.0/24", direction="egress")
    assert verdict(endpoint(), elsewhere, ADMITTED) == "blocked"
    assert verdict(endpoint(), elsewhere, ADMITTED, where="nodes_b") == "reachable"


def test_its_inbound_rules_do_not_matter() -> None:
    assert verdict(endpoint(), OUT, ADMITTED, lets("tunnel", (443, 443), OFFICE)) == "reachable"


@pytest.mark.parametrize(("port", "expected"), [(22, "reachable"), (3389, "reachable"), (10250, "blocked")])
def test_it_connects_to_two_ports_only(port: int, expected: str) -> None:
    wide = (lets("tunnel", (0, 65535), EVERYWHERE, direction="egress"), lets("node", (0, 65535), "tunnel"))
    assert verdict(endpoint(), *wide, port=port) == expected


def test_it_connects_over_tcp_only() -> None:
    wide = (
        lets("tunnel", (22, 22), EVERYWHERE, direction="egress", protocol="udp"),
        lets("node", (22, 22), "tunnel", protocol="udp"),
    )
    assert verdict(endpoint(), *wide, protocol="udp") == "blocked"


def test_an_address_of_its_own_is_any_of_its_subnet() -> None:
    assert verdict(endpoint(), OUT, lets("node", (22, 22), "10.0.10.0/24")) == "reachable"
    found = source(endpoint(), OUT, lets("node", (22, 22), "10.0.10.0/25"))
    assert found is not None
    assert found.verdict.value == "possible"
    assert (ENDPOINT, "private_ip") in {(u.resource, u.attribute) for u in found.unknowns}


def test_with_the_clients_address_its_own_is_of_no_use() -> None:
    kept = endpoint(preserve_client_ip=True)
    assert verdict(kept, OUT, lets("node", (22, 22), "10.0.10.0/24"), where="nodes_b") == "possible"
    assert verdict(kept, OUT) == "blocked"
    assert verdict(kept, OUT, lets("node", (22, 22), EVERYWHERE)) == "reachable"
    # The endpoint's group counts either way.
    assert verdict(kept, OUT, ADMITTED) == "reachable"


def test_a_rule_for_some_clients_leaves_it_open_and_names_the_clients_address() -> None:
    found = source(endpoint(preserve_client_ip=True), OUT, lets("node", (22, 22), OFFICE))
    assert found is not None
    assert found.verdict.value == "possible"
    assert [(u.resource, u.attribute) for u in found.unknowns] == [(ENDPOINT, "preserve_client_ip")]


def test_the_default_is_not_known() -> None:
    left = endpoint(preserve_client_ip=None)
    assert verdict(left, OUT, ADMITTED) == "reachable"
    found = source(left, OUT, lets("node", (22, 22), "10.0.10.0/24"))
    assert found is not None
    assert found.verdict.value == "possible"
    assert (ENDPOINT, "preserve_client_ip") in {(u.resource, u.attribute) for u in found.unknowns}


def test_network_acls_stand_between_subnets_and_not_inside_one() -> None:
    closed = nacl("nodes", subnets=("nodes_a",))
    assert verdict(endpoint(), OUT, ADMITTED, closed) == "reachable"
    assert verdict(endpoint(), OUT, ADMITTED, closed, where="nodes_b") == "blocked"
    near = nacl(
        "nodes",
        (True, 1, "10.0.10.0/24", 22, 22),
        (False, 1, "10.0.10.0/24", 1024, 65535),
        subnets=("nodes_b",),
    )
    assert verdict(endpoint(), OUT, ADMITTED, near, where="nodes_b") == "reachable"


def test_without_groups_it_has_the_default_one_of_the_vpc() -> None:
    bare = endpoint(security_group_ids=None)
    default = R(
        "aws_default_security_group.this",
        {
            "id": "sg-default",
            "vpc_id": "vpc-1",
            "egress": [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": [EVERYWHERE]}],
            "ingress": [],
        },
    )
    assert verdict(bare, default, lets("node", (22, 22), "default")) == "reachable"
    shut = R("aws_default_security_group.this", {**default.values, "egress": []})
    assert verdict(bare, shut, lets("node", (22, 22), "default")) == "blocked"


def table(name: str, vpc: str, subnet: str) -> tuple[R, R]:
    """A route table without routes of its own, and the subnet under it."""
    of_subnet = {"id": f"rtbassoc-{name}", "subnet_id": subnet, "route_table_id": f"rtb-{name}"}
    return (
        R(f"aws_route_table.{name}", {"id": f"rtb-{name}", "vpc_id": vpc, "route": []}),
        R(f"aws_route_table_association.{name}", of_subnet),
    )


def test_an_endpoint_of_another_vpc_is_a_source_only_where_routes_join_the_two() -> None:
    away = (
        R("aws_vpc.other", {"id": "vpc-2", "cidr_block": "10.9.0.0/16"}),
        R(
            "aws_subnet.other",
            {
                "id": "subnet-other",
                "vpc_id": "vpc-2",
                "cidr_block": "10.9.0.0/24",
                "availability_zone": "eu-central-1a",
            },
        ),
        *table("other", "vpc-2", "subnet-other"),
        *table("private", "vpc-1", "subnet-nodes_a"),
    )
    there = endpoint(subnet_id="subnet-other")
    wide = (
        lets("tunnel", (22, 22), EVERYWHERE, direction="egress"),
        lets("node", (22, 22), EVERYWHERE),
    )
    assert verdict(*away, there, *wide) == "blocked"

    def leads(table: str, to: str) -> R:
        values = {"destination_cidr_block": to, "vpc_peering_connection_id": "pcx-1"}
        return R(f"aws_route.{table}", {"id": f"r-{table}", "route_table_id": f"rtb-{table}", **values})

    there_and_back = (leads("other", "10.0.0.0/16"), leads("private", "10.9.0.0/16"))
    assert verdict(*away, there, *wide, *there_and_back) == "possible", "a connection of somebody else's"
    peering = R(
        "aws_vpc_peering_connection.this",
        {"id": "pcx-1", "vpc_id": "vpc-2", "peer_vpc_id": "vpc-1", "auto_accept": True},
    )
    assert verdict(*away, there, *wide, peering) == "blocked"
    assert verdict(*away, there, *wide, peering, *there_and_back) == "possible"


def test_it_may_be_asked_about_by_its_address() -> None:
    found = source(endpoint(), OUT, sources=(ENDPOINT,))
    assert found is not None
    assert found.verdict.value == "blocked"
    assert {blocker.layer for blocker in found.blocked_by} == {"security_group"}
    other = source(endpoint(), OUT, ADMITTED, port=443, sources=(ENDPOINT,))
    assert other is not None
    assert [blocker.layer for blocker in other.blocked_by] == ["route"]
