"""EKS106: node subnets hold interfaces that are not the cluster's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.occupants import may_land_in, occupants, stranger_to
from eks_checks.aws.vpc import Subnet
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, doubts, subnet_of
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique, verdict_of
from eks_checks.checks.subnets import SUBNET_TYPES, by_subnet, not_there
from eks_checks.findings import Evidence, Severity

_MEANT = "aws_vpc_endpoint"
"""Interfaces that nodes themselves need beside them (F6)."""


@dataclass(frozen=True)
class _Stranger:
    """Something in the subnet that is not, or may not be, of the cluster of some node there."""

    interface: Interface
    verdict: str
    causes: tuple[Cause, ...] = ()


@check(
    id="EKS106",
    name="node-subnet-shared",
    severity=Severity.LOW,
    summary="Node subnets hold interfaces that are not the cluster's.",
    resource_types=(*SUBNET_TYPES, *NODE_TYPES),
)
def eks106(view: View) -> Iterator[Outcome]:
    """One outcome per node subnet: who else sits in it, other clusters included.

    Endpoints of AWS services, load balancers and NAT gateways are meant to be near nodes and do not count.
    """
    estate = view.estate
    all_ = [one for one in occupants(estate) if f".{_MEANT}." not in f".{one.resource}"]
    others = {subnet.key: there for subnet, there in by_subnet(estate, all_)}
    anywhere = [one for one in all_ if subnet_of(estate, one) is None]
    for subnet, nodes in by_subnet(estate, estate.node_interfaces()):
        there = [*others.get(subnet.key, ()), *(one for one in anywhere if _may_be_in(estate, one, subnet))]
        found = [stranger for one in there for stranger in _strange(one, nodes)]
        yield _outcome(subnet, nodes, found)


def _may_be_in(estate: Estate, one: Interface, subnet: Subnet) -> bool:
    """Whether what is in a subnet that is not told may be in this one, by its VPC."""
    vpcs = [estate.vpcs.get(key) for key in subnet.vpc.keys]
    return subnet.vpc.open or any(vpc is None or may_land_in(one, vpc) for vpc in vpcs)


def _strange(one: Interface, nodes: tuple[Interface, ...]) -> Iterator[_Stranger]:
    judged = []
    for node in nodes:
        if node.resource == one.resource and node.kind == one.kind:
            continue
        foreign = stranger_to(one, node)
        if foreign.possibly:
            unsure = (*foreign.causes, *not_there(one), *doubts(node))
            sure = foreign.surely and not unsure
            why = unsure or (Cause(one.resource, "", "whether it is the cluster's cannot be told"),)
            judged.append(_Stranger(one, "fail" if sure else "possible", () if sure else why))
    if judged:
        yield min(judged, key=lambda each: each.verdict != "fail")


def _outcome(subnet: Subnet, nodes: tuple[Interface, ...], found: list[_Stranger]) -> Outcome:
    verdict = verdict_of(each.verdict for each in found)
    if verdict == "pass":
        return Outcome(subnet.resource, "pass", location=subnet.location)
    bad = [each for each in found if each.verdict == verdict]
    strangers = listed(dict.fromkeys(each.interface.resource for each in bad))
    owners = listed(dict.fromkeys(node.resource for node in nodes))
    causes = [cause for each in bad for cause in each.causes]
    told = unique(
        [
            *(Evidence(e.interface.resource, _sits(e, subnet), e.interface.location) for e in bad),
            *open_questions(causes),
        ]
    )
    if verdict == "fail":
        message = (
            f"{subnet.resource}, where nodes of {owners} live, is shared with {strangers}. Inside one subnet "
            "no network ACL is read, so none can stand between these and the nodes, and an ACL made for the "
            "nodes hits them as well."
        )
    else:
        message = (
            f"Whether {subnet.resource}, where nodes of {owners} live, also holds what is not the cluster's "
            f"({strangers}) cannot be told: {decided_by(causes)}."
        )
    return Outcome(subnet.resource, verdict, message, told, _REMEDIATION, location=subnet.location)


def _sits(stranger: _Stranger, subnet: Subnet) -> str:
    interface = stranger.interface
    verb = "has" if stranger.verdict == "fail" else "may have"
    whose = ""
    if interface.cluster.exact is not None:
        whose = f" of {interface.cluster.exact}"
    what = "control-plane interfaces" if interface.kind == "control_plane" else "an interface"
    return f"{verb} {what}{whose} in {subnet.resource}"


_REMEDIATION = (
    "Give the nodes subnets of their own: add aws_subnet resources for them, name these in the node group's "
    "subnet_ids (that replaces the group: create the new one beside it), and leave the others where they "
    "are. Then one network ACL can be written for nodes alone (EKS401)."
)
