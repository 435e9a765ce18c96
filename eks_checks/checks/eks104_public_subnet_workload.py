"""EKS104: something other than load balancers, NAT gateways and bastions sits in a public subnet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.internet_routes import internet_routes
from eks_checks.aws.knowledge import Cause, Pointer
from eks_checks.aws.lower.passive import PLACES as PASSIVE
from eks_checks.aws.lower.services import PLACES as SERVICES
from eks_checks.aws.occupants import cluster_vpcs, may_land_in, workloads
from eks_checks.aws.vpc import Subnet
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, routes_in_force, subnet_of
from eks_checks.checks.phrases import decided_by, listed, open_questions, plural, unique, verdict_of
from eks_checks.checks.subnets import not_there
from eks_checks.findings import Evidence, Severity

_INSTANCES = ("instance", "network_interface", "autoscaling_group", "fleet")


@dataclass(frozen=True)
class _Place:
    verdict: str
    subnet: str = ""
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[Cause, ...] = ()


@check(
    id="EKS104",
    name="public-subnet-workload",
    severity=Severity.LOW,
    summary="Something other than load balancers, NAT and declared bastions sits in a public subnet.",
    resource_types=tuple(
        dict.fromkeys([*NODE_TYPES, *SERVICES, *PASSIVE, "aws_ec2_instance_connect_endpoint"])
    ),
)
def eks104(view: View) -> Iterator[Outcome]:
    """One outcome per resource with interfaces in a VPC of the cluster, its nodes apart (EKS101 has these).

    Public is what its routes make so (C4). Declared bastions pass; an instance that routes lead to
    does NAT's work and is not judged.
    """
    estate = view.estate
    vpcs = cluster_vpcs(estate)
    found: dict[str, list[Interface]] = {}
    for interface in workloads(estate):
        found.setdefault(interface.resource, []).append(interface)
    for resource in sorted(found) if vpcs else ():
        judged = [(i, _place(estate, vpcs, i)) for i in found[resource]]
        places = [(interface, place) for interface, place in judged if place is not None]
        if places:
            yield _outcome(view, resource, places)


def _place(estate: Estate, vpcs: tuple[Pointer, ...], interface: Interface) -> _Place | None:
    """What is to say of the interface; None where it is not in a VPC of the cluster."""
    subnet = subnet_of(estate, interface)
    if subnet is None:
        return _anywhere(estate, vpcs, interface)
    inside = _inside(vpcs, subnet)
    if inside is False:
        return None
    public = internet_routes(estate, subnet)
    if not public.truth.possibly:
        return _Place("pass", subnet.resource)
    unsure = not_there(interface)
    if inside is None:
        links = (*subnet.vpc.causes, *(cause for vpc in vpcs for cause in vpc.causes))
        unsure = (*unsure, *(links or (Cause(subnet.resource, "vpc_id", "its VPC cannot be told"),)))
    causes = (*public.truth.causes, *unsure)
    sure = public.truth.surely and not unsure
    return _Place("fail" if sure else "possible", subnet.resource, routes_in_force(public, subnet), causes)


def _inside(vpcs: tuple[Pointer, ...], subnet: Subnet) -> bool | None:
    """Whether the subnet is in a VPC of the cluster; None where that cannot be told."""
    if any(vpc.exact is not None and vpc.exact == subnet.vpc.exact for vpc in vpcs):
        return True
    if subnet.vpc.open or any(vpc.open for vpc in vpcs):
        return None
    return None if any(vpc.may_be(key) for vpc in vpcs for key in subnet.vpc.keys) else False


def _anywhere(estate: Estate, vpcs: tuple[Pointer, ...], interface: Interface) -> _Place | None:
    """Of an interface whose subnet is not told: it may be any public one of these VPCs."""
    keys = {key for vpc in vpcs for key in vpc.keys}
    may = [key for key in keys if key not in estate.vpcs or may_land_in(interface, estate.vpcs[key])]
    public = any(
        internet_routes(estate, subnet).truth.possibly and any(subnet.vpc.may_be(key) for key in may)
        for subnet in estate.subnets.values()
    )
    beyond = any(key not in estate.vpcs or not estate.vpcs[key].managed for key in may)
    if not (may or any(vpc.open for vpc in vpcs)):
        return None
    if not (public or beyond):
        return None
    return _Place("possible", causes=not_there(interface))


def _outcome(view: View, resource: str, judged: list[tuple[Interface, _Place]]) -> Outcome:
    places = [place for _, place in judged]
    interface = judged[0][0]
    verdict = verdict_of(place.verdict for place in places)
    if verdict == "pass" or view.is_bastion(resource):
        return Outcome(resource, "pass", location=interface.location)
    bad = [place for place in places if place.verdict == verdict]
    subnets = list(dict.fromkeys(place.subnet for place in bad if place.subnet))
    causes = [cause for place in bad for cause in place.causes]
    told = unique([*(e for place in bad for e in place.evidence), *open_questions(causes)])
    if verdict == "fail":
        what = plural(len(subnets), "a public subnet", "public subnets")
        message = (
            f"{resource} sits in {listed(subnets)}, {what} of the cluster's VPC. Public subnets are for load "
            "balancers, NAT gateways and bastions: anything else there is one public address and one open "
            "rule away from the internet, and has the cluster's nodes beside it."
        )
    else:
        named = f" ({listed(subnets)})" if subnets else ""
        message = (
            f"Whether {resource} sits in a public subnet{named} of the cluster's VPC cannot be told: "
            f"{decided_by(causes)}."
        )
    if interface.kind in _INSTANCES:
        message += " If it is a bastion, declare it under bastions in the configuration."
    return Outcome(resource, verdict, message, told, _REMEDIATION, location=interface.location)


_REMEDIATION = (
    "Move it to a subnet whose route table has no route to an internet gateway, and put a load balancer in "
    "the public subnet before it: change subnet_id, subnet_ids, or the subnet group that it names. That "
    "replaces an instance or a database, so make the new one beside it first. Declare a bastion under "
    "bastions in .eks-checks.yaml, or take Session Manager in its place."
)
