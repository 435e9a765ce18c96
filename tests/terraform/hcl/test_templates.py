"""Quoted strings, heredocs and template files: escapes, white space, ``~``, indents and directives."""

from __future__ import annotations

import pytest

from eks_checks.terraform.hcl.expression import (
    Call,
    Conditional,
    Expression,
    GetAttribute,
    Literal,
    Name,
    Place,
    Template,
    TemplateFor,
    Unreadable,
)
from eks_checks.terraform.hcl.read import read, read_expression, read_template

X, Y, K, V = map(Name, "xykv")


def text(value: str) -> Literal:
    return Literal(value)


def template(*parts: Expression | str) -> Template:
    return Template(tuple(Literal(part) if isinstance(part, str) else part for part in parts))


ESCAPES = [
    (r'"a\n\r\t\"\\b"', 'a\n\r\t"\\b'),
    (r'"\u00e9\U0001F600"', "é😀"),
    (r'"\\u00e9"', r"\u00e9"),
    (r'"\ud800"', r"\ud800"),
    (r'"\UFFFFFFFF"', r"\UFFFFFFFF"),
    ('"$${x} %%{if}"', "${x} %{if}"),
    ('"$$$${x}$$${y}%%%{z}"', "$$${x}$${y}%%{z}"),
    ('"$ $$ % %% $a 100%"', "$ $$ % %% $a 100%"),
    ('"  a  "', "  a  "),
    ('"# no // comment /* here */"', "# no // comment /* here */"),
    ('"{}"', "{}"),
]


@pytest.mark.parametrize(("written", "meant"), ESCAPES)
def test_escapes(written: str, meant: str) -> None:
    assert read_expression(written) == Literal(meant)


QUOTED: list[tuple[str, Expression]] = [
    ('"${x}"', X),
    ('"${ x.y }"', GetAttribute(X, "y")),
    ('"${"${x}"}"', X),
    ('" ${x}"', template(" ", X)),
    ('"${x} "', template(X, " ")),
    ('"${x}${y}"', template(X, Y)),
    ('"a  ${x}  ${y}  b"', template("a  ", X, "  ", Y, "  b")),
    (r'"a\n ${x}\t"', template("a\n ", X, "\t")),
    ('"$${x}${y}"', template("${x}", Y)),
    ('"a ${~ x ~} b"', template("a", X, "b")),
    ('" ${~ x}"', template(X)),
    (r'"a\n ${~ x}"', template("a", X)),
    ('"%{if x}a%{endif}"', template(Conditional(X, text("a"), text("")))),
    ('"%{if x}${y}%{endif}"', template(Conditional(X, template(Y), text("")))),
    ('"%{for v in x}${v},%{endfor}"', template(TemplateFor("", "v", X, template(V, ",")))),
    ('"%{ for k, v in x ~} ${k} %{~ endfor }"', template(TemplateFor("k", "v", X, template(K)))),
]


@pytest.mark.parametrize(("written", "tree"), QUOTED)
def test_quoted(written: str, tree: Expression) -> None:
    assert read_expression(written) == tree


def test_quoted_inside_quoted() -> None:
    read = read_expression('"${f("a ${x} }", y)}-"')
    assert read == template(Call("f", (template("a ", X, " }"), Y)), "-")


def test_directives_with_both_branches() -> None:
    read = read_expression('"%{ if x } a %{ else } ${y} %{ endif } z"')
    assert read == template(Conditional(X, text(" a "), template(" ", Y, " ")), " z")
    read = read_expression('"%{if x ~} a %{~ else ~} b %{~ endif ~} c"')
    assert read == template(Conditional(X, text("a"), text("b")), "c")


def test_directives_inside_directives() -> None:
    read = read_expression('"%{if x}%{for v in y}${v}%{endfor}%{endif}"')
    inner = TemplateFor("", "v", Y, template(V))
    assert read == template(Conditional(X, template(inner), text("")))


