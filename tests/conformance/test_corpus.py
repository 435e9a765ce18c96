"""The corpus itself: every deciding fact is cited, no case says what another says, the page is up to date."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter

from tests.conformance.corpus import CORPUS, Asked, cases
from tests.source_tree import ROOT

NUMBERS = {"A": 27, "B": 20, "C": 20, "D": 9, "E": 13, "F": 7, "H": 8, "I": 12}
FACTS = {f"{letter}{number}" for letter, last in NUMBERS.items() for number in range(1, last + 1)}

CANNOT_DECIDE = {
    "A5": "about flows that exist already; the questions are about new ones",
    "A12": "traffic that no filter sees and no question asks about",
    "A13": "quotas: what exceeds them is not made",
    "B12": "as A12",
    "B15": "quotas",
    "E2": "what a later cluster update does",
    "E7": "arguments that exclude each other",
    "E8": "arguments that EKS refuses",
    "E9": "the hop limit of instance metadata",
    "E10": "an output, known after apply",
    "F5": "taints and labels: where pods run, not who reaches them",
    "F6": "what nodes need to reach, not who reaches them",
    "H3": "the hop limit of instance metadata",
    "I11": "Session Manager is no network path",
}


def test_every_fact_that_can_decide_is_cited() -> None:
    cited = {fact for case in cases() for fact in case.facts}
    assert sorted(FACTS - cited - set(CANNOT_DECIDE)) == []
    assert sorted(cited & set(CANNOT_DECIDE)) == []


def test_facts_beyond_those_sections_are_known_ones() -> None:
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| ([A-Z]\d+) \|", page, re.MULTILINE))
    assert {fact for case in cases() for fact in case.facts} <= known | FACTS


def test_there_are_enough_cases() -> None:
    assert len(cases()) >= 120


def test_no_two_cases_test_the_same() -> None:
    def question(asked: Asked) -> object:
        return asked.source, asked.family, asked.protocol, asked.port, asked.verdict

    said = Counter(
        (frozenset(case.facts), asks)
        for case in cases()
        for asks in {question(asked) for asked in case.questions}
    )
    assert [key for key, times in said.items() if times > 1] == []
    titles = Counter(case.title for case in cases())
    assert [title for title, times in titles.items() if times > 1] == []


def test_every_case_tells_its_reasons() -> None:
    for case in cases():
        text = (case.folder / "main.tf").read_text(encoding="utf-8")
        story = " ".join(re.match(r"(#.*\n)+", text)[0].split())  # type: ignore[index]
        assert [fact for fact in case.facts if not re.search(rf"\b{fact}\b", story)] == [], case.name
        questions = json.loads((case.folder / "case.json").read_text(encoding="utf-8"))["questions"]
        assert all(question["why"] for question in questions), case.name


def test_the_plans_are_terraforms() -> None:
    for case in cases():
        text = (case.folder / "plan.json").read_text(encoding="utf-8")
        assert text.count("\n") == 1, case.name
        assert json.loads(text)["terraform_version"].startswith("1.11."), case.name


def test_the_corpus_stays_small() -> None:
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 6_000_000


def test_the_page_is_what_the_cases_say() -> None:
    spec = importlib.util.spec_from_file_location(
        "conformance_table", ROOT / "tools" / "conformance_table.py"
    )
    assert spec is not None
    assert spec.loader is not None
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)
    assert set(table.cases()) == {case.name for case in cases()}
    assert (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8") == table.page()


def test_every_plan_has_been_put_to_checkov() -> None:
    record = json.loads((CORPUS / "checkov.json").read_text(encoding="utf-8"))
    assert sorted(record["failed"]) == [case.name for case in cases()]
