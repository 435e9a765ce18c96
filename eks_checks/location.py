"""Where in the sources something stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class SourceSpan:
    """Lines ``line`` to ``end_line`` (1-based, inclusive) of ``file`` (a path as the user gave it)."""

    file: str
    line: int
    end_line: int
