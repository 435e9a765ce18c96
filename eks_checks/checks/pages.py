"""The checks' pages, as `explain` prints them."""

from importlib.resources import files
from pathlib import Path

REPOSITORY_PAGES = Path(__file__).resolve().parents[2] / "docs" / "checks"


def page(check_id: str) -> str:
    """The page of one check, from the installed package or, where that is a work tree, from docs/checks/."""
    packaged = files("eks_checks") / "pages" / f"{check_id}.md"
    source = packaged if packaged.is_file() else REPOSITORY_PAGES / f"{check_id}.md"
    return source.read_text(encoding="utf-8")
