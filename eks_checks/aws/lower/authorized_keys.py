"""Whether user data puts SSH keys onto its instance by itself, without a key pair."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any


def brings_keys(text: str) -> bool | None:
    """Whether a script, a cloud-config or Bottlerocket's settings bring keys; None where that is not told."""
    if _CLOUD_CONFIG.search(text) or _WRITES.search(text):
        return True
    admin = _of_admin(text)
    if admin is not False:
        return admin
    mentions = [line for line in text.splitlines() if "authorized_keys" in line]
    return None if any(not _HARMLESS.match(line) for line in mentions) else False


def _of_admin(text: str) -> bool | None:
    """Whether the user data of Bottlerocket's admin container names keys: JSON, in base 64."""
    section = _ADMIN.search(text)
    if section is None:
        return False
    try:
        settings: Any = json.loads(base64.b64decode(section["data"], validate=True))
    except (binascii.Error, ValueError):
        return None  # most often since a part of it is known after apply only
    ssh = settings.get("ssh") if isinstance(settings, dict) else None
    keys = ssh.get("authorized-keys") or ssh.get("authorized_keys") if isinstance(ssh, dict) else None
    return bool(keys)


_CLOUD_CONFIG = re.compile(
    r"^\s*-?\s*(?:ssh[_-]authorized[_-]keys|ssh[_-]import[_-]id):[ \t]*(?:\[[ \t]*[^\]\s]|\n\s*-[ \t]*\S)",
    re.MULTILINE,
)
_WRITES = re.compile(
    r"^[^#\n]*(?:>>?|\btee\b)[^|;&\n]*\bauthorized_keys\b",
    re.MULTILINE,
)
_HARMLESS = re.compile(
    r"\s*(?:#|(?:sudo\s+)?(?:rm|chmod|chown|chcon|restorecon|touch|mkdir|truncate)\b|\S+:\s*\[\s*\]\s*$)"
)
_ADMIN = re.compile(
    r"^\s*\[settings\.host-containers\.admin\][^\[]*?^\s*user-data\s*=\s*\"(?P<data>[^\"]*)\"",
    re.MULTILINE | re.DOTALL,
)
