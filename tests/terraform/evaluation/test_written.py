"""What the sources set in nested blocks: literal, dynamic or attributes; lists; texts in parts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.evaluation.folder import Nowhere
from eks_checks.terraform.evaluation.matching import Planned
from eks_checks.terraform.evaluation.resolver import FromSources
from eks_checks.terraform.evaluation.written import WrittenBlock
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.text import LONGEST, PIECES, split, text_of
from eks_checks.terraform.value import Choice, Known, Reference, Unknown, Value
from tests.terraform.evaluation.asking import written
from tests.terraform.evaluation.evaluating import evaluator_of
from tests.terraform.evaluation.plans import UNKNOWN, Made, block, known_of, planned, refers, unknown_of
from tests.terraform.evaluation.worlds import folder
from tests.terraform.readable import text

AROUND = 'variable "unset" {}\nresource "terraform_data" "x" {}\n'
THIS = ResourceAddress((), "managed", "aws_security_group", "this")


def made(tmp_path: Path, body: str) -> WrittenBlock:
    """The block of a security group with this body."""
    sources = f'{AROUND}resource "aws_security_group" "this" {{\n{body}\n}}\n'
    evaluator = evaluator_of(written(tmp_path, {"main.tf": sources}))
    found = FromSources(evaluator, Nowhere()).block(THIS)
    assert found is not None
    return found


def at(found: WrittenBlock, *path: str | int, there: object = None) -> str:
    """The value at a path as short text; ``there``: what the plan has of the block."""
    try:
        value = found.at(path, Planned(known_of(there), unknown_of(there)))
    except EvaluationError as error:
        return f"error: {error}"
    return "nothing" if value is None else text(value)


def dynamic(over: str, content: str = "n = rule.value", more: str = "") -> str:
    return f'dynamic "rule" {{\n for_each = {over}\n {more}\n content {{\n {content}\n }}\n}}\n'


ID = "terraform_data.x.id"
DYNAMIC = [
    ('["a", "b"]', "k = rule.key\n n = rule.value", "[{k: 0, n: 'a'}, {k: 1, n: 'b'}]"),
    ("{ y = 2, x = 1 }", "k = rule.key\n n = rule.value", "[{k: 'x', n: 1}, {k: 'y', n: 2}]"),
    ('toset(["b", "a"])', "k = rule.key\n n = rule.value", "[{k: 'a', n: 'a'}, {k: 'b', n: 'b'}]"),
    ("[]", "n = 1", "nothing"),
    ("{}", "n = 1", "nothing"),
    (f"[{ID}]", "n = rule.value", "[{n: terraform_data.x.id}]"),
    (f"toset([{ID}])", "k = rule.key", "[{k: terraform_data.x.id}]"),
    ('{ a = var.unset, b = "known" }', "n = rule.value", "[{n: ?}, {n: 'known'}]"),
    ("var.unset ? [1, 2] : []", "n = rule.value", "[; maybe {n: 1}, {n: 2}]"),
    ("var.unset ? [1] : [2]", "n = rule.value", "[; maybe {n: 1}, {n: 2}]"),
    (f'{ID} != "" ? [1] : []', "n = rule.value", "[{n: 1}]"),  # an id is never empty
    ("[for x in [1, 2] : x if x == 1 || var.unset]", "n = rule.value", "[{n: 1}; maybe {n: 2}]"),
    ("var.unset", "n = rule.value", "[; open ?]"),
    ("concat([1], var.unset)", "n = rule.value", "[{n: 1}; open ?]"),
    ("null", "n = 1", "error: there is nothing to loop over in null"),
    ("[][0]", "n = 1", "error: the index 0 is past the end of 0 members"),
]


@pytest.mark.parametrize(("over", "content", "expected"), DYNAMIC)
def test_dynamic_blocks(over: str, content: str, expected: str, tmp_path: Path) -> None:
    assert at(made(tmp_path, dynamic(over, content)), "rule") == expected


def test_an_iterator_takes_the_place_of_the_label(tmp_path: Path) -> None:
    found = made(tmp_path, dynamic('["a"]', "n = each_rule.value", "iterator = each_rule"))
    assert at(found, "rule") == "[{n: 'a'}]"
    found = made(tmp_path, dynamic('["a"]', "n = rule.value", 'iterator = r\n labels = ["x", r.key]'))
    assert at(found, "rule") == "[{n: ?}]"  # without an iterator of that name it is a resource


def test_dynamic_blocks_inside_one_another(tmp_path: Path) -> None:
    inner = """
      dynamic "port" {
        for_each = out.value
        content {
          n = "${out.key}/${port.key}/${port.value}"
          dynamic "out" {
            for_each = port.value > 2 ? [port.value] : []
            content { n = out.value }
          }
        }
      }"""
    found = made(tmp_path, dynamic("{ a = [1, 2], b = [3], c = [] }", inner, "iterator = out"))
    assert at(found, "rule") == (
        "[{port: [{n: 'a/0/1', out: null}, {n: 'a/1/2', out: null}]}, "
        "{port: [{n: 'b/0/3', out: [{n: 3}]}]}, {port: null}]"
    )
    assert at(found, "rule", 1, "port", 0, "out", 0, "n") == "3"


def test_literal_and_dynamic_blocks_keep_their_order(tmp_path: Path) -> None:
    found = made(tmp_path, f"rule {{ n = 1 }}\n{dynamic('[2, 3]')}\nrule {{ n = 4 }}")
    assert [at(found, "rule", position, "n") for position in range(4)] == ["1", "2", "3", "4"]
    assert at(found, "rule", 4, "n") == "?"


def test_the_plan_tells_which_block_is_meant(tmp_path: Path) -> None:
    found = made(tmp_path, dynamic(f'{{ a = "x", b = {ID} }}', "k = rule.key\n n = rule.value"))
    there = {"rule": [{"k": "b", "n": UNKNOWN}, {"k": "a", "n": "x"}]}
    assert [at(found, "rule", position, "k", there=there) for position in (0, 1)] == ["'b'", "'a'"]
    assert at(found, "rule", 0, "n", there=there) == "terraform_data.x.id"


def test_blocks_that_may_be_there_are_candidates(tmp_path: Path) -> None:
    found = made(tmp_path, f"rule {{ n = 1 }}\n{dynamic('var.unset ? [1, 2] : []')}")
    assert at(found, "rule", 0, "n", there={"rule": [{"n": 1}]}) == "1"
    assert at(found, "rule", 0, "n") == "one of (1 | 2)"
    opened = made(tmp_path, f"rule {{ n = 1 }}\n{dynamic('var.unset')}")
    assert at(opened, "rule", 0, "n") == "one of (1 | ?)"


ATTRIBUTES = [
    ("rule = [{ n = 1 }, { n = 2 }]", "[{n: 1}, {n: 2}]", ["1", "2"]),
    ("rule = [for x in [1, 2] : { n = x }]", "[{n: 1}, {n: 2}]", ["1", "2"]),
    ("rule = { n = 1 }", "{n: 1}", ["1"]),
    ("rule = []", "[]", []),
    ("rule = null", "null", []),
    ("rule = var.unset ? [{ n = 1 }] : [{ n = 2 }]", "one of ([{n: 1}] | [{n: 2}])", ["one of (1 | 2)"]),
    ("rule = var.unset", "?", ["?"]),
    ("other = 1", "nothing", []),
]


@pytest.mark.parametrize(("body", "whole", "members"), ATTRIBUTES)
def test_blocks_written_as_attributes(body: str, whole: str, members: list[str], tmp_path: Path) -> None:
    found = made(tmp_path, body)
    assert at(found, "rule") == whole
    assert [at(found, "rule", position, "n") for position in range(len(members))] == members


def test_attributes_told_apart_by_the_plan(tmp_path: Path) -> None:
    found = made(tmp_path, f"rule = [{{ n = 1, v = {ID} }}, {{ n = 2, v = null }}]")
    there = {"rule": [{"n": 2}, {"n": 1, "v": UNKNOWN}]}
    assert [at(found, "rule", i, "v", there=there) for i in (0, 1)] == ["null", "terraform_data.x.id"]
    assert at(found, "rule", 0, "missing", there=there) == "nothing"


def test_in_json_an_object_is_one_block(tmp_path: Path) -> None:
    """And a list of objects is several; what Terraform itself defines is no attribute."""
    rule = {"from_port": 1, "to_port": 1, "protocol": "tcp"}
    body = {"ingress": rule, "egress": [rule, {**rule, "from_port": 0}], "depends_on": ["aws_vpc.v"]}
    resources = {"aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}}, "aws_security_group": {"this": body}}
    inputs = folder(tmp_path, {"main.tf.json": json.dumps({"resource": resources})})
    [group] = inputs.world.resources("aws_security_group")
    assert [text(one.value("from_port")) for one in group.blocks("ingress")] == ["1"]
    assert [text(one.value("from_port")) for one in group.blocks("egress")] == ["1", "0"]
    assert text(group.value("depends_on")) == "null"


# --- blocks of which the plan does not know how many there are ------------------------------------------

COUNTS = [
    ("var.unset ? [1, 2] : []", [], True),
    ("var.unset", [], True),
    ('terraform_data.x.id == "x" ? [1] : []', [], True),
    ("compact([terraform_data.x.id])", ["terraform_data.x.id"], False),
    ("[for x in [1, 2] : x if x == 1 || var.unset]", ["1"], True),
]


@pytest.mark.parametrize(("over", "sure", "more"), COUNTS)
@pytest.mark.parametrize("literal", [True, False], ids=["beside a literal block", "alone"])
def test_blocks_whose_number_the_plan_does_not_know(
    over: str, sure: list[str], more: bool, literal: bool, tmp_path: Path
) -> None:
    body = ("ingress { from_port = 7 }\n" if literal else "") + dynamic(over, "from_port = ingress.value")
    sources = f'resource "aws_security_group" "this" {{\n{body.replace("rule", "ingress")}}}\n'
    data = block("terraform_data.x")
    listed = {"from_port": {"constant_value": 7}}
    group = block("aws_security_group.this", {"ingress": [listed]} if literal else {})
    inputs = planned(
        tmp_path,
        {"main.tf": AROUND + sources},
        (Made("terraform_data.x", {"id": UNKNOWN}), Made("aws_security_group.this", {"ingress": UNKNOWN})),
        {"resources": [data, group], "variables": {"unset": {}}},
    )
    [found] = inputs.world.resources("aws_security_group")
    blocks = found.blocks("ingress")
    assert [text(one.value("from_port")) for one in blocks] == (["7"] if literal else []) + sure
    assert (blocks.open is not None) is more


# --- lists and sets, in the plan's order ----------------------------------------------------------------

LISTS = [
    ("[@a, @b]", [UNKNOWN, UNKNOWN], "[A, B]"),
    ('[@a, "sg-0", @b]', ["sg-0", UNKNOWN, UNKNOWN], "['sg-0', A, B]"),
    ('["sg-9", @b, "sg-0"]', ["sg-0", "sg-9", UNKNOWN], "['sg-0', 'sg-9', B]"),
    ("[@a, @a]", [UNKNOWN], "[A]"),
    ("[@a, @b]", [UNKNOWN], "[one of (A | B)]"),
    ("concat([@a], var.unset)", [UNKNOWN, UNKNOWN], "[one of (A | ?), one of (A | ?)]"),
    ("[@a, var.unset ? @a : @b]", [UNKNOWN, UNKNOWN], "[A, one of (A | B)]"),
    ("sort([@b, @a])", [UNKNOWN, UNKNOWN], "[B, A]"),
    ("[@a, @b]", UNKNOWN, "[A, B]"),
    ("sort([@b, @a])", UNKNOWN, "[B, A]"),
    ("var.unset ? [@a] : [@a, @b]", UNKNOWN, "[A; maybe B]"),
    ("var.unset ? [@a] : [@b]", UNKNOWN, "[; maybe A, B]"),
    ("var.unset ? [@a] : null", UNKNOWN, "[; maybe A]"),
    ("var.unset ? [@a] : terraform_data.x.output", UNKNOWN, "[; maybe A; open ?]"),
    ("[for g in [@a, @b] : g if var.unset]", UNKNOWN, "[; maybe A, B]"),
]


@pytest.mark.parametrize(("expression", "values", "expected"), LISTS)
def test_the_members_of_a_list(expression: str, values: object, expected: str, tmp_path: Path) -> None:
    groups = "".join(f'resource "aws_security_group" "{name}" {{}}\n' for name in "ab")
    listed = expression.replace("@a", "aws_security_group.a.id").replace("@b", "aws_security_group.b.id")
    node = f'resource "aws_instance" "this" {{\n  vpc_security_group_ids = {listed}\n}}\n'
    written_there = [f"aws_security_group.{name}.id" for name in "ab" if f"@{name}" in expression]
    symbols = [*written_there, *(["var.unset"] if "var.unset" in expression else [])]
    symbols += ["terraform_data.x.output"] if "output" in expression else []
    root = {
        "resources": [
            block("terraform_data.x"),
            *(block(f"aws_security_group.{name}") for name in "ab"),
            block("aws_instance.this", {"vpc_security_group_ids": refers(*symbols)}),
        ],
        "variables": {"unset": {}},
    }
    made_there = [Made(f"aws_security_group.{name}", {"id": UNKNOWN}) for name in "ab"]
    made_there += [Made("aws_instance.this", {"vpc_security_group_ids": values})]
    made_there += [Made("terraform_data.x", {"id": UNKNOWN, "output": UNKNOWN})]
    inputs = planned(tmp_path, {"main.tf": AROUND + groups + node}, tuple(made_there), root)
    [found] = inputs.world.resources("aws_instance")
    said = text(found.members("vpc_security_group_ids"))
    assert said.replace("aws_security_group.a.id", "A").replace("aws_security_group.b.id", "B") == expected


# --- texts in parts -------------------------------------------------------------------------------------

X = Reference(ResourceAddress((), "managed", "terraform_data", "x"), ("id",))
Y = Reference(ResourceAddress((), "managed", "terraform_data", "y"), ("id",))
TEXTS: list[tuple[list[Value], str]] = [
    ([], "''"),
    ([Known("")], "''"),
    ([Known("a"), Known(""), Known("b")], "'ab'"),
    ([X], "terraform_data.x.id"),
    ([Known(""), X, Known("")], "terraform_data.x.id"),
    ([Known("a"), X], "?"),
    ([Known("x" * LONGEST), Known("y")], "?"),
]


@pytest.mark.parametrize(("parts", "expected"), TEXTS, ids=range(len(TEXTS)))
def test_parts_become_one_text(parts: list[Value], expected: str) -> None:
    assert text(text_of(parts)) == expected


def parts(value: Value) -> tuple[Value, ...]:
    assert isinstance(value, Unknown)
    return value.parts


def test_a_text_made_of_texts_has_all_their_parts() -> None:
    inner = text_of([Known("a,"), X, Known(",b")])
    assert parts(text_of([Known("<"), inner, Known(">")])) == (Known("<a,"), X, Known(",b>"))
    assert parts(text_of([X] * (PIECES + 1))) == ()


def test_a_text_says_why_it_is_not_known() -> None:
    reasons = [getattr(text_of([Known("a"), one]), "reason", "") for one in (X, Unknown("no plan"))]
    assert reasons == ["a text made of terraform_data.x.id", "no plan"]
    either = text_of([Known("a"), Choice((Known("b"), X))])
    assert getattr(either, "reason", "") == "a text made of one of several values"


ROUND = [
    (",", [Known("a"), X, Known("b")]),
    (",", [X, Y]),
    (";", [Known(""), X, Known("")]),
    ("\n", [X, Known("a b")]),
]


@pytest.mark.parametrize(("separator", "pieces"), ROUND)
def test_what_is_joined_comes_apart_again(separator: str, pieces: list[Value]) -> None:
    between = [part for piece in pieces for part in (Known(separator), piece)][1:]
    joined = text_of(between)
    assert isinstance(joined, Unknown)
    assert split(joined, separator) == tuple(pieces)


def test_a_piece_of_several_parts_stays_one_text() -> None:
    joined = text_of([Known("a-"), X, Known(",b")])
    assert isinstance(joined, Unknown)
    first, second = split(joined, ",") or ()
    assert (parts(first), second) == ((Known("a-"), X), Known("b"))


NOT_SPLIT: list[tuple[str, list[Value]]] = [
    ("-", [Known("a-"), X]),  # ids hold dashes
    (",", [Known("a,"), Unknown("anything")]),
    (",", [Known("a,"), Reference(X.resource, ("output",))]),
    ("", [Known("a,"), X]),
]


@pytest.mark.parametrize(("separator", "pieces"), NOT_SPLIT)
def test_what_may_hold_a_separator_is_not_split(separator: str, pieces: list[Value]) -> None:
    joined = text_of(pieces)
    assert isinstance(joined, Unknown)
    assert split(joined, separator) is None
