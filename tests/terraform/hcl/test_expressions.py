"""Every construct of HCL's expressions, the grammar's traps among them, against trees written by hand."""

from __future__ import annotations

import pytest

from eks_checks.terraform.hcl.expression import (
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    GetAttribute,
    Index,
    Item,
    Literal,
    Name,
    Object,
    Place,
    Splat,
    Template,
    Tuple,
    Unary,
    Unreadable,
    children,
)
from eks_checks.terraform.hcl.read import read_expression
from eks_checks.terraform.hcl.step import DEEPEST

A, B, C, D, E, X, Y = map(Name, "abcdexy")
ITEM = Item()


def number(value: float) -> Literal:
    return Literal(value)


LITERALS = [
    ("0", 0),
    ("65535", 65535),
    ("2.5", 2.5),
    ("1.0", 1),
    ("1e5", 100000),
    ("1E+2", 100),
    ("1.5e-3", 0.0015),
    ("true", True),
    ("false", False),
    ("null", None),
    ('""', ""),
    ('"plain"', "plain"),
    ('"1e5"', "1e5"),
]


@pytest.mark.parametrize(("text", "value"), LITERALS)
def test_literals(text: str, value: object) -> None:
    read = read_expression(text)
    assert isinstance(read, Literal)
    assert (type(read.value), read.value) == (type(value), value)


OPERATORS: list[tuple[str, Expression]] = [
    ("-1", Unary("-", number(1))),
    ("!a", Unary("!", A)),
    ("- -a", Unary("-", Unary("-", A))),
    ("-a.b", Unary("-", GetAttribute(A, "b"))),
    ("-a + b", Binary("+", Unary("-", A), B)),
    ("!a == b", Binary("==", Unary("!", A), B)),
    ("a + b - c", Binary("-", Binary("+", A, B), C)),
    ("a - (b - c)", Binary("-", A, Binary("-", B, C))),
    ("a + b * c", Binary("+", A, Binary("*", B, C))),
    ("(a + b) * c", Binary("*", Binary("+", A, B), C)),
    ("a / b % c", Binary("%", Binary("/", A, B), C)),
    ("a < b == c", Binary("==", Binary("<", A, B), C)),
    ("a >= b != c <= d", Binary("!=", Binary(">=", A, B), Binary("<=", C, D))),
    ("a && b || c", Binary("||", Binary("&&", A, B), C)),
    ("a || b && c", Binary("||", A, Binary("&&", B, C))),
    ("a == b && c", Binary("&&", Binary("==", A, B), C)),
    ("a + b > c && d", Binary("&&", Binary(">", Binary("+", A, B), C), D)),
    ("a[0] + b.c * d()", Binary("+", Index(A, number(0)), Binary("*", GetAttribute(B, "c"), Call("d", ())))),
    ("(a + b).c", GetAttribute(Binary("+", A, B), "c")),
    ("((a))", A),
]

CONDITIONALS: list[tuple[str, Expression]] = [
    ("a ? b : c", Conditional(A, B, C)),
    ("a == b ? c : d", Conditional(Binary("==", A, B), C, D)),
    ("a ? b : c + d", Conditional(A, B, Binary("+", C, D))),
    ("a ? b : c ? d : e", Conditional(A, B, Conditional(C, D, E))),
    ("(a ? b : c) ? d : e", Conditional(Conditional(A, B, C), D, E)),
    ("a ? b : (c ? d : e)", Conditional(A, B, Conditional(C, D, E))),
    ("a ? b ? c : d : e", Conditional(A, Conditional(B, C, D), E)),
    ("a ? b : c ? d : e ? x : y", Conditional(A, B, Conditional(C, D, Conditional(E, X, Y)))),
    ("a ? b ? c : d : e ? x : y", Conditional(A, Conditional(B, C, D), Conditional(E, X, Y))),
    ("a ? b : c == d ? e : x", Conditional(A, B, Conditional(Binary("==", C, D), E, X))),
]

TRAVERSALS: list[tuple[str, Expression]] = [
    ("a.b.c", GetAttribute(GetAttribute(A, "b"), "c")),
    ("a-b", Name("a-b")),
    ("größe.b", GetAttribute(Name("größe"), "b")),
    ('a["b"][c]', Index(Index(A, Literal("b")), C)),
    ("a.0", Index(A, number(0))),
    ("a.0.b", GetAttribute(Index(A, number(0)), "b")),
    ("a.b.12.c", GetAttribute(Index(GetAttribute(A, "b"), number(12)), "c")),
    ("a[*]", Splat(A, ITEM)),
    ("a.*", Splat(A, ITEM)),
    ("a[*].b[0].c", Splat(A, GetAttribute(Index(GetAttribute(ITEM, "b"), number(0)), "c"))),
    ("a.*.b[0].c", GetAttribute(Index(Splat(A, GetAttribute(ITEM, "b")), number(0)), "c")),
    ("a.*.b.0.c", Splat(A, GetAttribute(Index(GetAttribute(ITEM, "b"), number(0)), "c"))),
    ("a.*[0]", Index(Splat(A, ITEM), number(0))),
    ("a[*].b[*].c", Splat(A, Splat(GetAttribute(ITEM, "b"), GetAttribute(ITEM, "c")))),
    ("a.*.b[*].c", Splat(Splat(A, GetAttribute(ITEM, "b")), GetAttribute(ITEM, "c"))),
    ("a[b[0]].c", GetAttribute(Index(A, Index(B, number(0))), "c")),
    ("f(a)[0].b", GetAttribute(Index(Call("f", (A,)), number(0)), "b")),
]

