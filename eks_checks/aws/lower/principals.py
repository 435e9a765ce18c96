"""IAM principals that values name: roles and users of the inputs, ARNs, and what is known of others."""

from __future__ import annotations

import re

from eks_checks.aws.access import Principal
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.context import Lowering
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import (
    Choice,
    Known,
    Reference,
    Unknown,
    Value,
    alternatives,
    scalar,
    unknowns,
)

_TYPES = {"aws_iam_role": "role", "aws_iam_user": "user"}
_KINDS = (
    (re.compile(r":iam::[^:]*:root$"), "root"),
    (re.compile(r":(iam::[^:]*:role/|sts::[^:]*:assumed-role/)"), "role"),
    (re.compile(r":(iam::[^:]*:user/|sts::[^:]*:federated-user/)"), "user"),
)
_ARN = re.compile(r"arn:[^:]*:iam::(?P<account>[^:]*):(?P<kind>role|user)/(?:.*/)?(?P<name>[^/]+)$")
_GAP = "\ue002"


def principal_of(run: Lowering, value: Value, resource: str, attribute: str, hint: str = "") -> Principal:
    """The principal that ``value``, at an attribute, names; ``hint`` is its kind where that does not tell."""
    options = alternatives(value)
    found = [_option(run, option) for option in options]
    kinds = {one.kind or hint for one in found}
    kind = kinds.pop() if len(kinds) == 1 else ""
    if len(found) == 1 and (found[0].name or found[0].tail) and kind:
        return Principal(kind, *_spelled(found[0]), found[0].arn, found[0].tail)
    causes = (Cause(resource, attribute, _reason(value)),)
    if len(found) == 1:
        return Principal(kind, *_spelled(found[0]), found[0].arn, found[0].tail, causes)
    return Principal(kind, causes=causes)


def account_of(value: Value, resource: str, attribute: str) -> Principal:
    """Everybody in an account."""
    known = scalar(value)
    if known is None:
        return Principal("account", causes=(Cause(resource, attribute, _reason(value)),))
    number = str(known).zfill(12) if isinstance(known, int) else str(known)
    return Principal("account", f"account {number}", (number,), number)


def _spelled(one: Principal) -> tuple[str, tuple[str, ...]]:
    return one.name, one.names


def _option(run: Lowering, value: Value) -> Principal:
    if isinstance(value, Known):
        return _of_arn(run, str(value.value)) if value.value is not None else Principal("")
    if isinstance(value, Reference):
        return _of_reference(run, value)
    return _of_parts(run, value.parts) if isinstance(value, Unknown) and value.parts else Principal("")


def _of_arn(run: Lowering, arn: str) -> Principal:
    """By its ARN; a role or user of the inputs that has it goes by its address too.

    NOTE: aws-auth wants the ARNs of roles without their path, so the path does not count here.
    """
    owner = _by_arn(run).get(_pathless(arn))
    names = (arn,) if owner is None else (owner.key, *_plain(owner), arn)
    return Principal(_kind(arn), names[0], names, arn, arn.rpartition("/")[2])


def _of_reference(run: Lowering, value: Reference) -> Principal:
    target = run.world.target(value)
    if target is None:
        return Principal("")
    kind = _TYPES.get(target.type, "")
    known = scalar(target.value(*value.path)) if value.path else None
    if kind and value.path[-1:] in ((), ("arn",), ("id",), ("name",)):
        return _of_resource(target, kind)
    if isinstance(known, str) and known.startswith("arn:"):
        return _of_arn(run, known)
    # What a data source will find is known by the address of the data source alone.
    return Principal("", str(value), (str(value), target.key))


def _of_resource(target: Resource, kind: str) -> Principal:
    arn, name = scalar(target.value("arn")), scalar(target.value("name"))
    names = (target.key, *_plain(target), *((arn,) if isinstance(arn, str) else ()))
    return Principal(kind, target.key, names, arn if isinstance(arn, str) else "", str(name or ""))


def _of_parts(run: Lowering, parts: tuple[Value, ...]) -> Principal:
    """By an ARN of which parts are known: ``arn:aws:iam::${account}:role/${role.name}``."""
    text = "".join(str(part.value) if isinstance(part, Known) else _GAP for part in parts)
    kind = _kind(text.replace(_GAP, "0"))
    last = parts[-1]
    target = run.world.target(last) if isinstance(last, Reference) else None
    if target is not None and _TYPES.get(target.type) == kind:
        return _of_resource(target, kind)
    tail = text.rpartition("/")[2] if _GAP not in text.rpartition("/")[2] else ""
    shown = text.replace(_GAP, "...")
    return Principal(kind, shown, (shown,), "", tail)


def _kind(arn: str) -> str:
    return next((kind for pattern, kind in _KINDS if pattern.search(arn)), "")


def _by_arn(run: Lowering) -> dict[str, Resource]:
    def index() -> dict[str, Resource]:
        known = (*run.world.data(*_TYPES), *run.world.resources(*_TYPES))
        arns = ((scalar(one.value("arn")), one) for one in known)
        return {_pathless(arn): one for arn, one in arns if isinstance(arn, str) and arn}

    return run.cached("principals by ARN", index)


def _pathless(arn: str) -> str:
    found = _ARN.match(arn)
    return f"{found['account']}:{found['kind']}/{found['name']}" if found else arn


def _plain(resource: Resource) -> tuple[str, ...]:
    address = str(resource.address)
    return (address,) if address != resource.key else ()


def _reason(value: Value) -> str:
    if isinstance(value, Reference):
        return f"{value} is known after apply"
    if isinstance(value, Choice):
        return "it is one of several"
    return next((unknown.reason for unknown in unknowns(value)), "it names no principal of IAM")
