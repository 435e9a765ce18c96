"""Every function and operator, asked of our evaluator: the answers are Terraform's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.value import Known, Unknown
from tests.terraform.conformance.rows import ERROR, FILES, ROWS, Row
from tests.terraform.conformance.test_rows import LEFT_UNKNOWN
from tests.terraform.evaluation.evaluating import evaluator_of, value_of

# A list is never equal to a tuple of the same members, and values here do not tell the two apart: open.
LISTS_OR_TUPLES = {
    "[1, 2] == [1, 2]",
    "[] == []",
    "tolist([]) == []",
    "{} == {}",
    "{a = 1} == {a = 1}",
    'toset(["a", "b"]) == toset(["b", "a"])',
    'tolist(["a"]) == ["a"]',
    "[null] == [null]",
}
# Terraform's division by zero goes through try(); ours is an error like any other.
CAUGHT = 'try(1 / 0, "div")'


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory: pytest.TempPathFactory) -> Evaluator:
    """An evaluator beside the files that the rows read."""
    folder: Path = tmp_path_factory.mktemp("rows")
    (folder / "main.tf").write_text("locals {}\n", encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return evaluator_of(folder)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_answer_is_terraforms(evaluator: Evaluator, row: Row) -> None:
    found = value_of(evaluator, f"jsonencode({row.expression}\n)")
    if row.expression == CAUGHT:
        assert found == Known('"div"')
    elif row.expected == ERROR:
        assert isinstance(found, (str, Unknown)), found
    elif row.expression in LEFT_UNKNOWN | LISTS_OR_TUPLES:
        assert isinstance(found, Unknown), found
    else:
        assert found == Known(row.expected)
