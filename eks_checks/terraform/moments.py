"""The two moments of one document: what exists before, and what exists once its plan is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.document import AnyResource, Document, RawResource

GONE = (("delete",), ("forget",))
"""Actions after which the resource is no longer in the state; a forgotten one still exists in AWS (K9)."""


class Moment(NamedTuple):
    """What exists then, and what of it is not known (the plan's ``after_unknown``)."""

    resources: Callable[[Document], tuple[AnyResource, ...]]
    unknown: Callable[[Document], dict[ResourceAddress, Any]]


def planned(document: Document) -> tuple[AnyResource, ...]:
    """What exists after apply: the planned resources, forgotten ones, what it leaves alone, read data."""
    changes = {change.address: change for change in document.changes if change.deposed is None}
    gone = {address for address, change in changes.items() if change.actions in GONE}
    found = {item.address: item for item in document.after if item.address not in gone}
    mentioned = mentioned_by(document)
    for item in document.before or ():
        forgotten = item.address in gone and changes[item.address].actions == ("forget",)
        # NOTE: with -target, a plan tells of the targets alone; the rest stays as it was.
        untouched = bool(document.changes) and item.address not in mentioned
        if (forgotten or untouched or item.address.mode == "data") and item.address not in found:
            found[item.address] = item
    for change in changes.values():
        if change.actions == ("forget",) and change.before is not None and change.address not in found:
            found[change.address] = RawResource(
                change.address, change.provider, change.before, change.before_sensitive
            )
    return tuple(found.values())


def prior(document: Document) -> tuple[RawResource, ...]:
    """What exists before apply: the prior state, and what the changes know beyond it (imported resources)."""
    known = document.before or ()
    told = {item.address for item in known}
    more = (
        RawResource(change.address, change.provider, change.before, change.before_sensitive)
        for change in document.changes
        if change.before is not None and change.deposed is None and change.address not in told
    )
    return (*known, *more)


def mentioned_by(document: Document) -> frozenset[ResourceAddress]:
    """The addresses whose fate the document tells: planned, changed, or moved away from."""
    return frozenset(_mentioned(document))


def _mentioned(document: Document) -> Iterator[ResourceAddress]:
    for item in document.after:
        yield item.address
    for change in document.changes:
        if change.deposed is None:
            yield change.address
        if change.previous_address is not None:
            yield change.previous_address


def _unknown(document: Document) -> dict[ResourceAddress, Any]:
    return {change.address: change.unknown for change in document.changes if change.deposed is None}


def _nothing(document: Document) -> dict[ResourceAddress, Any]:
    return {}


AFTER = Moment(planned, _unknown)
BEFORE = Moment(prior, _nothing)
