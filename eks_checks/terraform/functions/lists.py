"""Terraform's functions of lists, as far as their members are sure."""

from __future__ import annotations

import dataclasses

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import as_list
from eks_checks.terraform.functions.kinds import ANY, NUMBER, SEQUENCE, STRINGS
from eks_checks.terraform.functions.knowledge import (
    UndeterminedError,
    as_collection,
    bounded,
    computed,
    in_some_order,
    never_list,
    sealed,
    sort_key,
)
from eks_checks.terraform.functions.native import COMBINATIONS, native
from eks_checks.terraform.functions.signature import Function, partial
from eks_checks.terraform.functions.strings import whole
from eks_checks.terraform.value import (
    Choice,
    Collection,
    Known,
    Reference,
    Value,
    choice,
    is_null,
)

_DEEPEST = 100


def _as_ordered(value: Value) -> Collection:
    """A list or tuple: Terraform refuses sets here, whose members have no place.

    What is told as a set of unknown members may be a list that a loop made of one.
    """
    collection = as_collection(value)
    if collection.ordered:
        return collection
    if all(isinstance(item, Known) for item in collection.items):
        raise EvaluationError("a list is required, not a set")
    return as_list(collection)


def _concat(*lists: Value) -> Value:
    if not lists:
        raise EvaluationError("concat() wants at least one list")
    parts = [_as_ordered(one) for one in lists]
    if len(lists) == 1:
        return lists[0]
    return sealed(_joined(parts))


def _joined(parts: list[Collection]) -> Collection:
    items = tuple(item for part in parts for item in part.items)
    maybe = tuple(item for part in parts for item in part.maybe)
    bounded(len(items) + len(maybe))
    return Collection(items, maybe, next((part.open for part in parts if part.open), None))


def _flatten(value: Value) -> Value:
    return sealed(_flat(as_list(as_collection(value)), _DEEPEST))


def _flat(members: Collection, depth: int) -> Collection:
    bounded(_DEEPEST - depth, _DEEPEST - 1)
    parts = [_leaves(item, depth) for item in members.items]
    doubtful = [_leaves(item, depth) for item in members.maybe]
    flat = _joined([*parts, Collection(open=members.open)])
    besides = (item for part in doubtful for item in (*part.items, *part.maybe))
    why = flat.open or next((part.open for part in doubtful if part.open), None)
    return Collection(flat.items, (*flat.maybe, *besides), why)


def _leaves(item: Value, depth: int) -> Collection:
    """What one member of a list being flattened contributes to it."""
    if isinstance(item, Collection):
        return _flat(as_list(item), depth - 1)
    if never_list(item):
        return Collection((item,))
    if not isinstance(item, Choice):
        return as_collection(item)
    parts = [_leaves(option, depth) for option in item.options]
    if all(part.exact and len(part.items) == 1 for part in parts):
        return Collection((choice(part.items[0] for part in parts),))
    maybe = tuple(leaf for part in parts for leaf in (*part.items, *part.maybe))
    return Collection((), maybe, next((part.open for part in parts if part.open), None))


def _slice(value: Value, start: Value, end: Value) -> Value:
    if not isinstance(value, Reference):
        _as_ordered(value)
    first, last = whole(native(start), "the start"), whole(native(end), "the end")
    if not 0 <= first <= last:
        raise EvaluationError("slice() wants a start that is not negative and not behind the end")
    if isinstance(value, Reference) and not never_list(value):
        bounded(last - first)
        return Collection(tuple(_member(value, position) for position in range(first, last)))
    collection = _as_ordered(value)
    if not collection.exact:
        raise UndeterminedError(collection)
    if last > len(collection.items):
        raise EvaluationError("slice() ends behind the end of the list")
    return Collection(collection.items[first:last])


def _member(reference: Reference, position: int) -> Reference:
    return dataclasses.replace(reference, path=(*reference.path, position))


