"""How much of the public address space a set is (A18)."""

from __future__ import annotations

import pytest

from eks_checks.reach.breadth import Breadth
from eks_checks.sets import AddressSet, Family


def measured(family: Family, *cidrs: str) -> Breadth:
    return Breadth.of(AddressSet.from_cidrs(cidrs), family)


def test_the_world_is_a_set_and_special_blocks_are_no_part_of_it() -> None:
    assert measured("ipv4", "0.0.0.0/0").world
    assert measured("ipv4", "0.0.0.0/1", "128.0.0.0/1").world
    assert measured("ipv4", "1.0.0.0/8", "2.0.0.0/7", "4.0.0.0/6", "8.0.0.0/5", "16.0.0.0/4").large
    assert measured("ipv4", "10.0.0.0/8", "224.0.0.0/4", "192.168.0.0/16").size == 0
    assert measured("ipv6", "2000::/3").world
    assert not measured("ipv6", "0.0.0.0/0").size


@pytest.mark.parametrize(
    ("family", "cidr", "most", "large"),
    [
        ("ipv4", "0.0.0.0/1", True, True),  # 125 of 221 public /8s
        ("ipv4", "64.0.0.0/2", False, True),
        ("ipv4", "11.0.0.0/8", False, True),
        ("ipv4", "11.0.0.0/9", False, False),
        ("ipv4", "100.0.0.0/8", False, False),  # 100.64.0.0/10 in it is no public block
        ("ipv6", "2000::/4", False, True),  # 2002::/16 and 2001::/23 in it are no public blocks
        ("ipv6", "3000::/4", True, True),
        ("ipv6", "2a00::/12", False, True),
        ("ipv6", "2a01::/16", False, True),
        ("ipv6", "2a01::/17", False, False),
    ],
)
def test_half_is_most_and_a_slash_eight_is_large(family: Family, cidr: str, most: bool, large: bool) -> None:
    found = measured(family, cidr)
    assert (found.most, found.large) == (most, large)
