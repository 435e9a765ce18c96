"""EKS301: a group on the control-plane interfaces admits more than the cluster's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import SecurityGroup
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.membership import Membership
from eks_checks.aws.outsiders import HTTPS, Circle, Outsiders
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import (
    capital,
    decided_by,
    listed,
    open_questions,
    plural,
    said_by,
    unique,
    verdict_of,
)
from eks_checks.findings import Evidence, Severity


@dataclass(frozen=True)
class _Group:
    group: SecurityGroup
    sure: bool


@check(
    id="EKS301",
    name="cluster-sg-open",
    severity=Severity.HIGH,
    summary="The cluster security group, or one on the control plane, admits more than the cluster's own.",
    resource_types=("aws_eks_cluster",),
    parameters=("allowed_cidrs",),
)
def eks301(view: View) -> Iterator[Outcome]:
    """One outcome per cluster: every inbound rule on its control-plane interfaces' groups (E1, E2, E4)."""
    membership = Membership(view.estate)
    for cluster in sorted(view.estate.clusters.values(), key=lambda each: each.resource):
        circle = Circle(view.estate, cluster, membership, view.settings.allowed_addresses)
        groups = list(_groups(view.estate, cluster))
        found = [(each, outsiders) for each in groups for outsiders in circle.admitted(each.group)]
        yield _outcome(cluster, found, _causes(view.estate, cluster, groups))


def _groups(estate: Estate, cluster: Cluster) -> Iterator[_Group]:
    additional = cluster.additional_groups
    for key in sorted({cluster.security_group, *additional.candidates}):
        group = estate.security_groups.get(key)
        if group is not None:
            yield _Group(group, key == cluster.security_group or key in additional.sure)


def _causes(estate: Estate, cluster: Cluster, groups: list[_Group]) -> list[Cause]:
    """What of the groups themselves is not in the inputs."""
    wanted = {cluster.security_group, *cluster.additional_groups.candidates}
    causes = [
        Cause(key, "ingress", "the group is not in the inputs")
        for key in sorted(wanted)
        if key not in estate.security_groups
    ]
    for each in groups:
        if each.group.open:
            fallback = Cause(each.group.resource, "ingress", "may hold rules that the inputs do not show")
            causes.extend(each.group.causes or (fallback,))
    if cluster.additional_groups.open:
        unknown = Cause(cluster.resource, "vpc_config[0].security_group_ids", "not known before apply")
        causes.extend(cluster.additional_groups.causes or (unknown,))
    return causes


def _outcome(cluster: Cluster, found: list[tuple[_Group, Outsiders]], causes: list[Cause]) -> Outcome:
    verdicts = ["fail" if each.sure and out.sure else "possible" for each, out in found]
    verdict = verdict_of([*verdicts, *(["possible"] if causes else [])])
    if verdict == "pass":
        return Outcome(cluster.resource, "pass", location=cluster.location)
    telling = [pair for pair, word in zip(found, verdicts, strict=True) if word == verdict]
    open_ = [*causes, *(cause for _, out in found if not out.sure for cause in out.causes)]
    evidence = (_evidence(cluster, out, sure=verdict == "fail") for _, out in telling)
    told = unique([*evidence, *open_questions(open_)])
    outsiders = [out for _, out in telling]
    message = _fails(cluster, outsiders) if verdict == "fail" else _undecided(cluster, open_)
    remediation = _remediation(cluster, outsiders) if outsiders else f"{_FIND_OUT} {_OPERATORS}"
    return Outcome(cluster.resource, verdict, message, told, remediation, location=cluster.location)


def _fails(cluster: Cluster, telling: list[Outsiders]) -> str:
    roles = list(dict.fromkeys(_role(cluster, out) for out in telling))
    admitted = listed(f"{_beyond(out)} on {out.rule.traffic.lower.describe()}" for out in telling)
    though = f", {_THOUGH_443}" if _only_https(telling) else ""
    return (
        f"{capital(listed(roles))} of {cluster.resource} {plural(len(roles), 'admits', 'admit')} {admitted}: "
        f"more than the cluster's own members and nodes{though}. {_reach(cluster, telling)}"
    )


def _undecided(cluster: Cluster, open_: list[Cause]) -> str:
    return (
        f"Whether the groups on the control plane of {cluster.resource} admit more than the cluster's "
        f"own members and nodes cannot be told: {decided_by(open_)}."
    )


def _role(cluster: Cluster, out: Outsiders) -> str:
    own = out.group.key == cluster.security_group
    return "the cluster security group" if own else f"the additional control-plane group {out.group.resource}"


def _beyond(out: Outsiders) -> str:
    ranges = listed(out.cidrs)
    named = f"members of {out.group_named}" if out.group_named else ""
    return listed(part for part in (ranges, listed(out.interfaces), named) if part)


def _only_https(telling: list[Outsiders]) -> bool:
    return all(out.rule.traffic.upper <= HTTPS for out in telling)


def _reach(cluster: Cluster, telling: list[Outsiders]) -> str:
    if any(out.group.key == cluster.security_group for out in telling):
        return (
            "What it admits reaches the control plane, and every node and Fargate pod that carries the group."
        )
    return "What it admits reaches the control plane's interfaces."


def _evidence(cluster: Cluster, out: Outsiders, *, sure: bool) -> Evidence:
    admits = "admits" if sure else "may admit"
    effect = f"{admits} {_beyond(out)} to {_role(cluster, out)}"
    return said_by(out.rule.origin, effect, certain=out.rule.certain)


def _remediation(cluster: Cluster, telling: list[Outsiders]) -> str:
    rules = listed(out.rule.origin.resource for out in telling)
    if _only_https(telling):
        sources = listed(_beyond(out) for out in telling)
        return (
            f"If kubectl uses the private endpoint from {sources}, and that is no wider than it must be, "
            f"keep the rule. If not, remove it or narrow it ({rules}); the nodes keep tcp 443. {_OPERATORS}"
        )
    text = (
        f"Remove the inbound rule named ({rules}), or narrow it to the node group's security group and the "
        "ports that are needed; removing a rule of your own lasts."
    )
    if any(out.group.key == cluster.security_group for out in telling):
        text += (
            " Leave the group's self rule alone: EKS puts it back at each cluster update. To take nodes "
            "out of its reach for good, name other groups in their launch template's "
            "vpc_security_group_ids."
        )
    return f"{text} Keep tcp 443 from the nodes. {_OPERATORS}"


_THOUGH_443 = "though on tcp 443 alone, which a private endpoint does need from where kubectl uses it"

_FIND_OUT = (
    "Give the inputs what decides (the state or plan that holds these groups and their rules), and see that "
    "the rules admit the cluster's own members and its node groups only, on the ports that are needed."
)

_OPERATORS = (
    "A private endpoint needs tcp 443, and that alone, from the range where kubectl uses it. A range "
    "that is meant belongs under `allowed_cidrs` in .eks-checks.yaml: on tcp 443 alone it is no finding then."
)
