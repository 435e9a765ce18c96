"""EKS103: a private node subnet has neither NAT nor the VPC endpoints that nodes need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.internet_routes import internet_routes
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.aws.vpc import Subnet
from eks_checks.aws.ways_out import FARGATE_NEEDS, NODES_NEED
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, doubts, node_groups, subnet_of
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique, verdict_of
from eks_checks.checks.services import lacking_evidence, lacking_words, no_way_out
from eks_checks.checks.subnets import SUBNET_TYPES, by_subnet, not_there
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.services import Access, ServiceAccess, one_of

_PRIVATE_ENDPOINT = "vpc_config[0].endpoint_private_access"


@dataclass(frozen=True)
class _Judged:
    """What one group's hosts lack in the subnet; ``api`` names a cluster without private endpoint."""

    verdict: str
    lacking: tuple[Access, ...] = ()
    api: str = ""
    causes: tuple[Cause, ...] = ()


@check(
    id="EKS103",
    name="node-subnet-no-egress",
    severity=Severity.LOW,
    summary="A private node subnet has neither NAT nor the VPC endpoints that nodes need.",
    resource_types=(*SUBNET_TYPES, *NODE_TYPES),
)
def eks103(view: View) -> Iterator[Outcome]:
    """One outcome per private subnet of nodes or Fargate pods: NAT, or each of the endpoints (F6).

    Public subnets are EKS101's. A NAT gateway counts where its own subnet leads to an internet gateway; an
    endpoint where it is there, the hosts get to it on 443 and the service's name leads to it.
    """
    estate = view.estate
    hosts = [i for i in estate.interfaces if i.node.possibly or i.kind == "fargate"]
    access = ServiceAccess(estate, view.answers, NODES_NEED, hosts)
    for subnet, here in by_subnet(estate, hosts):
        public = internet_routes(estate, subnet).truth
        if not public.surely:
            judged = [_judge(estate, access, host, subnet, public) for host in here]
            yield _outcome(estate, access, subnet, judged)
    yield from _untold(estate)


def _judge(estate: Estate, access: ServiceAccess, host: Interface, subnet: Subnet, public: Truth) -> _Judged:
    out = access.outward.of(host, subnet)
    if out.surely:
        return _Judged("pass")
    fargate = host.kind == "fargate"
    told = [access.of(host, service) for service in (FARGATE_NEEDS if fargate else NODES_NEED)]
    private = one_of((out, _private_endpoint(estate, host)))
    lacking = tuple(each for each in told if not each.truth.possibly)
    open_ = [truth for truth in (private, *(each.truth for each in told)) if truth.value is None]
    causes = tuple(cause for truth in open_ for cause in truth.causes)
    if not lacking and private.possibly:
        return _Judged("possible" if open_ else "pass", causes=causes)
    api = "" if private.possibly else host.cluster.exact or ""
    unsure = (*(not_there(host) if fargate else doubts(host)), *public.causes)
    return _Judged("possible" if unsure else "fail", lacking, api, unsure)


def _private_endpoint(estate: Estate, host: Interface) -> Truth:
    """Whether nodes find the API server inside the VPC (G2)."""
    cluster = estate.clusters.get(host.cluster.exact or "")
    if cluster is not None:
        return cluster.endpoint.private
    why = Cause(host.resource, "cluster_name", "its cluster cannot be told")
    return Truth(None, host.cluster.causes or (why,))


def _outcome(estate: Estate, access: ServiceAccess, subnet: Subnet, judged: list[_Judged]) -> Outcome:
    verdict = verdict_of(each.verdict for each in judged)
    if verdict == "pass":
        return Outcome(subnet.resource, "pass", location=subnet.location)
    bad = [each for each in judged if each.verdict == verdict]
    causes = [cause for each in bad for cause in each.causes]
    lacking = list(dict.fromkeys(a for each in bad for a in each.lacking))
    clusters = list(dict.fromkeys(each.api for each in bad if each.api))
    told = unique(
        [
            *(_evidence(estate, access, subnet, lacking, clusters) if lacking or clusters else ()),
            *open_questions(causes),
        ]
    )
    lack = _lack(lacking, clusters)
    if verdict == "fail":
        message = (
            f"Nodes in {subnet.resource} have no way to what they need: no route leads out through NAT, and "
            f"{lack}. So they do not join the cluster, or pull no images, until somebody in a hurry opens "
            "more than that takes."
        )
    else:
        clause = f", where {lack}" if lack else ""
        message = (
            f"Whether nodes in {subnet.resource}{clause} get to the services they need, by NAT or by VPC "
            f"endpoints, cannot be told: {decided_by(causes)}."
        )
    return Outcome(subnet.resource, verdict, message, told, _REMEDIATION, location=subnet.location)


def _lack(lacking: list[Access], clusters: list[str]) -> str:
    without = [f"the API server of {listed(clusters)} has no private endpoint"] if clusters else []
    return "; ".join([*lacking_words(lacking), *without])


def _evidence(
    estate: Estate, access: ServiceAccess, subnet: Subnet, lacking: list[Access], clusters: list[str]
) -> Iterator[Evidence]:
    yield from no_way_out(access, subnet)
    yield from lacking_evidence(estate, subnet, lacking)
    for key in clusters:
        text = "endpoint_private_access is off: nodes find the API server on the internet alone"
        yield Evidence(estate.clusters[key].resource, text, attribute=_PRIVATE_ENDPOINT)


def _untold(estate: Estate) -> Iterator[Outcome]:
    """Node groups of which a subnet cannot be told: silence would be wrong."""
    for resource, interfaces in node_groups(estate):
        lost = [interface for interface in interfaces if subnet_of(estate, interface) is None]
        causes = [cause for interface in lost for cause in (interface.causes or doubts(interface))]
        if lost:
            message = (
                f"A subnet of {resource} cannot be told, and so its ways out cannot: {decided_by(causes)}."
            )
            told = open_questions(causes)
            yield Outcome(resource, "possible", message, told, _REMEDIATION, location=lost[0].location)


_REMEDIATION = (
    "Route 0.0.0.0/0 of the subnet's route table to an aws_nat_gateway that sits in a public subnet. Or stay "
    "without NAT: add an aws_vpc_endpoint of type Interface for each of ec2, ecr.api, ecr.dkr and sts, with "
    "private_dns_enabled = true and a security group that admits tcp 443 from the nodes' group, one of type "
    "Gateway for s3 with the subnet's route table in route_table_ids, and set endpoint_private_access = true "
    "on the cluster. None of this replaces anything."
)
