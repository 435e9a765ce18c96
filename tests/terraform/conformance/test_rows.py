"""The rows against the real Terraform, where there is one, and against our functions as far as they go."""

from __future__ import annotations

import fnmatch
import json

import pytest

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions import FUNCTIONS
from eks_checks.terraform.functions.json_text import json_text
from eks_checks.terraform.functions.knowledge import UndeterminedError
from eks_checks.terraform.functions.native import native
from tests.terraform.conformance.rows import ERROR, FILES, ROWS, TERRAFORM, Row, ask_terraform
from tests.terraform.functions.literals import evaluate, is_literal

# What we leave unknown although nothing is: none of it matters to networks, and Terraform's answer is odd.
LEFT_UNKNOWN = {
    'cidrsubnet("10.0.0.0/16",8,-1)',
    'cidrsubnet("10.0.0.0/16",-1,0)',
    'flatten(toset([["a"],["b"]]))',
    "pow(2,64)",
    "pow(10,20)",
    'regex("(?U)a+","aaa")',
    'regex("(?P<1a>x)","x")',
    'regex("(a*)*","b")',
    'regex("(a*)+","aa")',
    'regex("(a*)*","aa")',
    'regex("(a|b*)*","ab")',
    'regex("(a?)*?b","aab")',
}
# Their results are nothing to compare, or they are the evaluator's.
WITHOUT_ROWS = {"issensitive", "sensitive"}


class Folder:
    """The files of the rows, without a disk."""

    def read(self, path: str) -> bytes:
        name = path.removeprefix("./")
        if name not in FILES:
            raise EvaluationError(f"no file {path}")
        return FILES[name].encode()

    def exists(self, path: str) -> bool:
        return path.removeprefix("./") in FILES

    def fileset(self, directory: str, pattern: str) -> tuple[str, ...]:
        return tuple(name for name in FILES if fnmatch.fnmatchcase(name, pattern))


def found(row: Row) -> str:
    """Our value of a row as JSON, ``error``, or ``unknown``."""
    try:
        return json_text(native(evaluate(row.expression, Folder())))
    except EvaluationError:
        return ERROR
    except UndeterminedError:
        return "unknown"


def test_the_rows_are_many_and_each_is_read() -> None:
    assert len(ROWS) > 1400
    assert sum(is_literal(row.expression) for row in ROWS) > 1100
    assert all(row.expected == ERROR or json.loads(row.expected) is not Ellipsis for row in ROWS)
    assert len({row.expression for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", [row for row in ROWS if is_literal(row.expression)], ids=str)
def test_our_functions_give_the_value(row: Row) -> None:
    assert found(row) == ("unknown" if row.expression in LEFT_UNKNOWN else row.expected)


def test_every_function_has_rows() -> None:
    text = "\n".join(row.expression for row in ROWS)
    assert sorted(name for name in set(FUNCTIONS) - WITHOUT_ROWS if f"{name}(" not in text) == []


@pytest.mark.skipif(TERRAFORM is None, reason="no terraform on this machine to ask")
def test_terraform_gives_the_same_values() -> None:
    answers = ask_terraform([row.expression for row in ROWS])
    different = [
        f"{row}: {row.expected}, Terraform says {answer}"
        for row, answer in zip(ROWS, answers, strict=True)
        if answer != row.expected
    ]
    assert different == []
