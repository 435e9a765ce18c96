"""Stacks joined to other networks: who gets in over a peering, a transit gateway or a VPN, and who does not.

The truths stand in the heads of ``tests/fixtures/connections/*/main.tf``, derived from AWS's rules; nothing
here was copied from the tool.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from eks_checks.reach.answer import Verdict
from eks_checks.reach.engine import Question
from tests.stories.asking import FIXTURES, as_told, cases, reach
from tests.stories.truths import APPLIED, PLAN, Said, control_plane, interface, pods, vpc

FAMILY = FIXTURES / "connections"
WORKERS, FIRST, SECOND = "aws_eks_node_group.workers", "aws_subnet.private[0]", "aws_subnet.private[1]"


def over(scope: str, resource: str, *cidrs: str, verdict: str = "reachable") -> set[Said]:
    """Addresses behind a connection."""
    return {Said(scope, resource, cidrs, verdict)}


@dataclass(frozen=True)
class Joined:
    """Who gets in, by the node's subnet; ``held``: (subnet, source, layer) of what does not."""

    sources: dict[str, set[Said]]
    held: set[tuple[str, str, str]] = field(default_factory=set)


BOTH = (FIRST, SECOND)
NEIGHBOURS = vpc("10.0.0.0/16") | interface(WORKERS, *BOTH) | pods(WORKERS, *BOTH) | control_plane(*BOTH)
PEERED = over("peering", "aws_vpc_peering_connection.this", "10.1.1.0/25") | interface(
    "aws_instance.jump", "aws_subnet.tools[0]"
)
OFFICE = over("vpn", "aws_vpn_connection.office", "192.168.0.0/23")
HOME = over("client_vpn", "aws_ec2_client_vpn_endpoint.home", "172.20.0.0/22")
PARTNER = over("peering", "aws_vpc_peering_connection.partner", "10.9.4.0/22", verdict="possible")

TRUTHS = {
    "peering-both-sides": Joined(
        {FIRST: PEERED, SECOND: PEERED},
        {
            (subnet, source, layer)
            for subnet in BOTH
            for source, layer in (
                ("aws_instance.lost", "route"),
                ("aws_instance.other", "security_group"),
            )
        },
    ),
    "transit-gateway-hub": Joined(
        {
            FIRST: NEIGHBOURS
            | over("transit_gateway", "aws_ec2_transit_gateway.hub", "10.1.1.0/24")
            | interface("aws_instance.operator", "aws_subnet.ops[0]"),
            SECOND: NEIGHBOURS,
        },
        {
            (FIRST, "aws_instance.developer", "route"),
            (SECOND, "aws_instance.developer", "route"),
            (SECOND, "aws_instance.operator", "route"),
            (SECOND, "aws_ec2_transit_gateway.hub", "route"),
        },
    ),
    "static-vpn-and-clients": Joined(
        {FIRST: OFFICE | HOME, SECOND: OFFICE},
        {(SECOND, "aws_ec2_client_vpn_endpoint.home", "route")},
    ),
    "peer-in-another-account": Joined(
        {FIRST: PARTNER, SECOND: PARTNER},
    ),
}
MOMENTS = [(case, moment) for case in TRUTHS for moment in (PLAN, APPLIED)]


@pytest.mark.parametrize(("case", "moment"), MOMENTS)
def test_who_gets_in_over_a_connection(case: str, moment: str) -> None:
    told = {target.subnet: target for target in map(as_told, reach(FAMILY / case / moment).answers)}
    assert {subnet: set(target.sources) for subnet, target in told.items()} == TRUTHS[case].sources


@pytest.mark.parametrize(("case", "moment"), [m for m in MOMENTS if TRUTHS[m[0]].held])
def test_what_holds_the_others(case: str, moment: str) -> None:
    held = TRUTHS[case].held
    names = tuple(sorted({source for _, source, _ in held}))
    for answer in reach(FAMILY / case / moment, Question(sources=names)).answers:
        for subnet, source, layer in held:
            if subnet == answer.subnet:
                [found] = [s for s in answer.sources if s.resource == source and s.verdict is Verdict.BLOCKED]
                assert layer in {blocker.layer for blocker in found.blocked_by}, (subnet, source)


@pytest.mark.parametrize("moment", [PLAN, APPLIED])
def test_the_way_names_every_route_on_it(moment: str) -> None:
    question = Question(sources=("aws_instance.operator",), explain=True)
    answers = reach(FAMILY / "transit-gateway-hub" / moment, question).answers
    [source] = [s for a in answers if a.subnet == FIRST for s in a.sources]
    assert [hop.resource for hop in source.path if hop.layer == "route"] == [
        "aws_route_table.ops",
        "aws_ec2_transit_gateway_route.ops_to_nodes",
        "aws_route.to_hub",
        'aws_ec2_transit_gateway_route_table_propagation.spokes["ops"]',
    ]
    assert all(hop.location is not None for hop in source.path if hop.layer == "route")


def test_a_partner_is_named_with_what_decides() -> None:
    answers = reach(FAMILY / "peer-in-another-account" / PLAN).answers
    names = {(unknown.resource, unknown.attribute) for answer in answers for unknown in answer.unknowns}
    assert ("vpc-0fedcba9876543210", "route_table") in names
    assert ("aws_vpc_peering_connection.partner", "accept_status") in names


def test_every_case_has_its_truth() -> None:
    assert sorted(TRUTHS) == cases("connections")
