"""What nobody asks for is not evaluated."""

from __future__ import annotations

from pathlib import Path

from eks_checks.terraform.value import Known
from tests.terraform.evaluation.asking import of_folder, written
from tests.terraform.evaluation.evaluating import value_of

SOURCES = """
locals {
  asked  = "here"
  costly = [for i in range(1000) : [for j in range(1000) : i * j]]
}
resource "terraform_data" "other" {
  input = local.costly
}
"""


def test_a_local_that_nobody_asks_for_costs_nothing(tmp_path: Path) -> None:
    evaluator = of_folder(written(tmp_path, {"main.tf": SOURCES}))
    asked: list[str] = []
    local = evaluator.names.local
    evaluator.names.local = lambda module, name: asked.append(name) or local(module, name)  # type: ignore[method-assign, func-returns-value]
    assert value_of(evaluator, "local.asked") == Known("here")
    assert asked == ["asked"]
    value_of(evaluator, "length(local.costly)")
    assert asked == ["asked", "costly"]
