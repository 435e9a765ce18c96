"""Prefixes for sources that are both public addresses and addresses of a VPC."""

from __future__ import annotations

from eks_checks.aws.vpc import Vpc
from eks_checks.reach.internet import globally_reachable, whole
from eks_checks.sets import AddressSet, Family

NOTHING = AddressSet.empty()
FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")


def client_prefixes(
    region: AddressSet, taken: AddressSet, vpc: Vpc | None
) -> tuple[tuple[str, ...], AddressSet]:
    """(the fewest prefixes for the clients of ``region``, those whose VPC block is not known yet).

    Exact on globally reachable addresses and on the VPC's own; other special-purpose addresses are
    included or left out, whichever prints shorter, but those in ``taken`` are left out.
    """
    found: list[str] = []
    unknown = NOTHING
    for family in FAMILIES:
        inside = vpc.addresses(family) if vpc is not None else NOTHING
        symbolic = vpc.symbolic(family) if vpc is not None else NOTHING
        wanted = region.family(family) - symbolic
        public = wanted & globally_reachable(family)
        if public:
            special = whole(family) - globally_reachable(family) - (inside - symbolic - wanted)
            wanted = wanted | AddressSet.from_cidrs(public.to_cidrs(optional=special - taken))
        cidrs = wanted.to_cidrs()
        found += cidrs
        unknown = unknown | ((region & symbolic) - AddressSet.from_cidrs(cidrs))
    return tuple(found), unknown
