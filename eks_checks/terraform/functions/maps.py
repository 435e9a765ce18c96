"""Terraform's functions of maps and objects, and ``length``."""

from __future__ import annotations

import dataclasses

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import as_list
from eks_checks.terraform.functions.kinds import ANY, STRING, STRINGS, MapOf
from eks_checks.terraform.functions.knowledge import (
    UndeterminedError,
    as_collection,
    as_mapping,
    bounded,
    computed,
    in_some_order,
    is_settled,
    never_list,
    sealed,
)
from eks_checks.terraform.functions.native import COMBINATIONS, mapping_of
from eks_checks.terraform.functions.signature import Function, partial, plain
from eks_checks.terraform.functions.strings import graphemes
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    choice,
)


def _length(value: Value) -> Value:
    if isinstance(value, Known):
        if not isinstance(value.value, str):
            raise EvaluationError("length() wants a list, a map or a string")
        return Known(len(graphemes(value.value)))
    if isinstance(value, Collection) and is_settled(value):
        return Known(len(value.items))
    if isinstance(value, Mapping) and value.open is None:
        return Known(len(value.entries))
    raise UndeterminedError(value)


def _merge(*maps: Value) -> Value:
    given = [one for one in maps if one != NULL]
    parts = [as_mapping(one) for one in given]
    if len(parts) == 1:
        return given[0]
    rows = [dict(part.entries) for part in parts]
    entries = {key: value for row in rows for key, value in row.items()}
    if all(part.open is None for part in parts):
        return mapping_of(entries)
    bounded(len(entries) * len(parts))
    entries = {key: _last(key, parts, rows) for key in entries}
    why = next((part.open for part in parts if part.open), None)
    return sealed(dataclasses.replace(mapping_of(entries), open=why))


def _last(key: str, parts: list[Mapping], rows: list[dict[str, Value]]) -> Value:
    """The value of the last map that has ``key``, which one that is open may do."""
    options: list[Value] = []
    for part, row in zip(reversed(parts), reversed(rows), strict=True):
        if key in row:
            options.append(row[key])
            break
        if part.open is not None:
            options.append(computed("merge", part.open))
    return choice(reversed(options))


def _lookup(value: Value, key: Value, *defaults: Value) -> Value:
    if len(defaults) > 1:
        raise EvaluationError("lookup() wants two or three arguments")
    if key == NULL:
        raise EvaluationError("the key of lookup() is null")
    if isinstance(value, Reference) and isinstance(key, Known):
        member = dataclasses.replace(value, path=(*value.path, str(key.value)))
        return choice([member, *defaults])
    mapping = as_mapping(value)
    if not isinstance(key, Known):
        return _lookup_any(mapping, key, defaults)
    found = [item for name, item in mapping.entries if name == key.value]
    if found:
        return found[0]
    if mapping.open is not None:
        return choice([computed("lookup", mapping.open), *defaults])
    if not defaults:
        raise EvaluationError(f'lookup() finds no "{key.value}"')
    return defaults[0]


def _lookup_any(mapping: Mapping, key: Value, defaults: tuple[Value, ...]) -> Value:
    """One of the values, for a key that is not known; without a default it may also fail."""
    if mapping.open is not None or len(mapping.entries) > COMBINATIONS or not defaults:
        raise UndeterminedError(mapping if mapping.open is not None else key)
    return choice([*(item for _, item in mapping.entries), *defaults])


def _keys(value: Value) -> Value:
    mapping = as_mapping(value)
    return _listed(tuple(Known(key) for key, _ in mapping.entries), mapping)


def _values(value: Value) -> Value:
    mapping = as_mapping(value)
    return _listed(tuple(item for _, item in mapping.entries), mapping)


def _listed(items: tuple[Value, ...], mapping: Mapping) -> Value:
    if mapping.open is None:
        return Collection(items)
    return sealed(in_some_order(items, (), mapping.open))


def _zipmap(keys: Value, values: Value) -> Value:
    names = as_collection(keys)
    if not names.exact:
        raise UndeterminedError(names)
    items = _values_for(values, len(names.items))
    entries: dict[str, Value] = {}
    why: Unknown | None = None
    for name, item in zip(names.items, items, strict=True):
        if isinstance(name, Known):
            if name.value is None:
                raise EvaluationError("a key of zipmap() is null")
            entries[str(name.value)] = item
        else:
            # A key that is not known may be any of those before it, and takes its place.
            why = why or computed("zipmap", name)
            entries = {key: choice([before, item]) for key, before in entries.items()}
    return sealed(dataclasses.replace(mapping_of(entries), open=why))


def _values_for(values: Value, count: int) -> tuple[Value, ...]:
    if isinstance(values, Reference) and values.path and not never_list(values):
        return tuple(dataclasses.replace(values, path=(*values.path, position)) for position in range(count))
    members = as_list(as_collection(values))
    if not members.exact:
        raise UndeterminedError(members)
    if len(members.items) != count:
        raise EvaluationError("zipmap() wants as many values as keys")
    return members.items


def _transpose(lists: dict[str, list[str | None] | None]) -> dict[str, list[str]]:
    transposed: dict[str, list[str]] = {}
    for key, members in lists.items():
        for member in [None] if members is None else members:
            if member is None:
                raise EvaluationError("transpose() takes no null")
            transposed.setdefault(member, []).append(key)
    return {key: sorted(transposed[key], key=str.encode) for key in transposed}


FUNCTIONS: tuple[Function, ...] = (
    partial("keys", [ANY], _keys),
    partial("length", [ANY], _length),
    partial("lookup", [ANY, STRING], _lookup, variadic=ANY, nullable=True),
    partial("merge", [], _merge, variadic=ANY, nullable=True),
    plain("transpose", [MapOf(STRINGS)], _transpose),
    partial("values", [ANY], _values),
    partial("zipmap", [STRINGS, ANY], _zipmap),
)
