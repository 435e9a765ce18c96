"""HCL's operators over values that may be unknown."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import convert
from eks_checks.terraform.functions.kinds import BOOL, NUMBER
from eks_checks.terraform.functions.knowledge import TooLargeError, equality
from eks_checks.terraform.functions.number import Number, exact, number_of
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import NULL, Collection, Known, Mapping, Reference, Scalar, Unknown, Value


def binary(sign: str, left: Value, right: Value) -> Value:
    """``left sign right``. EvaluationError for operands that no conversion makes fit."""
    if sign in ("==", "!="):
        equal = _equal(left, right)
        if equal is Same.UNDECIDED:
            return undecided(sign, left, right)
        return Known((equal is Same.YES) == (sign == "=="))
    if sign in ("&&", "||"):
        return _logical(sign, left, right)
    if not (isinstance(left, Known) and isinstance(right, Known)):
        _refuse_collections(sign, left, right)
        return undecided(sign, left, right)
    one, other = exact(_number(left.value)), exact(_number(right.value))
    if sign in _ORDER:
        return Known(_ORDER[sign](one, other))
    try:
        return Known(number_of(_ARITHMETIC[sign](one, other)))
    except TooLargeError:
        return Unknown("the number is too large to evaluate")


def unary(sign: str, operand: Value) -> Value:
    """``-operand`` or ``!operand``."""
    if not isinstance(operand, Known):
        _refuse_collections(sign, operand)
        return undecided(sign, operand)
    return Known(not truth(operand.value)) if sign == "!" else Known(-_number(operand.value))


def truth(value: Scalar) -> bool:
    """A condition's truth; the texts ``true`` and ``false`` are taken for it. EvaluationError for others."""
    found = convert(Known(value), BOOL)
    if not isinstance(found, Known) or not isinstance(found.value, bool):
        raise EvaluationError("a condition is null")
    return found.value


def _equal(left: Value, right: Value) -> Same:
    """``==``: a list is never equal to a tuple of the same members, which values here do not tell apart."""
    if isinstance(left, Collection) and isinstance(right, Collection):
        straight = left.exact and right.exact and left.ordered and right.ordered
        pairs = list(zip(left.items, right.items, strict=False)) if straight else []
    elif isinstance(left, Mapping) and isinstance(right, Mapping):
        mine, other = dict(left.entries), dict(right.entries)
        pairs = [(mine[key], other[key]) for key in mine.keys() & other.keys()]
    else:
        return equality(left, right)
    differs = same(left, right) is Same.NO or any(_equal(*pair) is Same.NO for pair in pairs)
    return Same.NO if differs else Same.UNDECIDED


def _number(value: Scalar) -> Number:
    found = convert(Known(value), NUMBER)
    if not isinstance(found, Known) or isinstance(found.value, (bool, str, type(None))):
        raise EvaluationError("a number is required")
    return found.value


def undecided(sign: str, *operands: Value) -> Unknown:
    """The Unknown that an operator makes of operands that are not known."""
    first = next((operand for operand in operands if not isinstance(operand, Known)), None)
    if isinstance(first, Unknown):
        return Unknown(first.reason, first.at)
    if isinstance(first, Reference):
        return Unknown(f"{sign} of {first}, known after apply")
    return Unknown(f"{sign} of values known after apply")


def _logical(sign: str, left: Value, right: Value) -> Value:
    decisive = sign == "||"
    known = [truth(value.value) for value in (left, right) if isinstance(value, Known)]
    _refuse_collections(sign, left, right)
    if decisive in known:
        return Known(decisive)
    return Known(not decisive) if len(known) == 2 else undecided(sign, left, right)


def _refuse_collections(sign: str, *operands: Value) -> None:
    if any(isinstance(operand, (Collection, Mapping)) or operand == NULL for operand in operands):
        raise EvaluationError(f"{sign} cannot be applied to a list, a map or null")


def _divided(left: Fraction, right: Fraction) -> Fraction:
    if right == 0:
        raise EvaluationError("division by zero")
    return left / right


def _remainder(left: Fraction, right: Fraction) -> Fraction:
    """The remainder with the sign of the dividend, where Python's has that of the divisor."""
    return left if right == 0 else left - right * math.trunc(left / right)


_ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "%": _remainder,
}
_ORDER: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
