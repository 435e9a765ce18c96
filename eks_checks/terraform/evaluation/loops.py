"""For-expressions, splats and template loops over collections that may be known in part only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eks_checks.terraform.evaluation.operators import truth
from eks_checks.terraform.evaluation.traverse import each_option
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import scalar_text
from eks_checks.terraform.functions.knowledge import in_some_order, is_settled
from eks_checks.terraform.hcl.expression import For, Splat, TemplateFor
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    choice,
)

if TYPE_CHECKING:
    from eks_checks.terraform.evaluation.evaluator import Evaluator
    from eks_checks.terraform.evaluation.scope import Scope


@dataclass(frozen=True)
class Round:
    """One turn of a loop: the key and member it is at; ``sure``: whether there is this member at all."""

    key: Value
    item: Value
    sure: bool


@dataclass
class Gathered:
    """What a loop has made so far; ``open``: why there may be more."""

    items: list[Value] = field(default_factory=list)
    maybe: list[Value] = field(default_factory=list)
    entries: dict[str, list[Value]] = field(default_factory=dict)
    uncertain: dict[str, list[Value]] = field(default_factory=dict)
    open: Unknown | None = None


def comprehension(evaluator: Evaluator, node: For, scope: Scope) -> Value:
    """``[for ...]`` or ``{for ...}``."""
    collection = evaluator.value(node.collection, scope)
    if isinstance(collection, Choice):
        return each_option(collection, lambda option: _comprehended(evaluator, node, scope, option))
    return _comprehended(evaluator, node, scope, collection)


def splat(evaluator: Evaluator, node: Splat, scope: Scope) -> Value:
    """``of[*]...``: over a list each member, over anything else but null the thing itself."""
    collection = evaluator.value(node.of, scope)
    if isinstance(collection, Choice):
        return each_option(collection, lambda option: _splat_over(evaluator, node, scope, option))
    return _splat_over(evaluator, node, scope, collection)


def template_loop(evaluator: Evaluator, node: TemplateFor, scope: Scope) -> list[Value]:
    """The texts of ``%{for}``, in order; an Unknown among them where the members are not sure."""
    collection = evaluator.value(node.collection, scope)
    if isinstance(collection, Choice):
        return [Unknown("a loop over one of several lists")]
    rest = rest_of(collection)
    if isinstance(collection, Collection) and not (collection.exact and _in_order(collection)):
        return [rest or Unknown("a loop over members whose order is not known")]
    turns = list(rounds(collection))
    found = [
        evaluator.value(node.body, _bound(scope, node.key_name, node.value_name, turn)) for turn in turns
    ]
    if rest is not None:
        found.append(rest)
    return found


def _comprehended(evaluator: Evaluator, node: For, scope: Scope, collection: Value) -> Value:
    found = Gathered(open=rest_of(collection))
    for turn in rounds(collection):
        inner = _bound(scope, node.key_name, node.value_name, turn)
        if turn.sure:
            _turn(evaluator, node, inner, found, sure=True)
            continue
        try:
            _turn(evaluator, node, inner, found, sure=False)
        except EvaluationError as error:
            found.open = Unknown(f"a member that may exist fails: {error}")
    if node.key is None:
        return _listed(collection, found.items, found.maybe, found.open)
    return _object(node, found)


def _turn(evaluator: Evaluator, node: For, scope: Scope, found: Gathered, *, sure: bool) -> None:
    if node.condition is not None:
        condition = evaluator.value(node.condition, scope)
        if isinstance(condition, Known):
            if not truth(condition.value):
                return
        elif isinstance(condition, (Collection, Mapping)):
            raise EvaluationError("a condition is not true or false")
        else:
            sure = False
    if node.key is None:
        (found.items if sure else found.maybe).append(evaluator.value(node.value, scope))
        return
    key, value = evaluator.value(node.key, scope), evaluator.value(node.value, scope)
    if isinstance(key, Known):
        name = scalar_text(key.value)
        if sure and name in found.entries and not node.grouping:
            raise EvaluationError(f"the key {name} comes twice")
        (found.entries if sure else found.uncertain).setdefault(name, []).append(value)
    elif isinstance(key, (Collection, Mapping)):
        raise EvaluationError("a key is not a text")
    else:
        found.open = Unknown("a key is known after apply")


def _object(node: For, found: Gathered) -> Mapping:
    entries: dict[str, Value] = {}
    rest = found.open
    for name in sorted({*found.entries, *found.uncertain}):
        sure, maybe = found.entries.get(name, []), found.uncertain.get(name, [])
        if not sure:
            # A Mapping has no entry that may or may not be there: what is asked of it is not known.
            rest = rest or Unknown(f"whether there is an entry {name} is known after apply")
        elif node.grouping:
            entries[name] = Collection(tuple(sure), tuple(maybe), found.open)
        else:
            entries[name] = choice((*sure, *maybe))
    return Mapping(tuple(entries.items()), rest)


def _splat_over(evaluator: Evaluator, node: Splat, scope: Scope, collection: Value) -> Value:
    if collection == NULL:
        return Collection()
    if isinstance(collection, Unknown):
        return Collection(open=collection)
    if isinstance(collection, Reference) and collection.path:
        return Collection(open=Unknown(f"the members of {collection}"))
    if not isinstance(collection, Collection):
        return Collection((evaluator.value(node.each, scope.at_item(collection)),))
    return _listed(
        collection,
        [evaluator.value(node.each, scope.at_item(item)) for item in collection.items],
        [evaluator.asked(node.each, scope.at_item(item)) for item in collection.maybe],
        collection.open,
    )


def _listed(over: Value, items: list[Value], maybe: list[Value], rest: Unknown | None) -> Collection:
    """What a loop makes of the members, which is a list also where it goes over a set.

    As long as the set's order is not known, the list is told as a set of as many members, or as one in some
    order where it is not even certain how many there are.
    """
    sure = not maybe and rest is None
    if not isinstance(over, Collection) or _in_order(over):
        return Collection(tuple(items), tuple(maybe), rest)
    if sure and is_settled(over) and len(set(items)) == 1 and isinstance(items[0], Known):
        return Collection(tuple(items))
    if sure and is_settled(over) and not all(isinstance(item, Known) for item in items):
        return Collection(tuple(items), ordered=False)
    return in_some_order(items, maybe, rest)


def _in_order(collection: Collection) -> bool:
    """Whether the order of the members is known: a set's is that of its texts or numbers."""
    known = all(isinstance(item, Known) for item in collection.items)
    return collection.ordered or (collection.exact and (known or len(collection.items) < 2))


