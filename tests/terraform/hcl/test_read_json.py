"""Files in JSON syntax: the same bodies, by HCL's mapping of JSON (hashicorp/hcl, json/spec.md)."""

from __future__ import annotations

import json

import pytest

from eks_checks.location import SourceSpan
from eks_checks.terraform.hcl.body import Body, HclBlock, SourceFile
from eks_checks.terraform.hcl.expression import (
    Call,
    Expression,
    GetAttribute,
    Literal,
    Name,
    Object,
    Place,
    Template,
    Tuple,
)
from eks_checks.terraform.hcl.json_values import DEEPEST
from eks_checks.terraform.hcl.read_json import read_json


def of(value: object) -> SourceFile:
    return read_json(json.dumps(value).encode(), "main.tf.json")


def only(blocks: tuple[HclBlock, ...]) -> HclBlock:
    (block,) = blocks
    return block


def values(body: Body) -> dict[str, Expression]:
    return {name: argument.expression for name, argument in body.arguments.items()}


def resource(body: object) -> Body:
    file = of({"resource": {"aws_vpc": {"this": body}}})
    assert file.problems == ()
    return only(file.body.blocks).body


def attribute(of_: str, *names: str) -> Expression:
    tree: Expression = Name(of_)
    for name in names:
        tree = GetAttribute(tree, name)
    return tree


EXPRESSIONS: list[tuple[object, Expression]] = [
    (None, Literal(None)),
    (True, Literal(True)),
    (0, Literal(0)),
    (-2.5, Literal(-2.5)),
    (1e5, Literal(100000)),
    ("text", Literal("text")),
    ("${var.a}", attribute("var", "a")),
    ("a ${var.a}\n", Template((Literal("a "), attribute("var", "a"), Literal("\n")))),
    ("$${a} %%{b}", Literal("${a} %{b}")),
    ('${f("é")}', Call("f", (Literal("é"),))),
    ([], Tuple(())),
    (["a", "${b}"], Tuple((Literal("a"), Name("b")))),
    ({"a": {"b": 1}}, Object(((Literal("a"), Object(((Literal("b"), Literal(1)),))),))),
    ({"${a}": "b"}, Object(((Name("a"), Literal("b")),))),
    ({"//": "no comment"}, Object(((Literal("//"), Literal("no comment")),))),
]


@pytest.mark.parametrize(("value", "tree"), EXPRESSIONS, ids=repr)
def test_expressions(value: object, tree: Expression) -> None:
    assert values(resource({"a": value})) == {"a": tree}


LABELLED = [
    ({"locals": {"a": 1}}, [("locals", ())]),
    ({"locals": [{"a": 1}, {"b": 2}]}, [("locals", ()), ("locals", ())]),
    ({"module": {"a": {}, "b": {}}}, [("module", ("a",)), ("module", ("b",))]),
    ({"module": [{"a": {}}, {"b": {}}]}, [("module", ("a",)), ("module", ("b",))]),
    ({"provider": {"aws": [{}, {"alias": "w"}]}}, [("provider", ("aws",)), ("provider", ("aws",))]),
    ({"data": {"a": {"b": {}}}}, [("data", ("a", "b"))]),
    ({"resource": [{"a": [{"b": {}}]}]}, [("resource", ("a", "b"))]),
    ({"locals": []}, []),
    ({"//": "comment", "output": {"o": {"value": 1, "//": 2}}}, [("output", ("o",))]),
    ([{"moved": {}}, {"removed": {}}, {"import": {}}], [("moved", ()), ("removed", ()), ("import", ())]),
]


@pytest.mark.parametrize(("value", "blocks"), LABELLED)
def test_labels_and_arrays(value: object, blocks: list[object]) -> None:
    file = of(value)
    assert file.problems == ()
    assert [(block.type, block.labels) for block in file.body.blocks] == blocks
    assert file.body.json
    assert all(block.body.json and "//" not in block.body.arguments for block in file.body.blocks)


def test_keys_written_twice() -> None:
    file = read_json(b'{"locals": {"a": 1, "a": 2}, "locals": {"b": 3}}', "main.tf.json")
    assert [values(block.body) for block in file.body.blocks] == [{"a": Literal(1)}, {"b": Literal(3)}]


