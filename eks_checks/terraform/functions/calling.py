"""Calling a function: arity, conversion of arguments, choices, and what to say of what is not known."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import convert
from eks_checks.terraform.functions.knowledge import (
    CHARACTERS,
    TOO_LARGE,
    TooLargeError,
    UndeterminedError,
    bounded,
    computed,
    first_doubt,
)
from eks_checks.terraform.functions.native import (
    COMBINATIONS,
    has_choice,
    has_doubtful_part,
    lifted,
    native,
    possibilities,
)
from eks_checks.terraform.functions.signature import Files, Form, Function
from eks_checks.terraform.value import NULL, Known, Unknown, Value, alternatives, choice, depth

DEEPEST = 500
"""Lists and maps inside one another that a function is given."""


def apply(function: Function, arguments: Sequence[Value], files: Files | None) -> Value:
    """What ``function`` returns for ``arguments``, as far as that is sure.

    A Choice among the arguments is tried each way.
    Raises EvaluationError where Terraform refuses the call whatever the unknown parts are.
    """
    _check_count(function, len(arguments))
    ways = math.prod(len(alternatives(argument)) for argument in arguments)
    if ways > COMBINATIONS:
        return computed(function.name, next(one for one in arguments if first_doubt(one)))
    results: list[Value] = []
    refusal: EvaluationError | None = None
    for combination in itertools.product(*map(alternatives, arguments)):
        try:
            results.append(_apply_bounded(function, combination, files))
        except EvaluationError as error:
            refusal = error
    if refusal is None:
        return choice(results)
    if not results:
        raise refusal
    return choice([*results, Unknown(f"{function.name}() of one of the options fails: {refusal}")])


def _check_count(function: Function, count: int) -> None:
    wanted = len(function.parameters)
    if count < wanted or (count > wanted and function.variadic is None):
        raise EvaluationError(f"{function.name}() wants {wanted} arguments, not {count}")


def _apply_bounded(function: Function, arguments: Sequence[Value], files: Files | None) -> Value:
    try:
        if max(map(depth, arguments), default=0) > DEEPEST:
            return TOO_LARGE
        result = _apply(function, arguments, files)
        if isinstance(result, Known) and isinstance(result.value, str):
            bounded(len(result.value), CHARACTERS)
    except UndeterminedError as undetermined:
        return computed(function.name, undetermined.part)
    except (TooLargeError, RecursionError, MemoryError):
        return TOO_LARGE
    except EvaluationError as error:
        # What only one option or a member in doubt brings about is not certain to fail.
        if any(map(has_doubtful_part, arguments)):
            return Unknown(f"{function.name}() may fail: {error}")
        raise
    return result


def _apply(function: Function, arguments: Sequence[Value], files: Files | None) -> Value:
    converted = [_argument(function, position, value) for position, value in enumerate(arguments)]
    if function.form is Form.READING and files is None:
        return Unknown(f"{function.name}() reads files, and there are none")
    if function.form is not Form.PARTIAL:
        return _apply_to_each(function, converted, files)
    try:
        return _computed(function, converted, files)
    except UndeterminedError:
        if not any(map(has_choice, converted)):
            raise
        return _apply_to_each(function, converted, files)


def _apply_to_each(function: Function, arguments: Sequence[Value], files: Files | None) -> Value:
    """Calls ``function`` once for each way in which choices inside its arguments may be decided."""
    ways = [tuple(possibilities(argument)) for argument in arguments]
    if math.prod(map(len, ways)) > COMBINATIONS:
        raise UndeterminedError(next(one for one in arguments if first_doubt(one)))
    return choice(_computed(function, combination, files) for combination in itertools.product(*ways))


def _computed(function: Function, arguments: Sequence[Value], files: Files | None) -> Value:
    if function.form is Form.PARTIAL:
        result: Value = function.body(*arguments)
        return result
    before = (files,) if function.form is Form.READING else ()
    return lifted(function.body(*before, *map(native, arguments)))


def _argument(function: Function, position: int, value: Value) -> Value:
    kind = function.kind(position)
    if kind is None:
        raise EvaluationError(f"{function.name}() takes no argument {position + 1}")
    if value == NULL and not function.nullable:
        raise EvaluationError(f"argument {position + 1} of {function.name}() must not be null")
    try:
        return convert(value, kind)
    except EvaluationError as error:
        raise EvaluationError(f"argument {position + 1} of {function.name}(): {error}") from error
