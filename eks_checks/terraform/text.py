"""Texts made of parts of which some are known after apply only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eks_checks.terraform.value import Known, Reference, Unknown, Value

SEPARATORS = frozenset({",", ";", "|", " ", "\n", "\t"})
"""What never stands in an id."""
LONGEST = 1 << 20
PIECES = 1000
"""More parts are not kept: nobody asks what so long a text is made of."""


def text_of(parts: Iterable[Value]) -> Value:
    """The parts joined to one text. A part alone is itself; Known parts hold texts."""
    pieces: list[Value] = []
    for part in parts:
        for piece in _pieces(part):
            if isinstance(piece, Known) and pieces and isinstance(pieces[-1], Known):
                pieces[-1] = Known(f"{pieces[-1].value}{piece.value}")
            else:
                pieces.append(piece)
    pieces = [piece for piece in pieces if piece != Known("")] or [Known("")]
    if sum(len(str(piece.value)) for piece in pieces if isinstance(piece, Known)) > LONGEST:
        return Unknown("too large to evaluate")
    if len(pieces) == 1:
        return pieces[0]
    unknown = next(piece for piece in pieces if not isinstance(piece, Known))
    made_of = tuple(pieces) if len(pieces) <= PIECES else ()
    if isinstance(unknown, Unknown):
        return Unknown(unknown.reason, unknown.at, parts=made_of)
    what = unknown if isinstance(unknown, Reference) else "one of several values"
    return Unknown(f"a text made of {what}", parts=made_of)


def split(text: Unknown, separator: str) -> tuple[Value, ...] | None:
    """The pieces of a text between separators; None where a part might hold one."""
    if separator not in SEPARATORS or not text.parts or not all(map(_holds_no_separator, text.parts)):
        return None
    pieces: list[list[Value]] = [[]]
    for part in text.parts:
        words = str(part.value).split(separator) if isinstance(part, Known) else [part]
        for position, word in enumerate(words):
            if position:
                pieces.append([])
            pieces[-1].append(Known(word) if isinstance(word, str) else word)
    return tuple(text_of(piece) for piece in pieces)


def _pieces(part: Value) -> Sequence[Value]:
    return part.parts if isinstance(part, Unknown) and part.parts else (part,)


def _holds_no_separator(part: Value) -> bool:
    return isinstance(part, Known) or (isinstance(part, Reference) and part.path[-1:] == ("id",))
