"""The evaluator: an expression and where it stands to a value, as far as it is known.

What Terraform would refuse whatever the unknown values are is an EvaluationError, which ``try``
and ``can`` catch. What is only not known is an Unknown, never an error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from eks_checks.terraform.address import MODULE
from eks_checks.terraform.evaluation import operators
from eks_checks.terraform.evaluation.calls import Caller
from eks_checks.terraform.evaluation.facts import Facts
from eks_checks.terraform.evaluation.loops import comprehension, splat, template_loop
from eks_checks.terraform.evaluation.names import Names
from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.evaluation.traverse import descend, each_option, step
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import scalar_text, unified
from eks_checks.terraform.functions.knowledge import TOO_LARGE
from eks_checks.terraform.functions.strings import normalized
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
    Splat,
    Template,
    TemplateFor,
    Tuple,
    Unary,
    Unreadable,
    children,
)
from eks_checks.terraform.sources.agreement import Tree
from eks_checks.terraform.text import text_of
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    choice,
    depth,
    weight,
)

STEPS = 400_000
"""Nodes evaluated in one run before it gives up; 10,000 lines of configuration need tens of thousands."""
DEPTH = 1000
"""Nodes evaluated inside one another; real chains through modules have some hundreds."""
FRAMES = 10_000
HEAVY = 100_000
"""Members inside one value, counted each time they are named: ten lists of ten of ten ... are too large."""
NESTED = 200
"""Lists and maps inside one another in one value."""


class Evaluator:
    """Evaluates expressions of one root and its modules; values of names are kept."""

    def __init__(self, tree: Tree, facts: Facts) -> None:
        """``facts`` tells what the input knows. Nothing is evaluated yet."""
        self.tree = tree
        self.facts = facts
        self.names = Names(self)
        self._caller = Caller(self)
        self._steps = 0
        self._depth = 0
        if sys.getrecursionlimit() < FRAMES:
            sys.setrecursionlimit(FRAMES)  # a node takes up to eight frames: DEPTH ends it before Python does

    def value(self, expression: Expression, scope: Scope) -> Value:
        """The value of an expression. EvaluationError where it certainly fails."""
        self._steps += 1
        if self._steps > STEPS:
            return Unknown("evaluation stopped: the configuration asks for too much work")
        if self._depth > DEPTH:
            return Unknown("the expressions are nested too deeply")
        self._depth += 1
        try:
            found = _KINDS[type(expression)](self, expression, scope)
        finally:
            self._depth -= 1
        if isinstance(found, (Collection, Mapping, Choice)) and (
            weight(found) > HEAVY or depth(found) > NESTED
        ):
            return TOO_LARGE
        return found

    def charge(self, *values: Value) -> None:
        """Count the work of walking through values: much of it ends the run as many nodes do."""
        self._steps += sum(map(weight, values)) // 8

    def asked(self, expression: Expression, scope: Scope, otherwise: str = "") -> Value:
        """The value for one who cannot use an error: an Unknown that says what fails."""
        return self.guarded(lambda: self.value(expression, scope), otherwise)

    def guarded(self, work: Callable[[], Value], what: str = "") -> Value:
        """What ``work`` gives; a failure becomes an Unknown that says why."""
        try:
            return work()
        except EvaluationError as error:
            return Unknown(f"{what}cannot be evaluated: {error}")

    def settled(self, value: Value) -> Value:
        """A value that others can use: what is known of a Reference's attribute in its place."""
        if isinstance(value, Choice):
            return each_option(value, self.settled)
        if not isinstance(value, Reference) or not value.path:
            return value
        if value.resource.mode != MODULE:
            return self.facts.attribute(value.resource, value.path)
        output, *rest = value.path
        return self.settled(descend(self.names.output(value.resource, str(output)), tuple(rest)))

    # --- one kind of node each ----------------------------------------------------------------------------

    def _literal(self, node: Literal, scope: Scope) -> Value:
        return Known(normalized(node.value) if isinstance(node.value, str) else node.value)

    def _template(self, node: Template, scope: Scope) -> Value:
        return joined([self.value(part, scope) for part in node.parts])

    def _template_for(self, node: TemplateFor, scope: Scope) -> Value:
        return joined(template_loop(self, node, scope))

    def _traversal(self, node: Expression, scope: Scope) -> Value:
        return self.settled(self.unsettled(node, scope))

    def unsettled(self, node: Expression, scope: Scope) -> Value:
        """The value of a traversal with References as they are: more steps may follow."""
        steps: list[str | Expression] = []
        while isinstance(node, (GetAttribute, Index)):
            steps.append(node.name if isinstance(node, GetAttribute) else node.key)
            node = node.of
        steps.reverse()
        if isinstance(node, Name):
            value, used = self.names.start(node.name, steps, scope)
            steps = steps[used:]
        else:
            value = self.value(node, scope)
        for wanted in steps:
            key = Known(wanted) if isinstance(wanted, str) else self.value(wanted, scope)
            value = self.step(value, key)
        return value

    def step(self, value: Value, key: Value) -> Value:
        """One step into a value, known ones looked up where the path alone does not lead on."""
        if isinstance(value, Reference) and not isinstance(key, Known):
            value = self.settled(value)
        return step(value, key)

    def _item(self, node: Item, scope: Scope) -> Value:
        if scope.item is None:
            raise EvaluationError("a splat's member outside a splat")
        return scope.item

    def _splat(self, node: Splat, scope: Scope) -> Value:
        return splat(self, node, scope)

    def _call(self, node: Call, scope: Scope) -> Value:
        return self._caller.call(node, scope)

    def _conditional(self, node: Conditional, scope: Scope) -> Value:
        condition = self.value(node.condition, scope)
        if isinstance(condition, Choice):
            return each_option(condition, lambda option: self._chosen(option, node, scope))
        return self._chosen(condition, node, scope)

    def _chosen(self, condition: Value, node: Conditional, scope: Scope) -> Value:
        if isinstance(condition, Known):
            yes, no = (node.yes, node.no) if operators.truth(condition.value) else (node.no, node.yes)
            return self._of_one_type(self.value(yes, scope), no)
        if isinstance(condition, (Collection, Mapping)):
            raise EvaluationError("a condition is not true or false")
        options = (
            self.asked(node.yes, scope, "one outcome of a condition "),
            self.asked(node.no, scope, "one outcome of a condition "),
        )
        self.charge(*options)
        return choice(options)

    def _of_one_type(self, value: Value, other: Expression) -> Value:
        """A conditional's outcome as the type that both outcomes have; only constants are looked at."""
        if not _is_constant(other) or value == NULL:
            return value
        return unified((value, self.value(other, Scope())))[0]

    def _binary(self, node: Binary, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        self.charge(left, right)
        return over((left, right), lambda pair: operators.binary(node.operator, *pair))

    def _unary(self, node: Unary, scope: Scope) -> Value:
        operand = self.value(node.operand, scope)
        return over((operand,), lambda only: operators.unary(node.operator, *only))

    def _tuple(self, node: Tuple, scope: Scope) -> Value:
        return Collection(tuple(self.value(item, scope) for item in node.items))

    def _object(self, node: Object, scope: Scope) -> Value:
        entries: dict[str, Value] = {}
        rest: Unknown | None = None
        for key, item in node.items:
            name, value = self.value(key, scope), self.value(item, scope)
            if isinstance(name, Known):
                entries[scalar_text(name.value)] = value
            elif isinstance(name, (Collection, Mapping)):
                raise EvaluationError("a key is not a text")
            else:
                rest = Unknown("a key is known after apply")
        return Mapping(tuple(sorted(entries.items(), key=lambda entry: entry[0])), rest)

    def _for(self, node: For, scope: Scope) -> Value:
        return comprehension(self, node, scope)

    def _unreadable(self, node: Unreadable, scope: Scope) -> Value:
        return Unknown(f"cannot be read: {node.text}")


_KINDS: dict[type, Callable[[Evaluator, Any, Scope], Value]] = {
    Literal: Evaluator._literal,
    Template: Evaluator._template,
    TemplateFor: Evaluator._template_for,
    Name: Evaluator._traversal,
    GetAttribute: Evaluator._traversal,
    Index: Evaluator._traversal,
    Item: Evaluator._item,
    Splat: Evaluator._splat,
    Call: Evaluator._call,
    Conditional: Evaluator._conditional,
    Binary: Evaluator._binary,
    Unary: Evaluator._unary,
    Tuple: Evaluator._tuple,
    Object: Evaluator._object,
    For: Evaluator._for,
    Unreadable: Evaluator._unreadable,
}


def _is_constant(node: Expression) -> bool:
    """Whether an expression is made of literals only."""
    if isinstance(node, (Tuple, Object)):
        return all(map(_is_constant, children(node)))
    return isinstance(node, Literal) and node.value is not None


def joined(parts: list[Value]) -> Value:
    """The parts of a template as one text. EvaluationError for a part that has none."""
    if any(isinstance(part, (Collection, Mapping)) for part in parts):
        raise EvaluationError("a list or map has no text")
    return text_of(Known(scalar_text(part.value)) if isinstance(part, Known) else part for part in parts)


def over(values: tuple[Value, ...], function: Callable[[tuple[Value, ...]], Value]) -> Value:
    """``function`` of every combination of what the values may be."""
    position = next((i for i, value in enumerate(values) if isinstance(value, Choice)), None)
    if position is None:
        return function(values)
    before, chosen, after = values[:position], values[position], values[position + 1 :]
    return each_option(chosen, lambda option: over((*before, option, *after), function))
