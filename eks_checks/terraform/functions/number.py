"""Terraform's numbers: decimal, exact; a Python int where integral, else a float."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.knowledge import TooLargeError, bounded

Number: TypeAlias = int | float

# Terraform keeps 512 bits of a number; beyond them it rounds, and we do not follow.
BITS = 512
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


def exact(number: Number) -> Fraction:
    """The decimal that ``number`` is written as: 0.1 is a tenth here, and 0.1 + 0.2 is 0.3."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def number_of(value: Fraction) -> Number:
    """The nearest number; raises TooLargeError beyond what is kept exactly."""
    if abs(value.numerator).bit_length() > BITS and value.denominator == 1:
        raise TooLargeError
    if value.denominator == 1:
        return value.numerator
    try:
        nearest = float(value)
    except OverflowError:
        raise TooLargeError from None
    if nearest == 0:
        raise TooLargeError
    return int(nearest) if nearest.is_integer() else nearest


def number_text(number: Number) -> str:
    """As Terraform writes it: no exponent, no needless zero."""
    if isinstance(number, int):
        return str(number)
    return format(Decimal(repr(number)), "f").removesuffix(".0")


def parse_number(text: str) -> Number:
    """The number a string stands for; raises EvaluationError where Terraform refuses to convert it."""
    if not _DECIMAL.fullmatch(text):
        raise EvaluationError("a number is required")
    bounded(len(text), BITS)
    return number_of(Fraction(text))
