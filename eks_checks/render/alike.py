"""What differs in instance keys alone (``["a"]``, ``[0]``) is told once."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from eks_checks.render.page import Line

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

MANY = 3
"""Up to so many things alike are told one by one."""

_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')

_CUT = re.compile(r" and \d+ more\b")


def pattern(text: str) -> str:
    """The text with every instance key as ``[*]``."""
    return _KEY.sub("[*]", text)


def instances(addresses: Iterable[str], most: int | None = MANY, attribute: str = "") -> list[str]:
    """The addresses; ``a.b[*] (6 instances)`` for more than ``most`` that differ in their keys alone.

    ``attribute`` is appended to each.
    """
    end = f".{attribute}" if attribute else ""
    folded: list[str] = []
    for shape, group in gathered(dict.fromkeys(addresses), pattern).items():
        fold = most is not None and len(group) > most
        folded += [f"{shape}{end} ({len(group)} instances)"] if fold else [one + end for one in group]
    return folded


def story(lines: Iterable[Line], resource: str) -> tuple[str, ...]:
    """What the lines say of ``resource``, without its name and without instance keys."""
    return tuple(plain("".join(text for text, _ in line.pieces), resource) for line in lines)


def plain(text: str, resource: str) -> str:
    """What the text says of ``resource``, without its name and without instance keys.

    Its own name is kept apart from a sibling's, but where a list is cut short: there it is chance which
    of them are named.
    """
    if _CUT.search(text):
        return pattern(text).replace(pattern(resource), "it")
    return pattern(text.replace(resource, "it"))


def gathered(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """The things by their key, both in order of first appearance."""
    found: dict[K, list[T]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return found
