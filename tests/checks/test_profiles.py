"""Profiles: a starting point under the configuration, which always wins."""

from __future__ import annotations

import pytest

from eks_checks.analysis import check_parameters
from eks_checks.checks import CHECKS
from eks_checks.checks.profiles import PROFILES, in_force
from eks_checks.cli import options
from eks_checks.findings import Severity
from eks_checks.settings import PROFILES as NAMES
from eks_checks.settings import Settings, parse


def read(text: str) -> Settings:
    return in_force(parse(text, file="c.yaml", checks=check_parameters), CHECKS)


def on(settings: Settings) -> set[str]:
    return {check.id for check in CHECKS if settings.check(check.id).enabled}


def test_the_names_are_the_same_everywhere() -> None:
    assert tuple(PROFILES) == NAMES == options.PROFILES


def test_the_guide_changes_nothing() -> None:
    assert read("strict: false").checks == ()
    assert on(read("")) == {check.id for check in CHECKS}


def test_minimal_keeps_what_lets_somebody_in() -> None:
    settings = read("profile: minimal")
    assert on(settings) == {check.id for check in CHECKS if check.severity >= Severity.HIGH}
    assert not settings.strict


def test_a_check_that_the_configuration_mentions_is_on() -> None:
    settings = read("profile: minimal\nchecks: {EKS205: {severity: high}, EKS201: off}")
    assert settings.check("EKS205").enabled
    assert settings.check("EKS205").severity == "high"
    assert not settings.check("EKS201").enabled


def test_hardened_is_strict_and_rates_higher() -> None:
    settings = read("profile: hardened")
    assert settings.strict
    assert ("strict", "profile hardened") in settings.origins
    assert on(settings) == {check.id for check in CHECKS}


def test_what_the_configuration_does_not_say_of_a_check_is_the_profiles() -> None:
    settings = read(
        "profile: hardened\nchecks: {EKS202: low, EKS303: {severity: medium}}".replace("low", "on")
    )
    assert settings.check("EKS202").severity == "high"
    assert settings.check("EKS303").severity == "medium"
    assert settings.for_check("EKS303").ports == (22, 10250)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_never_rates_lower_than_a_check_itself(profile: str) -> None:
    own = {check.id: check.severity for check in CHECKS}
    for check_id, setting in PROFILES[profile].checks.items():
        if check_id in own and setting.severity:
            assert Severity.parse(setting.severity) >= own[check_id]
