"""Worlds of several networks: hiding values of them never leads to an answer that they contradict.

The worlds are the stories of ``tests/fixtures/connections``: every value that may be hidden is, one at a
time, and then two at a time.
"""

from __future__ import annotations

import json
import random
from functools import lru_cache
from typing import Any

import pytest

from eks_checks.reach.answer import Answer, Verdict
from eks_checks.sets import AddressSet, union_of
from tests.reach.hiding import Spot, hide, spots
from tests.reach.soundness import violations
from tests.reach.test_soundness import ask
from tests.source_tree import ROOT
from tests.stories.asking import inputs

FAMILY = ROOT / "tests" / "fixtures" / "connections"
CASES = sorted(path.parent.name for path in FAMILY.glob("*/applied.json"))
PAIRS = 40

# Where the stand-in provider invents instances' addresses outside their subnets: no stack has both.
IMPOSSIBLE = "cidr_block"


@lru_cache(maxsize=8)
def world(case: str) -> tuple[dict[str, Any], tuple[Answer, ...], AddressSet]:
    """The full plan, the answers about it, and the addresses of all its VPCs."""
    path = FAMILY / case / "applied.json"
    plan = json.loads(path.read_text(encoding="utf-8"))
    vpcs = inputs(path).estate.vpcs.values()
    own = union_of((vpc.addresses("ipv4") | vpc.addresses("ipv6") for vpc in vpcs), AddressSet.empty())
    return plan, ask(plan), own


def hidden(case: str) -> list[Spot]:
    """What may be hidden of a world."""
    found = spots(world(case)[0])
    return [s for s in found if not (s.address.startswith("aws_subnet") and s.path[-1] == IMPOSSIBLE)]


def wrong(case: str, hid: list[Spot]) -> list[str]:
    """Every definite answer that the world contradicts."""
    plan, truth, own = world(case)
    names = ", ".join(map(str, hid))
    return [f"{case}, hidden {names}: {v}" for v in violations(ask(hide(plan, hid)), truth, own)]


@pytest.mark.parametrize("case", CASES)
def test_one_hidden_value_contradicts_nothing(case: str) -> None:
    found = [line for spot in hidden(case) for line in wrong(case, [spot])]
    assert not found, f"{len(found)} in all\n" + "\n".join(found[:10])


@pytest.mark.parametrize("case", CASES)
def test_two_hidden_values_contradict_nothing(case: str) -> None:
    rng = random.Random(f"pairs {case}")
    drawn = [rng.sample(hidden(case), 2) for _ in range(PAIRS)]
    pairs = [pair for pair in drawn if pair[0].address != pair[1].address]
    found = [line for pair in pairs for line in wrong(case, pair)]
    assert not found, f"{len(found)} in all\n" + "\n".join(found[:10])


def test_hiding_leaves_what_is_told_of_connections_open() -> None:
    """The comparison is telling: each story has values without which its connection is only possible."""
    for case in CASES:
        verdicts = {
            source.verdict
            for spot in hidden(case)
            for answer in ask(hide(world(case)[0], [spot]))
            for source in answer.sources
            if source.scope in ("peering", "transit_gateway", "vpn", "client_vpn")
        }
        assert Verdict.POSSIBLE in verdicts, case
