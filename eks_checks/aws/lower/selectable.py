"""The subnets and security groups that a selector may choose from, with their tags (H4, E1, L5)."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import Cluster
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.context import Lowering, text
from eks_checks.aws.lower.nodes import Scene
from eks_checks.aws.lower.selectors import Candidate
from eks_checks.aws.lower.tagging import Tags, added_tags, carried_tags, merged
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import NULL, Known, Unknown

_EKS_KEYS = ("eks", "aws:", "kubernetes.io/cluster/")
"""Starts of the keys of tags that EKS puts on the group behind ``remote_access``."""


def subnets(run: Lowering, scene: Scene) -> tuple[Candidate, ...]:
    """Every subnet of the inputs; of one known by id only the tags are not known."""
    return run.cached("selectable subnets", lambda: tuple(_subnets(run, scene)))


def security_groups(run: Lowering, scene: Scene) -> tuple[Candidate, ...]:
    """Every group of the inputs, those that AWS and EKS make included."""
    return run.cached("selectable groups", lambda: tuple(_groups(run, scene)))


def _subnets(run: Lowering, scene: Scene) -> Iterator[Candidate]:
    added = added_tags(run, "subnet")
    managed = {**run.by_key("aws_subnet"), **run.by_key("aws_default_subnet")}
    seen = {run.identity.key(one): one for one in run.found_data("aws_subnet")}
    for key, subnet in sorted(scene.subnets.items()):
        resource = managed.get(key) or seen.get(key)
        own = carried_tags(run, resource) if resource is not None else Tags(open=True)
        tags = merged(own, added.get(key), added.get(""))
        yield Candidate(key, tags, subnet.vpc, doubts=_doubts(run, resource))


def _groups(run: Lowering, scene: Scene) -> Iterator[Candidate]:
    added = added_tags(run, "security_group")
    resources = {**run.by_key("aws_security_group"), **run.by_key("aws_default_security_group")}
    for key, draft in sorted(scene.groups.items()):
        if draft.kind == "cluster":
            continue
        resource = resources.get(key)
        own = carried_tags(run, resource) if resource is not None else Tags()
        name = resource.value("name") if resource is not None else NULL
        if draft.kind == "default":
            name = Known("default")
        elif draft.kind == "remote_access":
            own, name = Tags(prefixes=_EKS_KEYS), _begins("eks-remoteAccess-")
        tags = merged(own, added.get(key), added.get(""))
        holder = resource or run.world.get(draft.resource)
        yield Candidate(key, tags, draft.vpc, name, _doubts(run, holder))
    for cluster in sorted(scene.clusters.values(), key=lambda each: each.key):
        key = cluster.security_group
        tags = merged(_cluster_tags(cluster), added.get(key), added.get(""))
        name = _begins(f"eks-cluster-sg-{cluster.name}-" if cluster.name else "eks-cluster-sg-")
        yield Candidate(key, tags, cluster.vpc, name, _doubts(run, run.world.get(cluster.resource)))
    for resource in run.found_data("aws_security_group"):
        yield from _found(run, scene, resource, added)


def _found(run: Lowering, scene: Scene, resource: Resource, added: dict[str, Tags]) -> Iterator[Candidate]:
    """A group that a data source saw and no input manages."""
    key = text(resource, "id")
    named = run.identity.find(resource.value("id"), "security_group", resource.key, "id").exact
    clusters = {cluster.security_group for cluster in scene.clusters.values()}
    if named is None or named in scene.groups or named in clusters:
        return
    vpc = run.link(resource, "vpc", "vpc_id")
    yield Candidate(key, merged(carried_tags(run, resource), added.get(key)), vpc, resource.value("name"))


def _doubts(run: Lowering, resource: Resource | None) -> tuple[Cause, ...]:
    return () if resource is None else run.doubts(resource)


def _cluster_tags(cluster: Cluster) -> Tags:
    """The tags that EKS itself puts on the group it makes; the cluster's own do not get there (E1, L1)."""
    if not cluster.managed:
        return Tags(open=True)
    if not cluster.name:
        return Tags({"Name": _begins("eks-cluster-sg-")}, prefixes=("aws:eks:", "kubernetes.io/cluster/"))
    return Tags(
        {
            "Name": _begins(f"eks-cluster-sg-{cluster.name}-"),
            "aws:eks:cluster-name": Known(cluster.name),
            f"kubernetes.io/cluster/{cluster.name}": Known("owned"),
        }
    )


def _begins(start: str) -> Unknown:
    rest = Unknown("chosen by AWS")
    return Unknown(rest.reason, parts=(Known(start), rest))
