"""The catalogue of checks, and the settings in force, as text."""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.render.page import Page
from eks_checks.reports import CatalogueEntry


def page(entries: Iterable[CatalogueEntry]) -> Page:
    """One check a line: id, severity, name, summary."""
    made = Page()
    rows = tuple(entries)
    longest = max((len(row.name) for row in rows), default=0)
    for row in rows:
        severity = (f"{row.severity:<8}", row.severity)
        name = f"  {row.name:<{longest}}  "
        made.line((row.check_id, "resource"), "  ", severity, name, (row.summary, "faint"), hang=20 + longest)
    made.blank()
    made.line("`eks-checks explain ID` says what a check means, why it matters and how to mend it.")
    return made


def settings_page(file: str, entries: Iterable[tuple[str, str, str]]) -> Page:
    """The configuration in force: every setting, its value, and where it was set."""
    made = Page()
    made.line(
        ("Configuration: ", "heading"), file or "no .eks-checks.yaml found; everything is at its default"
    )
    made.blank()
    for key, value, origin in entries:
        made.line((key, "resource"), f": {value}", (f"  ({origin})", "faint"), indent=2, hang=4)
    return made
