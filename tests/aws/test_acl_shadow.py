"""Shadowed entries of a network ACL: what is said against every way the unknown parts may turn out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from eks_checks.aws.acl_shadow import Shadowed, shadowed
from eks_checks.aws.firewall import AclEntry, NetworkAcl, in_order
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, Origin, Pointer
from eks_checks.sets import AddressSet, Bounds, TrafficSet

ADDRESSES = ("10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3")
RANGES = ("10.0.0.0/30", "10.0.0.0/31", "10.0.0.2/31", "10.0.0.1/32", "10.0.0.3/32")
PORTS = ((22, 22), (23, 23), (22, 23))
WHY = Cause("aws_network_acl.x", "ingress", "known after apply")

Pairs = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Drawn:
    """One entry; None where a part of it is not known."""

    number: int | None
    allow: bool | None
    cidr: str | None
    ports: tuple[int, int]
    certain: bool

    def entry(self) -> AclEntry:
        """The entry as lowered."""
        known = self.number and self.allow is not None and self.cidr and self.certain
        range_ = AddressSet.from_cidr(self.cidr or RANGES[0])
        return AclEntry(
            self.number,
            {True: YES, False: NO, None: UNKNOWN}[self.allow],
            Bounds(range_ if self.cidr else AddressSet.empty(), range_),
            Bounds.exact(TrafficSet.tcp(*self.ports)),
            Origin("aws_network_acl.x", f"{self}"),
            self.certain,
            () if known else (WHY,),
        )

    def completions(self) -> Iterator[Real | None]:
        """Every way it may turn out; None: it is not there."""
        if not self.certain:
            yield None
        places = [0.5, 1.5, 2.5, 3.5] if self.number is None else [float(self.number)]
        actions = [True, False] if self.allow is None else [self.allow]
        cidrs = [self.cidr] if self.cidr else list(RANGES)
        for place, allow, cidr in itertools.product(places, actions, cidrs):
            ends = frozenset(a for a in ADDRESSES if a in AddressSet.from_cidr(cidr))
            ports = range(self.ports[0], self.ports[1] + 1)
            yield Real(place, allow, ends, frozenset(itertools.product(ends, ports)))


@dataclass(frozen=True)
class Real:
    """An entry of which all is known."""

    number: float
    allow: bool
    ends: frozenset[str]
    pairs: Pairs

    def said(self, entries: list[Real]) -> str:
        """``never``, ``late`` or nothing, by the definition: packet by packet."""
        earlier = sorted((e for e in entries if e.number < self.number), key=lambda e: e.number)
        first = {pair: next((e for e in earlier if pair in e.pairs), None) for pair in self.pairs}
        if all(first.values()):
            return "never"
        wide = (e for e in first.values() if e is not None and e.allow and not e.ends <= self.ends)
        return "late" if not self.allow and any(wide) else ""


@st.composite
def drawn_lists(draw: st.DrawFn) -> list[Drawn]:
    numbers = draw(st.lists(st.sampled_from([1, 2, 3, None]), min_size=2, max_size=3, unique=True))
    return [
        Drawn(
            number,
            draw(st.sampled_from([True, True, False, False, None])),
            draw(st.sampled_from([*RANGES, *RANGES, None])),
            draw(st.sampled_from(PORTS)),
            draw(st.sampled_from([True, True, True, False])),
        )
        for number in numbers
    ]


@given(drawn_lists())
def test_what_is_said_holds_however_the_unknown_turns_out(drawn: list[Drawn]) -> None:
    entries = [each.entry() for each in drawn]
    said = {id(found.entry): found for found in shadowed(acl(), in_order(entries))}
    truths: list[set[str]] = [set() for _ in drawn]
    for chosen in itertools.product(*(each.completions() for each in drawn)):
        there = [real for real in chosen if real is not None]
        for place, real in enumerate(chosen):
            truths[place].add("absent" if real is None else real.said(there))
    for entry, truth in zip(entries, truths, strict=True):
        found = said.get(id(entry))
        if found is None:
            assert truth <= {"", "absent"}
        elif not found.causes:
            assert truth == {"never"} if found.never else truth <= {"never", "late"}
        if len(truth) == 1 and all(e.certain and not e.causes for e in entries):
            assert word(found) == truth.pop(), "all of it is known: nothing is left to doubt"


def word(found: Shadowed | None) -> str:
    return (
        "" if found is None else f"{'perhaps ' if found.causes else ''}{'never' if found.never else 'late'}"
    )


def acl(*entries: AclEntry, open_: bool = False) -> NetworkAcl:
    return NetworkAcl("acl", "acl", Pointer(("vpc",)), in_order(entries), (), open=open_)


def only(*drawn: Drawn) -> Shadowed:
    entries = in_order(each.entry() for each in drawn)
    [found] = shadowed(acl(*entries), entries)
    return found


def test_what_stands_before_is_named_and_nothing_else() -> None:
    apart, wide = Drawn(1, True, "10.0.0.3/32", (23, 23), True), Drawn(2, True, RANGES[0], (22, 22), True)
    found = only(apart, wide, Drawn(3, False, "10.0.0.1/32", (22, 22), True))
    assert [entry.number for entry in found.before] == [2]
    assert (found.never, found.opposed.value, found.causes) == (True, True, ())


def test_the_same_action_is_no_contradiction() -> None:
    found = only(Drawn(1, True, RANGES[0], (22, 23), True), Drawn(2, True, "10.0.0.1/32", (22, 22), True))
    assert found.opposed.value is False


def test_what_a_denial_comes_too_late_for() -> None:
    found = only(Drawn(1, True, RANGES[0], (22, 22), True), Drawn(2, False, "10.0.0.1/32", (22, 23), True))
    assert not found.never
    assert found.admitted.keys(AddressSet.empty()).to_cidrs() == ("10.0.0.1/32",)
    assert found.admitted.values(TrafficSet.empty()).describe() == "tcp 22"


def test_an_exception_before_its_denial_is_meant() -> None:
    entries = [Drawn(1, True, "10.0.0.1/32", (22, 22), True), Drawn(2, False, RANGES[0], (22, 22), True)]
    assert not list(shadowed(acl(), in_order(each.entry() for each in entries)))


def test_an_acl_that_may_hold_more_leaves_every_entry_open() -> None:
    entry = Drawn(2, False, RANGES[0], (22, 22), True).entry()
    [found] = shadowed(acl(entry, open_=True), (entry,))
    assert found.causes
