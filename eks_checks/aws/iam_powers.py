"""What makes a role powerful: administration, IAM itself, and what lies beyond a list of actions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from eks_checks.aws import iam_services
from eks_checks.aws.iam import AWS_MANAGED, Attached, Role
from eks_checks.aws.iam_documents import (
    Condition,
    Element,
    Pattern,
    Statement,
    both,
    either,
    narrowed,
)
from eks_checks.aws.knowledge import NO, YES, Truth

WIDE_POLICIES = {
    "AdministratorAccess": "every action on every resource",
    "PowerUserAccess": "every action but IAM's, organizations' and accounts'",
    "IAMFullAccess": "every action of IAM",
}
"""Policies that AWS keeps and that are wide, with what they allow."""

ESCALATING = (
    "iam:PassRole",
    "iam:AttachRolePolicy",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:PutGroupPolicy",
    "iam:AddUserToGroup",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "sts:AssumeRole",
)
"""Actions by which whoever may do them to any role or user takes any right there is."""

_ANY_OBJECT = re.compile("arn:[^:]*:(iam|sts|\\*)::[^:]*:(\\*|(role|user|group|policy)/\\*)")
_ABOUT_THE_CALL = ("aws:multifactorauth", "aws:requestedregion", "aws:securetransport", "aws:currenttime")
"""Starts of condition keys that say how or where one calls, and not what one may do."""


@dataclass(frozen=True)
class Power:
    """Something that a policy of a role allows. ``statement`` is None for a policy that AWS keeps.

    ``text`` says in words what it allows, ``truth`` whether the role really may.
    """

    attached: Attached
    statement: Statement | None
    text: str
    truth: Truth


def wide_powers(role: Role) -> Iterator[Power]:
    """Administration, and rights over IAM that lead there."""
    for attached in role.policies:
        if attached.policy.kind == AWS_MANAGED:
            text = WIDE_POLICIES.get(attached.policy.name)
            if text is not None:
                yield Power(attached, None, text, _there(attached))
            continue
        for statement in attached.policy.document.statements:
            text, truth = _wide(role, statement)
            if truth.possibly:
                yield Power(attached, statement, text, both(_there(attached), truth))


def other_policies(role: Role, allowed: Collection[str]) -> Iterator[Power]:
    """The policies that AWS keeps and ``allowed`` does not name."""
    for attached in role.policies:
        name = attached.policy.name
        if attached.policy.kind == AWS_MANAGED and name not in allowed:
            yield Power(attached, None, WIDE_POLICIES.get(name, ""), _there(attached))


def powers_beyond(role: Role, allowed: Element) -> Iterator[Power]:
    """What statements of the role's own policies allow beyond listing and the actions of ``allowed``."""
    for attached in role.policies:
        if attached.policy.kind == AWS_MANAGED:
            continue
        for statement in attached.policy.document.statements:
            text, truth = _beyond(role, statement, allowed)
            if truth.possibly:
                yield Power(attached, statement, text, both(_there(attached), truth))


def _there(attached: Attached) -> Truth:
    return YES if attached.certain else Truth(None, attached.causes)


# --- wide ---------------------------------------------------------------------------------------------


def _wide(role: Role, statement: Statement) -> tuple[str, Truth]:
    """(what, whether) a statement allows that is wide."""
    if not statement.allows.possibly:
        return "", NO
    everywhere = _known(statement, statement.resources.everything)
    anything = both(everywhere, _known(statement, _everything(statement.actions)))
    if anything.possibly and not any(map(_narrows_everything, statement.conditions)):
        truth = both(both(statement.allows, anything), _unnarrowed(statement))
        text = f"every action but {statement.actions}" if statement.actions.negated else "every action"
        sample = next(name for name in _SAMPLES if not statement.actions.negated or _held(statement, name))
        truth = _left(role, sample, truth)
        if truth.surely:
            return f"{text} on every resource", truth
    else:
        truth = NO
    action, over_iam = _over_iam(role, statement)
    if over_iam.possibly and (over_iam.surely or not truth.possibly):
        return f"{action} on any object of IAM", over_iam
    return "every action on every resource", truth


_SAMPLES = ("ec2:RunInstances", "iam:CreateUser", "s3:GetObject", "a4b:AssociateContactWithAddressBook")


