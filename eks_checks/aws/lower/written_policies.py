"""Which network policies the inputs write for each cluster, and what of them is not known (I8)."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import Cluster, WrittenPolicies
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.cni import belongs, cni_of, configurations_of, kubernetes_of
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.pod_policies import hiding, of_cluster
from eks_checks.kubernetes.cni import flag
from eks_checks.kubernetes.manifest import Contents, Manifest, at, is_set
from eks_checks.kubernetes.policies.egress import AUTO_MODE_KEY, AUTO_MODE_MAP, ENGINE_CHARTS, written
from eks_checks.terraform.value import Choice, Collection, Mapping, Reference, Unknown, Value


def lower_written_policies(run: Lowering, clusters: dict[str, Cluster]) -> dict[str, WrittenPolicies]:
    """Cluster key to what the inputs write for its pods."""
    every = tuple(clusters.values())
    return {cluster.key: _of(run, cluster, every) for cluster in every}


def _of(run: Lowering, cluster: Cluster, clusters: tuple[Cluster, ...]) -> WrittenPolicies:
    everything = kubernetes_of(run)
    mine = of_cluster(run, everything, cluster, clusters)
    policies = written(mine)
    notes = [
        Cause(note.resource, note.attribute, f"may hold network policies: {note.reason}")
        for note in hiding(everything)
        if belongs(run, note.resource, cluster, clusters) is not False
    ]
    doubts = [*notes, *(cause for one in policies for cause in _of_policy(one))]
    if policies or notes:
        doubts.extend(_of_engines(run, mine, cluster, clusters))
    names = tuple(sorted({one.resource for one in policies}))
    return WrittenPolicies(names, tuple(dict.fromkeys(doubts)), bool(mine.manifests or mine.releases))


def _of_policy(one: Manifest) -> Iterator[Cause]:
    """What of one policy is not known: whether it is there, its namespace, or what it says."""
    if not one.certain:
        yield Cause(one.resource, one.attribute, "whether this cluster gets the policy is not known")
    for reason in (*_open(one.at("spec")), *_open(one.at("metadata", "namespace"))):
        yield Cause(one.resource, one.attribute, reason)


def _open(value: Value) -> Iterator[str]:
    """Why parts of a value are not known, in order."""
    if isinstance(value, Unknown):
        yield value.reason
    elif isinstance(value, Reference):
        yield "known after apply"
    elif isinstance(value, Choice):
        yield "one of several values"
    elif isinstance(value, Collection):
        for item in value.items:
            yield from _open(item)
        if not value.exact:
            yield value.open.reason if value.open is not None else "may hold more than is known"
    elif isinstance(value, Mapping):
        for _, item in value.entries:
            yield from _open(item)
        if value.open is not None:
            yield value.open.reason


def _of_engines(
    run: Lowering, mine: Contents, cluster: Cluster, clusters: tuple[Cluster, ...]
) -> Iterator[Cause]:
    """Why something may enforce policies although it is not sure that it does."""
    for one in configurations_of(run, cluster, clusters):
        switch = at(one.values, "enableNetworkPolicy")
        on = flag(switch)
        if is_set(switch) is not False and (on is None or (on and not one.certain)):
            yield Cause(one.resource, "configuration_values", "may switch the CNI's network policies on")
    for release in mine.releases:
        if not release.chart or (release.chart in ENGINE_CHARTS and not release.certain):
            yield Cause(release.resource, "chart", "may bring an engine for network policies")
    for told in mine.of("ConfigMap", ""):
        if told.name == AUTO_MODE_MAP and (not told.certain or any(_open(told.at("data", AUTO_MODE_KEY)))):
            yield Cause(told.resource, told.attribute, "may switch Auto Mode's network policies on")
    cni = cni_of(run, clusters)[cluster.key]
    if cni.branches is not False and cni.policies:
        why = "pods with security groups of their own may be held as well, or not"
        yield Cause(cluster.resource, "", why)
