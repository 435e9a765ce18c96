"""A page of styled lines: laid out here, written plain or, on a terminal, in colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TypeAlias

Piece: TypeAlias = "str | tuple[str, str]"
"""Text, or text with the name of its style."""

STYLES = {
    "heading": "bold",
    "resource": "bold",
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
    "reachable": "bold red",
    "possible": "yellow",
    "blocked": "green",
    "latent": "magenta",
    "good": "green",
    "fix": "green",
    "faint": "dim",
}


@dataclass(frozen=True)
class Line:
    """One paragraph: begins at column ``indent``, goes on at column ``hang`` where it must wrap."""

    pieces: tuple[tuple[str, str], ...]
    indent: int
    hang: int


class Page:
    """Lines in order. Addresses are never cut: a word that is too long for the width sticks out."""

    def __init__(self) -> None:
        """An empty page."""
        self.lines: list[Line] = []

    def line(self, *pieces: Piece, indent: int = 0, hang: int | None = None) -> None:
        """Add a paragraph; what would steer a terminal in its text is made visible instead."""
        styled = tuple((piece, "") if isinstance(piece, str) else piece for piece in pieces)
        clean = tuple((visible(text), style) for text, style in styled if text)
        self.lines.append(Line(clean, indent, indent if hang is None else hang))

    def blank(self) -> None:
        """Add an empty line, unless the page is empty or has one there already."""
        if self.lines and self.lines[-1].pieces:
            self.line()

    def text(self, width: int) -> str:
        """The page as plain text."""
        rows = ("".join(text for text, _ in row) for row in self.rows(width))
        return "".join(f"{row}\n" for row in rows)

    def show(self, stream: IO[str], width: int) -> None:
        """Write the page in colour to a terminal."""
        from rich.console import Console
        from rich.text import Text

        console = Console(file=stream, force_terminal=True, highlight=False, soft_wrap=True)
        for row in self.rows(width):
            console.print(Text.assemble(*((text, STYLES.get(style, "")) for text, style in row)))

    def rows(self, width: int) -> Iterator[list[tuple[str, str]]]:
        """Every line as it stands on paper ``width`` columns wide."""
        for line in self.lines:
            yield from _wrapped(line, width)


def visible(text: str) -> str:
    """The text on one line, control and direction characters escaped: a plan may hold anything."""
    if text.isprintable():
        return text
    folded = re.sub(r"[\t\n\r]+", " ", text)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in folded)


# An instance key such as ["my key"] stays whole, blanks included.
_WORD = re.compile(r'(?:\["(?:[^"\\]|\\.)*"\]|[^ ])+| +')


def _wrapped(line: Line, width: int) -> Iterator[list[tuple[str, str]]]:
    row: list[tuple[str, str]] = []
    column, begin = line.indent, line.indent
    waiting: list[tuple[str, str]] = []
    for word in _words(line):
        if word[0][0].isspace():
            waiting += word
            continue
        needed = _length(waiting) + _length(word)
        if row and column + needed > width:
            yield [(" " * begin, ""), *row]
            row, column, begin, waiting = [], line.hang, line.hang, []
        row += [*waiting, *word]
        column += _length(waiting) + _length(word)
        waiting = []
    yield [(" " * begin, ""), *row] if row else []


def _length(pieces: list[tuple[str, str]]) -> int:
    return sum(len(text) for text, _ in pieces)


def _words(line: Line) -> Iterator[list[tuple[str, str]]]:
    """The line cut at blanks; a word may change its style half-way."""
    word: list[tuple[str, str]] = []
    for text, style in line.pieces:
        for match in _WORD.finditer(text):
            part = match.group()
            if word and (part.isspace() or word[-1][0].isspace()):
                yield word
                word = []
            word.append((part, style))
    if word:
        yield word
