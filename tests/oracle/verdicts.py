"""The three verdicts, and answers that leave room for two: where contract and facts do, so do we."""

from __future__ import annotations

from collections.abc import Iterable

BLOCKED, POSSIBLE, REACHABLE = "blocked", "possible", "reachable"
RANK = {BLOCKED: 0, POSSIBLE: 1, REACHABLE: 2}
EITHER = " or "


def strongest(verdicts: Iterable[str]) -> str:
    return max(verdicts, key=RANK.__getitem__, default=BLOCKED)


def weakest(verdicts: Iterable[str]) -> str:
    return min(verdicts, key=RANK.__getitem__, default=BLOCKED)


def of_every_case(answers: Iterable[bool]) -> str:
    """Delivered in every case, in some, or in none."""
    seen = set()
    for answer in answers:
        seen.add(answer)
        if len(seen) == 2:
            return POSSIBLE
    return REACHABLE if seen == {True} else BLOCKED


def either(verdicts: Iterable[str]) -> str:
    """`blocked`, or `blocked or possible` where several readings of the contract differ."""
    found = {option for verdict in verdicts for option in options(verdict)}
    return EITHER.join(sorted(found, key=RANK.__getitem__))


def options(answer: str) -> list[str]:
    return answer.split(EITHER)


def between(lowest: str, highest: str) -> str:
    """Any verdict from the lowest of the one answer to the highest of the other."""
    low, high = RANK[weakest(options(lowest))], RANK[strongest(options(highest))]
    return either(verdict for verdict, rank in RANK.items() if low <= rank <= high)
