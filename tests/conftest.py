"""Hypothesis profiles, chosen by HYPOTHESIS_PROFILE; tests whose library is not there are left out."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution

from hypothesis import HealthCheck, settings

# The same examples in every run: a red run is red again. `make fuzz` draws new ones.
settings.register_profile(
    "default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("default"), max_examples=15)
settings.register_profile(
    "fuzz", deadline=None, max_examples=5000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


# By distribution, not by import: Checkov brings a package `hcl2` of its own.
_NEEDS = {"checkov": "checkov", "hcl2": "python-hcl2"}
collect_ignore = [folder for folder, needed in _NEEDS.items() if not _installed(needed)]
