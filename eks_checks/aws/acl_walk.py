"""What a network ACL admits on one port: the first-match walk, on sets of far ends (facts B2, B3, B16).

Sound both ways: an entry whose number, action, range or ports are not known is taken once at its
strictest and once at its widest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eks_checks.aws.firewall import CLIENT_PORTS, AclEntry, NetworkAcl
from eks_checks.sets import TCP, AddressSet, Bounds, IntervalSet, union_of


@dataclass(frozen=True)
class Admitted:
    """The far ends that one allowing entry lets through: ``addresses.lower`` for certain."""

    entry: AclEntry
    addresses: Bounds[AddressSet]


def admitted_inbound(acl: NetworkAcl, port: int) -> Bounds[AddressSet]:
    """The far ends whose TCP request to ``port`` gets in and whose reply gets out, both families."""
    if acl.open:
        return Bounds(AddressSet.empty(), AddressSet.everything())
    return _union(acl.inbound, TCP, port) & _replied(acl.outbound)


def admitting_entries(entries: tuple[AclEntry, ...], protocol: int, port: int) -> tuple[Admitted, ...]:
    """Each allowing entry that is the first to match some far end, or may be, in the list's order."""
    lower = dict(_strictest(entries, protocol, port))
    upper = dict(_widest(entries, protocol, port))
    nothing = AddressSet.empty()
    found = (
        Admitted(entry, Bounds(lower.get(i, nothing), upper.get(i, nothing) | lower.get(i, nothing)))
        for i, entry in enumerate(entries)
    )
    return tuple(each for each in found if each.addresses.upper)


def _union(entries: tuple[AclEntry, ...], protocol: int, port: int) -> Bounds[AddressSet]:
    nothing = AddressSet.empty()
    lower = union_of((s for _, s in _strictest(entries, protocol, port)), nothing)
    upper = union_of((s for _, s in _widest(entries, protocol, port)), nothing)
    return Bounds(lower, upper | lower)


def _replied(outbound: tuple[AclEntry, ...]) -> Bounds[AddressSet]:
    # NOTE: the reply is let through if one client port is (B10): ports between two bounds of any
    # entry are all alike, so one of each stretch stands for the rest.
    per_port = [_union(outbound, TCP, port) for port in _telling_ports(outbound)]
    nothing = AddressSet.empty()
    return Bounds(
        union_of((bounds.lower for bounds in per_port), nothing),
        union_of((bounds.upper for bounds in per_port), nothing),
    )


def _telling_ports(entries: Iterable[AclEntry]) -> list[int]:
    first, last = CLIENT_PORTS
    ports = {first}
    for entry in entries:
        for traffic in (entry.traffic.lower, entry.traffic.upper):
            for lo, hi in traffic.ports(TCP) & IntervalSet.of(CLIENT_PORTS):
                ports.update({lo, min(hi + 1, last)})
    return sorted(ports)


def _strictest(entries: tuple[AclEntry, ...], protocol: int, port: int) -> Iterator[tuple[int, AddressSet]]:
    """(index, far ends) that each entry admits whatever the unknowns are."""
    rest = AddressSet.everything()
    for index, entry in _ordered(entries, allows_first=False):
        if entry.allow.surely:
            sure = entry.certain and entry.traffic.lower.contains(protocol, port)
            if sure:
                yield index, rest & entry.far_end.lower
                rest = rest - entry.far_end.lower
        elif entry.traffic.upper.contains(protocol, port):
            rest = rest - entry.far_end.upper


def _widest(entries: tuple[AclEntry, ...], protocol: int, port: int) -> Iterator[tuple[int, AddressSet]]:
    """(index, far ends) that each entry may admit."""
    rest = AddressSet.everything()
    for index, entry in _ordered(entries, allows_first=True):
        if entry.allow.possibly:
            if entry.traffic.upper.contains(protocol, port):
                yield index, rest & entry.far_end.upper
        elif entry.certain and entry.traffic.lower.contains(protocol, port):
            rest = rest - entry.far_end.lower


def _ordered(entries: tuple[AclEntry, ...], *, allows_first: bool) -> list[tuple[int, AclEntry]]:
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
