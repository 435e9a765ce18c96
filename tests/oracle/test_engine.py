"""The engine against the packet-by-packet oracle, on random worlds with all ids known."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from .compare import Summary, run
from .engine_under_test import reach

WORLDS = 240
CHUNK = 40
SHARE = 0.30


@pytest.mark.parametrize("first", range(0, WORLDS, CHUNK))
def test_agrees_with_the_oracle_on_tcp_22(first: int) -> None:
    found = run(range(first, first + CHUNK), reach)
    assert found.worlds == CHUNK
    assert not found.disagreements, "\n".join(map(str, found.disagreements[:10]))


@pytest.mark.parametrize(
    ("first", "protocol", "port"),
    [(2000, "tcp", "10250"), (2020, "udp", "22"), (2040, "icmp", "22"), (2060, "tcp", "20-30")],
)
def test_agrees_on_other_ports_and_protocols_of_every_interface(first: int, protocol: str, port: str) -> None:
    low, _, high = port.partition("-")
    asked = {"protocol": protocol, "ports": (int(low), int(high or low)), "everything": True}
    found = run(
        range(first, first + 20),
        lambda plan: reach(plan, **asked),
        protocol=protocol,
        port=port,
        all_interfaces=True,
    )
    assert not found.disagreements, "\n".join(map(str, found.disagreements[:10]))


def test_the_worlds_are_telling() -> None:
    """Of the questions asked at least 30 % are answered reachable and 30 % blocked."""
    answers = _answers(run(range(CHUNK), reach))
    total = sum(answers.values())
    assert total > 3000
    assert answers["reachable"] / total >= SHARE
    assert answers["blocked"] / total >= SHARE


@pytest.mark.long
def test_agrees_with_the_oracle_on_thousands_of_worlds() -> None:
    first = int(os.environ.get("ORACLE_SEED", "10000"))
    count = int(os.environ.get("ORACLE_WORLDS", "5000"))
    found = run(range(first, first + count), reach)
    print(f"\nseeds {first}..{first + count - 1}: {found.targets} targets, {dict(_answers(found))}")
    assert not found.disagreements, "\n".join(map(str, found.disagreements[:10]))


def _answers(found: Summary) -> Counter[str]:
    total: Counter[str] = Counter()
    for (_scope, _family, verdict), count in found.answers.items():
        total[verdict] += count
    return total
