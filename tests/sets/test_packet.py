"""Packets: projections, exchanges, and quantified sources, against brute force."""

from __future__ import annotations

import pytest
from hypothesis import given

from eks_checks.sets import AddressSet, Bounds, PacketSet, TrafficSet, union_of
from tests.sets.universes import (
    ADDRESSES,
    ASKED,
    ASKED_SETS,
    DESTINATIONS,
    PACKET_SELECTORS,
    PACKETS,
    SOURCES,
    TRAFFIC,
)

SSH = TrafficSet.tcp(22, 22)
NODES = AddressSet.from_cidr("10.0.0.0/30")
INTERNET = AddressSet.everything()
Member = tuple[str, str, int, int]


@given(packets=PACKETS.sets)
def test_projections(packets: PacketSet) -> None:
    members = PACKETS.members(packets)
    assert packets.sources() == ADDRESSES.build(source for source, _, _, _ in members)
    assert packets.destinations() == ADDRESSES.build(destination for _, destination, _, _ in members)
    assert packets.traffic() == TRAFFIC.build((protocol, port) for _, _, protocol, port in members)


@given(packets=PACKETS.sets)
def test_boxes_are_disjoint_and_make_up_the_set(packets: PacketSet) -> None:
    boxes = [PacketSet.of(*box) for box in packets.boxes()]
    assert all(boxes)
    assert union_of(boxes, PacketSet.empty()) == packets
    assert sum(len(PACKETS.members(box)) for box in boxes) == len(PACKETS.members(packets))
    assert [*packets.boxes()] == [*(PacketSet.everything() & packets).boxes()]


@given(packets=PACKETS.sets)
def test_swap(packets: PacketSet) -> None:
    expected = PACKETS.build((d, s, protocol, port) for s, d, protocol, port in PACKETS.members(packets))
    assert packets.swap() == expected
    assert packets.swap().swap() == packets


@given(packets=PACKETS.sets)
def test_with_traffic(packets: PacketSet) -> None:
    expected = PACKETS.build(
        (source, destination, 6, 22) for source, destination, _, _ in PACKETS.members(packets)
    )
    assert packets.with_traffic(SSH) == expected
    assert packets.with_traffic(TrafficSet.empty()) == PacketSet.empty()


@given(packets=PACKETS.sets, destinations=ASKED_SETS)
def test_quantified_sources(packets: PacketSet, destinations: AddressSet) -> None:
    pairs = {(source, destination) for source, destination, _, _ in PACKETS.members(packets)}
    asked = [text for text in ASKED if text in destinations]
    for_some, for_all = packets.sources_for_some(destinations), packets.sources_for_all(destinations)
    for source in SOURCES:
        assert (source in for_some) == any((source, text) in pairs for text in asked)
        assert (source in for_all) == all((source, text) in pairs for text in asked)


@given(packets=PACKETS.sets)
def test_the_first_packet_is_the_lowest(packets: PacketSet) -> None:
    ranked = [(s, d, *t) for s in SOURCES for d in DESTINATIONS for t in PACKET_SELECTORS]
    members = PACKETS.members(packets)
    if members:
        assert packets.first() == next(member for member in ranked if member in members)
        assert packets.contains(*packets.first())


def test_quantifying_over_nothing() -> None:
    assert PacketSet.empty().sources_for_all(AddressSet.empty()) == AddressSet.everything()
    assert PacketSet.everything().sources_for_some(AddressSet.empty()) == AddressSet.empty()
    assert PacketSet.empty().sources_for_all(NODES) == AddressSet.empty()


def test_sources_that_reach_a_range_by_several_rules() -> None:
    low, high = AddressSet.from_cidr("10.0.0.0/31"), AddressSet.from_cidr("10.0.0.2/31")
    packets = PacketSet.of(INTERNET, low, SSH) | PacketSet.of(NODES, high, TrafficSet.protocol(17))
    assert packets.sources_for_all(low | high) == NODES
    assert packets.sources_for_some(low | high) == INTERNET


def test_families_mix_unless_refused() -> None:
    packets = PacketSet.of(AddressSet.all_ipv6(), INTERNET, SSH)
    to_nodes = packets & PacketSet.of(INTERNET, NODES, TrafficSet.everything())
    assert to_nodes
    assert not to_nodes & PacketSet.same_family()
    assert not PacketSet.same_family().contains("10.0.0.1", "::1", 6, 22)
    assert PacketSet.same_family().contains("10.0.0.1", "10.0.0.2", 6, 22)
    assert PacketSet.same_family().contains("::1", "::2", 0, 0)


def test_first_match_of_an_access_list() -> None:
    """A later allow does not undo an earlier deny."""
    rules = [("10.0.0.1/32", False), ("10.0.0.0/30", True), ("0.0.0.0/0", False), ("10.0.0.1/32", True)]
    allowed, rest = PacketSet.empty(), PacketSet.everything()
    for cidr, allow in rules:
        matched = PacketSet.of(AddressSet.from_cidr(cidr), INTERNET, TrafficSet.everything())
        allowed |= rest & matched if allow else PacketSet.empty()
        rest -= matched
    assert allowed.sources().to_cidrs() == ("10.0.0.0/32", "10.0.0.2/31")


def test_empty_parts_make_an_empty_set() -> None:
    nowhere, nothing = AddressSet.empty(), TrafficSet.empty()
    empties = [
        PacketSet.of(nowhere, NODES, SSH),
        PacketSet.of(NODES, nowhere, SSH),
        PacketSet.of(NODES, NODES, nothing),
    ]
    assert [*empties] == [PacketSet.empty()] * 3
    assert not any(empties)
    assert repr(PacketSet.empty()) == "<PacketSet empty>"
    assert repr(PacketSet.of(NODES, INTERNET, SSH)) == "<PacketSet 10.0.0.0/30 -> 0.0.0.0/0,::/0: tcp 22>"
    with pytest.raises(ValueError, match="no lowest"):
        PacketSet.empty().first()
    with pytest.raises(ValueError, match="'node' is not an IPv4 or IPv6 address"):
        PacketSet.everything().contains("node", "10.0.0.1", 6, 22)


def test_bounds() -> None:
    some, most = PacketSet.of(NODES, NODES, SSH), PacketSet.of(INTERNET, NODES, SSH)
    vague = Bounds(some, most)
    assert not vague.decided
    assert vague.undecided == most - some
    assert Bounds.exact(most).decided
    assert (Bounds.exact(most) - vague) == Bounds(PacketSet.empty(), most - some)
    assert (vague & Bounds.exact(some)) == Bounds.exact(some)
    assert hash(Bounds(some, most)) == hash(vague)
