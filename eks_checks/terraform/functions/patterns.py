"""Regular expressions as Go's RE2 reads them, run by the ``regex`` library within a time limit."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable
from typing import Any

import regex

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.kinds import STRING
from eks_checks.terraform.functions.knowledge import CHARACTERS, MEMBERS, UndeterminedError, bounded
from eks_checks.terraform.functions.re2 import translated
from eks_checks.terraform.functions.signature import Function, plain
from eks_checks.terraform.value import Unknown

TIMEOUT_SECONDS = 0.2
TOO_SLOW = Unknown("regular expression takes too long")
_LONGEST_PATTERN = 10_000
_REFERENCE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<bare>\w+)|(?P<dollar>\$))", re.ASCII)


def replace_pattern(text: str, pattern: str, replacement: str) -> str:
    """``text`` with each match replaced; ``$1`` and ``${name}`` stand for groups."""
    compiled = _compiled(pattern)
    pieces: list[str] = []
    end = size = 0
    for match in _matches(compiled, text):
        pieces += text[end : match.start()], _expanded(replacement, match)
        size += len(pieces[-2]) + len(pieces[-1])
        bounded(size, CHARACTERS)
        end = match.end()
    return "".join([*pieces, text[end:]])


def _regex(pattern: str, text: str) -> Any:
    compiled = _compiled(pattern)
    match = _in_time(lambda: compiled.search(text, timeout=TIMEOUT_SECONDS))
    if match is None:
        raise EvaluationError("the pattern matches nothing in the string")
    return _result(compiled, match)


def _regexall(pattern: str, text: str) -> list[Any]:
    compiled = _compiled(pattern)
    matches = _matches(compiled, text)
    bounded(len(matches) * max(1, compiled.groups), MEMBERS)
    return [_result(compiled, match) for match in matches]


def _matches(compiled: regex.Pattern[str], text: str) -> list[regex.Match[str]]:
    """All matches, but in Go none that is empty where the one before ends."""
    found = _in_time(
        lambda: list(itertools.islice(compiled.finditer(text, timeout=TIMEOUT_SECONDS), MEMBERS + 1))
    )
    bounded(len(found))
    ends = [-1, *(match.end() for match in found)]
    return [match for match, end in zip(found, ends, strict=False) if match.group() or match.start() != end]


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    bounded(len(pattern), _LONGEST_PATTERN)
    try:
        compiled = regex.compile(translated(pattern), regex.VERSION1)
    except (regex.error, OverflowError, ValueError) as error:
        raise EvaluationError(f"the pattern is not valid: {error}") from error
    if 0 < len(compiled.groupindex) < compiled.groups:
        raise EvaluationError("a pattern has either named or unnamed groups, not both")
    return compiled


def _in_time(search: Callable[[], Any]) -> Any:
    try:
        return search()
    except TimeoutError:
        raise UndeterminedError(TOO_SLOW) from None


def _result(compiled: regex.Pattern[str], match: regex.Match[str]) -> Any:
    """The whole match, or its groups: by name where they have names."""
    if compiled.groupindex:
        return match.groupdict()
    return list(match.groups()) if compiled.groups else match.group()


def _expanded(replacement: str, match: regex.Match[str]) -> str:
    def group(reference: re.Match[str]) -> str:
        if reference["dollar"]:
            return "$"
        name = reference["braced"] or reference["bare"]
        key: str | int = int(name) if name.isdigit() else name
        known = key <= match.re.groups if isinstance(key, int) else key in match.re.groupindex
        return (match[key] or "") if known else ""

    return _REFERENCE.sub(group, replacement)


FUNCTIONS: tuple[Function, ...] = (
    plain("regex", [STRING, STRING], _regex),
    plain("regexall", [STRING, STRING], _regexall),
)
