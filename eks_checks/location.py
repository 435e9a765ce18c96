"""Where in the sources something stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, order=True)
class ModuleCall:
    """A ``module`` block on the way from the root to a place: line ``line`` of ``file``.

    ``module`` is its address without instance keys (``module.platform.module.nodes``): one block calls
    all instances.
    """

    module: str
    file: str
    line: int


@dataclass(frozen=True, order=True)
class SourceSpan:
    """Lines ``line`` to ``end_line`` (1-based, inclusive) of ``file`` (a path as the user would write it).

    ``called_at`` has the calls that lead from the root module to the one it is in, outermost first.
    """

    file: str
    line: int
    end_line: int
    called_at: tuple[ModuleCall, ...] = ()


Places: TypeAlias = Callable[[str, str], "SourceSpan | None"]
"""Where an attribute (``vpc_config[0].subnet_ids``; empty: the block) of a resource stands, given its key."""


def nowhere(resource: str, attribute: str) -> SourceSpan | None:
    """The Places of inputs without sources."""
    return None
