"""Auto Scaling groups: self-managed EKS nodes, or others (graph rule 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, NOWHERE, UNKNOWN, YES, Cause, KeySet, Pointer, Truth
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.nodes import (
    Scene,
    Shapes,
    default_groups,
    family_of,
    landings,
    ssh_key,
    template_names,
)
from eks_checks.aws.lower.templates import CLUSTER_TAG, Launch, launch_of, named_cluster, specification
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Mapping, Unknown, Value, scalar


def lower_autoscaling_groups(run: Lowering, scene: Scene) -> None:
    """Auto Scaling groups, EKS nodes or not (graph rule 1)."""
    for resource in run.world.resources("aws_autoscaling_group"):
        launches = tuple(_asg_launches(run, resource)) or (_nothing_told(resource),)
        cluster, node = _joined(run, resource, launches, scene)
        subnets = _asg_subnets(run, resource, scene)
        if node.possibly:
            scene.node_groups.append(_self_managed(run, resource, cluster, launches, subnets))
        for subnet, certain, causes in landings(subnets, scene):
            where = scene.subnets.get(subnet or "")
            default = default_groups(where)
            shapes_in = Shapes(run, launches, default, KeySet(), family_of(cluster, scene))
            scene.interfaces.append(
                Interface(
                    resource=resource.key,
                    kind="autoscaling_group",
                    subnet=subnet,
                    shapes=shapes_in.at(where),
                    cluster=cluster,
                    node=node,
                    certain=certain,
                    listener_ssh=UNKNOWN,
                    causes=causes,
                    location=resource.location,
                )
            )


def _self_managed(
    run: Lowering, resource: Resource, cluster: Pointer, launches: Iterable[Launch], subnets: KeySet
) -> NodeGroup:
    return NodeGroup(
        resource=resource.key,
        kind="self_managed",
        cluster=cluster,
        subnets=subnets,
        ssh_key=ssh_key(run, launches, NO),
        remote_access=NO,
        remote_access_sources=KeySet(),
        windows=NO,
        templates=template_names(launches),
        location=resource.location,
    )


def _asg_launches(run: Lowering, resource: Resource) -> Iterator[Launch]:
    yield from launch_of(run, resource, fallback=True)
    yield from _unknown_launch(resource, "mixed_instances_policy")
    for policy in resource.blocks("mixed_instances_policy").items:
        yield from _unknown_launch(policy, "launch_template")
        for template in policy.blocks("launch_template").items:
            yield from _unknown_launch(template, "launch_template_specification")
            yield from _unknown_launch(template, "override")
            for block in template.blocks("launch_template_specification").items:
                yield from specification(run, block)
            for override in template.blocks("override").items:
                for block in override.blocks("launch_template_specification").items:
                    yield from specification(run, block)
    value = resource.value("launch_configuration")
    if not left_out(value):
        yield from _configurations(run, resource)


def _nothing_told(resource: Resource) -> Launch:
    """What stands for a group that shows no template at all: AWS wants one, so the plan hides it."""
    why = "no launch template or configuration can be told from the plan"
    return Launch(known=False, causes=(Cause(resource.key, "launch_template", why),))


def _unknown_launch(block: Block, name: str) -> Iterator[Launch]:
    """What blocks unknown as a whole stand for: a template that cannot be told."""
    unknown = block.blocks(name).open
    if unknown is not None and not (unknown.computed and name == "mixed_instances_policy"):
        yield Launch(known=False, causes=(Cause(block.resource.key, name, unknown.reason),))


def _configurations(run: Lowering, resource: Resource) -> Iterator[Launch]:
    found = run.link(resource, "launch_configuration", "launch_configuration")
    by_key = run.by_key("aws_launch_configuration")
    for key in found.keys:
        why = (Cause(resource.key, "launch_configuration", f"{key} is in none of the inputs"),)
        yield Launch(by_key[key]) if key in by_key else Launch(known=False, causes=why)
    if found.open:
        yield Launch(known=False, causes=found.causes)


def _asg_subnets(run: Lowering, resource: Resource, scene: Scene) -> KeySet:
    if not left_out(resource.value("vpc_zone_identifier")):
        return run.links(resource, "subnet", "vpc_zone_identifier")
    # NOTE: zones alone mean the default VPC's subnets (C19).
    defaults = run.by_key("aws_default_subnet").keys()
    why = (Cause(resource.key, "vpc_zone_identifier", "unset: lands in the default VPC's subnets"),)
    return KeySet(maybe=frozenset(defaults & set(scene.subnets)), open=True, causes=why)


def _joined(
    run: Lowering, resource: Resource, launches: Iterable[Launch], scene: Scene
) -> tuple[Pointer, Truth]:
    """The cluster that an Auto Scaling group's instances join, and whether they surely do (rule 1)."""
    unclear: list[Cause] = []
    for key, value in _tags(resource):
        known = scalar(key)
        if isinstance(known, str) and known.startswith(CLUSTER_TAG) and value in ("owned", None):
            return run.identity.named("cluster", known.removeprefix(CLUSTER_TAG), resource.key), YES
        if isinstance(key, Unknown) and _may_name_cluster(key):
            tagged = _cluster_named_by(run, resource, key) if value in ("owned", None) else NOWHERE
            if tagged.exact:
                return tagged, YES
            unclear.append(Cause(resource.key, "tag", "a tag whose key is not known may name a cluster"))
    tags = resource.blocks("tag")
    if tags.open is not None:
        unclear.append(Cause(resource.key, "tag", tags.open.reason))
    for launch in launches:
        name, truth = named_cluster(run, launch)
        if name:
            return run.identity.named("cluster", name, resource.key), YES
        unclear.extend(truth.causes)
    if unclear and scene.clusters:
        found = Pointer(tuple(sorted(scene.clusters)), len(scene.clusters) > 1, tuple(unclear))
        return found, Truth(None, tuple(unclear))
    return NOWHERE, NO


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
        if isinstance(item, Mapping):
            yield item.get("key"), _known(item.get("value"))


def _known(value: Value) -> str | None:
    known = scalar(value)
    return None if known is None else str(known)
