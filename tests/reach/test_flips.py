"""What flips a possible answer: each claim is held against the same plan with the value filled in."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from eks_checks import analysis
from eks_checks.reach.answer import Answer
from eks_checks.reach.engine import Question
from eks_checks.reach.flips import Flips
from tests.aws.plans import OPAQUE, Object, R, plan, ref
from tests.reach.test_entries import network

HOST = "aws_instance.host"
IN_VPC = {"vpc_id": ref("aws_vpc.this.id")}
NET = {resource.address: resource for resource in network(public=True, routed=True)}


def group(name: str) -> R:
    return R(f"aws_security_group.{name}", {}, {"id": True, "vpc_id": True}, IN_VPC)


def host(name: str, of: str) -> R:
    return R(
        f"aws_instance.{name}",
        {"ami": "ami-1"},
        {"subnet_id": True, "vpc_security_group_ids": [True]},
        {"subnet_id": ref("aws_subnet.a.id"), "vpc_security_group_ids": ref(f"aws_security_group.{of}.id")},
    )


def rule(values: Object, unknown: Object | None = None, direction: str = "ingress", of: str = "g") -> R:
    """A rule for tcp 22 of a group; what is unknown is so by an expression nobody can read."""
    held = {"security_group_id": ref(f"aws_security_group.{of}.id"), **dict.fromkeys(unknown or {}, OPAQUE)}
    return R(
        f"aws_vpc_security_group_{direction}_rule.{of}",
        {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, **values},
        {"security_group_id": True, **(unknown or {})},
        held,
    )


def peer(name: str) -> R:
    """A rule for tcp 22 from one group."""
    made = rule({}, {"referenced_security_group_id": True})
    names = {**made.expressions, "referenced_security_group_id": ref(f"aws_security_group.{name}.id")}
    return replace(made, expressions=names)


def answer(*more: R) -> Answer:
    """Who reaches the host, with what flips it; later resources stand for earlier ones of the address."""
    resources = {**NET, "g": group("g"), "host": host("host", "g")}
    resources.update({resource.address: resource for resource in more})
    text = json.dumps(plan(*resources.values())).encode()
    question = Question(everything=True, targets=(HOST,), families=("ipv4",))
    [found] = analysis.reach(analysis.load(["-"], io.BytesIO(text)), question).answers
    return found


def verdicts(found: Answer) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    for source in found.sources:
        told.setdefault(source.scope, set()).add(source.verdict.value)
    return told


WORLD = rule({"cidr_ipv4": "0.0.0.0/0"})
SUBNET = NET["aws_subnet.a"]
ROUTE = NET["aws_route.r"]
V6 = "2600:1f18:aaaa:bb00::/56"
OPEN_SUBNET = R(
    SUBNET.address,
    {"cidr_block": "10.0.1.0/24"},
    {**SUBNET.unknown, "map_public_ip_on_launch": True},
    {**SUBNET.expressions, "map_public_ip_on_launch": OPAQUE},
)
BASTION = (group("b"), host("bastion", "b"), rule({"cidr_ipv4": "0.0.0.0/0"}, direction="egress", of="b"))


def subnet(flag: bool) -> R:
    return replace(SUBNET, values={**SUBNET.values, "map_public_ip_on_launch": flag})


def public_access(mode: str | None) -> R:
    known = {"internet_gateway_block_mode": mode} if mode else {}
    unknown = {} if mode else {"internet_gateway_block_mode": True}
    expressions = {} if mode else {"internet_gateway_block_mode": OPAQUE}
    return R("aws_vpc_block_public_access_options.x", known, unknown, expressions)


def route(to: Object | None, gateway: str | None = None) -> R:
    values = {"destination_cidr_block": "0.0.0.0/0", **(to or {})}
    leads = {} if to else {"gateway_id": True}
    expression = ref(gateway) if gateway else OPAQUE
    return R(
        ROUTE.address,
        values,
        {"route_table_id": True, **leads},
        {"route_table_id": ref("aws_route_table.t.id"), **({"gateway_id": expression} if leads else {})},
    )


def acl(entry: Object, unknown: Object | None = None, **expressions: Object) -> tuple[R, R, R]:
    """A network ACL on the subnet that allows all with rule 200, and this inbound entry besides."""
    made = R(
        "aws_network_acl.n",
        {"ingress": [_all(200)], "egress": [_all(200)]},
        {"id": True, "vpc_id": True, "subnet_ids": [True]},
        {**IN_VPC, "subnet_ids": ref("aws_subnet.a.id")},
    )
    own = R(
        "aws_network_acl_rule.x",
        {"egress": False, "protocol": "6", "from_port": 22, "to_port": 22, **entry},
        {"network_acl_id": True, **(unknown or {})},
        {
            "network_acl_id": ref("aws_network_acl.n.id"),
            **dict.fromkeys(unknown or {}, OPAQUE),
            **expressions,
        },
    )
    return made, own, WORLD


def _all(number: int) -> Object:
    everything = {"protocol": "-1", "from_port": 0, "to_port": 0, "icmp_type": 0, "icmp_code": 0}
    return {
        **everything,
        "rule_no": number,
        "action": "allow",
        "cidr_block": "0.0.0.0/0",
        "ipv6_cidr_block": "",
    }


DENY = {"rule_action": "deny", "cidr_block": "0.0.0.0/0"}

CASES = {
    "public address": (
        (WORLD, OPEN_SUBNET),
        "internet",
        "aws_subnet.a map_public_ip_on_launch",
        ("reachable if true", (WORLD, subnet(flag=True))),
        ("blocked if false", (WORLD, subnet(flag=False))),
    ),
    "range, internet": (
        (rule({}, {"cidr_ipv4": True}),),
        "internet",
        "aws_vpc_security_group_ingress_rule.g cidr_ipv4",
        ("reachable if it covers 0.0.0.0/0", (WORLD,)),
        ("blocked if it covers none of it", (rule({"cidr_ipv4": "192.168.0.0/24"}),)),
    ),
    "range, VPC": (
        (rule({}, {"cidr_ipv4": True}),),
        "vpc",
        "aws_vpc_security_group_ingress_rule.g cidr_ipv4",
        ("reachable if it covers 10.0.0.0/16", (rule({"cidr_ipv4": "10.0.0.0/16"}),)),
        ("blocked if it covers none of it", (rule({"cidr_ipv4": "8.8.8.0/24"}),)),
    ),
    "range, interface": (
        (*BASTION, rule({}, {"cidr_ipv4": True})),
        "interface",
        "aws_vpc_security_group_ingress_rule.g cidr_ipv4",
        ("reachable if it covers 10.0.1.0/24", (*BASTION, rule({"cidr_ipv4": "10.0.1.0/24"}))),
        ("blocked if it covers none of it", (*BASTION, rule({"cidr_ipv4": "10.0.2.0/24"}))),
    ),
    "group": (
        (*BASTION, rule({}, {"referenced_security_group_id": True})),
        "interface",
        "aws_vpc_security_group_ingress_rule.g referenced_security_group_id",
        (
            "reachable if it is aws_security_group.b, which aws_instance.bastion carries",
            (*BASTION, peer("b")),
        ),
        ("blocked if it is any other group", (*BASTION, group("c"), peer("c"))),
    ),
    "way out": (
        (*BASTION[:2], rule({}, {"cidr_ipv4": True}, "egress", "b"), WORLD),
        "interface",
        "aws_vpc_security_group_egress_rule.b cidr_ipv4",
        ("reachable if it covers 10.0.1.0/24", (*BASTION, WORLD)),
        (
            "blocked if it covers none of it",
            (*BASTION[:2], rule({"cidr_ipv4": "8.8.8.8/32"}, None, "egress", "b"), WORLD),
        ),
    ),
    "port": (
        (rule({"cidr_ipv4": "0.0.0.0/0", "from_port": None}, {"from_port": True}),),
        "internet",
        "aws_vpc_security_group_ingress_rule.g from_port",
        ("reachable if it covers tcp 22", (WORLD,)),
        ("blocked if not", (rule({"cidr_ipv4": "0.0.0.0/0", "from_port": 23, "to_port": 23}),)),
    ),
    "Block Public Access": (
        (WORLD, public_access(None)),
        "internet",
        "aws_vpc_block_public_access_options.x internet_gateway_block_mode",
        ("reachable if off", (WORLD, public_access("off"))),
        ("blocked if block-ingress or block-bidirectional", (WORLD, public_access("block-bidirectional"))),
    ),
    "route": (
        (WORLD, route(None)),
        "internet",
        "aws_route.r gateway_id",
        (
            "reachable if it is aws_internet_gateway.this",
            (WORLD, route(None, "aws_internet_gateway.this.id")),
        ),
        ("blocked if it is no internet gateway", (WORLD, route({"nat_gateway_id": "nat-0123456789abcdef0"}))),
    ),
    "ACL number": (
        acl(DENY, {"rule_number": True}),
        "internet",
        "aws_network_acl_rule.x rule_number",
        ("reachable if above 200", acl({**DENY, "rule_number": 300})),
        ("blocked if below 200", acl({**DENY, "rule_number": 100})),
    ),
    "ACL action": (
        acl({"rule_number": 100, "cidr_block": "0.0.0.0/0"}, {"rule_action": True}),
        "internet",
        "aws_network_acl_rule.x rule_action",
        ("reachable if allow", acl({**DENY, "rule_number": 100, "rule_action": "allow"})),
        ("blocked if deny", acl({**DENY, "rule_number": 100})),
    ),
    "ACL range": (
        acl({"rule_number": 100, "rule_action": "deny"}, {"cidr_block": True}),
        "internet",
        "aws_network_acl_rule.x cidr_block",
        (
            "reachable if it covers none of it",
            acl({"rule_number": 100, "rule_action": "deny", "cidr_block": "10.0.9.0/24"}),
        ),
        ("blocked if it covers 0.0.0.0/0", acl({**DENY, "rule_number": 100})),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_value_that_is_said_to_flip_it_flips_it(name: str) -> None:
    unknown, scope, where, (opening, opened), (closing, closed) = CASES[name]
    found = answer(*unknown)
    assert verdicts(found)[scope] >= {"possible"}
    [effect] = [u.effect for u in found.unknowns if f"{u.resource} {u.attribute}" == where]
    assert any(opening in part and closing in part for part in effect.split("; ")), effect
    assert "reachable" in verdicts(answer(*opened)).get(scope, set())
    assert not verdicts(answer(*closed)).get(scope, set()) & {"reachable", "possible"}


def test_where_two_things_are_open_neither_is_said_to_decide_alone() -> None:
    found = answer(rule({}, {"cidr_ipv4": True}), OPEN_SUBNET)
    [flag] = [u.effect for u in found.unknowns if u.attribute == "map_public_ip_on_launch"]
    assert "blocked if false" in flag
    assert "reachable if" not in flag
    assert "possible if true (aws_vpc_security_group_ingress_rule.g cidr_ipv4 decides then)" in flag


def test_of_two_rules_neither_blocks_alone() -> None:
    first, second = rule({}, {"cidr_ipv4": True}), rule({}, {"cidr_ipv4": True})
    second = replace(second, address="aws_vpc_security_group_ingress_rule.second")
    found = answer(first, second)
    for unknown in found.unknowns:
        assert "reachable if it covers 0.0.0.0/0" in unknown.effect
        assert "blocked" not in unknown.effect


def test_what_decides_alone_comes_first() -> None:
    found = answer(*BASTION, rule({}, {"cidr_ipv4": True}), OPEN_SUBNET)
    assert [u.attribute for u in found.unknowns] == ["cidr_ipv4", "map_public_ip_on_launch"]
    assert " blocked if " in found.unknowns[0].effect
    assert "reachable if it covers 10.0.1.0/24" in found.unknowns[0].effect


def test_beyond_the_limit_nothing_is_claimed() -> None:
    inputs = analysis.load(
        ["-"],
        io.BytesIO(
            json.dumps(plan(*NET.values(), group("g"), host("host", "g"), WORLD, OPEN_SUBNET)).encode()
        ),
    )
    question = Question(everything=True, targets=(HOST,), families=("ipv4",))
    answers = inputs.reachability.answers(question)
    assert Flips(inputs.estate, 0).told(answers) == answers


def test_a_range_to_cover_is_of_the_family_that_is_asked_about() -> None:
    """Both subnets have blocks of both families; an IPv6 rule is never said to need an IPv4 range."""
    block = {"ipv6_cidr_block": "2600:1f18:aaaa:bb01::/64", "assign_ipv6_address_on_creation": True}
    vpc = replace(NET["aws_vpc.this"], values={**NET["aws_vpc.this"].values, "ipv6_cidr_block": V6})
    subnet = replace(SUBNET, values={**SUBNET.values, **block})
    out = rule({"cidr_ipv6": "::/0", "ip_protocol": "-1"}, direction="egress", of="other")
    open_ = rule({}, {"cidr_ipv6": True})
    made = {**NET, "v": vpc, "s": subnet, "g": group("g"), "o": group("other"), "host": host("host", "g")}
    hosts = [*made.values(), host("peer", "other"), out, open_]
    inputs = {resource.address: resource for resource in hosts}.values()
    text = json.dumps(plan(*inputs)).encode()
    question = Question(everything=True, targets=(HOST,), families=("ipv6",))
    [found] = analysis.reach(analysis.load(["-"], io.BytesIO(text)), question).answers
    effects = [unknown.effect for unknown in found.unknowns if unknown.attribute == "cidr_ipv6"]
    assert "interface" in verdicts(found)
    assert any("2600:1f18:aaaa:bb01::/64" in effect for effect in effects)
    assert not any("10.0." in effect for effect in effects)
