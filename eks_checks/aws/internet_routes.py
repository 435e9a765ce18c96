"""Whether a subnet is public: its effective route table leads to an internet gateway (fact C4)."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import NO, Cause, Truth
from eks_checks.aws.vpc import Route, RouteTable, Subnet, TargetKind
from eks_checks.sets import Family


@dataclass(frozen=True)
class InternetRoutes:
    """The routes to an internet gateway in the tables that are, or may be, in force for a subnet."""

    truth: Truth
    routes: tuple[Route, ...] = ()


def internet_routes(estate: Estate, subnet: Subnet, family: Family | None = None) -> InternetRoutes:
    """Whether the subnet's table has a route to an internet gateway, of ``family`` or of either.

    Any destination counts, not only the default route (C4).
    """
    attached = subnet.route_table
    tables = [estate.route_tables.get(key) for key in attached.keys]
    answers = [_of_table(table, family) for table in tables if table is not None]
    known = len(answers) == len(tables) and not attached.open and bool(tables)
    routes = tuple(dict.fromkeys(route for answer in answers for route in answer.routes))
    values = {answer.truth.value for answer in answers} | (set() if known else {None})
    if values == {True}:
        return InternetRoutes(Truth(True), routes)
    if values == {False}:
        return InternetRoutes(NO)
    causes = {*attached.causes, *(cause for answer in answers for cause in answer.truth.causes)}
    causes = causes or {Cause(subnet.resource, "route_table", "its route table is not in the inputs")}
    return InternetRoutes(Truth(None, tuple(sorted(causes))), routes)


def _of_table(table: RouteTable, family: Family | None) -> InternetRoutes:
    sure = [route for route in table.routes if _certain(route, family)]
    if sure:
        return InternetRoutes(Truth(True), tuple(sure))
    maybe = [route for route in table.routes if _possible(route, family)]
    if not maybe and not table.open:
        return InternetRoutes(NO)
    causes = {cause for route in maybe for cause in route.causes} | (
        set(table.causes) if table.open else set()
    )
    if not causes and maybe:
        causes = {
            Cause(route.origin.resource, "route", "its table or target is not known") for route in maybe
        }
    if not causes:
        causes = {Cause(table.resource, "route", "may hold routes that the inputs do not show")}
    return InternetRoutes(Truth(None, tuple(sorted(causes))), tuple(maybe))


def _certain(route: Route, family: Family | None) -> bool:
    leads = route.certain and route.kind is TargetKind.INTERNET_GATEWAY
    if family is None:
        return leads
    return leads and bool(route.destination.lower.family(family))


def _possible(route: Route, family: Family | None) -> bool:
    if route.kind is TargetKind.UNKNOWN and not route.gateway.open:
        return False  # a blackhole leads nowhere (C14)
    if route.kind not in (TargetKind.INTERNET_GATEWAY, TargetKind.UNKNOWN):
        return False
    return family is None or bool(route.destination.upper.family(family))
