"""A range of ports is answered by sub-ranges: without gaps, and as each port alone would be."""

from __future__ import annotations

import io
import itertools
import json

import pytest

from eks_checks import analysis
from eks_checks.reach.answer import Answer
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.ports import flow_of, port_text
from eks_checks.sets import ICMP, ICMPV6, TCP, UDP
from tests.oracle.plan import to_plan
from tests.oracle.world import random_world

LOW, HIGH = 20, 26


def reachability(seed: int) -> Reachability:
    return analysis.load(["-"], io.BytesIO(json.dumps(to_plan(random_world(seed))).encode())).reachability


def essence(answer: Answer) -> tuple[object, ...]:
    return (answer.verdict, [(s.scope, s.resource, s.subnet, s.cidrs, s.verdict) for s in answer.sources])


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("seed", [1, 2, 5, 9])
def test_sub_ranges_have_no_gaps_and_say_what_each_port_says(seed: int, protocol: str) -> None:
    asked = reachability(seed)
    ranges = asked.answers(Question(protocol=protocol, ports=(LOW, HIGH)))
    told: dict[tuple[str, str | None, str], dict[int, tuple[object, ...]]] = {}
    for answer in ranges:
        first, _, last = (answer.port or "").partition("-")
        ports = told.setdefault((answer.resource, answer.subnet, answer.family), {})
        assert int(first) == LOW + len(ports), "ascending, no gaps, no overlap"
        ports.update({port: essence(answer) for port in range(int(first), int(last or first) + 1)})
    assert all(sorted(ports) == list(range(LOW, HIGH + 1)) for ports in told.values())
    for port in range(LOW, HIGH + 1):
        alone = asked.answers(Question(protocol=protocol, ports=(port, port)))
        assert {(a.resource, a.subnet, a.family) for a in alone} == set(told)
        for answer in alone:
            assert told[answer.resource, answer.subnet, answer.family][port] == essence(answer), port


def test_neighbours_that_are_alike_are_one_answer() -> None:
    for seed in (1, 2, 5, 9):
        answers = reachability(seed).answers(Question(ports=(LOW, HIGH)))
        for one, other in itertools.pairwise(answers):
            if (one.resource, one.subnet, one.family) == (other.resource, other.subnet, other.family):
                assert essence(one) != essence(other)


def test_a_flow_goes_to_one_port_and_comes_back_to_any_client_port() -> None:
    for protocol, number in (("tcp", TCP), ("udp", UDP)):
        flow = flow_of(protocol, 0, "ipv4")
        assert flow.request.contains(number, 0)
        assert not flow.request.contains(number, 1)
        assert [flow.reply.contains(number, port) for port in (1023, 1024, 65535)] == [False, True, True]


def test_a_ping_is_an_echo_request_and_its_reply() -> None:
    for family, number, request, reply in (("ipv4", ICMP, 8, 0), ("ipv6", ICMPV6, 128, 129)):
        flow = flow_of("icmp", 22, "ipv6" if family == "ipv6" else "ipv4")
        assert flow.request.contains(number, request * 256)
        assert flow.reply.contains(number, reply * 256)
        assert not flow.request.contains(number, reply * 256)


def test_how_a_range_is_written() -> None:
    assert (port_text(22, 22), port_text(0, 65535)) == ("22", "0-65535")
