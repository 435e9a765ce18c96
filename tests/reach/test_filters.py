"""What groups and network ACLs let through, with unknown parts: bounds against every completion."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from eks_checks.aws.firewall import AclEntry, NetworkAcl, Rule, SecurityGroup
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, KeySet, Origin, Pointer, Truth, exactly
from eks_checks.reach.filters import deciding_entry, either, merged, passed
from eks_checks.sets import TCP, AddressSet, Bounds, TrafficSet

ADDRESSES = ("10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3")
PORTS = (22, 23)
ASKED = TrafficSet.tcp(22, 23)
RANGES = ("10.0.0.0/30", "10.0.0.0/31", "10.0.0.2/31", "10.0.0.1/32", "0.0.0.0/0")
TRAFFIC = (TrafficSet.tcp(22, 22), TrafficSet.tcp(0, 65535), TrafficSet.everything(), TrafficSet.udp(22, 22))
NOTHING = AddressSet.empty()
WHO = Origin("aws_network_acl.x", "an entry")

Pair = tuple[str, int]


@dataclass(frozen=True)
class Drawn:
    """One entry as drawn; the part of its range between ``sure`` and ``most`` is not known."""

    number: int | None
    allow: bool | None
    sure: AddressSet
    most: AddressSet
    traffic: TrafficSet
    traffic_known: bool
    certain: bool

    def entry(self) -> AclEntry:
        """The entry the filter gets."""
        least = self.traffic if self.traffic_known else TrafficSet.empty()
        allow = {True: YES, False: NO, None: UNKNOWN}[self.allow]
        return AclEntry(
            self.number, allow, Bounds(self.sure, self.most), Bounds(least, self.traffic), WHO, self.certain
        )

    def completions(self) -> Iterator[tuple[float, bool, frozenset[Pair]] | None]:
        """(place, whether it allows, the pairs it matches); None: it is not there."""
        if not self.certain:
            yield None
        places = [0.5, 1.5, 2.5, 3.5] if self.number is None else [float(self.number)]
        open_ = [a for a in ADDRESSES if a in self.most and a not in self.sure]
        chosen = [
            {a for a in ADDRESSES if a in self.sure} | set(more)
            for count in range(len(open_) + 1)
            for more in itertools.combinations(open_, count)
        ]
        traffics = [self.traffic] if self.traffic_known else [self.traffic, TrafficSet.empty()]
        for place, allow, addresses, traffic in itertools.product(
            places, [self.allow] if self.allow is not None else [True, False], chosen, traffics
        ):
            pairs = frozenset((a, p) for a in addresses for p in PORTS if traffic.contains(TCP, p))
            yield place, allow, pairs


@st.composite
def drawn_entries(draw: st.DrawFn) -> list[Drawn]:
    numbers = draw(st.lists(st.sampled_from([1, 2, 3, None]), min_size=1, max_size=3, unique=True))
    made = []
    for number in numbers:
        most = AddressSet.from_cidr(draw(st.sampled_from(RANGES)))
        sure = most & AddressSet.from_cidr(draw(st.sampled_from(RANGES)))
        if draw(st.booleans()):
            sure = most
        made.append(
            Drawn(
                number,
                draw(st.sampled_from([True, True, False, False, None])),
                sure,
                most,
                draw(st.sampled_from(TRAFFIC)),
                draw(st.sampled_from([True, True, False])),
                draw(st.sampled_from([True, True, False])),
            )
        )
    return sorted(made, key=lambda each: each.number or 99)


def first_match(entries: list[tuple[float, bool, frozenset[Pair]]]) -> frozenset[Pair]:
    """What one list lets through: lowest number first, the first match decides, else denied (B2, B3)."""
    through = set()
    for pair in itertools.product(ADDRESSES, PORTS):
        for _, allow, pairs in sorted(entries, key=lambda entry: entry[0]):
            if pair in pairs:
                through |= {pair} if allow else set()
                break
    return frozenset(through)


@given(drawn_entries())
def test_an_acl_with_unknown_parts_is_bounded_by_all_its_completions(drawn: list[Drawn]) -> None:
    acl = NetworkAcl("acl", "acl", Pointer(("vpc",)), tuple(each.entry() for each in drawn), ())
    bounds = passed(acl, ASKED, "ipv4", inbound=True)
    least, most = _pairs(bounds.lower), _pairs(bounds.upper)
    all_of_them = [
        first_match([entry for entry in chosen if entry is not None])
        for chosen in itertools.product(*(each.completions() for each in drawn))
    ]
    assert least <= frozenset.intersection(*all_of_them)
    assert frozenset.union(*all_of_them) <= most
    if len(set(all_of_them)) == 1 and all(e.certain and e.number and e.allow is not None for e in drawn):
        known = all(each.sure == each.most and each.traffic_known for each in drawn)
        assert not known or least == most == all_of_them[0]


def test_an_entry_of_unknown_number_may_come_first_or_last() -> None:
    allow = Drawn(2, True, *_same("0.0.0.0/0"), TrafficSet.everything(), True, True)
    deny = Drawn(None, False, *_same("10.0.0.1/32"), TrafficSet.everything(), True, True)
    bounds = passed(_acl(allow, deny), ASKED, "ipv4", inbound=True)
    assert "10.0.0.1" not in bounds.lower.keys(NOTHING)
    assert "10.0.0.1" in bounds.upper.keys(NOTHING)
    assert "10.0.0.2" in bounds.lower.keys(NOTHING)


def test_an_open_acl_may_let_anything_through_or_nothing() -> None:
    acl = NetworkAcl("a", "a", Pointer(("vpc",)), (), (), open=True)
    bounds = passed(acl, ASKED, "ipv4", inbound=True)
    assert (bool(bounds.lower), bounds.upper.keys(NOTHING)) == (False, AddressSet.all_ipv4())


def test_whichever_acl_is_in_force() -> None:
    bounds = either(
        [
            passed(_acl(Drawn(1, True, *_same(cidr), ASKED, True, True)), ASKED, "ipv4", inbound=True)
            for cidr in ("10.0.0.0/31", "10.0.0.1/32")
        ]
    )
    assert bounds.lower.keys(NOTHING).to_cidrs() == ("10.0.0.1/32",)
    assert bounds.upper.keys(NOTHING).to_cidrs() == ("10.0.0.0/31",)


def test_the_deciding_entry_is_the_first_that_matches() -> None:
    first = Drawn(1, False, *_same("10.0.0.1/32"), TrafficSet.tcp(22, 22), True, True)
    second = Drawn(2, True, *_same("0.0.0.0/0"), TrafficSet.everything(), True, True)
    acl = _acl(first, second)
    for address, number in (("10.0.0.1", 1), ("10.0.0.2", 2)):
        entry = deciding_entry(acl, address, TrafficSet.tcp(22, 22), inbound=True)
        assert entry is not None
        assert entry.number == number
    assert deciding_entry(_acl(first), "10.0.0.2", TrafficSet.tcp(22, 22), inbound=True) is None


# --- security groups: a union, never less (A1) ----------------------------------------------------


def group(key: str, *rules: Rule, open_: bool = False) -> SecurityGroup:
    return SecurityGroup(key, "managed", key, Pointer(("vpc",)), rules, (), open_)


def admits(peer: Bounds[AddressSet] | Pointer, traffic: TrafficSet = ASKED, *, certain: bool = True) -> Rule:
    if isinstance(peer, Pointer):
        return Rule(Bounds.exact(traffic), WHO, None, peer, certain)
    return Rule(Bounds.exact(traffic), WHO, peer, None, certain)


def cidr(text: str) -> Bounds[AddressSet]:
    return Bounds.exact(AddressSet.from_cidr(text))


SSH = TrafficSet.tcp(22, 22)


def filtered(groups: KeySet, *made: SecurityGroup, family: str = "ipv4") -> tuple[tuple[str, ...], ...]:
    found = merged(groups, {each.key: each for each in made}, SSH, "ipv4", ingress=True)
    return found.addresses.lower.to_cidrs(), found.addresses.upper.to_cidrs()


def test_a_group_never_takes_away_what_another_admits() -> None:
    narrow, wide = group("a", admits(cidr("10.0.0.1/32"))), group("b", admits(cidr("10.0.0.0/30")))
    assert filtered(exactly("a", "b"), narrow, wide) == (("10.0.0.0/30",), ("10.0.0.0/30",))
    assert filtered(exactly("a"), narrow, wide) == (("10.0.0.1/32",), ("10.0.0.1/32",))


def test_what_may_not_be_there_admits_only_perhaps() -> None:
    maybe = group("a", admits(cidr("10.0.0.1/32"), certain=False))
    assert filtered(exactly("a"), maybe) == ((), ("10.0.0.1/32",))
    sure = group("a", admits(cidr("10.0.0.1/32")))
    assert filtered(KeySet(maybe=frozenset({"a"})), sure) == ((), ("10.0.0.1/32",))
    assert filtered(exactly("a"), group("a", open_=True)) == ((), ("0.0.0.0/0",))
    assert filtered(KeySet(open=True)) == ((), ("0.0.0.0/0",))


def test_other_traffic_and_the_other_family_are_left_out() -> None:
    rules = (admits(cidr("10.0.0.1/32"), TrafficSet.udp(22, 22)), admits(cidr("2001:db8::/32")))
    assert filtered(exactly("a"), group("a", *rules)) == ((), ())


def test_members_are_no_addresses() -> None:
    """A rule naming a group admits its members, and nobody because of an address (A27)."""
    one = group("a", admits(Pointer(("peer",))), admits(Pointer(("x", "y"))))
    found = merged(exactly("a"), {"a": one}, SSH, "ipv4", ingress=True)
    assert not found.addresses.upper
    assert found.admits(exactly("peer")) is True
    assert found.admits(exactly("x")) is None, "exactly one of x and y"
    assert found.admits(exactly("z")) is False
    assert found.admits(KeySet(maybe=frozenset({"peer"}))) is None
    assert found.admits(KeySet(open=True)) is None
    assert found.admits(KeySet()) is False


def _same(text: str) -> tuple[AddressSet, AddressSet]:
    return AddressSet.from_cidr(text), AddressSet.from_cidr(text)


def _acl(*drawn: Drawn) -> NetworkAcl:
    return NetworkAcl("a", "a", Pointer(("vpc",)), tuple(each.entry() for each in drawn), ())


def _pairs(through: object) -> frozenset[Pair]:
    entries = through.entries  # type: ignore[attr-defined]
    return frozenset(
        (a, p)
        for addresses, traffic in entries
        for a in ADDRESSES
        for p in PORTS
        if a in addresses and traffic.contains(TCP, p)
    )


def test_the_truths_of_three_values() -> None:
    assert [str(t) for t in (YES, NO, UNKNOWN)] == ["yes", "no", "unknown"]
    assert Truth(None).possibly
    assert not Truth(None).surely