def test_blocks_inside_a_resource_are_arguments() -> None:
    body = resource({"ingress": [{"from_port": 22}]})
    assert body.blocks == ()
    assert values(body) == {"ingress": Tuple((Object(((Literal("from_port"), Literal(22)),)),))}


def test_dynamic_blocks() -> None:
    content = {"from_port": "${rule.value}"}
    body = resource({"dynamic": {"ingress": {"for_each": "${a}", "iterator": "rule", "content": content}}})
    dynamic = only(body.blocks)
    assert (dynamic.type, dynamic.labels) == ("dynamic", ("ingress",))
    assert values(dynamic.body) == {"for_each": Name("a"), "iterator": Name("rule")}
    inner = only(dynamic.body.blocks)
    assert (inner.type, inner.labels) == ("content", ())
    assert values(inner.body) == {"from_port": attribute("rule", "value")}


def test_addresses_are_references() -> None:
    body = resource({"depends_on": ["aws_vpc.a"], "provider": "aws.west"})
    vpc, west = attribute("aws_vpc", "a"), attribute("aws", "west")
    assert values(body) == {"depends_on": Tuple((vpc,)), "provider": west}
    providers = {"providers": {"aws": "aws.west", "aws.east": "${aws.e}"}}
    module = only(of({"module": {"m": providers}}).body.blocks).body
    east = attribute("aws", "east"), attribute("aws", "e")
    assert values(module) == {"providers": Object(((Literal("aws"), west), east))}
    moved = only(of({"moved": {"from": "a.b", "to": "a.c"}}).body.blocks).body
    assert values(moved) == {"from": attribute("a", "b"), "to": attribute("a", "c")}


def test_lifecycle() -> None:
    body = resource({"lifecycle": {"ignore_changes": ["tags"], "precondition": {"error_message": "a ${b}"}}})
    message = Object(((Literal("error_message"), Template((Literal("a "), Name("b")))),))
    ignored = (Literal("ignore_changes"), Tuple((Name("tags"),)))
    assert values(body) == {"lifecycle": Object((ignored, (Literal("precondition"), message)))}


def test_variables() -> None:
    body = only(of({"variable": {"v": {"type": "list(string)", "default": "${a}"}}}).body.blocks).body
    assert values(body) == {"type": Call("list", (Name("string"),)), "default": Literal("${a}")}


def test_places_and_spans() -> None:
    text = '{"locals": [\n  {"é": "ö", "b": "${x}",\n   "c": {\n  "d": 1}}]}'
    file = read_json(b"\xef\xbb\xbf" + text.encode(), "main.tf.json")
    block = only(file.body.blocks)
    assert block.span == SourceSpan("main.tf.json", 2, 4)
    assert block.body.arguments["c"].span == SourceSpan("main.tf.json", 3, 4)
    assert values(block.body)["é"].place == Place(2, 9, 2, 11)
    assert values(block.body)["b"].place == Place(2, 19, 2, 24)
    inner = values(block.body)["c"]
    assert isinstance(inner, Object)
    assert [part.place for part in inner.items[0]] == [Place(4, 3, 4, 5), Place(4, 8, 4, 8)]


BROKEN = [
    (b"", 1),
    (b"{", 1),
    (b'{"locals": {},\n}', 2),
    (b'{"locals": {"a":\n nope}}', 2),
    (b'{"locals": {}}\nmore', 1),
    (b'{"a": "\xff"}', 1),
    (b'{"locals": 1}', 1),
    (b'\n["text"]', 2),
    (b'{"locals": {},\n"aws_vpc": {}}', 2),
    (b"[" * 100_000, 1),
    (b'{"locals": {"a": ' + b'{"a": ' * (DEEPEST + 1), 1),
    (b'{"locals": {"a": ' + b"9" * 5000 + b"}}", 1),
]


@pytest.mark.parametrize(("content", "line"), BROKEN, ids=range(len(BROKEN)))
def test_what_cannot_be_read(content: bytes, line: int) -> None:
    file = read_json(content, "main.tf.json")
    assert [(problem.file, problem.line) for problem in file.problems] == [("main.tf.json", line)]


def test_lone_surrogates_are_no_text() -> None:
    body = only(read_json(rb'{"locals": {"a": "\ud800 ${b}"}}', "main.tf.json").body.blocks).body
    assert values(body) == {"a": Template((Literal("? "), Name("b")))}
