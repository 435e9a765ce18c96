"""Which cluster instances join: told by tags, by user data, or not told (graph rule 1, L10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from eks_checks.aws.eks import Cluster
from eks_checks.aws.knowledge import NO, NOWHERE, YES, Cause, Pointer, Truth
from eks_checks.aws.lower.context import Lowering, text
from eks_checks.aws.lower.images import image_family
from eks_checks.aws.lower.templates import Launch
from eks_checks.aws.lower.user_data import user_data
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Mapping as Object
from eks_checks.terraform.value import Unknown, Value, scalar

CLUSTER_TAG = "kubernetes.io/cluster/"
"""Tag key prefix that names the cluster an instance is a node of (graph rule 1, L10)."""

Joined = tuple[Pointer, Truth]
"""(the cluster, whether instances surely join it)."""

OUTSIDE: Joined = (NOWHERE, NO)


def joined_group(
    run: Lowering, resource: Resource, launches: Iterable[Launch], clusters: Mapping[str, Cluster]
) -> Joined:
    """The cluster that an Auto Scaling group's instances join, and whether they surely do (rule 1)."""
    unclear: list[Cause] = []
    for key, value in _tags(resource):
        tagged = _of_tag(run, resource, key, value)
        if tagged is None:
            continue
        if tagged.exact:
            return tagged, YES
        unclear.append(Cause(resource.key, "tag", "a tag whose key is not known may name a cluster"))
    tags = resource.blocks("tag")
    if tags.open is not None:
        unclear.append(Cause(resource.key, "tag", tags.open.reason))
    perhaps: set[str] = set()
    for launch in launches:
        cluster, truth = joined_by(run, launch)
        if truth.surely:
            return cluster, YES
        unclear.extend(truth.causes)
        perhaps.update(cluster.keys if truth.possibly else ())
    return _perhaps(unclear, perhaps, clusters)


def joined_by(run: Lowering, launch: Launch) -> Joined:
    """The cluster that instances of a template join by its tags or user data."""
    if launch.one_of:
        found = {joined_by(run, one) for one in launch.one_of}
        return found.pop() if len(found) == 1 else (NOWHERE, Truth(None, launch.causes))
    if launch.block is None:
        return OUTSIDE if launch.known else (NOWHERE, Truth(None, launch.causes))
    unclear: tuple[Cause, ...] = ()
    for specification in launch.block.blocks("tag_specifications").items:
        if text(specification, "resource_type") == "instance":
            tags = specification.mapping("tags")
            for key, _ in tags.entries:
                if key.startswith(CLUSTER_TAG):
                    return run.identity.named("cluster", key.removeprefix(CLUSTER_TAG), launch.name), YES
            if tags.open is not None:
                unclear = (Cause(launch.name, "tag_specifications", tags.open.reason),)
    cluster, truth = joined_by_user_data(run, launch.block)
    if not unclear or truth.surely:
        return cluster, truth
    return cluster, Truth(None, (*truth.causes, *unclear))


def joined_by_user_data(run: Lowering, block: Block) -> Joined:
    """The cluster that user data joins its instance to."""
    told = user_data(run, block)
    cluster = told.cluster
    if cluster.unset and told.hints:
        cluster = Pointer(tuple(sorted(told.hints)), causes=told.joins.causes)
    return (cluster, told.joins) if told.joins.possibly else OUTSIDE


def joined_instance(run: Lowering, resource: Resource, clusters: Mapping[str, Cluster]) -> Joined:
    """The cluster whose node a single instance is, told by its tag or user data.

    User data that is not known makes it a possible node only where something else speaks for that:
    else every bastion whose script is not known yet would be one.
    """
    for name in _tagged(resource):
        return run.identity.named("cluster", name, resource.key), YES
    cluster, truth = joined_by_user_data(run, resource)
    if truth.value is not None or _speaks_of_eks(run, resource, cluster):
        if truth.value is None and cluster.unset:
            return _perhaps(list(truth.causes), set(), clusters)
        return cluster, truth
    return OUTSIDE


def _perhaps(unclear: list[Cause], named: set[str], clusters: Mapping[str, Cluster]) -> Joined:
    """Instances of which it is not known whether they join a cluster of the inputs."""
    if not unclear or not (clusters or named):
        return OUTSIDE
    keys = named or set(clusters)
    causes = tuple(dict.fromkeys(unclear))
    return Pointer(tuple(sorted(keys)), len(clusters) > 1 and not named, causes), Truth(None, causes)


def _speaks_of_eks(run: Lowering, resource: Resource, cluster: Pointer) -> bool:
    """Whether anything beside the unknown user data speaks for an EKS node: a cluster named in it or in

    a tag, or an image made for EKS.
    """
    if not cluster.unset:
        return True
    tags = resource.mapping("tags")
    if any(key.startswith(CLUSTER_TAG) for key, _ in tags.entries):
        return True
    return bool(image_family(run, resource.value("ami")))


def _of_tag(run: Lowering, resource: Resource, key: Value, value: str | None) -> Pointer | None:
    """The cluster that a tag names; not exact where its key is not known; None for another tag."""
    known = scalar(key)
    if isinstance(known, str) and known.startswith(CLUSTER_TAG) and value in ("owned", None):
        return run.identity.named("cluster", known.removeprefix(CLUSTER_TAG), resource.key)
    if isinstance(key, Unknown) and _may_name_cluster(key):
        return _cluster_named_by(run, resource, key) if value in ("owned", None) else NOWHERE
    return None


def _may_name_cluster(key: Unknown) -> bool:
    """Whether a key that is not known may be a cluster's tag, by the text it begins with."""
    first = str(scalar(key.parts[0]) or "") if key.parts else ""
    return first.startswith(CLUSTER_TAG) or CLUSTER_TAG.startswith(first)


def _cluster_named_by(run: Lowering, resource: Resource, key: Unknown) -> Pointer:
    """The cluster in ``kubernetes.io/cluster/${aws_eks_cluster.this.name}``."""
    if len(key.parts) != 2 or scalar(key.parts[0]) != CLUSTER_TAG:
        return NOWHERE
    return run.identity.find(key.parts[1], "cluster", resource.key, "tag")


def _tags(resource: Resource) -> Iterator[tuple[Value, str | None]]:
    """Key and value (None: not known) of every tag: ``tag`` blocks, and the older ``tags`` list."""
    for block in resource.blocks("tag").items:
        yield block.value("key"), _known(block.value("value"))
    for item in resource.members("tags").items if resource.has("tags") else ():
        if isinstance(item, Object):
            yield item.get("key"), _known(item.get("value"))


def _known(value: Value) -> str | None:
    known = scalar(value)
    return None if known is None else str(known)


def _tagged(resource: Resource) -> Iterator[str]:
    for key, value in resource.mapping("tags").entries:
        if key.startswith(CLUSTER_TAG) and scalar(value) == "owned":
            yield key.removeprefix(CLUSTER_TAG)
