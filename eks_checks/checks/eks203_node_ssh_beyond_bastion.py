"""EKS203: sources other than declared bastions and the cluster's own reach tcp 22."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.kinship import Kinship
from eks_checks.checks.nodes import NODE_TYPES
from eks_checks.checks.phrases import capital, decided_by
from eks_checks.checks.ssh_sources import Entries, entries, missing, outcome, reach_verb, targets, who
from eks_checks.findings import Severity
from eks_checks.reach.answer import Answer, Source, UnknownValue, Verdict
from eks_checks.sets import AddressSet

_ADDRESSES = frozenset({"vpc", "peering", "transit_gateway", "vpn", "client_vpn"})
_INTERFACES = frozenset({"interface", "pods", "control_plane"})


@check(
    id="EKS203",
    name="node-ssh-beyond-bastion",
    severity=Severity.MEDIUM,
    summary="Sources other than declared bastions and the cluster's own reach a node's tcp 22.",
    resource_types=NODE_TYPES,
    parameters=("bastions",),
)
def eks203(view: View) -> Iterator[Outcome]:
    """One outcome per node group: who reaches 22 from inside or a joined network without being meant to.

    The internet is EKS201's; the cluster's own control plane counts as the cluster's own.
    """
    own = Kinship.of(view.estate)
    for found in entries(view, partial(_beyond, view, own)):
        declared = bool(view.settings.bastions)
        yield outcome(found, Severity.MEDIUM, _message(found, declared=declared), _REMEDIATION)


def _beyond(view: View, own: Kinship, answer: Answer, source: Source) -> Source | None:
    """The source without what is meant to get in; only possible where it may be the cluster's own."""
    if view.is_bastion(source.resource, source.cidrs or ()):
        return None
    if source.scope in _ADDRESSES:
        return _without_bastions(view, source)
    kin = own.same(answer.resource, source.resource) if source.scope in _INTERFACES else True
    if kin is None and source.verdict is Verdict.REACHABLE:
        effect = f"whether {source.resource} belongs to the same cluster"
        unknown = UnknownValue(source.resource, "cluster", effect)
        return replace(source, verdict=Verdict.POSSIBLE, unknowns=(unknown,))
    return None if kin else source


def _without_bastions(view: View, source: Source) -> Source:
    meant = view.settings.bastion_addresses
    if not (source.cidrs and meant):
        return source
    return replace(source, cidrs=(AddressSet.from_cidrs(source.cidrs) - meant).to_cidrs())


def _message(found: Entries, *, declared: bool) -> str:
    at = f"tcp 22 of the nodes {targets(found.telling)}"
    hint = "" if declared else " No bastion is declared in the configuration."
    if found.reachable:
        return (
            f"{capital(who(found.reachable))} {reach_verb(found.telling)} {at} "
            f"without being a declared bastion: whatever is taken over there can go on to the nodes.{hint}"
        )
    if found.latent:
        lack = missing(found.latent)
        return f"Rules let {who(found.latent)} in to {at}; nothing gets in yet, as {lack}.{hint}"
    return (
        f"Whether {who(found.possible)} {reach_verb(found.telling)} {at} cannot be told before apply: "
        f"{decided_by(found.unknowns)}.{hint}"
    )


_REMEDIATION = (
    "Narrow the inbound rule named to the bastion's security group or subnet, and declare the bastion "
    "under `bastions` in .eks-checks.yaml (a resource address pattern or a CIDR); or remove 22 and log in "
    "with Session Manager. Where the rule is one for all ports, replace it by the ports that are needed: "
    "10250 and the webhooks' ports from the control plane, 1025-65535 and 53 among nodes, the "
    "applications' own."
)
