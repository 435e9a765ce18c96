"""EKS102: nodes get a public IPv4 address, or a global IPv6 address with an internet-gateway route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.internet_routes import internet_routes
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, doubts, node_groups, routes_in_force, subnet_of
from eks_checks.checks.phrases import (
    decided_by,
    listed,
    open_questions,
    subnet_name,
    unique,
    verdict_of,
)
from eks_checks.findings import Evidence, Severity


@dataclass(frozen=True)
class _Address:
    """What is said of one address; ``latent`` where no route leads there from the internet, for certain."""

    verdict: str
    kind: str
    subnet: str
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[Cause, ...] = ()
    latent: bool = False


@check(
    id="EKS102",
    name="node-public-address",
    severity=Severity.HIGH,
    summary="Nodes get a public IPv4 address, or a global IPv6 address with an internet-gateway route.",
    resource_types=NODE_TYPES,
)
def eks102(view: View) -> Iterator[Outcome]:
    """One outcome per node group: the addresses its nodes come up with (D1-D9), in every subnet and shape.

    One step less severe where public IPv4 addresses have no route to an internet gateway (C6).
    """
    for resource, interfaces in node_groups(view.estate):
        found = [
            address
            for interface in interfaces
            for shape in interface.shapes
            for address in (_ipv4(view.estate, interface, shape), _ipv6(view.estate, interface, shape))
        ]
        yield _outcome(resource, interfaces, found)


def _ipv4(estate: Estate, interface: Interface, shape: Shape) -> _Address:
    subnet = subnet_of(estate, interface)
    name = subnet.resource if subnet else subnet_name(interface.subnet)
    giver = shape.public_origin or shape.origin or interface.resource
    gives = _gives(shape.public_ipv4, interface)
    text = f"{gives} the nodes {_in(name, giver)} a public IPv4 address"
    told = (Evidence(giver, text, shape.public_at),)
    found = _judged(shape.public_ipv4, interface, "a public IPv4 address", name, told)
    routed = subnet is None or internet_routes(estate, subnet, "ipv4").truth.possibly
    return found if routed else replace(found, latent=True)


def _in(subnet: str, giver: str) -> str:
    return "there" if giver == subnet else f"in {subnet}"


def _gives(truth: Truth, interface: Interface) -> str:
    return "gives" if truth.surely and not doubts(interface) else "may give"


def _ipv6(estate: Estate, interface: Interface, shape: Shape) -> _Address:
    kind = "a global IPv6 address with a route to an internet gateway"
    subnet = subnet_of(estate, interface)
    if subnet is None:
        known = (
            Truth(False) if not shape.ipv6.possibly else Truth(None, (*shape.ipv6.causes, *interface.causes))
        )
        return _judged(known, interface, kind, subnet_name(interface.subnet), ())
    routes = internet_routes(estate, subnet, "ipv6")
    gives, giver = _gives(shape.ipv6, interface), shape.origin or subnet.resource
    told = (
        Evidence(giver, f"{gives} the nodes {_in(subnet.resource, giver)} an IPv6 address"),
        *routes_in_force(routes, subnet),
    )
    return _judged(_both(shape.ipv6, routes.truth), interface, kind, subnet.resource, told)


def _both(left: Truth, right: Truth) -> Truth:
    if not (left.possibly and right.possibly):
        return Truth(False)
    if left.surely and right.surely:
        return Truth(True)
    return Truth(None, (*left.causes, *right.causes))


def _judged(
    truth: Truth, interface: Interface, kind: str, subnet: str, told: tuple[Evidence, ...]
) -> _Address:
    if not truth.possibly:
        return _Address("pass", kind, subnet)
    uncertain = doubts(interface)
    if truth.surely and not uncertain:
        return _Address("fail", kind, subnet, told)
    causes = (*truth.causes, *uncertain) or (Cause(interface.resource, "", "not known before apply"),)
    return _Address("possible", kind, subnet, told, causes)


def _outcome(resource: str, interfaces: tuple[Interface, ...], found: list[_Address]) -> Outcome:
    verdict = verdict_of(address.verdict for address in found)
    location = interfaces[0].location
    if verdict == "pass":
        return Outcome(resource, "pass", location=location)
    bad = [address for address in found if address.verdict == verdict]
    kinds, subnets = listed(a.kind for a in bad), listed(a.subnet for a in bad)
    causes = [cause for address in found for cause in address.causes]
    told = unique([*(e for address in bad for e in address.evidence), *open_questions(causes)])
    severity = None
    if verdict == "fail" and all(address.latent for address in bad):
        severity = eks102.severity.lowered()
        message = (
            f"Nodes in {subnets} get {kinds}. No route leads from there to an internet gateway yet: with "
            f"one, the internet can address them directly. Therefore rated {severity.label} instead of "
            f"{eks102.severity.label}."
        )
    elif verdict == "fail":
        message = (
            f"Nodes in {subnets} get {kinds}: the internet can address them directly, and security groups "
            "and network ACLs alone decide what gets in."
        )
    else:
        message = f"Whether nodes in {subnets} get {kinds} cannot be told: {decided_by(causes)}."
    return Outcome(resource, verdict, message, told, _REMEDIATION, severity, location)


_REMEDIATION = (
    "Put the nodes into private subnets. Setting map_public_ip_on_launch on the subnet, or "
    "associate_public_ip_address in the launch template's network_interfaces, to false is not enough for "
    "a managed group in a public subnet: EKS then refuses to create it. Over IPv6, route ::/0 to an "
    "egress-only internet gateway instead of an internet gateway; the address itself may stay."
)
