"""tree-sitter's tree of one expression to ours.

Each kind of node has a step: a generator that yields the nodes inside it, is sent their trees,
and returns its own. ``convert`` drives them with a stack of its own, so that deep nesting ends
as an Unreadable and never as a RecursionError.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from eks_checks.terraform.hcl import template
from eks_checks.terraform.hcl.expression import (
    Call,
    Expression,
    For,
    Literal,
    Name,
    Object,
    Place,
    Tuple,
    Unreadable,
)
from eks_checks.terraform.hcl.operators import binary, conditional, term, unary
from eks_checks.terraform.hcl.source import Source
from eks_checks.terraform.hcl.step import DEEPEST, Step, place_of, text_of, unreadable, unwrapped
from eks_checks.terraform.hcl.syntax import parts

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode


def convert(node: SyntaxNode, source: Source) -> Expression:
    """The tree of ``node``; it raises nothing."""
    if node.has_error:
        return unreadable(source, node.start_byte, node.end_byte)
    return _driven(_only(node), source)


def convert_template(node: SyntaxNode, source: Source) -> Expression:
    """The tree of the heredoc ``node``, as of a text whose last line end is the heredoc's own."""
    heredoc = unwrapped(node)
    start, end = _heredoc_inside(heredoc, source)
    tokens = template.tokens(heredoc, source, (start, end - 1), template.unescaped_unquoted)
    return _driven(_template(tokens, source, source.place(start, end - 1)), source)


def _driven(step: Step, source: Source) -> Expression:
    stack = [(step, 0)]
    value: Expression | None = None
    while stack:
        step, depth = stack[-1]
        try:
            inner, levels = step.send(value)  # type: ignore[arg-type]  # None starts a generator
        except StopIteration as done:
            value = done.value
            stack.pop()
            continue
        inner = unwrapped(inner)
        kind = inner.type
        if kind in _LEAVES:
            value = _LEAVES[kind](inner, source)
        elif depth + levels > DEEPEST or kind not in _STEPS:
            value = unreadable(source, inner.start_byte, inner.end_byte)
        else:
            stack.append((_STEPS[kind](inner, source), depth + levels))
            value = None
    assert value is not None
    return value


def _only(node: SyntaxNode) -> Step:
    return (yield node, 0)


# --- leaves ---------------------------------------------------------------------------------------


def _name(node: SyntaxNode, source: Source) -> Expression:
    start, end = node.start_byte, node.end_byte
    return Name(source.text(start, end), place=source.place(start, end))


def _string(node: SyntaxNode, source: Source) -> Expression:
    start, end = node.start_byte, node.end_byte
    return Literal(template.unescaped(source.text(start + 1, end - 1)), place=source.place(start, end))


def _number(node: SyntaxNode, source: Source) -> Expression:
    start, end = node.start_byte, node.end_byte
    written = source.text(start, end)
    number = float(written)
    if not isfinite(number):
        return unreadable(source, start, end)
    place = source.place(start, end)
    # Terraform's numbers are decimal: 1e30 is exactly that.
    return Literal(int(Decimal(written)) if number.is_integer() else number, place=place)


def _truth(node: SyntaxNode, source: Source) -> Expression:
    start, end = node.start_byte, node.end_byte
    return Literal(source.content[start:end] == b"true", place=source.place(start, end))


def _null(node: SyntaxNode, source: Source) -> Expression:
    return Literal(None, place=place_of(node, source))


# --- calls, collections, for ----------------------------------------------------------------------


def _call(node: SyntaxNode, source: Source) -> Step:
    inside = parts(node)
    values = []
    expand = False
    for part in parts(inside[2]) if inside[2].type == "function_arguments" else ():
        if part.type == "expression":
            values.append((yield part, 1))
        expand = expand or part.type == "ellipsis"
    return Call(text_of(inside[0], source), tuple(values), expand, place=place_of(node, source))


def _tuple(node: SyntaxNode, source: Source) -> Step:
    values = []
    for part in node.children:
        if part.type == "expression":
            values.append((yield part, 1))
    return Tuple(tuple(values), place=place_of(node, source))


def _object(node: SyntaxNode, source: Source) -> Step:
    items = []
    for element in node.children:
        if element.type != "object_elem":
            continue
        written, _, inside = parts(element)
        key: Expression | None = _bare_key(written, source)
        if key is None:
            key = yield written, 1
        value = yield inside, 1
        items.append((key, value))
    return Object(tuple(items), place=place_of(node, source))


def _bare_key(node: SyntaxNode, source: Source) -> Literal | None:
    """The key of ``{ name = value }``; ``true`` and ``null`` are names there too."""
    inner = unwrapped(node)
    if inner.type not in ("variable_expr", "bool_lit", "null_lit", "identifier"):
        return None
    return Literal(text_of(inner, source), place=place_of(inner, source))


def _for(node: SyntaxNode, source: Source) -> Step:
    inside = parts(node)
    intro = parts(inside[1])
    names = [text_of(part, source) for part in intro if part.type == "identifier"]
    collection = yield intro[-2], 1
    written = [part for part in inside[2:] if part.type == "expression"]
    key = None
    if len(written) == 2:
        key = yield written[0], 1
    value = yield written[-1], 1
    condition = None
    for part in inside:
        if part.type == "for_cond":
            condition = yield parts(part)[1], 1
    return For(
        key_name=names[0] if len(names) == 2 else "",
        value_name=names[-1],
        collection=collection,
        key=key,
        value=value,
        condition=condition,
        grouping=any(part.type == "ellipsis" for part in inside),
        place=place_of(node, source),
    )


# --- templates ------------------------------------------------------------------------------------


def _quoted(node: SyntaxNode, source: Source) -> Step:
    inside = node.start_byte + 1, node.end_byte - 1
    return _template(
        template.tokens(node, source, inside, template.unescaped), source, place_of(node, source)
    )


def _heredoc(node: SyntaxNode, source: Source) -> Step:
    tokens = template.tokens(node, source, _heredoc_inside(node, source), template.unescaped_unquoted)
    if source.content.startswith(b"<<-", node.start_byte):
        template.flush(tokens)
    return _template(tokens, source, place_of(node, source))


def _heredoc_inside(node: SyntaxNode, source: Source) -> tuple[int, int]:
    _, name, *_, closing = parts(node)
    start = source.content.index(b"\n", name.end_byte) + 1
    return start, max(start, source.content.rindex(b"\n", 0, closing.start_byte) + 1)


def _template(tokens: list[template.Token], source: Source, place: Place) -> Step:
    if any(isinstance(token, template.Sequence) and token.depth > DEEPEST for token in tokens):
        return Unreadable("directives nested too deeply", place=place)
    values = []
    for token in tokens:
        if isinstance(token, template.Sequence) and token.expression is not None:
            values.append((yield token.expression, token.depth))
    return template.assembled(tokens, values, source, place)


_Leaf: TypeAlias = Callable[["SyntaxNode", Source], Expression]
_LEAVES: dict[str, _Leaf] = {
    "variable_expr": _name,
    "string_lit": _string,
    "numeric_lit": _number,
    "bool_lit": _truth,
    "null_lit": _null,
}
_STEPS: dict[str, Callable[[SyntaxNode, Source], Step]] = {
    "expression": term,
    "unary_operation": unary,
    "binary_operation": binary,
    "conditional": conditional,
    "function_call": _call,
    "tuple": _tuple,
    "object": _object,
    "for_tuple_expr": _for,
    "for_object_expr": _for,
    "quoted_template": _quoted,
    "heredoc_template": _heredoc,
}
