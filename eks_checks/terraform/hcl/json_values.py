"""JSON values with their places, and with keys written twice: what Python's own reader does not tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed does not list it
from typing import TypeAlias

from eks_checks.terraform.value import Scalar

DEEPEST = 100
"""Levels of nesting that are read."""

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,300})(?![\d])(?P<fraction>(?:\.\d+)?(?:[eE][+-]?\d{1,2}(?!\d))?)")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class JsonValue:
    """Where a value stands: offsets of characters, the end exclusive."""

    start: int
    end: int


@dataclass(frozen=True)
class JsonScalar(JsonValue):
    """A text, number, truth value or null."""

    value: Scalar


@dataclass(frozen=True)
class JsonArray(JsonValue):
    """``[...]``."""

    items: tuple[Json, ...]


@dataclass(frozen=True)
class JsonMember:
    """``"key": value``; ``start`` and ``key_end`` are the key's offsets."""

    key: str
    value: Json
    start: int
    key_end: int


@dataclass(frozen=True)
class JsonObject(JsonValue):
    """``{...}``, its members in the order they are written."""

    members: tuple[JsonMember, ...]


Json: TypeAlias = JsonScalar | JsonArray | JsonObject


def read_values(text: str) -> Json:
    """The one value that ``text`` is; JSONDecodeError says where it is none."""
    reader = _Reader(text)
    value = reader.value(reader.skip(0), 0)
    if reader.skip(value.end) != len(text):
        raise JSONDecodeError("text behind the value", text, value.end)
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def skip(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def value(self, position: int, depth: int) -> Json:
        if depth > DEEPEST:
            raise JSONDecodeError(f"more than {DEEPEST} levels of nesting", self._text, position)
        sign = self._text[position : position + 1]
        if sign == "{":
            return self._object(position, depth)
        if sign == "[":
            return self._array(position, depth)
        if sign == '"':
            text, end = self._string(position)
            return JsonScalar(position, end, text)
        for word, meaning in _WORDS.items():
            if self._text.startswith(word, position):
                return JsonScalar(position, position + len(word), meaning)
        return self._number(position)

    def _number(self, position: int) -> JsonScalar:
        match = _NUMBER.match(self._text, position)
        if match is None:
            raise JSONDecodeError("a value is missing", self._text, position)
        number = float(match[0]) if match["fraction"] else int(match[0])
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        return JsonScalar(position, match.end(), number)

    def _string(self, position: int) -> tuple[str, int]:
        text, end = scanstring(self._text, position + 1, True)
        # A lone surrogate ("\ud800") is no text that could be written anywhere.
        return text.encode(errors="replace").decode(), end

    def _array(self, start: int, depth: int) -> JsonArray:
        items: list[Json] = []
        position = self.skip(start + 1)
        while self._text[position : position + 1] != "]":
            if items:
                position = self._behind(",", position)
            items.append(self.value(position, depth + 1))
            position = self.skip(items[-1].end)
        return JsonArray(start, position + 1, tuple(items))

    def _object(self, start: int, depth: int) -> JsonObject:
        members: list[JsonMember] = []
        position = self.skip(start + 1)
        while self._text[position : position + 1] != "}":
            if members:
                position = self._behind(",", position)
            if self._text[position : position + 1] != '"':
                raise JSONDecodeError("a key in quotes is missing", self._text, position)
            key, end = self._string(position)
            value = self.value(self._behind(":", self.skip(end)), depth + 1)
            members.append(JsonMember(key, value, position, end))
            position = self.skip(value.end)
        return JsonObject(start, position + 1, tuple(members))

    def _behind(self, sign: str, position: int) -> int:
        if self._text[position : position + 1] != sign:
            raise JSONDecodeError(f"{sign!r} is missing", self._text, position)
        return self.skip(position + 1)
