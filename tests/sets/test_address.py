"""Addresses: texts, edges of both families, and the shortest lists of prefixes."""

from __future__ import annotations

import ipaddress
import re
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_checks.sets import AddressSet
from tests.sets.universes import ADDRESSES, V4, V6

LAST_IPV6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"


@given(number=st.integers(0, 2**32 - 1), length=st.integers(0, 32))
def test_ipv4_prefixes_agree_with_ipaddress(number: int, length: int) -> None:
    _agrees_with_ipaddress(ipaddress.ip_network((number, length), strict=False))


@given(number=st.integers(0, 2**128 - 1), length=st.integers(0, 128))
def test_ipv6_prefixes_agree_with_ipaddress(number: int, length: int) -> None:
    _agrees_with_ipaddress(ipaddress.ip_network((ipaddress.IPv6Address(number), length), strict=False))


def _agrees_with_ipaddress(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    addresses = AddressSet.from_cidr(str(network))
    assert addresses == AddressSet.from_cidr(f"{network[-1]}/{network.prefixlen}")
    assert addresses == AddressSet.from_range(str(network[0]), str(network[-1]))
    assert addresses.size() == network.num_addresses
    assert [ipaddress.ip_network(text) for text in addresses.to_cidrs()] == [network]
    assert ipaddress.ip_address(addresses.first()) == network[0]
    assert network[0] in addresses
    assert str(network[-1]) in addresses
    assert (network[0] - 1 if int(network[0]) else network[0]) in (
        addresses if not int(network[0]) else ~addresses
    )


@given(
    text=st.text("0123456789.:/ abf%-", max_size=20)
    | st.from_regex(r"[0-9:.]{2,9}/[0-9.]{1,4}", fullmatch=True)
)
def test_any_text_is_parsed_like_ipaddress_or_refused(text: str) -> None:
    try:
        expected = ipaddress.ip_network(text, strict=False).num_addresses if "/" in text else None
    except ValueError:
        expected = None
    if expected is not None and not re.search(r"%|/.*\.", text):  # zones and netmasks are refused
        assert AddressSet.from_cidr(text).size() == expected
        return
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        AddressSet.from_cidr(text)


@given(
    octets=st.lists(st.sampled_from(["0", "00", "01", "9", "255", "256", "1e1", "+1", "", "²"]), max_size=5)
)
def test_dotted_quads_are_parsed_like_ipaddress(octets: list[str]) -> None:
    text = ".".join(octets)
    try:
        expected = [str(ipaddress.IPv4Address(text))]
    except ValueError:
        expected = []
    try:
        found = [AddressSet.from_address(text).first()]
    except ValueError:
        found = []
    assert found == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no '/'"),
        ("10.0.0.1", "no '/' with a prefix length"),
        ("10.0.0.0/33", "a number from 0 to 32"),
        ("10.0.0.0/", "a number from 0 to 32"),
        ("10.0.0.0/-1", "a number from 0 to 32"),
        ("10.0.0.0/255.0.0.0", "a number from 0 to 32"),
        ("10.0.0.0/8/8", "a number from 0 to 32"),
        ("2001:db8::/129", "a number from 0 to 128"),
        ("10.0.0/8", "not an IPv4 or IPv6 address"),
        ("10.0.0.256/8", "not an IPv4 or IPv6 address"),
        (" 10.0.0.0/8", "not an IPv4 or IPv6 address"),
        ("fe80::1%eth0/64", "zone"),
        ("sg-123", "no '/'"),
    ],
)
def test_bad_prefixes_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as refusal:
        AddressSet.from_cidr(text)
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize("value", [None, 8, ["10.0.0.0/8"], b"10.0.0.0/8"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not a CIDR block"):
        AddressSet.from_cidr(value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is not an IPv4 or IPv6 address"):
        AddressSet.from_address(value)  # type: ignore[arg-type]


def test_host_bits() -> None:
    assert AddressSet.from_cidr("10.1.2.3/8").to_cidrs() == ("10.0.0.0/8",)
    assert AddressSet.from_cidr("2001:db8::1/32").to_cidrs() == ("2001:db8::/32",)
    assert AddressSet.from_cidr("10.0.0.0/8", strict=True) == AddressSet.from_cidr("10.0.0.0/8")
    with pytest.raises(ValueError, match=r"did you mean 10\.0\.0\.0/8\?"):
        AddressSet.from_cidr("10.1.2.3/8", strict=True)


def test_the_families_never_touch() -> None:
    edges = AddressSet.from_address("255.255.255.255") | AddressSet.from_address("::")
    assert edges.to_cidrs() == ("255.255.255.255/32", "::/128")
    assert len(edges.numbers.intervals) == 2
    assert AddressSet.from_cidr("0.0.0.0/0") == AddressSet.all_ipv4()
    assert AddressSet.from_cidr("::/0") == AddressSet.all_ipv6()
    assert ~AddressSet.all_ipv4() == AddressSet.all_ipv6()
    assert AddressSet.everything().to_cidrs() == ("0.0.0.0/0", "::/0")
    assert AddressSet.everything().size() == 2**32 + 2**128
    assert LAST_IPV6 in AddressSet.everything()
    assert "255.255.255.255" not in AddressSet.all_ipv6()
    assert "::ffff:10.0.0.1" not in AddressSet.all_ipv4()


def test_families() -> None:
    both = AddressSet.from_cidrs(["2001:db8::/32", "10.0.0.0/8"])
    assert both.ipv4 == both.family("ipv4") == AddressSet.from_cidr("10.0.0.0/8")
    assert both.ipv6 == both.family("ipv6") == AddressSet.from_cidr("2001:db8::/32")
    assert AddressSet.from_cidrs([]) == AddressSet.empty()
    assert both.first() == "10.0.0.0"
    assert repr(both) == "AddressSet.from_cidrs(['10.0.0.0/8', '2001:db8::/32'])"
    with pytest.raises(ValueError, match="'IPv4' is no address family"):
        both.family("IPv4")  # type: ignore[arg-type]


def test_unusual_spellings() -> None:
    assert AddressSet.from_cidr("::ffff:10.0.0.0/104").to_cidrs() == ("::ffff:10.0.0.0/104",)
    assert AddressSet.from_cidr("10.0.0.0/08") == AddressSet.from_cidr("10.0.0.0/8")
    assert AddressSet.from_cidr("2001:DB8:0::0/32") == AddressSet.from_cidr("2001:db8::/32")


def test_ranges() -> None:
    assert AddressSet.from_range("10.0.0.1", "10.0.0.4").to_cidrs() == (
        "10.0.0.1/32",
        "10.0.0.2/31",
        "10.0.0.4/32",
    )
    with pytest.raises(ValueError, match="mixes IPv4 and IPv6"):
        AddressSet.from_range("10.0.0.1", "::1")
    with pytest.raises(ValueError, match="ends before it starts"):
        AddressSet.from_range("10.0.0.2", "10.0.0.1")


def test_membership() -> None:
    addresses = AddressSet.from_cidrs(["10.0.0.0/30", "2001:db8::/126"])
    assert ipaddress.ip_address("10.0.0.3") in addresses
    assert ipaddress.ip_address("2001:db8::4") not in addresses
    assert "2001:0DB8:0:0::3" in addresses
    with pytest.raises(ValueError, match=r"'10\.0\.0\.0/30' is not an IPv4 or IPv6 address"):
        assert "10.0.0.0/30" in addresses
    with pytest.raises(ValueError, match="zone"):
        assert ipaddress.ip_address("fe80::1%eth0") in addresses
    with pytest.raises(ValueError, match="no lowest"):
        AddressSet.empty().first()


def test_texts_do_not_depend_on_the_python_version() -> None:
    assert AddressSet.from_address("::ffff:a00:1").first() == "::ffff:10.0.0.1"
    assert AddressSet.from_address("::FFFF:0:0").first() == "::ffff:0.0.0.0"
    assert AddressSet.from_address("::ffff").first() == "::ffff"


@given(required=ADDRESSES.sets, optional=ADDRESSES.sets)
def test_prefixes_are_the_fewest(required: AddressSet, optional: AddressSet) -> None:
    for allowed, cidrs in [
        (required, required.to_cidrs()),
        (required, required.to_cidrs(AddressSet.empty())),
        (required | optional, required.to_cidrs(optional)),
    ]:
        needed, permitted = ADDRESSES.members(required), ADDRESSES.members(allowed)
        networks = [ipaddress.ip_network(cidr) for cidr in cidrs]
        covered = [str(address) for address in chain.from_iterable(networks)]
        assert len(covered) == len({*covered})
        assert needed <= {*covered} <= permitted
        assert networks == sorted(networks, key=lambda network: (network.version, network))
        assert len(cidrs) == _fewest(V4, needed, permitted) + _fewest(V6, needed, permitted)


def _fewest(block: list[str], needed: frozenset[str], permitted: frozenset[str]) -> int:
    """By trying, for each prefix of the tree, to take it whole or to split it."""
    if not needed.intersection(block):
        return 0
    whole = [1] if permitted.issuperset(block) else []
    half = len(block) // 2
    split = (
        [_fewest(block[:half], needed, permitted) + _fewest(block[half:], needed, permitted)] if half else []
    )
    return min(whole + split)


def test_prefixes_far_apart() -> None:
    ragged = AddressSet.from_range("::1", LAST_IPV6[:-1] + "e")
    assert len(ragged.to_cidrs()) == 254
    assert ragged.to_cidrs(AddressSet.all_ipv6()) == ("::/0",)
    inside = AddressSet.from_address("2001:db8::1")
    assert inside.to_cidrs(~AddressSet.from_cidr("8000::/1")) == ("::/1",)
    assert inside.to_cidrs(AddressSet.everything()) == ("::/0",)
    assert AddressSet.empty().to_cidrs(AddressSet.everything()) == ()
