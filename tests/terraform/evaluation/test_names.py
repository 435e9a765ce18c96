"""What names stand for: modules inside modules, instances, cycles, defaults, conditions that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks.terraform.address import ModuleStep, ResourceAddress
from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.hcl.read import read_expression
from tests.terraform.evaluation.asking import written
from tests.terraform.evaluation.evaluating import evaluator_of, said
from tests.terraform.readable import text

DEEP = {
    "main.tf": """
module "a" {
  source = "./a"
  name   = "x"
}
""",
    "a/main.tf": """
variable "name" {}
module "b" {
  source = "./b"
  name   = "${var.name}-a"
}
output "deep" { value = module.b.deep }
output "here" { value = path.module }
""",
    "a/b/main.tf": """
variable "name" {}
module "c" {
  source   = "../../c"
  for_each = { one = 1, two = 2 }
  name     = "${var.name}-b-${each.key}-${each.value}"
}
output "deep" { value = { for key, c in module.c : key => [c.name, c.id, c.here] } }
""",
    "c/main.tf": """
variable "name" {}
resource "terraform_data" "this" { input = var.name }
output "name" { value = var.name }
output "id"   { value = terraform_data.this.id }
output "here" { value = "${path.root}/${path.module}" }
""",
}


def test_modules_three_deep(tmp_path: Path) -> None:
    evaluator = evaluator_of(written(tmp_path, DEEP))
    assert said(evaluator, "module.a.deep") == (
        "{one: ['x-a-b-one-1', module.a.module.b.module.c[\"one\"].terraform_data.this.id, './c'], "
        "two: ['x-a-b-two-2', module.a.module.b.module.c[\"two\"].terraform_data.this.id, './c']}"
    )
    assert said(evaluator, "module.a.here") == "'a'"


REPEATED = {
    "main.tf": """
variable "unset" {}
module "counted" {
  source = "./c"
  count  = 2
  name   = "n${count.index}"
}
module "keyed" {
  source   = "./c"
  for_each = toset(["b", "a"])
  name     = "${each.key}=${each.value}"
}
module "one" {
  source = "./c"
  name   = "only"
}
module "none" {
  source = "./c"
  count  = 0
  name   = "never"
}
module "open" {
  source = "./c"
  count  = var.unset
  name   = "n${count.index}"
}
resource "terraform_data" "counted" {
  count = 2
  input = count.index
}
resource "terraform_data" "keyed" {
  for_each = { x = 1 }
}
resource "terraform_data" "one" {}
""",
    "c/main.tf": 'variable "name" {}\noutput "name" { value = var.name }\n',
}
INSTANCES = [
    ("module.counted[*].name", "['n0', 'n1']"),
    ("module.counted[1].name", "'n1'"),
    ("[for m in module.counted : upper(m.name)]", "['N0', 'N1']"),
    ("module.counted[2].name", "error: the index 2 is past the end of 2 members"),
    ("length(module.counted)", "2"),
    ('module.keyed["a"].name', "'a=a'"),
    ("values(module.keyed)[*].name", "['a=a', 'b=b']"),
    ("{ for key, m in module.keyed : m.name => key }", "{a=a: 'a', b=b: 'b'}"),
    ("keys(module.keyed)", "['a', 'b']"),
    ('module.keyed["z"].name', "error: there is no member z"),
    ("module.one[*].name", "['only']"),
    ("one(module.none[*].name)", "null"),
    ("module.none[0].name", "error: the index 0 is past the end of 0 members"),
    ('try(module.none[0].name, "no")', "'no'"),
    ("module.open[*].name", "[; open ?]"),
    ("module.one.other", "?"),
    ("module.away.name", "?"),
    ('try(module.away.name, "no")', "one of (? | 'no')"),
    ('try(module.one.other, "no")', "one of (? | 'no')"),
    ("terraform_data.counted[*].id", "[terraform_data.counted[0].id, terraform_data.counted[1].id]"),
    ("terraform_data.counted[1].id", "terraform_data.counted[1].id"),
    ('terraform_data.keyed["x"].id', 'terraform_data.keyed["x"].id'),
    ("values(terraform_data.keyed)[*].id", '[terraform_data.keyed["x"].id]'),
    ("terraform_data.one[*].id", "[terraform_data.one.id]"),
    ("one(terraform_data.one[*].id)", "terraform_data.one.id"),
]


@pytest.mark.parametrize(("expression", "expected"), INSTANCES)
def test_instances(expression: str, expected: str, tmp_path: Path) -> None:
    assert said(evaluator_of(written(tmp_path, REPEATED)), expression) == expected


def test_a_cycle_ends_and_its_reason_names_it(tmp_path: Path) -> None:
    files = {
        "main.tf": """
