"""EKS403: a network ACL or security group denies what EKS itself needs of the nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, doubts, node_groups
from eks_checks.checks.phrases import capital, decided_by, listed, open_questions, unique, verdict_of
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.needs import LINUX_PORTS, WINDOWS_PORTS, Denial, Need, Passage, Passages
from eks_checks.reach.service_egress import ServiceEgress
from eks_checks.sets import Family

_SHOWN = 3


@dataclass(frozen=True)
class _Pair:
    """One host and one peer that need each other."""

    host: Interface
    peer: Interface
    passage: Passage


@dataclass(frozen=True)
class _Said:
    """What is said of one need of one group of nodes: ``what`` they need, and what follows without it.

    ``by`` has what denies it, each with whom the nodes do not get together with (empty: the services).
    """

    verdict: str
    what: str
    then: str
    by: tuple[tuple[Denial, str], ...] = ()
    causes: tuple[Cause, ...] = ()


@check(
    id="EKS403",
    name="nodes-cut-off",
    severity=Severity.MEDIUM,
    summary="A network ACL or security group denies what EKS itself needs: 443, 10250, 53, replies.",
    resource_types=NODE_TYPES,
)
def eks403(view: View) -> Iterator[Outcome]:
    """One outcome per group of nodes (J1, J3): API on 443, kubelet on 10250, DNS on 53, the services on 443.

    Every client port that nodes use must get its reply (B4, B9, B10). Where EKS or the scheduler chooses
    the other end, it fails if whichever they choose leaves some node out.
    """
    needs = _Needs(view)
    for resource, interfaces in node_groups(view.estate):
        yield _outcome(resource, interfaces, list(needs.of(resource, interfaces)))


class _Needs:
    """What nodes need, asked of one estate."""

    def __init__(self, view: View) -> None:
        self._estate = view.estate
        self._passages = Passages(view.reachability)
        self._services = ServiceEgress(view.reachability)

    def of(self, resource: str, interfaces: Sequence[Interface]) -> Iterator[_Said]:
        clients = self._clients(resource)
        for key in sorted({key for interface in interfaces for key in interface.cluster.keys}):
            cluster = self._estate.clusters.get(key)
            if cluster is not None:
                mine = [each for each in interfaces if key in each.cluster.keys]
                found = self._in_cluster(resource, cluster, mine, clients)
                yield from (_of_cluster(said, mine) for said in found)
        untold = [each.cluster for each in interfaces if each.cluster.open or not each.cluster.keys]
        if untold:
            why = Cause(resource, "cluster_name", "its cluster is in none of the inputs")
            causes = tuple(cause for link in untold for cause in link.causes)
            yield _Said(
                "possible", "tcp 443 and 10250 between them and the control plane", "", (), causes or (why,)
            )
        yield self._outward(interfaces, Need("tcp", 443, clients))

    def _clients(self, resource: str) -> tuple[int, int]:
        """The client ports of the nodes' system; what both systems use where it is not told which."""
        windows = [each.windows for each in self._estate.node_groups if each.resource == resource]
        if windows and all(truth.surely for truth in windows):
            return WINDOWS_PORTS
        if any(truth.possibly for truth in windows):
            return (WINDOWS_PORTS[0], LINUX_PORTS[1])
        return LINUX_PORTS

    def _in_cluster(
        self, resource: str, cluster: Cluster, hosts: Sequence[Interface], clients: tuple[int, int]
    ) -> Iterator[_Said]:
        plane = [
            each
            for each in self._estate.interfaces
            if each.kind == "control_plane" and each.cluster.exact == cluster.key
        ]
        families = _families(cluster)
        if cluster.endpoint.private.possibly:
            api = Need("tcp", 443, clients)
            pairs = [_Pair(h, p, self._passages.of(h, p, api, families)) for h in hosts for p in plane]
            what = f"{api} to the control plane of {cluster.resource}"
            yield _doubted(
                _said(pairs, what, "they do not join the cluster, or are lost to it", _PLACED),
                cluster.endpoint.private,
            )
        kubelet = Need("tcp", 10250)
        pairs = [_Pair(h, p, self._passages.of(p, h, kubelet, families)) for h in hosts for p in plane]
        what = f"{kubelet} from the control plane of {cluster.resource}"
        yield _said(pairs, what, "no logs, no exec, no metrics of what runs there", _PLACED)
        yield from self._names(resource, cluster, clients)

    def _names(self, resource: str, cluster: Cluster, clients: tuple[int, int]) -> Iterator[_Said]:
        """Pods ask CoreDNS, which runs on some nodes; nodes themselves ask the VPC's resolver (A12)."""
        pods = [p for p in self._estate.pods if cluster.key in p.cluster.keys]
        fargate = (
            i for i in self._estate.interfaces if i.kind == "fargate" and cluster.key in i.cluster.keys
        )
        servers = [*pods, *fargate]
        asking = [each for each in pods if each.resource == resource]
        families: tuple[Family, ...] = ("ipv6",) if cluster.ip_family == "ipv6" else ("ipv4",)
        for need in (Need("udp", 53, clients), Need("tcp", 53, clients)):
            pairs = [
                _Pair(host, peer, self._passages.of(host, peer, need, families))
                for host in asking
                for peer in servers
                if peer is not host or host.many
            ]
            what = f"{need} to the pods of {cluster.resource} that resolve names"
            then = _NO_NAMES if need.protocol == "udp" else _SHORT_ANSWERS
            said = _said(pairs, what, then, _SCHEDULED)
            yield said
            if said.verdict != "pass":
                return  # tcp as well would be the same story twice

    def _outward(self, interfaces: Sequence[Interface], need: Need) -> _Said:
        what, then = "tcp 443 to the AWS services", "no images and no credentials: nodes do not come up"
        told = [(each, self._services.of(each, need)) for each in interfaces]
        sure = [passage for each, passage in told if passage.denied.surely and not doubts(each)]
        maybe = [(each, passage) for each, passage in told if passage.denied.possibly]
        if sure:
            return _Said("fail", what, then, tuple((d, "") for passage in sure for d in passage.by))
        causes = tuple(c for each, p in maybe for c in (*p.denied.causes, *doubts(each)))
        by = tuple((d, "") for _, passage in maybe for d in passage.by)
        return _Said("possible" if maybe else "pass", what, then, by, causes)


