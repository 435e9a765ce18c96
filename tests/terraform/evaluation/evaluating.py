"""Small configurations, evaluated: what the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.evaluation.facts import Conventions, Keys, Steps, module_reference
from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.files import ModuleFiles
from eks_checks.terraform.hcl.read import read_expression
from eks_checks.terraform.sources.tree import ModuleTree
from eks_checks.terraform.value import Path as ValuePath
from eks_checks.terraform.value import Value
from tests.terraform.readable import text

__all__ = ["NoFacts", "evaluator_of", "module_reference", "said", "value_of"]


class NoFacts:
    """An input that knows nothing but the keys that the sources give."""

    tag = ""
    workspace: str | None = None
    cwd: str | None = None

    def __init__(self) -> None:
        self.evaluator: Evaluator | None = None

    def variable(self, name: str) -> Value | None:
        return None

    def default(self, names: tuple[str, ...], name: str) -> Value | None:
        return None

    def resource_keys(self, module: Steps, local: str) -> Keys:
        assert self.evaluator is not None
        found = self.evaluator.tree.module(tuple(step.name for step in module))
        assert found is not None
        return self.evaluator.names.instance_keys(module, found.resources[local])

    def module_keys(self, module: Steps, name: str) -> Keys:
        assert self.evaluator is not None
        return self.evaluator.names.call_keys(module, name)

    def attribute(self, address: object, path: ValuePath) -> Value:
        return Conventions().reference(address, path, "")  # type: ignore[arg-type]


def evaluator_of(folder: Path) -> Evaluator:
    """The evaluator of a folder of sources, as a plan of new resources would see it."""
    facts = NoFacts()
    facts.evaluator = Evaluator(ModuleTree(ModuleFiles(str(folder))), facts)
    return facts.evaluator


def value_of(evaluator: Evaluator, expression: str) -> Value | str:
    """The value of an expression in the root module; the text of the error where it fails."""
    try:
        return evaluator.value(read_expression(expression), Scope())
    except EvaluationError as error:
        return str(error)


def said(evaluator: Evaluator, expression: str) -> str:
    """The value of an expression in the root module as short text; an error begins with ``error:``."""
    value = value_of(evaluator, expression)
    return f"error: {value}" if isinstance(value, str) else text(value)
