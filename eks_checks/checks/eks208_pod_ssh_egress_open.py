"""EKS208: no NetworkPolicy in the inputs blocks pod egress to tcp 22, although pods can reach it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from eks_checks.aws.eks import Cluster, WrittenPolicies
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import doubts, subnet_of
from eks_checks.checks.phrases import decided_by, listed, open_questions, subnet_name, unique
from eks_checks.checks.policies import policy_doubts
from eks_checks.checks.ssh_sources import silence
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.mitigation import left_open_on_own_node
from eks_checks.sets import Family, TrafficSet

_SSH = TrafficSet.tcp(22, 22)
_FAMILIES: dict[str, tuple[Family, ...]] = {"ipv4": ("ipv4",), "ipv6": ("ipv6",)}
_NOTHING = WrittenPolicies()


@dataclass(frozen=True)
class _Found:
    """What pods of one cluster reach on tcp 22, no policy surely holding all of them back.

    ``own`` are nodes that the pods on them reach, ``perhaps`` those that may be none of the cluster's, and
    ``others`` answers with pods that reach another node. ``namespaces`` are those that policies leave open.
    """

    own: tuple[Interface, ...]
    perhaps: tuple[Interface, ...]
    others: tuple[Answer, ...]
    namespaces: tuple[str, ...]

    @property
    def makers(self) -> tuple[str, ...]:
        """What creates the nodes that are reached for certain."""
        return tuple(dict.fromkeys((*(n.resource for n in self.own), *(a.resource for a in self.others))))


@check(
    id="EKS208",
    name="pod-ssh-egress-open",
    severity=Severity.LOW,
    summary="No NetworkPolicy in the inputs blocks pod egress to tcp 22, although pods can reach it.",
    resource_types=("aws_eks_cluster",),
)
def eks208(view: View) -> Iterator[Outcome]:
    """One outcome per cluster: pods to their own node, which nothing else stops (I2), and to other nodes."""
    written = view.estate.particulars.written_policies
    for cluster in sorted(view.estate.clusters.values(), key=lambda each: each.resource):
        found = _found(view, cluster)
        yield _outcome(view, cluster, found, written.get(cluster.key, _NOTHING))


def _found(view: View, cluster: Cluster) -> _Found:
    families = _FAMILIES.get(cluster.ip_family, ("ipv4", "ipv6"))
    own: list[Interface] = []
    perhaps: list[Interface] = []
    namespaces: set[str] = set()
    nodes = [node for node in view.estate.node_interfaces() if node.cluster.may_be(cluster.key)]
    for node in nodes:
        open_ = left_open_on_own_node(view.estate, node, families, _SSH)
        if open_ is None:
            continue
        namespaces.update(open_)
        there = not doubts(node) or (not open_ and _somewhere(view, node))
        (own if there and node.cluster.exact == cluster.key else perhaps).append(node)
    mine = {node.resource for node in nodes if node.cluster.exact == cluster.key}
    pods = {each.resource for each in view.estate.everyone if _are_pods_of(cluster, each)}
    others = (a for a in view.ssh if a.resource in mine and _from_pods(a, pods))
    return _Found(tuple(own), tuple(perhaps), tuple(others), tuple(sorted(namespaces)))


def _somewhere(view: View, node: Interface) -> bool:
    """Whether there are such nodes for certain, and only their subnet is not known."""
    return node.node.surely and node.subnet is None and node.resource not in view.estate.uncertain


def _are_pods_of(cluster: Cluster, interface: Interface) -> bool:
    return interface.kind in ("pods", "fargate") and interface.cluster.exact == cluster.key


def _from_pods(answer: Answer, pods: set[str]) -> bool:
    """Whether pods of the cluster surely reach the target, and no policy holds them."""
    return any(
        source.scope == "pods" and source.verdict is Verdict.REACHABLE and not source.mitigated_by
        for source in answer.sources
        if source.resource in pods
    )


def _outcome(view: View, cluster: Cluster, found: _Found, written: WrittenPolicies) -> Outcome:
    subnets = [s for s in map(partial(subnet_of, view.estate), (*found.own, *found.perhaps)) if s is not None]
    undecided = policy_doubts(view.estate, (cluster.key,), subnets)
    sure = bool(found.makers) and not undecided
    if not (found.makers or found.perhaps):
        return Outcome(cluster.resource, "pass", location=cluster.location)
    severity, rating = _rating(view, found, sure=sure)
    causes = [*undecided, *(cause for node in found.perhaps for cause in _causes(node))]
    if not sure:
        message = (
            f"Whether a NetworkPolicy keeps the pods of {cluster.resource} from tcp 22 of the nodes "
            f"cannot be told: {decided_by(causes)}. {_OWN_NODE}{rating}"
        )
        told = (*_of_policies(cluster, found, written), *open_questions(causes))
        return Outcome(
            cluster.resource, "possible", message, unique(told), _REMEDIATION, severity, cluster.location
        )
    message = f"{_state(cluster, found, written)} {_reached(found)} {_OWN_NODE}{rating}"
    told = (*_of_nodes(found), *_of_policies(cluster, found, written))
    return Outcome(cluster.resource, "fail", message, unique(told), _REMEDIATION, severity, cluster.location)


def _state(cluster: Cluster, found: _Found, written: WrittenPolicies) -> str:
    if written.resources:
        where = f" in {listed(map(_namespace, found.namespaces))}" if found.namespaces else ""
        return (
            f"The network policies of the inputs ({listed(written.resources)}) do not keep every pod of "
            f"{cluster.resource}{where} from tcp 22 of the nodes."
        )
    if written.kubernetes:
        return (
            f"No network policy in the inputs keeps the pods of {cluster.resource} from tcp 22 of the nodes."
        )
    return (
        f"No network policy in the inputs keeps the pods of {cluster.resource} from tcp 22 of the nodes: "
        "the inputs hold no Kubernetes object at all, and what is applied elsewhere is not seen."
    )


def _reached(found: _Found) -> str:
    makers = listed(found.makers)
    if not found.others:
        return f"Pods of {makers} reach their own node there, whatever the security groups say."
    others = listed(answer.resource for answer in found.others)
    return (
        f"Pods reach their own node there ({makers}), and other nodes too ({others}; EKS202 names the rules)."
    )


def _of_nodes(found: _Found) -> Iterator[Evidence]:
    subnets: dict[str, list[str]] = {}
    for node in found.own:
        subnets.setdefault(node.resource, []).append(subnet_name(node.subnet))
    for resource, where in subnets.items():
        text = f"pods on these nodes (in {listed(where)}) reach tcp 22 of the node they run on (I2)"
        yield Evidence(resource, text)
    for resource in dict.fromkeys(answer.resource for answer in found.others):
        yield Evidence(resource, "pods on other nodes reach tcp 22 of these nodes, and no policy holds them")


def _of_policies(cluster: Cluster, found: _Found, written: WrittenPolicies) -> Iterator[Evidence]:
    """What policies there are, and what they leave open."""
    if not written.resources:
        if not written.doubts:
            yield Evidence(cluster.resource, "no network policy of the inputs is for this cluster")
        return
    for resource in written.resources:
        where = listed(map(_namespace, found.namespaces))
        left = (
            f"leaves pods in {where} open"
            if where
            else "does not close tcp 22 to every pod, or is not enforced"
        )
        yield Evidence(resource, f"a network policy, which {left}")


def _namespace(name: str) -> str:
    return name or "namespaces whose names are not known"


def _causes(node: Interface) -> tuple[Cause, ...]:
    why = Cause(node.resource, "cluster", "whether these are nodes of the cluster is not known")
    return doubts(node) or node.cluster.causes or (why,)


def _rating(view: View, found: _Found, *, sure: bool) -> tuple[Severity, str]:
    """One step lower where on none of the nodes anything listens."""
    makers = found.makers if sure else (*found.makers, *(node.resource for node in found.perhaps))
    answers: Sequence[Answer] = [answer for answer in view.ssh if answer.resource in makers]
    if not answers or any(answer.listener != "no" for answer in answers):
        return Severity.LOW, ""
    lowered = Severity.LOW.lowered()
    return lowered, f" Rated {lowered.label} instead of {Severity.LOW.label}: {silence(answers)}."


_OWN_NODE = "A pod's traffic to the node it runs on meets no security group and no network ACL."

_REMEDIATION = (
    "Give every namespace, kube-system too, an egress policy that leaves the nodes' ranges out on tcp 22, "
    "and switch on what enforces it: enableNetworkPolicy in the vpc-cni add-on, Calico, or Cilium. One "
    "policy for the whole cluster is simplest (Calico's GlobalNetworkPolicy, Cilium's clusterwide one): deny "
    "tcp 22 to the node subnets, allow the rest. Pods on the host network are exempt. Nodes without an SSH "
    "server (Bottlerocket without a key, Auto Mode) need none of it."
)
