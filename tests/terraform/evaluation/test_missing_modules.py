"""Modules whose sources are not at hand may change what they are given; what they make, nobody judges."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.estate import Unresolved
from eks_checks.reach.engine import Question
from tests.terraform.evaluation.worlds import ASSOCIATED, GATEWAY, GROUP, HOST, NETWORK, OUT, folder

EVERYTHING = Question(everything=True)
CONNECTED = NETWORK + GATEWAY + OUT + ASSOCIATED
CLOSED = GROUP.replace('"0.0.0.0/0"]\n  }\n  egress', '"203.0.113.7/32"]\n  }\n  egress')


def module(arguments: str) -> str:
    return f'module "away" {{\n  source  = "somebody/module/aws"\n  version = "1.0.0"\n  {arguments}\n}}\n'


def verdict(inputs: analysis.Inputs, resource: str = "aws_instance.node") -> str:
    """Whether the internet reaches the instance."""
    asked = Question(everything=True, sources=("internet",), families=("ipv4",))
    [answer] = [a for a in analysis.reach(inputs, asked).answers if a.resource == resource]
    return answer.verdict.value


SHUT = """
resource "aws_network_acl" "this" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [aws_subnet.this.id]
}
"""
CASES = {
    "a group": (CONNECTED + CLOSED + HOST, "groups = { nodes = [aws_security_group.this.id] }"),
    "a whole group": (CONNECTED + CLOSED + HOST, "group = aws_security_group.this"),
    "a route table": (NETWORK + GATEWAY + ASSOCIATED + GROUP + HOST, "tables = [aws_route_table.this.id]"),
    "an acl": (CONNECTED + GROUP + HOST + SHUT, "acl = aws_network_acl.this.id"),
    "a subnet": (NETWORK + GATEWAY + OUT + GROUP + HOST, "subnet_ids = aws_subnet.this[*].id"),
    "a VPC": (NETWORK + GATEWAY + OUT + GROUP + HOST, "vpc_id = aws_vpc.this.id"),
    "the default group": (
        CONNECTED + HOST.replace("aws_security_group.this.id", "aws_vpc.this.default_security_group_id"),
        "group = aws_vpc.this.default_security_group_id",
    ),
    "an instance": (
        (CONNECTED + GROUP + HOST).replace("map_public_ip_on_launch = true", ""),
        "instance = aws_instance.node.id",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_module_is_given_it_may_change(case: str, tmp_path: Path) -> None:
    base, given = CASES[case]
    assert verdict(folder(tmp_path, base + module('name = "x"'))) == "blocked"
    assert verdict(folder(tmp_path, base + module(given))) == "possible"


def test_the_cause_names_the_module(tmp_path: Path) -> None:
    base, given = CASES["a group"]
    report = analysis.reach(folder(tmp_path, base + module(given)), EVERYTHING)
    unknowns = {(u.resource, u.attribute) for a in report.answers for s in a.sources for u in s.unknowns}
    assert ("module.away", "source") in unknowns
    reason = "its source somebody/module/aws is not installed: run `terraform init`"
    assert Unresolved("module.away", "source", reason) in report.coverage.unresolved
    assert any("module.away" in notice and "terraform init" in notice for notice in report.notices)


def test_without_any_node_the_report_says_who_may_make_some(tmp_path: Path) -> None:
    inputs = folder(tmp_path, NETWORK + module("vpc_id = aws_vpc.this.id"))
    for report in (analysis.reach(inputs, Question()), analysis.interfaces(inputs)):
        assert "no EKS nodes in these sources" in report.notices[0]
        assert "module.away" in report.notices[0]


def test_a_missing_module_is_no_resource(tmp_path: Path) -> None:
    world = folder(tmp_path, NETWORK + module("")).world
    assert [one.key for one in world.missing_modules] == ["module.away"]
    assert all(one.key != "module.away" for one in world.resources())
    assert world.inputs[0].resources == len(world.resources())


def test_each_instance_of_a_missing_module_has_its_own_arguments(tmp_path: Path) -> None:
    base = (
        CONNECTED
        + CLOSED
        + HOST
        + HOST.replace('"node"', '"other"').replace(
            "aws_security_group.this.id", "aws_security_group.other.id"
        )
        + CLOSED.replace('"this" {', '"other" {')
    )
    given = "for_each = { a = aws_security_group.other.id }\n group = each.value"
    inputs = folder(tmp_path, base + module(given))
    assert [one.key for one in inputs.world.missing_modules] == ['module.away["a"]']
    assert verdict(inputs, "aws_instance.other") == "possible"
    assert verdict(inputs) == "blocked"
