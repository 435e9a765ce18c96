"""Checkov's door: our checks under our ids, one analysis per plan, and never a pass by accident.

Checkov runs this file as a top-level module, in every runner it starts: nothing heavy may be
imported here but Checkov itself. It takes a check that raises for one that passes, so
whatever goes wrong in our analysis becomes FAILED with the reason.
"""

from __future__ import annotations

import functools
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from eks_checks.errors import EksChecksError
from eks_checks.render import words
from eks_checks.render.page import visible

if TYPE_CHECKING:
    from eks_checks.checks.check import Check
    from eks_checks.findings import Finding

STRICT = "EKS_CHECKS_STRICT"
GUIDE = "eks-checks explain {}"
_CATEGORIES = {
    "EKS5": CheckCategories.IAM,
    "EKS6": CheckCategories.GENERAL_SECURITY,
    "EKS7": CheckCategories.CONVENTION,
}
"""By family; all others are about the network."""


@dataclass(frozen=True)
class Analysed:
    """One plan's answers, by (check id, resource address); ``failure`` is why there are none."""

    findings: dict[tuple[str, str], Finding]
    passed: frozenset[tuple[str, str]]
    strict: bool
    failure: str = ""


class PlanCheck(BaseResourceCheck):
    """One check of ours, as Checkov asks for it: resource by resource."""

    def __init__(self, check: Check) -> None:
        """Register with Checkov under the check's own id."""
        super().__init__(
            name=check.name,
            id=check.id,
            categories=[_CATEGORIES.get(check.id[:4], CheckCategories.NETWORKING)],
            supported_resources=list(check.resource_types),
            guideline=GUIDE.format(check.id),
        )
        self.severity = Severities[check.severity.label.upper()]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        """FAILED for a finding, PASSED for what was judged and found good, else UNKNOWN (not listed)."""
        if "__change_actions__" not in conf:  # not a plan: Checkov's other Terraform frameworks
            return CheckResult.UNKNOWN
        result, details = answer(self.id, conf)
        # NOTE: Checkov shares this object between threads; a fresh list, set last, keeps lines unmixed.
        self.details = details
        return result


def answer(check_id: str, conf: dict[str, Any]) -> tuple[CheckResult, list[str]]:
    """What we say of one resource, with the lines that say why."""
    try:
        path, address = conf["__file__"][0], conf["__address__"]
        analysed = _analysed(path, os.stat(path).st_mtime_ns)
    except Exception as error:  # noqa: BLE001 - a front door: to Checkov, a check that raises has passed
        return CheckResult.FAILED, [f"eks-checks could not analyse the plan: {_reason(error)}"]
    if analysed.failure:
        return CheckResult.FAILED, [f"eks-checks could not analyse the plan: {analysed.failure}"]
    finding = analysed.findings.get((check_id, address))
    if finding is None:
        known = (check_id, address) in analysed.passed
        return (CheckResult.PASSED if known else CheckResult.UNKNOWN), []
    if finding.status.value == "possible" and not analysed.strict:
        _warn_of_possible(path)
        return CheckResult.PASSED, ["possible, not decided by the plan", *_lines(finding)]
    return CheckResult.FAILED, _lines(finding)


@functools.lru_cache(maxsize=16)
def _analysed(path: str, mtime_ns: int) -> Analysed:
    """Analyse the plan once, however many resources and checks ask; failures are kept as well."""
    from eks_checks import analysis

    try:
        place = Path(path)
        settings = analysis.configured(None, (place.parent, Path.cwd()))
        inputs = analysis.load([path])
        report = analysis.scan(inputs, settings)
        shown = {str(resource.address) for resource in inputs.world.resources()}
    except Exception as error:  # noqa: BLE001 - see `answer`
        return Analysed({}, frozenset(), strict=True, failure=_reason(error))
    for notice in inputs.world.source_notices:
        _warn(notice)
    _warn_of_hidden(path, [finding for finding in report.findings if finding.resource not in shown])
    return Analysed(
        findings={(finding.check_id, finding.resource): finding for finding in report.findings},
        passed=frozenset((run.check_id, resource) for run in report.checks for resource in run.passed),
        strict=settings.strict or os.environ.get(STRICT, "").lower() not in ("", "0", "false", "no"),
    )


@functools.lru_cache(maxsize=16)
def _warn_of_possible(path: str) -> None:
    """Say once for a plan that some of its passes are undecided: Checkov has no word for that."""
    text = f"{path}: some checks passed although the plan leaves them undecided"
    _warn(f"{text}; see their details, or set {STRICT}=1 to make them fail")


def _warn_of_hidden(path: str, findings: list[Finding]) -> None:
    """Checkov asks only about resources that the plan manages: what concerns others is said here."""
    named = sorted({f"{finding.check_id} {finding.resource}" for finding in findings})
    if named:
        text = f"{path}: Checkov does not list what the plan does not manage: {', '.join(named)}"
        _warn(f"{text}; see `eks-checks scan`")


def _warn(text: str) -> None:
    sys.stderr.write(f"eks-checks: {visible(text)}\n")


def _lines(finding: Finding) -> list[str]:
    # NOTE: what Checkov itself shows as a record's file and lines is the plan's, whatever a check says.
    place = [f"at {words.Places().spot(finding.location)}"] if finding.location else []
    places = words.Places(finding.location)
    evidence = (f"{item.resource}: {item.text}{places.told(item.location)}" for item in finding.evidence)
    fix = [f"fix: {finding.remediation}"] if finding.remediation else []
    lines = (f"{finding.severity.label}: {finding.message}", *place, *evidence, *fix)
    return [visible(line) for line in lines]


def _reason(error: Exception) -> str:
    if isinstance(error, EksChecksError):
        return str(error)
    return " ".join(f"internal fault, {type(error).__name__}: {error}".split())


def _register() -> None:
    from eks_checks.checks import CHECKS

    for check in CHECKS:
        PlanCheck(check)


_register()