def rounds(collection: Value) -> Iterator[Round]:
    """The turns of a loop over a value. EvaluationError for what cannot be looped over."""
    if isinstance(collection, Mapping):
        yield from (Round(Known(key), item, True) for key, item in collection.entries)
    elif isinstance(collection, Collection):
        for position, item in enumerate(collection.items):
            key: Value = Known(position) if collection.exact else Unknown("a position in a list")
            yield Round(key if collection.ordered else item, item, True)
        for item in collection.maybe:
            yield Round(item if not collection.ordered else Unknown("a position in a list"), item, False)
    elif isinstance(collection, Known):
        what = "null" if collection.value is None else "a single value"
        raise EvaluationError(f"there is nothing to loop over in {what}")


def rest_of(collection: Value) -> Unknown | None:
    """Why a loop over a value may have other turns than ``rounds`` gives; None where it has not."""
    if isinstance(collection, (Collection, Mapping)):
        return collection.open
    if isinstance(collection, Unknown):
        return collection
    return Unknown(f"a loop over {collection}") if isinstance(collection, Reference) else None


def _bound(scope: Scope, key_name: str, value_name: str, turn: Round) -> Scope:
    names = {value_name: turn.item}
    if key_name:
        names[key_name] = turn.key
    return scope.binding(**names)
