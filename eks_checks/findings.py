"""Findings: what a check says of a resource, with its evidence as data."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass

from eks_checks.aws.estate import Coverage
from eks_checks.location import SourceSpan
from eks_checks.naming import UNSHARED, Names


class Severity(enum.IntEnum):
    """How bad a finding is; ordered, so that they compare."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The contract's lower-case word."""
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Severity:
        """The severity named ``text``, in any case. Raises ValueError for another word."""
        try:
            return cls[text.upper()]
        except KeyError:
            raise ValueError(f"unknown severity {text!r}") from None

    def lowered(self, steps: int = 1) -> Severity:
        """This severity, ``steps`` steps lower, never under INFO."""
        return Severity(max(0, self - steps))


class Status(enum.Enum):
    """A finding's status in the contract's words."""

    FAIL = "fail"
    POSSIBLE = "possible"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Evidence:
    """One fact behind a finding: the resource that holds the rule or attribute, and what it says.

    ``attribute`` is what it is about (``vpc_config[0].subnet_ids``; empty: the resource as a whole). A check
    that does not know the ``location`` leaves it to be found by that. ``rule`` is the rule, route or entry
    itself, without what it does here (empty: the evidence is none): findings with one rule have one cause.
    """

    resource: str
    text: str
    location: SourceSpan | None = None
    attribute: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Finding:
    """One finding per (check, resource); several causes are its evidence.

    ``fingerprint`` names it across runs. ``change`` is ``new``, ``existing`` or ``unknown`` against the
    plan's prior state.
    """

    check_id: str
    name: str
    severity: Severity
    status: Status
    resource: str
    message: str
    evidence: tuple[Evidence, ...]
    remediation: str
    fingerprint: str
    location: SourceSpan | None = None
    change: str = "unknown"

    @property
    def module_calls(self) -> tuple[Evidence, ...]:
        """The module calls that lead to what the finding and its evidence name, as evidence: each once."""
        spans = (self.location, *(item.location for item in self.evidence))
        calls = dict.fromkeys(call for span in spans if span is not None for call in span.called_at)
        return tuple(
            Evidence(call.module, "the module is called here", SourceSpan(call.file, call.line, call.line))
            for call in calls
        )

    @property
    def sort_key(self) -> tuple[int, str, str]:
        """Severity first (worst first), then check, then address: the contract's order."""
        return (-self.severity, self.check_id, self.resource)


@dataclass(frozen=True)
class CheckRun:
    """What one check looked at: resources it passed; ``not_applicable`` where it found nothing to judge."""

    check_id: str
    passed: tuple[str, ...]
    not_applicable: bool


@dataclass(frozen=True)
class InputSummary:
    """One input as the report names it."""

    path: str
    kind: str
    terraform_version: str
    resources: int


@dataclass(frozen=True)
class Report:
    """All findings over one world. ``names`` tells addresses and inputs where inputs share an address."""

    inputs: tuple[InputSummary, ...]
    findings: tuple[Finding, ...]
    checks: tuple[CheckRun, ...]
    coverage: Coverage
    notices: tuple[str, ...] = ()
    names: Names = UNSHARED

    def count(self, status: Status) -> int:
        """How many findings have ``status``."""
        return sum(1 for finding in self.findings if finding.status is status)

    def by_severity(self) -> dict[str, int]:
        """Severity word to number of findings that fail, worst first; every severity is present."""
        failed = [f.severity for f in self.findings if f.status is Status.FAIL]
        return {severity.label: failed.count(severity) for severity in sorted(Severity, reverse=True)}


def fingerprint(check_id: str, resource: str) -> str:
    """A stable name of the finding: depends on nothing that moving or reordering lines changes."""
    return hashlib.sha256(f"{check_id}\n{resource}".encode()).hexdigest()[:32]
