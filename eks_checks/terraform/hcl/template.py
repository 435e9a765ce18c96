"""Templates: the text between ``${}`` and ``%{}``, by the rules of HCL's own template parser.

The grammar drops white space beside the sequences, so texts are cut from the source. As in HCL
a template is a flat list of tokens first: ``~`` trims the token beside it, which in a heredoc
is one line at most, a flush heredoc loses its indent, and only then do ``%{if}`` and ``%{for}``
enclose what stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from eks_checks.terraform.hcl.expression import (
    Conditional,
    Expression,
    Literal,
    Place,
    Template,
    TemplateFor,
)
from eks_checks.terraform.hcl.source import Source
from eks_checks.terraform.hcl.syntax import parts

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([nrt\"\\]))|([$%])\4\{")
_ESCAPE_UNQUOTED = re.compile(r"([$%])\1\{")
_NAMED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_DIRECTIVES = frozenset({"template_directive", "template_if", "template_for"})


@dataclass
class Text:
    """A piece of literal text, escapes already replaced, and where it was written."""

    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Sequence:
    """``${...}`` or one ``%{...}``: the grammar's kind, and what is written in it.

    ``depth`` counts the directives around it, itself included.
    """

    kind: str
    start: int
    end: int
    trims_before: bool
    trims_behind: bool
    depth: int
    expression: SyntaxNode | None = None
    names: tuple[str, ...] = ()


Token: TypeAlias = Text | Sequence


def unescaped(text: str) -> str:
    """The text that a quoted string stands for."""
    return _ESCAPE.sub(_character, text) if "\\" in text or "{" in text else text


def unescaped_unquoted(text: str) -> str:
    """The text that a heredoc or template file stands for: backslashes mean nothing there."""
    return _ESCAPE_UNQUOTED.sub(r"\1{", text) if "{" in text else text


def _character(match: re.Match[str]) -> str:
    short, long, named, sign = match.groups()
    if sign:
        return f"{sign}{{"
    if named:
        return _NAMED[named]
    code = int(short or long, 16)
    # What no UTF-8 can hold stays as it is written.
    return match[0] if code > _LAST_CHARACTER or code in _SURROGATES else chr(code)


# --- tokens ---------------------------------------------------------------------------------------


def tokens(
    node: SyntaxNode, source: Source, inside: tuple[int, int], unescape: Callable[[str], str]
) -> list[Token]:
    """What stands between the offsets ``inside`` of a template, line by line, ``~`` obeyed."""
    found: list[Token] = []
    position, end = inside
    for sequence in _sequences(node, source):
        found += _lines(source, position, sequence.start, unescape)
        found.append(sequence)
        position = sequence.end
    found += _lines(source, position, end, unescape)
    _trim(found)
    return found


def _lines(source: Source, start: int, end: int, unescape: Callable[[str], str]) -> Iterator[Text]:
    while start < end:
        stop = source.content.find(b"\n", start, end) + 1 or end
        yield Text(unescape(source.text(start, stop)), start, stop)
        start = stop


def _sequences(node: SyntaxNode, source: Source) -> Iterator[Sequence]:
    """The sequences of a template in order, those inside directives too."""
    waiting = [(child, 1) for child in reversed(node.children)]
    while waiting:
        part, depth = waiting.pop()
        kind = part.type
        if kind in _DIRECTIVES:
            deeper = depth + (kind != "template_directive")
            waiting += [(child, deeper) for child in reversed(part.children)]
        elif kind.startswith("template_") and kind != "template_literal":
            yield _sequence(part, source, depth)


def _sequence(node: SyntaxNode, source: Source, depth: int) -> Sequence:
    start, end = node.start_byte, node.end_byte
    inside = parts(node)
    return Sequence(
        kind=node.type,
        start=start,
        end=end,
        trims_before=source.content[start + 2 : start + 3] == b"~",
        trims_behind=source.content[end - 2 : end - 1] == b"~",
        depth=depth,
        expression=next((part for part in inside if part.type == "expression"), None),
        names=tuple(
            source.text(part.start_byte, part.end_byte) for part in inside if part.type == "identifier"
        ),
    )


def _trim(found: list[Token]) -> None:
    for before, token, behind in zip([None, *found], found, [*found[1:], None], strict=False):
        if not isinstance(token, Sequence):
            continue
        if token.trims_before and isinstance(before, Text):
            before.value = before.value.rstrip()
        if token.trims_behind and isinstance(behind, Text):
            behind.value = behind.value.lstrip()


def flush(found: list[Token]) -> None:
    """Take from each line of a ``<<-`` heredoc as much white space as the least indented one has."""
    indents = []
    first_of_line: list[Text] = []
    begins_line = True
    for token in found:
        if begins_line and isinstance(token, Text):
            bare = token.value.lstrip()
            if bare or not token.value.endswith("\n"):  # a blank line does not count
                indents.append(len(token.value) - len(bare))
                first_of_line.append(token)
        elif begins_line:
            indents.append(0)
        # NOTE: a line that `~` took the end from runs on: HCL looks at the trimmed text.
        begins_line = isinstance(token, Text) and token.value.endswith("\n")
    for text in first_of_line:
        text.value = text.value[min(indents) :]


# --- the tree -------------------------------------------------------------------------------------


@dataclass
class _Directive:
    """``%{if}`` or ``%{for}`` before its end is read, and the parts inside since its last sequence."""

    opening: Sequence
    expression: Expression
    parts: list[Expression] = field(default_factory=list)
    yes: Expression | None = None


def assembled(found: list[Token], expressions: list[Expression], source: Source, place: Place) -> Expression:
    """The tree of a template; ``expressions`` are those of its sequences, in order."""
    found = list(_melded(found))
    if len(found) == 1 and isinstance(found[0], Sequence) and found[0].kind == "template_interpolation":
        return expressions[0]
    waiting = iter(expressions)
    outermost: list[Expression] = []
    directives: list[_Directive] = []
    for token in found:
        inside = directives[-1].parts if directives else outermost
        if isinstance(token, Text):
            if token.value:
                inside.append(Literal(token.value, place=source.place(token.start, token.end)))
        elif token.kind == "template_interpolation":
            inside.append(next(waiting))
        elif token.kind in ("template_if_intro", "template_for_start"):
            directives.append(_Directive(token, next(waiting)))
        elif token.kind == "template_else_intro":
            directives[-1].yes = _joined(inside, source.place(token.start, token.end))
            directives[-1].parts = []
        else:
            ended = _ended(directives.pop(), token, source)
            (directives[-1].parts if directives else outermost).append(ended)
    return _joined(outermost, place)


def _ended(directive: _Directive, end: Sequence, source: Source) -> Expression:
    place = source.place(directive.opening.start, end.end)
    body = _joined(directive.parts, place)
    if end.kind == "template_for_end":
        *key, value = directive.opening.names
        return TemplateFor(key[0] if key else "", value, directive.expression, body, place=place)
    if directive.yes is None:
        return Conditional(directive.expression, body, Literal("", place=place), place=place)
    return Conditional(directive.expression, directive.yes, body, place=place)


def _joined(inside: list[Expression], place: Place) -> Expression:
    if not inside:
        return Literal("", place=place)
    if len(inside) == 1 and isinstance(inside[0], Literal) and isinstance(inside[0].value, str):
        return Literal(inside[0].value, place=place)
    return Template(tuple(inside), place=place)


def _melded(found: list[Token]) -> Iterator[Token]:
    """The tokens with texts that meet joined to one."""
    text: Text | None = None
    for token in found:
        if isinstance(token, Sequence):
            if text is not None:
                yield text
            yield token
            text = None
        elif text is None:
            text = token
        else:
            text = Text(text.value + token.value, text.start, token.end)
    if text is not None:
        yield text
