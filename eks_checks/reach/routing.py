"""Longest-prefix match over a route table whose routes may be uncertain (facts C1, C5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Route, RouteTable, TargetKind
from eks_checks.reach.internet import whole
from eks_checks.sets import AddressSet, Bounds, Family, union_of

Goal = Callable[[Route], "bool | None"]
"""Whether a route leads where we want: yes, no, or not known."""


class Routing:
    """Where one route table sends destinations of one family."""

    def __init__(self, table: RouteTable, family: Family) -> None:
        """Walk the routes once, most specific first."""
        self.table = table
        self.shares: list[tuple[Route, Bounds[AddressSet]]] = []
        everything = whole(family)
        surely_taken = AddressSet.empty()
        maybe_taken = AddressSet.empty()
        local = [r for r in table.routes if r.kind is TargetKind.LOCAL]
        kept = union_of((r.destination.lower for r in local if r.certain), AddressSet.empty())
        near = union_of((r.destination.upper for r in local), AddressSet.empty())
        for route in sorted(table.routes, key=_precedence):
            lower = route.destination.lower & everything if route.certain else AddressSet.empty()
            upper = route.destination.upper & everything
            if route.propagated:
                # NOTE: a propagated route never beats the local one, however specific it is (C5).
                lower, upper = lower - near, upper - kept
            if not upper:
                continue
            share = Bounds(lower - maybe_taken, upper - surely_taken)
            if route.prefix is None:
                share = Bounds(AddressSet.empty(), upper)
            self.shares.append((route, share))
            surely_taken = surely_taken | lower
            maybe_taken = maybe_taken | upper

    def towards(self, goal: Goal) -> Bounds[AddressSet]:
        """The destinations that the table sends towards ``goal``."""
        lower = union_of((s.lower for r, s in self.shares if goal(r) is True), AddressSet.empty())
        upper = union_of((s.upper for r, s in self.shares if goal(r) is not False), AddressSet.empty())
        return Bounds(lower, lower | upper)

    def route_for(self, address: str, goal: Goal) -> Route | None:
        """The route that decides for ``address``: one that leads to ``goal`` where there is one, else any."""
        here = [(route, share) for route, share in self.shares if address in share.upper]
        leading = [route for route, _ in here if goal(route) is not False]
        return leading[0] if leading else next((route for route, _ in here), None)

    def causes(self, region: AddressSet, goal: Goal) -> Iterable[Cause]:
        """What leaves the route open for ``region``."""
        for route, share in self.shares:
            unsure = share.upper if goal(route) is None else share.undecided
            if not unsure.isdisjoint(region):
                yield from route.causes

    def detours(self, region: AddressSet) -> Iterable[Cause]:
        """Routes more specific than the local one that take some of ``region`` through a middlebox (C2)."""
        for route, share in self.shares:
            narrower = route.prefix is None or route.prefix > 0
            if route.kind is not TargetKind.LOCAL and narrower and not share.upper.isdisjoint(region):
                reason = f"a route more specific than the local one leads through {route.kind.value}"
                yield Cause(route.origin.resource, "route", reason)


def _precedence(route: Route) -> tuple[int, bool, bool, bool, str]:
    # Unknown destinations first: they may take anything. Of equal ones a static route beats a
    # propagated one (C5), and one that is surely there excludes one that only may be.
    length = -route.prefix if route.prefix is not None else -1000
    local = route.kind is TargetKind.LOCAL
    return (length, not local, route.propagated, not route.certain, route.origin.text)
