"""Whether what is known before apply leaves room for what apply made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from eks_checks.terraform.value import Choice, Collection, Known, Mapping, Reference, Unknown, Value

Actual = Callable[[Reference], Any]
"""What the attribute that a Reference names has become."""


def admits(value: Value, actual: Any, become: Actual) -> bool:
    """Whether ``actual``, as JSON, is one of the things that ``value`` may turn out to be."""
    if isinstance(value, Unknown):
        return _text_fits(value, actual, become)
    if isinstance(value, Known):
        return _scalar(value.value) == _scalar(actual)
    if isinstance(value, Reference):
        return bool(become(value) == actual)
    if isinstance(value, Choice):
        return any(admits(option, actual, become) for option in value.options)
    if isinstance(value, Mapping):
        return isinstance(actual, dict) and _entries_fit(value, actual, become)
    return isinstance(actual, list) and _members_fit(value, actual, become)


def decided(value: Value) -> bool:
    """Whether ``value`` leaves nothing open but which text a Reference becomes."""
    if isinstance(value, Collection):
        return value.exact and all(map(decided, value.items))
    if isinstance(value, Mapping):
        return value.open is None and all(decided(item) for _, item in value.entries)
    return isinstance(value, (Known, Reference))


def _scalar(value: Any) -> str:
    """Numbers and texts of one spelling are one: Terraform converts between them at will."""
    if isinstance(value, (dict, list)):
        return f"no scalar: {json.dumps(value)}"
    return "null" if value is None else f"={value if isinstance(value, str) else json.dumps(value)}"


def _text_fits(value: Unknown, actual: Any, become: Actual) -> bool:
    if not value.parts:
        return True
    written = ""
    for part in value.parts:
        known = (
            become(part) if isinstance(part, Reference) else part.value if isinstance(part, Known) else None
        )
        written += ".*" if known is None else re.escape(_scalar(known)[1:])
    return isinstance(actual, str) and re.fullmatch(written, actual, re.DOTALL) is not None


def _entries_fit(value: Mapping, actual: dict[str, Any], become: Actual) -> bool:
    entries = dict(value.entries)
    if value.open is None and not actual.keys() <= entries.keys():
        return False
    return all(key in actual and admits(item, actual[key], become) for key, item in entries.items())


def _members_fit(value: Collection, actual: Sequence[Any], become: Actual) -> bool:
    if value.exact and value.ordered:
        same_length = len(value.items) == len(actual)
        return same_length and all(admits(*pair, become) for pair in zip(value.items, actual, strict=True))
    possible = (*value.items, *value.maybe)
    possible = (*value.items, *value.maybe)
    thought_of = [any(admits(one, found, become) for one in possible) for found in actual]
    # Two that are told as sure may turn out to be one: a set's members, or a list made of a set.
    return (value.open is not None or all(thought_of)) and all(
        any(admits(one, found, become) for found in actual) for one in value.items
    )
