"""Reads the rows that are calls of literals: enough HCL to try the functions without an evaluator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from eks_checks.terraform.functions import FUNCTIONS, Files, call
from eks_checks.terraform.functions.number import parse_number
from eks_checks.terraform.functions.strings import normalized
from eks_checks.terraform.value import Collection, Known, Mapping, Value

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_][\w:-]*)
      | (?P<sign>\.\.\.|[][(){},=])
    )""",
    re.VERBOSE,
)
Thunk = Callable[[], Value]

_CONSTANTS = {"null": Known(None), "true": Known(True), "false": Known(False)}


class NotLiteralError(Exception):
    """The expression needs an evaluator."""


def evaluate(expression: str, files: Files | None = None) -> Value:
    """The value of an expression made of literals and calls; raises NotLiteralError for anything else."""
    return _read(expression, files)()


def is_literal(expression: str) -> bool:
    """Whether ``evaluate`` can read the expression."""
    try:
        _read(expression, None)
    except NotLiteralError:
        return False
    return True


def _read(expression: str, files: Files | None) -> Thunk:
    reader = _Reader(_tokens(expression), files)
    value = reader.expression()
    if reader.tokens:
        raise NotLiteralError(expression)
    return value


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    text = expression.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise NotLiteralError(expression)
        tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
        at = found.end()
    return tokens


class _Reader:
    """Reads everything before it calls anything, lest an error hide that it cannot read the rest."""

    def __init__(self, tokens: list[tuple[str, str]], files: Files | None) -> None:
        self.tokens = tokens
        self.files = files

    def expression(self) -> Thunk:
        kind, text = self._next()
        if kind == "string":
            return _constant(_string(text))
        if kind == "number":
            return _constant(_number(text))
        if text in _CONSTANTS:
            return _constant(_CONSTANTS[text])
        if kind == "name" and self._accept("("):
            return self._call(text)
        if text == "[":
            return self._list()
        if text == "{":
            return self._object()
        raise NotLiteralError(text)

    def _call(self, name: str) -> Thunk:
        arguments = self._until(")")
        if name not in FUNCTIONS:
            raise NotLiteralError(name)
        return lambda: call(name, [argument() for argument in arguments], self.files)

    def _list(self) -> Thunk:
        members = self._until("]")
        return lambda: Collection(tuple(member() for member in members))

    def _object(self) -> Thunk:
        entries: dict[str, Thunk] = {}
        while not self._accept("}"):
            kind, key = self._next()
            if not self._accept("=") or kind not in ("name", "string"):
                raise NotLiteralError(key)
            entries[str(_string(key).value) if kind == "string" else key] = self.expression()
            self._accept(",")
        return lambda: Mapping(tuple(sorted((key, value()) for key, value in entries.items())))

    def _until(self, end: str) -> list[Thunk]:
        members: list[Thunk] = []
        while not self._accept(end):
            members.append(self.expression())
            if not self._accept(",") and self.tokens[:1] != [("sign", end)]:
                raise NotLiteralError(end)
        return members

    def _next(self) -> tuple[str, str]:
        if not self.tokens:
            raise NotLiteralError("end")
        return self.tokens.pop(0)

    def _accept(self, sign: str) -> bool:
        if self.tokens[:1] == [("sign", sign)]:
            self.tokens.pop(0)
            return True
        return False


def _constant(value: Value) -> Thunk:
    return lambda: value


def _number(text: str) -> Known:
    return Known(parse_number(text))


def _string(text: str) -> Known:
    if "${" in text or "%{" in text:
        raise NotLiteralError(text)
    try:
        return Known(normalized(json.loads(re.sub(r"\\U([0-9a-fA-F]{8})", _wide, text))))
    except ValueError as error:
        raise NotLiteralError(text) from error


def _wide(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
