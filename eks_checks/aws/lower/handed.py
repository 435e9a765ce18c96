"""What is handed to modules whose sources are not at hand: they may add to it, or change it.

A module that is given a security group may add rules, one that is given a subnet may put it under another
route table. What the inputs themselves settle for certain, such as a subnet's own association, stays so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeAlias

from eks_checks.aws.knowledge import Cause, Pointer
from eks_checks.aws.lower.attach import Association
from eks_checks.aws.lower.context import Lowering
from eks_checks.terraform.value import Choice, Collection, Value
from eks_checks.terraform.value import Mapping as Object

Handed: TypeAlias = Mapping[str, tuple[Cause, ...]]
"""Estate key of an object to the causes that name the modules it is handed to."""


class Openable(Protocol):
    """A draft of an object to which something outside the inputs may add."""

    open: bool
    causes: tuple[Cause, ...]


def handed(run: Lowering, kind: str) -> Handed:
    """The objects of ``kind`` that modules without sources are given."""
    return run.cached(f"handed {kind}", lambda: _handed(run, kind))


def leave_open(run: Lowering, kind: str, drafts: Mapping[str, Openable], default: str) -> None:
    """Leave open what such modules are given, and the ``default`` object (a key suffix) of their VPCs."""
    given = {**{vpc + default: why for vpc, why in handed(run, "vpc").items()}, **handed(run, kind)}
    for key, causes in given.items():
        if key in drafts:
            drafts[key].open = True
            drafts[key].causes = (*drafts[key].causes, *causes)


def perhaps_associated(run: Lowering, associations: list[Association]) -> Iterator[Association]:
    """The subnets such modules are given, if nothing is in force there for sure: perhaps theirs is."""
    settled = {one.subnet.exact for one in associations if not one.doubts}
    for key, causes in handed(run, "subnet").items():
        if key not in settled:
            yield Association(Pointer((key,)), Pointer(open=True, causes=causes), "", causes)


def _handed(run: Lowering, kind: str) -> dict[str, tuple[Cause, ...]]:
    found: dict[str, tuple[Cause, ...]] = {}
    for module in run.world.missing_modules:
        causes = run.doubts(module)
        for value in _leaves(module.value()):
            for key in run.identity.find(value, kind, module.key, "source").keys:
                found[key] = tuple(dict.fromkeys((*found.get(key, ()), *causes)))
    return dict(sorted(found.items()))


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, Object):
        inner: tuple[Value, ...] = tuple(item for _, item in value.entries)
    elif isinstance(value, Collection):
        inner = (*value.items, *value.maybe)
    elif isinstance(value, Choice):
        inner = value.options
    else:
        yield value
        return
    for item in inner:
        yield from _leaves(item)
