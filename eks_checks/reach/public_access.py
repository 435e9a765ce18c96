"""VPC Block Public Access as a layer of flows from the internet (fact C15)."""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.aws.estate import Estate
from eks_checks.aws.vpc import BlockMode, Subnet
from eks_checks.reach.answer import Hop
from eks_checks.reach.internet import whole
from eks_checks.reach.layers import Layer
from eks_checks.reach.reasons import PUBLIC_ACCESS, coded
from eks_checks.sets import AddressSet, Bounds, Family

NOTHING = AddressSet.empty()


def public_access(estate: Estate, subnet: Subnet, family: Family) -> Layer:
    """What it lets into the subnet: everything, nothing, or one of the two."""
    block = estate.block_public_access
    mode = block.mode
    sure = {subnet.key, *([subnet.vpc.exact] if subnet.vpc.exact else [])}
    maybe = block.maybe_excluded | (block.excluded - sure)
    # A subnet that cannot be told (it has no name) may be any that is excluded.
    anywhere = subnet.vpc.open or not subnet.resource
    perhaps = bool(maybe & {*sure, *subnet.vpc.keys}) or (anywhere and bool(maybe))
    verdict: bool | None = mode is BlockMode.OFF or bool(block.excluded & sure)
    if not verdict and (mode is BlockMode.UNKNOWN or block.exclusions_open or perhaps):
        verdict = None
    if block.region and _region(estate, subnet) not in ("", block.region):
        verdict = True
    everything = whole(family)
    admits = Bounds(everything if verdict else NOTHING, NOTHING if verdict is False else everything)
    text = coded(f"VPC Block Public Access ({mode.value}) stops flows from the internet", PUBLIC_ACCESS)
    return Layer(
        "block_public_access", "source", block.resource, admits, text, lambda _: block.causes, _no_hops
    )


def _region(estate: Estate, subnet: Subnet) -> str:
    vpc = estate.vpcs.get(subnet.vpc.exact or "")
    return vpc.region if vpc is not None else ""


def _no_hops(_source: str, _target: str) -> Iterable[Hop]:
    return ()
