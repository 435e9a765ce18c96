"""Protocols and ports as Terraform writes them (A16, A17, B11)."""

from __future__ import annotations

from typing import Any

import pytest

from eks_checks.aws.firewall import AclEntry, Rule
from eks_checks.sets import ICMP, ICMPV6, TCP, UDP
from tests.aws.plans import GROUP, VPC, Object, R, estate

BASE = {"security_groups": [], "self": False, "ipv6_cidr_blocks": [], "prefix_list_ids": []}


def rule(protocol: Any, first: Any, last: Any) -> Rule:
    """An inline rule of a security group."""
    block = {**BASE, "cidr_blocks": ["0.0.0.0/0"], "protocol": protocol, "from_port": first, "to_port": last}
    made = R(GROUP.address, {"ingress": [block], "egress": []}, GROUP.unknown, GROUP.expressions)
    [found] = estate(VPC, made).security_groups[GROUP.address].ingress
    return found


def separate(protocol: Any, first: Any, last: Any) -> Rule:
    """A separate rule resource."""
    made = R(
        "aws_vpc_security_group_ingress_rule.x",
        {"ip_protocol": protocol, "from_port": first, "to_port": last, "cidr_ipv4": "0.0.0.0/0"},
        {"security_group_id": True},
        {"security_group_id": {"references": ["aws_security_group.node.id", "aws_security_group.node"]}},
    )
    [found] = estate(VPC, GROUP, made).security_groups[GROUP.address].ingress
    return found


def entry(**values: Any) -> AclEntry:
    """An inline entry of a network ACL."""
    block: Object = {
        "rule_no": 100,
        "action": "allow",
        "cidr_block": "0.0.0.0/0",
        "ipv6_cidr_block": "",
        "icmp_type": None,
        "icmp_code": None,
        "from_port": 0,
        "to_port": 0,
        **values,
    }
    made = R("aws_network_acl.x", {"ingress": [block], "egress": []}, {"vpc_id": True})
    [found] = estate(VPC, made).network_acls["aws_network_acl.x"].inbound
    return found


def covers(found: Rule | AclEntry, protocol: int, *selectors: int) -> list[bool]:
    assert found.traffic.decided
    return [found.traffic.lower.contains(protocol, selector) for selector in selectors]


@pytest.mark.parametrize("make", [rule, separate])
@pytest.mark.parametrize("protocol", ["-1", "all", "ALL"])
def test_every_protocol_ignores_ports(make: Any, protocol: str) -> None:
    for ports in ((0, 0), (None, None), (443, 443)):
        found = make(protocol, *ports)
        assert covers(found, TCP, 0, 22, 65535) == [True] * 3
        assert covers(found, UDP, 53) == [True]
        assert covers(found, 47, 0) == [True]


@pytest.mark.parametrize("make", [rule, separate])
@pytest.mark.parametrize("protocol", ["tcp", "TCP", "6"])
def test_tcp_by_name_or_number(make: Any, protocol: str) -> None:
    assert covers(make(protocol, 22, 22), TCP, 21, 22, 23) == [False, True, False]
    assert covers(make(protocol, 22, 22), UDP, 22) == [False]


def test_ssh_is_tcp() -> None:
    for protocol in ("udp", "17", "Udp"):
        assert covers(rule(protocol, 22, 22), TCP, 22) == [False]
        assert covers(rule(protocol, 22, 22), UDP, 22) == [True]


def test_zero_is_a_port() -> None:
    assert covers(rule("tcp", 0, 65535), TCP, 0, 22, 65535) == [True, True, True]
    assert covers(rule("tcp", 0, 0), TCP, 0, 22) == [True, False]
    assert covers(rule("tcp", 0, 22), TCP, 22, 23) == [True, False]


@pytest.mark.parametrize(
    ("first", "last", "expected"), [(20, 22, True), (22, 25, True), (23, 25, False), (0, 21, False)]
)
def test_both_ends_of_a_range_count(first: int, last: int, expected: bool) -> None:
    assert covers(rule("tcp", first, last), TCP, 22) == [expected]


