"""Words that several layers say alike."""

from __future__ import annotations

from collections.abc import Iterable


def named(names: Iterable[str]) -> str:
    """Names in their order, each once."""
    return ", ".join(dict.fromkeys(name for name in names if name))


def role(kind: str) -> str:
    """What a group of the kind is called before the resource that owns it."""
    return {
        "cluster": "the cluster security group of",
        "remote_access": "the remote-access group of",
        "default": "the default group of",
        "external": "the unmanaged group",
    }.get(kind, "security group")
