"""What the sources set in one block of one resource instance: arguments, nested blocks, ``dynamic`` ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from eks_checks.location import SourceSpan
from eks_checks.terraform.evaluation.loops import rest_of, rounds
from eks_checks.terraform.evaluation.matching import Planned, assigned
from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.evaluation.traverse import descend
from eks_checks.terraform.hcl.body import Body, HclBlock
from eks_checks.terraform.sources.module import static_name
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Path,
    Unknown,
    Value,
    choice,
)

if TYPE_CHECKING:
    from eks_checks.terraform.evaluation.evaluator import Evaluator

META = frozenset({"count", "for_each", "provider", "depends_on"})
"""Terraform's own arguments. NOTE: ``version`` is one of a module's only: launch templates have versions."""
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "dynamic"})


@dataclass(frozen=True)
class Nested:
    """The nested blocks of one name: those there are, those that may be, and why there may be others."""

    items: tuple[Written, ...] = ()
    maybe: tuple[Written, ...] = ()
    open: Unknown | None = None

    @property
    def exact(self) -> bool:
        """Whether just ``items`` are there."""
        return not self.maybe and self.open is None


class WrittenObject:
    """An object in a list that is written in place of a block: ``ingress = [{...}]``."""

    def __init__(self, value: Mapping, span: SourceSpan) -> None:
        """``span`` is the argument's."""
        self._value = value
        self.span = span

    def names(self) -> tuple[str, ...]:
        """The attributes that are set."""
        return tuple(name for name, _ in self._value.entries)

    def whole(self) -> Mapping:
        """All of it as a value."""
        return self._value

    def at(self, path: Path, planned: Planned) -> Value | None:
        """The value at ``path``; None where nothing is set there."""
        if self._value.open is None and path and path[0] not in self.names():
            return None
        return descend(self._value, path)

    def place(self, path: Path, planned: Planned) -> SourceSpan:
        """Where it stands."""
        return self.span