CALLS: list[tuple[str, Expression]] = [
    ("f()", Call("f", ())),
    ("f(a, b)", Call("f", (A, B))),
    ("f(a, b,)", Call("f", (A, B))),
    ("f(a, b...)", Call("f", (A, B), expand=True)),
    ("f(\n  a, # first\n  b // second\n)", Call("f", (A, B))),
    ("f(g(a), [b])", Call("f", (Call("g", (A,)), Tuple((B,))))),
    ("provider::aws::arn_parse(a)", Call("provider::aws::arn_parse", (A,))),
]

COLLECTIONS: list[tuple[str, Expression]] = [
    ("[]", Tuple(())),
    ("[a, b,]", Tuple((A, B))),
    ("[\n  a, /* no */ b\n  # c\n]", Tuple((A, B))),
    ("{}", Object(())),
    ("{ a = b, c : d }", Object(((Literal("a"), B), (Literal("c"), D)))),
    ("{\n  a = b # c\n  c = d\n}", Object(((Literal("a"), B), (Literal("c"), D)))),
    ("{ (a) = b }", Object(((A, B),))),
    ("{ (a.b) = c }", Object(((GetAttribute(A, "b"), C),))),
    ("{ a.b = c }", Object(((GetAttribute(A, "b"), C),))),
    ('{ "a" = b }', Object(((Literal("a"), B),))),
    ('{ "a-${b}" = c }', Object(((Template((Literal("a-"), B)), C),))),
    ('{ "${a}" = b }', Object(((A, B),))),
    ("{ true = a, null = b }", Object(((Literal("true"), A), (Literal("null"), B)))),
    ("{ 80 = a }", Object(((number(80), A),))),
    ("{ f(a) = b }", Object(((Call("f", (A,)), B),))),
    ("{\n  a = b\n  (c) = d\n}", Object(((Literal("a"), B), (C, D)))),
    ("{\n  a = b # (x)\n  (c) = d\n}", Object(((Literal("a"), B), (C, D)))),
    ("{\na = b\n(c) = d\n}", Object(((Literal("a"), B), (C, D)))),
]

FORS: list[tuple[str, Expression]] = [
    ("[for a in b : c]", For("", "a", B, None, C)),
    ("[for a, b in c : d if e]", For("a", "b", C, None, D, E)),
    ("{ for a, b in c : a => b }", For("a", "b", C, A, B)),
    ("{ for a, b in c : a => b... if d }", For("a", "b", C, A, B, D, grouping=True)),
    ("[\n  for a in b :\n  c\n  if d\n]", For("", "a", B, None, C, D)),
    ("[for a in b : a ? c : d if e]", For("", "a", B, None, Conditional(A, C, D), E)),
    ("[for a in b : [for c in a : c]]", For("", "a", B, None, For("", "c", A, None, C))),
]


@pytest.mark.parametrize(
    ("text", "tree"), [*OPERATORS, *CONDITIONALS, *TRAVERSALS, *CALLS, *COLLECTIONS, *FORS]
)
def test_trees(text: str, tree: Expression) -> None:
    assert read_expression(text) == tree


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "1) + (2", "a b", "a = 1", "f(", '"open', '"\\d"', "a ? b", "<<EOT\nopen", "9e999", "'a'"],
)
def test_what_is_no_expression_is_unreadable(text: str) -> None:
    read = read_expression(text)
    assert isinstance(read, Unreadable)
    assert read.text == text


def test_a_comment_ends_with_its_line() -> None:
    assert read_expression("a # b") == A
    assert read_expression("a /* b */ + c // d") == Binary("+", A, C)


def test_places_count_characters_and_include_the_end() -> None:
    read = read_expression('{ "größe" = [ä, b.c],\n\td = ( e ) }')
    assert read.place == Place(1, 1, 2, 12)
    assert isinstance(read, Object)
    (key, value), (_, other) = read.items
    assert key.place == Place(1, 3, 1, 9)
    assert [part.place for part in children(value)] == [Place(1, 14, 1, 14), Place(1, 17, 1, 19)]
    assert other.place == Place(2, 8, 2, 8)


def test_everything_stands_at_the_given_place() -> None:
    at = Place(7, 3, 7, 20)
    read = read_expression('f("${a}", [b])', at=at)
    assert {node.place for node in [read, *children(read)]} == {at}


NESTED = {
    "brackets": ("[", "a", "]"),
    "calls": ("f(", "a", ")"),
    "objects": ("{a=", "1", "}"),
    "unary": ("!", "a", ""),
    "yes branches": ("a ? ", "b", " : c"),
    "no branches": ("", "a", " ? b : c"),
    "sums": ("", "a", " + b"),
    "attributes": ("", "a", ".b"),
    "splats": ("", "a", "[*]"),
    "keys": ("a[", "b", "]"),
}


@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting_ends_unreadable(name: str) -> None:
    before, middle, behind = NESTED[name]
    for times in (DEEPEST // 4, DEEPEST + 2, 900, 5000):
        read = read_expression(before * times + middle + behind * times)
        depth, unreadable = measured(read)
        assert depth <= DEEPEST + 2
        assert unreadable == (times > DEEPEST)


def measured(tree: Expression) -> tuple[int, bool]:
    """How deep a tree is, and whether something in it is unreadable."""
    level, depth, unreadable = [tree], 0, False
    while level:
        depth += 1
        unreadable = unreadable or any(isinstance(node, Unreadable) for node in level)
        level = [child for node in level for child in children(node)]
    return depth, unreadable
