"""The symbols that an expression refers to, as a plan's ``configuration`` would list them (fact K3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from eks_checks.terraform.hcl.expression import (
    Expression,
    For,
    GetAttribute,
    Index,
    Literal,
    Name,
    TemplateFor,
    Unreadable,
    children,
)

Steps: TypeAlias = tuple["str | int", ...]
"""A symbol as far as it is written out: ``("aws_subnet", "a", 0, "id")``."""


def symbols(expression: Expression) -> frozenset[Steps] | None:
    """The most specific symbols of an expression; None where a part of it cannot be read."""
    found = set(_symbols(expression, frozenset()))
    return None if () in found else frozenset(found)


def _symbols(node: Expression, bound: frozenset[str]) -> Iterator[Steps]:
    """Symbols below a node; the empty one stands for what cannot be read."""
    if isinstance(node, (Name, GetAttribute, Index)):
        yield from _traversal(node, bound)
    elif isinstance(node, Unreadable):
        yield ()
    elif isinstance(node, (For, TemplateFor)):
        yield from _symbols(node.collection, bound)
        inner = bound | {node.key_name, node.value_name}
        for part in children(node):
            if part is not node.collection:
                yield from _symbols(part, inner)
    else:
        for part in children(node):
            yield from _symbols(part, bound)


def _traversal(node: Expression, bound: frozenset[str]) -> Iterator[Steps]:
    steps: list[str | int] = []
    while isinstance(node, (GetAttribute, Index)):
        if isinstance(node, GetAttribute):
            steps.append(node.name)
        elif isinstance(node.key, Literal) and isinstance(node.key.value, (str, int)):
            steps.append(node.key.value)
        else:
            # An index by expression ends what is written out; the index has symbols of its own.
            yield from _symbols(node.key, bound)
            steps.clear()
        node = node.of
    if not isinstance(node, Name):
        yield from _symbols(node, bound)
    elif node.name not in bound:
        yield (node.name, *reversed(steps))


def agree(written: frozenset[Steps], planned: frozenset[Steps]) -> bool:
    """Whether two lists of symbols are of one expression; older Terraforms list a symbol less far."""
    return all(any(_prefix(a, b) for b in planned) for a in written) and all(
        any(_prefix(a, b) for a in written) for b in planned
    )


def _prefix(left: Steps, right: Steps) -> bool:
    shorter = min(len(left), len(right))
    return left[:shorter] == right[:shorter]
