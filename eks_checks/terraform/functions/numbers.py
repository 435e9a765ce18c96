"""Terraform's numeric functions."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import convert
from eks_checks.terraform.functions.kinds import ANY, BOOL, NUMBER, ListOf
from eks_checks.terraform.functions.knowledge import (
    UndeterminedError,
    as_collection,
    bounded,
)
from eks_checks.terraform.functions.native import native
from eks_checks.terraform.functions.number import BITS, Number, exact, number_of
from eks_checks.terraform.functions.signature import Function, partial, plain
from eks_checks.terraform.value import NULL, Known, Value

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST_RANGE = 1024
_BITS_OF_A_POWER = 53


def _log(number: Number, base: Number) -> Number:
    if number < 0 or base <= 0 or base == 1:
        raise EvaluationError("the logarithm is not defined")
    if number == 0:
        raise EvaluationError("the logarithm of zero is infinite")
    return number_of(exact(math.log(number) / math.log(base)))


def _pow(number: Number, power: Number) -> Number:
    if number == 0 and power < 0:
        raise EvaluationError("zero has no negative power")
    if isinstance(number, int) and isinstance(power, int):
        # Terraform computes powers with 53 bits.
        bounded(abs(number).bit_length() * abs(power), _BITS_OF_A_POWER)
        return number_of(Fraction(number) ** power)
    if number < 0 and not isinstance(power, int):
        raise EvaluationError("a negative number has no broken power")
    try:
        return number_of(exact(math.pow(number, power)))
    except OverflowError:
        raise EvaluationError("the power is too large") from None


def _parseint(digits: object, base: Number) -> int:
    if not isinstance(digits, str):
        raise EvaluationError("parseint() wants a string")
    if not isinstance(base, int) or not 2 <= base <= 62:
        raise EvaluationError("the base must be a whole number from 2 to 62")
    bounded(len(digits), BITS)
    sign, unsigned = (-1, digits[1:]) if digits.startswith("-") else (1, digits.removeprefix("+"))
    number = 0
    for digit in unsigned:
        found = _DIGITS.find(digit.lower() if base <= 36 else digit)
        if not 0 <= found < base:
            raise EvaluationError(f'cannot read "{digits}" as a whole number of base {base}')
        number = number * base + found
    if not unsigned:
        raise EvaluationError("an empty string is no number")
    return sign * number


def _range(*bounds: Number) -> list[Number]:
    if not 1 <= len(bounds) <= 3:
        raise EvaluationError("range() wants one to three arguments")
    start, end = (Fraction(0), exact(bounds[0])) if len(bounds) == 1 else map(exact, bounds[:2])
    step = exact(bounds[2]) if len(bounds) == 3 else Fraction(1 if start <= end else -1)
    if step == 0 or (end - start) * step < 0:
        raise EvaluationError("the step of range() leads away from its end")
    count = math.ceil((end - start) / step)
    if count > _LONGEST_RANGE:
        raise EvaluationError(f"range() gives more than {_LONGEST_RANGE} numbers")
    return [number_of(start + position * step) for position in range(count)]


def _sum(members: Value) -> Value:
    collection = as_collection(members)
    numbers = [convert(item, NUMBER) for item in collection.items]
    if NULL in numbers:
        raise EvaluationError("sum() takes no null")
    if collection.exact and not numbers:
        raise EvaluationError("sum() wants at least one number")
    total = sum(map(exact, native(dataclasses.replace(collection, items=tuple(numbers)))), Fraction(0))
    return Known(number_of(total))


def _extreme(smallest: bool) -> Function:
    def body(*numbers: Number) -> Number:
        if not numbers:
            raise EvaluationError("at least one number is required")
        return min(numbers) if smallest else max(numbers)

    return plain("min" if smallest else "max", [], body, variadic=NUMBER)


def _signum(number: Number) -> int:
    if not isinstance(number, int):
        raise EvaluationError("a whole number is required")
    return (number > 0) - (number < 0)


def _verdict(decisive: bool) -> Function:
    """``alltrue`` and ``anytrue``: one ``decisive`` member settles it, whatever the others are."""
    name = "anytrue" if decisive else "alltrue"

    def body(members: Value) -> Value:
        collection = as_collection(members)
        # A null member counts as false in anytrue, and so it does in alltrue.
        values = [item for item in collection.items if isinstance(item, Known)]
        if any((item.value is True) is decisive for item in values):
            return Known(decisive)
        if len(values) < len(collection.items) or not collection.exact:
            raise UndeterminedError(collection)
        return Known(not decisive)

    return partial(name, [ListOf(BOOL)], body)


FUNCTIONS: tuple[Function, ...] = (
    plain("abs", [NUMBER], abs),
    plain("ceil", [NUMBER], math.ceil),
    plain("floor", [NUMBER], math.floor),
    plain("log", [NUMBER, NUMBER], _log),
    _extreme(smallest=True),
    _extreme(smallest=False),
    plain("parseint", [ANY, NUMBER], _parseint),
    plain("pow", [NUMBER, NUMBER], _pow),
    plain("range", [], _range, variadic=NUMBER),
    plain("signum", [NUMBER], _signum),
    partial("sum", [ANY], _sum),
    _verdict(decisive=False),
    _verdict(decisive=True),
)
