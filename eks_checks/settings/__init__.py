"""The configuration: what it says, and how its file is read."""

from eks_checks.settings.model import FILE_NAME, PROFILES, CheckSetting, RequiredTag, Settings
from eks_checks.settings.reading import parse

__all__ = ["FILE_NAME", "PROFILES", "CheckSetting", "RequiredTag", "Settings", "parse"]
