"""HCL's operators over values that may be unknown."""

from __future__ import annotations

import math
from collections.abc import Callable

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Known,
    Mapping,
    Reference,
    Same,
    Scalar,
    Unknown,
    Value,
    same,
)


def binary(operator: str, left: Value, right: Value) -> Value:
    """``left operator right``. EvaluationError for operands that no conversion makes fit."""
    if operator in ("==", "!="):
        equal = equals(left, right)
        if equal is Same.UNDECIDED:
            return undecided(operator, left, right)
        return Known((equal is Same.YES) == (operator == "=="))
    if operator in ("&&", "||"):
        return _logical(operator, left, right)
    if not (isinstance(left, Known) and isinstance(right, Known)):
        _refuse_collections(operator, left, right)
        return undecided(operator, left, right)
    return Known(_NUMERIC[operator](number(left.value), number(right.value)))


def unary(operator: str, operand: Value) -> Value:
    """``-operand`` or ``!operand``."""
    if not isinstance(operand, Known):
        _refuse_collections(operator, operand)
        return undecided(operator, operand)
    return Known(not truth(operand.value)) if operator == "!" else Known(-number(operand.value))


def equals(left: Value, right: Value) -> Same:
    """``==`` as Terraform has it: values of different types are different, null is equal to null only."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, (Collection, Mapping)) and isinstance(other, Known):
            return Same.NO
    if isinstance(left, Known) and isinstance(right, Known):
        alike = _kind(left.value) == _kind(right.value) and left.value == right.value
        return Same.YES if alike else Same.NO
    return same(left, right)


def truth(value: Scalar) -> bool:
    """A condition's truth; the texts ``true`` and ``false`` are taken for it. EvaluationError for others."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise EvaluationError("a condition is not true or false")


def number(value: Scalar) -> int | float:
    """A number, or a text that is one. EvaluationError for others."""
    if isinstance(value, bool) or value is None:
        raise EvaluationError("a number is required")
    if isinstance(value, str):
        try:
            value = float(value) if any(sign in value for sign in ".eE") else int(value)
        except ValueError as error:
            raise EvaluationError(f"{value!r} is not a number") from error
    return whole(value)


def whole(value: int | float) -> int | float:
    """An integer where the number is one."""
    if isinstance(value, float):
        if math.isinf(value) or math.isnan(value):
            raise EvaluationError("the number is out of range")
        return int(value) if value == int(value) else value
    return value


def undecided(operator: str, *operands: Value) -> Unknown:
    """The Unknown that an operator makes of operands that are not known."""
    first = next((operand for operand in operands if not isinstance(operand, Known)), None)
    if isinstance(first, Unknown):
        return Unknown(first.reason, first.at)
    if isinstance(first, Reference):
        return Unknown(f"{operator} of {first}, known after apply")
    return Unknown(f"{operator} of values known after apply")


def _logical(operator: str, left: Value, right: Value) -> Value:
    decisive = operator == "||"
    known = [truth(value.value) for value in (left, right) if isinstance(value, Known)]
    _refuse_collections(operator, left, right)
    if decisive in known:
        return Known(decisive)
    return Known(not decisive) if len(known) == 2 else undecided(operator, left, right)


def _refuse_collections(operator: str, *operands: Value) -> None:
    if any(isinstance(operand, (Collection, Mapping)) or operand == NULL for operand in operands):
        raise EvaluationError(f"{operator} cannot be applied to a list, a map or null")


def _kind(value: Scalar) -> type:
    return int if isinstance(value, float) else type(value)


def _divided(left: int | float, right: int | float) -> int | float:
    if right == 0:
        raise EvaluationError("division by zero")
    exact = isinstance(left, int) and isinstance(right, int) and left % right == 0
    return left // right if exact else whole(left / right)


def _remainder(left: int | float, right: int | float) -> int | float:
    if right == 0:
        raise EvaluationError("division by zero")
    # Terraform's remainder has the sign of the dividend, Python's that of the divisor.
    return whole(left - right * math.trunc(left / right)) if isinstance(left, float) else _rest(left, right)


def _rest(left: int, right: int | float) -> int | float:
    if isinstance(right, float):
        return whole(math.fmod(left, right))
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


_NUMERIC: dict[str, Callable[[int | float, int | float], int | float | bool]] = {
    "+": lambda left, right: whole(left + right),
    "-": lambda left, right: whole(left - right),
    "*": lambda left, right: whole(left * right),
    "/": _divided,
    "%": _remainder,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
