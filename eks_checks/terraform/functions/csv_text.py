"""``csvdecode``: CSV as Go reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.kinds import STRING
from eks_checks.terraform.functions.knowledge import CHARACTERS, MEMBERS, bounded
from eks_checks.terraform.functions.signature import Function, plain

_COLUMN = re.compile(r'(?:"(?P<quoted>[^"]*(?:""[^"]*)*)"|(?P<bare>[^",\n]*))(?P<end>,|\n|\Z)')


def _csvdecode(text: str) -> list[dict[str, str]]:
    bounded(len(text), CHARACTERS)
    rows = list(_rows(text.replace("\r\n", "\n")))
    if not rows:
        raise EvaluationError("the first line of CSV has to name the columns")
    names, *records = rows
    if len(set(names)) < len(names):
        raise EvaluationError("two columns have one name")
    bounded(len(names) * len(records), MEMBERS)
    if any(len(record) != len(names) for record in records):
        raise EvaluationError("a line of CSV has more or fewer columns than the first")
    return [dict(zip(names, record, strict=True)) for record in records]


def _rows(text: str) -> Iterator[list[str]]:
    """The lines that are not empty, column by column."""
    at = 0
    while at < len(text):
        if text[at] == "\n":
            at += 1
            continue
        row: list[str] = []
        end = ","
        while end == ",":
            found = _COLUMN.match(text, at)
            if not found:
                raise EvaluationError("a quote of CSV stands inside a column, or does not end")
            row.append(found["bare"] if found["quoted"] is None else found["quoted"].replace('""', '"'))
            at, end = found.end(), found["end"]
        yield row


FUNCTIONS: tuple[Function, ...] = (plain("csvdecode", [STRING], _csvdecode),)
