"""EKS210: tcp 22 of a node is reachable through a load balancer or an Instance Connect Endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES
from eks_checks.checks.phrases import decided_by, listed
from eks_checks.checks.ssh_sources import Entries, Entry, entries, outcome, targets
from eks_checks.findings import Severity
from eks_checks.reach.answer import Answer, Source
from eks_checks.sets import AddressSet

_BALANCER, _TUNNEL = "load_balancer", "instance_connect_endpoint"


@check(
    id="EKS210",
    name="node-ssh-via-service",
    severity=Severity.HIGH,
    summary="A node's tcp 22 is reachable through a load balancer or an Instance Connect Endpoint.",
    resource_types=NODE_TYPES,
)
def eks210(view: View) -> Iterator[Outcome]:
    """One outcome per node group: listeners, accelerators and endpoints that lead to tcp 22 (M8, I12).

    What is declared as a bastion, and clients from bastions' ranges, are meant.
    """
    for found in entries(view, partial(_select, view)):
        yield outcome(found, Severity.HIGH, _message(found), _remediation(found))


def _select(view: View, _: Answer, source: Source) -> Source | None:
    if source.scope not in (_BALANCER, _TUNNEL):
        return None
    if view.is_bastion(source.resource, source.cidrs or ()):
        return None
    meant = view.settings.bastion_addresses
    if not (source.cidrs and meant):
        return source
    return replace(source, cidrs=(AddressSet.from_cidrs(source.cidrs) - meant).to_cidrs())


def _message(found: Entries) -> str:
    at = f"tcp 22 of the nodes {targets(found.telling)}"
    ways = _ways(found.telling)
    if not found.reachable:
        return f"Whether {ways} to {at} cannot be told before apply: {decided_by(found.unknowns)}."
    through = " ".join(_WHY[scope] for scope in (_BALANCER, _TUNNEL) if _of(found.telling, scope))
    return f"There is a way to {at}: {ways}. {through}"


def _ways(of: Iterable[Entry]) -> str:
    """``aws_lb.shell hands clients from 0.0.0.0/0 on from its port 2222``, for each service."""
    shown: dict[tuple[str, str], dict[str, None]] = {}
    for entry in of:
        source = entry.source
        ports = [hop.rule.partition(" to ")[0] for hop in source.path if hop.layer == "forward"]
        taken = f" on its port {ports[0]}" if ports and ports[0].isdigit() else ""
        key = (source.scope, f"{source.resource}{taken}")
        shown.setdefault(key, {}).update(dict.fromkeys(source.cidrs or source.cidrs_of))
    return listed(_way(scope, name, tuple(clients)) for (scope, name), clients in shown.items())


def _way(scope: str, name: str, clients: tuple[str, ...]) -> str:
    if scope == _TUNNEL:
        return f"{name} opens tunnels for whomever IAM permits"
    return f"{name} hands on clients from {listed(clients)}" if clients else f"{name} hands on its clients"


def _of(of: Iterable[Entry], scope: str) -> bool:
    return any(entry.source.scope == scope for entry in of)


_WHY = {
    _BALANCER: (
        "Through a load balancer nodes take in SSH without a public address or a route to the internet "
        "of their own."
    ),
    _TUNNEL: (
        "Through the endpoint everybody with ec2-instance-connect:OpenTunnel gets to the nodes' SSH server, "
        "from anywhere, past every bastion."
    ),
}


def _remediation(found: Entries) -> str:
    parts = [_FIX[scope] for scope in (_BALANCER, _TUNNEL) if _of(found.telling, scope)]
    return " ".join([*parts, _GENERAL])


_FIX = {
    _BALANCER: (
        "Remove the listener, or the target group and its attachment, that leads to tcp 22, and admit the "
        "load balancer's security group or subnets on the Services' NodePorts only."
    ),
    _TUNNEL: (
        "Leave the endpoint's security group out of the nodes' inbound rules (or narrow the endpoint's own "
        "outbound rules to the hosts it is for), and let IAM permit OpenTunnel to those hosts only."
    ),
}

_GENERAL = (
    "To log in to nodes use Session Manager. An endpoint or balancer that is the way in on purpose belongs "
    "under `bastions` in .eks-checks.yaml, by its address."
)
