"""Ports of nodes that the internet reaches: ranges, and the rules behind each part of them."""

from __future__ import annotations

from eks_checks.aws.estate import Estate
from eks_checks.reach.answer import Verdict
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.exposure import explained, exposures
from tests.reach.networks import Host, group, network, rule

WORLD, EVERY = "0.0.0.0/0", (0, 65535)


def nodes(*rules: tuple[tuple[int, int], str], public: bool | None = True) -> Estate:
    held = [rule("inner", ports, source) for ports, source in rules]
    return network([group("inner", *held)], [Host("node", ["inner"], public=public, kind="node_group")])


def told(estate: Estate) -> list[tuple[int, int, str, tuple[str, ...] | None]]:
    found = exposures(Reachability(estate), "tcp", EVERY)
    return [(e.low, e.high, e.source.verdict.value, e.source.cidrs) for e in found]


def test_neighbours_are_one_range_where_the_same_clients_get_in() -> None:
    estate = nodes(((10, 19), WORLD), ((20, 29), WORLD), ((40, 49), WORLD), ((50, 59), "8.0.0.0/8"))
    assert told(estate) == [
        (10, 29, "reachable", (WORLD,)),
        (40, 49, "reachable", (WORLD,)),
        (50, 59, "reachable", ("8.0.0.0/8",)),
    ]


def test_latent_ports_are_told_apart_from_closed_ones() -> None:
    estate = nodes(((10, 19), WORLD), public=False)
    [found] = exposures(Reachability(estate), "tcp", EVERY)
    assert (found.low, found.high, found.source.missing) == (10, 19, "public_address")
    assert found.source.verdict is Verdict.BLOCKED


def test_other_questions_do_not_hear_of_what_is_latent() -> None:
    reachability = Reachability(nodes(((10, 19), WORLD), public=False))
    quiet = Question(ports=(10, 10), only_from=frozenset({"internet"}))
    assert reachability.answers(quiet) == ()
    assert (
        len(reachability.answers(Question(ports=(10, 10), only_from=frozenset({"internet"}), latent=True)))
        == 1
    )


def test_each_part_that_a_rule_tells_apart_is_explained_by_itself() -> None:
    reachability = Reachability(nodes(((10, 29), WORLD), ((20, 39), WORLD)))
    found = exposures(reachability, "tcp", EVERY)
    assert [(e.low, e.high) for e in found] == [(10, 39)]
    parts = {}
    for part in explained(reachability, found):
        rules = [hop.rule for hop in part.source.path if hop.layer == "security_group"]
        parts[part.low, part.high] = sorted(rules)
    first, second = "10-29 from 0.0.0.0/0", "20-39 from 0.0.0.0/0"
    assert parts == {(10, 19): [first], (20, 29): [first, second], (30, 39): [second]}
