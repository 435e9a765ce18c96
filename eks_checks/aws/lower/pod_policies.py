"""The network policies that surely hold for the pods of each group of nodes (I8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.eks import Cluster
from eks_checks.aws.interface import Interface
from eks_checks.aws.lower.cni import belongs, cni_of, configurations_of, kubernetes_of
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.nodes import Scene
from eks_checks.kubernetes.cni import enforces_policies
from eks_checks.kubernetes.helm import RAW_CHARTS
from eks_checks.kubernetes.manifest import Contents, Unread, text
from eks_checks.kubernetes.policies.egress import PodEgress, auto_mode_enforces, pod_egress
from eks_checks.kubernetes.reading import OBJECTS, TEXTS

ADDON_NAMESPACES = {
    "adot": "opentelemetry-operator-system",
    "amazon-cloudwatch-observability": "amazon-cloudwatch",
    "aws-guardduty-agent": "amazon-guardduty",
    "cert-manager": "cert-manager",
    "external-dns": "external-dns",
}
"""Add-ons that bring a namespace of their own; the others are in ``kube-system``."""
_MANIFESTS = (*OBJECTS.values(), *TEXTS.values())


def lower_pod_policies(run: Lowering, scene: Scene) -> dict[str, PodEgress]:
    """What makes nodes, to the policies for their pods; without an entry nothing surely holds these."""
    found: dict[str, PodEgress] = {}
    made: dict[tuple[str, bool], PodEgress] = {}
    for pods in scene.pods:
        key = pods.cluster.exact
        if key is None or key not in scene.clusters or pods.resource in found:
            continue
        if not _kept_by_policies(run, scene, pods):
            continue
        auto = pods.resource in scene.auto_pods
        if (key, auto) not in made:
            made[key, auto] = _egress(run, scene, scene.clusters[key], auto=auto)
        if not made[key, auto].idle:
            found[pods.resource] = made[key, auto]
    return found


def _kept_by_policies(run: Lowering, scene: Scene, pods: Interface) -> bool:
    """Whether policies hold for every pod there: not on Windows, nor perhaps on a branch interface."""
    if any(group.windows.possibly for group in scene.node_groups if group.resource == pods.resource):
        return False
    cni = cni_of(run, scene.clusters.values())[pods.cluster.exact or ""]
    return cni.branches is False or not cni.policies


def _egress(run: Lowering, scene: Scene, cluster: Cluster, *, auto: bool) -> PodEgress:
    clusters = tuple(scene.clusters.values())
    everything = kubernetes_of(run)
    if any(hiding(everything)):
        return PodEgress()
    mine = of_cluster(run, everything, cluster, clusters)
    own = configurations_of(run, cluster, clusters)
    engine = auto_mode_enforces(mine) if auto else enforces_policies(own)
    versions = {one.version for one in own if one.version is not None}
    version = versions.pop() if len(versions) == 1 else None
    return pod_egress(mine, engine, version, _addon_namespaces(run, cluster))


def hiding(found: Contents) -> Iterator[Unread]:
    """The texts that are not read and may bring policies, which let more through or hold more back."""
    raw = {one.resource for one in found.releases if one.chart in RAW_CHARTS}
    for note in found.unread:
        if note.attribute.startswith("values.") or note.attribute in _MANIFESTS or note.resource in raw:
            yield note


def of_cluster(run: Lowering, found: Contents, cluster: Cluster, clusters: tuple[Cluster, ...]) -> Contents:
    """The objects that are the cluster's, or may be: what is not sure may allow, and stops nothing."""
    holders = {*(one.resource for one in found.manifests), *(one.resource for one in found.releases)}
    whose = {key: belongs(run, key, cluster, clusters) for key in holders}
    return Contents(
        tuple(
            replace(one, certain=one.certain and whose[one.resource] is True)
            for one in found.manifests
            if whose[one.resource] is not False
        ),
        tuple(
            replace(one, certain=one.certain and whose[one.resource] is True)
            for one in found.releases
            if whose[one.resource] is not False
        ),
        found.unread,
    )


def _addon_namespaces(run: Lowering, cluster: Cluster) -> tuple[str, ...]:
    found = []
    for addon in run.world.resources("aws_eks_addon"):
        named = run.identity.find(addon.value("cluster_name"), "cluster", addon.key, "cluster_name")
        namespace = ADDON_NAMESPACES.get(text(addon.value("addon_name")))
        if namespace is not None and named.may_be(cluster.key):
            found.append(namespace)
    return tuple(found)
