"""The tags that a cluster's resources will carry (facts L1-L9; contract, "resource of the cluster")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from eks_checks.aws.estate import Tagged
from eks_checks.aws.firewall import NetworkAcl, SecurityGroup
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.nodes import Scene
from eks_checks.aws.vpc import RouteTable, Subnet
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, Reference, Scalar, Value, alternatives, scalar

OWN_TYPES = ("aws_eks_cluster", "aws_eks_node_group", "aws_eks_fargate_profile", "aws_eks_addon")
"""Types that are always resources of a cluster."""

ROLES = (
    ("aws_eks_cluster", ("role_arn",)),
    ("aws_eks_node_group", ("node_role_arn",)),
    ("aws_eks_fargate_profile", ("pod_execution_role_arn",)),
)
KEYS = (("aws_eks_cluster", ("encryption_config", 0, "provider", 0, "key_arn")),)


def cluster_resources(
    run: Lowering,
    scene: Scene,
    subnets: Mapping[str, Subnet],
    groups: Mapping[str, SecurityGroup],
    tables: Mapping[str, RouteTable],
    acls: Mapping[str, NetworkAcl],
) -> tuple[Tagged, ...]:
    """Every taggable managed resource of the inputs' clusters, with the tags it will carry."""
    wanted = set(_of_network(scene, subnets, groups, tables, acls))
    wanted.update(_of_nodes(scene))
    wanted.update(_linked(run, ROLES, "aws_iam_role", "arn"))
    wanted.update(_linked(run, KEYS, "aws_kms_key", "arn"))
    wanted.update(_log_groups(run, scene))
    wanted.update(resource.key for resource in run.world.resources(*OWN_TYPES))
    found = (run.world.get(key) for key in sorted(wanted))
    return tuple(tags_of(resource) for resource in found if resource is not None and _taggable(resource))


def _of_network(
    scene: Scene,
    subnets: Mapping[str, Subnet],
    groups: Mapping[str, SecurityGroup],
    tables: Mapping[str, RouteTable],
    acls: Mapping[str, NetworkAcl],
) -> Iterator[str]:
    mine = [i for i in scene.interfaces if i.cluster.keys]
    for key in {key for i in mine for shape in i.shapes for key in shape.groups.sure}:
        yield groups[key].resource
    for key in {i.subnet for i in mine if i.subnet is not None and i.certain}:
        subnet = subnets[key]
        yield subnet.resource
        yield from subnet.vpc.keys
        yield from (tables[k].resource for k in subnet.route_table.keys if k in tables)
        yield from (acls[k].resource for k in subnet.network_acl.keys if k in acls)


def _of_nodes(scene: Scene) -> Iterator[str]:
    for group in scene.node_groups:
        yield group.resource
        yield from group.templates.sure


def _linked(
    run: Lowering, links: Iterable[tuple[str, tuple[str | int, ...]]], type_: str, name: str
) -> Iterator[str]:
    by_arn = {scalar(r.value(name)): r.key for r in run.world.resources(type_)}
    for holder, path in links:
        for resource in run.world.resources(holder):
            for value in alternatives(resource.value(*path)):
                yield from _named(run, value, type_, by_arn)


def _named(run: Lowering, value: Value, type_: str, by_arn: Mapping[Scalar, str]) -> Iterator[str]:
    if isinstance(value, Reference) and value.resource.type == type_:
        target = run.world.target(value)
        yield from () if target is None else (target.key,)
    elif isinstance(value, Known) and value.value in by_arn and value.value is not None:
        yield by_arn[value.value]


def _log_groups(run: Lowering, scene: Scene) -> Iterator[str]:
    names = {f"/aws/eks/{cluster.name}/cluster" for cluster in scene.clusters.values() if cluster.name}
    for resource in run.world.resources("aws_cloudwatch_log_group"):
        if scalar(resource.value("name")) in names:
            yield resource.key


def _taggable(resource: Resource) -> bool:
    if resource.type == "aws_autoscaling_group":
        return True
    return any(resource.has(name) or resource.is_unknown(name) for name in ("tags", "tags_all")) or (
        resource.type in TAGGABLE
    )


TAGGABLE = frozenset(
    {
        *OWN_TYPES,
        "aws_cloudwatch_log_group",
        "aws_default_network_acl",
        "aws_default_route_table",
        "aws_default_security_group",
        "aws_default_subnet",
        "aws_default_vpc",
        "aws_iam_role",
        "aws_instance",
        "aws_kms_key",
        "aws_launch_template",
        "aws_network_acl",
        "aws_route_table",
        "aws_security_group",
        "aws_subnet",
        "aws_vpc",
    }
)


def tags_of(resource: Resource) -> Tagged:
    """The tags that a resource will carry."""
    tags: dict[str, str | None] = {}
    open_ = False
    if resource.type == "aws_autoscaling_group":
        # NOTE: its tags are blocks, and provider default_tags do not enter them (L3).
        blocks = resource.blocks("tag")
        open_ = blocks.open is not None and not blocks.open.computed
        for block in blocks.items:
            tags[str(scalar(block.value("key")))] = _text(block.value("value"))
        return Tagged(resource.key, resource.type, tags, open_, resource.location)
    for name in ("tags", "tags_all"):
        # NOTE: tags_all unknown as a whole may hold default tags the plan does not show (K13).
        bare = name == "tags_all" and resource.is_unknown(name) and not may_have_defaults(resource)
        open_ = open_ or (resource.is_unknown(name) and not bare)
        if bare or left_out(resource.value(name)):
            continue
        mapping = resource.mapping(name)
        open_ = open_ or mapping.open is not None
        for key, value in mapping.entries:
            text = _text(value)
            tags[key] = text if text is not None else tags.get(key)
    return Tagged(resource.key, resource.type, tags, open_, resource.location)


def may_have_defaults(resource: Resource) -> bool:
    """Whether the provider may add ``default_tags``: not where its block in the plan has none."""
    arguments = resource.provider_arguments
    return arguments is None or "default_tags" in arguments


def _text(value: Value) -> str | None:
    known = scalar(value)
    if known is None:
        return None
    return ("true" if known else "false") if isinstance(known, bool) else str(known)
