"""``yamldecode`` and ``yamlencode``: YAML as Terraform reads and writes it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import yaml

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.json_text import json_text
from eks_checks.terraform.functions.kinds import ANY, STRING
from eks_checks.terraform.functions.knowledge import CHARACTERS, MEMBERS, UndeterminedError, bounded
from eks_checks.terraform.functions.number import Number, number_of, parse_number
from eks_checks.terraform.functions.signature import Function, partial
from eks_checks.terraform.functions.stand_ins import decoded, encoded, longest
from eks_checks.terraform.value import Unknown

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
_TAG = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {
    spelling: word in ("true", "yes", "on", "y")
    for word in ("true", "false", "yes", "no", "on", "off", "y", "n")
    for spelling in (word, word.capitalize(), word.upper())
}
_NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d{1,3})?", re.ASCII)
_PREFIXED = re.compile(r"(?P<sign>[-+]?)0(?P<base>[xo])(?P<digits>[0-9a-fA-F]+)")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([Tt \t].*)?", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)", re.ASCII)
_PRINTABLE = re.compile(r"[\n -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
_WIDTH = 80


@dataclass(frozen=True)
class _Node:
    """A value, and how many values it holds: an alias repeats them all."""

    value: Any
    size: int


def _yamldecode(text: str) -> Any:
    bounded(len(text), CHARACTERS)
    try:
        return _Reader(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.YAMLError as error:
        raise EvaluationError(f"the text is no YAML: {error}") from error


def yaml_documents(text: str) -> tuple[Any, ...]:
    """Every document of a text, read as Terraform reads one, an empty one being None.

    Raises EvaluationError for what is no YAML, UndeterminedError and TooLargeError for what is not read here.
    """
    bounded(len(text), CHARACTERS)
    try:
        return tuple(_Reader(yaml.parse(text, Loader=_LOADER)).documents())
    except yaml.YAMLError as error:
        raise EvaluationError(f"the text is no YAML: {error}") from error


class _Reader:
    """Builds values from the parser's events: aliases are counted before they are followed."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, _Node] = {}

    def document(self) -> Any:
        """The value of the only document."""
        starts = (yaml.StreamStartEvent, yaml.DocumentStartEvent)
        event = next(self._events)
        while isinstance(event, starts):
            event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            raise EvaluationError("yamldecode() of an empty text")
        value = self._node(event, _DEEPEST).value
        if not isinstance(next(self._events), yaml.DocumentEndEvent) or not isinstance(
            next(self._events), yaml.StreamEndEvent
        ):
            raise EvaluationError("yamldecode() takes one document")
        return value

    def documents(self) -> Iterator[Any]:
        """The value of each document."""
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                yield self._node(next(self._events), _DEEPEST).value

    def _node(self, event: Any, depth: int) -> _Node:
        bounded(_DEEPEST - depth, _DEEPEST - 1)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise EvaluationError(f'no anchor "{event.anchor}"')
            return self._anchors[event.anchor]
        if isinstance(event, yaml.ScalarEvent):
            node = _Node(_scalar(event), 1)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, depth)
        else:
            node = self._mapping(event, depth)
        bounded(node.size)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _sequence(self, start: Any, depth: int) -> _Node:
        _require_tag(start, "seq")
        members: list[Any] = []
        size = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            node = self._node(event, depth - 1)
            members.append(node.value)
            size += node.size
            bounded(size)
        return _Node(members, size)

    def _mapping(self, start: Any, depth: int) -> _Node:
        _require_tag(start, "map")
        entries: dict[str, Any] = {}
        size = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            key = self._node(event, depth - 1).value
            node = self._node(next(self._events), depth - 1)
            size += node.size
            bounded(size)
            if is_merge:
                # What stands below in the text wins, merged or not.
                entries.update(_merged(node.value))
            else:
                entries[_key(key)] = node.value
        return _Node(entries, size)


def _merged(value: Any) -> dict[str, Any]:
    """What ``<<`` brings in: one map, since Terraform takes no list of them."""
    if not isinstance(value, dict):
        raise EvaluationError("<< wants a map")
    return value


def _key(key: Any) -> str:
    if isinstance(key, (list, dict)) or key is None:
        raise EvaluationError("a key of YAML has to be a string")
    return key if isinstance(key, str) else json_text(key)


