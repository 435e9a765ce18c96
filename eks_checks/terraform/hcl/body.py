"""Bodies: arguments and blocks of a file or a block, with their places. Expressions are read when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from eks_checks.location import SourceSpan
from eks_checks.terraform.hcl.expression import Expression


class Argument:
    """``name = expression``; the expression's tree is made when it is first asked for."""

    def __init__(self, name: str, span: SourceSpan, read: Callable[[], Expression]) -> None:
        """``read`` makes the tree; it raises nothing (a syntax error is an Unreadable)."""
        self.name = name
        self.span = span
        self._read = read

    @cached_property
    def expression(self) -> Expression:
        """What is written behind ``=``."""
        return self._read()

    def __repr__(self) -> str:
        """Its name and line, for people who debug."""
        return f"<Argument {self.name} {self.span.file}:{self.span.line}>"


@dataclass(frozen=True)
class Body:
    """What stands between the braces of a block, or in a file. ``arguments`` maps a name to its argument.

    ``json``: read from ``.tf.json``, where nested blocks are written as arguments.
    """

    arguments: Mapping[str, Argument] = field(default_factory=dict)
    blocks: tuple[HclBlock, ...] = ()
    json: bool = False

    def of_type(self, type_: str) -> Iterator[HclBlock]:
        """The blocks of one type, in the order they are written."""
        return (block for block in self.blocks if block.type == type_)


@dataclass(frozen=True)
class HclBlock:
    """``type "label" { body }``; ``span`` covers all of it."""

    type: str
    labels: tuple[str, ...]
    body: Body
    span: SourceSpan


@dataclass(frozen=True)
class Problem:
    """A syntax error: what could not be read and was skipped."""

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class SourceFile:
    """One ``.tf`` or ``.tf.json`` file."""

    path: str
    body: Body
    problems: tuple[Problem, ...] = ()
