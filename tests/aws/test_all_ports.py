"""What a group admits on every port from a wide source (A16-A18)."""

from __future__ import annotations

import pytest

from eks_checks.aws.all_ports import AllPorts, all_ports
from eks_checks.aws.firewall import Rule
from eks_checks.aws.vpc import CidrBlock, Vpc
from eks_checks.sets import AddressSet, Bounds, TrafficSet
from tests.checks import builders as b

NOBODY = AddressSet.empty()
WORLD = b.addresses("0.0.0.0/0")
UDP = Bounds.exact(TrafficSet.udp(0, 65535))


def vpc(*cidrs: str, managed: bool = True) -> Vpc:
    return Vpc(b.VPC, b.VPC, tuple(CidrBlock(AddressSet.from_cidr(cidr)) for cidr in cidrs), managed=managed)


def found(*rules: Rule, of: Vpc | None = None, meant: AddressSet = NOBODY) -> AllPorts | None:
    return all_ports(b.group(b.NODE_SG, *rules), of or vpc("10.0.0.0/16"), meant)


def verdict(*rules: Rule, of: Vpc | None = None, meant: AddressSet = NOBODY) -> bool | None:
    """Whether it is so: None where that is not known."""
    one = found(*rules, of=of, meant=meant)
    return False if one is None else one.sure or None


@pytest.mark.parametrize(
    ("traffic", "expected"),
    [
        (b.ALL, True),
        (b.ports(0, 65535), True),
        (b.ports(1, 65535), True),  # nobody listens on port 0
        (UDP, True),
        (b.ports(1, 65534), False),
        (b.ports(2, 65535), False),
        (b.ports(0, 0), False),  # port 0 alone, not all (A17)
        (b.ports(443, 443), False),
        (Bounds.exact(TrafficSet.icmp(None, None)), False),
        (Bounds(TrafficSet.tcp(1024, 65535), TrafficSet.everything()), None),
    ],
)
def test_every_port_means_every_one(traffic: Bounds[TrafficSet], expected: bool | None) -> None:
    assert verdict(b.rule(WORLD, traffic)) is expected


@pytest.mark.parametrize(
    ("cidrs", "expected"),
    [
        (("10.0.0.0/16",), True),
        (("10.0.0.0/17", "10.0.128.0/17"), True),
        (("10.0.0.0/8",), True),
        (("10.0.0.0/17",), False),  # a part of the VPC
        (("10.1.0.0/16",), True),  # another network
        (("10.1.0.0/17",), False),
        (("10.1.0.0/17", "10.2.0.0/17"), True),
        (("11.22.33.0/24",), False),
        (("::/0",), True),
        (("2a01:db8::/48",), True),
        (("2a01:db8::/49",), False),
    ],
)
def test_wide_is_a_whole_block_of_the_vpc_or_much_outside(cidrs: tuple[str, ...], expected: bool) -> None:
    assert verdict(b.rule(b.addresses(*cidrs), b.ALL)) is expected


def test_each_block_of_the_vpc_is_a_network() -> None:
    two = vpc("10.0.0.0/16", "100.64.0.0/20")
    assert verdict(b.rule(b.addresses("100.64.0.0/20"), b.ALL), of=two) is True
    assert verdict(b.rule(b.addresses("100.64.0.0/21"), b.ALL), of=two) is False


def test_several_rules_may_leave_no_port_out_together() -> None:
    low = b.rule(b.addresses("10.0.0.0/16"), b.ports(0, 1023), "aws_security_group_rule.low")
    high = b.rule(b.addresses("10.0.0.0/8"), b.ports(1024, 65535), "aws_security_group_rule.high")
    other = b.rule(b.addresses("11.0.0.0/8"), b.ports(443, 443), "aws_security_group_rule.other")
    one = found(low, high, other)
    assert one is not None
    assert one.sure
    assert one.together
    assert one.wide == AddressSet.from_cidr("10.0.0.0/16")
    assert [rule.origin.resource.split(".")[1] for rule in one.rules] == ["low", "high"]
    assert verdict(low, b.rule(b.addresses("10.0.0.0/8"), b.ports(1025, 65535))) is False


def test_tcp_and_udp_do_not_make_up_for_each_other() -> None:
    low = b.rule(b.addresses("10.0.0.0/16"), b.ports(0, 1023))
    high = b.rule(b.addresses("10.0.0.0/16"), Bounds.exact(TrafficSet.udp(1024, 65535)))
    assert verdict(low, high) is False


def test_a_rule_that_names_a_group_is_never_wide() -> None:
    assert verdict(b.rule(b.NODE_SG, b.ALL), b.rule("sg-0123456789abcdef0", b.ALL)) is False


def test_what_is_meant_does_not_count() -> None:
    rule = b.rule(b.addresses("10.0.0.0/8"), b.ALL)
    assert verdict(rule, meant=AddressSet.from_cidr("10.0.0.0/8")) is False
    assert verdict(rule, meant=AddressSet.from_cidr("10.0.0.0/9")) is True  # 10.128.0.0/9 is left


def test_what_is_not_known_is_perhaps_so() -> None:
    assert verdict(b.rule(b.anything(), b.ALL)) is None
    assert verdict(b.rule(WORLD, b.ALL, certain=False)) is None
    assert verdict(b.rule(b.anything(), b.ports(1, 443))) is False


def test_of_a_vpc_that_is_not_told_any_range_may_be_all() -> None:
    small = b.rule(b.addresses("10.0.4.0/24"), b.ALL)
    assert all_ports(b.group(b.NODE_SG, small), None, NOBODY) is not None
    assert verdict(small, of=vpc(managed=False)) is None
    assert verdict(small, of=vpc("10.0.0.0/16", managed=False)) is False
    one_host = b.rule(b.addresses("10.0.4.1/32"), b.ALL)
    assert verdict(one_host, of=vpc(managed=False)) is False
