"""Steps into values: ``.name`` and ``[key]``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import scalar_text
from eks_checks.terraform.value import (
    Choice,
    Collection,
    Known,
    Mapping,
    Path,
    Reference,
    Unknown,
    Value,
    alternatives,
    choice,
)

WIDEST = 256
"""A choice among more is as good as unknown."""


def step(value: Value, key: Value) -> Value:
    """The member of ``value`` under ``key``. EvaluationError where there certainly is none.

    A Reference is not looked into: its path grows.
    """
    if isinstance(value, Choice):
        return each_option(value, lambda option: step(option, key))
    if isinstance(key, Choice):
        return each_option(key, lambda option: step(value, option))
    if isinstance(value, Unknown):
        return value
    if not isinstance(key, Known) or key.value is None:
        return _somewhere(value, key)
    if isinstance(value, Reference):
        return replace(value, path=(*value.path, _path_step(key)))
    if isinstance(value, Mapping):
        return _entry(value, key)
    if isinstance(value, Collection):
        return _item(value, key)
    raise EvaluationError("this value has no members" if value.value is not None else "null has no members")


def descend(value: Value, path: Path) -> Value:
    """All steps of a path, one after the other."""
    for name in path:
        value = step(value, Known(name))
    return value


def each_option(value: Value, function: Callable[[Value], Value]) -> Value:
    """What a function makes of each option: one that fails may still be meant, so it becomes an Unknown.

    EvaluationError where all fail.
    """
    found: list[Value] = []
    failure: EvaluationError | None = None
    for option in alternatives(value):
        try:
            found.append(function(option))
        except EvaluationError as error:
            failure = error
    if failure is not None:
        if not found:
            raise failure
        found.append(Unknown(f"may fail: {failure}"))
    made = choice(found)
    return (
        made if not isinstance(made, Choice) or len(made.options) <= WIDEST else Unknown("one of very many")
    )


def members_of(value: Value) -> tuple[tuple[Value, ...], Unknown | None]:
    """All members there may be of a list or map, and why there may be others."""
    if isinstance(value, Collection):
        return (*value.items, *value.maybe), value.open
    if isinstance(value, Mapping):
        return tuple(item for _, item in value.entries), value.open
    if isinstance(value, Unknown):
        return (), value
    return (), Unknown(f"a member of {value}" if isinstance(value, Reference) else "a member of a value")


def _somewhere(value: Value, key: Value) -> Value:
    """The member under a key that is not known: any of them."""
    if isinstance(key, Known):
        raise EvaluationError("the index is null")
    members, rest = members_of(value)
    options = (*members, *((rest,) if rest is not None else ()))
    if not options:
        raise EvaluationError("there are no members")
    return choice(options) if len(options) <= WIDEST else Unknown("one of very many")


def _somewhere_in_set(value: Collection, position: int) -> Value:
    """A position in a list made of a set of unknown order, which is told as a set (see loops)."""
    members, rest = members_of(value)
    if rest is None and position >= len(members):
        raise EvaluationError(f"the index {position} is past the end of {len(members)} members")
    if all(isinstance(item, Known) for item in members) and rest is None:
        raise EvaluationError("a set has no positions")
    return choice((*members, *((rest,) if rest is not None else ())))


def _path_step(key: Known) -> str | int:
    value = key.value
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, (str, int)) else str(value)


def _entry(value: Mapping, key: Known) -> Value:
    name = scalar_text(key.value)
    for known, item in value.entries:
        if known == name:
            return item
    if value.open is None:
        raise EvaluationError(f"there is no member {name}")
    return value.open


def _item(value: Collection, key: Known) -> Value:
    position = key.value
    if isinstance(position, str) and position.lstrip("-").isdecimal():
        position = int(position)
    if isinstance(position, bool) or not isinstance(position, int):
        raise EvaluationError(f"a list has no member {key.value}")
    if position < 0:
        raise EvaluationError("the index is negative")
    if not value.ordered:
        return _somewhere_in_set(value, position)
    if value.exact:
        if position >= len(value.items):
            raise EvaluationError(f"the index {position} is past the end of {len(value.items)} members")
        return value.items[position]
    members, rest = members_of(value)
    return choice((*members, rest or Unknown(f"member {position} of a list that may be shorter")))
