"""Several inputs of one world: those of the same root become one document, different roots stay apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from eks_checks.errors import InputError
from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.document import Document, RawResource
from eks_checks.terraform.moments import mentioned_by, prior


def joined(documents: Sequence[Document]) -> tuple[Document, ...]:
    """One document for each root, in the order in which the roots appear.

    Inputs are of one root where they have the same lineage, or hold the same objects at most of the
    addresses they share. Of several states of a root the newest counts, and a plan goes over it: the state
    adds only what the plan does not speak of. InputError for two plans of one root.
    """
    roots: list[list[Document]] = []
    for document in documents:
        own = [root for root in roots if any(_same_root(document, other) for other in root)]
        if not own:
            roots.append([document])
            continue
        first, *others = own
        first += [*(each for other in others for each in other), document]
        roots = [root for root in roots if not any(root is other for other in others)]
    return tuple(_merged(root) for root in roots)


def shared_addresses(documents: Sequence[Document]) -> frozenset[ResourceAddress]:
    """The addresses that more than one of these roots has, before or after."""
    if len(documents) < 2:
        return frozenset()
    counts = Counter(address for document in documents for address in _addresses(document))
    return frozenset(address for address, count in counts.items() if count > 1)


class _Object(NamedTuple):
    """What tells one real object from another: an ARN is unique, an id may be just a name."""

    id: str
    arn: str


def _same_root(one: Document, other: Document) -> bool:
    if one.lineage and one.lineage == other.lineage:
        return True
    # NOTE: two stages of one stack share names, and so the ids that are names; but not most objects.
    left, right = _objects(one), _objects(other)
    answers = Counter(_same(left[address], right[address]) for address in left.keys() & right.keys())
    return answers[True] > answers[False]


def _same(one: _Object, other: _Object) -> bool:
    return one.arn == other.arn if one.arn and other.arn else one.id == other.id


def _objects(document: Document) -> dict[ResourceAddress, _Object]:
    found = {item.address: _object(item.values) for item in prior(document) if item.address.mode == "managed"}
    for change in document.changes:
        if change.previous_address is not None:
            found[change.previous_address] = _object(change.before or {})
    return {address: object_ for address, object_ in found.items() if object_.id or object_.arn}


def _object(values: dict[str, Any]) -> _Object:
    id_, arn = values.get("id"), values.get("arn")
    return _Object(id_ if isinstance(id_, str) else "", arn if isinstance(arn, str) else "")


def _merged(root: Sequence[Document]) -> Document:
    if len(root) == 1:
        return root[0]
    states = [document for document in root if document.kind == "state"]
    plans = [document for document in root if document.kind != "state"]
    if len(plans) > 1:
        what = f"a plan of the same root as {plans[0].path}: only one of them can be applied"
        raise InputError(what, where=plans[1].path, hint="give one of the two")
    newest = max(reversed(states), key=lambda state: state.serial)
    base = _over(plans[0], newest) if plans else newest
    told = [notice for document in root for notice in document.notices]
    told += [f"{d.path}: of the same root as {base.path}, which counts" for d in root if d.path != base.path]
    return replace(base, notices=tuple(told))


def _over(plan: Document, state: Document) -> Document:
    """The plan with what it does not speak of as the state has it."""
    before = prior(plan)
    told = mentioned_by(plan) | {item.address for item in before}
    left = (item for item in state.after if isinstance(item, RawResource) and item.address not in told)
    added = tuple(left)
    return replace(plan, after=(*plan.after, *added), before=(*before, *added))


def _addresses(document: Document) -> set[ResourceAddress]:
    return {*mentioned_by(document), *(item.address for item in prior(document))}
