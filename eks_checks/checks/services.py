"""AWS services that hosts do not reach, in words and as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.vpc import Subnet
from eks_checks.checks.phrases import listed, plural, said_by
from eks_checks.findings import Evidence
from eks_checks.reach.services import Access, ServiceAccess

_SHOWN = 9
"""Services are few: all are named."""


def lacking_words(lacking: Iterable[Access]) -> Iterator[str]:
    """Clauses that say which endpoints are missing, and which are there and do not serve."""
    told = tuple(lacking)
    absent = [each.service for each in told if not each.shortfalls]
    if absent:
        yield f"there is no VPC endpoint for {listed(absent, _SHOWN)}"
    shut = [
        f"{each.service} ({listed(short.endpoint for short in each.shortfalls)})"
        for each in told
        if each.shortfalls
    ]
    if shut:
        what = plural(len(shut), "endpoint", "endpoints")
        verb = plural(len(shut), "does", "do")
        yield f"the {what} for {listed(shut, _SHOWN)} {verb} not serve them"


def no_way_out(access: ServiceAccess, subnet: Subnet) -> Iterator[Evidence]:
    """The route table that leads out through no NAT, and its routes to NAT gateways that lead nowhere."""
    table = access.outward.table_of(subnet)
    yield Evidence(
        table, f"in force for {subnet.resource}: no route leads out through NAT", attribute="route"
    )
    for origin, why in access.outward.dead_ends(subnet):
        yield said_by(origin, why)


def lacking_evidence(estate: Estate, subnet: Subnet, lacking: Iterable[Access]) -> Iterator[Evidence]:
    """The VPC for what is missing; what keeps hosts of the subnet out of each endpoint that is there."""
    told = tuple(lacking)
    absent = [each.service for each in told if not each.shortfalls]
    if absent:
        vpc = estate.vpcs.get(subnet.vpc.exact or "")
        owner = vpc.resource if vpc else subnet.resource
        yield Evidence(owner, f"has no VPC endpoint for {listed(absent, _SHOWN)}")
    for each in told:
        for short in each.shortfalls:
            named = "" if short.resource == short.endpoint else f"{short.endpoint}, "
            text = f"{named}the endpoint for {each.service}: {short.text}"
            yield Evidence(short.resource, text, attribute=short.attribute)
