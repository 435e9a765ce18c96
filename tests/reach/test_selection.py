"""``--from``: which sources were asked for by name."""

from __future__ import annotations

import pytest

from eks_checks.reach.selection import Selection, matches
from eks_checks.sets import AddressSet

VPC = AddressSet.from_cidr("10.0.0.0/16")


@pytest.mark.parametrize(
    ("address", "name", "expected"),
    [
        ("aws_instance.bastion", "aws_instance.bastion", True),
        ("aws_instance.bastion[0]", "aws_instance.bastion", True),
        ("aws_instance.bastion", "aws_instance.bas", False),
        ("aws_instance.bastion_2", "aws_instance.bastion", False),
        ("aws_instance.bastion", "aws_instance", True),
        ("aws_instance.bastion", "aws_instance.", True),
        ('module.eks["a.b"].aws_instance.x', 'module.eks["a.b"]', True),
        ('module.eks["a.b"].aws_instance.x', "module.eks", True),
        ("aws_instance.x[10]", "aws_instance.x[1]", False),
        ("aws_instance.x", "module.eks", False),
    ],
)
def test_a_name_matches_whole_steps_of_an_address(address: str, name: str, expected: bool) -> None:
    assert matches(address, name) is expected


def test_nothing_named_means_everything() -> None:
    chosen = Selection.of(())
    assert chosen.everything
    assert chosen.within("internet", "", VPC) == VPC
    assert chosen.within("interface", "aws_instance.x", VPC) == VPC


def test_the_internet_alone() -> None:
    chosen = Selection.of(("internet",))
    assert chosen.within("internet", "", VPC) == VPC
    assert not chosen.within("vpc", "aws_vpc.this", VPC)
    assert not chosen.within("interface", "aws_instance.internet", VPC)


def test_a_range_is_cut_out_of_every_scope() -> None:
    chosen = Selection.of(("10.0.3.0/24", "2001:db8::/32"))
    for scope in ("internet", "vpc", "interface", "pods", "vpn"):
        assert chosen.within(scope, "x", VPC).to_cidrs() == ("10.0.3.0/24",)


def test_a_resource_and_a_range_add_up() -> None:
    chosen = Selection.of(("aws_instance.bastion", "10.0.3.0/24"))
    assert chosen.within("interface", "aws_instance.bastion", VPC) == VPC
    assert chosen.within("interface", "aws_instance.other", VPC).to_cidrs() == ("10.0.3.0/24",)
