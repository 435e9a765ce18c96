"""``docs/model.md`` has every fact that is cited by id, and every resource type that may count."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from eks_checks.aws.attributes import NATURAL
from eks_checks.aws.lower.services import PLACES
from eks_checks.aws.lower.unmodelled import EFFECTS

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


def _types() -> tuple[str, ...]:
    """The provider's types that speak of networks, and those that the code has a table for."""
    listed = (ROOT / "tests" / "fixtures" / "network-types.txt").read_text(encoding="utf-8").splitlines()
    provider = {line for line in listed if not line.startswith("#")}
    return tuple(sorted(provider | set(PLACES) | set(EFFECTS) | {t for t in NATURAL if t.startswith("aws_")}))


def test_every_type_that_speaks_of_networks_is_told() -> None:
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(aws_[a-z0-9_*]+)", page))
    named |= {name.replace("aws_lb", "aws_alb") for name in named}
    missing = [type_ for type_ in _types() if not any(fnmatch(type_, name) for name in named)]
    assert not missing
    assert len(_types()) > 380
