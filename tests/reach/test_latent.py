"""Latent exposure: everything is open but a public address, or but a route (C8, C9), in both families."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.engine import Question, Reachability
from tests.aws.plans import R, estate, ref
from tests.reach.test_entries import network
from tests.reach.test_flips import DENY, IN_VPC, OPEN_SUBNET, acl, group, host, public_access, rule

WORLD = rule({"cidr_ipv4": "0.0.0.0/0"})
WORLD_SIX = replace(rule({"cidr_ipv6": "::/0"}), address="aws_vpc_security_group_ingress_rule.six")


def dual_stack(ipv6: bool = True) -> tuple[R, R]:
    """The VPC and its subnet with an IPv6 block of AWS's; interfaces get an address from it, or not."""
    block = R(
        "aws_vpc.this",
        {"cidr_block": "10.0.0.0/16", "assign_generated_ipv6_cidr_block": True},
        {"id": True, "ipv6_cidr_block": True},
    )
    subnet = R(
        "aws_subnet.a",
        {"cidr_block": "10.0.1.0/24", "assign_ipv6_address_on_creation": ipv6},
        {"id": True, "vpc_id": True, "ipv6_cidr_block": True},
        {**IN_VPC, "ipv6_cidr_block": ref("aws_vpc.this.ipv6_cidr_block")},
    )
    return block, subnet


def route_six(gateway: str) -> tuple[R, ...]:
    """``::/0`` to the internet gateway or to an egress-only one."""
    only = R("aws_egress_only_internet_gateway.e", {}, {"id": True, "vpc_id": True}, IN_VPC)
    name = "gateway_id" if gateway == "aws_internet_gateway.this" else "egress_only_gateway_id"
    way = R(
        "aws_route.six",
        {"destination_ipv6_cidr_block": "::/0"},
        {"route_table_id": True, name: True},
        {"route_table_id": ref("aws_route_table.t.id"), name: ref(f"{gateway}.id")},
    )
    return (only, way)


def asked(*more: R, family: str = "ipv4", public: bool = False, routed: bool = True) -> tuple[Answer, ...]:
    resources = {r.address: r for r in (*network(public, routed), group("g"), host("host", "g"), *more)}
    question = Question(targets=("aws_instance.host",), families=(family,))  # type: ignore[arg-type]
    return Reachability(estate(*resources.values())).answers(question)


def missing(*more: R, family: str = "ipv4", public: bool = False, routed: bool = True) -> list[str]:
    [found] = asked(*more, family=family, public=public, routed=routed)
    assert all(source.verdict is Verdict.BLOCKED for source in found.latent)
    return [source.missing for source in found.latent]


def test_only_an_address_is_missing() -> None:
    assert missing(WORLD) == ["public_address"]


def test_only_a_route_is_missing() -> None:
    assert missing(WORLD, public=True, routed=False) == ["route"]


def test_a_setting_that_is_not_known_is_possible_and_not_latent() -> None:
    """C9: where the flag itself is unknown."""
    [found] = asked(WORLD, OPEN_SUBNET)
    assert found.latent == ()
    assert Verdict.POSSIBLE in {s.verdict for s in found.sources if s.scope == "internet"}


@pytest.mark.parametrize(
    "closed",
    [
        (rule({"cidr_ipv4": "10.0.0.0/8"}),),
        acl({**DENY, "rule_number": 100}),
        (WORLD, public_access("block-ingress")),
    ],
    ids=["security group", "network ACL", "Block Public Access"],
)
def test_what_something_else_keeps_out_too_is_not_latent(closed: tuple[R, ...]) -> None:
    assert missing(*closed) == []


def test_over_ipv6_only_a_route_can_be_missing() -> None:
    """D4, C6: the address is public by itself; without ::/0 to the gateway nobody comes."""
    assert missing(*dual_stack(), WORLD_SIX, family="ipv6") == ["route"]


def test_an_egress_only_gateway_lets_nothing_in() -> None:
    """C7: it is no way in, so the route to a gateway is what is missing."""
    only = route_six("aws_egress_only_internet_gateway.e")
    assert missing(*dual_stack(), *only, WORLD_SIX, family="ipv6") == ["route"]


def test_with_address_and_route_it_is_exposed_over_ipv6() -> None:
    [found] = asked(*dual_stack(), *route_six("aws_internet_gateway.this"), WORLD_SIX, family="ipv6")
    assert found.latent == ()
    assert ("internet", Verdict.REACHABLE) in {(s.scope, s.verdict) for s in found.sources}


def test_without_an_ipv6_address_there_is_no_target() -> None:
    way = route_six("aws_internet_gateway.this")
    assert asked(*dual_stack(ipv6=False), *way, WORLD_SIX, family="ipv6") == ()


def test_the_families_are_told_apart() -> None:
    """IPv4 lacks the address, IPv6 the route: each its own."""
    both = (*dual_stack(), WORLD, WORLD_SIX)
    assert missing(*both) == ["public_address"]
    assert missing(*both, family="ipv6") == ["route"]


def test_what_gets_in_by_another_shape_is_not_latent() -> None:
    """An Auto Scaling group of two templates: one gives nodes a public address, the other does not."""
    templates = [
        R(
            f"aws_launch_template.{name}",
            {"network_interfaces": [{"associate_public_ip_address": public}]},
            {"id": True, "network_interfaces": [{"security_groups": [True]}]},
            {"network_interfaces": [{"security_groups": ref("aws_security_group.g.id")}]},
        )
        for name, public in (("shown", "true"), ("hidden", "false"))
    ]
    named = [{"launch_template_id": ref(f"aws_launch_template.{n}.id")} for n in ("shown", "hidden")]
    unknown = {"launch_template_id": True}
    scaling = R(
        "aws_autoscaling_group.mixed",
        {
            "mixed_instances_policy": [
                {
                    "launch_template": [
                        {
                            "launch_template_specification": [{}],
                            "override": [{"launch_template_specification": [{}]}],
                        }
                    ]
                }
            ]
        },
        {
            "vpc_zone_identifier": [True],
            "mixed_instances_policy": [
                {
                    "launch_template": [
                        {
                            "launch_template_specification": [unknown],
                            "override": [{"launch_template_specification": [unknown]}],
                        }
                    ]
                }
            ],
        },
        {
            "vpc_zone_identifier": ref("aws_subnet.a.id"),
            "mixed_instances_policy": [
                {
                    "launch_template": [
                        {
                            "launch_template_specification": [named[0]],
                            "override": [{"launch_template_specification": [named[1]]}],
                        }
                    ]
                }
            ],
        },
    )
    resources = (*network(public=False, routed=True), group("g"), WORLD, *templates, scaling)
    question = Question(targets=("aws_autoscaling_group.mixed",), families=("ipv4",))
    [found] = Reachability(estate(*resources)).answers(question)
    assert ("internet", Verdict.REACHABLE) in {(s.scope, s.verdict) for s in found.sources}
    assert found.latent == ()
