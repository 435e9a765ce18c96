"""Values as short text, so that an expectation in a test reads as a person would write it."""

from __future__ import annotations

from eks_checks.terraform.value import Choice, Collection, Known, Mapping, Reference, Unknown, Value


def text(value: Value) -> str:
    """``aws_vpc.a.id``, ``'text'``, ``one of (a | b)``, ``[a, b; maybe c; open ?]``, ``?``, ``computed``."""
    if isinstance(value, Known):
        return "null" if value.value is None else repr(value.value)
    if isinstance(value, Unknown):
        return "computed" if value.computed else "?"
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, Choice):
        return f"one of ({' | '.join(map(text, value.options))})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {text(entry)}" for key, entry in value.entries) + _end(value) + "}"
    maybe = f"; maybe {', '.join(map(text, value.maybe))}" if value.maybe else ""
    return f"[{', '.join(map(text, value.items))}{maybe}{_end(value)}]"


def _end(value: Collection | Mapping) -> str:
    return "" if value.open is None else f"; open {text(value.open)}"