def _require_tag(event: Any, name: str) -> None:
    if event.tag not in (None, "!", _TAG + name):
        raise EvaluationError(f"yamldecode() does not know the tag {event.tag}")


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.implicit[0]:
        return _plain_scalar(text)
    tag = (event.tag or _TAG + "str").removeprefix(_TAG)
    if tag in ("!", "str", "binary"):
        return text
    if tag not in ("int", "float", "bool", "null", "timestamp"):
        raise EvaluationError(f"yamldecode() does not know the tag {event.tag}")
    raise UndeterminedError(Unknown(f"the tag {event.tag} of YAML is not evaluated"))


def _plain_scalar(text: str) -> Any:
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _NUMBER.fullmatch(text):
        return parse_number(text)
    if found := _PREFIXED.fullmatch(text):
        return (
            _prefixed(found) if found["base"] == "x" or not set(found["digits"]) - set("01234567") else text
        )
    if _SPECIAL.fullmatch(text):
        raise EvaluationError(f"yamldecode() has no number {text}")
    if _DATE.fullmatch(text):
        if _DAY.fullmatch(text):
            return f"{text}T00:00:00Z"
        raise UndeterminedError(Unknown("timestamps of YAML are not evaluated"))
    return text


def _prefixed(found: re.Match[str]) -> Number:
    number = Fraction(int(found["digits"], 16 if found["base"] == "x" else 8))
    return number_of(-number if found["sign"] == "-" else number)


def _yamlencode(value: Any) -> str:
    bounded(_count(value, _DEEPEST), MEMBERS)
    if value is None or isinstance(value, (bool, int, float)):
        return f"{json_text(value)}\n...\n"
    lines: list[str] = []
    if isinstance(value, (dict, list)) and value:
        _write(value, "", lines)
    else:
        lines.append(_inline(value, ""))
    return "\n".join(lines) + "\n"


def _count(value: Any, depth: int) -> int:
    bounded(_DEEPEST - depth, _DEEPEST - 1)
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(_count(member, depth - 1) for member in members)


def _write(value: Any, indent: str, lines: list[str]) -> None:
    """A map or list that is not empty, each member from a line of its own on."""
    entries = sorted(value.items()) if isinstance(value, dict) else [(None, member) for member in value]
    for key, member in entries:
        head = f"{indent}-" if key is None else f"{indent}{_quoted(key)}:"
        if not isinstance(member, (dict, list)) or not member:
            lines.append(f"{head} {_inline(member, indent)}")
        elif key is None:
            # The first line of a list's member stands beside its dash.
            first = len(lines)
            _write(member, indent + "  ", lines)
            lines[first] = f"{head} {lines[first][len(indent) + 2 :]}"
        else:
            lines.append(head)
            _write(member, indent if isinstance(member, list) else indent + "  ", lines)


def _inline(value: Any, indent: str) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    if not isinstance(value, str):
        return json_text(value)
    return _block(value, indent) if "\n" in value else _quoted(value)


def _quoted(text: str) -> str:
    if not _PRINTABLE.fullmatch(text.replace("\t", "")) or longest(text) > _WIDTH:
        raise UndeterminedError(Unknown("how yamlencode() writes long or unprintable text is not evaluated"))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def _block(text: str, indent: str) -> str:
    """Text of several lines as a literal block."""
    stripped = text.rstrip("\n")
    if (
        not stripped
        or text[0] in " \n"
        or not _PRINTABLE.fullmatch(text)
        or re.search(r" $", text, re.MULTILINE)
    ):
        raise UndeterminedError(Unknown("how yamlencode() writes this text is not evaluated"))
    ending = len(text) - len(stripped)
    sign = "-" if not ending else "" if ending == 1 else "+"
    body = "\n".join(f"{indent}  {line}" if line else "" for line in stripped.split("\n"))
    return f"|{sign}\n{body}" + "\n" * max(0, ending - 1)


FUNCTIONS: tuple[Function, ...] = (
    partial("yamldecode", [STRING], functools.partial(decoded, _yamldecode)),
    partial("yamlencode", [ANY], functools.partial(encoded, "yamlencode", _yamlencode), nullable=True),
)