V_LINE = template("  ", V, "\n")
HEREDOCS: list[tuple[str, Expression]] = [
    ("<<EOT\nEOT", text("")),
    ("<<EOT\n\nEOT", text("\n")),
    ("<<EOT\na\n  b\nEOT", text("a\n  b\n")),
    ("<<EOT\n  a\n  EOT", text("  a\n")),
    ("<<EOT\na\r\nb\r\nEOT", text("a\r\nb\r\n")),
    ('<<EOT\n\\n "q" \\u00e9 $${x} %%{y}\nEOT', text('\\n "q" \\u00e9 ${x} %{y}\n')),
    ("<<EOT\nEOT not yet\n EOTX\nEOT \t\n", text("EOT not yet\n EOTX\n")),
    ("<<E\n${x}\nE", template(X, "\n")),
    ("<<E\n\n  ${x}  \n\n${y}\n\nE", template("\n  ", X, "  \n\n", Y, "\n\n")),
    ('<<E\n${f("}")}\nE', template(Call("f", (text("}"),)), "\n")),
    (
        "<<E\n%{ for v in x ~}\n  ${v}\n%{ endfor ~}\nE",
        template(TemplateFor("", "v", X, template("  ", V, "\n"))),
    ),
    ("<<E\n  a\n  ${~ x ~}  \n  b\nE", template("  a\n", X, "  b\n")),  # `~` stays on its line
    ("<<E\n1e5 2e+3\nE", text("1e5 2e+3\n")),
    ("<<-EOT\n    a\n      b\n\n    c\n  EOT", text("a\n  b\n\nc\n")),
    ("<<-EOT\n\ta\n\t\tb\n\tEOT", text("a\n\tb\n")),
    ("<<-EOT\n    ${x}\n      a\n  EOT", template(X, "\n  a\n")),
    ("<<-EOT\n      a\n  ${x}\n  EOT", template("    a\n", X, "\n")),
    ("<<-EOT\n      a\n${x}\n  EOT", template("      a\n", X, "\n")),
    ("<<-EOT\n    a ${x}\n      b ${y}\n  EOT", template("a ", X, "\n  b ", Y, "\n")),
]


@pytest.mark.parametrize(("written", "tree"), HEREDOCS)
def test_heredocs(written: str, tree: Expression) -> None:
    assert read_expression(written) == tree


def test_a_heredoc_may_end_the_file() -> None:
    argument = read(b"a = <<EOT\nx\nEOT", "main.tf").body.arguments["a"]
    assert argument.expression == Literal("x\n")
    assert (argument.span.line, argument.span.end_line) == (1, 3)


FILES: list[tuple[str, Expression]] = [
    ("", text("")),
    ('plain \\n "q" {}', text('plain \\n "q" {}')),
    ("a\n", text("a\n")),
    ("$${x}", text("${x}")),
    ("${x}", X),
    ("${x}\n", template(X, "\n")),
    ("EOT\n${x}\nEOT\n", template("EOT\n", X, "\nEOT\n")),
    ("%{ if x ~}\n a\n%{ endif ~}\n", template(Conditional(X, text(" a\n"), text("")))),
    ('{"a": "${f("b")}"}', template('{"a": "', Call("f", (text("b"),)), '"}')),
]


@pytest.mark.parametrize(("written", "tree"), FILES)
def test_template_files(written: str, tree: Expression) -> None:
    assert read_template(written) == tree


@pytest.mark.parametrize("written", ["${", "${x", "%{if x}", "%{endif}", "${x y}"])
def test_broken_template_files(written: str) -> None:
    assert read_template(written) == Unreadable(written)


def test_places() -> None:
    read = read_template("é ${x}\n${y}z\n")
    assert isinstance(read, Template)
    assert [part.place for part in read.parts] == [
        Place(1, 1, 1, 2),
        Place(1, 5, 1, 5),
        Place(1, 7, 1, 7),
        Place(2, 3, 2, 3),
        Place(2, 5, 2, 6),
    ]
    at = Place(3, 4, 3, 30)
    assert read_template("a ${x}", at=at).place == at


def test_many_directives_in_each_other_are_unreadable() -> None:
    written = "%{if x}" * 5000 + "%{endif}" * 5000
    assert isinstance(read_template(written), Unreadable)
