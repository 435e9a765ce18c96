"""EKS309: the public endpoint's ranges are, as a set, the world or close to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import FAMILY_NAMES, decided_by, listed, open_questions
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.breadth import Breadth
from eks_checks.sets import AddressSet, Bounds, Family

_PUBLIC, _CIDRS = "vpc_config[0].endpoint_public_access", "vpc_config[0].public_access_cidrs"
_FAMILY = "kubernetes_network_config[0].ip_family"


@dataclass(frozen=True)
class _Admitted:
    """What the endpoint admits of one family: surely, and at most."""

    lower: Breadth
    upper: Breadth


@check(
    id="EKS309",
    name="endpoint-public-world",
    severity=Severity.HIGH,
    summary="The public endpoint's CIDRs, as a set, are the world or close to it.",
    resource_types=("aws_eks_cluster",),
    parameters=("allowed_cidrs",),
)
def eks309(view: View) -> Iterator[Outcome]:
    """One outcome per cluster of the inputs: the size of what its public endpoint admits (G1-G3, A18)."""
    for cluster in sorted(view.estate.clusters.values(), key=lambda each: each.resource):
        if cluster.managed:
            yield _outcome(cluster, view.settings.allowed_addresses)


def _outcome(cluster: Cluster, allowed: AddressSet) -> Outcome:
    endpoint = cluster.endpoint
    admitted = [_admitted(cluster, family, allowed) for family in _families(cluster)]
    worst = max((_level(each.upper) for each in admitted), default=None)
    if not endpoint.public.possibly or worst is None or worst is Severity.INFO:
        return Outcome(cluster.resource, "pass", location=cluster.location)
    sure = max(_level(each.lower) for each in admitted)
    if not endpoint.public.surely or sure is Severity.INFO:
        return _undecided(cluster, worst)
    wide = [each.lower for each in admitted if _level(each.lower) is not Severity.INFO]
    message = f"The public endpoint of {cluster.resource} admits {_told(cluster, wide)}. {_WHO}"
    if sure is not Severity.HIGH:
        known = "less than half of them" if sure is worst else "less than half of them for certain"
        message += f" Rated {sure.label} instead of {Severity.HIGH.label}: {known}."
    told = (*_evidence(cluster, wide), *open_questions(endpoint.causes))
    return Outcome(cluster.resource, "fail", message, told, _REMEDIATION, sure, cluster.location)


def _families(cluster: Cluster) -> tuple[Family, ...]:
    # NOTE: only clusters of IPv6 have an IPv6 endpoint (G3): `::/0` admits nobody to another.
    return ("ipv4",) if cluster.ip_family == "ipv4" else ("ipv4", "ipv6")


def _admitted(cluster: Cluster, family: Family, allowed: AddressSet) -> _Admitted:
    beyond = cluster.endpoint.public_cidrs - Bounds.exact(allowed)
    surely = family == "ipv4" or cluster.ip_family == "ipv6"
    lower = beyond.lower if surely else AddressSet.empty()
    return _Admitted(Breadth.of(lower, family), Breadth.of(beyond.upper, family))


def _level(admitted: Breadth) -> Severity:
    """High for at least half of the public addresses, medium for a large part, info for no finding."""
    if admitted.most:
        return Severity.HIGH
    return Severity.MEDIUM if admitted.large else Severity.INFO


def _undecided(cluster: Cluster, worst: Severity) -> Outcome:
    endpoint = cluster.endpoint
    causes = [*endpoint.public.causes, *endpoint.causes]
    if not cluster.ip_family:
        causes.append(Cause(cluster.resource, _FAMILY, "only a cluster of IPv6 has an IPv6 endpoint"))
    message = (
        f"Whether the public endpoint of {cluster.resource} admits the world, or much of it, cannot be "
        f"told: {decided_by(causes)}. {_WHO}"
    )
    told = open_questions(causes)
    return Outcome(cluster.resource, "possible", message, told, _REMEDIATION, worst, cluster.location)


def _told(cluster: Cluster, wide: Sequence[Breadth]) -> str:
    """``every public IPv4 address (0.0.0.0/1 and 128.0.0.0/1 together)``."""
    return listed(f"{_share(each)} ({_ranges(cluster, each.family)})" for each in wide)


def _share(each: Breadth) -> str:
    name = FAMILY_NAMES[each.family]
    if each.world:
        return f"every public {name} address"
    if each.family == "ipv4":
        return f"{each.size:,} of the {each.whole:,} public {name} addresses"
    return f"{each.size / each.whole:.1%} of all public {name} addresses"


def _ranges(cluster: Cluster, family: Family) -> str:
    spelled = _spelled(cluster, family)
    return f"{listed(spelled)} together" if len(spelled) > 1 else listed(spelled)


def _spelled(cluster: Cluster, family: Family) -> list[str]:
    return sorted(text for text in cluster.endpoint.spelled if (":" in text) == (family == "ipv6"))


def _evidence(cluster: Cluster, wide: Sequence[Breadth]) -> Iterator[Evidence]:
    on = "endpoint_public_access is on (so it is where nothing is set)"
    yield Evidence(cluster.resource, on, attribute=_PUBLIC)
    for each in wide:
        ranges = listed(_spelled(cluster, each.family), shown=12)
        text = f"public_access_cidrs are {ranges}: {_share(each)}"
        yield Evidence(cluster.resource, text, cluster.endpoint.location, _CIDRS)


_WHO = (
    "Anybody there may try credentials on the Kubernetes API, and use a flaw of the API server or a token "
    "that leaked."
)

_REMEDIATION = (
    "Set vpc_config.endpoint_private_access = true, and then endpoint_public_access = false, or narrow "
    "public_access_cidrs to the ranges where kubectl and pipelines run; neither replaces the cluster. With "
    "the public endpoint alone the nodes' own requests leave the VPC: then public_access_cidrs must hold "
    "the addresses of their NAT gateways as well. A range that is meant belongs under `allowed_cidrs`."
)
