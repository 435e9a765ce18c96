"""What a check is: an id, a name, a severity and a predicate over a View."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from eks_checks.aws.estate import Estate
from eks_checks.findings import Evidence, Severity
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Answer
from eks_checks.reach.engine import Question, Reachability
from eks_checks.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """What a check says of one resource: ``verdict`` is ``pass``, ``fail`` or ``possible``.

    ``severity`` overrides the check's own (a missing listener lowers it); the message then says why.
    """

    resource: str
    verdict: str
    message: str = ""
    evidence: tuple[Evidence, ...] = ()
    remediation: str = ""
    severity: Severity | None = None
    location: SourceSpan | None = None


Predicate: TypeAlias = Callable[["View"], Iterator[Outcome]]


@dataclass(frozen=True)
class Check:
    """One entry of the catalogue. ``run`` yields one Outcome per resource it judged, in any order.

    ``summary`` is one line for the catalogue; ``resource_types`` are the Terraform types that a
    finding's resource may have (Checkov asks for them). ``parameters`` names the settings that may be given
    for this check alone, as ``checks: {ID: {NAME: ...}}``.
    """

    id: str
    name: str
    severity: Severity
    summary: str
    resource_types: tuple[str, ...]
    run: Predicate
    parameters: tuple[str, ...] = ()


def check(
    id: str,
    name: str,
    severity: Severity,
    summary: str,
    resource_types: tuple[str, ...],
    parameters: tuple[str, ...] = (),
) -> Callable[[Predicate], Check]:
    """Decorator: turn a predicate into a Check."""

    def wrap(run: Predicate) -> Check:
        return Check(id, name, severity, summary, resource_types, run, parameters)

    return wrap


@dataclass(frozen=True)
class View:
    """All that a check may look at: the estate, the settings, and who reaches what.

    ``asked`` keeps the answers that several checks ask for. ``brief`` says that verdicts and severities alone
    count, so that nothing need be worked out just to be told.
    """

    estate: Estate
    reachability: Reachability
    settings: Settings
    brief: bool = False
    asked: dict[Question, tuple[Answer, ...]] = field(default_factory=dict, compare=False)

    def of(self, check: Check) -> View:
        """The same, with the settings as this check sees them; answers are shared."""
        return replace(self, settings=self.settings.for_check(check.id))

    def is_bastion(self, resource: str, cidrs: Iterable[str] = ()) -> bool:
        """Whether a source is a declared bastion, see ``Settings.is_bastion``."""
        return any(self.settings.is_bastion(name, cidrs) for name in self.estate.names.spellings(resource))

    @property
    def ssh(self) -> tuple[Answer, ...]:
        """Who reaches the nodes' tcp 22: one Answer per (resource, subnet, family), with paths."""
        return self.answers(Question(ports=(22, 22), explain=True))

    def answers(self, question: Question) -> tuple[Answer, ...]:
        """The engine's answers to ``question``, asked once."""
        if question not in self.asked:
            self.asked[question] = self.reachability.answers(question)
        return self.asked[question]
