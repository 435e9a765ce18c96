"""EKS201: some internet address reaches a node's tcp 22 directly."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES
from eks_checks.checks.phrases import capital, decided_by
from eks_checks.checks.ssh_sources import Entries, entries, missing, outcome, targets, who
from eks_checks.findings import Severity
from eks_checks.reach.answer import Answer, Source


@check(
    id="EKS201",
    name="node-ssh-from-internet",
    severity=Severity.CRITICAL,
    summary="Some internet address reaches a node's tcp 22 directly, all layers counted.",
    resource_types=NODE_TYPES,
)
def eks201(view: View) -> Iterator[Outcome]:
    """One outcome per node group: effective reach from the internet over both families, latent included."""
    for found in entries(view, _select):
        yield outcome(found, Severity.CRITICAL, _message(found), _REMEDIATION)


def _select(_: Answer, source: Source) -> Source | None:
    return source if source.scope == "internet" else None


def _message(found: Entries) -> str:
    at = f"tcp 22 of the nodes {targets(found.telling)}"
    if found.reachable:
        via = next((e.source.via for e in found.reachable if e.source.via), "")
        through = f" through {via}" if via else ""
        return (
            f"{capital(who(found.reachable))} reaches {at}{through}: "
            "whoever holds or guesses a way into SSH holds the node and every pod on it."
        )
    if found.latent:
        return f"Rules let {who(found.latent)} in to {at}; nothing gets in yet, as {missing(found.latent)}."
    return f"Whether the internet reaches {at} cannot be told before apply: {decided_by(found.unknowns)}."


_REMEDIATION = (
    "Remove tcp 22 from 0.0.0.0/0 and ::/0 (and any other public range) in the inbound rule named, and "
    "put the nodes into private subnets. To log in, use Session Manager, or admit 22 from a bastion's "
    "security group only. For remote_access, which opens 22 by itself, set source_security_group_ids or "
    "remove the block: either replaces the node group."
)