def test_another_protocol_ignores_ports() -> None:
    assert covers(rule("50", 22, 22), 50, 0) == [True]
    assert covers(rule("50", 22, 22), TCP, 22) == [False]
    assert covers(rule("esp", 0, 0), 50, 0) == [True]


def test_icmp_types_and_codes() -> None:
    assert covers(rule("icmp", 8, 0), ICMP, 8 * 256, 8 * 256 + 1, 0) == [True, False, False]
    assert covers(rule("icmp", 8, -1), ICMP, 8 * 256, 8 * 256 + 1, 0) == [True, True, False]
    assert covers(rule("icmp", -1, -1), ICMP, 8 * 256, 0) == [True, True]
    assert covers(separate("icmpv6", None, None), ICMPV6, 128 * 256, 129 * 256) == [True, True]
    assert covers(rule("58", -1, -1), ICMPV6, 128 * 256) == [True]


def test_an_unknown_protocol_may_be_any_and_surely_is_none() -> None:
    block = {**BASE, "cidr_blocks": ["0.0.0.0/0"], "from_port": 22, "to_port": 22}
    unknown = {**GROUP.unknown, "ingress": [{"protocol": True}]}
    made = R(GROUP.address, {"ingress": [block], "egress": []}, unknown, GROUP.expressions)
    [found] = estate(VPC, made).security_groups[GROUP.address].ingress
    assert not found.traffic.lower
    assert found.traffic.upper.contains(TCP, 22)


@pytest.mark.parametrize("protocol", ["tcp", "6", "TCP"])
def test_entries_match_destination_ports(protocol: str) -> None:
    assert covers(entry(protocol=protocol, from_port=22, to_port=22), TCP, 22, 23) == [True, False]
    assert covers(entry(protocol=protocol, from_port=0, to_port=65535), TCP, 0, 22) == [True, True]


def test_entries_for_all_and_for_other_protocols_ignore_ports() -> None:
    assert covers(entry(protocol="-1", from_port=443, to_port=443), TCP, 22) == [True]
    assert covers(entry(protocol="50", from_port=443, to_port=443), 50, 0) == [True]


def test_an_unset_icmp_type_is_echo_reply_alone() -> None:
    """Unset is 0; all types are -1 (B11)."""
    assert covers(entry(protocol="icmp"), ICMP, 0, 8 * 256) == [True, False]
    assert covers(entry(protocol="icmp", icmp_type=-1, icmp_code=-1), ICMP, 0, 8 * 256) == [True, True]
    assert covers(entry(protocol="1", icmp_type=8, icmp_code=-1), ICMP, 0, 8 * 256) == [False, True]


@pytest.mark.parametrize(
    ("action", "allows"), [("allow", "yes"), ("ALLOW", "yes"), ("deny", "no"), ("Deny", "no")]
)
def test_actions_in_any_case(action: str, allows: str) -> None:
    assert str(entry(protocol="-1", action=action).allow) == allows


@pytest.mark.parametrize("egress", [None, False, "absent"])
def test_a_separate_entry_is_inbound_unless_it_says_egress(egress: Any) -> None:
    acl = R("aws_network_acl.x", {}, {"id": True, "vpc_id": True})
    values = {"rule_number": 50, "rule_action": "DENY", "protocol": "6", "from_port": 22, "to_port": 22}
    values |= {"cidr_block": "10.0.0.7/16"} | ({} if egress == "absent" else {"egress": egress})
    reference = {"network_acl_id": {"references": ["aws_network_acl.x.id", "aws_network_acl.x"]}}
    made = estate(VPC, acl, R("aws_network_acl_rule.r", values, {"network_acl_id": True}, reference))
    found = made.network_acls["aws_network_acl.x"]
    assert not found.outbound
    [inbound] = found.inbound
    assert (inbound.number, str(inbound.allow)) == (50, "no")
    assert inbound.far_end.lower.to_cidrs() == ("10.0.0.0/16",), "host bits are cleared (B8)"