locals {
  a     = local.b
  b     = local.c
  c     = local.a
  self  = [local.self]
  other = "known"
}
module "round" {
  source = "./round"
  in     = module.round.out
}
""",
        "round/main.tf": 'variable "in" {}\noutput "out" { value = var.in }\n',
    }
    evaluator = evaluator_of(written(tmp_path, files))
    [found] = [evaluator.names.local((), "a")]
    assert (text(found), getattr(found, "reason", "")) == ("?", "local.a depends on itself")
    assert said(evaluator, "local.self") == "[?]"
    assert said(evaluator, "module.round.out") == "?"
    assert said(evaluator, "local.other") == "'known'"


def test_a_failure_is_the_same_each_time(tmp_path: Path) -> None:
    evaluator = evaluator_of(written(tmp_path, {"main.tf": "locals {\n  bad = [][0]\n}\n"}))
    first, second = said(evaluator, "local.bad"), said(evaluator, "local.bad")
    assert first == second == "error: the index 0 is past the end of 0 members"
    assert said(evaluator, 'try(local.bad, "else")') == "'else'"


# --- each, count, self, and what is outside of them -----------------------------------------------------

A = ResourceAddress((), "managed", "terraform_data", "a")
MAP, LIST = read_expression('{ k = "v" }'), read_expression('toset(["s"])')
HERE = [
    ("each.key", Scope(key="k", for_each=MAP), "'k'"),
    ("each.value", Scope(key="k", for_each=MAP), "'v'"),
    ("each.value", Scope(key="s", for_each=LIST), "'s'"),
    ("each.value", Scope(key="gone", for_each=MAP), "error: there is no member gone"),
    ("each.value", Scope(), "error: each.value outside for_each"),
    ("each.key", Scope(), "error: each.key outside for_each"),
    ("count.index", Scope(key=3), "3"),
    ("count.index", Scope(key="k", for_each=MAP), "error: count.index outside count"),
    ("count.index", Scope(), "error: count.index outside count"),
    ("self.id", Scope(owner=A), "terraform_data.a.id"),
    ("self.id", Scope(), "error: self outside a resource"),
    ("path.module", Scope((ModuleStep("m"),)), "'m'"),
    ("path.root", Scope((ModuleStep("m"),)), "'.'"),
    ("path.cwd", Scope(), "?"),
    ("terraform.workspace", Scope(), "?"),
    ("local", Scope(), "error: local is no value"),
    ("var.gone", Scope(), "?"),
    ("try(local.gone, 1)", Scope(), "one of (? | 1)"),
    ("aws_vpc.gone.id", Scope(), "?"),
]


@pytest.mark.parametrize(("expression", "scope", "expected"), HERE)
def test_where_an_expression_stands(expression: str, scope: Scope, expected: str, tmp_path: Path) -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": "locals {}\n"}
    evaluator = evaluator_of(written(tmp_path, files))
    try:
        found = text(evaluator.value(read_expression(expression), scope))
    except EvaluationError as error:
        found = f"error: {error}"
    assert found == expected


# --- variables and their defaults -----------------------------------------------------------------------

DEFAULTS = {
    "main.tf": """
module "nulls" {
  source  = "./m"
  strict  = null
  lenient = null
}
module "given" {
  source = "./m"
  number = "42"
  names  = ["b", "a", "b"]
  shape  = { inner = { hosts = null }, extra = "dropped" }
}
""",
    "m/main.tf": """
