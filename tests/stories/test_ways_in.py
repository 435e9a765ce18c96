"""Ways in that are no plain route: the cases of ``fixtures/ways-in``, by the heads of each ``main.tf``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from eks_checks.reach.engine import Question
from tests.stories.asking import FIXTURES, as_told, cases, reach
from tests.stories.truths import APPLIED, NOBODY, PLAN, POSSIBLE, REACHABLE, Said

WORKERS, EDGE = "aws_eks_node_group.workers", "aws_autoscaling_group.edge"
PRIVATE = ("aws_subnet.private[0]", "aws_subnet.private[1]")
ENDPOINT = "aws_ec2_instance_connect_endpoint.this"


class Told(NamedTuple):
    """Who gets in at the nodes of one creator in some subnets on one port."""

    port: int
    sources: frozenset[Said]
    resource: str = WORKERS
    subnets: tuple[str, ...] = PRIVATE


def balancer(resource: str, *cidrs: str) -> frozenset[Said]:
    """Its clients."""
    return frozenset({Said("load_balancer", resource, cidrs, REACHABLE)})


def endpoint(verdict: str) -> frozenset[Said]:
    """The Instance Connect Endpoint."""
    return frozenset({Said("instance_connect_endpoint", ENDPOINT, (), verdict)})


WAYS_IN: dict[str, tuple[Told, ...]] = {
    "public-alb-node-port": (
        Told(30080, balancer("aws_lb.web", "0.0.0.0/0")),
        Told(30081, NOBODY),
        Told(22, NOBODY),
    ),
    "nlb-keeps-client-address": (
        Told(22, balancer("aws_lb.shell", "11.22.33.0/24")),
        Told(2222, NOBODY),
    ),
    "internal-nlb-one-zone": (
        Told(22, balancer("aws_lb.inner", "10.22.0.0/17"), subnets=PRIVATE[:1]),
        Told(22, NOBODY, subnets=PRIVATE[1:]),
    ),
    "classic-balancer": (
        Told(31000, balancer("aws_elb.edge", "11.22.33.0/24"), EDGE),
        Told(31000, NOBODY),
        Told(22, NOBODY),
        Told(22, NOBODY, EDGE),
    ),
    "connect-endpoint": (Told(22, endpoint(REACHABLE)), Told(10250, NOBODY)),
    "connect-endpoint-keeps-client": (Told(22, endpoint(POSSIBLE)),),
}
MOMENTS = [
    pytest.param(FIXTURES / "ways-in" / case / moment, truth, id=f"{case}-{truth.port}-{moment}")
    for case, truths in WAYS_IN.items()
    for truth in truths
    for moment in (PLAN, APPLIED)
]


@pytest.mark.parametrize(("path", "truth"), MOMENTS)
def test_who_comes_in(path: Path, truth: Told) -> None:
    answers = reach(path, Question(ports=(truth.port, truth.port))).answers
    told = {(t.resource, t.subnet): t.sources for t in map(as_told, answers) if t.family == "ipv4"}
    for subnet in truth.subnets:
        assert told[truth.resource, subnet] == truth.sources


def test_every_case_is_told() -> None:
    assert sorted(WAYS_IN) == cases("ways-in")
