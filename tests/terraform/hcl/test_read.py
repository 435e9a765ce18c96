"""Files in native syntax: blocks, arguments and where they stand; broken and hostile files."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from eks_checks.location import SourceSpan
from eks_checks.terraform.hcl.body import Argument, Body, Problem, SourceFile
from eks_checks.terraform.hcl.expression import Expression, Literal, Name, Place, Unreadable
from eks_checks.terraform.hcl.read import DEEPEST_BLOCK, MOST_PROBLEMS, read
from eks_checks.terraform.hcl.syntax import SIZE_LIMIT

ROOT = Path(__file__).resolve().parents[3]


def of(text: str | bytes) -> SourceFile:
    return read(text.encode() if isinstance(text, str) else text, "main.tf")


def values(body: Body) -> dict[str, Expression]:
    return {name: argument.expression for name, argument in body.arguments.items()}


def shape(body: Body) -> list[object]:
    """Arguments' names, then blocks: a type, labels and what is inside."""
    return [*body.arguments, *((block.type, *block.labels, shape(block.body)) for block in body.blocks)]


FILE = """\
# a comment
resource "aws_vpc" "this" {   // another
  cidr_block = "10.0.0.0/16"  # the range
  tags = {
    Name = "a"
  }

  /* a block
     inside */
  timeouts { create = "1m" }
  dynamic "ingress" {
    for_each = []
    content {}
  }
}

locals {}
data aws_vpc "of_${others}" {}
terraform {
  required_version = ">= 1.3" }
"""


def test_blocks_and_arguments() -> None:
    file = of(FILE)
    assert file.problems == ()
    assert file.path == "main.tf"
    assert shape(file.body) == [
        (
            "resource",
            "aws_vpc",
            "this",
            [
                "cidr_block",
                "tags",
                ("timeouts", ["create"]),
                ("dynamic", "ingress", ["for_each", ("content", [])]),
            ],
        ),
        ("locals", []),
        ("data", "aws_vpc", "of_${others}", []),
        ("terraform", ["required_version"]),
    ]
    assert not file.body.json
    assert [block.type for block in file.body.of_type("locals")] == ["locals"]


def test_spans() -> None:
    resource, locals_, *_ = of(FILE).body.blocks
    assert resource.span == SourceSpan("main.tf", 2, 15)
    assert resource.body.arguments["tags"].span == SourceSpan("main.tf", 4, 6)
    assert [block.span.line for block in resource.body.blocks] == [10, 11]
    assert locals_.span == SourceSpan("main.tf", 17, 17)


def test_expressions_are_read_when_asked() -> None:
    asked = []
    argument = Argument("a", SourceSpan("", 1, 1), lambda: asked.append(1) or Literal(1))  # type: ignore[func-returns-value]
    assert asked == []
    assert argument.expression is argument.expression
    assert asked == [1]


def test_windows_line_ends_byte_order_mark_tabs_and_letters_of_several_bytes() -> None:
    file = of("\ufeffa = 1\r\nlocals {\r\n\tgröße = ä\r\n  text = <<EOT\r\nö\r\n  EOT\r\n}\r\n".encode())
    assert file.problems == ()
    assert file.body.arguments["a"].expression.place == Place(1, 5, 1, 5)
    (block,) = file.body.blocks
    assert values(block.body) == {"größe": Name("ä"), "text": Literal("ö\r\n")}
    assert block.body.arguments["größe"].expression.place == Place(3, 10, 3, 10)
    assert block.span == SourceSpan("main.tf", 2, 7)


def test_empty_files() -> None:
    for text in ("", "\n", "# only a comment", "\ufeff"):
        assert of(text) == SourceFile("main.tf", Body())


def test_numbers_with_exponents_and_no_point() -> None:
    # The grammar alone reads `1`, and an argument `e5`.
    assert values(of("a = 1e5\nb = 2E-1\nv1e5 = v2e3").body) == {
        "a": Literal(100000),
        "b": Literal(0.2),
        "v1e5": Name("v2e3"),
    }


# --- what cannot be read --------------------------------------------------------------------------

BROKEN = """\
locals {
  good = 1
}
resource "a" "b" {
  count = a.b()
}
resource "c" "d" {
  count = 2
}
locals {
  list = [1, 2
}
variable "last" {
  default = <<EOT
resource "not" "me" {
EOT
}
"""


