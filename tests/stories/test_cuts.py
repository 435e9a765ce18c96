"""Attack paths of whole stories, and what cuts them: read off the stories' own text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eks_checks.cli import main

FIXTURES = Path(__file__).parent.parent / "fixtures"


def attack_paths(capsys: pytest.CaptureFixture[str], story: str, *options: str) -> list[dict[str, Any]]:
    assert (
        main(["reach", str(FIXTURES / story / "plan.json"), "--format", "json", "--explain", *options]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    ways: list[dict[str, Any]] = document["attack_paths"]
    return ways


def test_over_a_network_balancer_from_its_listeners_port(capsys: pytest.CaptureFixture[str]) -> None:
    """The nodes see the client's own address, and one rule of theirs admits it: without it nobody gets in."""
    ways = attack_paths(capsys, "ways-in/nlb-keeps-client-address")
    assert len(ways) == 2
    for way in ways:
        assert way["hops"] == [
            {"from": "internet", "to": "aws_lb.shell", "port": "2222"},
            {"from": "aws_lb.shell", "to": "aws_eks_node_group.workers", "port": "22"},
        ]
        assert (way["cut"]["exact"], way["cut"]["verified"]) == (True, True)
        [change] = way["cut"]["changes"]
        assert change["resource"] == "aws_vpc_security_group_ingress_rule.office"


def test_over_a_bastion(capsys: pytest.CaptureFixture[str]) -> None:
    [first, second] = attack_paths(capsys, "stories/nacl-bastion-right-order")
    assert first["cut"] == second["cut"]
    [change] = first["cut"]["changes"]
    assert change["text"] == "remove inbound tcp 22 from 11.22.33.0/24"
    assert change["location"]["line"] == 121


def test_over_ports_that_the_configuration_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The bastion takes in tcp 22 alone: over another port nobody gets as far as the nodes."""
    config = tmp_path / "other.yaml"
    config.write_text("login_ports: [2222]\n", encoding="utf-8")
    assert attack_paths(capsys, "stories/nacl-bastion-right-order", "--config", str(config)) == []
