"""The checks' pages, as `explain` prints them."""

from importlib.resources import files
from pathlib import Path

REPOSITORY_DOCS = Path(__file__).resolve().parents[2] / "docs"

COMPANIONS = {"EKS603": "node-groups"}
"""The page of docs/ that belongs to a check's own, by the check's id: it is printed below that."""


def page(check_id: str) -> str:
    """The page of one check, and below it the page of docs/ that it points to, where there is one."""
    own = _text(f"{check_id}.md", REPOSITORY_DOCS / "checks")
    companion = COMPANIONS.get(check_id)
    return own if companion is None else f"{own}\n{_text(f'{companion}.md', REPOSITORY_DOCS)}"


def _text(name: str, folder: Path) -> str:
    """A page of the installed package or, where that is a work tree, of its folder there."""
    packaged = files("eks_checks") / "pages" / name
    source = packaged if packaged.is_file() else folder / name
    return source.read_text(encoding="utf-8")
