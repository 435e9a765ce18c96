"""Phrases that several text reports share."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from eks_checks.location import SourceSpan
from eks_checks.render.page import Page
from eks_checks.reports import Coverage, Unresolved

_ASSUMED = "taken to be"
"""How the reason of a link begins that an assumption settles: an answer may rest on it."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 check``, ``3 checks``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *front, last = words
    return f"{', '.join(front)} and {last}" if front else last


def place(span: SourceSpan | None) -> str:
    """`` (main.tf:12)``, or nothing; in a module with its calls, outermost first.

    `` (modules/nodes/main.tf:27, called at main.tf:3 -> modules/platform/main.tf:20)``
    """
    return Places().told(span)


class Places:
    """Places as they are told one after another: the way of calls to a module once, then by file and line."""

    def __init__(self, *told: SourceSpan | None) -> None:
        """``told`` has been told before, and is not told again."""
        self._told = set(told)
        self._ways = {(), *(span.called_at for span in told if span is not None)}

    def told(self, span: SourceSpan | None) -> str:
        """As ``place``; nothing for what was told at first."""
        return "" if span is None or span in self._told else f" ({self.spot(span)})"

    def spot(self, span: SourceSpan) -> str:
        """``main.tf:12``, and behind it the calls where they are new."""
        here = f"{span.file}:{span.line}"
        if span.called_at in self._ways:
            return here
        self._ways.add(span.called_at)
        return f"{here}, called at {' -> '.join(f'{call.file}:{call.line}' for call in span.called_at)}"


def coverage(
    page: Page, known: Coverage, *, verbose: bool, deciding: Collection[str], depends: str = "answer"
) -> None:
    """What the answer does not know or takes for granted: counted, or with ``verbose`` listed.

    ``deciding`` are the resources that hold an attribute on which an answer (or finding: ``depends``)
    depends: a link of another one is not resolved, but it does not matter.
    """
    open_ = [u for u in known.unresolved if u.resource in deciding or _matters(u)]
    settled = [u for u in known.unresolved if u not in open_]
    parts = {
        "not modelled": [f"{u.type} ({', '.join(u.resources)}): {u.effect}" for u in known.unmodelled],
        "not resolved": [f"{u.resource}.{u.attribute}: {u.reason}" for u in open_],
        f"not resolved but without effect on any {depends}": [
            f"{u.resource}.{u.attribute}: {u.reason}" for u in settled
        ],
        "taken for granted": [
            f"{a.subject}: {a.assumed}" + (f" [{a.fact}]" if a.fact else "") for a in known.assumptions
        ],
    }
    counts = [f"{len(items)} {what}" for what, items in parts.items() if items]
    if not counts:
        return
    page.blank()
    more = "" if verbose else " (--verbose lists them)"
    page.line(("Coverage: ", "heading"), f"{', '.join(counts)}{more}", hang=10)
    if not verbose:
        return
    for what, items in parts.items():
        if items:
            page.line((what, "faint"), indent=2)
        for item in items:
            page.line(f"- {item}", indent=4, hang=6)


def _matters(found: Unresolved) -> bool:
    """Whether an answer may rest on it whatever it names: an assumption, or a module that is not at hand."""
    module = found.resource.startswith("module.") and found.attribute == "source"
    return module or found.reason.startswith(_ASSUMED)


def notices(page: Page, texts: Iterable[str]) -> None:
    """Remarks on the inputs, one paragraph each."""
    for index, text in enumerate(texts):
        if index == 0:
            page.blank()
        page.line(("Note: ", "heading"), text, hang=6)
