"""The symbols that a plan's configuration lists for an expression (fact K3)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from eks_checks.terraform.address import MODES, Index, Step, traversal
from eks_checks.terraform.value import Path


class Symbol(NamedTuple):
    """One symbol, taken apart.

    ``kind`` is "resource", "module", "var", "local", "each", "count", "path", "terraform" or
    "other". ``name`` is the rest of what is named: a resource's address inside its module, a
    module call, a variable. ``key`` is the constant index behind it, ``path`` what follows.
    """

    kind: str
    text: str
    name: str
    key: Index = None
    path: Path = ()


_PLAIN = ("var", "local", "each", "count", "path", "terraform")


def symbols(expression: Any) -> tuple[Symbol, ...]:
    """The most specific symbols of an expression, one for each time it names one."""
    references = expression.get("references") if isinstance(expression, dict) else None
    if not isinstance(references, list):
        return ()
    return _symbols(tuple(text for text in references if isinstance(text, str)))


@lru_cache(maxsize=65536)
def _symbols(references: tuple[str, ...]) -> tuple[Symbol, ...]:
    return tuple(symbol(text) for text in most_specific(references))


def most_specific(references: tuple[str, ...]) -> Iterator[str]:
    """Drop the prefixes that Terraform lists behind every symbol, keeping symbols named twice."""
    head, last = "", ""
    for text in references:
        behind = text if text != head else ""
        shorter = bool(head) and len(text) < len(last) and head.startswith(text)
        if shorter and behind and head[len(text)] in ".[":
            last = text
            continue
        if head:
            yield head
        head = last = text
    if head:
        yield head


def symbol(text: str) -> Symbol:
    """Take one symbol apart; what cannot be read is of kind "other"."""
    try:
        steps = traversal(text)
    except ValueError:
        return Symbol("other", text, text)
    first = str(steps[0].key)
    if first in _PLAIN and len(steps) > 1:
        return Symbol(first, text, str(steps[1].key), None, _keys(steps[2:]))
    if first == "module" and len(steps) > 1:
        index, rest = _index(steps[2:])
        return Symbol("module", text, str(steps[1].key), index, _keys(rest))
    prefix, rest = (f"{first}.", steps[1:]) if first in MODES else ("", steps)
    if len(rest) < 2 or rest[1].bracket or first == "self":
        return Symbol("other", text, text)
    index, path = _index(rest[2:])
    return Symbol("resource", text, f"{prefix}{rest[0].key}.{rest[1].key}", index, _keys(path))


def _index(steps: tuple[Step, ...]) -> tuple[Index, tuple[Step, ...]]:
    return (steps[0].key, steps[1:]) if steps and steps[0].bracket else (None, steps)


def _keys(steps: tuple[Step, ...]) -> Path:
    return tuple(step.key for step in steps)
