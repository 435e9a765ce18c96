"""The public endpoint of a cluster's API as a target: no subnet and no group, but a list of client ranges.

Who starts inside the VPC and has no private endpoint leaves by a NAT gateway or a public address of its
own and is then one of the internet's clients: that way is not followed, and said to be so.
"""

from __future__ import annotations

from eks_checks.aws.eks import Cluster, Endpoint
from eks_checks.aws.estate import Assumption
from eks_checks.aws.knowledge import Cause
from eks_checks.reach.answer import Answer, Blocker, Hop, Source, UnknownValue, Verdict
from eks_checks.reach.internet import globally_reachable, whole
from eks_checks.reach.layers import unknown_of
from eks_checks.reach.selection import Selection
from eks_checks.reach.targets import API
from eks_checks.sets import AddressSet, Bounds, Family

NOTHING = AddressSet.empty()


def public_answer(
    cluster: Cluster,
    family: Family,
    protocol: str,
    ports: tuple[int, int],
    selection: Selection,
    *,
    explain: bool,
) -> Answer | None:
    """Who reaches the public endpoint on these ports, of which either all or none are 443.

    None where there is no such endpoint in the family: only clusters of IPv6 have IPv6 ones (G3).
    """
    if family == "ipv6" and cluster.ip_family == "ipv4":
        return None
    endpoint = cluster.endpoint
    opened = protocol == "tcp" and ports == (API, API)
    admitted = endpoint.public_cidrs & Bounds.exact(whole(family))
    if not opened:
        admitted = Bounds.exact(NOTHING)
    if not endpoint.public.surely or (family == "ipv6" and cluster.ip_family != "ipv6"):
        admitted = Bounds(NOTHING, admitted.upper)
    asked = selection.within("internet", "", globally_reachable(family))
    sources = tuple(_sources(cluster, family, asked, admitted, selection, explain=explain, opened=opened))
    low, high = ports
    return Answer(
        resource=cluster.resource,
        subnet=None,
        family=family,
        protocol=protocol,
        port=None if protocol == "icmp" else str(low) if low == high else f"{low}-{high}",
        verdict=max((s.verdict for s in sources), key=lambda v: v.strength, default=Verdict.BLOCKED),
        groups=(),
        public_address=str(endpoint.public),
        listener="yes" if opened else "no",
        sources=sources,
        unknowns=tuple(
            sorted({u for s in sources for u in s.unknowns}, key=lambda u: (u.resource, u.attribute))
        ),
        listener_note="the API server's public endpoint"
        if opened
        else "the public endpoint takes tcp 443 only",
        location=cluster.location,
    )


def not_followed(cluster: Cluster) -> Assumption:
    """What an answer about the public endpoint takes for granted."""
    said = "clients that start in the VPC and leave by a NAT gateway or a public address are not followed"
    return Assumption(cluster.resource, f"public endpoint: {said}; they count as internet addresses", "G2")


def _sources(
    cluster: Cluster,
    family: Family,
    asked: AddressSet,
    admitted: Bounds[AddressSet],
    selection: Selection,
    *,
    explain: bool,
    opened: bool,
) -> list[Source]:
    found = []
    reachable = asked & admitted.lower
    possible = asked & admitted.upper - reachable
    optional = whole(family) - globally_reachable(family)
    hop = _hop(cluster.endpoint, cluster.resource)
    for verdict, region in ((Verdict.REACHABLE, reachable), (Verdict.POSSIBLE, possible)):
        if region:
            cidrs = region.to_cidrs(optional=optional)
            optional = optional - AddressSet.from_cidrs(cidrs)
            unknowns = _unknowns(cluster, family) if verdict is Verdict.POSSIBLE else ()
            path = (hop,) if explain else ()
            found.append(Source("internet", verdict, cidrs=cidrs, path=path, unknowns=unknowns))
    rest = asked - reachable - possible
    if rest and not selection.open_only:
        blocker = _blocker(cluster, opened=opened)
        cidrs = rest.to_cidrs(optional=optional)
        found.append(Source("internet", Verdict.BLOCKED, cidrs=cidrs, blocked_by=(blocker,)))
    return found


def _hop(endpoint: Endpoint, resource: str) -> Hop:
    listed = ", ".join(endpoint.spelled) or "not known"
    text = f"the public endpoint of {resource} admits {listed} (public_access_cidrs)"
    return Hop("gateway", resource, f"public_access_cidrs {listed}", text, endpoint.location)


def _blocker(cluster: Cluster, *, opened: bool) -> Blocker:
    listed = ", ".join(cluster.endpoint.spelled) or "nothing"
    text = f"public_access_cidrs of {cluster.resource} admit only {listed}"
    if not opened:
        text = f"the public endpoint of {cluster.resource} takes tcp 443 only"
    return Blocker("security_group", cluster.resource, text)


def _unknowns(cluster: Cluster, family: Family) -> tuple[UnknownValue, ...]:
    endpoint = cluster.endpoint
    causes: list[Cause] = [*endpoint.public.causes, *endpoint.causes]
    if family == "ipv6" and not cluster.ip_family:
        why = "only a cluster of IPv6 has an IPv6 endpoint"
        causes.append(Cause(cluster.resource, "kubernetes_network_config[0].ip_family", why))
    return tuple(dict.fromkeys(unknown_of(cause) for cause in causes))
