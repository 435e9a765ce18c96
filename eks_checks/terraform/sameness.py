"""Whether two values will be one and the same after apply."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import TypeAlias

from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Scalar,
    Value,
    alternatives,
)


class Same(enum.Enum):
    """Whether two values are one and the same."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


Canonical: TypeAlias = Callable[[Reference], Value]
"""Rewrites a reference to the one spelling of the object it names (or leaves it)."""


def unchanged(reference: Reference) -> Value:
    """The Canonical that knows no aliases."""
    return reference


def same(left: Value, right: Value, canonical: Canonical = unchanged) -> Same:
    """Whether both values will be equal after apply.

    Sound both ways: ``YES`` and ``NO`` hold whatever the unknown values turn out to be.
    A reference and a known value, or two references to different attributes, may still turn out
    equal: ``UNDECIDED``; but two resources of one type never have one id. The same Unknown object
    is not equal to itself, since two attributes may be unknown for one reason.
    """
    if isinstance(left, Choice) or isinstance(right, Choice):
        answers = {same(a, b, canonical) for a in alternatives(left) for b in alternatives(right)}
        return answers.pop() if len(answers) == 1 else Same.UNDECIDED
    if isinstance(left, Reference):
        left = canonical(left)
    if isinstance(right, Reference):
        right = canonical(right)
    if isinstance(left, Choice) or isinstance(right, Choice):
        return same(left, right)
    if isinstance(left, Known) and isinstance(right, Known):
        return Same.YES if _scalar(left.value) == _scalar(right.value) else Same.NO
    if isinstance(left, Reference) and isinstance(right, Reference):
        return _same_references(left, right)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Reference) and one.filled and other in (NULL, Known("")):
            return Same.NO
    if isinstance(left, Collection) and isinstance(right, Collection):
        return _same_items(left, right, canonical)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _same_entries(left, right, canonical)
    if isinstance(left, (Collection, Mapping)) and isinstance(right, (Collection, Mapping, Known)):
        return Same.NO
    if isinstance(right, (Collection, Mapping)) and isinstance(left, Known):
        return Same.NO
    return Same.UNDECIDED


def _scalar(value: Scalar) -> tuple[str, Scalar]:
    # Terraform converts freely between "22" and 22, "true" and true; Python holds 1 == True.
    if isinstance(value, bool):
        return ("text", "true" if value else "false")
    if isinstance(value, (int, float)):
        return ("text", str(int(value)) if value == int(value) else str(value))
    return ("null", None) if value is None else ("text", value)


def _same_references(left: Reference, right: Reference) -> Same:
    if left == right:
        return Same.YES if left.path else Same.UNDECIDED
    one, other = left.resource, right.resource
    # NOTE: what a default resource stands for was there before it, and two may stand for one.
    ids = left.path == right.path and left.path in (("id",), ("arn",)) and one.type == other.type
    both_made = one.mode == other.mode == "managed" and "_default_" not in one.type
    return Same.NO if ids and both_made and left.input == right.input else Same.UNDECIDED


def _all(answers: Iterable[Same]) -> Same:
    seen = set(answers)
    if Same.NO in seen:
        return Same.NO
    return Same.UNDECIDED if Same.UNDECIDED in seen else Same.YES


def _same_items(left: Collection, right: Collection, canonical: Canonical) -> Same:
    if not (left.exact and right.exact):
        return Same.UNDECIDED
    if len(left.items) != len(right.items):
        return Same.NO
    return _all(same(a, b, canonical) for a, b in zip(left.items, right.items, strict=True))


def _same_entries(left: Mapping, right: Mapping, canonical: Canonical) -> Same:
    if left.open is not None or right.open is not None:
        return Same.UNDECIDED
    if [key for key, _ in left.entries] != [key for key, _ in right.entries]:
        return Same.NO
    pairs = zip(left.entries, right.entries, strict=True)
    return _all(same(a, b, canonical) for (_, a), (_, b) in pairs)
