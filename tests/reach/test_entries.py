"""The entries of an answer: minimal prefixes, disjoint per verdict, latent where one thing is missing."""

from __future__ import annotations

import itertools

import pytest

from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.internet import globally_reachable
from eks_checks.sets import AddressSet
from tests.aws.plans import CLUSTER, OPAQUE, SUBNET, VPC, Object, R, estate, ref

VPC_BLOCK = AddressSet.from_cidr("10.0.0.0/16")
GATEWAY = R("aws_internet_gateway.this", {}, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")})


def network(public: bool, routed: bool) -> list[R]:
    """A VPC with one subnet; its flag and its route to the gateway as asked."""
    subnet = R(
        SUBNET.address,
        {**SUBNET.values, "map_public_ip_on_launch": public},
        SUBNET.unknown,
        SUBNET.expressions,
    )
    table = R(
        "aws_route_table.t", {"route": []}, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")}
    )
    route = R(
        "aws_route.r",
        {"destination_cidr_block": "0.0.0.0/0"},
        {"route_table_id": True, "gateway_id": True},
        {"route_table_id": ref("aws_route_table.t.id"), "gateway_id": ref("aws_internet_gateway.this.id")},
    )
    association = R(
        "aws_route_table_association.a",
        {},
        {"subnet_id": True, "route_table_id": True},
        {"subnet_id": ref("aws_subnet.a.id"), "route_table_id": ref("aws_route_table.t.id")},
    )
    return [VPC, subnet, CLUSTER, GATEWAY, table, association, *([route] if routed else [])]


def asked(
    *cidrs: str,
    public: bool = True,
    routed: bool = True,
    unknown_rule: bool = False,
    **question: tuple[str, ...],
) -> Answer:
    """Who reaches an instance's tcp 22, its group admitting these ranges (and, if asked, one not known)."""
    group = R("aws_security_group.g", {}, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")})
    rules = [_rule(n, {"cidr_ipv4": cidr}) for n, cidr in enumerate(cidrs)]
    if unknown_rule:
        rules.append(_rule(99, {}, {"cidr_ipv4": True}, {"cidr_ipv4": OPAQUE}))
    host = R(
        "aws_instance.host",
        {"ami": "ami-1"},
        {"subnet_id": True, "vpc_security_group_ids": [True]},
        {"subnet_id": ref("aws_subnet.a.id"), "vpc_security_group_ids": ref("aws_security_group.g.id")},
    )
    made = estate(*network(public, routed), group, *rules, host)
    [answer] = Reachability(made).answers(
        Question(everything=True, targets=("aws_instance.host",), families=("ipv4",), **question)  # type: ignore[arg-type]
    )
    return answer


def of(answer: Answer, scope: str) -> dict[str, tuple[str, ...]]:
    return {s.verdict.value: s.cidrs or () for s in answer.sources if s.scope == scope}


@pytest.mark.parametrize(
    ("cidrs", "internet", "vpc"),
    [
        (["0.0.0.0/0"], ("0.0.0.0/0",), ("10.0.0.0/16",)),
        (["0.0.0.0/1", "128.0.0.0/1"], ("0.0.0.0/0",), ("10.0.0.0/16",)),
        (["11.22.33.0/24"], ("11.22.33.0/24",), ()),
        (["11.22.32.0/24", "11.22.33.0/24"], ("11.22.32.0/23",), ()),
        (["10.0.1.0/24"], (), ("10.0.1.0/24",)),
        (["192.168.0.0/16", "203.0.113.0/24"], (), ()),
        (["8.8.8.8/32", "10.0.0.0/16"], ("8.8.8.8/32",), ("10.0.0.0/16",)),
    ],
)
def test_prefixes_are_minimal(cidrs: list[str], internet: tuple[str, ...], vpc: tuple[str, ...]) -> None:
    answer = asked(*cidrs)
    assert of(answer, "internet") == ({"reachable": internet} if internet else {})
    assert of(answer, "vpc") == ({"reachable": vpc} if vpc else {})


@pytest.mark.parametrize(
    "cidrs", [["0.0.0.0/2"], ["8.0.0.0/6"], ["172.0.0.0/8"], ["10.0.0.0/7"], ["128.0.0.0/1"]]
)
def test_prefixes_are_exact_where_it_counts_and_short_where_it_does_not(cidrs: list[str]) -> None:
    """Special-purpose ranges may be listed or not, whichever is shorter (contract)."""
    counts = globally_reachable("ipv4") - VPC_BLOCK
    told = AddressSet.from_cidrs(of(asked(*cidrs), "internet")["reachable"])
    assert told & counts == AddressSet.from_cidrs(cidrs) & counts
    assert len(told.to_cidrs()) <= len((AddressSet.from_cidrs(cidrs) & counts).to_cidrs())


def test_each_verdict_has_its_own_addresses() -> None:
    answer = asked("11.22.33.0/24", "10.0.1.0/24", unknown_rule=True)
    for scope in ("internet", "vpc"):
        told = of(answer, scope)
        assert set(told) == {"reachable", "possible"}
        sure, perhaps = (AddressSet.from_cidrs(told[word]) for word in ("reachable", "possible"))
        assert sure.isdisjoint(perhaps)
    assert of(answer, "internet")["reachable"] == ("11.22.33.0/24",)
    assert answer.verdict is Verdict.REACHABLE
    assert all(bool(s.unknowns) == (s.verdict is Verdict.POSSIBLE) for s in answer.sources)


@pytest.mark.parametrize(("public", "routed"), list(itertools.product([True, False], repeat=2)))
def test_latent_is_what_lacks_exactly_one_thing(public: bool, routed: bool) -> None:
    answer = asked("0.0.0.0/0", public=public, routed=routed)
    reached = of(answer, "internet")
    assert reached == ({"reachable": ("0.0.0.0/0",)} if public and routed else {})
    missing = {source.missing: source.cidrs for source in answer.latent}
    expected = {(False, True): "public_address", (True, False): "route"}.get((public, routed))
    assert missing == ({expected: ("0.0.0.0/0",)} if expected else {})


def test_nothing_is_latent_that_a_rule_keeps_out() -> None:
    assert asked("10.0.1.0/24", public=False).latent == ()


def test_blocked_sources_are_told_where_they_are_named() -> None:
    assert asked("10.0.1.0/24").sources == asked("10.0.1.0/24").sources
    answer = asked("10.0.1.0/24", public=False, sources=("internet",))
    [source] = answer.sources
    assert (source.scope, source.verdict) == ("internet", Verdict.BLOCKED)
    assert {blocker.layer for blocker in source.blocked_by} == {"address", "security_group"}
    assert all(blocker.text for blocker in source.blocked_by)


def test_a_named_range_is_cut_out() -> None:
    answer = asked("0.0.0.0/0", sources=("8.8.0.0/16",))
    assert of(answer, "internet") == {"reachable": ("8.8.0.0/16",)}
    assert of(answer, "vpc") == {}


def _rule(number: int, values: Object, unknown: Object | None = None, expressions: Object | None = None) -> R:
    return R(
        f"aws_vpc_security_group_ingress_rule.r{number}",
        {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, **values},
        {"security_group_id": True, **(unknown or {})},
        {"security_group_id": ref("aws_security_group.g.id"), **(expressions or {})},
    )
