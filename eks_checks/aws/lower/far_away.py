"""Nodes and subnets at places where AWS's network works otherwise, or which are not AWS's at all.

Hybrid nodes, Outposts, Local and Wavelength Zones: said in coverage, with what that means for verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_checks.aws.estate import Unmodelled
from eks_checks.aws.lower.context import Lowering, left_out, members, text
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import scalar

_HYBRID = "hybrid nodes are outside AWS: they are no targets; as sources they count where routes lead to them"
_OUTPOST = "the cluster runs on an Outpost: its local gateway and local control plane are not followed"
_ON_OUTPOST = "a subnet on an Outpost counts as one of the Region: its local gateway is not followed"
_ZONE = "a subnet of a Local or Wavelength Zone counts as one of the Region"
_ZONED = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+-(?:[a-z]+-\d+[a-z]|wl\d+-[a-z]+-wlz-\d+)")


def far_away(run: Lowering) -> Iterator[Unmodelled]:
    """What of the inputs is there, by type and attribute."""
    clusters = run.world.resources("aws_eks_cluster")
    subnets = run.world.resources("aws_subnet", "aws_default_subnet")
    hybrid = tuple(one.key for one in clusters if _has(one, "remote_network_config"))
    yield from _entry("aws_eks_cluster.remote_network_config", hybrid, _HYBRID)
    entries = run.world.resources("aws_eks_access_entry")
    roles = tuple(one.key for one in entries if text(one, "type") == "HYBRID_LINUX")
    yield from _entry("aws_eks_access_entry.type", roles, _HYBRID)
    outposts = tuple(one.key for one in clusters if _has(one, "outpost_config"))
    yield from _entry("aws_eks_cluster.outpost_config", outposts, _OUTPOST)
    placed = tuple(one.key for one in subnets if not left_out(one.value("outpost_arn")))
    yield from _entry("aws_subnet.outpost_arn", placed, _ON_OUTPOST)
    zoned = tuple(one.key for one in subnets if _ZONED.fullmatch(text(one, "availability_zone")))
    yield from _entry("aws_subnet.availability_zone", zoned, _ZONE)


def assume_hybrid_networks(run: Lowering) -> None:
    """Take for granted that hybrid nodes and their pods have the addresses that the cluster is told."""
    for cluster in run.world.resources("aws_eks_cluster"):
        for block in cluster.blocks("remote_network_config").items:
            nodes, pods = (_networks(block, name) for name in ("remote_node_networks", "remote_pod_networks"))
            said = " and ".join(
                f"{who} in {', '.join(where)}" for who, where in (("nodes", nodes), ("pods", pods)) if where
            )
            if said:
                run.assume(cluster.key, f"hybrid {said}, outside AWS", "H5")


def _networks(block: Block, name: str) -> tuple[str, ...]:
    found = (members(one, "cidrs")[0] for one in block.blocks(name).items)
    return tuple(str(scalar(value) or "CIDRs not known yet") for values in found for value in values)


def _has(resource: Resource, name: str) -> bool:
    blocks = resource.blocks(name)
    return bool(blocks.items) or (blocks.open is not None and not blocks.open.computed)


def _entry(type_: str, resources: tuple[str, ...], effect: str) -> Iterator[Unmodelled]:
    if resources:
        yield Unmodelled(type_, resources, effect)
