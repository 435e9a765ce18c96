"""Function calls: the few that see expressions rather than values, and the way to all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.hcl.expression import Call, Expression
from eks_checks.terraform.value import Collection, Known, Mapping, Unknown, Value, choice, unknowns

if TYPE_CHECKING:
    from eks_checks.terraform.evaluation.evaluator import Evaluator

TEMPLATES = 16
"""Templates that render templates, at most so deep."""
SLOW = 3
"""After so many searches that ran out of time, no other is begun."""
_BY_PATTERN = frozenset({"regex", "regexall", "replace"})


class Caller:
    """Calls functions for an evaluator; keeps the templates it has read."""

    def __init__(self, evaluator: Evaluator) -> None:
        """``evaluator`` gives the values of arguments."""
        self._evaluator = evaluator
        self._templates: dict[str, Expression] = {}
        self._rendering = 0
        self._slow = 0

    def call(self, node: Call, scope: Scope) -> Value:
        """The value of a call. EvaluationError where the function certainly refuses its arguments."""
        if node.name == "try":
            return self._try(node.arguments, scope)
        if node.name == "can":
            return self._can(node.arguments, scope)
        arguments = self._arguments(node, scope)
        if isinstance(arguments, Unknown):
            return arguments
        if node.name in ("templatefile", "templatestring"):
            return self._rendered(node.name, arguments, scope)
        return self._evaluator.settled(self._computed(node.name, arguments))

    def _computed(self, name: str, arguments: list[Value]) -> Value:
        from eks_checks.terraform import functions
        from eks_checks.terraform.functions.patterns import TOO_SLOW

        self._evaluator.charge(*arguments)
        if name in _BY_PATTERN and self._slow >= SLOW:
            return TOO_SLOW
        found = functions.call(name, arguments, self._evaluator.tree.files)
        self._slow += found == TOO_SLOW
        return found

    def _arguments(self, node: Call, scope: Scope) -> list[Value] | Unknown:
        values = [self._evaluator.value(argument, scope) for argument in node.arguments]
        if not node.expand:
            return values
        if not values:
            raise EvaluationError(f"{node.name}: nothing stands before the dots")
        last = values.pop()
        if isinstance(last, Known):
            raise EvaluationError(f"{node.name}: what stands before the dots is not a list")
        if not isinstance(last, Collection) or not last.exact:
            return next(unknowns(last), Unknown(f"{node.name} of a list known after apply"))
        return [*values, *last.items]

    def _try(self, arguments: tuple[Expression, ...], scope: Scope) -> Value:
        """The first that does not fail; one that is not known may yet fail, and the next be meant."""
        failure = EvaluationError("try: there is nothing to try")
        for position, argument in enumerate(arguments):
            try:
                value = self._evaluator.value(argument, scope)
            except EvaluationError as error:
                failure = error
                continue
            if isinstance(value, Unknown) and position + 1 < len(arguments):
                return choice((value, self._rest(arguments[position + 1 :], scope)))
            return value
        raise failure

    def _rest(self, arguments: tuple[Expression, ...], scope: Scope) -> Value:
        return self._evaluator.guarded(lambda: self._try(arguments, scope))

    def _can(self, arguments: tuple[Expression, ...], scope: Scope) -> Value:
        if len(arguments) != 1:
            raise EvaluationError("can takes one argument")
        try:
            value = self._evaluator.value(arguments[0], scope)
        except EvaluationError:
            return Known(False)
        unknown = next(unknowns(value), None)
        return Known(True) if unknown is None else Unknown(unknown.reason, unknown.at)

    def _rendered(self, name: str, arguments: list[Value], scope: Scope) -> Value:
        if len(arguments) != 2:
            raise EvaluationError(f"{name} takes a template and its variables")
        source, variables = arguments
        if not isinstance(source, Known) or not isinstance(variables, Mapping) or variables.open:
            unknown = next((u for value in arguments for u in unknowns(value)), None)
            return unknown or Unknown(f"{name} of values known after apply")
        if self._rendering >= TEMPLATES:
            raise EvaluationError("templates render each other without end")
        template = self._template(name, str(source.value))
        self._rendering += 1
        try:
            return self._evaluator.value(template, Scope(scope.module, names=dict(variables.entries)))
        finally:
            self._rendering -= 1

    def _template(self, name: str, source: str) -> Expression:
        from eks_checks.terraform.hcl.read import read_template

        key = f"{name}:{source}"
        if key not in self._templates:
            text = source
            if name == "templatefile":
                try:
                    text = self._evaluator.tree.files.read(source).decode()
                except UnicodeDecodeError as error:
                    raise EvaluationError(f"{source} is not text") from error
            self._templates[key] = read_template(text)
        return self._templates[key]
