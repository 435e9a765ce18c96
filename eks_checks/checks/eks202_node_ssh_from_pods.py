"""EKS202: pods on another node reach a node's tcp 22, and no NetworkPolicy stops them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES
from eks_checks.checks.phrases import capital, decided_by
from eks_checks.checks.policies import policy_doubts
from eks_checks.checks.ssh_sources import Entries, deciding, entries, missing, outcome, targets, who
from eks_checks.findings import Severity
from eks_checks.reach.answer import Answer, Source, UnknownValue, Verdict


@check(
    id="EKS202",
    name="node-ssh-from-pods",
    severity=Severity.MEDIUM,
    summary="Pods on another node reach a node's tcp 22, and no NetworkPolicy stops them.",
    resource_types=NODE_TYPES,
)
def eks202(view: View) -> Iterator[Outcome]:
    """One outcome per node group: pods as the CNI makes them (I1-I9), without those that policies hold."""
    for found in entries(view, partial(_select, view)):
        yield outcome(found, Severity.MEDIUM, f"{_message(found)} {_OWN_NODE}", _remediation(found))


def _select(view: View, answer: Answer, source: Source) -> Source | None:
    """Pods that no policy surely holds; only possible where one may."""
    if source.scope != "pods" or source.mitigated_by:
        return None
    if source.verdict is not Verdict.REACHABLE:
        return source
    estate = view.estate
    clusters = {key for pods in estate.pods if pods.resource == source.resource for key in pods.cluster.keys}
    subnets = [subnet for subnet in estate.subnets.values() if answer.subnet in (subnet.resource, subnet.key)]
    doubts = policy_doubts(estate, sorted(clusters), subnets)
    if not doubts:
        return source
    unknowns = tuple(UnknownValue(one.resource, one.attribute, one.reason) for one in doubts)
    return replace(source, verdict=Verdict.POSSIBLE, unknowns=unknowns)


def _message(found: Entries) -> str:
    at = f"tcp 22 of the nodes {targets(found.telling)}"
    if found.reachable:
        return (
            f"{capital(who(found.reachable))} reach {at}: "
            "code that runs in any pod there can attack the nodes' SSH server and, by it, the pods beside it."
        )
    if found.latent:
        return f"Rules let {who(found.latent)} in to {at}; nothing gets in yet, as {missing(found.latent)}."
    return f"Whether pods reach {at} cannot be told before apply: {decided_by(found.unknowns)}."


_OWN_NODE = (
    "A pod's traffic to the node it runs on meets no security group and no network ACL at all: "
    "only a NetworkPolicy, the host's firewall or a node without an SSH server stops that."
)


def _remediation(found: Entries) -> str:
    """What to change follows the rules that decide: EKS's own group must come off, one's own is narrowed."""
    hops = {hop for entry in found.telling for hop in deciding(entry.source)}
    rules = [hop for hop in hops if hop.layer == "security_group"]
    by_eks = any("the cluster security group" in hop.text for hop in rules)
    own = not by_eks or any(not hop.implicit for hop in rules)
    return " ".join(part for part in (_OWN_RULE * own, _CLUSTER_GROUP * by_eks, _NEEDED) if part)


_OWN_RULE = (
    "Narrow the inbound rule named: by default pods send from their node's subnet with their node's groups, "
    "so a range that covers a node subnet, or a group that nodes carry, lets them in. Admit tcp 22 from the "
    "bastion's security group or subnet only, and not by a rule for all ports."
)

_CLUSTER_GROUP = (
    "Keep the cluster security group off the nodes: give the node group a launch template whose "
    "vpc_security_group_ids name your own groups without it (EKS restores that group's self rule, so "
    "deleting the rule does not last)."
)

_NEEDED = (
    "Let nodes talk to each other on tcp 1025-65535 and tcp and udp 53, and let the control plane reach "
    "10250 and the webhooks' ports: 22 is in none of these. A NetworkPolicy that denies egress to the nodes "
    "on 22 covers a pod's own node as well, where its engine filters that (EKS208)."
)