def _families(cluster: Cluster) -> tuple[Family, ...]:
    return ("ipv4",) if cluster.ip_family == "ipv4" else ("ipv4", "ipv6")


_NO_NAMES = "pods there resolve no names"
_SHORT_ANSWERS = "answers that are too long for udp are lost"
_PLACED = "vpc_config[0].subnet_ids", "in which of these subnets EKS puts its interfaces is its choice"
_SCHEDULED = "taint", "on which nodes CoreDNS runs is not in the inputs"


def _said(pairs: Sequence[_Pair], what: str, then: str, choice: tuple[str, str]) -> _Said:
    """``fail`` where some node is surely denied whichever peer it is, ``possible`` where one may be."""
    denied = [pair for pair in pairs if pair.passage.denied.surely]
    sure = [pair for pair in denied if _there(pair.host)]
    peers = {id(pair.peer) for pair in pairs}
    if peers and {id(pair.peer) for pair in sure} == peers:
        return _Said("fail", what, then, _by(sure))
    maybe = [pair for pair in pairs if pair.passage.denied.possibly]
    causes = dict.fromkeys(cause for pair in maybe for cause in pair.passage.denied.causes)
    for pair in denied:
        causes |= dict.fromkeys(pair.host.causes if not _there(pair.host) else ())
        attribute, why = choice
        where = "selector" if pair.peer.kind == "fargate" else attribute
        causes[Cause(pair.peer.resource, where, why)] = None
    return _Said("possible" if maybe else "pass", what, then, _by(maybe), tuple(causes))


def _by(pairs: Sequence[_Pair]) -> tuple[tuple[Denial, str], ...]:
    found = ((denial, _other(pair)) for pair in pairs for denial in pair.passage.by)
    return tuple(dict.fromkeys(found))


def _other(pair: _Pair) -> str:
    """Whom the host does not get together with; the need itself names the control plane."""
    peer = pair.peer
    if peer.kind == "control_plane":
        return ""
    who = "its own other nodes" if peer.resource == pair.host.resource else peer.resource
    return f"pods of {who}"


def _there(host: Interface) -> bool:
    """Whether such a node, or its pods, are surely there."""
    return host.certain and (host.kind == "pods" or host.node.surely)


def _of_cluster(said: _Said, hosts: Sequence[Interface]) -> _Said:
    """The same of nodes of which some are surely the cluster's, or not."""
    if said.verdict != "fail" or any(each.cluster.exact and _there(each) for each in hosts):
        return said
    causes = tuple(cause for each in hosts for cause in (*each.cluster.causes, *doubts(each)))
    return _Said("possible", said.what, said.then, said.by, causes)


def _doubted(said: _Said, there: Truth) -> _Said:
    """The same of an endpoint that may not be there."""
    if said.verdict != "fail" or there.surely:
        return said
    return _Said("possible", said.what, said.then, said.by, there.causes)


def _outcome(resource: str, interfaces: Sequence[Interface], said: list[_Said]) -> Outcome:
    location = interfaces[0].location
    verdict = verdict_of(each.verdict for each in said)
    if verdict == "pass":
        return Outcome(resource, "pass", location=location)
    telling = [each for each in said if each.verdict == verdict]
    needs = listed(each.what for each in telling)
    causes = [cause for each in telling for cause in each.causes]
    if verdict == "fail":
        then = "; ".join(dict.fromkeys(each.then for each in telling))
        message = f"Nodes of {resource} are cut off from what EKS needs: {needs}. {capital(then)}."
    else:
        message = (
            f"Whether nodes of {resource} get what EKS needs cannot be told: {needs}; {decided_by(causes)}."
        )
    severity = Severity.MEDIUM
    if all(each.then == _SHORT_ANSWERS for each in telling):
        severity = Severity.LOW
        message += " Rated low instead of medium: over udp names are resolved."
    told = unique([*(item for each in telling for item in _evidence(each)), *open_questions(causes)])
    return Outcome(resource, verdict, message, told, _REMEDIATION, severity, location)


def _evidence(said: _Said) -> Iterator[Evidence]:
    """Each rule, entry or list that denies, with all those it keeps the nodes from."""
    others: dict[Denial, list[str]] = {}
    for denial, other in said.by:
        others.setdefault(denial, []).append(other)
    for denial, whom in others.items():
        between = f" ({listed(whom)})" if any(whom) else ""
        yield Evidence(denial.resource, f"{said.what}: {denial.text}{between}", denial.location)


_REMEDIATION = (
    "Let through what is named, by rules of the nodes' own group: outbound tcp 443 (control plane, services) "
    "and tcp and udp 53; inbound tcp 10250 from the control plane's group, tcp and udp 53 from the group "
    "itself. In a network ACL allow the same, and the replies on tcp and udp 1024-65535 both ways, since it "
    "keeps no state; a denial of tcp 22 with a lower number stays and harms none of this. Webhooks need "
    "their own ports."
)
