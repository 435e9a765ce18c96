"""EKS310: the API is on the private endpoint alone, and nobody but the cluster's own gets to its port 443."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, group_name, listed, open_questions, said_by, unique
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.admission import surely_covers
from eks_checks.reach.answer import Source, UnknownValue, Verdict
from eks_checks.reach.engine import Question
from eks_checks.reach.internet import private
from eks_checks.reach.targets import API
from eks_checks.sets import TCP, AddressSet

_PUBLIC, _PRIVATE = "vpc_config[0].endpoint_public_access", "vpc_config[0].endpoint_private_access"


@dataclass(frozen=True)
class _Clients:
    """Whether somebody who is not the cluster's own gets to the private endpoint (None: not known)."""

    found: bool | None
    unknowns: tuple[Cause | UnknownValue, ...] = field(default=())


@check(
    id="EKS310",
    name="endpoint-unreachable",
    severity=Severity.INFO,
    summary="The endpoint is private only, and 443 is admitted from nowhere but the cluster's own nodes.",
    resource_types=("aws_eks_cluster",),
)
def eks310(view: View) -> Iterator[Outcome]:
    """One outcome per cluster of the inputs: who gets to 443 of its control-plane interfaces (G2, E3, E4)."""
    for cluster in sorted(view.estate.clusters.values(), key=lambda each: each.resource):
        if cluster.managed:
            yield _outcome(view, cluster)


def _outcome(view: View, cluster: Cluster) -> Outcome:
    endpoint = cluster.endpoint
    if endpoint.public.surely or not endpoint.private.possibly:
        return Outcome(cluster.resource, "pass", location=cluster.location)
    clients = _clients(view, cluster)
    if clients.found:
        return Outcome(cluster.resource, "pass", location=cluster.location)
    alone = clients.found is False and endpoint.public.value is False and endpoint.private.surely
    told = unique(_evidence(view.estate, cluster, alone=alone))
    if alone:
        message = (
            f"The API of {cluster.resource} is on its private endpoint alone, and nobody in the inputs but "
            "the cluster's own nodes and pods gets to tcp 443 there: kubectl, pipelines and Terraform's own "
            "Kubernetes provider will find no way in."
        )
        return Outcome(cluster.resource, "fail", message, told, _REMEDIATION, location=cluster.location)
    causes = (*endpoint.public.causes, *endpoint.private.causes, *clients.unknowns)
    message = (
        f"Whether anybody but its own nodes gets to the API of {cluster.resource} cannot be told: "
        f"{decided_by(causes)}."
    )
    evidence = unique([*told, *open_questions(causes)])
    return Outcome(cluster.resource, "possible", message, evidence, _REMEDIATION, location=cluster.location)


def _clients(view: View, cluster: Cluster) -> _Clients:
    connected = _connected(view.estate, cluster)
    if connected.surely:
        return _Clients(True)
    on_it = [
        i for i in view.estate.interfaces if i.kind == "control_plane" and i.resource == cluster.resource
    ]
    if not on_it:
        why = Cause(cluster.resource, "vpc_config[0].subnet_ids", "where its interfaces are is not known")
        return _Clients(None, (why,))
    # Of the answers about the cluster those with groups are about its interfaces.
    answers = view.answers(Question(ports=(API, API), targets=(cluster.resource,)))
    sources = [
        source
        for answer in answers
        if answer.resource == cluster.resource and answer.groups
        for source in answer.sources
    ]
    kin = [(source, _own(view.estate, cluster, source)) for source in sources]
    if any(source.verdict is Verdict.REACHABLE and own is False for source, own in kin):
        return _Clients(True)
    maybe = [source for source, own in kin if own is not True and source.verdict is not Verdict.BLOCKED]
    if not maybe and not connected.possibly:
        return _Clients(False)
    unknowns = tuple(dict.fromkeys(unknown for source in maybe for unknown in source.unknowns))
    whose = (
        c for s in maybe for i in view.estate.everyone if i.resource == s.resource for c in i.cluster.causes
    )
    return _Clients(None, (*connected.causes, *(unknowns or dict.fromkeys(whose))))


def _connected(estate: Estate, cluster: Cluster) -> Truth:
    """Whether 443 is admitted from a private range outside the VPC: from a connected network (G2).

    The way from there may be managed elsewhere. A public range is of no use: there is no public address.
    """
    vpc = estate.vpcs.get(cluster.vpc.exact or "")
    inside = AddressSet.empty() if vpc is None else vpc.addresses("ipv4") | vpc.addresses("ipv6")
    outside = (private("ipv4") | private("ipv6")) - inside
    causes: list[Cause] = []
    for key in sorted({cluster.security_group, *cluster.additional_groups.candidates}):
        group = estate.security_groups.get(key)
        its = key == cluster.security_group or key in cluster.additional_groups.sure
        for rule in group.ingress if group is not None else ():
            addresses = rule.addresses
            if addresses is None or not rule.traffic.upper.contains(TCP, API):
                continue
            if its and surely_covers(rule, API) and addresses.lower & outside:
                return YES
            if addresses.upper & outside:
                fallback = Cause(rule.origin.resource, "cidr_blocks", "whom it admits is not known")
                why = (*rule.causes, *(() if its else cluster.additional_groups.causes))
                causes.extend(why or (fallback,))
    return Truth(None, tuple(dict.fromkeys(causes))) if causes else NO


def _own(estate: Estate, cluster: Cluster, source: Source) -> bool | None:
    """Whether the source is the cluster's own: its nodes, their pods, Fargate pods, its control plane."""
    if not source.has_subnet:
        return False
    kin = {
        True if i.cluster.exact == cluster.key else None if i.cluster.may_be(cluster.key) else False
        for i in estate.everyone
        if i.resource == source.resource
    }
    return kin.pop() if len(kin) == 1 else None


def _evidence(estate: Estate, cluster: Cluster, *, alone: bool) -> Iterator[Evidence]:
    endpoint = cluster.endpoint
    if endpoint.public.value is False:
        yield Evidence(cluster.resource, "endpoint_public_access is off", attribute=_PUBLIC)
    if endpoint.private.surely:
        yield Evidence(cluster.resource, "endpoint_private_access is on", attribute=_PRIVATE)
    keys = sorted({cluster.security_group, *cluster.additional_groups.candidates})
    groups = [estate.security_groups[key] for key in keys if key in estate.security_groups]
    for group in groups:
        for rule in group.ingress:
            if rule.traffic.upper.contains(TCP, API):
                own = ", and nobody in the inputs but the cluster's own gets in by it" if alone else ""
                effect = f"admits tcp {API} to {group_name(group)}{own}"
                yield said_by(rule.origin, effect, certain=rule.certain)
    names = listed(group_name(group) for group in groups)
    if not any(rule.traffic.upper.contains(TCP, API) for group in groups for rule in group.ingress):
        yield Evidence(cluster.resource, f"no rule of {names} admits tcp {API}", cluster.location)


_REMEDIATION = (
    "Where kubectl or a pipeline must use the API, admit tcp 443 from there: from the security group of the "
    "bastion or runner, or the range of the VPN or the connected network, on a group in "
    "vpc_config.security_group_ids (no replacement). Where all work is done by agents in the cluster, "
    "nothing needs to change: `checks: {EKS310: off}` says so."
)
