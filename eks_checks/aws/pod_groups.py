"""Which security groups pods share with their nodes, for EKS304 (I1, I3, I5, H6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Truth


@dataclass(frozen=True)
class Sharing:
    """The pods of one node group: whether they come with groups that its nodes carry.

    ``groups`` are those that both carry, as far as told; ``shape`` is the pods' interface that shows it.
    """

    resource: str
    shared: Truth
    groups: tuple[str, ...] = ()
    shape: Shape | None = None


class PodGroups:
    """The pods of one estate by what makes their nodes."""

    def __init__(self, estate: Estate) -> None:
        """Index nodes and pods."""
        self._nodes: dict[str, list[Interface]] = {}
        self._pods: dict[str, list[Interface]] = {}
        for interface in estate.node_interfaces():
            self._nodes.setdefault(interface.resource, []).append(interface)
        for interface in estate.pods:
            # Fargate pods are on no node of the inputs.
            if interface.resource in self._nodes:
                self._pods.setdefault(interface.resource, []).append(interface)

    def of(self, cluster: Cluster) -> Iterator[Sharing]:
        """One for each thing that makes nodes of the cluster, or may, in order of its address."""
        for resource in sorted(self._pods):
            nodes = [node for node in self._nodes[resource] if node.cluster.may_be(cluster.key)]
            if nodes:
                found = self._sharing(resource, cluster.security_group)
                its = all(node.cluster.exact == cluster.key and node.node.surely for node in nodes)
                yield found if its else _doubtful(found, nodes)

    def _sharing(self, resource: str, cluster_group: str) -> Sharing:
        """Where some pods surely come with groups of their own, the cluster is set up for that."""
        carried = [shape.groups for node in self._nodes[resource] for shape in node.shapes if shape.primary]
        judged = [
            (pods, shape, _common(shape.groups, carried, cluster_group))
            for pods in self._pods[resource]
            for shape in pods.shapes
        ]
        if any(pods.certain and shared.value is False for pods, _, shared in judged):
            return Sharing(resource, NO)
        likely = sorted(
            ((pods, shape, shared) for pods, shape, shared in judged if shared.possibly),
            key=lambda each: (not each[2].surely, not each[0].certain),
        )
        if not likely:
            return Sharing(resource, NO)
        _, shape, _ = likely[0]
        groups = tuple(sorted(shape.groups.sure & frozenset().union(*(each.sure for each in carried))))
        if all(one.surely for _, _, one in judged):
            # Whichever of these networks the pods get.
            return Sharing(resource, YES, groups, shape)
        causes = (c for i, _, one in judged for c in (*one.causes, *(() if i.certain else i.causes)))
        fallback = (Cause(resource, "labels", "which network its pods get is not known"),)
        return Sharing(resource, Truth(None, tuple(dict.fromkeys(causes)) or fallback), groups, shape)


def _common(pods: KeySet, nodes: list[KeySet], cluster_group: str) -> Truth:
    """Whether pods with these groups come as some kind of their nodes does: with nothing of their own.

    The cluster group is nobody's own: beside a node's group it sets pods apart from nothing.
    """
    found = [_as(pods, node, cluster_group) for node in nodes]
    if any(one.surely for one in found):
        return YES
    unclear = [cause for one in found if one.value is None for cause in one.causes]
    return Truth(None, tuple(dict.fromkeys(unclear))) if any(o.value is None for o in found) else NO


def _as(pods: KeySet, node: KeySet, cluster_group: str) -> Truth:
    if pods == node:
        return YES
    own = pods.sure - node.candidates - {cluster_group}
    if (own and not node.open) or not (pods.open or node.open or pods.candidates & node.candidates):
        return NO
    if pods.exact and pods.sure <= node.sure | {cluster_group} and pods.sure & node.sure:
        return YES
    return Truth(None, tuple(dict.fromkeys((*pods.causes, *node.causes))))


def _doubtful(found: Sharing, nodes: list[Interface]) -> Sharing:
    """The same of nodes that may not be nodes, or be another cluster's."""
    if found.shared.value is False:
        return found
    why = (cause for node in nodes for cause in (*node.node.causes, *node.cluster.causes))
    causes = tuple(dict.fromkeys((*found.shared.causes, *why)))
    fallback = (Cause(found.resource, "cluster_name", "whether its nodes are the cluster's is not known"),)
    return Sharing(found.resource, Truth(None, causes or fallback), found.groups, found.shape)
