"""Terraform's functions that ask whether members are equal: of lists and of sets."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import as_list, unified
from eks_checks.terraform.functions.kinds import ANY, SEQUENCE, SET, STRINGS
from eks_checks.terraform.functions.knowledge import (
    COMPARISONS,
    UndeterminedError,
    all_different,
    as_collection,
    bounded,
    equality,
    has_equal,
    in_some_order,
    is_empty,
    is_known,
    never_empty,
    sealed,
    set_of,
    without_doubles,
)
from eks_checks.terraform.functions.signature import Function, partial
from eks_checks.terraform.sameness import Same
from eks_checks.terraform.value import Choice, Collection, Known, Unknown, Value, choice


def _contains(value: Value, wanted: Value) -> Value:
    members = as_collection(value)
    answers = {equality(item, wanted) for item in members.items}
    if Same.YES in answers:
        return Known(True)
    besides = {equality(item, wanted) for item in members.maybe}
    if members.open is not None or (answers | besides) - {Same.NO}:
        raise UndeterminedError(wanted if is_known(members) else members)
    return Known(False)


def _index(value: Value, wanted: Value) -> Value:
    members = as_collection(value)
    if not members.ordered:
        raise EvaluationError("index() wants a list, not a set")
    answers = [equality(item, wanted) for item in members.items]
    if not members.exact:
        raise UndeterminedError(members)
    possible = [position for position, answer in enumerate(answers) if answer is not Same.NO]
    if not possible:
        raise EvaluationError("index() finds no such member")
    if answers[possible[0]] is Same.YES:
        return Known(possible[0])
    raise UndeterminedError(wanted if is_known(members) else members)


def _distinct(value: Value) -> Value:
    members = as_collection(value)
    items = without_doubles(members.items)
    if members.exact and all_different(items):
        return Collection(items)
    return sealed(in_some_order(items, members.maybe, members.open))


def _compact(value: Value) -> Value:
    members = as_collection(value)
    kept = [item for item in members.items if not is_empty(item)]
    sure = tuple(item for item in kept if never_empty(item))
    doubtful = tuple(_unless_empty(item) for item in kept if not never_empty(item))
    maybe = tuple(_unless_empty(item) for item in members.maybe if not is_empty(item))
    return sealed(Collection(sure, (*doubtful, *maybe), members.open))


def _unless_empty(value: Value) -> Value:
    """What ``value`` is where it is neither null nor empty."""
    if not isinstance(value, Choice):
        return value
    return choice(option for option in value.options if not is_empty(option))


def _coalesce(*values: Value) -> Value:
    doubtful: list[Value] = []
    for value in unified(values):
        if is_empty(value):
            continue
        if never_empty(value):
            return choice([*doubtful, value])
        doubtful.append(_unless_empty(value))
    if not doubtful:
        raise EvaluationError("all arguments of coalesce() are null or empty")
    return choice(doubtful)


def _matchkeys(values: Value, keys: Value, searched: Value) -> Value:
    columns = [as_collection(one) for one in (values, keys)]
    wanted = as_collection(searched)
    for column in columns:
        if not column.exact:
            raise UndeterminedError(column)
    left, right = columns
    if len(left.items) != len(right.items):
        raise EvaluationError("matchkeys() wants as many keys as values")
    bounded(len(right.items) * (len(wanted.items) + len(wanted.maybe)), COMPARISONS)
    answers = [_is_in(key, wanted) for key in right.items]
    pairs = list(zip(left.items, answers, strict=True))
    sure = tuple(value for value, answer in pairs if answer is Same.YES)
    return Collection(sure, tuple(value for value, answer in pairs if answer is Same.UNDECIDED))


def _is_in(item: Value, members: Collection) -> Same:
    """Whether ``item`` is a member, of what may have members in doubt."""
    found = has_equal(item, members.items)
    if found is Same.YES:
        return found
    if members.open is not None or has_equal(item, members.maybe) is not Same.NO:
        return Same.UNDECIDED
    return found


def _setunion(*sets: Value) -> Value:
    parts = _same_type([as_collection(one) for one in sets])
    items = [item for part in parts for item in part.items]
    maybe = [item for part in parts for item in part.maybe]
    return sealed(set_of(items, maybe, next((part.open for part in parts if part.open), None)))


def _setintersection(*sets: Value) -> Value:
    parts = _same_type([as_collection(one) for one in sets])
    result = parts[0]
    for part in parts[1:]:
        result = _common(result, part)
    return sealed(result)


def _common(left: Collection, right: Collection) -> Collection:
    bounded(len(left.items + left.maybe) * len(right.items + right.maybe), COMPARISONS)
    answers = [(item, _is_in(item, right)) for item in left.items]
    sure = [item for item, answer in answers if answer is Same.YES]
    maybe = [item for item, answer in answers if answer is Same.UNDECIDED]
    maybe += [item for item in left.maybe if _is_in(item, right) is not Same.NO]
    if left.open is not None:
        maybe += [item for item in (*right.items, *right.maybe) if has_equal(item, sure) is not Same.YES]
    return set_of(sure, maybe, left.open if right.open is not None else None)


def _setsubtract(left: Value, right: Value) -> Value:
    kept, removed = _same_type([as_collection(left), as_collection(right)])
    bounded(len(kept.items + kept.maybe) * len(removed.items + removed.maybe), COMPARISONS)
    answers = [(item, _is_in(item, removed)) for item in kept.items]
    sure = [item for item, answer in answers if answer is Same.NO]
    maybe = [item for item, answer in answers if answer is Same.UNDECIDED]
    maybe += [item for item in kept.maybe if _is_in(item, removed) is not Same.YES]
    return sealed(set_of(sure, maybe, kept.open))


def _same_type(parts: list[Collection]) -> list[Collection]:
    """Members of several sets, brought to one type."""
    every = iter(unified([item for part in parts for item in (*part.items, *part.maybe)]))
    return [
        set_of([next(every) for _ in part.items], [next(every) for _ in part.maybe], part.open)
        for part in parts
    ]


def _setproduct(*sets: Value) -> Value:
    if len(sets) < 2:
        raise EvaluationError("setproduct() wants at least two collections")
    given = [as_collection(one) for one in sets]
    parts = [as_list(one) for one in given]
    possible = [(*part.items, *part.maybe) for part in parts]
    bounded(math.prod(map(len, possible)) * len(parts))
    sure = [Collection(row) for row in itertools.product(*(part.items for part in parts))]
    exact = all(part.exact for part in parts)
    every = () if exact else [Collection(row) for row in itertools.product(*possible)]
    if any(one.ordered for one in given):
        return sealed(Collection(tuple(sure), tuple(every), _product_open(parts)))
    return sealed(set_of(sure, every, _product_open(parts)))


def _product_open(parts: Sequence[Collection]) -> Unknown | None:
    """A certainly empty part leaves no product, whatever the others hold."""
    if any(part.exact and not part.items for part in parts):
        return None
    return next((part.open for part in parts if part.open), None)


FUNCTIONS: tuple[Function, ...] = (
    partial("coalesce", [], _coalesce, variadic=ANY, nullable=True),
    partial("compact", [STRINGS], _compact),
    partial("contains", [ANY, ANY], _contains),
    partial("distinct", [SEQUENCE], _distinct),
    partial("index", [ANY, ANY], _index),
    partial("matchkeys", [SEQUENCE, SEQUENCE, SEQUENCE], _matchkeys),
    partial("setintersection", [SET], _setintersection, variadic=SET),
    partial("setproduct", [], _setproduct, variadic=ANY),
    partial("setsubtract", [SET, SET], _setsubtract),
    partial("setunion", [SET], _setunion, variadic=SET),
)
