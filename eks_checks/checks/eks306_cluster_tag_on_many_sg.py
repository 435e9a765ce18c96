"""EKS306: more than one group of a node interface carries the cluster's tag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Estate
from eks_checks.aws.group_tags import PREFIX, ClusterTag
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause, KeySet
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES, node_groups
from eks_checks.checks.phrases import capital, decided_by, group_name, listed, open_questions, unique
from eks_checks.findings import Evidence, Severity


@dataclass(frozen=True)
class _Tagged:
    """The groups of one interface that carry the tag of one cluster: surely, and perhaps besides."""

    cluster: Cluster
    at: Evidence
    sure: tuple[tuple[str, ClusterTag], ...]
    maybe: tuple[tuple[str, ClusterTag], ...]
    certain: bool
    causes: tuple[Cause, ...]

    @property
    def verdict(self) -> str:
        if self.certain and len(self.sure) > 1:
            return "fail"
        return "possible" if len(self.sure) + len(self.maybe) > 1 or self.causes else "pass"


@check(
    id="EKS306",
    name="cluster-tag-on-many-sg",
    severity=Severity.MEDIUM,
    summary="More than one security group tagged for the cluster is on a node interface.",
    resource_types=NODE_TYPES,
)
def eks306(view: View) -> Iterator[Outcome]:
    """One outcome per node group: how many groups of one interface have the tag (J4, E1, L5).

    Interfaces of the nodes' pods count too: they are the node's further interfaces (I1, I3).
    """
    pods: dict[str, list[Interface]] = {}
    for interface in view.estate.pods:
        pods.setdefault(interface.resource, []).append(interface)
    for resource, interfaces in node_groups(view.estate):
        carried = {shape.groups for interface in interfaces for shape in interface.shapes}
        own = [each for each in pods.get(resource, ()) if any(s.groups not in carried for s in each.shapes)]
        found = [one for each in (*interfaces, *own) for one in _tagged(view.estate, each)]
        yield _outcome(view.estate, resource, interfaces[0], found)


def _tagged(estate: Estate, interface: Interface) -> Iterator[_Tagged]:
    keys = interface.cluster.keys
    for cluster in (estate.clusters[key] for key in keys if key in estate.clusters):
        its = interface.cluster.exact == cluster.key and (interface.node.surely or interface.kind == "pods")
        certain = its and (interface.certain or interface.kind != "pods")
        doubts = () if certain else (*interface.cluster.causes, *interface.node.causes, *interface.causes)
        tags = estate.particulars.cluster_tags[cluster.key]
        shapes: dict[KeySet, Shape] = {}
        for shape in interface.shapes:
            shapes.setdefault(shape.groups, shape)
        for groups, shape in shapes.items():
            at = _carrier(estate, interface, shape)
            yield _of_groups(cluster, groups, tags, at, () if certain else (doubts or _unsure(interface)))


def _unsure(interface: Interface) -> tuple[Cause, ...]:
    return (Cause(interface.resource, "cluster_name", "whether its nodes are the cluster's is not known"),)


def _carrier(estate: Estate, interface: Interface, shape: Shape) -> Evidence:
    """What puts the groups on the interface."""
    known = (estate.security_groups.get(key) for key in sorted(shape.groups.candidates))
    names = listed(group_name(group) for group in known if group is not None)
    who = "pods of its nodes" if interface.kind == "pods" else "its nodes"
    if shape.origin and shape.origin != interface.resource:
        return Evidence(shape.origin, f"{who} come up with {names}", shape.groups_at)
    return Evidence(interface.resource, f"{who} come up with {names}", shape.groups_at or interface.location)


def _of_groups(
    cluster: Cluster,
    groups: KeySet,
    tags: Mapping[str, ClusterTag],
    at: Evidence,
    doubts: tuple[Cause, ...],
) -> _Tagged:
    sure, maybe = [], []
    causes: list[Cause] = []
    for key in sorted(groups.candidates):
        tag = tags.get(key)
        if tag is None or not tag.carried.possibly:
            continue
        if tag.carried.surely and key in groups.sure:
            sure.append((key, tag))
            continue
        maybe.append((key, tag))
        causes.extend(tag.carried.causes or groups.causes)
    if groups.open:
        unknown = Cause(cluster.resource, "node_security_group_ids", "which groups nodes carry is not known")
        causes.extend(groups.causes or (unknown,))
    enough = len(sure) + len(maybe) > 1 or groups.open
    why = (*causes, *doubts) if enough and (doubts or len(sure) < 2) else ()
    return _Tagged(cluster, at, tuple(sure), tuple(maybe), not doubts, tuple(dict.fromkeys(why)))


def _outcome(estate: Estate, resource: str, first: Interface, found: list[_Tagged]) -> Outcome:
    failing = [one for one in found if one.verdict == "fail"]
    if failing:
        told = unique(_evidence(estate, failing))
        clusters = listed(f"{PREFIX}{one.cluster.name or 'NAME'}" for one in failing)
        names = listed(group_name(estate.security_groups[key]) for one in failing for key, _ in one.sure)
        message = (
            f"{capital(names)} stand on one interface and carry {clusters} each. The load balancer "
            "controller expects exactly one group with the tag there: it registers no target, and opens no "
            "port, for Services and Ingresses whose targets are on these nodes."
        )
        return Outcome(resource, "fail", message, told, _REMEDIATION, location=first.location)
    maybe = [one for one in found if one.verdict == "possible"]
    if not maybe:
        return Outcome(resource, "pass", location=first.location)
    causes = list(dict.fromkeys(cause for one in maybe for cause in one.causes))
    message = (
        "Whether more than one security group with the cluster's tag stands on one interface cannot be told: "
        f"{decided_by(causes)}."
    )
    told = unique([*_evidence(estate, maybe), *open_questions(causes)])
    return Outcome(resource, "possible", message, told, _REMEDIATION, location=first.location)


def _evidence(estate: Estate, found: Iterable[_Tagged]) -> Iterator[Evidence]:
    for one in found:
        name = f"{PREFIX}{one.cluster.name or 'NAME'}"
        yield one.at
        for key, tag in one.sure:
            if key == one.cluster.security_group:
                yield Evidence(tag.holder, f"EKS tags the group that it makes with {name}")
            else:
                group = group_name(estate.security_groups[key])
                yield Evidence(tag.holder, f"{group} carries the tag {name}", attribute=tag.attribute)


_REMEDIATION = (
    "Leave the tag on one group of the nodes only. The cluster security group has it by EKS, which puts it "
    "back: where nodes carry that one, take the tag off the others (in the EKS module "
    'node_security_group_tags = { "kubernetes.io/cluster/NAME" = null }); or keep the cluster group off the '
    "nodes (EKS302; in the module attach_cluster_primary_security_group = false), after giving their own "
    "group the rules it needs."
)
