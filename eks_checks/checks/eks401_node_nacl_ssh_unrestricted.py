"""EKS401: a node subnet's effective network ACL does not hold tcp 22 to the bastion subnets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.acl_walk import admitting_entries, answered, requested
from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import AclEntry, NetworkAcl
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Subnet
from eks_checks.checks.bastions import Bastions
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, doubts, node_groups, subnet_of
from eks_checks.checks.phrases import (
    acl_name,
    decided_by,
    listed,
    open_questions,
    said_by,
    unique,
    verdict_of,
)
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.answer import Verdict
from eks_checks.sets import AddressSet, Bounds, TrafficSet

_SSH = 22
_INSIDE = frozenset({"vpc", "interface", "pods", "control_plane"})


@dataclass(frozen=True)
class _Judged:
    """What one ACL makes of 22. With ``mute`` it holds 22 to the bastion, but gives it no reply."""

    verdict: str
    acl: str = ""
    ranges: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[Cause, ...] = ()
    mute: bool = False


@check(
    id="EKS401",
    name="node-nacl-ssh-unrestricted",
    severity=Severity.LOW,
    summary="A node subnet's effective network ACL does not hold tcp 22 to the bastion subnets.",
    resource_types=("aws_subnet", "aws_default_subnet", *NODE_TYPES),
    parameters=("bastions",),
)
def eks401(view: View) -> Iterator[Outcome]:
    """One outcome per node subnet, by the first-match walk of its ACL over both families (B2, B16, B17)."""
    bastions = Bastions.of(view)
    for subnet, landing in _node_subnets(view.estate):
        judged = list(_judge(view.estate, bastions, subnet))
        yield _outcome(view, bastions, subnet, judged, landing)
    yield from _untold(view.estate)


def _node_subnets(estate: Estate) -> Iterator[tuple[Subnet, tuple[Cause, ...]]]:
    """Each subnet where a node may land, with the reasons why it may not; none where one surely does."""
    doubted: dict[str, list[tuple[Cause, ...]]] = {}
    for interface in estate.node_interfaces():
        subnet = subnet_of(estate, interface)
        if subnet is not None:
            doubted.setdefault(subnet.key, []).append(doubts(interface))
    for key in sorted(doubted, key=lambda each: estate.subnets[each].resource):
        found = doubted[key]
        landing = (cause for causes in found for cause in causes) if all(found) else ()
        yield estate.subnets[key], tuple(dict.fromkeys(landing))


def _untold(estate: Estate) -> Iterator[Outcome]:
    """Node groups of which a subnet cannot be told: silence would be wrong."""
    for resource, interfaces in node_groups(estate):
        lost = [interface for interface in interfaces if subnet_of(estate, interface) is None]
        causes = [cause for interface in lost for cause in (interface.causes or doubts(interface))]
        if lost:
            message = (
                f"A subnet of {resource} cannot be told, and so its network ACL cannot either: "
                f"{decided_by(causes)}."
            )
            told = open_questions(causes)
            yield Outcome(resource, "possible", message, told, _REMEDIATION, location=lost[0].location)


def _judge(estate: Estate, bastions: Bastions, subnet: Subnet) -> Iterator[_Judged]:
    """One judgement per network ACL that may be in force for the subnet."""
    attached = subnet.network_acl
    for key in attached.keys:
        acl = estate.network_acls.get(key)
        if acl is not None:
            yield _judge_acl(estate, bastions, subnet, acl)
    if attached.open or not attached.keys or any(key not in estate.network_acls for key in attached.keys):
        unknown = Cause(subnet.resource, "network_acl", "its network ACL is not in the inputs")
        yield _Judged("possible", causes=attached.causes or (unknown,))


def _judge_acl(estate: Estate, bastions: Bastions, subnet: Subnet, acl: NetworkAcl) -> _Judged:
    asking, hearing = requested(acl, _SSH), answered(acl)
    admitted = asking & hearing
    excess = bastions.excess(subnet, admitted)
    name = acl_name(estate, acl)
    if not excess.upper:
        return _unanswered(bastions, subnet, acl, asking, hearing, name)
    sure = bool(excess.lower)
    beyond = excess.lower if sure else excess.upper
    entries = [
        each
        for each in admitting_entries(acl.inbound, TrafficSet.tcp(_SSH, _SSH))
        if not (each.addresses.lower if sure else each.addresses.upper).isdisjoint(beyond)
    ]
    told = tuple(_admits(each.entry) for each in entries)
    causes = () if sure else (*acl.causes, *(c for e in (*acl.inbound, *acl.outbound) for c in e.causes))
    if not sure and not causes:
        causes = (Cause(acl.resource, "ingress", "may hold entries that the inputs do not show"),)
    # Ranges are shown whole, the bastions and the subnet itself not carved out of them.
    ranges = beyond.to_cidrs((admitted.lower if sure else admitted.upper) | _own(subnet))
    return _Judged("fail" if sure else "possible", name, ranges, told, causes)


def _unanswered(
    bastions: Bastions,
    subnet: Subnet,
    acl: NetworkAcl,
    asking: Bounds[AddressSet],
    hearing: Bounds[AddressSet],
    name: str,
) -> _Judged:
    """Whether declared bastions get in, but no reply gets out to them (B17)."""
    away = bastions.addresses - _own(subnet)
    lost = asking.lower & away
    if not lost or not lost.isdisjoint(hearing.upper):
        return _Judged("pass", name)
    entries = admitting_entries(acl.inbound, TrafficSet.tcp(_SSH, _SSH))
    told = [_admits(each.entry) for each in entries if not each.addresses.lower.isdisjoint(lost)]
    told.append(Evidence(acl.resource, "no outbound entry lets tcp 1024-65535 out to the bastion"))
    return _Judged("fail", name, lost.to_cidrs(), tuple(told), mute=True)


def _admits(entry: AclEntry) -> Evidence:
    certain = entry.certain and entry.allow.surely
    return said_by(entry.origin, "admits tcp 22 before any entry denies it", certain=certain)


def _own(subnet: Subnet) -> AddressSet:
    return subnet.addresses("ipv4") | subnet.addresses("ipv6")


def _outcome(
    view: View, bastions: Bastions, subnet: Subnet, judged: list[_Judged], landing: tuple[Cause, ...]
) -> Outcome:
    verdicts = {each.verdict for each in judged}
    together = bastions.in_subnet(subnet)
    if together:
        verdicts = {"fail"}
    elif bastions.unplaced:
        verdicts = verdicts | {"possible"} if verdicts != {"fail"} else verdicts
    if verdicts == {"pass"}:
        return Outcome(subnet.resource, "pass", location=subnet.location)
    verdict = verdict_of(verdicts) if len(verdicts) == 1 else "possible"
    causes = [cause for each in judged for cause in each.causes]
    if verdict == "possible":
        causes += bastions.unplaced
    if verdict == "possible" and not causes:
        causes = list(subnet.network_acl.causes)
    message = _message(bastions, subnet, judged, verdict, causes)
    if landing:
        message = f"Whether nodes land in {subnet.resource} cannot be told: {decided_by(landing)}. {message}"
        verdict, causes = "possible", [*causes, *landing]
    mute = any(each.mute for each in judged) and not together
    severity, rating = (Severity.LOW, "") if mute else _rating(view, subnet)
    told = unique(
        [
            *(_together(name, subnet) for name in together),
            *(evidence for each in judged for evidence in each.evidence),
            *open_questions(causes),
        ]
    )
    remediation = _SAME_SUBNET if together else _REMEDIATION
    return Outcome(
        subnet.resource, verdict, f"{message} {rating}".rstrip(), told, remediation, severity, subnet.location
    )


def _together(bastion: str, subnet: Subnet) -> Evidence:
    return Evidence(bastion, f"a bastion in the node subnet {subnet.resource}", attribute="subnet_id")


def _message(
    bastions: Bastions, subnet: Subnet, judged: list[_Judged], verdict: str, causes: list[Cause]
) -> str:
    together = bastions.in_subnet(subnet)
    if together:
        return (
            f"{listed(together)} sits in the node subnet {subnet.resource} itself: a network ACL is not "
            "read between two interfaces of one subnet, so none can hold tcp 22 to the bastion there."
        )
    acls = listed(each.acl for each in judged if each.acl) or "its network ACL"
    if verdict == "possible":
        return (
            f"Whether the network ACL of {subnet.resource} holds tcp 22 to the bastion cannot be told: "
            f"{decided_by(causes)}."
        )
    if any(each.mute for each in judged):
        return (
            f"The network ACL in force for {subnet.resource} ({acls}) lets the bastion's requests to tcp 22 "
            "in, but no reply out: an ACL keeps no state, so SSH from the bastion only times out."
        )
    ranges = listed((cidr for each in judged for cidr in each.ranges), 4)
    beyond = ", beyond the declared bastions" if bastions.declared else ""
    return (
        f"The network ACL in force for {subnet.resource} ({acls}) admits tcp 22 from {ranges}{beyond}: "
        "it adds no second line behind the security groups, whose rules any wider group undoes."
    )


def _rating(view: View, subnet: Subnet) -> tuple[Severity, str]:
    inside = [
        source
        for answer in view.ssh
        if answer.subnet in (subnet.resource, subnet.key)
        for source in answer.sources
        if source.scope in _INSIDE and source.verdict is Verdict.REACHABLE
    ]
    if not inside:
        return Severity.LOW, ""
    return Severity.MEDIUM, "Rated medium: something inside the VPC does reach tcp 22 of the nodes there."


_WHOLE_SUBNET = (
    "The ACL is the whole subnet's: the denial also stops pods and load balancer targets that serve port 22 "
    "themselves to other subnets, and whatever else is placed there meets every entry, its replies too."
)

_REMEDIATION = (
    "Associate the node subnets with a network ACL whose inbound entries, in this order, allow tcp 22 "
    "from the bastion's subnet, deny tcp 22 from 0.0.0.0/0 and from ::/0, and then allow the rest; no "
    "entry with a lower number may cover 22. Outbound, allow tcp 1024-65535 to the bastion's subnet, "
    "since ACLs keep no state. Deny nothing else for this: nodes need 443, 10250, 53 and their replies "
    "(EKS403). Keep the bastion in a subnet without nodes. "
    f"{_WHOLE_SUBNET}"
)

_SAME_SUBNET = (
    "Move the bastion to a subnet of its own, without nodes, and admit tcp 22 from that subnet only, in the "
    "network ACL and in the nodes' security group."
)
