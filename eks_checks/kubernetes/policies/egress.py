"""What of a cluster's policies surely keeps pods from nodes, by the engines that enforce them (I8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from eks_checks.kubernetes.manifest import Contents, Manifest, Release, at, is_set, text
from eks_checks.kubernetes.policies import calico, cilium, standard, tiered
from eks_checks.kubernetes.policies.rules import Asked, Policy, held
from eks_checks.sets import Bounds, TrafficSet
from eks_checks.terraform.value import is_null

SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
"""Those of every cluster."""
SOMEWHERE = ""
"""Stands for a namespace whose name is not known: only policies for all namespaces concern it."""
AUTO_MODE_MAP, AUTO_MODE_KEY = "amazon-vpc-cni", "enable-network-policy-controller"
_TIERED_SINCE = (1, 21)
_CALICO_CHARTS = ("tigera-operator", "calico", "aws-calico")
ENGINE_CHARTS = (*_CALICO_CHARTS, "cilium")
"""Charts that bring an engine for policies."""
_CLUSTER_WIDE_KINDS = ("Namespace", "GlobalNetworkPolicy", "CiliumClusterwideNetworkPolicy", *tiered.KINDS)
_NAMED_BY_GROUP = (
    "crd.k8s.amazonaws.com",
    "karpenter.sh",
    "karpenter.k8s.aws",
    "eks.amazonaws.com",
    "operator.tigera.io",
    "storage.k8s.io",
    "apiextensions.k8s.io",
    "rbac.authorization.k8s.io",
    "admissionregistration.k8s.io",
    "scheduling.k8s.io",
)
"""API groups whose objects are in no namespace, or tell of none that has pods."""


@dataclass(frozen=True)
class PodEgress:
    """The policies of one cluster, by engine, and the namespaces that its pods are in."""

    engines: tuple[tuple[Policy, ...], ...] = ()
    namespaces: tuple[str, ...] = ()

    def held(self, asked: Asked) -> tuple[str, ...]:
        """The resources of the policies that surely stop the packets from every pod; else none."""
        found: set[str] = set()
        for namespace in self.namespaces:
            stopping = self._stopping(namespace, asked)
            if not stopping:
                return ()
            found.update(stopping)
        return tuple(sorted(found))

    def left_open(self, asked: Asked) -> tuple[str, ...]:
        """The namespaces some pod of which surely sends the packets, as far as policies are known."""
        return tuple(namespace for namespace in self.namespaces if not self._stopping(namespace, asked))

    def _stopping(self, namespace: str, asked: Asked) -> tuple[str, ...]:
        return next((s for s in (held(one, namespace, asked) for one in self.engines) if s), ())

    def traffics(self) -> Iterator[Bounds[TrafficSet]]:
        """What the rules match: between their edges no port is told from another."""
        for engine in self.engines:
            for policy in engine:
                yield from (rule.traffic for rule in policy.rules)

    @cached_property
    def idle(self) -> bool:
        """Whether no policy can stop anything."""
        return not any(policy.sure for engine in self.engines for policy in engine)


def pod_egress(
    found: Contents, own_engine: str, version: tuple[int, int] | None, also: Iterable[str] = ()
) -> PodEgress:
    """The policies of ``found`` that engines of the inputs enforce.

    ``own_engine`` is the resource that switches on the CNI's own engine (empty: none does), ``version`` the
    CNI's where it is known. ``also`` are further namespaces that exist.
    """
    engines = []
    if own_engine:
        engines.append(tuple(_own(found, enforced=version is not None and version >= _TIERED_SINCE)))
    if _calico(found):
        engines.append(tuple(_of_calico(found)))
    if _cilium(found):
        engines.append(tuple(_of_cilium(found)))
    return PodEgress(tuple(engines), tuple(sorted({*SYSTEM_NAMESPACES, *also, *_namespaces(found)})))


def written(found: Contents) -> tuple[Manifest, ...]:
    """Every object that is a network policy of some kind, enforced or not."""
    return (
        *found.of(standard.KIND, *standard.GROUPS, *calico.GROUPS),
        *found.of("GlobalNetworkPolicy", *calico.GROUPS),
        *found.of("ApplicationNetworkPolicy", tiered.GROUPS[0]),
        *(one for kind in tiered.KINDS for one in found.of(kind, *tiered.GROUPS)),
        *(one for kind in cilium.KINDS for one in found.of(kind, cilium.GROUP)),
    )


def auto_mode_enforces(found: Contents) -> str:
    """The resource that switches policies on in EKS Auto Mode; empty where none surely does (H6)."""
    for one in found.of("ConfigMap", ""):
        on = text(one.at("data", AUTO_MODE_KEY)).lower() == "true"
        if one.certain and one.name == AUTO_MODE_MAP and one.namespace == "kube-system" and on:
            return one.resource
    return ""


def _standard(found: Contents, *, tier: int = 0, order: float = 0.0) -> Iterator[Policy]:
    for one in found.of(standard.KIND, *standard.GROUPS):
        made = standard.policy(one, tier=tier, order=order)
        if made is not None:
            yield made


def _own(found: Contents, *, enforced: bool) -> Iterator[Policy]:
    yield from _standard(found, tier=tiered.NAMESPACED)
    # NOTE: an ApplicationNetworkPolicy has the form of a NetworkPolicy; names of hosts may be any address.
    for one in found.of("ApplicationNetworkPolicy", "networking.k8s.aws"):
        made = standard.policy(one, tier=tiered.NAMESPACED)
        if made is not None:
            yield made
    yield from _tiered(found, enforced=enforced)


def _tiered(found: Contents, *, enforced: bool) -> Iterator[Policy]:
    for kind in tiered.KINDS:
        for one in found.of(kind, *tiered.GROUPS):
            yield tiered.policy(one, enforced=enforced and one.group == tiered.GROUPS[0])


def _of_calico(found: Contents) -> Iterator[Policy]:
    yield from _standard(found, tier=calico.DEFAULT_TIER, order=calico.KUBERNETES_ORDER)
    yield from _tiered(found, enforced=False)
    for kind in ("NetworkPolicy", "GlobalNetworkPolicy"):
        for one in found.of(kind, *calico.GROUPS):
            made = calico.policy(one)
            if made is not None:
                yield made


def _of_cilium(found: Contents) -> Iterator[Policy]:
    yield from _standard(found, tier=cilium.ALLOWS)
    yield from _tiered(found, enforced=False)
    for kind in cilium.KINDS:
        for one in found.of(kind, cilium.GROUP):
            yield from cilium.policies(one)


def _calico(found: Contents) -> bool:
    """Whether Calico surely runs: its operator's chart, its operator's object, or its DaemonSet."""
    if any(one.certain and one.chart in _CALICO_CHARTS for one in found.releases):
        return True
    installed = (*found.of("Installation", "operator.tigera.io"), *found.of("DaemonSet", "apps"))
    return any(one.certain and (one.kind == "Installation" or one.name == "calico-node") for one in installed)


def _cilium(found: Contents) -> bool:
    """Whether Cilium surely runs, and enforces policies."""
    return any(one.certain and one.chart == "cilium" and _enforces(one) for one in found.releases)


def _enforces(cilium_release: Release) -> bool:
    mode = at(cilium_release.values, "policyEnforcementMode")
    return is_null(mode) or text(mode) in ("default", "always")


def _namespaces(found: Contents) -> Iterator[str]:
    """The namespaces that objects and releases of the inputs are in."""
    for release in found.releases:
        yield release.namespace or SOMEWHERE
    for one in found.manifests:
        yield from _namespace(one)


def _namespace(one: Manifest) -> Iterator[str]:
    if one.kind == "Namespace" and one.group == "":
        yield one.name or SOMEWHERE
    elif one.kind not in _CLUSTER_WIDE_KINDS and one.group not in _NAMED_BY_GROUP:
        if one.namespace:
            yield one.namespace
        elif is_set(one.at("metadata", "namespace")) is not False:
            yield SOMEWHERE
