"""HCL's expressions as trees.

Parentheses leave no node: the tree's shape says it. A template that is one interpolation and
nothing else (``"${x}"``) is that expression, as Terraform takes it; a quoted text without any
is a Literal. Trees are compared by shape: places take no part in equality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import NamedTuple, TypeAlias

from eks_checks.terraform.value import Scalar


class Place(NamedTuple):
    """Where a node stands in its file: lines and columns from 1, columns in characters, the end inclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


NOWHERE = Place(0, 0, 0, 0)


@dataclass(frozen=True)
class Node:
    """What all expressions have."""

    place: Place = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Literal(Node):
    """A number, text, truth value or null; a heredoc without interpolation too."""

    value: Scalar


@dataclass(frozen=True)
class Template(Node):
    """Parts joined to one text: Literals of text between interpolations and directives, in order.

    A directive is a Conditional or a TemplateFor, whose branches and body are Literals or Templates.
    A template of one part is that part made a text: ``"%{if x}a%{endif}"``, or ``" ${~ x}"``.
    """

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class TemplateFor(Node):
    """``%{for k, v in xs}...%{endfor}``: ``body`` once for each member, joined."""

    key_name: str
    value_name: str
    collection: Expression
    body: Expression


@dataclass(frozen=True)
class Name(Node):
    """The first word of a traversal: ``var``, ``local``, ``each``, a resource type, a for variable."""

    name: str


@dataclass(frozen=True)
class Item(Node):
    """Inside ``Splat.each``: the member it is at (of the innermost splat)."""


@dataclass(frozen=True)
class GetAttribute(Node):
    """``of.name``."""

    of: Expression
    name: str


@dataclass(frozen=True)
class Index(Node):
    """``of[key]``, and the legacy ``of.0``."""

    of: Expression
    key: Expression


@dataclass(frozen=True)
class Splat(Node):
    """``of[*]...`` and the legacy ``of.*...``: ``each`` for every member, with Item for the member.

    What follows a legacy splat belongs to ``each`` only as long as it is ``.name`` or ``.0``: a
    ``[key]`` behind it is an Index of the Splat. Everything that follows ``[*]`` belongs to
    ``each``, further splats too.
    """

    of: Expression
    each: Expression


@dataclass(frozen=True)
class Call(Node):
    """``name(arguments)``; ``expand``: ``...`` follows the last one. Provider functions keep ``::``."""

    name: str
    arguments: tuple[Expression, ...]
    expand: bool = False


@dataclass(frozen=True)
class Conditional(Node):
    """``condition ? yes : no``, and ``%{if}``."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True)
class Binary(Node):
    """``left operator right``; operators as written (``==``, ``&&``, ``%``)."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Unary(Node):
    """``-operand`` or ``!operand``."""

    operator: str
    operand: Expression


@dataclass(frozen=True)
class Tuple(Node):
    """``[a, b]``."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Object(Node):
    """``{ key = value }``; a bare key is a Literal, any other its expression (``80`` a Literal number)."""

    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True)
class For(Node):
    """``[for k, v in xs : value if condition]``, with ``key`` an object; ``grouping`` is ``...``.

    ``key_name`` is empty where only one name is given.
    """

    key_name: str
    value_name: str
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None = None
    grouping: bool = False


@dataclass(frozen=True)
class Unreadable(Node):
    """An expression with a syntax error; ``text`` is its beginning."""

    text: str


Expression: TypeAlias = (
    Literal
    | Template
    | TemplateFor
    | Name
    | Item
    | GetAttribute
    | Index
    | Splat
    | Call
    | Conditional
    | Binary
    | Unary
    | Tuple
    | Object
    | For
    | Unreadable
)


def children(node: Expression) -> Iterator[Expression]:
    """The expressions directly inside one, in the order they are written."""
    for name in _parts(type(node)):
        yield from _nodes(getattr(node, name))


_PARTS: dict[type, tuple[str, ...]] = {}


def _parts(kind: type[Expression]) -> tuple[str, ...]:
    if kind not in _PARTS:
        _PARTS[kind] = tuple(part.name for part in fields(kind) if part.name != "place")
    return _PARTS[kind]


def _nodes(value: object) -> Iterator[Expression]:
    if isinstance(value, Node):
        yield value  # type: ignore[misc]
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
