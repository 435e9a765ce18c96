"""Longest prefix wins; where routes are uncertain the bounds hold for every table it may be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from eks_checks.aws.knowledge import Origin, Pointer
from eks_checks.aws.vpc import Route, RouteTable, TargetKind
from eks_checks.reach.routing import Routing
from eks_checks.sets import AddressSet, Bounds

ADDRESSES = tuple(f"10.0.0.{n}" for n in range(4))
CIDRS = ("0.0.0.0/0", "10.0.0.0/30", "10.0.0.0/31", "10.0.0.2/31", "10.0.0.1/32")
UNKNOWN_ONES = ("10.0.0.0/30", "10.0.0.1/32", "0.0.0.0/0")
KINDS = (TargetKind.INTERNET_GATEWAY, TargetKind.NAT_GATEWAY, TargetKind.UNKNOWN)


def goal(route: Route) -> bool | None:
    """Towards an internet gateway; what an unknown target is, is not known."""
    return {TargetKind.INTERNET_GATEWAY: True, TargetKind.UNKNOWN: None}.get(route.kind, False)


@dataclass(frozen=True)
class Drawn:
    """One route as drawn; ``cidr`` None: any of UNKNOWN_ONES."""

    cidr: str | None
    kind: TargetKind
    certain: bool
    propagated: bool

    def route(self, number: int) -> Route:
        """The route the engine gets."""
        known = AddressSet.from_cidr(self.cidr) if self.cidr else None
        destination = (
            Bounds(AddressSet.empty(), AddressSet.all_ipv4()) if known is None else Bounds.exact(known)
        )
        prefix = int(self.cidr.partition("/")[2]) if self.cidr else None
        origin = Origin(f"aws_route.r{number}", self.cidr or "?")
        gateway = Pointer((f"target-{number}",))
        return Route(destination, prefix, self.kind, gateway, origin, self.certain, self.propagated)

    def completions(self) -> Iterator[tuple[str, bool, bool] | None]:
        """(destination, whether it leads to the gateway, whether propagated); None: it is not there."""
        if not self.certain:
            yield None
        leads = goal(self.route(0))
        for cidr in [self.cidr] if self.cidr else UNKNOWN_ONES:
            for answer in [leads] if leads is not None else [True, False]:
                yield cidr, answer, self.propagated


drawn_routes = st.lists(
    st.builds(
        Drawn,
        st.sampled_from([*CIDRS, *CIDRS, None]),
        st.sampled_from(KINDS),
        st.sampled_from([True, True, False]),
        st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=4,
)


def sent(table: list[tuple[str, bool, bool]]) -> frozenset[str]:
    """What one table sends to the gateway: longest prefix, a static route before a propagated one."""
    found = set()
    for address in ADDRESSES:
        here = [(int(c.partition("/")[2]), not p, leads) for c, leads, p in table if _in(address, c)]
        if here and max(here, key=lambda each: each[:2])[2]:
            found.add(address)
    return frozenset(found)


@given(drawn_routes)
def test_bounds_hold_for_every_table_it_may_be(drawn: list[Drawn]) -> None:
    table = RouteTable("t", "t", Pointer(("vpc",)), tuple(each.route(n) for n, each in enumerate(drawn)))
    bounds = Routing(table, "ipv4").towards(goal)
    tables = []
    for chosen in itertools.product(*(each.completions() for each in drawn)):
        there = [each for each in chosen if each is not None]
        # A table holds one route per destination and kind of origin: AWS refuses a second.
        if len({(cidr, propagated) for cidr, _, propagated in there}) == len(there):
            tables.append(sent(there))
    if not tables:
        return
    lower, upper = ({a for a in ADDRESSES if a in s} for s in (bounds.lower, bounds.upper))
    assert lower <= frozenset.intersection(*tables)
    assert frozenset.union(*tables) <= upper
    if all(each.certain and each.cidr and each.kind is not TargetKind.UNKNOWN for each in drawn):
        assert lower == upper == tables[0]


def table(*drawn: Drawn) -> Routing:
    return Routing(
        RouteTable("t", "t", Pointer(("v",)), tuple(d.route(n) for n, d in enumerate(drawn))), "ipv4"
    )


def to_internet(cidr: str | None, *, certain: bool = True, propagated: bool = False) -> Drawn:
    return Drawn(cidr, TargetKind.INTERNET_GATEWAY, certain, propagated)


def to_nat(cidr: str | None, *, certain: bool = True, propagated: bool = False) -> Drawn:
    return Drawn(cidr, TargetKind.NAT_GATEWAY, certain, propagated)


def test_a_narrower_route_takes_its_part() -> None:
    bounds = table(to_internet("0.0.0.0/0"), to_nat("10.0.0.0/31")).towards(goal)
    assert bounds.decided
    assert ["10.0.0.0" in bounds.lower, "10.0.0.2" in bounds.lower] == [False, True]


def test_a_static_route_beats_a_propagated_one_to_the_same_destination() -> None:
    bounds = table(to_internet("0.0.0.0/0", propagated=True), to_nat("0.0.0.0/0")).towards(goal)
    assert not bounds.upper


def test_an_unknown_destination_may_take_anything_and_surely_takes_nothing() -> None:
    bounds = table(to_internet("0.0.0.0/0"), to_nat(None)).towards(goal)
    assert not bounds.lower
    assert bounds.upper == AddressSet.all_ipv4()


def test_the_route_that_decides_is_named() -> None:
    routing = table(to_nat("0.0.0.0/0"), to_internet("10.0.0.0/31"))
    for address, name in (("10.0.0.1", "aws_route.r1"), ("10.0.0.2", "aws_route.r0")):
        found = routing.route_for(address, goal)
        assert found is not None
        assert found.origin.resource == name
    assert table(to_nat("10.0.0.0/31")).route_for("10.0.0.2", goal) is None


def test_the_other_family_has_routes_of_its_own() -> None:
    made = RouteTable("t", "t", Pointer(("v",)), (to_internet("0.0.0.0/0").route(0),))
    assert not Routing(made, "ipv6").towards(goal).upper


def _in(address: str, cidr: str) -> bool:
    return address in AddressSet.from_cidr(cidr)
