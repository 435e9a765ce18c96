"""Bounds are sound: whatever a hidden value turns out to be, no definite answer was wrong.

A random world whose every value is known is one completion of the same plan with a few values hidden. What is
``reachable`` with them hidden must be reachable in it; what is ``blocked`` must be blocked.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest

from eks_checks import analysis
from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.engine import Question
from eks_checks.sets import AddressSet
from tests.oracle.plan import to_plan
from tests.oracle.world import random_world
from tests.reach.hiding import Spot, chosen, hide, spots
from tests.reach.soundness import violations

WORLDS = 70
CHUNK = 10
VARIANTS = ((1, 1), (2, 1), (3, 4))
"""(draw, how many values at most are hidden at once), per world: most violations are smallest with one."""

# Found by this test, one of each kind: (world, what is hidden, the lesson).
FOUND = [
    (6, "aws_eks_node_group.workers.subnet_ids.1", "an unresolved subnet may be the source's own (B1)"),
    (115, "aws_instance.bastion.subnet_id", "an unresolved target may be in the control plane's subnet (B1)"),
    (372, "aws_eks_cluster.this.vpc_config.0.subnet_ids", "so may an unresolved control plane (B1)"),
    (
        75,
        "aws_vpc.this[0].cidr_block",
        "the subnet's own hosts are hosts of a VPC with an unknown block (B1)",
    ),
    (87, "aws_subnet.public_2.vpc_id", "they are that of an unknown VPC as well (B1)"),
    (
        608,
        "aws_subnet.nodes_2.vpc_id",
        "a subnet of an unknown VPC may hold this VPC's addresses, under its ACL",
    ),
    (
        989,
        'aws_subnet.each["nodes.3"].vpc_id',
        "the unknown VPC may be one excluded from Block Public Access",
    ),
    (
        1063,
        "aws_default_security_group.default.vpc_id",
        "it may be this VPC's default group, without its rules",
    ),
    (
        209,
        'module.vpc.aws_default_route_table.each["main.1"].default_route_table_id',
        "it may be this VPC's table",
    ),
    (405, "aws_default_network_acl.this[0].default_network_acl_id", "it may be this VPC's ACL, and deny"),
    (212, "aws_security_group_rule.this[2].type", "it may be an outbound rule"),
    (10550, "aws_eks_node_group.workers.subnet_ids", "an unresolved subnet may be one that C15 excludes"),
    (18, "aws_vpc.this[0].cidr_block", "they are clients of its load balancer too (B1)"),
    (50253, "aws_subnet.private_5.cidr_block", "those beside a balancer meet no list (B1)"),
    (50470, 'aws_subnet.each["nodes 2"].vpc_id', "also where its VPC is not known (B1)"),
    (
        50142,
        "aws_ec2_transit_gateway_vpc_attachment.this[2].transit_gateway_id",
        "it may propagate by default into any gateway's table (C11)",
    ),
    (50030, "aws_autoscaling_attachment.node.lb_target_group_arn", "it may be a group of the inputs"),
    (50027, "aws_vpc_ipv4_cidr_block_association.extra.vpc_id", "it may be any VPC's block"),
    (420, "aws_subnet.public.assign_ipv6_address_on_creation", "perhaps there is no IPv6 address to reach"),
]


def ask(plan: dict[str, Any]) -> tuple[Answer, ...]:
    """Who reaches tcp 22 of any interface."""
    inputs = analysis.load(["-"], io.BytesIO(json.dumps(plan).encode()))
    return analysis.reach(inputs, Question(everything=True)).answers


@lru_cache(maxsize=4)
def world(seed: int) -> tuple[dict[str, Any], tuple[Answer, ...], AddressSet]:
    """The full plan, the answers about it, and the VPC's addresses."""
    made = random_world(seed)
    plan = to_plan(made)
    blocks = [cidr for family in (4, 6) for cidr in made.vpc.blocks(family)]
    return plan, ask(plan), AddressSet.from_cidrs(blocks)


def wrong(seed: int, hidden: list[Spot]) -> list[str]:
    """Every definite answer that this completion contradicts."""
    plan, truth, own = world(seed)
    names = ", ".join(map(str, hidden))
    return [
        f"world {seed}, hidden {names}: {violation}"
        for violation in violations(ask(hide(plan, hidden)), truth, own)
    ]


def draw(seed: int) -> list[list[Spot]]:
    """What is hidden of one world, each time."""
    plan = world(seed)[0]
    return [chosen(plan, 1000 * number + seed, most) for number, most in VARIANTS]


@pytest.mark.parametrize("first", range(0, WORLDS, CHUNK))
def test_no_completion_contradicts_a_definite_answer(first: int) -> None:
    found = [line for seed in range(first, first + CHUNK) for hid in draw(seed) for line in wrong(seed, hid)]
    assert not found, f"{len(found)} in all\n" + "\n".join(found[:10])


@pytest.mark.parametrize(("seed", "name", "lesson"), FOUND, ids=[lesson for _, _, lesson in FOUND])
def test_what_was_found(seed: int, name: str, lesson: str) -> None:
    [spot] = [spot for spot in spots(world(seed)[0]) if str(spot) == name]
    found = wrong(seed, [spot])
    assert not found, f"{lesson}\n" + "\n".join(found[:5])


def test_hiding_matters() -> None:
    """The comparison is telling: what is hidden leaves some answers open, and most as they were."""
    verdicts = {Verdict.REACHABLE: 0, Verdict.POSSIBLE: 0, Verdict.BLOCKED: 0}
    for seed in range(8):
        plan = world(seed)[0]
        for answer in ask(hide(plan, draw(seed)[-1])):
            verdicts[answer.verdict] += 1
            for source in answer.sources:
                verdicts[source.verdict] += 1
    assert verdicts[Verdict.POSSIBLE] > 20
    assert verdicts[Verdict.REACHABLE] > 20


def test_a_contradiction_is_seen() -> None:
    """The judge itself: it sees a reachable source that is not there, and one that was kept silent."""
    _, truth, own = world(0)
    closed = tuple(_emptied(answer) for answer in truth)
    assert list(violations(truth, truth, own)) == []
    assert list(violations(truth, closed, own)), "told reachable, but nobody gets in"
    assert list(violations(closed, truth, own)), "told blocked, but somebody gets in"


@pytest.mark.long
def test_thousands_of_completions() -> None:
    first = int(os.environ.get("SOUNDNESS_SEED", "10000"))
    count = int(os.environ.get("SOUNDNESS_WORLDS", "1000"))
    found = [line for seed in range(first, first + count) for hid in draw(seed) for line in wrong(seed, hid)]
    assert not found, f"{len(found)} in all\n" + "\n".join(found[:20])


def _emptied(answer: Answer) -> Answer:
    return replace(answer, sources=(), verdict=Verdict.BLOCKED)
