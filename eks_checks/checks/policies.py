"""What leaves it open whether network policies of the inputs hold pods back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Subnet


def policy_doubts(estate: Estate, clusters: Iterable[str], subnets: Iterable[Subnet]) -> tuple[Cause, ...]:
    """Why policies for these clusters (keys) may hold back more than is sure, towards nodes in ``subnets``.

    A policy names ranges: whether a node whose address cannot be told lies in them is open.
    """
    written = [estate.particulars.written_policies.get(key) for key in clusters]
    doubts = [cause for one in written if one is not None for cause in one.doubts]
    if any(one is not None and one.resources for one in written):
        doubts += [cause for subnet in subnets for cause in _of_address(subnet)]
    return tuple(dict.fromkeys(doubts))


def _of_address(subnet: Subnet) -> Iterator[Cause]:
    if subnet.vpc.exact is None:
        yield Cause(subnet.resource, "vpc_id", "whether the policies cover its VPC is not known")
    if subnet.unknown_block:
        yield Cause(subnet.resource, "cidr_block", "whether the policies cover its range is not known")
