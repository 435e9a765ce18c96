"""VPC Block Public Access of the Region (fact C15)."""

from __future__ import annotations

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.context import Lowering, cause, left_out, text
from eks_checks.aws.vpc import BlockMode, BlockPublicAccess
from eks_checks.terraform.value import Known, scalar


def lower_block_public_access(run: Lowering) -> BlockPublicAccess:
    """The mode in force and what is excluded from it both ways; off where no input sets it."""
    options = run.world.resources("aws_vpc_block_public_access_options")
    if not options:
        return BlockPublicAccess()
    resource = options[0]
    value = resource.value("internet_gateway_block_mode")
    causes: list[Cause] = []
    mode = BlockMode.OFF
    if len(options) > 1 or (not text(resource, "region") and _several_providers(run)):
        why = "it is for one Region, and which VPCs lie there is not in the plan"
        causes.append(Cause(resource.key, "region", why))
        mode = BlockMode.UNKNOWN
    elif isinstance(value, Known):
        known = {m.value: m for m in BlockMode}
        mode = known.get(str(value.value), BlockMode.OFF)
    elif not left_out(value):
        mode = BlockMode.UNKNOWN
        causes.append(cause(resource, ("internet_gateway_block_mode",), value))
    if mode is not BlockMode.OFF and run.doubts(resource):
        mode = BlockMode.UNKNOWN
        causes.extend(run.doubts(resource))
    sure: set[str] = set()
    maybe: set[str] = set()
    open_ = False
    for exclusion in run.world.resources("aws_vpc_block_public_access_exclusion"):
        kind = exclusion.value("internet_gateway_exclusion_mode")
        if isinstance(kind, Known) and scalar(kind) != "allow-bidirectional":
            continue  # NOTE: allow-egress lifts only the outbound half
        for attribute, name in (("vpc_id", "vpc"), ("subnet_id", "subnet")):
            if left_out(exclusion.value(attribute)):
                continue
            found = run.link(exclusion, name, attribute)
            doubts = run.doubts(exclusion)
            certain = found.exact is not None and isinstance(kind, Known) and not doubts
            (sure if certain else maybe).update(found.keys)
            open_ = open_ or found.open
            causes.extend((*found.causes, *doubts))
    return BlockPublicAccess(
        mode,
        frozenset(sure),
        frozenset(maybe - sure),
        open_,
        resource.key,
        tuple(causes),
        text(resource, "region") if len(options) == 1 else "",
    )


def _several_providers(run: Lowering) -> bool:
    """Whether VPCs and options may lie in several Regions: several provider configurations make them."""
    made = run.world.resources("aws_vpc", "aws_vpc_block_public_access_options")
    return len({(resource.input, resource.provider_key) for resource in made}) > 1
