"""Terms with what follows them, operators and conditionals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from eks_checks.terraform.hcl.expression import (
    Binary,
    Conditional,
    Expression,
    GetAttribute,
    Index,
    Item,
    Literal,
    Splat,
    Unary,
)
from eks_checks.terraform.hcl.source import Source
from eks_checks.terraform.hcl.step import DEEPEST, Step, place_of, text_of, unreadable, unwrapped
from eks_checks.terraform.hcl.syntax import parts

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode

_BRACKETS = frozenset({"(", ")"})
_SPLATS = frozenset({".*", "[*]"})
# NOTE: what a legacy splat takes for each member; `[key]` behind it indexes its result.
_ATTRIBUTES = frozenset({"get_attr", "legacy_index"})
_MOST_DIGITS = 60


def term(node: SyntaxNode, source: Source) -> Step:
    """A term in parentheses, or one with ``.name``, ``[key]`` and splats behind it."""
    return (yield from _operand(parts(node), source))


def _operand(nodes: list[SyntaxNode], source: Source) -> Step:
    start = nodes[0].start_byte
    bracketed = nodes[0].type == "("
    steps = _flat(nodes[3:] if bracketed else nodes[1:])
    if len(steps) > DEEPEST:
        return unreadable(source, start, nodes[-1].end_byte)
    value = yield nodes[1] if bracketed else nodes[0], len(steps)
    splats: list[tuple[Expression, bool]] = []
    for number, node in enumerate(steps):
        kind = node.type
        place = source.place(start, node.end_byte)
        if splats and splats[-1][1] and kind not in _ATTRIBUTES:
            value = Splat(splats.pop()[0], value, place=source.place(start, node.start_byte))
        if kind in _SPLATS:
            splats.append((value, kind == ".*"))
            value = Item(place=place_of(node, source))
        elif kind == "get_attr":
            value = GetAttribute(value, text_of(parts(node)[-1], source), place=place)
        elif kind == "legacy_index":
            value = Index(value, _legacy_key(node, source), place=place)
        else:
            key = yield parts(node)[1], len(steps) - number
            value = Index(value, key, place=place)
    for of, _ in reversed(splats):
        value = Splat(of, value, place=source.place(start, nodes[-1].end_byte))
    return value


def _flat(nodes: Iterable[SyntaxNode]) -> list[SyntaxNode]:
    """The steps behind a term in the order they are written, those inside a splat's node too."""
    steps = []
    for node in nodes:
        if node.type == "get_attr":
            steps.append(node)
        elif node.type == "index":
            steps.append(parts(node)[0])
        else:
            marker, *inside = parts(parts(node)[0])
            steps += [marker, *_flat(inside)]
    return steps


def _legacy_key(node: SyntaxNode, source: Source) -> Expression:
    # The grammar has no node for the digits.
    start, end = node.start_byte, node.end_byte
    digits = source.text(start + 1, end).strip()
    if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        return unreadable(source, start, end)
    return Literal(int(digits), place=source.place(end - len(digits), end))


def unary(node: SyntaxNode, source: Source) -> Step:
    """``-a`` and ``!a``."""
    operator, *operand = parts(node)
    value = yield from _operand_of(operand, source)
    return Unary(operator.type, value, place=place_of(node, source))


def binary(node: SyntaxNode, source: Source) -> Step:
    """``a + b`` and its like; the grammar's precedence is HCL's."""
    nodes = parts(node)
    at = next(i for i, part in enumerate(nodes) if not part.is_named and part.type not in _BRACKETS)
    left = yield from _operand_of(nodes[:at], source)
    right = yield from _operand_of(nodes[at + 1 :], source)
    return Binary(nodes[at].type, left, right, place=place_of(node, source))


def _operand_of(nodes: list[SyntaxNode], source: Source) -> Step:
    if len(nodes) == 1:
        return (yield nodes[0], 1)
    return (yield from _operand(nodes, source))


def conditional(node: SyntaxNode, source: Source) -> Step:
    """``a ? b : c``."""
    # NOTE: the grammar nests `c ? a : d ? b : e` to the left, Terraform nests it to the right.
    chain = _chain(node)
    if len(chain) > DEEPEST:
        return unreadable(source, node.start_byte, node.end_byte)
    values = []
    for number, part in enumerate(chain):
        values.append((yield part, number // 2 + 1))
    end = node.end_byte
    value = values.pop()
    while values:
        yes, condition = values.pop(), values.pop()
        start = chain[len(values)].start_byte
        value = Conditional(condition, yes, value, place=source.place(start, end))
    return value


def _chain(node: SyntaxNode) -> list[SyntaxNode]:
    """Conditions and yes branches in turn as they are written, and the last no branch."""
    chain: list[SyntaxNode] = []
    waiting = [(node, True)]
    while waiting:
        part, continues = waiting.pop()
        part = unwrapped(part)
        if continues and part.type == "conditional":
            condition, _, yes, _, no = parts(part)
            waiting += [(no, True), (yes, False), (condition, True)]
        else:
            chain.append(part)
    return chain