variable "strict" {
  default  = "d"
  nullable = false
}
variable "lenient" { default = "d" }
variable "number" {
  type    = number
  default = 1
}
variable "names" {
  type    = set(string)
  default = []
}
variable "shape" {
  type = object({
    name  = optional(string, "n")
    unset = optional(string)
    inner = optional(object({
      port  = optional(number, 443)
      hosts = optional(list(string), ["h"])
    }), {})
    disks = optional(list(object({ size = optional(number, 8) })), [{}])
  })
  default = {}
}
output "all" { value = [var.strict, var.lenient, var.number, var.names] }
output "shape" { value = var.shape }
""",
}


def test_null_takes_the_default_only_where_it_is_no_value(tmp_path: Path) -> None:
    evaluator = evaluator_of(written(tmp_path, DEFAULTS))
    assert said(evaluator, "module.nulls.all") == "['d', null, 1, []]"
    assert said(evaluator, "module.given.all") == "['d', 'd', 42, ['a', 'b']]"


def test_defaults_of_optional_attributes_reach_inside(tmp_path: Path) -> None:
    evaluator = evaluator_of(written(tmp_path, DEFAULTS))
    filled = "{disks: [{size: 8}], inner: {hosts: ['h'], port: 443}, name: 'n', unset: null}"
    assert said(evaluator, "module.nulls.shape") == filled
    assert said(evaluator, "module.given.shape") == filled


# --- what nobody knows ----------------------------------------------------------------------------------

UNDECIDED = 'terraform_data.x.id == "a"'
ASKED = [
    (f"{UNDECIDED} ? 1 : 2", "one of (1 | 2)"),
    (f"{UNDECIDED} ? 1 : 1", "1"),
    (f'{UNDECIDED} ? [][0] : "b"', "one of (? | 'b')"),
    (f'({UNDECIDED} ? ["a"] : ["b", "c"])[0]', "one of ('a' | 'b')"),
    (f'({UNDECIDED} ? ["a"] : [])[0]', "one of ('a' | ?)"),
    (f'"n-${{{UNDECIDED} ? 1 : 2}}" == "n-3"', "?"),
    ("terraform_data.x.id == null ? 1 : 2", "2"),
    ("var.unset ? terraform_data.x.id : null", "one of (terraform_data.x.id | null)"),
    ('var.unset == "a" && false ? 1 : 2', "2"),
    ('try(var.unset, "else")', "one of (? | 'else')"),
    ("try(var.unset)", "?"),
    ('try([][0], {}.a, "else")', "'else'"),
    ("try([][0])", "error: the index 0 is past the end of 0 members"),
    ("can(var.unset)", "?"),
    ("can([][0])", "False"),
    ("can(1)", "True"),
    (f'[for x in ["a", "b"] : upper(x) if {UNDECIDED}]', "[; maybe 'A', 'B']"),
    ('[for x in ["a", "b"] : x if x == "a" || var.unset]', "['a'; maybe 'b']"),
    ('[for x in ["a", "b"] : x if x == "a" && var.unset]', "[; maybe 'a']"),
    ('{ for x in ["a", "b"] : x => 1 if x == "a" || var.unset }', "{a: 1; open ?}"),
    ('{ for x in ["a", "b"] : (x == "a" ? x : terraform_data.x.id) => x }', "{a: 'a'; open ?}"),
    ('{ for x in ["a"] : var.unset => x }["z"]', "?"),
    ("[for x in var.unset : 1]", "[; open ?]"),
    ("[for x in [var.unset, 1] : x + 1]", "[?, 2]"),
    ('{ for x in ["aa", "ab", "ba"] : substr(x, 0, 1) => x... }', "{a: ['aa', 'ab'], b: ['ba']}"),
    (
        '{ for x in ["aa", "ab", "ba"] : substr(x, 0, 1) => x... if x == "aa" || var.unset }',
        "{a: ['aa'; maybe 'ab']; open ?}",
    ),
    ('{ for x in ["aa", "ab"] : substr(x, 0, 1) => x }', "error: the key a comes twice"),
    ("[for x in null : x]", "error: there is nothing to loop over in null"),
    ("[for key, x in { b = 1, a = 2 } : key]", "['a', 'b']"),
    ('[for i, x in ["a", "b"] : "${i}${x}"]', "['0a', '1b']"),
    ('[for x, y in toset(["b", "a"]) : "${x}${y}"]', "['aa', 'bb']"),
    ("{ (terraform_data.x.id) = 1, k = 2 }", "{k: 2; open ?}"),
    ("[1, 2][var.unset]", "one of (1 | 2)"),
    ("{ a = 1, b = 2 }[terraform_data.x.id]", "one of (1 | 2)"),
    ("null[*]", "[]"),
    ('"a"[*]', "['a']"),
    ("var.unset[*].id", "[; open ?]"),
]


@pytest.mark.parametrize(("expression", "expected"), ASKED)
def test_what_is_not_known(expression: str, expected: str, tmp_path: Path) -> None:
    sources = 'variable "unset" {}\nresource "terraform_data" "x" {}\n'
    assert said(evaluator_of(written(tmp_path, {"main.tf": sources})), expression) == expected
