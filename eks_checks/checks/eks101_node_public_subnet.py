"""EKS101: nodes may land in a subnet whose effective route table leads to an internet gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.internet_routes import internet_routes
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, doubts, node_groups, routes_in_force, subnet_of
from eks_checks.checks.phrases import (
    UNTOLD_SUBNET,
    decided_by,
    listed,
    open_questions,
    plural,
    unique,
    verdict_of,
)
from eks_checks.findings import Evidence, Severity


@dataclass(frozen=True)
class _Place:
    verdict: str
    subnet: str = ""
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[Cause, ...] = ()


@check(
    id="EKS101",
    name="node-public-subnet",
    severity=Severity.HIGH,
    summary="Nodes may land in a subnet whose effective route table leads to an internet gateway.",
    resource_types=NODE_TYPES,
)
def eks101(view: View) -> Iterator[Outcome]:
    """One outcome per node group: its subnets judged by their effective routes (C4), never by name or tag."""
    for resource, interfaces in node_groups(view.estate):
        places = [_place(view.estate, interface) for interface in interfaces]
        yield _outcome(resource, interfaces, places)


def _place(estate: Estate, interface: Interface) -> _Place:
    subnet = subnet_of(estate, interface)
    if subnet is None:
        causes = interface.causes or (Cause(interface.resource, "subnet_ids", "its subnet cannot be told"),)
        return _Place("possible", interface.subnet or UNTOLD_SUBNET, (), causes)
    found = internet_routes(estate, subnet)
    if not found.truth.possibly:
        return _Place("pass", subnet.resource)
    told = routes_in_force(found, subnet)
    uncertain = doubts(interface)
    if found.truth.surely and not uncertain:
        return _Place("fail", subnet.resource, told)
    return _Place("possible", subnet.resource, told, (*found.truth.causes, *uncertain))


def _outcome(resource: str, interfaces: tuple[Interface, ...], places: list[_Place]) -> Outcome:
    verdict = verdict_of(place.verdict for place in places)
    location = interfaces[0].location
    if verdict == "pass":
        return Outcome(resource, "pass", location=location)
    bad = [place for place in places if place.verdict == verdict]
    subnets = list(dict.fromkeys(place.subnet for place in bad))
    causes = [cause for place in places for cause in place.causes]
    told = unique([*(e for place in bad for e in place.evidence), *open_questions(causes)])
    if verdict == "fail":
        message = (
            f"Nodes land in {listed(subnets)}, "
            f"{plural(len(subnets), 'a public subnet', 'public subnets')}: "
            f"{plural(len(subnets), 'its route table leads', 'their route tables lead')} to an internet "
            "gateway, so one public address and one open rule are enough to expose a node."
        )
    else:
        known = [name for name in subnets if name != UNTOLD_SUBNET]
        named = f" ({listed(known)})" if known else ""
        message = f"Whether nodes land in a public subnet{named} cannot be told: {decided_by(causes)}."
    return Outcome(resource, verdict, message, told, _REMEDIATION, location=location)


_REMEDIATION = (
    "Give the node group subnets whose route table has no route to an internet gateway: reach out through a "
    "NAT gateway (IPv4) and an egress-only internet gateway (IPv6), or through VPC endpoints. Have these in "
    "place first, since nodes without a way to the EKS API and the image registries do not join."
)