class WrittenBlock:
    """A block in the scope it is evaluated in."""

    def __init__(self, evaluator: Evaluator, body: Body, scope: Scope, span: SourceSpan) -> None:
        """``span`` is the block's."""
        self._evaluator = evaluator
        self._body = body
        self._scope = scope
        self.span = span
        self._nested: dict[str, Nested] = {}
        self._assigned: dict[tuple[str, int, int], list[tuple[int, ...]]] = {}

    def names(self) -> tuple[str, ...]:
        """The arguments that are set and the kinds of nested blocks, Terraform's own words left out."""
        found = [name for name in self._body.arguments if name not in META]
        found += [name for name in _kinds(self._body) if name not in META_BLOCKS]
        return tuple(dict.fromkeys(found))

    def whole(self) -> Mapping:
        """All of it as a value."""
        entries = [(name, self.at((name,), Planned()) or NULL) for name in self.names()]
        return Mapping(tuple(sorted(entries, key=lambda entry: entry[0])))

    def argument(self, name: str) -> Value | None:
        """The value of an argument; None where it is not set here. EvaluationError where it fails."""
        argument = self._body.arguments.get(name)
        return None if argument is None else self._evaluator.value(argument.expression, self._scope)

    def at(self, path: Path, planned: Planned) -> Value | None:
        """The value at ``path``; None where nothing is set there. EvaluationError where it fails.

        ``planned`` is what the plan has of this block, which tells the planned blocks of a kind apart.
        """
        name, rest = str(path[0]), path[1:]
        argument = self.argument(name)
        if argument is not None and not (rest and _are_blocks(argument, rest[0])):
            return descend(argument, rest)
        nested = self.nested(name)
        if not nested.items and nested.exact:
            return None
        if not rest:
            return Collection(
                tuple(block.whole() for block in nested.items),
                tuple(block.whole() for block in nested.maybe),
                nested.open,
            )
        return self._below(name, rest, planned.member(name))

    def nested(self, name: str) -> Nested:
        """The nested blocks of a kind, ``dynamic`` ones made."""
        if name not in self._nested:
            self._nested[name] = self._made_blocks(name)
        return self._nested[name]

    def _made_blocks(self, name: str) -> Nested:
        argument = self._body.arguments.get(name)
        if argument is not None:
            return _objects(self._evaluator.value(argument.expression, self._scope), argument.span)
        items: list[Written] = []
        maybe: list[Written] = []
        rest: Unknown | None = None
        for block in self._body.blocks:
            if block.type == name:
                items.append(WrittenBlock(self._evaluator, block.body, self._scope, block.span))
            elif block.type == "dynamic" and block.labels == (name,):
                made = self._dynamic(block)
                items += made.items
                maybe += made.maybe
                rest = rest or made.open
        return Nested(tuple(items), tuple(maybe), rest)

    def place(self, path: Path, planned: Planned) -> SourceSpan:
        """Where the innermost block or argument on the way to ``path`` stands."""
        if not path:
            return self.span
        name, rest = str(path[0]), path[1:]
        argument = self._body.arguments.get(name)
        if argument is not None:
            return argument.span
        position, below = _position(rest)
        nested, inside = self.nested(name), planned.member(name)
        spans = {block.span for block in (*nested.items, *nested.maybe)}
        if below or len(spans) > 1 or not nested.exact or inside.length != len(nested.items):
            inner = inside.member(position) if inside.listed else inside
            spans = {each.place(below, inner) for each in self._matching(name, position, inside)}
        if not spans and nested.open is not None:
            kinds = zip(_kinds(self._body), self._body.blocks, strict=True)
            spans = {block.span for kind, block in kinds if kind == name}
        return spans.pop() if len(spans) == 1 else self.span

    def _below(self, name: str, rest: Path, planned: Planned) -> Value | None:
        position, below = _position(rest)
        found, others = self._matching(name, position, planned), self.nested(name).open
        if not found:
            return others or Unknown("which block of the sources it is from is not clear")
        inner = planned.member(position) if planned.listed else planned
        options = [block.whole() if not below else block.at(below, inner) for block in found]
        if others is not None:
            options.append(others)
        if len(options) == 1:
            return options[0]
        return choice(NULL if option is None else option for option in options)

    def _matching(self, name: str, position: int, planned: Planned) -> tuple[Written, ...]:
        """The written blocks that may be the planned one at ``position``."""
        nested = self.nested(name)
        blocks = (*nested.items, *nested.maybe)
        if not planned.listed:
            return blocks[position : position + 1] if nested.exact else blocks
        if nested.exact and len(blocks) == 1 == planned.length:
            return blocks
        key = (name, id(planned.raw), id(planned.unknown))
        if key not in self._assigned:
            known = [{part: block.at((part,), Planned()) for part in block.names()} for block in blocks]
            self._assigned[key] = assigned(planned.members(), known, exact=nested.exact)
        found = self._assigned[key]
        return tuple(blocks[index] for index in found[position]) if position < len(found) else ()

    def _dynamic(self, block: HclBlock) -> Nested:
        over = block.body.arguments.get("for_each")
        content = next(block.body.of_type("content"), None)
        if over is None or content is None:
            return Nested(open=Unknown("a dynamic block without for_each or content"))
        named = block.body.arguments.get("iterator")
        iterator = static_name(named.expression) if named is not None else block.labels[0]
        # What a ``dynamic`` block makes stands where it stands itself: its ``content`` alone says no name.
        content = replace(content, span=block.span)
        return self._made(self._evaluator.value(over.expression, self._scope), iterator, content)

    def _made(self, collection: Value, iterator: str, content: HclBlock) -> Nested:
        if isinstance(collection, Choice):
            made = [self._made(option, iterator, content) for option in collection.options]
            every = tuple(block for each in made for block in (*each.items, *each.maybe))
            return Nested((), every, next((each.open for each in made if each.open), None))
        items: list[Written] = []
        maybe: list[Written] = []
        for turn in rounds(collection):
            at = Mapping((("key", turn.key), ("value", turn.item)))
            scope = self._scope.binding(**{iterator: at})
            made_block = WrittenBlock(self._evaluator, content.body, scope, content.span)
            (items if turn.sure else maybe).append(made_block)
        return Nested(tuple(items), tuple(maybe), rest_of(collection))


Written: TypeAlias = WrittenBlock | WrittenObject


def _kinds(body: Body) -> Iterator[str]:
    for block in body.blocks:
        yield block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _position(rest: Path) -> tuple[int, Path]:
    """The block's position and the path below it; blocks that can be there only once have none."""
    if rest and isinstance(rest[0], int):
        return rest[0], rest[1:]
    return 0, rest


def _are_blocks(value: Value, step: str | int) -> bool:
    """Whether an argument stands for blocks: a list of objects, or in JSON one object alone."""
    if isinstance(value, Mapping):
        return isinstance(step, int)
    return isinstance(value, Collection) and all(isinstance(item, Mapping) for item in value.items)


def _objects(value: Value, span: SourceSpan) -> Nested:
    """Objects written in place of blocks."""
    if isinstance(value, Known):
        return Nested()
    if isinstance(value, Mapping):
        return Nested((WrittenObject(value, span),))
    if isinstance(value, Collection):
        items = tuple(WrittenObject(item, span) for item in value.items if isinstance(item, Mapping))
        maybe = tuple(WrittenObject(item, span) for item in value.maybe if isinstance(item, Mapping))
        odd = len(items) + len(maybe) < len(value.items) + len(value.maybe)
        return Nested(items, maybe, value.open or (Unknown("objects not known yet") if odd else None))
    return Nested(open=value if isinstance(value, Unknown) else Unknown(f"the objects of {value}"))
