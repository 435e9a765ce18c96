"""Values that are wholly known, as Python's own, and back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from eks_checks.terraform.functions.knowledge import UndeterminedError, bounded, set_of
from eks_checks.terraform.value import Choice, Collection, Known, Mapping, Value

COMBINATIONS = 64
DEPTH = 200


def native(value: Value) -> Any:
    """Scalars, lists and dicts; raises UndeterminedError where a part is not known."""
    if isinstance(value, Known):
        return value.value
    if isinstance(value, Collection) and value.exact:
        return [native(item) for item in value.items]
    if isinstance(value, Mapping) and value.open is None:
        return {key: native(item) for key, item in value.entries}
    raise UndeterminedError(value)


def lifted(result: Any) -> Value:
    """Python's value as a Value: lists are lists, sets are sets, dicts are maps, a Value is itself."""
    return _lifted(result, DEPTH)


def _lifted(result: Any, depth: int) -> Value:
    bounded(DEPTH - depth, DEPTH - 1)
    if isinstance(result, Value):
        return result
    if isinstance(result, (list, tuple)):
        bounded(len(result))
        return Collection(tuple(_lifted(item, depth - 1) for item in result))
    if isinstance(result, (set, frozenset)):
        return set_of(_lifted(item, depth - 1) for item in result)
    if isinstance(result, dict):
        return mapping_of({str(key): _lifted(item, depth - 1) for key, item in result.items()})
    return Known(result)


def mapping_of(entries: dict[str, Value]) -> Mapping:
    """A map of just these entries, sorted by key."""
    return Mapping(tuple(sorted(entries.items())))


def possibilities(value: Value) -> Iterator[Value]:
    """``value`` with every Choice inside it decided, each way; UndeterminedError where they are many."""
    if isinstance(value, Choice):
        yield from _few(itertools.chain.from_iterable(map(possibilities, value.options)), value)
    elif isinstance(value, Collection) and any(map(has_choice, value.items)):
        for items in _few(itertools.product(*map(tuple, map(possibilities, value.items))), value):
            yield _with_items(value, items)
    elif isinstance(value, Mapping) and any(has_choice(item) for _, item in value.entries):
        names = [key for key, _ in value.entries]
        columns = [tuple(possibilities(item)) for _, item in value.entries]
        for items in _few(itertools.product(*columns), value):
            yield Mapping(tuple(zip(names, items, strict=True)), value.open)
    else:
        yield value


def has_choice(value: Value) -> bool:
    """Whether some part of ``value`` is one of several."""
    if isinstance(value, Collection):
        return any(map(has_choice, value.items))
    if isinstance(value, Mapping):
        return any(has_choice(item) for _, item in value.entries)
    return isinstance(value, Choice)


def has_doubtful_part(value: Value) -> bool:
    """Whether some part of ``value`` may not be there, or others besides: an option, a member in doubt."""
    if isinstance(value, Collection):
        return not value.exact or any(map(has_doubtful_part, value.items))
    if isinstance(value, Mapping):
        return value.open is not None or any(has_doubtful_part(item) for _, item in value.entries)
    return isinstance(value, Choice)


def _with_items(value: Collection, items: tuple[Value, ...]) -> Collection:
    if not value.ordered:
        return set_of(items, value.maybe, value.open)
    return Collection(items, value.maybe, value.open, value.note)


def _few(ways: Any, value: Value) -> Iterator[Any]:
    for count, way in enumerate(ways):
        if count == COMBINATIONS:
            raise UndeterminedError(value)
        yield way
