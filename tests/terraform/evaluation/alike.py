"""Whether a resource made from sources holds what a plan of the same sources has of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

Path = tuple[str, ...]


class Difference(NamedTuple):
    """What is otherwise at ``path``. ``kind``: ``wrong``, or ``less`` where only the plan knows it."""

    kind: str
    path: Path
    folder: Any
    plan: Any

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.folder!r}, in the plan {self.plan!r}"


def differences(folder: Any, open_: Any, plan: Any, later: Any, path: Path = ()) -> Iterator[Difference]:
    """What the folder's values (``open_``: what of them is unknown) say otherwise than the plan's.

    ``later`` is what the plan leaves open; a folder may know that. Nothing, null and empty are one (A21);
    the order of members is none of a set's.
    """
    if later is True:
        return
    if open_ is True:
        if _any(plan) or later:
            yield Difference("less", path, None, plan)
    elif isinstance(plan, dict) or isinstance(later, dict):
        for key in sorted({*(plan or {}), *(later or {})}):
            inner = (_at(tree, key) for tree in (folder, open_, plan, later))
            yield from differences(*inner, path=(*path, key))
    elif isinstance(plan, list) and isinstance(folder or [], list):
        yield from _members(folder or [], open_, plan, later, path)
    elif _any(folder) != _any(plan):
        yield Difference("wrong", path, folder, plan)


def _members(folder: list[Any], open_: Any, plan: list[Any], later: Any, path: Path) -> Iterator[Difference]:
    """Members paired where they fit best: those that do not fit at all come last.

    Of a set's members that the plan leaves open, several may turn out to be one.
    """
    open_ones = sum(_at(later, position) is True for position in range(len(plan)))
    if not len(plan) - max(0, open_ones - 1) <= len(folder) <= len(plan):
        yield Difference("wrong", path, folder, plan)
        return
    rest = list(range(len(plan)))
    for position in sorted(range(len(folder)), key=lambda i: (_at(open_, i) is True, i)):
        found = [
            (
                list(
                    differences(folder[position], _at(open_, position), plan[other], _at(later, other), path)
                ),
                other,
            )
            for other in rest
        ]
        best, other = min(found, key=lambda one: (sum(d.kind == "wrong" for d in one[0]), len(one[0])))
        rest.remove(other)
        yield from best


def _at(tree: Any, key: str | int) -> Any:
    if isinstance(tree, dict):
        return tree.get(key)
    if isinstance(tree, list):
        return tree[key] if isinstance(key, int) and key < len(tree) else None
    return tree if tree is True else None


def _any(value: Any) -> str | None:
    return None if value in (None, "", [], {}) else json.dumps(value, sort_keys=True)
