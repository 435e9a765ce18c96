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


def parts_of(text: Value) -> Sequence[Value]:
    """What a text is made of: Known texts and ids to come; nothing where another value may be part of it."""
    parts = _pieces(text)
    return parts if all(isinstance(part, Known) or is_id(part) for part in parts) else ()


def is_id(value: Value) -> bool:
    """Whether a value is the id that a resource will have: a text without blanks, quotes or separators."""
    if not isinstance(value, Reference) or not value.path:
        return False
    name = str(value.path[-1])
    return name == "id" or (value.filled and name.endswith("_id"))


def split(text: Value, separator: str) -> tuple[Value, ...] | None:
    """The pieces of a text between separators; None where a part might hold one."""
    parts = parts_of(text)
    if separator not in SEPARATORS or not parts:
        return None
    pieces: list[list[Value]] = [[]]
    for part in parts:
        words = str(part.value).split(separator) if isinstance(part, Known) else [part]
        for position, word in enumerate(words):
            if position:
                pieces.append([])
            pieces[-1].append(Known(word) if isinstance(word, str) else word)
    return tuple(text_of(piece) for piece in pieces)


def _pieces(part: Value) -> Sequence[Value]:
    return part.parts if isinstance(part, Unknown) and part.parts else (part,)
