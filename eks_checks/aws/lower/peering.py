"""VPC peering connections: who asks, who accepts, and whether both have agreed (facts A9, C10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eks_checks.aws.connections import Peering
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, Pointer, Truth, absent
from eks_checks.aws.lower.context import Lowering, cause, left_out, text
from eks_checks.aws.vpc import Vpc
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known

_GONE = frozenset({"deleted", "deleting", "expired", "failed", "rejected"})
_ACCEPTER = "aws_vpc_peering_connection_accepter"


def lower_peerings(run: Lowering, vpcs: Mapping[str, Vpc]) -> dict[str, Peering]:
    """Every peering connection by key: the requester's resource, or only the accepter's."""
    accepters: dict[str, list[Truth]] = {}
    named: dict[str, Resource] = {}
    anywhere: list[Truth] = []
    for resource in run.world.resources(_ACCEPTER):
        link = run.link(resource, "vpc_peering_connection", "vpc_peering_connection_id")
        accepts = _accepts(run, resource, link)
        for key in link.keys:
            accepters.setdefault(key, []).append(accepts)
            named.setdefault(key, resource)
        if link.open:
            anywhere.append(accepts)
    found: dict[str, Peering] = {}
    for resource in run.world.resources("aws_vpc_peering_connection"):
        key = run.identity.key(resource)
        found[key] = _requested(run, resource, key, (*accepters.get(key, ()), *anywhere), vpcs)
    for resource in run.found_data("aws_vpc_peering_connection"):
        key = run.identity.key(resource)
        found.setdefault(key, _read(run, resource, key, (*accepters.get(key, ()), *anywhere), vpcs))
    for key, resource in named.items():
        if key not in found and run.world.get(key) is None:
            found[key] = _accepted_only(run, resource, key)
    return found


def _accepts(run: Lowering, resource: Resource, link: Pointer) -> Truth:
    """Whether the accepter's resource accepts the connection, or each of those that it may be of."""
    asked = run.truth(resource, "auto_accept")
    doubts = (*run.doubts(resource), *(() if link.exact else link.causes))
    unsure = link.exact is None or bool(doubts)
    return Truth(None, (*asked.causes, *doubts)) if unsure and asked.possibly else asked


def _requested(
    run: Lowering, resource: Resource, key: str, accepters: Sequence[Truth], vpcs: Mapping[str, Vpc]
) -> Peering:
    requester = run.perhaps(resource, run.link(resource, "vpc", "vpc_id"))
    accepter = run.perhaps(resource, run.link(resource, "vpc", "peer_vpc_id"))
    other = vpcs.get(accepter.exact or "")
    active = _active(run, resource, accepters, ours=other is not None and other.managed)
    region = _same_region(run, resource, requester, accepter, vpcs)
    if run.doubts(resource):
        active = Truth(None, (*active.causes, *run.doubts(resource)))
    return Peering(key, resource.key, requester, accepter, active, region, location=resource.location)


def _read(
    run: Lowering, resource: Resource, key: str, accepters: Sequence[Truth], vpcs: Mapping[str, Vpc]
) -> Peering:
    """A connection known as data: it says who its ends are, and whether it is active."""
    requester = run.link(resource, "vpc", "vpc_id")
    accepter = run.link(resource, "vpc", "peer_vpc_id")
    status = text(resource, "status")
    active = YES if status == "active" else NO if status in _GONE else _accepted(accepters)
    regions = [text(resource, name) for name in ("requester_region", "peer_region")]
    region = Truth(regions[0] == regions[1]) if all(regions) else UNKNOWN
    if region.value is None:
        region = _same_region(run, resource, requester, accepter, vpcs)
    return Peering(key, key, requester, accepter, active, region, managed=False)


def _accepted_only(run: Lowering, resource: Resource, key: str) -> Peering:
    """A connection whose requester is in none of the inputs: the accepter's resource tells what it knows."""
    ends = (run.link(resource, "vpc", name) for name in ("peer_vpc_id", "vpc_id"))
    requester, accepter = ends
    unsure = Truth(None, (absent(key, "accept_status"),))
    return Peering(key, key, requester, accepter, unsure, Truth(None, unsure.causes), managed=False)


def _active(run: Lowering, resource: Resource, accepters: Sequence[Truth], *, ours: bool) -> Truth:
    """Whether both sides agree. ``ours``: the inputs manage the accepter's VPC too."""
    status = text(resource, "accept_status")
    if status in _GONE:
        return NO
    if status == "active" or run.truth(resource, "auto_accept").surely:
        return YES
    accepted = _accepted(accepters)
    if accepted.surely:
        return accepted
    asked = run.truth(resource, "auto_accept").causes
    perhaps = bool(asked) or any(truth.possibly for truth in accepters)
    if ours and not perhaps:
        run.assume(resource.key, "nobody accepts it but the inputs, which do not", "C10")
        return NO
    why = Cause(resource.key, "accept_status", "whether the other side accepts it is not in the inputs")
    return Truth(None, (*asked, *accepted.causes, why))


def _accepted(accepters: Sequence[Truth]) -> Truth:
    if any(truth.surely for truth in accepters):
        return YES
    return Truth(None, tuple(c for truth in accepters for c in truth.causes))


def _same_region(
    run: Lowering, resource: Resource, requester: Pointer, accepter: Pointer, vpcs: Mapping[str, Vpc]
) -> Truth:
    """Whether both VPCs lie in one Region: rules may name groups of the other side then (A9)."""
    value = resource.value("peer_region")
    ends = [vpcs.get(pointer.exact or "") for pointer in (requester, accepter)]
    regions = [vpc.region if vpc is not None else "" for vpc in ends]
    if all(regions):
        return Truth(regions[0] == regions[1])
    if left_out(value):
        # NOTE: no peer_region means the requester's own Region.
        return YES
    named = str(value.value) if isinstance(value, Known) else ""
    own = regions[0] or text(resource, "region")
    if named and own:
        return Truth(named == own)
    why = (cause(resource, ("peer_region",), value),) if not named else ()
    return Truth(None, (*why, Cause(resource.key, "peer_region", "whether it is the requester's own Region")))
