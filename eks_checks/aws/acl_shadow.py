"""Which entries of a network ACL never decide, and which denials an earlier entry takes back (facts B2, B16).

An entry is read for what no earlier one matches. An allowing entry before a denying one is an exception
where it names no more far ends than the denial does (a bastion, then everybody); where it names more, or
others as well, the denial singles out far ends that were let in already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eks_checks.aws.acl_walk import Packets, matches
from eks_checks.aws.firewall import AclEntry, NetworkAcl
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.sets import Product, union_of

_NOTHING: Packets = Product.empty()


@dataclass(frozen=True)
class Shadowed:
    """An entry that earlier ones stand before.

    ``before`` are these, in the order they are read. ``never`` is true where all that it matches is decided
    by them, and false for a denial that they take back in part: ``admitted`` is then that part.
    ``opposed`` says whether one of them does the opposite. ``causes`` say why it only may be so; empty
    where it is.
    """

    entry: AclEntry
    before: tuple[AclEntry, ...]
    never: bool
    opposed: Truth
    admitted: Packets = _NOTHING
    causes: tuple[Cause, ...] = ()


def shadowed(acl: NetworkAcl, entries: Sequence[AclEntry]) -> Iterator[Shadowed]:
    """The shadowed entries of one direction's list, in its order, without what AWS puts there by itself."""
    for entry in entries:
        if entry.origin.implicit:
            continue
        found = _never(acl, entry, entries) or _taken_back(entry, entries)
        if found is not None:
            yield found


def _never(acl: NetworkAcl, entry: AclEntry, entries: Sequence[AclEntry]) -> Shadowed | None:
    least, most = _written(entry)
    sure = [each for each in entries if _surely_before(each, entry)]
    if most and entry.certain and most <= _covered(sure, surely=True):
        before = tuple(_telling(sure, most))
        return Shadowed(entry, before, True, _opposed(entry, before))
    maybe = _earlier(entry, entries)
    cover = _covered(maybe, surely=False)
    open_ = acl.causes or (Cause(acl.resource, "ingress", "may hold entries that the inputs do not show"),)
    if not acl.open and (not least <= cover or most.isdisjoint(cover)):
        return None
    before = tuple(_telling(maybe, most))
    causes = (*(open_ if acl.open else ()), *_causes((entry, *before)))
    return Shadowed(entry, before, True, _opposed(entry, before), causes=causes)


def _taken_back(entry: AclEntry, entries: Sequence[AclEntry]) -> Shadowed | None:
    """A denial of which an allowing entry with other far ends has let something in already."""
    if entry.allow.possibly:
        return None
    least, most = _written(entry)
    rest, admitted, before = most & least if entry.certain else _NOTHING, _NOTHING, []
    for each in _earlier(entry, entries):
        packets = matches(each)
        sure = _surely_before(each, entry) and each.allow.surely
        if sure and not each.far_end.lower <= entry.far_end.upper and not packets.lower.isdisjoint(rest):
            admitted = admitted | (packets.lower & rest)
            before.append(each)
        rest = rest - packets.upper
    if before:
        return Shadowed(entry, tuple(before), False, Truth(True), admitted)
    return _perhaps_taken_back(entry, entries, most)


def _perhaps_taken_back(entry: AclEntry, entries: Sequence[AclEntry], rest: Packets) -> Shadowed | None:
    admitted, before = _NOTHING, []
    for each in _earlier(entry, entries):
        packets = matches(each)
        narrower = each.far_end.upper <= entry.far_end.lower
        if each.allow.possibly and not narrower and not packets.upper.isdisjoint(rest):
            admitted = admitted | (packets.upper & rest)
            before.append(each)
        if _surely_before(each, entry):
            rest = rest - packets.lower
    if not before:
        return None
    causes = tuple(_causes((entry, *before)))
    return Shadowed(entry, tuple(before), False, Truth(True), admitted, causes)


def _written(entry: AclEntry) -> tuple[Packets, Packets]:
    """What the entry matches if it is there: surely, and perhaps."""
    least: Packets = Product.of(entry.far_end.lower, entry.traffic.lower)
    return least, Product.of(entry.far_end.upper, entry.traffic.upper)


def _surely_before(one: AclEntry, other: AclEntry) -> bool:
    known = one.number is not None and other.number is not None
    return known and (one.number or 0) < (other.number or 0)


def _perhaps_before(one: AclEntry, other: AclEntry) -> bool:
    if one is other:
        return False
    return one.number is None or other.number is None or _surely_before(one, other)


def _earlier(entry: AclEntry, entries: Sequence[AclEntry]) -> list[AclEntry]:
    """What is or may be read before ``entry``: first what may stand anywhere, then by number."""
    found = (each for each in entries if _perhaps_before(each, entry))
    return sorted(found, key=lambda each: each.number or 0)


def _covered(entries: Sequence[AclEntry], *, surely: bool) -> Packets:
    found = (matches(each) for each in entries)
    return union_of((packets.lower if surely else packets.upper for packets in found), _NOTHING)


def _telling(entries: Sequence[AclEntry], packets: Packets) -> Iterator[AclEntry]:
    """Those entries that decide some of the packets: what stands behind a sure one of them tells nothing."""
    for each in entries:
        found = matches(each)
        if not found.upper.isdisjoint(packets):
            yield each
            if each.number is not None:
                packets = packets - found.lower


def _opposed(entry: AclEntry, before: Sequence[AclEntry]) -> Truth:
    if any(each.allow.value is (not entry.allow.value) for each in before if entry.allow.value is not None):
        return Truth(True)
    vague = entry.allow.value is None or any(each.allow.value is None for each in before)
    return Truth(None if vague else False)


def _causes(entries: Sequence[AclEntry]) -> Iterator[Cause]:
    """What leaves it open whether these entries stand so to each other."""
    found = (cause for each in entries for cause in each.causes)
    yield from dict.fromkeys(found)
