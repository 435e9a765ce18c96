"""What is worked out only when somebody asks for it, and then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deferred(Generic[T]):
    """A part of the estate that most questions do not need: made once, at the first ``get``."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], T]) -> None:
        """``make`` gives the part; it is not called before somebody asks."""
        self._make = make
        self._made: list[T] = []

    def get(self) -> T:
        """The part."""
        if not self._made:
            self._made.append(self._make())
        return self._made[0]
