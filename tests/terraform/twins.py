"""Whether what a plan lets us say of a value agrees with the value after apply: an independent reading."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.terraform.resource import Resource
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import Choice, Collection, Known, Mapping, Reference, Unknown, Value, is_null
from eks_checks.terraform.world import World


def agrees(said: Value, applied: Value, after: World) -> bool:
    """Whether ``applied`` (all known) is one of the values that ``said`` allows."""
    if isinstance(said, Unknown):
        return True
    if isinstance(said, Choice):
        return any(agrees(option, applied, after) for option in said.options)
    if isinstance(said, Reference):
        return any(same(value, applied) is Same.YES for value in meanings(said, after))
    if is_null(said):
        return is_null(applied) or applied == Known("") or isinstance(applied, Mapping)
    if isinstance(said, Collection) and isinstance(applied, Collection):
        return members_agree(said, applied, after)
    if isinstance(said, Mapping) and isinstance(applied, Mapping):
        return all(agrees(value, applied.get(key), after) for key, value in said.entries)
    return same(said, applied) is Same.YES


def members_agree(said: Collection, applied: Collection, after: World) -> bool:
    """Whether every sure member is there, and no member is there that was ruled out."""
    rows = [[agrees(item, found, after) for found in applied.items] for item in said.items]
    distinct_ids = len(set(map(repr, applied.items))) == len(applied.items)
    matched = matching(rows)
    if len(matched) < len(said.items) and not (distinct_ids and said.exact and all(any(row) for row in rows)):
        return False
    if said.open is not None:
        return True
    allowed = (*said.items, *said.maybe)
    return all(any(agrees(item, found, after) for item in allowed) for found in applied.items)


def matching(rows: list[list[bool]]) -> dict[int, int]:
    """A largest pairing of rows with columns (augmenting paths): column to row."""
    taken: dict[int, int] = {}

    def place(row: int, tried: set[int]) -> bool:
        for column, fits in enumerate(rows[row]):
            if fits and column not in tried:
                tried.add(column)
                if column not in taken or place(taken[column], tried):
                    taken[column] = row
                    return True
        return False

    for row in range(len(rows)):
        place(row, set())
    return taken


def meanings(reference: Reference, after: World) -> Iterator[Value]:
    """What the reference is after apply; for one without attribute: any single attribute of the resource."""
    target = after.target(reference)
    if target is None:
        return
    if reference.path:
        yield target.value(*reference.path)
        return
    whole, _ = target.raw()
    # A template's `latest_version` is a number.
    yield from (Known(value) for value in whole.values() if type(value) in (str, int) and value)


def attributes(resource: Resource) -> list[str]:
    """The names of everything the resource has or will have."""
    whole, unknown = resource.raw()
    return sorted({*whole, *(unknown if isinstance(unknown, dict) else ())})
