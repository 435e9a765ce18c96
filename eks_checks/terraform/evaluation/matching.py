"""Which written block a planned one is: by position where that fits, else by what both have known.

A plan keeps sets in an order of its own, and leaves out of a block what is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from typing import Any, NamedTuple

from eks_checks.terraform.configured import member
from eks_checks.terraform.document import any_unknown
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import Collection, Known, Reference, Unknown, Value


class Planned(NamedTuple):
    """A part of a plan's values, beside the same part of ``after_unknown`` (True: all of it)."""

    raw: Any = None
    unknown: Any = None

    def member(self, step: str | int) -> Planned:
        """The part below."""
        below = True if self.unknown is True else member(self.unknown, step)
        return Planned(member(self.raw, step), below)

    def members(self) -> tuple[Planned, ...]:
        """The parts of a list."""
        return tuple(self.member(position) for position in range(self.length))

    @property
    def length(self) -> int:
        """How many parts a list has."""
        return max((len(part) for part in (self.raw, self.unknown) if isinstance(part, list)), default=0)

    @property
    def listed(self) -> bool:
        """Whether it is a list, of a length that the plan knows."""
        return self.unknown is not True and (isinstance(self.raw, list) or isinstance(self.unknown, list))

    @property
    def open(self) -> bool:
        """Whether the plan leaves any of it open."""
        return any_unknown(self.unknown)


def assigned(
    planned: Sequence[Planned], written: Sequence[Dictionary[str, Value | None]], *, exact: bool
) -> list[tuple[int, ...]]:
    """For every planned block, which written ones it may be (indexes; one where that is clear).

    ``written`` has the values of each written block by name. ``exact``: there are no others.
    """
    strict = _dealt(planned, written, exact=exact, strict=_telling(written))
    if exact and len(planned) == len(written) and all(len(found) == 1 for found in strict):
        return strict
    return _dealt(planned, written, exact=exact, strict=frozenset())


def _telling(written: Sequence[Dictionary[str, Value | None]]) -> frozenset[str]:
    """The names that every block sets to a constant or to what only apply tells.

    Then the plan leaves open as many as are no constants, or else no strict assignment comes out even.
    """
    names = frozenset[str]().union(*written)
    return frozenset(name for name in names if all(_is_certain(block.get(name)) for block in written))


def _is_certain(value: Value | None) -> bool:
    if isinstance(value, Unknown):
        return any(isinstance(part, Reference) for part in value.parts)
    return isinstance(value, Reference) or (isinstance(value, Known) and value.value is not None)


def _dealt(
    planned: Sequence[Planned],
    written: Sequence[Dictionary[str, Value | None]],
    *,
    exact: bool,
    strict: frozenset[str],
) -> list[tuple[int, ...]]:
    fitting = [
        tuple(i for i, block in enumerate(written) if fits(item, block, strict=strict)) for item in planned
    ]
    if not exact or len(planned) != len(written):
        return fitting
    straight = all(position in found for position, found in enumerate(fitting))
    if straight and _interchangeable(planned, fitting):
        return [(position,) for position in range(len(planned))]
    return _eliminated(planned, fitting)


def fits(
    planned: Planned, written: Dictionary[str, Value | None], *, strict: frozenset[str] = frozenset()
) -> bool:
    """Whether nothing that both sides know speaks against the two being one block.

    ``strict`` are the names of which a constant must be known to the plan too. Evaluation may know more than
    Terraform does, but where the constants alone tell the blocks apart, they do so for certain.
    """
    return not any(
        value is not None and _differs(planned.member(name), value, strict=name in strict)
        for name, value in written.items()
    )


def _differs(planned: Planned, written: Value, *, strict: bool) -> bool:
    if planned.unknown is True:
        return strict and isinstance(written, Known) and written.value is not None
    if isinstance(written, Unknown):
        # A text made of what only apply tells cannot be known to the plan.
        return any(isinstance(part, Reference) for part in written.parts)
    if isinstance(written, Known):
        if written.value is None or planned.raw is None:
            return False  # left to the provider, or not in the plan
        return not isinstance(planned.raw, (dict, list)) and same(written, Known(planned.raw)) is Same.NO
    if isinstance(written, Reference):
        return planned.raw in (None, "")  # a link is either known or unknown, never left out
    if isinstance(written, Collection) and written.exact and not planned.open:
        listed = planned.raw if isinstance(planned.raw, list) else []
        if written.ordered and len(listed) != len(written.items) and not _coinciding(written):
            return True
        known = [str(item.value) for item in written.items if isinstance(item, Known)]
        return len(known) == len(written.items) and not set(known) <= {str(item) for item in listed}
    return False


def _coinciding(written: Collection) -> bool:
    """Whether members may turn out equal, and be one where the plan keeps a set."""
    return len(set(written.items)) < len(written.items) or not all(
        isinstance(item, Known) for item in written.items
    )


def _interchangeable(planned: Sequence[Planned], fitting: Sequence[tuple[int, ...]]) -> bool:
    """Whether blocks that could be exchanged look alike in the plan, so that either order is right."""
    return all(
        planned[other] == planned[position]
        for position, found in enumerate(fitting)
        for other in found
        if other != position
    )


def _eliminated(planned: Sequence[Planned], fitting: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Settle the blocks that can be only one, again and again; alike ones are dealt out in order."""
    left: list[tuple[int, ...]] = list(fitting)
    settled: set[int] = set()
    while len(settled) < len(left):
        single = next((i for i, found in enumerate(left) if i not in settled and len(found) == 1), None)
        if single is None:
            single = _first_of_alike(planned, left, settled)
        if single is None:
            break
        chosen = left[single][0]
        left[single] = (chosen,)
        settled.add(single)
        for other, found in enumerate(left):
            if other not in settled:
                left[other] = tuple(index for index in found if index != chosen)
    return _undisputed(fitting, left)


def _undisputed(
    fitting: Sequence[tuple[int, ...]], settled: Sequence[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Nobody's, where more planned blocks than written ones want the same: a provider has changed one."""
    disputed = {index for found, rest in zip(fitting, settled, strict=True) if not rest for index in found}
    while True:
        more = {index for found in fitting if disputed & set(found) for index in found}
        if more == disputed:
            break
        disputed = more
    return [() if disputed & set(found) else rest for found, rest in zip(fitting, settled, strict=True)]


def _first_of_alike(
    planned: Sequence[Planned], left: Sequence[tuple[int, ...]], settled: set[int]
) -> int | None:
    """An unsettled block that looks like all others that could be the same written ones."""
    for position, found in enumerate(left):
        if position in settled or not found:
            continue
        rivals = [i for i, other in enumerate(left) if i not in settled and set(other) & set(found)]
        if len(rivals) == len(found) and all(planned[i] == planned[position] for i in rivals):
            return position
    return None
