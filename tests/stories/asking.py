"""Asks the tool about a fixture, as a user would."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from eks_checks import analysis
from eks_checks.findings import Report
from eks_checks.reach.answer import Answer, Source
from eks_checks.reach.engine import Question
from eks_checks.reports import ReachReport
from eks_checks.settings import FILE_NAME, Settings, parse
from tests.source_tree import ROOT
from tests.stories.truths import Said, Target

FIXTURES = ROOT / "tests" / "fixtures"
FAMILIES = ("stories", "checkov-blind-spots", "handmade-echo", "node-kinds")


def cases(family: str) -> list[str]:
    """The cases of one family that have a plan."""
    return sorted(path.parent.name for path in (FIXTURES / family).glob("*/plan.json"))


@cache
def inputs(path: Path) -> analysis.Inputs:
    """One document, read once."""
    return analysis.load([str(path)])


@cache
def reach(path: Path, question: Question | None = None) -> ReachReport:
    """Who reaches the nodes' port 22, unless something else is asked."""
    return analysis.reach(inputs(path), question or Question())


def scan(path: Path, settings: Settings | None = None) -> Report:
    """The findings, under the configuration beside the plan unless one is given."""
    return analysis.scan(inputs(path), settings if settings is not None else settings_beside(path))


def settings_beside(path: Path) -> Settings:
    """The ``.eks-checks.yaml`` beside the plan, or the defaults."""
    file = path.parent / FILE_NAME
    if not file.is_file():
        return Settings()
    return parse(file.read_text(encoding="utf-8"), file=str(file), checks=analysis.check_parameters)


def as_told(answer: Answer) -> Target:
    """An answer in the words of the tables."""
    return Target(
        answer.resource,
        answer.subnet,
        frozenset(_said(source) for source in answer.sources),
        frozenset((group.resource, group.role) for group in answer.groups if group.certain),
        answer.family,
        frozenset((cidr, source.missing) for source in answer.latent for cidr in source.cidrs or ()),
    )


def _said(source: Source) -> Said:
    where = source.subnet if source.has_subnet else source.cidrs or source.cidrs_of
    return Said(source.scope, source.resource, where, source.verdict.value)