def test_the_rest_of_a_broken_file_is_read() -> None:
    file = of(BROKEN)
    read_well = [block for block in file.body.blocks if block.type != "locals"]
    assert [block.labels for block in read_well if block.labels != ("a", "b")] == [("c", "d"), ("last",)]
    assert values(read_well[-2].body) == {"count": Literal(2)}
    assert values(file.body.blocks[0].body) == {"good": Literal(1)}
    assert "count" not in file.body.arguments
    assert {problem.file for problem in file.problems} == {"main.tf"}
    assert {problem.line for problem in file.problems} == {4, 5, 12}


def test_a_broken_argument_is_unreadable_and_its_neighbours_are_not() -> None:
    file = of("locals {\n  a = 1\n  b = { a b }\n  c = 3\n}\n")
    (block,) = file.body.blocks
    assert values(block.body)["a"] == Literal(1)
    assert isinstance(values(block.body)["b"], Unreadable)
    assert values(block.body)["c"] == Literal(3)
    assert file.problems == (
        Problem("main.tf", 3, "`b = { a b }` cannot be read, so that its value is unknown"),
    )


def test_arguments_on_one_line_are_broken() -> None:
    file = of("a = 1 b = 2\nc = 3\n")
    assert [type(value) for value in values(file.body).values()] == [Unreadable, Unreadable, Literal]
    assert [problem.line for problem in file.problems] == [1]


def test_an_argument_set_twice() -> None:
    file = of("a = 1\na = 2\n")
    assert values(file.body) == {"a": Literal(1)}
    assert [problem.line for problem in file.problems] == [2]


def test_commented_out_code_behind_an_error_stays_commented_out() -> None:
    file = of('a = (\n/*\nresource "x" "y" {\n}\n*/\nlocals {\n}\n')
    assert [block.type for block in file.body.blocks] == ["locals"]


def test_text_that_is_not_utf8() -> None:
    file = of(b'a = 1\nb = "\xff"\nc = 3\n')
    assert values(file.body) == {"a": Literal(1), "b": Literal("\ufffd"), "c": Literal(3)}
    assert file.problems == (Problem("main.tf", 2, "not UTF-8 text"),)


def test_too_large_a_file() -> None:
    file = of(b"a = 1\n" * (SIZE_LIMIT // 6 + 1))
    assert file.body == Body()
    assert [problem.line for problem in file.problems] == [1]


def test_blocks_nested_too_deeply() -> None:
    times = DEEPEST_BLOCK + 10
    file = of("a {\n" * times + "}\n" * times)
    assert [problem.line for problem in file.problems] == [DEEPEST_BLOCK + 1]


def test_no_more_problems_than_anyone_reads() -> None:
    assert len(of("a = = 1\n" * 1000).problems) == MOST_PROBLEMS + 1


LARGE = SIZE_LIMIT - 64
BAD = LARGE // 8  # a whole megabyte of it takes some ten seconds
HOSTILE = {
    "brackets in each other": b"a = " + b"[" * 10_000 + b"]" * 10_000,
    "a million brackets": b"a = " + b"(" * LARGE,
    "templates in each other": b'a = "' + b'${"' * 300_000,
    "blocks in each other": b"a {\n" * (LARGE // 4),
    "a heredoc without an end": b"a = <<EOT\n" + b"x\n" * (LARGE // 2),
    "heredocs without ends": b"a=<<A\n" * (BAD // 6),
    "a text without an end": b'a = "' + b"x" * LARGE,
    "quotes": b'"' * BAD,
    "attributes": b"a = x" + b".b" * (LARGE // 2),
    "white space before a bracket": b"a = {\nb = x" + b" " * LARGE + b"\n(b) = 1 }",
    "garbage": random.Random(3).randbytes(BAD),
    "signs": bytes(random.Random(3).choices(b'abc{}[]()"$%=<\\n .,', k=BAD)),
}
READ_ALL = """
import sys
from eks_checks.terraform.hcl.read import read
def expressions(body):
    for argument in body.arguments.values():
        argument.expression
    for block in body.blocks:
        expressions(block.body)
file = read(sys.stdin.buffer.read(), "hostile.tf")
expressions(file.body)
print(len(file.problems))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_bounded_time(name: str) -> None:
    # In a process of its own: a crash of the C parser must not take the suite with it.
    command = [sys.executable, "-c", READ_ALL]
    done = subprocess.run(
        command, input=HOSTILE[name], capture_output=True, timeout=120, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
