"""What a plan's ``configuration`` has written at one place: expressions, blocks, or nothing (K3, K17, K18).

A plan keeps of an expression only a constant value or the symbols it refers to. Of blocks
it keeps the literal ones; what ``dynamic`` blocks add leaves no trace. An attribute that was
written as blocks is one lumped expression of its literal blocks or, from older Terraforms,
nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from eks_checks.terraform.document import Json
from eks_checks.terraform.value import NULL, Collection, Mapping, Path, Unknown, Value, of_json


@dataclass(frozen=True)
class Expressions:
    """The expressions that may have set an attribute.

    ``unset``: it may also be left out. ``complete``: there are no others. ``hidden``: whoever
    set it left no trace. ``below`` leads from the expression's value to the place asked for.
    """

    found: tuple[Json, ...] = ()
    unset: bool = False
    complete: bool = True
    hidden: bool = False
    below: Path = ()


@dataclass(frozen=True)
class Bodies:
    """The blocks that may have made one block (alternatives); ``complete``: no other may have."""

    found: tuple[Json, ...]
    complete: bool = True


@dataclass(frozen=True)
class BlockList:
    """All literal blocks of one name, for each alternative parent."""

    found: tuple[tuple[Json, ...], ...]
    complete: bool


Place: TypeAlias = Expressions | Bodies | BlockList

_OF_EXPRESSIONS = frozenset({"constant_value", "references"})

HIDDEN = Expressions(complete=False, hidden=True)


def place_of(body: Json, planned: Any, path: Path) -> Place:
    """Follow ``path`` through a resource's expressions, beside its planned values."""
    place: Place = Bodies((body,))
    for step in path:
        if isinstance(place, Bodies):
            place = _attribute(place, str(step))
        elif isinstance(place, BlockList):
            place = _chosen(place, planned, step)
        elif place.found:
            place = Expressions(place.found, place.unset, place.complete, below=(*place.below, step))
        elif place.hidden or (isinstance(planned, list) and any(isinstance(item, dict) for item in planned)):
            # NOTE: blocks that nobody is seen to have written: they left no trace (K17, K18), or the provider
            # plans them as its defaults: the two cannot be told apart.
            place = HIDDEN
        planned = member(planned, step)
    return place


def expressions_of(place: Place | None) -> Expressions | None:
    """The expressions at a place; None where it holds blocks, or nothing is known of it."""
    return place if isinstance(place, Expressions) else None


