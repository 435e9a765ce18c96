"""Places in the sources, as the JSON documents have them."""

from __future__ import annotations

from typing import Any

from eks_checks.location import SourceSpan

Object = dict[str, Any]


def span(place: SourceSpan | None) -> Object | None:
    """The lines of a block."""
    if place is None:
        return None
    return {"file": place.file, "line": place.line, "end_line": place.end_line}


def line(place: SourceSpan | None) -> Object | None:
    """The line on which something stands."""
    return None if place is None else {"file": place.file, "line": place.line}
