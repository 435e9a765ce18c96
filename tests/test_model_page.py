"""Every fact that the code or a check's page cites by id stands in ``docs/model.md``."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FACT = re.compile(r"\b[A-N]\d{1,2}\b")
CITED_IN = (*sorted((ROOT / "eks_checks").rglob("*.py")), *sorted((ROOT / "docs" / "checks").glob("*.md")))


def _told() -> set[str]:
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| ([A-N]\d{1,2}) \|", page, flags=re.MULTILINE))


def test_the_page_tells_facts() -> None:
    assert len(_told()) > 120


def test_every_cited_fact_is_told() -> None:
    told = _told()
    missing = {
        f"{path.relative_to(ROOT)}: {fact}"
        for path in CITED_IN
        for fact in FACT.findall(path.read_text(encoding="utf-8"))
        if fact not in told
    }
    assert not missing, sorted(missing)
