"""Which checks run: those selected and not ignored, less those that the configuration turns off."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from eks_checks.checks.check import Check
from eks_checks.errors import UsageError
from eks_checks.settings import Settings


def choose(
    checks: Sequence[Check], settings: Settings, select: Sequence[str], ignore: Sequence[str]
) -> tuple[Check, ...]:
    """The checks to run, in the catalogue's order. ``select`` and ``ignore`` hold ids or prefixes of ids.

    Selecting a check by its whole id runs it although the configuration turns it off. Raises
    UsageError for a prefix that no check has, and where nothing is left: running no check at
    all would look like a clean bill.
    """
    chosen = _named(checks, select, "--select") if select else {check.id for check in checks}
    ignored = _named(checks, ignore, "--ignore")
    asked_for = {prefix.upper() for prefix in select}
    on = {check.id for check in checks if settings.check(check.id).enabled or check.id in asked_for}
    left = tuple(check for check in checks if check.id in (chosen & on) - ignored)
    if not left:
        hint = "widen --select, or mend --ignore and the configuration"
        raise UsageError("no check is left to run", hint=hint)
    return left


def named(checks: Sequence[Check], name: str) -> Check:
    """The check with this id or name, in any case. UsageError where there is none."""
    for check in checks:
        if name.upper() == check.id or name.lower() == check.name:
            return check
    raise UsageError(f"no check is called {name!r}", hint=_hint(checks, name))


def _named(checks: Sequence[Check], prefixes: Sequence[str], option: str) -> set[str]:
    named: set[str] = set()
    for prefix in prefixes:
        ids = {check.id for check in checks if prefix and check.id.startswith(prefix.upper())}
        if not ids:
            raise UsageError(f"no check is called {prefix!r}", where=option, hint=_hint(checks, prefix))
        named |= ids
    return named


def _hint(checks: Sequence[Check], prefix: str) -> str:
    names = {name: check.id for check in checks for name in (check.id, check.name)}
    close = get_close_matches(prefix.upper(), names, n=1) or get_close_matches(prefix.lower(), names, n=1)
    meant = f"did you mean {names[close[0]]}? " if close else ""
    return f"{meant}`eks-checks checks` lists them"
