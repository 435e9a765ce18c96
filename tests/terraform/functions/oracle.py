"""Whether a value known in part allows for the value it turns out to be: the oracle of soundness."""

from __future__ import annotations

from collections.abc import Mapping as NameMapping
from collections.abc import Sequence

from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import Choice, Collection, Known, Mapping, Reference, Unknown, Value

Hidden = NameMapping[Reference, Value]
"""What each reference will be after apply."""


def admits(partial: Value, full: Value, hidden: Hidden) -> bool:
    """Whether ``full``, which is wholly known, is one of the values that ``partial`` stands for."""
    if isinstance(partial, Unknown):
        return True
    if isinstance(partial, Choice):
        return any(admits(option, full, hidden) for option in partial.options)
    if isinstance(partial, Reference):
        meant = resolved(partial, hidden)
        return meant is not None and same(meant, full) is Same.YES
    if isinstance(partial, Known):
        return isinstance(full, Known) and same(partial, full) is Same.YES
    if isinstance(partial, Mapping):
        return isinstance(full, Mapping) and _admits_entries(partial, full, hidden)
    return isinstance(full, Collection) and _admits_members(partial, full, hidden)


def resolved(reference: Reference, hidden: Hidden) -> Value | None:
    """The value of a reference, also of one that leads into a hidden value; None where it leads nowhere."""
    for end in range(len(reference.path), -1, -1):
        root = Reference(reference.resource, reference.path[:end])
        if root in hidden:
            return _inside(hidden[root], reference.path[end:])
    return None


def _inside(value: Value, path: Sequence[str | int]) -> Value | None:
    for step in path:
        if isinstance(value, Collection) and isinstance(step, int) and step < len(value.items):
            value = value.items[step]
        elif isinstance(value, Mapping) and step in dict(value.entries):
            value = dict(value.entries)[str(step)]
        else:
            return None
    return value


def _admits_entries(partial: Mapping, full: Mapping, hidden: Hidden) -> bool:
    found = dict(full.entries)
    if partial.open is None and len(found) != len(partial.entries):
        return False
    return all(key in found and admits(value, found[key], hidden) for key, value in partial.entries)


def _admits_members(partial: Collection, full: Collection, hidden: Hidden) -> bool:
    if partial.ordered and partial.exact:
        pairs = zip(partial.items, full.items, strict=False)
        return len(partial.items) == len(full.items) and all(admits(one, it, hidden) for one, it in pairs)
    if not partial.ordered and full.ordered:
        return False
    if not all(any(admits(item, one, hidden) for one in full.items) for item in partial.items):
        return False
    possible = (*partial.items, *partial.maybe)
    return partial.open is not None or all(
        any(admits(item, one, hidden) for item in possible) for one in full.items
    )
