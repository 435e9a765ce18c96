"""Which subnets are tagged for load balancers (L6): by their own tags, or by separate ones (L5)."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.aws.knowledge import UNKNOWN, Cause, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.nodes import Scene
from eks_checks.aws.lower.selectable import subnets
from eks_checks.aws.lower.selectors import Candidate
from eks_checks.aws.role_tags import INTERNAL_ROLE, PUBLIC_ROLE, ROLE_VALUES, RoleTag
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, scalar

_SEPARATE = "aws_ec2_tag"


def lower_role_tags(run: Lowering, scene: Scene) -> dict[str, tuple[RoleTag, ...]]:
    """Subnet key to the role tags that it has, or may have; subnets without any are left out."""
    separate = _separate(run)
    managed = {**run.by_key("aws_subnet"), **run.by_key("aws_default_subnet")}
    found = {}
    for candidate in subnets(run, scene):
        resource = managed.get(candidate.key)
        if resource is None:
            continue  # of a subnet that no input manages, its tags are somebody else's
        tags = [
            _tag(run, candidate, resource, key, separate.get((candidate.key, key)))
            for key in (PUBLIC_ROLE, INTERNAL_ROLE)
        ]
        there = tuple(tag for tag in tags if tag.there.possibly)
        if there:
            found[candidate.key] = there
    return found


def _tag(
    run: Lowering, candidate: Candidate, resource: Resource, key: str, separate: Resource | None
) -> RoleTag:
    matched = [candidate.tags.match(key, Known(value)) for value in ROLE_VALUES]
    surely = any(each.surely for each in matched)
    there = Truth(True) if surely else UNKNOWN if any(each.possibly for each in matched) else Truth(False)
    holder = separate or resource
    if there.possibly and candidate.doubts:
        return RoleTag(key, Truth(None, candidate.doubts), holder.key, holder.location)
    if there == UNKNOWN:
        doubts = run.doubts(holder)
        why = Cause(holder.key, "value" if separate else "tags", f"whether it holds {key} is not known")
        there = replace(there, causes=doubts or (why,))
    place = holder.location if separate else holder.located("tags") or holder.location
    return RoleTag(key, there, holder.key, place)


def _separate(run: Lowering) -> dict[tuple[str, str], Resource]:
    """(subnet key, tag key) to the resource that puts that tag there by itself."""
    found = {}
    for resource in run.world.resources(_SEPARATE):
        owner = run.identity.find(resource.value("resource_id"), "subnet", resource.key, "resource_id").exact
        key = scalar(resource.value("key"))
        if owner is not None and isinstance(key, str):
            found[owner, key] = resource
    return found
