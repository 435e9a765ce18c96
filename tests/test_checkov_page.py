"""``docs/checkov.md`` against the data behind ``eks-checks checkov-config``."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.checkov_builtin import REPLACED, TOPICS, Builtin
from eks_checks.checks import CHECKS
from tests.checks.test_catalogue import CONTRACT
from tests.source_tree import ROOT

PAGE = (ROOT / "docs" / "checkov.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[str]:
    """The rows of the table under a heading, without its head."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("| ")][1:]


def test_the_sections() -> None:
    told = [
        f"| {topic.section} | {topic.about} | {', '.join(topic.ours) or '-'} "
        f"| {', '.join(one.id for one in topic.builtin) or '-'} |"
        for topic in TOPICS
    ]
    assert rows("Who checks what") == told


def test_the_names() -> None:
    assert rows("The built-in checks") == [f"| {one.id} | {one.name} |" for one in chosen()]


def test_what_is_left_out() -> None:
    told = [
        f"| {one.builtin.id} | {one.builtin.name} | {', '.join(one.by)} | {one.why} |" for one in REPLACED
    ]
    assert rows("Left out") == told


def test_every_check_of_ours_has_its_section() -> None:
    ours = {check_id for topic in TOPICS for check_id in topic.ours}
    assert {check.id for check in CHECKS} <= ours
    assert ours <= set(CONTRACT)
    assert {check_id for one in REPLACED for check_id in one.by} <= ours


def test_nothing_is_both_chosen_and_left_out() -> None:
    ids = [one.id for one in chosen()]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {one.builtin.id for one in REPLACED}


def chosen() -> Iterator[Builtin]:
    for topic in TOPICS:
        yield from topic.builtin
