"""Why a blocked source is blocked: every layer that does it, what decides there, and AWS's code for it."""

from __future__ import annotations

import pytest

from eks_checks.reach.answer import Answer, Blocker
from eks_checks.reach.engine import Question, Reachability
from tests.aws.plans import Object, R, estate, ref
from tests.reach.test_entries import network
from tests.reach.test_flips import DENY, acl, group, host, public_access, route, rule

WORLD = rule({"cidr_ipv4": "0.0.0.0/0"})


def answer(
    *more: R,
    public: bool = True,
    routed: bool = True,
    sources: tuple[str, ...] = ("internet",),
    **question: object,
) -> Answer:
    resources = {r.address: r for r in (*network(public, routed), group("g"), host("host", "g"), *more)}
    asked: Object = {"targets": ("aws_instance.host",), "families": ("ipv4",), **question}
    [found] = Reachability(estate(*resources.values())).answers(Question(sources=sources, **asked))
    return found


def held(
    *more: R, public: bool = True, routed: bool = True, sources: tuple[str, ...] = ("internet",)
) -> dict[str, Blocker]:
    """Layer to the blocker of the one source asked for."""
    [source] = answer(*more, public=public, routed=routed, sources=sources).sources
    return {blocker.layer: blocker for blocker in source.blocked_by}


def test_every_layer_that_blocks_is_told() -> None:
    found = held(*acl({**DENY, "rule_number": 90})[:2], public=False, routed=False)
    assert set(found) == {"address", "route", "nacl", "security_group"}


def test_no_public_address() -> None:
    found = held(WORLD, public=False)["address"]
    assert found.text == (
        "aws_instance.host has no public IPv4 address [IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS]"
    )


def test_no_route() -> None:
    found = held(WORLD, routed=False)["route"]
    assert found.text.endswith("aws_route_table.t has no route for 1.0.0.0 [NO_ROUTE_TO_DESTINATION]")


def test_the_route_in_force_instead() -> None:
    found = held(WORLD, route({"nat_gateway_id": "nat-0123456789abcdef0"}))["route"]
    assert "0.0.0.0/0 to nat-0123456789abcdef0 is in force, which lets no connection in" in found.text
    assert found.text.endswith("[NO_ROUTE_TO_DESTINATION]")


def test_a_more_specific_route_takes_it_elsewhere() -> None:
    narrow = R(
        "aws_route.narrow",
        {"destination_cidr_block": "8.8.8.0/24", "nat_gateway_id": "nat-0123456789abcdef0"},
        {"route_table_id": True},
        {"route_table_id": ref("aws_route_table.t.id")},
    )
    found = held(WORLD, narrow, sources=("8.8.8.8",))["route"]
    assert "8.8.8.0/24 to nat-0123456789abcdef0 is in force" in found.text
    assert found.text.endswith("[MORE_SPECIFIC_ROUTE]")


def test_block_public_access() -> None:
    found = held(WORLD, public_access("block-ingress"))["route"]
    assert found.text.endswith("[VPC_BLOCK_PUBLIC_ACCESS_ENABLED]")
    assert found.resource == "aws_vpc_block_public_access_options.x"


def test_the_entry_that_denies() -> None:
    found = held(*acl({**DENY, "rule_number": 90}))["nacl"]
    assert "inbound rule 90 deny tcp 22 from 0.0.0.0/0 decides" in found.text
    assert found.text.endswith("[SUBNET_ACL_RESTRICTION]")


def test_the_final_deny_and_who_is_let_in() -> None:
    own, entry, world = acl({"rule_number": 90, "rule_action": "allow", "cidr_block": "10.0.9.0/24"})
    narrow = R(own.address, {**own.values, "ingress": []}, own.unknown, own.expressions)
    found = held(narrow, entry, world)["nacl"]
    assert "the final deny decides" in found.text
    assert "inbound rule 90 allow tcp 22 from 10.0.9.0/24 is for others" in found.text


@pytest.mark.parametrize(
    ("rules", "said", "code"),
    [
        ((), "they have no inbound rule", "SG_HAS_NO_RULES"),
        (
            (rule({"cidr_ipv4": "10.0.9.0/24"}),),
            "for the port but another source: inbound tcp 22 from 10.0.9.0/24",
            "ENI_SG_RULES_MISMATCH",
        ),
        (
            (rule({"cidr_ipv4": "0.0.0.0/0", "from_port": 443, "to_port": 443}),),
            "for the source but another port: inbound tcp 443 from 0.0.0.0/0",
            "ENI_SG_RULES_MISMATCH",
        ),
    ],
)
def test_the_rules_that_come_nearest(rules: tuple[R, ...], said: str, code: str) -> None:
    found = held(*rules)["security_group"]
    assert said in found.text
    assert found.text.endswith(f"[{code}]")


def test_the_source_s_own_way_out() -> None:
    found = held(
        WORLD,
        group("b"),
        host("bastion", "b"),
        rule({"cidr_ipv4": "10.9.0.0/16"}, None, "egress", "b"),
        sources=("aws_instance.bastion",),
    )
    assert set(found) == {"egress"}
    assert "for the port but another destination: outbound tcp 22 to 10.9.0.0/16" in found["egress"].text


def test_a_latent_source_says_what_alone_keeps_it_out() -> None:
    [source] = answer(WORLD, public=False, sources=(), explain=True).latent
    assert [blocker.layer for blocker in source.blocked_by] == ["address"]
    assert {hop.layer for hop in source.path} >= {"route", "security_group"}
