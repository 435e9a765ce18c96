"""What the steps from tree-sitter's tree to ours have in common."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, TypeAlias

from eks_checks.terraform.hcl.expression import Expression, Place, Unreadable
from eks_checks.terraform.hcl.source import Source
from eks_checks.terraform.hcl.syntax import parts

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode

DEEPEST = 200
"""Levels of nesting that are read; what is deeper is Unreadable."""

Step: TypeAlias = "Generator[tuple[SyntaxNode, int], Expression, Expression]"
"""Yields a node inside its own and how many levels below its result that will stand; is sent its tree."""

_EXCERPT_LENGTH = 60
_WRAPPERS = frozenset({"literal_value", "template_expr", "operation", "collection_value", "for_expr"})


def unreadable(source: Source, start: int, end: int) -> Unreadable:
    """An Unreadable with the beginning of what is written there."""
    excerpt = source.content[start : min(end, start + 4 * _EXCERPT_LENGTH)].decode(errors="replace")
    return Unreadable(excerpt[:_EXCERPT_LENGTH], place=source.place(start, end))


def unwrapped(node: SyntaxNode) -> SyntaxNode:
    """The innermost node that is all of ``node``. Parentheses keep theirs."""
    while True:
        kind = node.type
        if kind != "expression" and kind not in _WRAPPERS:
            return node
        inside = node.children
        if len(inside) != 1:
            inside = parts(node)
            if len(inside) != 1:
                return node
        node = inside[0]


def place_of(node: SyntaxNode, source: Source) -> Place:
    """Where a node stands."""
    return source.place(node.start_byte, node.end_byte)


def text_of(node: SyntaxNode, source: Source) -> str:
    """What is written in a node."""
    return source.text(node.start_byte, node.end_byte)
