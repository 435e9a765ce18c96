"""One text and where its bytes stand: offsets to lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from eks_checks.location import SourceSpan
from eks_checks.terraform.hcl.expression import Place

LONGEST_EXCERPT = 60


class Source:
    """UTF-8 text whose parts are named by byte offsets, the end exclusive.

    ``first_line`` is the number of the first line. Where ``at`` is given, everything stands
    there: the text is a value inside another file.
    """

    def __init__(self, content: bytes, path: str = "", first_line: int = 1, at: Place | None = None) -> None:
        """Index the lines of ``content``."""
        self.content = content
        self.path = path
        self._first_line = first_line
        self._at = at
        self._starts = [0, *accumulate(len(line) + 1 for line in content.split(b"\n"))]
        # The last start is one behind the end: no byte is there, and none is on its line.
        self._ascii = content.isascii()

    def text(self, start: int, end: int) -> str:
        """What is written between two offsets."""
        return self.content[start:end].decode()

    def line(self, offset: int) -> int:
        """The number of the line that holds the byte at ``offset``."""
        return self._at.line if self._at else self._row(offset) + self._first_line

    def text_of_line(self, offset: int) -> str:
        """What is written on the line of ``offset``, shortened."""
        row = self._row(offset)
        line = self.content[self._starts[row] : self._starts[row + 1]].decode(errors="replace").strip()
        return line if len(line) <= LONGEST_EXCERPT else line[: LONGEST_EXCERPT - 1] + "…"

    def span(self, start: int, end: int) -> SourceSpan:
        """The lines from ``start`` to the last byte before ``end``."""
        return SourceSpan(self.path, self.line(start), self.line(max(start, end - 1)))

    def place(self, start: int, end: int) -> Place:
        """Lines and columns from ``start`` to the last character before ``end``."""
        if self._at:
            return self._at
        row = self._row(start)
        last = row if end <= self._starts[row + 1] else self._row(end - 1)
        return Place(
            row + self._first_line,
            self._characters(self._starts[row], start) + 1,
            last + self._first_line,
            self._characters(self._starts[last], end),
        )

    def _row(self, offset: int) -> int:
        return min(bisect_right(self._starts, offset), len(self._starts) - 1) - 1

    def _characters(self, start: int, end: int) -> int:
        return end - start if self._ascii else len(self.content[start:end].decode(errors="replace"))
