"""Profiles: which checks are on, at which severity and with which parameters, before the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from eks_checks.checks.check import Check
from eks_checks.findings import Severity
from eks_checks.settings import CheckSetting, Settings


@dataclass(frozen=True)
class Profile:
    """A starting point for the configuration.

    ``least`` is the lowest default severity of a check that is on. ``checks`` maps an id to what is different
    for it. With ``strict``, findings that are only possible count as well.
    """

    meant_for: str
    least: Severity = Severity.INFO
    checks: Mapping[str, CheckSetting] = field(default_factory=dict)
    strict: bool = False


def _rated(severity: str, *ids: str) -> dict[str, CheckSetting]:
    return dict.fromkeys(ids, CheckSetting(severity=severity))


PROFILES: dict[str, Profile] = {
    "guide": Profile("Everything the guide recommends, each check at its own severity."),
    "hardened": Profile(
        "The same for a cluster that must stand an intruder in a pod: what lets pods or neighbours go on "
        "counts as high, what was a precaution as medium, the kubelet's port is asked of like 22, and what "
        "cannot be proven counts.",
        checks={
            # A pod that is taken over reaches the nodes, or becomes them.
            **_rated("high", "EKS202", "EKS203", "EKS302", "EKS307", "EKS308", "EKS601", "EKS602"),
            # No second line of defence, or nobody would see the intruder.
            **_rated("medium", "EKS205", "EKS208", "EKS304", "EKS401", "EKS504", "EKS604", "EKS704"),
            # Whoever administers by the config map is in no access log of AWS.
            **_rated("high", "EKS501", "EKS502", "EKS506"),
            "EKS303": CheckSetting(parameters=(("ports", (22, 10250)),)),
        },
        strict=True,
    ),
    "minimal": Profile("Only what lets somebody in: the checks that are high or critical.", Severity.HIGH),
}
"""Name to profile; the names are those of ``settings.PROFILES``."""


def in_force(settings: Settings, checks: Iterable[Check]) -> Settings:
    """The settings with their profile beneath them: what the configuration says of a check stays.

    A check that the configuration mentions at all is on unless it turns it off; what it does not say of it
    is the profile's.
    """
    profile = PROFILES[settings.profile]
    known = {check.id: check for check in checks}
    found = {check_id: profile.checks[check_id] for check_id in known if check_id in profile.checks}
    found |= {c.id: CheckSetting(enabled=False) for c in known.values() if c.severity < profile.least}
    for check_id, own in settings.checks:
        found[check_id] = _over(found.get(check_id, CheckSetting()), own)
    told = replace(settings, checks=tuple(sorted(found.items())))
    return told.made_strict(f"profile {settings.profile}") if profile.strict and not told.strict else told


def _over(base: CheckSetting, own: CheckSetting) -> CheckSetting:
    parameters = tuple(sorted({**dict(base.parameters), **dict(own.parameters)}.items()))
    return CheckSetting(own.enabled, own.severity or base.severity, parameters)