def member(value: Any, step: str | int) -> Any:
    """The member of a JSON object or list, None where there is none."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return value[step]
    return None


def _attribute(bodies: Bodies, name: str) -> Place:
    if len(bodies.found) == 1:
        # One parent, as nearly always: a plain expression, or nothing, needs no comparing.
        only = bodies.found[0].get(name)
        if only is None:
            return Expressions((), unset=True, complete=bodies.complete)
        if isinstance(only, dict) and only.keys() <= _OF_EXPRESSIONS:
            return Expressions((only,), unset=False, complete=bodies.complete)
    written = [body.get(name) for body in bodies.found]
    blocks = [_block_bodies(entry) for entry in written]
    if any(block is not None for block in blocks):
        return BlockList(tuple(block or () for block in blocks), bodies.complete)
    found = _distinct([entry for entry in written if isinstance(entry, dict)])
    return Expressions(found, unset=len(found) == 0 or None in written, complete=bodies.complete)


def _block_bodies(entry: Any) -> tuple[Json, ...] | None:
    """The literal blocks of an entry; None where it is an expression or absent."""
    if isinstance(entry, list):
        return tuple(body for body in entry if isinstance(body, dict))
    if isinstance(entry, dict) and entry and not entry.keys() <= _OF_EXPRESSIONS:
        return (entry,) if not _labelled(entry) else tuple(entry.values())
    return None


def _labelled(entry: Json) -> bool:
    # Blocks with a label come as label -> body; an attribute's expression is never nested that deep.
    return all(
        isinstance(body, dict)
        and body
        and all(isinstance(part, (dict, list)) for part in body.values())
        and not body.keys() <= _OF_EXPRESSIONS
        for body in entry.values()
    )


def _chosen(blocks: BlockList, planned: Any, step: str | int) -> Place:
    """The literal blocks that may be the planned block at ``step``."""
    literal = _distinct([body for group in blocks.found for body in group])
    if not isinstance(step, int):
        return _attribute(Bodies(literal, blocks.complete), step)
    count = len(planned) if isinstance(planned, list) else 0
    # NOTE: literal blocks always appear in the plan; more planned blocks than literal ones means that
    # a dynamic block made the others, which leave no trace (K17).
    complete = blocks.complete and all(len(group) == count for group in blocks.found)
    fitting = tuple(body for body in literal if _fits(body, member(planned, step)))
    if not fitting:
        return Bodies(literal, complete=False)
    return Bodies(fitting, complete)


def _fits(body: Json, planned: Any) -> bool:
    """Whether the constants of a literal block are those of the planned one."""
    if not isinstance(planned, dict):
        return True
    for name, expression in body.items():
        if not isinstance(expression, dict) or "references" in expression:
            continue
        constant, value = expression.get("constant_value"), planned.get(name)
        if isinstance(constant, (str, int, float)) and isinstance(value, (str, int, float)):
            same = str(constant).lower() == str(value).lower()
            if not same and not (_number(constant) is not None and _number(constant) == _number(value)):
                return False
    return True


def _written(entry: Any) -> Value:
    """The value of what is written out; blocks are lists of maps."""
    if entry is None:
        return NULL
    if isinstance(entry, list):
        return Collection(tuple(_written(block) for block in entry))
    if not isinstance(entry, dict):
        return of_json(entry)
    if entry.keys() <= _OF_EXPRESSIONS:
        if "references" not in entry:
            return of_json(entry.get("constant_value"))
        named = ", ".join(str(one) for one in entry["references"][:1])
        return Unknown(f"set by an expression with {named}, of which a plan keeps no more than that")
    return Mapping(tuple(sorted((name, _written(inner)) for name, inner in entry.items())))


def _number(value: str | int | float) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _distinct(entries: list[Json]) -> tuple[Json, ...]:
    seen: list[Json] = []
    for entry in entries:
        if entry not in seen:
            seen.append(entry)
    return tuple(seen)


class Configuration:
    """The module tree of one plan's ``configuration``; indexed when first asked."""

    def __init__(self, configuration: Json) -> None:
        """Take ``configuration`` as the plan has it; nothing is read yet."""
        root = configuration.get("root_module")
        self._modules: dict[tuple[str, ...], Json] = {(): root if isinstance(root, dict) else {}}
        self._resources: dict[tuple[str, ...], dict[str, Json]] = {}
        self._providers = configuration.get("provider_config")

    def module(self, names: tuple[str, ...]) -> Json:
        """The module called by these names from the root down; empty where there is none."""
        found = self._modules.get(names)
        if found is None:
            inner = self.call(names).get("module")
            found = self._modules[names] = inner if isinstance(inner, dict) else {}
        return found

    def call(self, names: tuple[str, ...]) -> Json:
        """The module call that makes a module; empty where there is none."""
        calls = self.module(names[:-1]).get("module_calls")
        call = calls.get(names[-1]) if isinstance(calls, dict) and names else None
        return call if isinstance(call, dict) else {}

    def resource(self, names: tuple[str, ...], local: str) -> Json | None:
        """The resource block with an address as inside its module (``data.aws_vpc.this``)."""
        index = self._resources.get(names)
        if index is None:
            blocks = self.module(names).get("resources")
            listed = blocks if isinstance(blocks, list) else []
            entries = [entry for entry in listed if isinstance(entry, dict)]
            index = self._resources[names] = {str(entry.get("address")): entry for entry in entries}
        return index.get(local)

    def provider(self, key: str) -> Json | None:
        """The entry of one provider configuration (``aws``, ``module.x:aws.east``), None without one."""
        entry = self._providers.get(key) if isinstance(self._providers, dict) else None
        return entry if isinstance(entry, dict) else None

    def provided(self, key: str, name: str) -> Value:
        """An argument of a provider configuration: null where no block sets it, unknown where symbols do."""
        written = (self.provider(key) or {}).get("expressions")
        return _written(member(written, name))

    def named(self, names: tuple[str, ...], group: str, name: str) -> Json | None:
        """One entry of a module's ``variables`` or ``outputs``."""
        entries = self.module(names).get(group)
        entry = entries.get(name) if isinstance(entries, dict) else None
        return entry if isinstance(entry, dict) else None
