"""The tag of a cluster on security groups: by the group, ``aws_ec2_tag``, or EKS itself (E1, J4, L5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eks_checks.aws.eks import Cluster
from eks_checks.aws.firewall import SecurityGroup
from eks_checks.aws.group_tags import PREFIX, ClusterTag
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.tagging import ANY, Tags, added_tags, carried_tags, merged
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, scalar

TagsOf = Callable[[Cluster], Mapping[str, ClusterTag]]


def cluster_tags(run: Lowering, groups: Mapping[str, SecurityGroup]) -> TagsOf:
    """For a cluster: group key to whether the group carries its tag. Worked out when it is asked for."""

    def found(cluster: Cluster) -> Mapping[str, ClusterTag]:
        return run.cached(f"tag of {cluster.key}", lambda: _found(run, cluster, groups))

    return found


def _found(run: Lowering, cluster: Cluster, groups: Mapping[str, SecurityGroup]) -> dict[str, ClusterTag]:
    resources, added = _resources(run), added_tags(run, "security_group")
    made = {}
    for key, group in groups.items():
        if key == cluster.security_group:
            made[key] = ClusterTag(YES, cluster.resource, "vpc_config[0].cluster_security_group_id")
            continue
        own = _own(run, group, resources.get(key))
        tags = merged(own, added.get(key), added.get(""))
        by_itself = own.match(PREFIX + cluster.name, Known(ANY)).surely
        holder = group.resource if by_itself else _tagger(run, key, PREFIX + cluster.name) or group.resource
        made[key] = ClusterTag(_carried(tags, cluster.name, holder), holder)
    return made


def _resources(run: Lowering) -> dict[str, Resource]:
    types = ("aws_security_group", "aws_default_security_group")
    found = {run.identity.key(one): one for one in run.found_data("aws_security_group")}
    return {**found, **{key: one for type_ in types for key, one in run.by_key(type_).items()}}


def _own(run: Lowering, group: SecurityGroup, resource: Resource | None) -> Tags:
    """The tags of the group itself. NOTE: EKS gives the group behind remote_access no such tag."""
    return carried_tags(run, resource) if resource is not None else Tags(open=group.kind == "external")


def _carried(tags: Tags, name: str, holder: str) -> Truth:
    """Whether the cluster's tag is among them: any tag of a cluster, where its name is not known."""
    if name:
        found = tags.match(PREFIX + name, Known(ANY))
        why = "whether it has the cluster's tag is not known"
    else:
        some = any(key.startswith(PREFIX) for key in (*tags.sure, *tags.maybe))
        found = UNKNOWN if some or tags.open else NO
        why = "the cluster's name is not known before apply"
    return found if found.value is not None else Truth(None, (Cause(holder, "tags", why),))


def _tagger(run: Lowering, group: str, key: str) -> str:
    """The ``aws_ec2_tag`` that puts the tag on the group; empty where none does."""
    for resource in run.world.resources("aws_ec2_tag"):
        named = run.identity.find(
            resource.value("resource_id"), "security_group", resource.key, "resource_id"
        )
        if scalar(resource.value("key")) == key and named.may_be(group):
            return resource.key
    return ""