def _held(statement: Statement, action: str) -> bool:
    return statement.covers(action).possibly


def _everything(actions: Element) -> Truth:
    """Whether actions are ``*``, ``*:*``, or all but a few."""
    if actions.negated:
        return Truth(True) if any(actions.holds(name).possibly for name in _SAMPLES) else NO
    if any(pattern.exact and pattern.text in ("*:*", "*") for pattern in actions.patterns):
        return YES
    return actions.everything


def _over_iam(role: Role, statement: Statement) -> tuple[str, Truth]:
    objects = _known(statement, _any_object(statement.resources))
    if not objects.possibly or statement.conditions:
        return "", NO
    found: tuple[str, Truth] = ("", NO)
    for action in ESCALATING:
        truth = both(both(statement.allows, both(objects, statement.covers(action))), _unnarrowed(statement))
        truth = _left(role, action, truth)
        if truth.surely:
            return action, truth
        if truth.possibly and not found[1].possibly:
            found = (action, truth)
    return found


def _any_object(resources: Element) -> Truth:
    """Whether it covers any role, user or policy there is."""
    if resources.negated or resources.everything.surely:
        return Truth(True) if not resources.open else Truth(None)
    if any(_ANY_OBJECT.fullmatch(pattern.text) for pattern in resources.patterns):
        return YES
    return resources.everything


def _unnarrowed(statement: Statement) -> Truth:
    return Truth(None, statement.causes) if statement.open_conditions else YES


def _narrows_everything(condition: Condition) -> bool:
    return not condition.key.lower().startswith(_ABOUT_THE_CALL)


def _known(statement: Statement, truth: Truth) -> Truth:
    """The truth, with the statement's causes where it is open."""
    return truth if truth.value is not None or truth.causes else Truth(None, statement.causes)


def _left(role: Role, action: str, truth: Truth) -> Truth:
    """What denials and the permissions boundary leave of it."""
    if not truth.possibly:
        return NO
    truth = narrowed(truth, role.denies(action))
    if role.boundary is not None and truth.possibly:
        truth = both(truth, role.boundary.policy.document.grants(action))
    return truth


# --- beyond a list ------------------------------------------------------------------------------------


def _beyond(role: Role, statement: Statement, allowed: Element) -> tuple[str, Truth]:
    if not statement.allows.possibly:
        return "", NO
    if statement.actions.negated:
        names, open_ = ["every action but those named"], statement.actions.open
    else:
        names, open_ = _names(role, statement, allowed)
    if names:
        return _few(names), both(statement.allows, _any_left(role, names))
    unclear = open_ or any(not pattern.exact for pattern in statement.actions.patterns)
    unclear = unclear or bool(statement.actions.maybe)
    return "actions that are not known", Truth(None, statement.causes) if unclear else NO


def _any_left(role: Role, names: list[str]) -> Truth:
    found = NO
    for name in names:
        found = either(found, _left(role, name, YES) if ":" in name else YES)
        if found.surely:
            break
    return found


def _names(role: Role, statement: Statement, allowed: Element) -> tuple[list[str], bool]:
    """The actions beyond, by name, and whether there may be others."""
    found: dict[str, None] = {}
    for pattern in statement.actions.patterns:
        if not pattern.exact:
            continue
        for name in _expanded(pattern):
            if not allowed.holds(name).surely and role.denies(name).value is not True:
                found[name] = None
    return list(found), statement.actions.open


def _expanded(pattern: Pattern) -> Iterator[str]:
    """The actions of a pattern that do more than list: of all services, the pattern itself."""
    service, _, rest = pattern.text.partition(":")
    if "*" in service or "?" in service:
        yield pattern.text
        return
    if "*" not in rest and "?" not in rest:
        known = iam_services.action(pattern.text)
        if known is None or not known.harmless:
            yield known.name if known is not None else pattern.text
        return
    for known in iam_services.actions_of(service.lower()):
        if not known.harmless and pattern.matches(known.name).surely:
            yield known.name


def _few(names: list[str]) -> str:
    shown = names if len(names) <= _SHOWN else [*names[: _SHOWN - 1], f"{len(names) - _SHOWN + 1} more"]
    return ", ".join(shown)


_SHOWN = 4
