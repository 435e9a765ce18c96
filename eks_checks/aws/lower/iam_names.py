"""Which role, policy or profile a text names: by name, by ARN, or by an ARN put together from its parts."""

from __future__ import annotations

import re

from eks_checks.aws.iam_documents import GAP
from eks_checks.aws.knowledge import Cause, Pointer, pointer
from eks_checks.aws.lower.context import Lowering
from eks_checks.terraform.text import text_of
from eks_checks.terraform.value import Known, Reference, Unknown, Value, alternatives, scalar

CALLER = "aws_caller_identity"
_ARN = re.compile(f"arn:[^:]*:iam::([0-9{GAP}]*):[a-z-]+/(?:[^{GAP}]*/)?([^/]+)", re.DOTALL)


def iam_link(run: Lowering, value: Value, kind: str, at: str, attribute: str) -> Pointer:
    """The object of ``kind`` that ``value`` names.

    NOTE: names of roles, policies, users and profiles are unique in an account, whatever their path. So an
    ARN of the caller's own account means the resource of the inputs with that name.
    """
    found = run.identity.find(value, kind, at, attribute)
    options = alternatives(value)
    if len(options) != 1 or any(run.world.get(key) is not None for key in found.keys):
        return found
    parts = _parts(options[0])
    arn = _ARN.fullmatch("".join(GAP if not isinstance(part, Known) else str(part.value) for part in parts))
    if arn is None:
        return found
    mine = run.identity.find(_last(parts), kind, at, attribute).exact
    resource = None if mine is None else run.world.get(mine)
    if mine is None or resource is None or isinstance(resource.value("arn"), Known):
        return found
    if _own_account(run, parts, arn[1]):
        return Pointer((mine,))
    why = Cause(at, attribute, "whether its account is the caller's is not told")
    return pointer({mine, *found.keys}, open_=True, causes=(why,))


def _parts(value: Value) -> tuple[Value, ...]:
    return value.parts if isinstance(value, Unknown) and value.parts else (value,)


def _last(parts: tuple[Value, ...]) -> Value:
    """What stands behind the last slash."""
    tail: list[Value] = []
    for part in reversed(parts):
        text = str(part.value) if isinstance(part, Known) else ""
        if "/" in text:
            tail.append(Known(text.rpartition("/")[2]))
            break
        tail.append(part)
    return text_of(reversed(tail))


def _own_account(run: Lowering, parts: tuple[Value, ...], account: str) -> bool:
    """Whether an ARN's account is the one that the provider acts in."""
    if account == GAP:
        gaps = [part for part in parts if not isinstance(part, Known)]
        return any(isinstance(gap, Reference) and gap.resource.type == CALLER for gap in gaps)
    callers = run.world.data(CALLER)
    return bool(account) and account in {scalar(caller.value("account_id")) for caller in callers}
