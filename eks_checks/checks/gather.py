"""From what a check says of each resource to findings: one per (check, resource)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from eks_checks.checks.check import Check, Outcome
from eks_checks.findings import CheckRun, Evidence, Finding, Severity, Status, fingerprint
from eks_checks.location import Places, nowhere
from eks_checks.settings import Settings

_STATUS = {"fail": Status.FAIL, "possible": Status.POSSIBLE}
_RANK = {"fail": 0, "possible": 1, "pass": 2}


def gather(
    check: Check,
    outcomes: Iterable[Outcome],
    settings: Settings,
    previous: Mapping[str, str],
    places: Places = nowhere,
) -> tuple[tuple[Finding, ...], CheckRun]:
    """The findings of one check in order of their resource, and the record of what it passed.

    Several outcomes of one resource make one finding: the worst verdict and severity, all evidence.
    ``previous`` maps an address to the one before a ``moved`` block, which the fingerprint keeps to;
    ``places`` tells where that stands of which a check does not say it.
    """
    by_resource: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_resource.setdefault(outcome.resource, []).append(_placed(outcome, places))
    found, passed = [], []
    for resource, said in sorted(by_resource.items()):
        bad = sorted((o for o in said if o.verdict != "pass"), key=lambda o: _badness(check, o))
        if bad:
            found.append(_finding(check, bad, settings, previous.get(resource, resource)))
        else:
            passed.append(resource)
    return tuple(found), CheckRun(check.id, tuple(passed), not by_resource)


def _placed(outcome: Outcome, places: Places) -> Outcome:
    if outcome.verdict == "pass":
        return outcome
    told = (
        item if item.location else replace(item, location=places(item.resource, item.attribute))
        for item in outcome.evidence
    )
    location = outcome.location or places(outcome.resource, "")
    return replace(outcome, evidence=tuple(told), location=location)


def _badness(check: Check, outcome: Outcome) -> tuple[int, int]:
    return (_RANK[outcome.verdict], -_own_severity(check, outcome))


def _finding(check: Check, bad: Sequence[Outcome], settings: Settings, identity: str) -> Finding:
    worst = bad[0]
    return Finding(
        check_id=check.id,
        name=check.name,
        severity=_severity(check, worst, settings),
        status=_STATUS[worst.verdict],
        resource=worst.resource,
        message=worst.message,
        evidence=_evidence(bad),
        remediation=" ".join(dict.fromkeys(o.remediation for o in bad if o.remediation)),
        fingerprint=fingerprint(check.id, identity),
        location=next((o.location for o in bad if o.location), None),
    )


def _evidence(bad: Sequence[Outcome]) -> tuple[Evidence, ...]:
    """All evidence, worst outcome first, without doubles; another outcome's message opens its part."""
    united: dict[Evidence, None] = {}
    messages = {bad[0].message}
    for outcome in bad:
        if outcome.message and outcome.message not in messages:
            messages.add(outcome.message)
            united[Evidence(outcome.resource, outcome.message, outcome.location)] = None
        united.update(dict.fromkeys(outcome.evidence))
    return tuple(united)


def _own_severity(check: Check, outcome: Outcome) -> Severity:
    return check.severity if outcome.severity is None else outcome.severity


def _severity(check: Check, outcome: Outcome, settings: Settings) -> Severity:
    """The configured severity, lowered by as much as the check lowered its own; else the check's."""
    own = _own_severity(check, outcome)
    configured = settings.check(check.id).severity
    return Severity.parse(configured).lowered(max(0, check.severity - own)) if configured else own
