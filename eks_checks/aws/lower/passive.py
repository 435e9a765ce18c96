"""Resources with interfaces that only listen: databases, caches, brokers, file systems, VPC endpoints.

They open no connections to a node, so they are never sources and carry no group in anyone's rule as
far as nodes go. They are targets where a question names them. Nothing here is noted in ``coverage``:
a link of theirs that is not resolved matters only to an answer about themselves, which names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, KeySet, Pointer, Truth, absent
from eks_checks.aws.lower.context import Lowering, left_out, where
from eks_checks.aws.lower.groups import GroupDraft
from eks_checks.aws.lower.nodes import Scene, default_groups, landings
from eks_checks.aws.lower.templates import or_default
from eks_checks.aws.lower.ways_out import Associated, associated
from eks_checks.aws.vpc import LANDS_IN_DEFAULT
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, scalar


@dataclass(frozen=True)
class Place:
    """Where a type keeps its subnets, groups and addresses.

    ``block`` is the nested block that holds them, empty for the resource itself. ``subnets`` lists
    subnets, or names a group of them whose kind is ``subnet_group``. ``public`` is the flag for a public
    address; ``family`` the argument that asks for IPv6 beside IPv4. ``owner`` is the kind of a resource
    that the groups are taken from, and the argument that names it; ``only`` an argument and
    the value without which there is no interface.
    """

    block: str
    subnets: str
    groups: str
    subnet_group: str = ""
    public: str = ""
    family: str = ""
    owner: tuple[str, str] = ("", "")
    only: tuple[str, str] = ("", "")


PLACES: dict[str, Place] = {
    "aws_db_instance": Place(
        "",
        "db_subnet_group_name",
        "vpc_security_group_ids",
        "db_subnet_group",
        "publicly_accessible",
        "network_type",
    ),
    "aws_rds_cluster": Place(
        "", "db_subnet_group_name", "vpc_security_group_ids", "db_subnet_group", family="network_type"
    ),
    "aws_rds_cluster_instance": Place(
        "",
        "db_subnet_group_name",
        "vpc_security_group_ids",
        "db_subnet_group",
        "publicly_accessible",
        "network_type",
        owner=("rds_cluster", "cluster_identifier"),
    ),
    "aws_docdb_cluster": Place("", "db_subnet_group_name", "vpc_security_group_ids", "docdb_subnet_group"),
    "aws_neptune_cluster": Place(
        "", "neptune_subnet_group_name", "vpc_security_group_ids", "neptune_subnet_group"
    ),
    "aws_elasticache_cluster": Place(
        "", "subnet_group_name", "security_group_ids", "elasticache_subnet_group", family="network_type"
    ),
    "aws_elasticache_replication_group": Place(
        "", "subnet_group_name", "security_group_ids", "elasticache_subnet_group", family="network_type"
    ),
    "aws_elasticache_serverless_cache": Place("", "subnet_ids", "security_group_ids"),
    "aws_memorydb_cluster": Place("", "subnet_group_name", "security_group_ids", "memorydb_subnet_group"),
    "aws_redshift_cluster": Place(
        "",
        "cluster_subnet_group_name",
        "vpc_security_group_ids",
        "redshift_subnet_group",
        "publicly_accessible",
    ),
    "aws_opensearch_domain": Place(
        "vpc_options", "subnet_ids", "security_group_ids", family="ip_address_type"
    ),
    "aws_elasticsearch_domain": Place("vpc_options", "subnet_ids", "security_group_ids"),
    "aws_efs_mount_target": Place("", "subnet_id", "security_groups", family="ip_address_type"),
    "aws_fsx_lustre_file_system": Place("", "subnet_ids", "security_group_ids"),
    "aws_fsx_ontap_file_system": Place("", "subnet_ids", "security_group_ids"),
    "aws_fsx_openzfs_file_system": Place("", "subnet_ids", "security_group_ids"),
    "aws_fsx_windows_file_system": Place("", "subnet_ids", "security_group_ids"),
    "aws_msk_cluster": Place("broker_node_group_info", "client_subnets", "security_groups"),
    "aws_msk_serverless_cluster": Place("vpc_config", "subnet_ids", "security_group_ids"),
    "aws_mq_broker": Place("", "subnet_ids", "security_groups", public="publicly_accessible"),
    "aws_vpc_endpoint": Place(
        "",
        "subnet_ids",
        "security_group_ids",
        family="ip_address_type",
        only=("vpc_endpoint_type", "Interface"),
    ),
}
"""Type to where it keeps what its interfaces have."""


def lower_passive(run: Lowering, scene: Scene) -> tuple[Interface, ...]:
    """Their interfaces, one for every subnet that each may land in, by resource and subnet."""
    found = [
        interface
        for type_, place in PLACES.items()
        for resource in run.world.resources(type_)
        for interface in _interfaces(run, scene, resource, place)
    ]
    for key in sorted({key for i in found for shape in i.shapes for key in shape.groups.candidates}):
        if key not in scene.groups and "#" not in key:
            why = (absent(key, "rules"),)
            scene.groups[key] = GroupDraft(key, "external", key, Pointer(open=True), True, why)
    return tuple(sorted(found, key=lambda i: (i.resource, i.subnet or "")))


def _interfaces(run: Lowering, scene: Scene, resource: Resource, place: Place) -> Iterator[Interface]:
    attribute, wanted = place.only
    if attribute:
        kind = resource.value(attribute)
        if left_out(kind) or (isinstance(kind, Known) and scalar(kind) != wanted):
            return
    for holder in resource.blocks(place.block).items if place.block else (resource,):
        carried = _carried(run, holder, resource, place)
        doubts, also = run.doubts(resource), _beside(run, resource)
        for subnet, certain, causes in landings(_subnets(run, holder, place).plus(also.subnets), scene):
            default = default_groups(scene.subnets.get(subnet or ""))
            groups = _with(or_default(carried, default), default, also)
            public = _flag(run, resource, place)
            shape = Shape(groups, public, _ipv6(holder, resource, place), origin=resource.key)
            yield Interface(
                resource=resource.key,
                kind="passive",
                subnet=subnet,
                shapes=(replace(shape, public_origin=resource.key),),
                certain=certain and not doubts,
                causes=(*causes, *doubts),
                location=resource.location,
            )


def _beside(run: Lowering, resource: Resource) -> Associated:
    """What separate resources associate with a VPC endpoint."""
    if resource.type != "aws_vpc_endpoint":
        return Associated()
    return associated(run).get(run.identity.key(resource), Associated())


def _with(groups: KeySet, default: KeySet, also: Associated) -> KeySet:
    """The groups and those associated besides, one of which may take the place of the default group."""
    if also.replaces.surely and groups == default:
        return also.groups
    if also.replaces.possibly and groups == default:
        groups = KeySet(maybe=groups.candidates, open=groups.open, causes=also.replaces.causes)
    return groups.plus(also.groups)


def _carried(run: Lowering, holder: Block, resource: Resource, place: Place) -> KeySet:
    kind, attribute = place.owner
    if not kind:
        return _links(run, holder, "security_group", place.groups)
    owner = run.identity.find(resource.value(attribute), kind, resource.key, attribute)
    found = run.world.get(owner.exact or "")
    if found is None:
        return KeySet(open=True, causes=owner.causes)
    return _links(run, found, "security_group", place.groups)


def _subnets(run: Lowering, holder: Block, place: Place) -> KeySet:
    """The subnets listed, or those of the group that is named; of the default VPC where none is."""
    if not place.subnet_group:
        return _links(run, holder, "subnet", place.subnets)
    at, attribute = where(holder, (place.subnets,))
    value = holder.value(place.subnets)
    if left_out(value):
        owner = _owner(run, holder, place)
        if owner is not None:
            return _subnets(run, owner, replace(place, owner=("", "")))
        return KeySet(open=True, causes=(Cause(at, attribute, f"unset: {LANDS_IN_DEFAULT}"),))
    group = run.identity.find(value, place.subnet_group, at, attribute)
    listed = run.world.get(group.exact or "")
    if listed is None:
        why = group.causes or (absent(group.exact or at, "subnet_ids"),)
        return KeySet(open=True, causes=why)
    return _links(run, listed, "subnet", "subnet_ids")


def _owner(run: Lowering, holder: Block, place: Place) -> Resource | None:
    kind, attribute = place.owner
    if not kind:
        return None
    at, named = where(holder, (attribute,))
    return run.world.get(run.identity.find(holder.value(attribute), kind, at, named).exact or "")


def _flag(run: Lowering, resource: Resource, place: Place) -> Truth:
    return run.truth(resource, place.public) if place.public else NO


def _ipv6(holder: Block, resource: Resource, place: Place) -> Truth:
    """Whether it has IPv6 besides: only where its own argument asks for that."""
    if not place.family:
        return NO
    value = holder.value(place.family)
    if left_out(value):
        value = resource.value(place.family)  # beside the block that has the subnets
    if left_out(value):
        return NO
    if not isinstance(value, Known):
        return UNKNOWN
    return YES if str(scalar(value)).lower() in ("dual", "dualstack", "dual_stack", "ipv6") else NO


def _links(run: Lowering, holder: Block, kind: str, attribute: str) -> KeySet:
    if left_out(holder.value(attribute)):
        return KeySet()
    at, named = where(holder, (attribute,))
    value = holder.members(attribute) if attribute.endswith("s") else holder.value(attribute)
    return run.identity.find_all(value, kind, at, named)
