"""tree-sitter's tree of HCL, and what its grammar (1.2.0) needs to read Terraform's language.

The tree serves for structure alone: every text is taken from the source, not from what was
parsed. So bytes that the grammar stumbles over are replaced by as many harmless ones first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode
    from tree_sitter import Parser

# `1e5` without a point is no number to the grammar: it reads `1`, and an attribute `e5`.
_EXPONENT = re.compile(rb"(?<=\d)[eE][+-]?(?=\d)")
# `$${` is no interpolation whatever stands before it; the grammar pairs the signs of `$$${` from the left.
_ESCAPED_OPENING = re.compile(rb"\$\$\{|%%\{")
# The grammar sees no line ends, so that in an object `a = k`, next line `(b) = c` calls a function k.
_CALL_ON_NEXT_LINE = re.compile(
    rb'^(?:"(?:[^"\\\n]|\\.)*"|(?!//)[^#"\n])*[\w-]'  # a line that ends in a name, comments apart
    rb"(?P<gap>[ \t]*(?:(?:#|//)[^\n]*)?\r?\n[ \t]*)\(",
    re.MULTILINE,
)

SIZE_LIMIT = 1 << 20
"""Bytes of a file that is read: far more than anyone writes, too few to keep a machine busy."""
MOST_OPEN = 1000
"""Brackets that may be open at once, those in texts too: beyond, the parser's time explodes."""
LONGEST_SPACE = 1000
"""Blanks and line ends that may follow each other: the parser's time grows with their square."""

_LONG_SPACE = re.compile(rb"\s{%d}" % (LONGEST_SPACE + 1))
_OPENING, _CLOSING = b"([{", b")]}"
_NO_BRACKETS = bytes(set(range(256)) - set(_OPENING + _CLOSING))
_TOP_LEVEL = re.compile(rb'[A-Za-z_][\w-]*(?:[ \t]+(?:"[^"]*"|[A-Za-z_][\w-]*))*[ \t]*(?:\{|=(?![=>]))')
_HEREDOC = re.compile(rb"<<-?([A-Za-z_][\w-]*)[ \t\r]*$")


def parse(content: bytes) -> SyntaxNode:
    """The root of the tree of a file."""
    masked = _masked(content)
    root = _parser().parse(masked).root_node
    if not root.has_error or not _CALL_ON_NEXT_LINE.search(masked):
        return root
    separated = _parser().parse(_CALL_ON_NEXT_LINE.sub(_comma, masked)).root_node
    return root if separated.has_error else separated


def parse_pieces(content: bytes, starts: list[int]) -> Iterator[SyntaxNode]:
    """The root of each piece of a file, read as if it stood alone; offsets are those of the file."""
    from tree_sitter import Point, Range

    masked = _CALL_ON_NEXT_LINE.sub(_comma, _masked(content))
    parser = _parser()
    try:
        for start, end in pairwise([*starts, len(masked)]):
            parser.included_ranges = [Range(Point(0, 0), Point(0, 0), start, end)]
            yield parser.parse(masked).root_node
    finally:
        parser.included_ranges = []


def top_level_starts(content: bytes) -> list[int]:
    """Where a block or argument seems to begin at the very left of a line, and 0 in any case."""
    lines = content.split(b"\n")
    last = {line.strip(): number for number, line in enumerate(lines)}
    starts = [0]
    closing: bytes | None = None
    position = 0
    for number, line in enumerate(lines):
        if closing is not None:
            if (closing == b"*/" and closing in line) or line.strip() == closing:
                closing = None
        elif line.lstrip().startswith(b"/*") and b"*/" not in line:
            closing = b"*/"
        else:
            if position and _TOP_LEVEL.match(line):
                starts.append(position)
            heredoc = _HEREDOC.search(line)
            # A heredoc that nothing ends hides nothing.
            if heredoc and last.get(heredoc[1], 0) > number:
                closing = heredoc[1]
        position += len(line) + 1
    return starts


def refusal(content: bytes) -> str:
    """Why a text is not parsed at all: what the parser would take minutes for. Empty where it is."""
    if len(content) > SIZE_LIMIT:
        return f"the file has {len(content)} bytes; files over {SIZE_LIMIT} are not read"
    brackets = content.translate(None, _NO_BRACKETS)
    depths = accumulate(1 if bracket in _OPENING else -1 for bracket in brackets)
    if max(depths, default=0) > MOST_OPEN:
        return f"more than {MOST_OPEN} brackets are open at once; such files are not read"
    if _LONG_SPACE.search(content):
        return f"more than {LONGEST_SPACE} blanks follow each other; such files are not read"
    return ""


def parts(node: SyntaxNode) -> list[SyntaxNode]:
    """The children of ``node`` without comments, which the grammar allows anywhere."""
    return [child for child in node.children if child.type != "comment"]


@cache
def _parser() -> Parser:
    from tree_sitter import Language, Parser
    from tree_sitter_hcl import language

    return Parser(Language(language()))


def _masked(content: bytes) -> bytes:
    # A line end is added: the grammar wants one behind a heredoc.
    return _ESCAPED_OPENING.sub(b"___", _EXPONENT.sub(_zeros, content)) + b"\n"


def _zeros(match: re.Match[bytes]) -> bytes:
    return b"0" * len(match[0])


def _comma(match: re.Match[bytes]) -> bytes:
    gap = match["gap"]
    behind = gap[1:]
    if gap[:1] in (b"#", b"/") and not behind.startswith((b"\r", b"\n")):
        behind = b"#" + behind[1:]  # the comment begins one byte later
    return match[0][: match.start("gap") - match.start()] + b"," + behind + b"("
