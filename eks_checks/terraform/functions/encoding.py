"""Terraform's encodings of text: base 64, URLs and JSON. YAML and CSV have modules of their own."""

from __future__ import annotations

import base64
import binascii
import codecs
import functools
import json
import re
import urllib.parse
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.json_text import json_text
from eks_checks.terraform.functions.kinds import ANY, STRING
from eks_checks.terraform.functions.knowledge import CHARACTERS, UndeterminedError, bounded, computed
from eks_checks.terraform.functions.number import number_of
from eks_checks.terraform.functions.signature import Function, partial, plain
from eks_checks.terraform.functions.stand_ins import decoded, encoded
from eks_checks.terraform.functions.strings import normalized
from eks_checks.terraform.value import Known, Unknown, Value

# Of the names IANA knows, those that Python and Go read alike.
_ENCODINGS = re.compile(
    r"utf-8|utf-16(le|be)?|us-ascii|iso-8859-([1-9]|1[03-6])|windows-125\d|shift_jis|euc-jp|euc-kr|gb18030|big5",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


def _base64encode(text: Value) -> Value:
    if isinstance(text, Known):
        return Known(base64.b64encode(str(text.value).encode()).decode())
    return replace(computed("base64encode", text), encodes=text)


def _base64decode(text: Value) -> Value:
    if isinstance(text, Unknown) and text.encodes is not None:
        return text.encodes
    if not isinstance(text, Known):
        raise UndeterminedError(text)
    return Known(_decoded(str(text.value)))


def _decoded(text: str) -> str:
    try:
        return normalized(_bytes(text).decode())
    except UnicodeDecodeError as error:
        raise EvaluationError("what base64decode() finds is not UTF-8") from error


def _bytes(text: str) -> bytes:
    # Go's decoder passes over line breaks.
    packed = text.replace("\r", "").replace("\n", "")
    try:
        if not _BASE64.fullmatch(packed):
            raise binascii.Error
        return base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise EvaluationError("the text is not in base 64") from error


def _textencodebase64(text: str, encoding: str) -> str:
    try:
        encoded = text.encode(_codec(encoding))
    except UnicodeEncodeError as error:
        raise EvaluationError(f"the text has characters that {encoding} has not") from error
    mark = codecs.BOM_UTF16_BE if encoding.lower() == "utf-16" else b""
    return base64.b64encode(mark + encoded).decode()


def _textdecodebase64(text: str, encoding: str) -> str:
    try:
        return normalized(_bytes(text).decode(_codec(encoding)))
    except UnicodeDecodeError as error:
        raise EvaluationError(f"the bytes are not text in {encoding}") from error


def _codec(encoding: str) -> str:
    if not _ENCODINGS.fullmatch(encoding):
        raise UndeterminedError(Unknown(f"the encoding {encoding} is not evaluated"))
    return "utf-16-be" if encoding.lower() == "utf-16" else encoding


def _urlencode(text: str) -> str:
    return urllib.parse.quote_plus(text, safe="")


def _jsondecode(text: str) -> Any:
    bounded(len(text), CHARACTERS)
    try:
        return json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_refuse, strict=True)
    except ValueError as error:
        raise EvaluationError(f"the text is no JSON: {error}") from error


def _number(text: str) -> int | float:
    bounded(abs(Decimal(text).adjusted()), 400)
    return number_of(Fraction(text))


def _refuse(text: str) -> None:
    raise EvaluationError(f"{text} is no JSON")


FUNCTIONS: tuple[Function, ...] = (
    partial("base64decode", [STRING], _base64decode),
    partial("base64encode", [STRING], _base64encode),
    partial("jsondecode", [STRING], functools.partial(decoded, _jsondecode)),
    partial("jsonencode", [ANY], functools.partial(encoded, "jsonencode", json_text), nullable=True),
    plain("textdecodebase64", [STRING, STRING], _textdecodebase64),
    plain("textencodebase64", [STRING, STRING], _textencodebase64),
    plain("urlencode", [STRING], _urlencode),
)
