"""EKS209: the kubelet or any other port of a node is reachable from the internet directly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, node_groups
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique, without_name
from eks_checks.checks.ssh_sources import Entry, deciding, missing, targets
from eks_checks.findings import Evidence, Severity
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Verdict
from eks_checks.reach.exposure import Exposure, explained, exposures
from eks_checks.reach.internet import globally_reachable
from eks_checks.reach.targets import KUBELET, NODE_PORTS, READ_ONLY_KUBELET, SSH
from eks_checks.sets import AddressSet, TrafficSet, union_of

_RDP, _LAST = 3389, 65535
_PUBLIC = globally_reachable("ipv4") | globally_reachable("ipv6")
_ASKED = (("tcp", (0, SSH - 1)), ("tcp", (SSH + 1, _LAST)), ("udp", (0, _LAST)))
"""Every port but tcp 22, which is EKS201's."""
_WHOLE = (
    (TrafficSet.tcp(0, SSH - 1) | TrafficSet.tcp(SSH + 1, _LAST), "every tcp port but 22"),
    (TrafficSet.udp(0, _LAST), "every udp port"),
)
_TELLING = (
    (TrafficSet.tcp(KUBELET, KUBELET), "the kubelet's (tcp 10250), which runs commands in every pod"),
    (TrafficSet.tcp(READ_ONLY_KUBELET, READ_ONLY_KUBELET), "its read-only one (tcp 10255)"),
    (TrafficSet.tcp(*NODE_PORTS) | TrafficSet.udp(*NODE_PORTS), "NodePorts of Services (30000-32767)"),
    (TrafficSet.tcp(_RDP, _RDP), "Remote Desktop's (tcp 3389)"),
)


@check(
    id="EKS209",
    name="node-port-from-internet",
    severity=Severity.HIGH,
    summary="The kubelet or any other node port but 22 is reachable from the internet directly.",
    resource_types=NODE_TYPES,
    parameters=("allowed_cidrs",),
)
def eks209(view: View) -> Iterator[Outcome]:
    """One outcome per node group: every tcp and udp port but tcp 22, over both families, latent included."""
    found: dict[str, list[Exposure]] = {}
    for protocol, ports in _ASKED:
        for exposure in exposures(view.reachability, protocol, ports):
            kept = _beyond(view, exposure)
            if kept is not None:
                found.setdefault(exposure.answer.resource, []).append(kept)
    for resource, interfaces in node_groups(view.estate):
        place = next((i.location for i in interfaces if i.location), None)
        yield _outcome(view, resource, place, found.get(resource, []))


def _beyond(view: View, exposure: Exposure) -> Exposure | None:
    """The exposure to clients other than those of ``allowed_cidrs``."""
    allowed = view.settings.allowed_addresses
    source = exposure.source
    if not allowed or source.cidrs is None:
        return exposure
    rest = AddressSet.from_cidrs(source.cidrs) - allowed
    if (rest & _PUBLIC) == (AddressSet.from_cidrs(source.cidrs) & _PUBLIC):
        return exposure
    return replace(exposure, clients=rest.to_cidrs()) if rest & _PUBLIC else None


def _outcome(view: View, resource: str, place: SourceSpan | None, found: Sequence[Exposure]) -> Outcome:
    reachable = [each for each in found if each.source.verdict is Verdict.REACHABLE]
    latent = [each for each in found if each.source.missing]
    telling = reachable or latent or list(found)
    if not telling:
        return Outcome(resource, "pass", location=place)
    parts = [] if view.brief else list(explained(view.reachability, telling))
    unknowns = tuple(dict.fromkeys(u for each in telling for u in each.source.unknowns))
    sure = bool(reachable or latent)
    told = unique([*_evidence(parts), *open_questions(() if sure else unknowns)])
    what = f"{_ports(telling)} of the nodes {targets(Entry(e.answer, e.source) for e in telling)}"
    clients = listed(dict.fromkeys(cidr for each in telling for cidr in each.shown))
    severity = Severity.HIGH
    if reachable:
        via = next((each.source.via for each in telling if each.source.via), "")
        through = f" through {via}" if via else ""
        message = f"The internet ({clients}) reaches {what}{through}.{_called_out(telling)}"
    elif latent:
        severity = severity.lowered()
        lack = missing(Entry(each.answer, each.source) for each in latent)
        message = (
            f"Rules let the internet ({clients}) in to {what}; nothing gets in yet, as {lack}."
            f"{_called_out(telling)} Therefore rated {severity.label} instead of {Severity.HIGH.label}."
        )
    else:
        message = (
            f"Whether the internet reaches {what} cannot be told before apply: {decided_by(unknowns)}."
            f"{_called_out(telling)}"
        )
    verdict = "fail" if sure else "possible"
    return Outcome(resource, verdict, message, told, _REMEDIATION, severity, place)


def _ports(of: Iterable[Exposure]) -> str:
    """``tcp 10250, tcp 30000-32767 and udp 53``; a protocol as a whole in one phrase."""
    traffic = _traffic(of)
    words = []
    for whole, phrase in _WHOLE:
        mine = traffic & whole
        if mine:
            words.append(phrase if mine == whole else mine.describe())
    return listed(words)


def _called_out(of: Iterable[Exposure]) -> str:
    traffic = _traffic(of)
    known = [phrase for port, phrase in _TELLING if not traffic.isdisjoint(port)]
    return f" Among these ports: {listed(known)}." if known else ""


def _traffic(of: Iterable[Exposure]) -> TrafficSet:
    return union_of((each.traffic for each in of), TrafficSet.empty())


def _evidence(parts: Iterable[Exposure]) -> Iterator[Evidence]:
    """Each rule, route and address once, with all it lets in."""
    pieces: dict[tuple[str, str, SourceSpan | None], list[Exposure]] = {}
    for part in parts:
        for hop in deciding(part.source):
            text = without_name(hop.text or hop.rule, hop.resource)
            pieces.setdefault((hop.resource, text, hop.location), []).append(part)
    for (resource, text, location), each in pieces.items():
        word = "would let" if each[0].source.missing else "lets"
        lets = "may let" if each[0].source.verdict is Verdict.POSSIBLE else word
        where = targets(Entry(part.answer, part.source) for part in each)
        yield Evidence(resource, f"{text}: {lets} the internet reach {_ports(each)} {where}", location)


_REMEDIATION = (
    "Take the public ranges out of the inbound rule named, and put the nodes into private subnets (EKS101): "
    "clients come in through a load balancer, so admit NodePorts from its security group or subnets only. "
    "The kubelet (tcp 10250) needs the control plane alone, by the cluster security group or the group "
    "named in the cluster's vpc_config.security_group_ids. Ranges that are meant to get in belong under "
    "`allowed_cidrs` in .eks-checks.yaml."
)
