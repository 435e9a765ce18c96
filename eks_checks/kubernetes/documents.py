"""YAML and JSON texts of which some parts are known after apply only."""

from __future__ import annotations

import re
from typing import Any

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.knowledge import TooLargeError, UndeterminedError
from eks_checks.terraform.functions.native import lifted
from eks_checks.terraform.functions.yaml_text import yaml_documents
from eks_checks.terraform.text import text_of
from eks_checks.terraform.value import Collection, Known, Mapping, Unknown, Value

_FIRST, _LAST = "\ue000", "\ue001"
_WORD = re.compile(f"{_FIRST}([0-9]+){_LAST}")


class UnreadableError(Exception):
    """A text that gives no objects; ``str()`` says why."""


def documents(text: Value) -> tuple[Value, ...]:
    """Every document of a text; what apply fills in stands where its part of the text does.

    The text of a value, written by ``jsonencode`` or ``yamlencode``, is that value.
    A part that is not known is taken for (part of) a scalar: a text that writes further keys by it is not
    told from one that does not. Raises UnreadableError where no part of the text is known, or it is no YAML.
    """
    if isinstance(text, Unknown) and isinstance(text.says, (Collection, Mapping)):
        return (text.says,)
    parts = text.parts if isinstance(text, Unknown) else (text,)
    if not parts or not any(isinstance(part, Known) for part in parts):
        raise UnreadableError(text.reason if isinstance(text, Unknown) else "known after apply")
    words = "".join(_word(part, number) for number, part in enumerate(parts))
    try:
        return tuple(lifted(_restored(document, parts)) for document in yaml_documents(words))
    except EvaluationError as error:
        raise UnreadableError(str(error).partition("\n")[0]) from error
    except UndeterminedError as error:
        reason = error.part.reason if isinstance(error.part, Unknown) else "it is not wholly known"
        raise UnreadableError(reason) from error
    except TooLargeError as error:
        raise UnreadableError("too large to read") from error


def _word(part: Value, number: int) -> str:
    if not isinstance(part, Known):
        return f"{_FIRST}{number}{_LAST}"
    known = str(part.value)
    if _FIRST in known or _LAST in known:
        raise UnreadableError("a text with characters for private use is not read")
    return known


def _restored(result: Any, parts: tuple[Value, ...]) -> Any:
    """What was read, with the parts that are not known in place of their words."""
    if isinstance(result, list):
        return [_restored(item, parts) for item in result]
    if isinstance(result, dict):
        entries = {key: _restored(item, parts) for key, item in result.items() if not _WORD.search(key)}
        if len(entries) == len(result):
            return entries
        known = ((key, lifted(item)) for key, item in sorted(entries.items()))
        return Mapping(tuple(known), Unknown("a key is known after apply"))
    if not isinstance(result, str) or not _WORD.search(result):
        return result
    pieces = enumerate(_WORD.split(result))
    return text_of(parts[int(piece)] if place % 2 else Known(piece) for place, piece in pieces)
