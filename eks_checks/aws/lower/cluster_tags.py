"""The tag of a cluster on security groups: by the group, ``aws_ec2_tag``, or EKS itself (E1, J4, L5)."""

from __future__ import annotations

from collections.abc import Mapping

from eks_checks.aws.eks import Cluster
from eks_checks.aws.firewall import SecurityGroup
from eks_checks.aws.group_tags import PREFIX, ClusterTag
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.tagging import ANY, Tags, added_tags, carried_tags, merged
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, scalar


def cluster_tags(
    run: Lowering, cluster: Cluster, groups: Mapping[str, SecurityGroup]
) -> dict[str, ClusterTag]:
    """Group key to whether the group carries the cluster's tag."""
    resources, added = _resources(run), added_tags(run, "security_group")
    made = {}
    for key, group in groups.items():
        if key == cluster.security_group:
            made[key] = ClusterTag(YES, cluster.resource, "vpc_config[0].cluster_security_group_id")
            continue
        own = _own(run, group, resources.get(key))
        tags = merged(own, added.get(key), added.get(""))
        carried, holder = _carried(tags, cluster.name), group.resource
        by = (holder, "tags")
        if carried.possibly and not _carried(own, cluster.name).possibly:
            holder, *_ = by = _tagger(run, key, cluster.name) or by
        made[key] = ClusterTag(_open(by) if carried.value is None else carried, holder)
    return made


def _open(by: tuple[str, str]) -> Truth:
    return Truth(None, (Cause(*by, "whether it brings the cluster's tag is not known before apply"),))


def _resources(run: Lowering) -> dict[str, Resource]:
    types = ("aws_security_group", "aws_default_security_group")
    found = {run.identity.key(one): one for one in run.found_data("aws_security_group")}
    return {**found, **{key: one for type_ in types for key, one in run.by_key(type_).items()}}


def _own(run: Lowering, group: SecurityGroup, resource: Resource | None) -> Tags:
    """The tags of the group itself. NOTE: EKS gives the group behind remote_access no such tag."""
    return carried_tags(run, resource) if resource is not None else Tags(open=group.kind == "external")


def _carried(tags: Tags, name: str) -> Truth:
    """Whether the cluster's tag is among them: any tag of a cluster, where its name is not known."""
    if name:
        return tags.match(PREFIX + name, Known(ANY))
    some = any(key.startswith(PREFIX) for key in (*tags.sure, *tags.maybe))
    return UNKNOWN if some or tags.open else NO


def _tagger(run: Lowering, group: str, cluster: str) -> tuple[str, str] | None:
    """The ``aws_ec2_tag`` that puts the tag on the group, or may, and which argument decides that."""
    for resource in run.world.resources("aws_ec2_tag"):
        value, key = resource.value("resource_id"), scalar(resource.value("key"))
        named = run.identity.find(value, "security_group", resource.key, "resource_id")
        if named.may_be(group) and (key is None or str(key).startswith(PREFIX + cluster)):
            return resource.key, "key" if key is None else "resource_id"
    return None
