"""EKS105: role tags for load balancers are on the wrong kind of subnet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.internet_routes import InternetRoutes, internet_routes
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.role_tags import PUBLIC_ROLE, RoleTag
from eks_checks.aws.vpc import Subnet
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import routes_in_force
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique, verdict_of
from eks_checks.checks.subnets import SUBNET_TYPES
from eks_checks.findings import Evidence, Severity


@dataclass(frozen=True)
class _Judged:
    tag: RoleTag
    verdict: str
    causes: tuple[Cause, ...] = ()


@check(
    id="EKS105",
    name="load-balancer-subnet-tags",
    severity=Severity.INFO,
    summary="Role tags for load balancers are on the wrong kind of subnet.",
    resource_types=SUBNET_TYPES,
)
def eks105(view: View) -> Iterator[Outcome]:
    """One outcome per subnet with a role tag (L6): public and private by effective routes (C4).

    ``kubernetes.io/role/elb`` belongs on public subnets, ``kubernetes.io/role/internal-elb`` on private ones.
    """
    estate = view.estate
    tagged = estate.particulars.role_tags
    for key in sorted(tagged, key=lambda each: estate.subnets[each].resource):
        subnet = estate.subnets[key]
        routes = internet_routes(estate, subnet)
        yield _outcome(subnet, routes, [_judge(tag, routes) for tag in tagged[key]])


def _judge(tag: RoleTag, routes: InternetRoutes) -> _Judged:
    public = routes.truth
    wrong = public.value if tag.key != PUBLIC_ROLE else None if public.value is None else not public.value
    if wrong is False:
        return _Judged(tag, "pass")
    if wrong and tag.there.surely:
        return _Judged(tag, "fail")
    return _Judged(tag, "possible", (*tag.there.causes, *public.causes))


def _outcome(subnet: Subnet, routes: InternetRoutes, judged: list[_Judged]) -> Outcome:
    verdict = verdict_of(each.verdict for each in judged)
    if verdict == "pass":
        return Outcome(subnet.resource, "pass", location=subnet.location)
    bad = [each for each in judged if each.verdict == verdict]
    causes = [cause for each in bad for cause in each.causes]
    told = unique(
        [
            *(_evidence(subnet, routes, each) for each in bad),
            *(routes_in_force(routes, subnet) if routes.truth.possibly else ()),
            *open_questions(causes),
        ]
    )
    if verdict == "fail":
        message = " ".join(dict.fromkeys(_harm(subnet, each.tag) for each in bad))
    else:
        keys = listed(each.tag.key for each in bad)
        message = (
            f"Whether {keys} is on the right kind of subnet at {subnet.resource} cannot be told: "
            f"{decided_by(causes)}."
        )
    return Outcome(subnet.resource, verdict, message, told, _REMEDIATION, location=subnet.location)


def _evidence(subnet: Subnet, routes: InternetRoutes, judged: _Judged) -> Evidence:
    kind = {True: "public", False: "private"}.get(routes.truth.value, "perhaps public")  # type: ignore[arg-type]
    verb = "carries" if judged.tag.there.surely else "may carry"
    tag = judged.tag
    return Evidence(tag.by, f"{subnet.resource}, {kind} by its routes, {verb} {tag.key}", tag.location)


def _harm(subnet: Subnet, tag: RoleTag) -> str:
    if tag.key == PUBLIC_ROLE:
        return (
            f"{subnet.resource} is tagged for internet-facing load balancers ({tag.key}), but its route "
            "table leads to no internet gateway: what a controller puts there answers nobody outside."
        )
    return (
        f"{subnet.resource} is tagged for internal load balancers ({tag.key}), but its route table leads to "
        "an internet gateway: what a controller is told to keep internal lands in a public subnet."
    )


_REMEDIATION = (
    "Put kubernetes.io/role/elb = 1 on subnets whose route table has a route to an internet gateway, and "
    "kubernetes.io/role/internal-elb = 1 on those without: change tags of the aws_subnet, or the "
    "aws_ec2_tag. Nothing is replaced; load balancers that are there keep their subnets."
)
