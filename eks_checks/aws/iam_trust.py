"""Who may assume a role, where that is many: anybody, a whole account, everybody of an identity provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.iam import Role
from eks_checks.aws.iam_documents import GAP, Condition, Principal, Statement, both, either
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, Truth

ASSUME = "sts:AssumeRole"
_BY_KIND = {
    "AWS": (ASSUME,),
    "Federated": ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"),
    "": (ASSUME,),
}
_ACCOUNT = re.compile(f"(arn:[^:]*:iam::)?([0-9]{{12}}|{GAP})(:root)?")
_SAYS_WHO = (
    "aws:principal",
    "aws:source",
    "aws:userid",
    "aws:username",
    "aws:federatedprovider",
    "sts:externalid",
)
"""Starts of condition keys, in small letters, that say who asks."""
_WIDE_SUBJECT = re.compile(r"(repo:)?[*:/]+")


@dataclass(frozen=True)
class Admission:
    """Many who may assume a role: by which statement, and who, in words."""

    statement: Statement
    who: str
    truth: Truth


def trusts(role: Role, service: str) -> Truth:
    """Whether a service (``ec2.amazonaws.com``) may assume the role."""
    found = Truth(None, role.trust.causes) if role.trust.open else NO
    for statement in role.trust.statements:
        for principal in statement.principals:
            if principal.kind == "Service" and principal.pattern.matches(service).possibly:
                found = either(found, both(statement.allows, principal.pattern.matches(service)))
    return found


def admissions(role: Role) -> tuple[Admission, ...]:
    """Every principal of the trust policy that stands for many, surely or perhaps."""
    found = []
    for statement in role.trust.statements:
        for who, many in _of_statement(statement):
            truth = _unless_denied(role, both(statement.allows, many))
            if truth.possibly:
                found.append(Admission(statement, who, truth))
    return tuple(found)


def _unless_denied(role: Role, truth: Truth) -> Truth:
    """A denial in a trust policy says who may not: how many are left is not worked out."""
    for statement in role.trust.statements:
        if truth.surely and both(statement.denies, statement.covers(ASSUME)).possibly:
            reason = f"{statement}: how many it leaves is not told"
            return Truth(None, (Cause(statement.resource, statement.attribute, reason),))
    return truth


def _of_statement(statement: Statement) -> Iterator[tuple[str, Truth]]:
    if statement.negated_principals:
        yield "everybody but those named (NotPrincipal)", _covered(statement, "AWS")
        return
    for principal in statement.principals:
        who, many = _many(principal, statement)
        if many.possibly:
            yield who, both(many, _covered(statement, principal.kind))
    if statement.open_principals:
        yield "somebody who is not known", Truth(None, statement.causes)


def _covered(statement: Statement, kind: str) -> Truth:
    found = NO
    for action in _BY_KIND.get(kind, ()):
        found = either(found, statement.covers(action))
    return found


def _many(principal: Principal, statement: Statement) -> tuple[str, Truth]:
    """(in words, whether that is many)."""
    text, conditions = principal.pattern.text, statement.conditions
    open_ = Truth(None, statement.causes) if statement.open_conditions else YES
    if principal.kind == "Federated":
        return _federated(principal, conditions, open_)
    if principal.kind != "AWS":
        return "", NO
    if principal.pattern.exact and text == "*":
        return "anybody (*)", NO if any(map(_says_who, conditions)) else open_
    if _ACCOUNT.fullmatch(text) and (principal.pattern.exact or _is_account(principal)):
        return f"every principal of the account {principal}", NO if any(map(_counts, conditions)) else open_
    if text == GAP and not _is_one(principal):
        return f"whoever {principal} is", UNKNOWN if statement.causes == () else Truth(None, statement.causes)
    return "", NO


def _is_account(principal: Principal) -> bool:
    """Whether the part that is not known is an account: by the ARN around it, or by the attribute's name."""
    return principal.pattern.text != GAP or principal.pattern.names[0].endswith(".account_id")


def _is_one(principal: Principal) -> bool:
    """Whether the text to come is the ARN of one principal."""
    return (not principal.role.unset and not principal.role.open) or principal.pattern.names_one


def _federated(principal: Principal, conditions: tuple[Condition, ...], open_: Truth) -> tuple[str, Truth]:
    counting = [condition for condition in conditions if _counts(condition)]
    who = f"everybody whom the identity provider {principal} knows"
    if ":saml-provider/" in principal.pattern.text:
        return who, NO if counting else open_
    narrowed = any(not condition.key.lower().endswith(":aud") for condition in counting)
    # NOTE: of a large provider (Cognito, Google, Amazon) the audience is one's own application.
    own_audience = "/" not in principal.pattern.text and principal.pattern.exact and bool(counting)
    return who, NO if narrowed or own_audience else open_


def _counts(condition: Condition) -> bool:
    """Whether a condition keeps anybody out: not one that also holds where its key is absent."""
    operator = condition.operator.lower()
    if operator.endswith("ifexists") or operator.startswith("forallvalues"):
        return False
    values = condition.values.patterns
    return not any(_WIDE_SUBJECT.fullmatch(value.text) for value in values if "like" in operator)


def _says_who(condition: Condition) -> bool:
    return _counts(condition) and condition.key.lower().startswith(_SAYS_WHO)
