"""JSON as Terraform writes it."""

from __future__ import annotations

import json
from typing import Any

from eks_checks.terraform.functions.knowledge import CHARACTERS, bounded
from eks_checks.terraform.functions.number import number_text

# Go's encoder escapes what could end a script element or a line of JavaScript.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def json_text(value: Any) -> str:
    """Scalars, lists and dicts as jsonencode() writes them: no space, keys sorted, ``<>&`` escaped."""
    pieces: list[str] = []
    _write(value, pieces)
    bounded(sum(map(len, pieces)), CHARACTERS)
    return "".join(pieces)


def _write(value: Any, pieces: list[str]) -> None:
    if isinstance(value, dict):
        _write_object(value, pieces)
    elif isinstance(value, list):
        _write_list(value, pieces)
    elif isinstance(value, str):
        pieces.append(json.dumps(value, ensure_ascii=False).translate(_ESCAPES))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        pieces.append(number_text(value))
    else:
        pieces.append(json.dumps(value))


def _write_object(value: dict[str, Any], pieces: list[str]) -> None:
    for position, (key, member) in enumerate(sorted(value.items())):
        pieces.append("," if position else "{")
        _write(key, pieces)
        pieces.append(":")
        _write(member, pieces)
    pieces.append("}" if value else "{}")


def _write_list(value: list[Any], pieces: list[str]) -> None:
    for position, member in enumerate(value):
        pieces.append("," if position else "[")
        _write(member, pieces)
    pieces.append("]" if value else "[]")
