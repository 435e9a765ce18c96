"""Sources that are not quite the plan's: just what differs is left out, and named; the rest is used."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eks_checks import analysis
from eks_checks.errors import InputError
from eks_checks.terraform.configured import Configuration
from eks_checks.terraform.files import ModuleFiles
from eks_checks.terraform.hcl.body import HclBlock
from eks_checks.terraform.hcl.expression import Unreadable
from eks_checks.terraform.sources.agreement import AgreeingTree
from eks_checks.terraform.sources.tree import ModuleTree
from tests.terraform.evaluation.asking import written
from tests.terraform.evaluation.plans import UNKNOWN, Json, Made, block, constant, planned, refers
from tests.terraform.readable import text

MAIN = """
variable "names" { default = ["a"] }
resource "aws_vpc" "this" { cidr_block = "10.0.0.0/16" }
resource "aws_vpc" "other" {}
resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.0.1.0/24"
  tags       = { Name = upper("a") }
}
resource "aws_subnet" "many" {
  count  = 2
  vpc_id = aws_vpc.this.id
}
resource "aws_subnet" "keyed" {
  for_each = toset(var.names)
  vpc_id   = aws_vpc.this.id
}
resource "aws_network_acl" "this" {
  vpc_id = aws_vpc.this.id
  entry {
    port = 22
    cidr = "10.0.0.0/8"
  }
  entry {
    port = 443
    cidr = aws_vpc.this.cidr_block
  }
  dynamic "other" {
    for_each = var.names
    content { name = other.value }
  }
}
module "net" {
  source = "./net"
  vpc_id = aws_vpc.this.id
  size   = 1
}
output "subnet" { value = aws_subnet.this.id }
"""
NET = """
variable "vpc_id" {}
variable "size" {}
resource "aws_route_table" "this" { vpc_id = var.vpc_id }
output "table" { value = aws_route_table.this.id }
"""
SOURCES = {"main.tf": MAIN, "net/main.tf": NET, "other/main.tf": NET}
VPC_ID = {"vpc_id": refers("aws_vpc.this.id", "aws_vpc.this")}
ENTRIES = [
    {"port": constant(22), "cidr": constant("10.0.0.0/8")},
    {"port": constant(443), "cidr": refers("aws_vpc.this.cidr_block", "aws_vpc.this")},
]
INNER = {
    "resources": [block("aws_route_table.this", {"vpc_id": refers("var.vpc_id")})],
    "outputs": {"table": {"expression": refers("aws_route_table.this.id", "aws_route_table.this")}},
    "variables": {"vpc_id": {}, "size": {}},
}
ROOT: Json = {
    "resources": [
        block("aws_vpc.this", {"cidr_block": constant("10.0.0.0/16")}),
        block("aws_vpc.other"),
        block("aws_subnet.this", {**VPC_ID, "cidr_block": constant("10.0.1.0/24"), "tags": {}}),
        block("aws_subnet.many", VPC_ID, count_expression=constant(2)),
        block("aws_subnet.keyed", VPC_ID, for_each_expression=refers("var.names")),
        block("aws_network_acl.this", {**VPC_ID, "entry": ENTRIES}),
    ],
    "module_calls": {
        "net": {"source": "./net", "expressions": {**VPC_ID, "size": constant(1)}, "module": INNER}
    },
    "outputs": {"subnet": {"expression": refers("aws_subnet.this.id", "aws_subnet.this")}},
    "variables": {"names": {"default": ["a"]}},
}


def tree_of(at: Path, sources: dict[str, str], root: Json = ROOT) -> AgreeingTree:
    tree = AgreeingTree(
        ModuleTree(ModuleFiles(str(written(at, sources)))), Configuration({"root_module": root})
    )
    for names in ((), ("net",)):
        tree.module(names)
    return tree


def usable(tree: AgreeingTree) -> set[str]:
    """Every argument that may be used: ``aws_subnet.this.vpc_id``, ``module.net/output.table.value``."""
    found: set[str] = set()
    for names in ((), ("net",)):
        module = tree.module(names)
        if module is None:
            continue
        groups = (("", module.resources), ("module.", module.calls), ("output.", module.outputs))
        for kind, group in groups:
            for name, each in group.items():
                prefix = "".join(f"module.{step}/" for step in names)
                found |= {f"{prefix}{kind}{name}.{path}" for path in readable(each)}
    return found


def readable(each: HclBlock) -> Iterator[str]:
    arguments = each.body.arguments
    hidden = {name for name in arguments if isinstance(arguments[name].expression, Unreadable)}
    yield from arguments.keys() - hidden
    seen: dict[str, int] = {}
    for inner in each.body.blocks:
        name = inner.labels[0] if inner.type == "dynamic" else inner.type
        position = seen[name] = seen.get(name, -1) + 1
        if name not in hidden:
            yield from (f"{name}[{position}].{path}" for path in readable(inner))


def said(tree: AgreeingTree) -> list[str]:
    """What the notice names."""
    notices = tree.notices()
    if not notices:
        return []
    [notice] = notices
    before, _, names = notice.partition("; left out: ")
    assert before == f"the sources do not match the plan in {tree.files.shown}"
    return names.split(", ")


def test_sources_that_are_the_plans_are_used_in_full(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, SOURCES)
    assert said(tree) == []
    assert tree.share == 1
    assert {"aws_subnet.this.tags", "aws_subnet.many.count", "module.net.size"} <= usable(tree)
    assert {"aws_network_acl.this.entry[1].cidr", "module.net/output.table.value"} <= usable(tree)


SUBNET = {f"aws_subnet.this.{name}" for name in ("vpc_id", "cidr_block", "tags")}
NETWORK = {f"module.net.{name}" for name in ("source", "vpc_id", "size")}
INSIDE = {"module.net/aws_route_table.this.vpc_id", "module.net/output.table.value"}
ENTRY = {f"aws_network_acl.this.entry[{i}].{name}" for i in (0, 1) for name in ("port", "cidr")}
FIRST = ENTRIES[0]
CHANGES: dict[str, tuple[str, str, list[str], set[str]]] = {
    "renamed resource": (
        '"aws_subnet" "this"',
        '"aws_subnet" "new"',
        ["aws_subnet.new (only in the sources)", "aws_subnet.this (only in the plan)"],
        SUBNET,
    ),
    "changed reference": (
        "vpc_id     = aws_vpc.this.id",
        "vpc_id     = aws_vpc.other.id",
        ["aws_subnet.this.vpc_id"],
        {"aws_subnet.this.vpc_id"},
    ),
    "changed constant": (
        "10.0.1.0/24",
        "10.0.9.0/24",
        ["aws_subnet.this.cidr_block"],
        {"aws_subnet.this.cidr_block"},
    ),
    "constant for a reference": (
        "vpc_id     = aws_vpc.this.id",
        'vpc_id     = "vpc-1"',
        ["aws_subnet.this.vpc_id"],
        {"aws_subnet.this.vpc_id"},
    ),
    "count": ("count  = 2", "count  = 3", ["aws_subnet.many.count"], {"aws_subnet.many.count"}),
    "no count": ("count  = 2", "", ["aws_subnet.many.count"], {"aws_subnet.many.count"}),
    "for_each": (
        "toset(var.names)",
        "toset(local.names)",
        ["aws_subnet.keyed.for_each"],
        {"aws_subnet.keyed.for_each"},
    ),
    "for_each in place of count": (
        "count  = 2",
        "for_each = var.names",
        ["aws_subnet.many.for_each", "aws_subnet.many.count"],
        {"aws_subnet.many.count"},
    ),
    "removed argument": (
        "vpc_id     = aws_vpc.this.id",
        "",
        ["aws_subnet.this.vpc_id"],
        {"aws_subnet.this.vpc_id"},
    ),
    "added argument": ("tags  ", "acl_id = 1\n  tags  ", ["aws_subnet.this.acl_id"], set()),
    "module argument": ("size   = 1", "size   = 2", ["module.net.size"], {"module.net.size"}),
    "module source": ('"./net"', '"./other"', ["module.net (source)"], NETWORK | INSIDE),
    "module renamed": (
        'module "net"',
        'module "new"',
        ["module.net (only in the plan)", "module.new (only in the sources)"],
        NETWORK | INSIDE,
    ),
    "output": (
        "value = aws_subnet.this.id",
        "value = aws_vpc.this.id",
        ["output.subnet.value"],
        {"output.subnet.value"},
    ),
    "output inside": (
        "value = aws_route_table.this.id",
        "value = var.vpc_id",
        ["module.net.output.table.value"],
        {"module.net/output.table.value"},
    ),
    "output removed": (
        'output "table" { value = aws_route_table.this.id }',
        "",
        ["module.net.output.table (only in the plan)"],
        {"module.net/output.table.value"},
    ),
    "argument of a nested block": (
        "port = 443",
        "port = 444",
        ["aws_network_acl.this.entry.port"],
        {"aws_network_acl.this.entry[1].port"},
    ),
    "nested blocks exchanged": (
        "port = 22\n",
        "port = 443\n",
        ["aws_network_acl.this.entry.port"],
        {"aws_network_acl.this.entry[0].port"},
    ),
    "nested block removed": (
        '  entry {\n    port = 22\n    cidr = "10.0.0.0/8"\n  }\n',
        "",
        ["aws_network_acl.this.entry"],
        ENTRY,
    ),
    "another constant that is worked out": ('upper("a")', 'upper("b")', [], set()),
    "a local, which no plan has": ('variable "names"', 'locals {\n x = 1\n}\nvariable "names"', [], set()),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_differs_is_left_out_and_named(case: str, tmp_path: Path) -> None:
    old, new, names, lost = CHANGES[case]
    before = usable(tree_of(tmp_path / "same", SOURCES))
    sources = {
        name: content.replace(old, new, 1) for name, content in SOURCES.items() if name != "other/main.tf"
    }
    assert sources != {name: SOURCES[name] for name in sources}
    tree = tree_of(tmp_path / "changed", {**SOURCES, **sources})
    assert sorted(said(tree)) == sorted(names)
    assert before - usable(tree) == lost
    assert usable(tree) <= before


def test_a_notice_names_a_few_and_counts_the_rest(tmp_path: Path) -> None:
    more = "".join(f'resource "aws_vpc" "new{i}" {{}}\n' for i in range(7))
    tree = tree_of(tmp_path, {**SOURCES, "more.tf": more})
    named = ", ".join(f"aws_vpc.new{i} (only in the sources)" for i in range(5))
    assert tree.notices()[0].endswith(f"left out: {named} and 2 more")


def changed(change: Callable[[Any], object]) -> Json:
    root = copy.deepcopy(ROOT)
    change({entry["address"]: entry["expressions"] for entry in root["resources"]})
    return root


def test_older_plans_list_symbols_less_far(tmp_path: Path) -> None:
    root = changed(lambda at: at["aws_subnet.this"].update(vpc_id=refers("aws_vpc.this")))
    assert said(tree_of(tmp_path, SOURCES, root)) == []
    root = changed(lambda at: at["aws_subnet.this"].update(vpc_id=refers("aws_vpc.other")))
    assert said(tree_of(tmp_path, SOURCES, root)) == ["aws_subnet.this.vpc_id"]


def test_blocks_that_left_no_trace_are_used(tmp_path: Path) -> None:
    """Of attributes written as blocks, a plan keeps one expression, or nothing at all (K18)."""
    for entry in (None, refers("aws_vpc.this.cidr_block", "aws_vpc.this"), {}):
        root = changed(lambda at, entry=entry: at["aws_network_acl.this"].update(entry=entry))  # type: ignore[misc]
        tree = tree_of(tmp_path, SOURCES, root)
        assert said(tree) == []
        assert usable(tree) >= ENTRY


def test_of_json_a_plan_keeps_the_template_too(tmp_path: Path) -> None:
    resources = {
        "aws_vpc": {"this": {"cidr_block": "10.0.0.0/16"}},
        "aws_subnet": {"this": {"vpc_id": "${aws_vpc.this.id}", "cidr_block": "10.0.1.0/24"}},
        "aws_network_acl": {"this": {"entry": [{"port": 22}], "vpc_id": "${aws_vpc.this.id}"}},
    }
    both = {**constant("${aws_vpc.this.id}"), **refers("aws_vpc.this.id", "aws_vpc.this")}
    root: Json = {
        "resources": [
            block("aws_vpc.this", {"cidr_block": constant("10.0.0.0/16")}),
            block("aws_subnet.this", {"vpc_id": both, "cidr_block": constant("10.0.9.0/24")}),
            block("aws_network_acl.this", {"vpc_id": both, "entry": [{"port": constant(22)}]}),
        ]
    }
    tree = tree_of(tmp_path, {"main.tf.json": json.dumps({"resource": resources})}, root)
    assert said(tree) == ["aws_subnet.this.cidr_block"]
    assert {"aws_subnet.this.vpc_id", "aws_network_acl.this.entry"} <= usable(tree)


# --- what comes of it -------------------------------------------------------------------------------------

NODE = 'resource "aws_instance" "this" {\n  vpc_security_group_ids = [aws_security_group.a.id]\n}\n'
GROUPS = 'resource "aws_security_group" "a" {}\nresource "aws_security_group" "b" {}\n'
LINK = {"vpc_security_group_ids": refers("aws_security_group.a.id", "aws_security_group.a")}


def node(at: Path, sources: str) -> tuple[str, tuple[str, ...]]:
    """The groups of an instance, which the plan does not know; and the notices."""
    made = [Made(f"aws_security_group.{name}", {"id": UNKNOWN}) for name in "ab"]
    made += [Made("aws_instance.this", {"vpc_security_group_ids": UNKNOWN})]
    blocks = [*(block(f"aws_security_group.{name}") for name in "ab"), block("aws_instance.this", LINK)]
    inputs = planned(at, {"main.tf": sources}, tuple(made), {"resources": blocks})
    [found] = inputs.world.resources("aws_instance")
    return text(found.members("vpc_security_group_ids")), inputs.world.roots[0].resolver.notices()


def test_the_plan_alone_answers_for_what_is_left_out(tmp_path: Path) -> None:
    assert node(tmp_path, GROUPS + NODE) == ("[aws_security_group.a.id]", ())
    for stale in (NODE.replace("group.a", "group.b"), NODE.replace("vpc_security", "#")):
        answer, notices = node(tmp_path, GROUPS + stale)
        assert answer == "[; maybe aws_security_group.a.id; open ?]"
        assert [notice.rpartition(": ")[2] for notice in notices] == [
            "aws_instance.this.vpc_security_group_ids"
        ]


def test_the_sources_of_another_root_are_refused(tmp_path: Path) -> None:
    node(tmp_path, GROUPS + NODE)
    other = written(tmp_path / "other", {"main.tf": 'resource "aws_vpc" "v" {}\n'})
    assert tree_of(other, {}).share == 0
    with pytest.raises(InputError, match=r"these are not the sources of .*plan\.json; name the folder"):
        _ = analysis.load([str(tmp_path / "plan.json")], source=str(other)).world
