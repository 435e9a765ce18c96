"""What one verb of ``format()`` makes of its argument: Go's rules, as Terraform bends them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import convert, scalar_text
from eks_checks.terraform.functions.json_text import json_text
from eks_checks.terraform.functions.kinds import BOOL, NUMBER, STRING
from eks_checks.terraform.functions.knowledge import CHARACTERS, bounded
from eks_checks.terraform.functions.native import native
from eks_checks.terraform.functions.number import Number
from eks_checks.terraform.functions.strings import graphemes, whole
from eks_checks.terraform.value import NULL, Value

MODES = "vtbdoxXeEfgGsq"
_WHOLE = "bdoxX"
_DIGITS_OF_A_FRACTION = 6
_LONGEST_NUMBER = 10


@dataclass(frozen=True)
class Verb:
    """``%-8.3f``: its mode ``f``, flags, width and precision."""

    mode: str
    flags: str
    width: int
    precision: int | None

    def text(self, argument: Value) -> str:
        """``argument``, which is known, as this verb writes it."""
        bounded(max(self.width, self.precision or 0), CHARACTERS)
        if self.mode == "v":
            return self._default(argument)
        if argument == NULL:
            raise EvaluationError("format() takes null for %v only")
        if self.mode == "t":
            return scalar_text(native(convert(argument, BOOL)))
        if self.mode in "sq":
            return self._string(native(convert(argument, STRING)))
        return self._padded(self._signed(self._number(native(convert(argument, NUMBER)))))

    def _default(self, argument: Value) -> str:
        """``%v``: whatever it is, as it would be written; no precision and no sign apply."""
        plain: Any = native(argument)
        if isinstance(plain, (list, dict)):
            return json_text(plain)
        if plain is None or "#" in self.flags:
            return self._padded(json_text(plain))
        if isinstance(plain, (bool, str)):
            return self._padded(scalar_text(plain))
        return self._padded(_shortest(plain, "g"))

    def _string(self, text: str) -> str:
        cut = text if self.precision is None else "".join(graphemes(text)[: self.precision])
        return self._padded(json_text(cut) if self.mode == "q" else cut)

    def _number(self, number: Number) -> str:
        if self.mode in _WHOLE:
            return self._whole(whole(number, f"the argument of %{self.mode}"))
        digits = _DIGITS_OF_A_FRACTION if self.precision is None else self.precision
        if self.mode == "f":
            return format(_decimal(number), f".{digits}f")
        if self.mode in "eE":
            return format(float(number), f".{digits}{self.mode}")
        if self.precision is None:
            return _shortest(number, self.mode)
        return format(float(number), f".{digits}{self.mode}")

    def _whole(self, number: int) -> str:
        prefix = {"o": "0", "x": "0x", "X": "0X", "b": "0b"}.get(self.mode, "") if "#" in self.flags else ""
        digits = format(abs(number), self.mode).rjust(self.precision or 0, "0")
        return ("-" if number < 0 else "") + prefix + digits

    def _signed(self, text: str) -> str:
        if text.startswith("-"):
            return text
        return "+" + text if "+" in self.flags else " " + text if " " in self.flags else text

    def _padded(self, text: str) -> str:
        missing = self.width - len(graphemes(text))
        if missing <= 0:
            return text
        if "-" in self.flags:
            return text + " " * missing
        if "0" not in self.flags:
            return " " * missing + text
        sign = text[:1] if self.mode not in "vsq" and text[:1] in ("+", "-", " ") else ""
        return sign + "0" * missing + text[len(sign) :]


def _shortest(number: Number, mode: str) -> str:
    """Go's ``%g`` without a precision: the digits needed, with an exponent from a million on."""
    decimal = _decimal(number)
    exponent = decimal.adjusted()
    if number == 0 or -5 < exponent < _DIGITS_OF_A_FRACTION:
        text = format(decimal, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits = "".join(map(str, decimal.as_tuple().digits)).rstrip("0")
    sign = "-" if decimal < 0 else ""
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}{'E' if mode == 'G' else 'e'}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _decimal(number: Number) -> Decimal:
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def verb_of(mode: str, flags: str, width: str, precision: str | None) -> Verb:
    """The verb that these parts of a format spell."""
    if not mode or mode not in MODES:
        raise EvaluationError(f'format() has no verb "%{mode}"')
    bounded(max(len(width), len(precision or "")), _LONGEST_NUMBER)
    return Verb(mode, flags, int(width or 0), None if precision is None else int(precision or 0))
