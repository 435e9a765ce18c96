"""Which subnets are tagged for load balancers (L6): by their own tags, or by separate ones (L5)."""

from __future__ import annotations

from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.tagging import Tags, added_tags, carried_tags, merged
from eks_checks.aws.role_tags import ROLE_VALUES, ROLES, RoleTag
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, scalar

_SEPARATE = "aws_ec2_tag"


def lower_role_tags(run: Lowering) -> dict[str, tuple[RoleTag, ...]]:
    """Subnet key to the role tags that it has, or may have; subnets without any are left out.

    Subnets that no input manages are left out as well: their tags are somebody else's.
    """
    separate, added = _separate(run), added_tags(run, "subnet")
    found = {}
    for key, resource in {**run.by_key("aws_subnet"), **run.by_key("aws_default_subnet")}.items():
        tags = merged(carried_tags(run, resource), added.get(key), added.get(""))
        of_roles = [_tag(run, tags, resource, role, separate.get((key, role))) for role in ROLES]
        there = tuple(tag for tag in of_roles if tag.there.possibly)
        if there:
            found[key] = there
    return found


def _tag(run: Lowering, tags: Tags, resource: Resource, key: str, separate: Resource | None) -> RoleTag:
    matched = [tags.match(key, Known(value)) for value in ROLE_VALUES]
    holder = separate or resource
    place = holder.location if separate else holder.located("tags") or holder.location
    if not any(each.possibly for each in matched):
        return RoleTag(key, NO, holder.key, place)
    doubts = (*run.doubts(resource), *run.doubts(holder))
    if any(each.surely for each in matched):
        return RoleTag(key, Truth(None, doubts) if doubts else YES, holder.key, place)
    why = Cause(holder.key, "value" if separate else "tags", f"whether it holds {key} is not known")
    return RoleTag(key, Truth(None, doubts or (why,)), holder.key, place)


def _separate(run: Lowering) -> dict[tuple[str, str], Resource]:
    """(subnet key, tag key) to the resource that puts that tag there by itself."""
    found = {}
    for resource in run.world.resources(_SEPARATE):
        owner = run.identity.find(resource.value("resource_id"), "subnet", resource.key, "resource_id").exact
        key = scalar(resource.value("key"))
        if owner is not None and isinstance(key, str):
            found[owner, key] = resource
    return found