def _element(value: Value, index: Value) -> Value:
    if isinstance(value, Reference) and not never_list(value):
        return _element_of_reference(value, whole(native(index), "the index"))
    collection = _as_ordered(value)
    if collection.exact and not collection.items:
        raise EvaluationError("element() of an empty list")
    if isinstance(index, Known):
        position = whole(native(index), "the index")
        if position < 0:
            raise EvaluationError("the index of element() must not be negative")
        if collection.exact:
            return collection.items[position % len(collection.items)]
    possible = [*collection.items, *collection.maybe]
    if len(possible) > COMBINATIONS:
        raise UndeterminedError(collection if isinstance(index, Known) else index)
    others = [] if collection.open is None else [computed("element", collection.open)]
    return choice([*possible, *others])


def _element_of_reference(reference: Reference, position: int) -> Value:
    if position < 0:
        raise EvaluationError("the index of element() must not be negative")
    member = _member(reference, position)
    # The first stays the first; a later one may wrap around the end of a shorter list.
    return member if position == 0 else choice([member, computed("element", reference)])


def _reverse(value: Value) -> Value:
    members = as_list(as_collection(value))
    return sealed(dataclasses.replace(members, items=members.items[::-1]))


def _chunklist(value: Value, size: Value) -> Value:
    members = as_collection(value)
    length = whole(native(size), "the size of a chunk")
    if length < 0:
        raise EvaluationError("the size of a chunk must not be negative")
    if not members.exact:
        raise UndeterminedError(members)
    length = length or max(1, len(members.items))
    starts = range(0, len(members.items), length)
    return Collection(tuple(Collection(members.items[start : start + length]) for start in starts))


def _sort(value: Value) -> Value:
    members = as_collection(value)
    if any(is_null(item) for item in members.items):
        raise EvaluationError("sort() takes no null")
    if not members.exact or not all(isinstance(item, Known) for item in members.items):
        return sealed(in_some_order(members.items, members.maybe, members.open))
    known = [item for item in members.items if isinstance(item, Known)]
    ordered = sorted((item.value for item in known), key=sort_key)
    return Collection(tuple(map(Known, ordered)))


def _one(value: Value) -> Value:
    members = as_collection(value)
    if members.exact and len(members.items) <= 1:
        return members.items[0] if members.items else Known(None)
    if members.exact and (members.ordered or all(isinstance(item, Known) for item in members.items)):
        raise EvaluationError("one() wants at most one member")
    if len(members.items) == 1:
        # Others besides would be refused, which try() may catch.
        return choice([members.items[0], computed("one", members)])
    if members.items or members.open is not None:
        raise UndeterminedError(members)
    return choice([Known(None), *members.maybe, *_refusal(members)])


def _refusal(members: Collection) -> tuple[Value, ...]:
    return (computed("one", members),) if len(members.maybe) > 1 else ()


def _coalescelist(*lists: Value) -> Value:
    if not lists:
        raise EvaluationError("coalescelist() wants at least one list")
    doubtful: list[Value] = []
    for one, members in zip(lists, [as_collection(one) for one in lists], strict=True):
        if members.items:
            return choice([*doubtful, one])
        if not members.exact:
            doubtful.append(_of_length(one))
    if not doubtful:
        raise EvaluationError("all lists of coalescelist() are empty")
    return choice(doubtful)


def _of_length(value: Value) -> Value:
    """A list whose members are in doubt, given that it has some: where one may be, it is there."""
    if isinstance(value, Collection) and value.open is None and len(value.maybe) == 1:
        return dataclasses.replace(value, items=value.maybe, maybe=())
    return value if isinstance(value, (Collection, Reference)) else computed("coalescelist", value)


FUNCTIONS: tuple[Function, ...] = (
    partial("chunklist", [SEQUENCE, NUMBER], _chunklist),
    partial("coalescelist", [], _coalescelist, variadic=ANY),
    partial("concat", [], _concat, variadic=ANY),
    partial("element", [ANY, NUMBER], _element),
    partial("flatten", [ANY], _flatten),
    partial("one", [ANY], _one),
    partial("reverse", [ANY], _reverse),
    partial("slice", [ANY, NUMBER, NUMBER], _slice),
    partial("sort", [STRINGS], _sort),
)
