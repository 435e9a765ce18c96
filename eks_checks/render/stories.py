"""Findings as stories: one cause is told once, with all the places where it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eks_checks.findings import Finding, Status
from eks_checks.render import alike


@dataclass(frozen=True)
class Story:
    """Findings of one check that have one cause, in the report's order; the first is told in full."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that stands for all."""
        return self.findings[0]

    @property
    def same_words(self) -> bool:
        """Whether the same is said of every place, but for its name."""
        return len({alike.plain(each.message, each.resource) for each in self.findings}) == 1


def stories(findings: Sequence[Finding], *, apart: bool = False) -> list[Story]:
    """The stories of a report, in the order of their first findings; ``apart``: each finding is its own."""
    if apart:
        return [Story((finding,)) for finding in findings]
    return [Story(tuple(group)) for group in alike.gathered(findings, _cause).values()]


def _cause(finding: Finding) -> tuple[object, ...]:
    """What findings share that are one story: the check, how bad, and the rules or attributes that decide.

    Where the cause lies in the finding's own resource, that is all that is said of it but for its name.
    """
    about = (finding.check_id, finding.severity, finding.status, finding.change)
    open_ = finding.status is Status.POSSIBLE
    rules = frozenset((each.resource, each.rule) for each in finding.evidence if each.rule)
    deciding = frozenset((each.resource, each.attribute) for each in finding.evidence if open_)
    if rules and finding.resource not in {resource for resource, _ in rules | deciding}:
        return (*about, rules, deciding)
    return (*about, *_words(finding))


def _words(finding: Finding) -> tuple[object, ...]:
    """What the finding says without its resource's name and place, and without instance keys."""
    it = finding.resource
    evidence = frozenset(
        (alike.plain(each.resource, it), alike.plain(each.text, it), each.resource != it and each.location)
        for each in finding.evidence
    )
    return (alike.plain(finding.message, it), alike.plain(finding.remediation, it), evidence)
