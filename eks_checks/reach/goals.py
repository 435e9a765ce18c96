"""Where a route is wanted to lead: to the internet, or within the VPC."""

from __future__ import annotations

from eks_checks.aws.estate import Estate
from eks_checks.aws.vpc import InternetGateway, Route, Subnet, TargetKind
from eks_checks.reach.routing import Goal


def internet_goal(estate: Estate, subnet: Subnet) -> Goal:
    """Whether a route leads to an internet gateway that is attached to the subnet's VPC (C6)."""
    vpc = subnet.vpc.exact

    def goal(route: Route) -> bool | None:
        if route.kind is TargetKind.UNKNOWN:
            return None if route.gateway.open else False
        if route.kind in (TargetKind.VPC_ENDPOINT, TargetKind.NETWORK_INTERFACE):
            # NOTE: an appliance that the gateway's own route table steers to may hand packets on (C18).
            return None if _steered(estate, vpc) else False
        if route.kind is not TargetKind.INTERNET_GATEWAY:
            return False
        answers = {attached(estate.internet_gateways.get(key), vpc) for key in route.gateway.keys}
        if route.gateway.open or not answers:
            answers.add(None)
        return answers.pop() if len(answers) == 1 else None

    return goal


def local_goal(route: Route) -> bool | None:
    """Whether a route stays in the VPC."""
    return route.kind is TargetKind.LOCAL


def attached(gateway: InternetGateway | None, vpc: str | None) -> bool | None:
    """Whether the gateway is attached to the VPC and hands packets straight on; None where not known."""
    if gateway is None or vpc is None or gateway.steered:
        return None
    if gateway.vpc.exact == vpc:
        return True
    return None if gateway.vpc.may_be(vpc) else False


def _steered(estate: Estate, vpc: str | None) -> bool:
    gateways = estate.internet_gateways.values()
    return any(g.steered and (vpc is None or g.vpc.may_be(vpc)) for g in gateways)
