"""How the VPC CNI is set up in each cluster, and the networks that it may give pods (I3, I5, I9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from eks_checks.aws.eks import Cluster
from eks_checks.aws.knowledge import Cause, KeySet, Pointer, pointer
from eks_checks.aws.lower.context import Lowering
from eks_checks.kubernetes.cni import (
    CUSTOM_NETWORKING,
    LABEL,
    POD_ENI,
    SUBNET_DISCOVERY,
    CniConfiguration,
    EniConfig,
    configurations,
    eni_configs,
    flag,
    setting,
)
from eks_checks.kubernetes.manifest import Contents, Manifest
from eks_checks.kubernetes.reading import contents
from eks_checks.terraform.value import Collection, Known, Unknown, Value, alternatives, is_null, unknowns


@dataclass(frozen=True)
class PodNetwork:
    """Where pods come from beside their node: ``subnet`` names it, ``groups`` None means the node's own."""

    name: Value
    subnet: Pointer
    groups: KeySet | None
    certain: bool
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Cni:
    """The CNI of one cluster.

    ``custom`` is custom networking, ``branches`` security groups for pods, ``discovery`` the search for
    tagged subnets: yes, no, or not known (None), and then ``causes`` say what decides. ``networks`` are the
    ENIConfigs, ``policies`` the groups that SecurityGroupPolicies put on pods with their namespace (empty:
    not known), ``hidden`` why there may be more of either.
    """

    custom: bool | None
    branches: bool | None
    discovery: bool | None
    label: Value
    networks: tuple[PodNetwork, ...]
    policies: tuple[tuple[str, PodNetwork], ...]
    hidden: tuple[Cause, ...]
    causes: tuple[Cause, ...]
    configured: bool


def kubernetes_of(run: Lowering) -> Contents:
    """The Kubernetes objects of the inputs, read once per run."""
    return run.cached("kubernetes contents", lambda: contents(run.world))


def cni_of(run: Lowering, clusters: Iterable[Cluster]) -> dict[str, Cni]:
    """Cluster key to its CNI."""
    every = tuple(clusters)
    keys = ",".join(cluster.key for cluster in every)
    return run.cached(f"CNI of {keys}", lambda: {cluster.key: _cni(run, cluster, every) for cluster in every})


def configurations_of(
    run: Lowering, cluster: Cluster, clusters: tuple[Cluster, ...]
) -> tuple[CniConfiguration, ...]:
    """What resources set for the cluster; not certain where it may be another's."""
    every = run.cached("CNI configurations", lambda: configurations(run.world, kubernetes_of(run)))
    whose = ((one, belongs(run, one.resource, cluster, clusters)) for one in every)
    return tuple(
        replace(one, certain=one.certain and mine is True) for one, mine in whose if mine is not False
    )


def belongs(run: Lowering, resource: str, cluster: Cluster, clusters: tuple[Cluster, ...]) -> bool | None:
    """Whether what a resource brings is the cluster's: None where it may be another's.

    An add-on names its cluster; the provider of other resources does, which a plan does not keep. So with
    several clusters in the inputs any of them may be meant.
    """
    holder = run.world.get(resource)
    if holder is None:
        return None
    if holder.type == "aws_eks_addon":
        named = run.identity.find(holder.value("cluster_name"), "cluster", holder.key, "cluster_name")
        return True if named.exact == cluster.key else None if named.may_be(cluster.key) else False
    near = [one for one in clusters if _input_of(run, one) in ("", holder.input)] or list(clusters)
    if cluster not in near:
        return False
    return True if len(near) == 1 else None


def _input_of(run: Lowering, cluster: Cluster) -> str:
    resource = run.world.get(cluster.resource)
    return "" if resource is None else resource.input


def _cni(run: Lowering, cluster: Cluster, clusters: tuple[Cluster, ...]) -> Cni:
    own = configurations_of(run, cluster, clusters)
    said = {name: setting(own, name) for name in (CUSTOM_NETWORKING, POD_ENI, SUBNET_DISCOVERY)}
    everything = kubernetes_of(run)
    networks = [(one, belongs(run, one.resource, cluster, clusters)) for one in eni_configs(own, everything)]
    policies = [
        (one, belongs(run, one.resource, cluster, clusters))
        for one in everything.of("SecurityGroupPolicy", "vpcresources.k8s.aws")
    ]
    hidden = (Cause(one.resource, one.attribute, one.reason) for one in everything.unread)
    return Cni(
        custom=False if cluster.ip_family == "ipv6" else flag(said[CUSTOM_NETWORKING]),
        branches=flag(said[POD_ENI]),
        discovery=flag(said[SUBNET_DISCOVERY]),
        label=setting(own, LABEL),
        networks=tuple(_network(run, one, whose is True) for one, whose in networks if whose is not False),
        policies=tuple(_policy(run, one, whose is True) for one, whose in policies if whose is not False),
        hidden=tuple(hidden),
        causes=tuple(_causes(own, said.values())),
        configured=bool(own),
    )


def _causes(found: tuple[CniConfiguration, ...], said: Iterable[Value]) -> Iterable[Cause]:
    """The configurations whose settings are not known, or that may not be there."""
    reasons = [reason for value in said for reason in _doubts(value)]
    for one in found:
        why = next(iter(reasons), "the resource may not be this cluster's, or not be there")
        if reasons or not one.certain:
            yield Cause(one.resource, _ATTRIBUTE.get(one.resource.split(".")[-2], "values"), why)


def _doubts(value: Value) -> Iterable[str]:
    """Why a setting is not known; one that will be another resource's attribute is known after apply."""
    for option in alternatives(value):
        if not isinstance(option, Known):
            yield next((unknown.reason for unknown in unknowns(option)), "known after apply")


_ATTRIBUTE = {"aws_eks_addon": "configuration_values", "kubernetes_env": "env"}


def _network(run: Lowering, one: EniConfig, certain: bool) -> PodNetwork:
    subnet = run.identity.find(one.subnet, "subnet", one.resource, f"{one.attribute}.subnet")
    groups = _groups(run, one.groups, one.resource, f"{one.attribute}.securityGroups")
    causes = (*subnet.causes, *(groups.causes if groups is not None else ()))
    run.unclear(causes)
    why = () if certain else (Cause(one.resource, one.attribute, "may be another cluster's"),)
    return PodNetwork(one.name, subnet, groups, one.certain and certain, (*causes, *why))


def _policy(run: Lowering, one: Manifest, certain: bool) -> tuple[str, PodNetwork]:
    listed = one.at("spec", "securityGroups", "groupIds")
    groups = _groups(run, listed, one.resource, f"{one.attribute}.spec.securityGroups.groupIds")
    found = groups if groups is not None else KeySet()
    run.unclear(found.causes)
    network = PodNetwork(
        one.at("metadata", "name"), pointer(()), found, one.certain and certain, found.causes
    )
    return one.namespace, network


def _groups(run: Lowering, value: Value, at: str, attribute: str) -> KeySet | None:
    """The groups that a list names; None where it certainly names none."""
    if is_null(value):
        return None
    options = [option for option in alternatives(value) if not is_null(option)]
    found = run.identity.find_all(value, "security_group", at, attribute)
    if (
        isinstance(value, Collection)
        or len(options) == len(alternatives(value))
        or isinstance(value, Unknown)
    ):
        return found
    return KeySet(maybe=found.candidates, open=found.open, causes=found.causes)
