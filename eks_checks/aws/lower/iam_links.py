"""Which roles clusters, nodes and Fargate pods have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import Cause, KeySet, Pointer, just
from eks_checks.aws.lower.auto_mode import built_in_pools
from eks_checks.aws.lower.autoscaling import launches_of_group
from eks_checks.aws.lower.cni import kubernetes_of
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.creators import creator_of
from eks_checks.aws.lower.iam_names import iam_link
from eks_checks.aws.lower.node_class import NodeClass, node_classes
from eks_checks.aws.lower.templates import Launch, launch_of
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Value, is_null

_PROFILE = "iam_instance_profile"


def cluster_roles(run: Lowering) -> dict[str, Pointer]:
    """Cluster key to its service role."""
    found: dict[str, Pointer] = {}
    for resource in run.world.resources("aws_eks_cluster"):
        found[run.identity.key(resource)] = role_of(run, resource, "role_arn")
    for resource in run.world.data("aws_eks_cluster"):
        if not resource.unread:
            found.setdefault(run.identity.key(resource), role_of(run, resource, "role_arn"))
    return found


def fargate_roles(run: Lowering) -> dict[str, Pointer]:
    """Fargate profile to its pod execution role."""
    profiles = run.world.resources("aws_eks_fargate_profile")
    return {resource.key: role_of(run, resource, "pod_execution_role_arn") for resource in profiles}


def creating_roles(run: Lowering) -> dict[str, Pointer]:
    """Cluster key to the role its provider configuration assumes; unset where it assumes none."""
    found: dict[str, Pointer] = {}
    for resource in run.world.resources("aws_eks_cluster"):
        creator = creator_of(run, resource)
        role = Pointer()
        if creator.assumes.possibly:
            role = iam_link(run, creator.role, "role", resource.key, "provider")
            role = role if creator.assumes.surely else replace(role, open=True)
        found[run.identity.key(resource)] = role
    return found


def role_of(run: Lowering, block: Block, *path: str | int) -> Pointer:
    """The role that an attribute names, by ARN or name."""
    at, attribute = block.resource.key, ".".join(map(str, path))
    return (
        Pointer()
        if left_out(block.value(*path))
        else iam_link(run, block.value(*path), "role", at, attribute)
    )


def node_roles(run: Lowering) -> dict[str, KeySet]:
    """What makes nodes to the roles that these take: of several templates or classes, each one's."""
    found: dict[str, KeySet] = {}
    for resource in run.world.resources("aws_eks_node_group"):
        found[resource.key] = just(role_of(run, resource, "node_role_arn"))
    for resource in run.world.resources("aws_eks_cluster"):
        if built_in_pools(run, resource).possibly:
            found[resource.key] = just(role_of(run, resource, "compute_config", 0, "node_role_arn"))
    for resource in run.world.resources("aws_autoscaling_group"):
        found[resource.key] = _all(_of_launch(run, launch) for launch in launches_of_group(run, resource))
    for resource in run.world.resources("aws_instance"):
        found[resource.key] = _of_instance(run, resource)
    for node_class in node_classes(kubernetes_of(run)):
        roles = _of_class(run, node_class)
        known = found.get(node_class.resource)
        found[node_class.resource] = roles if known is None else known.plus(roles)
    return found


def _all(sets: Iterator[KeySet]) -> KeySet:
    found = KeySet()
    for each in sets:
        found = found.plus(each)
    return found


def _of_instance(run: Lowering, resource: Resource) -> KeySet:
    if not left_out(resource.value(_PROFILE)):
        return just(profile_role(run, resource.value(_PROFILE), resource.key, _PROFILE))
    return _all(_of_launch(run, launch) for launch in launch_of(run, resource))


def _of_launch(run: Lowering, launch: Launch) -> KeySet:
    if launch.one_of:
        every = _all(_of_launch(run, one) for one in launch.one_of)
        return KeySet(maybe=every.candidates, open=every.open, causes=(*every.causes, *launch.causes))
    if not launch.known:
        return KeySet(open=True, causes=launch.causes)
    if launch.block is None:
        return KeySet()
    at = launch.block
    if at.type == "aws_launch_configuration":
        value = at.value(_PROFILE)
        return KeySet() if left_out(value) else just(profile_role(run, value, at.key, _PROFILE))
    blocks = at.blocks(_PROFILE)
    if blocks.open is not None and not blocks.open.computed:
        return KeySet(open=True, causes=(Cause(at.key, _PROFILE, blocks.open.reason),))
    return _all(_of_block(run, block) for block in blocks)


def _of_block(run: Lowering, block: Block) -> KeySet:
    name = "name" if left_out(block.value("arn")) else "arn"
    value = block.value(name)
    if left_out(value):
        return KeySet()
    return just(profile_role(run, value, block.resource.key, f"{_PROFILE}[0].{name}"))


def profile_role(run: Lowering, value: Value, at: str, attribute: str) -> Pointer:
    """The role behind an instance profile; of one outside the inputs it is not told."""
    profile = iam_link(run, value, "instance_profile", at, attribute)
    profiles = run.by_key("aws_iam_instance_profile")
    read = {run.identity.key(r): r for r in run.world.data("aws_iam_instance_profile") if not r.unread}
    keys: set[str] = set()
    causes = [*profile.causes]
    open_ = profile.open
    for key in profile.keys:
        resource = profiles.get(key)
        if resource is not None:
            role = role_of(run, resource, "role")
        elif key in read:
            role = role_of(run, read[key], "role_arn")
        else:
            why = Cause(at, attribute, f"the instance profile {key} is in none of the inputs")
            role = Pointer(open=True, causes=(why,))
        keys.update(role.keys)
        causes.extend(role.causes)
        open_ = open_ or role.open
    return Pointer(tuple(sorted(keys)), open_, tuple(dict.fromkeys(causes)))


def _of_class(run: Lowering, node_class: NodeClass) -> KeySet:
    """A node class names a role, or an instance profile; where it does neither, its controller decides."""
    one = node_class.manifest
    at = f"{one.attribute}.spec"
    role = one.at("spec", "role")
    if not is_null(role):
        return just(iam_link(run, role, "role", one.resource, f"{at}.role"))
    profile = one.at("spec", "instanceProfile")
    if not is_null(profile):
        return just(profile_role(run, profile, one.resource, f"{at}.instanceProfile"))
    why = Cause(one.resource, f"{at}.role", "names no role: a setting of its controller does")
    return KeySet(open=True, causes=(why,))
