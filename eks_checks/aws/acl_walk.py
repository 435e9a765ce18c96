"""What a network ACL lets through: the first-match walk, on sets (facts B2, B3, B16).

Sound both ways: an entry whose number, action, range or ports are not known is taken once at its
strictest and once at its widest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from eks_checks.aws.firewall import CLIENT_PORTS, AclEntry, NetworkAcl
from eks_checks.sets import AddressSet, Bounds, Product, TrafficSet, union_of

Packets: TypeAlias = Product[AddressSet, TrafficSet]
"""Far-end address to traffic: what an entry matches."""
Passed: TypeAlias = Bounds[Packets]
"""Far-end address to the traffic that passes for it, from below and above."""

_NOTHING: Packets = Product.empty()


@dataclass(frozen=True)
class Admitted:
    """The far ends that one allowing entry lets through: ``addresses.lower`` for certain."""

    entry: AclEntry
    addresses: Bounds[AddressSet]


def first_match(entries: Sequence[AclEntry], asked: Packets) -> Passed:
    """What a list lets through of what is asked: the first entry that matches decides (B2, B16)."""
    lower = union_of((packets for _, packets in _strictest(entries, asked)), _NOTHING)
    upper = union_of((packets for _, packets in _widest(entries, asked)), _NOTHING)
    return Bounds(lower, upper | lower)


def requested(acl: NetworkAcl, port: int) -> Bounds[AddressSet]:
    """The far ends whose TCP request to ``port`` gets in, both families."""
    if acl.open:
        return Bounds(AddressSet.empty(), AddressSet.everything())
    return _far_ends(first_match(acl.inbound, _of_anyone(TrafficSet.tcp(port, port))))


def answered(acl: NetworkAcl) -> Bounds[AddressSet]:
    """The far ends that get a TCP reply: let out to one client port at least (B4, B9, B10), both families."""
    if acl.open:
        return Bounds(AddressSet.empty(), AddressSet.everything())
    return _far_ends(first_match(acl.outbound, _of_anyone(TrafficSet.tcp(*CLIENT_PORTS))))


def admitting_entries(entries: tuple[AclEntry, ...], traffic: TrafficSet) -> tuple[Admitted, ...]:
    """Each allowing entry that is the first to match some of the traffic, or may be, in the list's order."""
    asked = _of_anyone(traffic)
    lower, upper = dict(_strictest(entries, asked)), dict(_widest(entries, asked))
    found = []
    for index, entry in enumerate(entries):
        low, high = lower.get(index, _NOTHING), upper.get(index, _NOTHING)
        found.append(Admitted(entry, _far_ends(Bounds(low, high | low))))
    return tuple(each for each in found if each.addresses.upper)


def matches(entry: AclEntry) -> Passed:
    """The packets that an entry matches; one that may not be there surely matches none."""
    most: Packets = Product.of(entry.far_end.upper, entry.traffic.upper)
    if not entry.certain:
        return Bounds(_NOTHING, most)
    return Bounds(Product.of(entry.far_end.lower, entry.traffic.lower), most)


def _strictest(entries: Sequence[AclEntry], rest: Packets) -> Iterator[tuple[int, Packets]]:
    """(index, packets) that each entry admits whatever the unknowns are."""
    for index, entry in _ordered(entries, allows_first=False):
        packets = matches(entry)
        if entry.allow.surely:
            # What an allowing entry may have let through is not denied: it is let through here or later.
            yield index, rest & packets.lower
            rest = rest - packets.lower
        else:
            rest = rest - packets.upper


def _widest(entries: Sequence[AclEntry], rest: Packets) -> Iterator[tuple[int, Packets]]:
    """(index, packets) that each entry may admit."""
    for index, entry in _ordered(entries, allows_first=True):
        packets = matches(entry)
        if entry.allow.possibly:
            yield index, rest & packets.upper
        if entry.number is not None:
            rest = rest - packets.lower


def _ordered(entries: Sequence[AclEntry], *, allows_first: bool) -> list[tuple[int, AclEntry]]:
    """The entries by number; one whose number is not known comes where it does the most for the walk."""
    numbered = [(i, e) for i, e in enumerate(entries) if e.number is not None]
    loose = [(i, e) for i, e in enumerate(entries) if e.number is None]
    if allows_first:
        early = [(i, e) for i, e in loose if e.allow.possibly]
        late = [(i, e) for i, e in loose if not e.allow.possibly]
    else:
        early = [(i, e) for i, e in loose if not e.allow.surely]
        late = [(i, e) for i, e in loose if e.allow.surely]
    return [*early, *numbered, *late]


def _of_anyone(traffic: TrafficSet) -> Packets:
    return Product.of(AddressSet.everything(), traffic)


def _far_ends(packets: Passed) -> Bounds[AddressSet]:
    nothing = AddressSet.empty()
    return Bounds(packets.lower.keys(nothing), packets.upper.keys(nothing))
