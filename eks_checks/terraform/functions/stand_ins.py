"""Ids to come within encoded text: each is stood in for by a word of its own while text is written or read.

An id is a text that JSON and YAML write as it is. So the place it takes is known before the id is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.knowledge import (
    UndeterminedError,
    bounded,
    computed,
    first_doubt,
    is_known,
)
from eks_checks.terraform.functions.native import has_choice, lifted
from eks_checks.terraform.text import parts_of, text_of
from eks_checks.terraform.value import Collection, Known, Mapping, Unknown, Value, weight

_FIRST, _LAST = "\ue000", "\ue001"
_WORD = re.compile(f"{_FIRST}([0-9]+){_LAST}")
_WORDS = 10_000
_LONGEST_ID = 64


def encoded(name: str, write: Callable[[Any], str], value: Value) -> Value:
    """``value`` as the function ``name`` writes it: a text, made of parts where ids stand in it.

    Where more than ids is not known, the text is not, and says of what it is the text.
    """
    ids = _Ids()
    try:
        return ids.restored(write(ids.replaced(value)))
    except UndeterminedError as undetermined:
        if has_choice(value) or weight(value) > _WORDS or first_doubt(value) is None:
            raise
        return replace(computed(name, undetermined.part), says=value)


def decoded(read: Callable[[str], Any], text: Value) -> Value:
    """What ``read`` makes of a text."""
    ids = _Ids()
    words = ids.replaced(text)
    try:
        return lifted(ids.within(read(words)))
    except EvaluationError as error:
        if not ids.known:
            raise
        raise UndeterminedError(Unknown(f"cannot be read before the ids in it are known: {error}")) from error


def longest(text: str) -> int:
    """How many characters a text with words for ids may come to have."""
    return len(text) + _LONGEST_ID * text.count(_FIRST)


class _Ids:
    """The ids met so far, by number."""

    def __init__(self) -> None:
        self.known: list[Value] = []

    def replaced(self, value: Value) -> Any:
        """``value`` as Python's own, with a word for each id; UndeterminedError for other unknown parts."""
        if isinstance(value, Known):
            return self._word(value) if isinstance(value.value, str) else value.value
        if isinstance(value, Collection) and value.exact and (value.ordered or is_known(value)):
            return [self.replaced(item) for item in value.items]
        if isinstance(value, Mapping) and value.open is None:
            return {key: self.replaced(item) for key, item in value.entries}
        parts = parts_of(value)
        if not parts:
            raise UndeterminedError(value)
        return "".join(map(self._word, parts))

    def restored(self, text: str) -> Value:
        """``text`` with the ids in place of their words."""
        pieces = enumerate(_WORD.split(text))
        return text_of(self.known[int(piece)] if place % 2 else Known(piece) for place, piece in pieces)

    def within(self, result: Any) -> Any:
        """What was read, with the ids in place of their words."""
        if not self.known:
            return result
        if isinstance(result, list):
            return [self.within(item) for item in result]
        if isinstance(result, dict):
            if any(map(_WORD.search, result)):
                raise UndeterminedError(Unknown("a key is known after apply"))
            return {key: self.within(item) for key, item in result.items()}
        return self.restored(result) if isinstance(result, str) else result

    def _word(self, part: Value) -> str:
        if isinstance(part, Known):
            text = str(part.value)
            if _FIRST in text or _LAST in text:
                raise UndeterminedError(Unknown("a text with characters for private use is not evaluated"))
            return text
        bounded(len(self.known), _WORDS)
        self.known.append(part)
        return f"{_FIRST}{len(self.known) - 1}{_LAST}"
