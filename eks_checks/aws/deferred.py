"""What is lowered only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")


class Deferred(Generic[T]):
    """Something that ``make`` makes when ``value`` is asked for, once: questions that need it pay for it."""

    def __init__(self, make: Callable[[], T]) -> None:
        """Nothing is made yet."""
        self._make = make

    @cached_property
    def value(self) -> T:
        """What it stands for."""
        return self._make()
