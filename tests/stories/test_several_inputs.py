"""Several inputs as one world: a network's state beside a cluster's plan; roots that share addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eks_checks import analysis
from eks_checks.reach.answer import Answer, Source, Verdict
from eks_checks.reach.engine import Question
from eks_checks.render import json as rendered
from eks_checks.settings import Settings
from eks_checks.terraform.document import Document
from eks_checks.terraform.plan import document
from tests.source_tree import ROOT

FAMILY = ROOT / "tests" / "fixtures" / "several-inputs"
STACK = FAMILY / "network-and-cluster"
STATE = STACK / "network.state"
SHARED = FAMILY / "shared-addresses"
APPLIED = sorted(path.parent for path in FAMILY.parent.glob("stories/*/applied.json"))
PORTS = (22, 443)


def inputs(*paths: Path) -> analysis.Inputs:
    return analysis.load([str(path) for path in paths])


def answers(world: analysis.Inputs, port: int = 22) -> tuple[Answer, ...]:
    return analysis.reach(world, Question(everything=True, ports=(port, port))).answers


def told(world: analysis.Inputs, port: int = 22) -> list[tuple[object, ...]]:
    """All of the answers but what says why."""
    return [
        (a.resource, a.subnet, a.family, a.port, a.verdict, a.groups, a.public_address, _sources(a.sources))
        for a in answers(world, port)
    ]


def _sources(sources: tuple[Source, ...]) -> list[tuple[object, ...]]:
    return [(s.scope, s.resource, s.subnet, s.verdict, s.via, s.cidrs) for s in sources]


# --- a state beside a plan ----------------------------------------------------------------------------


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("plan", ["plan.json", "applied.json"])
def test_a_networks_state_beside_a_clusters_plan_says_what_one_root_says(plan: str, port: int) -> None:
    apart, whole = inputs(STATE, STACK / "cluster" / plan), inputs(STACK / "combined" / plan)
    assert told(apart, port) == told(whole, port)
    assert apart.world.names.by_key == {}


def test_the_order_of_the_inputs_does_not_matter() -> None:
    plan = STACK / "cluster" / "plan.json"
    assert told(inputs(plan, STATE)) == told(inputs(STATE, plan))


def test_findings_are_those_of_one_root() -> None:
    def found(world: analysis.Inputs) -> list[tuple[object, ...]]:
        report = analysis.scan(world, Settings())
        return [(f.check_id, f.severity, f.status, f.resource, f.fingerprint) for f in report.findings]

    apart = inputs(STATE, STACK / "cluster" / "plan.json")
    assert found(apart) == found(inputs(STACK / "combined" / "plan.json"))
    summaries = analysis.scan(apart, Settings()).inputs
    assert [(entry.kind, entry.resources) for entry in summaries] == [("state", 14), ("plan", 6)]


def test_the_truth_of_the_story() -> None:
    by_target = {(a.resource, a.subnet): a for a in answers(inputs(STATE, STACK / "cluster" / "plan.json"))}
    edge = by_target["aws_eks_node_group.edge", "aws_subnet.public"]
    assert [s.cidrs for s in edge.sources if s.scope == "internet"] == [("0.0.0.0/0",)]
    for number in (0, 1):
        inner = by_target["aws_eks_node_group.inner", f"aws_subnet.private[{number}]"]
        assert {s.verdict for s in inner.sources} == {Verdict.REACHABLE}
        assert not [s for s in inner.sources if s.scope == "internet" or s.subnet == "aws_subnet.public"]
        assert "aws_instance.bastion" in {s.resource for s in inner.sources}


def test_a_plan_alone_names_every_object_that_is_missing() -> None:
    report = analysis.reach(inputs(STACK / "cluster" / "plan.json"), Question())
    for answer in report.answers:
        assert [s.verdict for s in answer.sources if s.scope == "internet"] in ([Verdict.POSSIBLE], [])
        missing = f"{answer.subnet} is in none of the inputs: add its state"
        assert any(missing in unknown.effect for unknown in answer.unknowns)
    unresolved = {entry.resource: entry.reason for entry in report.coverage.unresolved}
    ids = json.loads(STATE.read_text(encoding="utf-8"))["outputs"]
    named = [ids["public_subnet_id"]["value"], *ids["private_subnet_ids"]["value"]]
    for missing in (*named, ids["bastion_group_id"]["value"]):
        assert unresolved[missing] == f"{missing} is in none of the inputs: add its state"


NETWORK_TYPES = (
    "aws_vpc",
    "aws_default_",
    "aws_subnet",
    "aws_route",
    "aws_main_route",
    "aws_internet_gateway",
    "aws_egress_only",
    "aws_nat_gateway",
    "aws_eip",
    "aws_network_acl",
)


@pytest.mark.parametrize("case", APPLIED, ids=lambda case: case.name)
def test_a_state_cut_in_two_says_what_it_says_whole(case: Path) -> None:
    """Every story, all ids known: its network as one root, the rest as another, joined by real ids alone."""
    body = json.loads((case / "applied.json").read_text(encoding="utf-8"))
    found = list(_resources(body["planned_values"]["root_module"], ""))
    rules = ("aws_vpc_security_group",)
    network = [
        r for r in found if r[1]["type"].startswith(NETWORK_TYPES) and not r[1]["type"].startswith(rules)
    ]
    rest = [r for r in found if r not in network]
    assert network
    assert rest
    whole, parts = _state("whole", found), (_state("network", network), _state("rest", rest))
    for port in PORTS:
        cut = told(analysis.Inputs(parts), port)
        assert cut == told(analysis.Inputs((whole,)), port)


def _resources(module: Any, address: str) -> Any:
    for resource in module.get("resources", []):
        yield address, resource
    for child in module.get("child_modules", []):
        yield from _resources(child, child["address"])


def _state(path: str, resources: list[tuple[str, Any]]) -> Document:
    root = {"resources": [r for module, r in resources if not module], "child_modules": []}
    for module in dict.fromkeys(module for module, _ in resources if module):
        root["child_modules"].append(
            {"address": module, "resources": [r for its, r in resources if its == module]}
        )
    return document({"format_version": "1.0", "values": {"root_module": root}}, path)


# --- inputs of one root -------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", ["applied.json", "targeted.json"])
def test_a_state_under_a_plan_of_its_root_changes_nothing(plan: str) -> None:
    alone = inputs(STACK / "network" / plan)
    both = inputs(STATE, STACK / "network" / plan)
    assert told(both) == told(alone) == told(inputs(STATE))
    assert [str(r.address) for r in both.world.resources()] == [
        str(r.address) for r in alone.world.resources()
    ]
    assert any("of the same root as" in notice for notice in both.world.notices)


def test_three_inputs_of_two_roots() -> None:
    cluster = STACK / "cluster" / "plan.json"
    world = inputs(cluster, STACK / "network" / "targeted.json", STATE)
    assert told(world) == told(inputs(STATE, cluster))
    assert len(world.world.roots) == 2


# --- different roots that share addresses -------------------------------------------------------------


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("blue", ["plan.json", "applied.json"])
@pytest.mark.parametrize("green", ["plan.json", "applied.json"])
def test_roots_that_share_every_address_stay_apart(blue: str, green: str, port: int) -> None:
    paths = SHARED / "blue" / blue, SHARED / "green" / green
    together = inputs(*paths)
    names = together.world.names
    for path in paths:
        own = [
            _plain(answer, names)
            for answer in answers(together, port)
            if names.input(answer.resource) == str(path)
        ]
        assert own == [_plain(answer, names) for answer in answers(inputs(path), port)]


def _plain(answer: Answer, names: Any) -> tuple[object, ...]:
    sources = [
        (s.scope, names.address(s.resource), s.verdict, names.address(s.via), s.cidrs) for s in answer.sources
    ]
    subnet = names.address(answer.subnet or "")
    return (names.address(answer.resource), subnet, answer.family, answer.verdict, sources)


def test_every_resource_then_has_its_input_beside() -> None:
    paths = SHARED / "blue" / "plan.json", SHARED / "green" / "plan.json"
    world = inputs(*paths)
    for text in (
        rendered.reach(analysis.reach(world, Question(explain=True)), explain=True),
        rendered.scan(analysis.scan(world, Settings())),
        rendered.interfaces(analysis.interfaces(world)),
    ):
        objects = list(_objects(json.loads(text)))
        assert objects
        for each in objects:
            assert each["input"] in {*map(str, paths), None}
            assert (each["input"] is None) == (each["resource"] in (None, "account", "internet"))
            assert ":" not in (each["resource"] or "")


def _objects(tree: Any) -> Any:
    if isinstance(tree, dict):
        if "resource" in tree:
            yield tree
        tree = list(tree.values())
    for part in tree if isinstance(tree, list) else ():
        yield from _objects(part)


def test_an_address_that_inputs_share_means_each_of_them() -> None:
    world = inputs(SHARED / "blue" / "plan.json", SHARED / "green" / "plan.json")
    address = "aws_eks_node_group.workers"
    both = analysis.reach(world, Question(targets=(address,))).answers
    assert {answer.resource for answer in both} == {
        f"{color}/plan.json:{address}" for color in ("blue", "green")
    }
    one = analysis.reach(world, Question(targets=(f"green/plan.json:{address}",))).answers
    assert {answer.resource for answer in one} == {f"green/plan.json:{address}"}


def test_each_finding_is_told_once_for_each_root() -> None:
    world = inputs(SHARED / "blue" / "plan.json", SHARED / "green" / "applied.json")
    found = [f for f in analysis.scan(world, Settings()).findings if f.check_id == "EKS201"]
    assert [(f.resource, f.change) for f in found] == [("plan.json:aws_eks_node_group.workers", "new")]
