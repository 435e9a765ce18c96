"""IAM policy documents: statements, what they match, and what of them is not known.

Every question is answered in three values: a pattern of which a part is known after apply may match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from eks_checks.aws.knowledge import NO, NOWHERE, UNKNOWN, YES, Cause, Pointer, Truth
from eks_checks.location import SourceSpan

ALLOW, DENY = "Allow", "Deny"
ANY = "*"
GAP = "\ue002"
"""What stands in a pattern's text for a part that is not known."""


@dataclass(frozen=True)
class Pattern:
    """One text of a policy: an action, a resource or a principal, in which ``*`` and ``?`` are wildcards.

    ``text`` has ``GAP`` for each part that is not known; ``names`` are for each gap the attribute that will
    stand there (``aws_iam_role.node.arn``), empty where that is not told.
    """

    text: str
    names: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether every part of it is known."""
        return GAP not in self.text

    def matches(self, text: str) -> Truth:
        """Whether it matches ``text`` (letters of either case are the same, as in actions)."""
        if self.exact:
            return Truth(bool(_wildcards(self.text.lower()).fullmatch(text.lower())))
        return Truth(None) if _loosely(self.text.lower()).fullmatch(text.lower()) else NO

    @property
    def everything(self) -> Truth:
        """Whether it is ``*``: an ARN, or a text with any other letter known, is not."""
        if self.exact:
            return Truth(bool(self.text) and not self.text.strip("*"))
        return NO if self.text.strip(GAP + "*") or self.names_one else Truth(None)

    @property
    def names_one(self) -> bool:
        """Whether a gap will hold what names one object: its ARN, id or name, in which no wildcard is."""
        return any(_OF_ONE.search(name) for name in self.names)

    def __str__(self) -> str:
        """As people read it: what is not known yet is named."""
        first, *rest = self.text.split(GAP)
        names = (f"${{{name or '...'}}}" for name in self.names)
        return first + "".join(name + part for name, part in zip(names, rest, strict=True))


@dataclass(frozen=True)
class Element:
    """The actions or resources of a statement: ``negated`` is ``NotAction``, ``NotResource``.

    ``maybe`` are patterns each of which may be a member too; ``open`` is true where anything else may be.
    """

    patterns: tuple[Pattern, ...] = ()
    maybe: tuple[Pattern, ...] = ()
    negated: bool = False
    open: bool = False

    def holds(self, text: str) -> Truth:
        """Whether the element covers ``text``."""
        listed = self._any((p.matches(text) for p in self.patterns), (p.matches(text) for p in self.maybe))
        return listed if listed.value is None else Truth(listed.value is not self.negated)

    @property
    def everything(self) -> Truth:
        """Whether it covers every text: ``*``, or everything but nothing."""
        if self.negated:
            return NO if self.patterns else Truth(None) if self.maybe or self.open else YES
        return self._any((p.everything for p in self.patterns), (p.everything for p in self.maybe))

    @property
    def unset(self) -> bool:
        """Whether the statement has no such element."""
        return not (self.patterns or self.maybe or self.open)

    def _any(self, sure: Iterable[Truth], maybe: Iterable[Truth]) -> Truth:
        found = {truth.value for truth in sure}
        if True in found:
            return YES
        doubtful = None in found or self.open or any(truth.possibly for truth in maybe)
        return UNKNOWN if doubtful else NO

    def __str__(self) -> str:
        """As people read it, in a few words."""
        words = [str(pattern) for pattern in self.patterns]
        words += ["..."] if self.open or self.maybe else []
        rest = len(words) - _SHOWN + 1
        return ", ".join(words if len(words) <= _SHOWN else [*words[: _SHOWN - 1], f"{rest} more"])


@dataclass(frozen=True)
class Condition:
    """One line of the conditions: ``operator`` as written, ``key`` such as ``aws:ResourceTag/team``."""

    operator: str
    key: str
    values: Element = Element()


@dataclass(frozen=True)
class Principal:
    """Who a trust policy speaks of. ``kind`` is ``AWS``, ``Service``, ``Federated``, or empty if not known.

    ``role`` is the role of the inputs that it is, where the identity can be told.
    """

    kind: str
    pattern: Pattern
    role: Pointer = NOWHERE

    def __str__(self) -> str:
        """As people read it."""
        return str(self.pattern)


@dataclass(frozen=True)
class Statement:
    """One statement. ``effect`` is ``Allow``, ``Deny``, or empty where it is not known.

    ``principals`` are those of a trust policy (``negated_principals``: everybody else), ``open_principals``
    and ``open_conditions`` say that there may be more. ``certain`` is false where the statement itself may
    not be there. ``resource`` and ``location`` say where it is written, ``attribute`` in which argument.
    ``causes`` are what of it is not known.
    """

    effect: str
    actions: Element
    resources: Element = Element()
    principals: tuple[Principal, ...] = ()
    conditions: tuple[Condition, ...] = ()
    sid: str = ""
    negated_principals: bool = False
    open_principals: bool = False
    open_conditions: bool = False
    certain: bool = True
    resource: str = ""
    attribute: str = ""
    location: SourceSpan | None = None
    causes: tuple[Cause, ...] = ()

    @property
    def allows(self) -> Truth:
        """Whether it is there and an ``Allow``."""
        if self.effect == DENY:
            return NO
        return YES if self.effect == ALLOW and self.certain else Truth(None, self.causes)

    @property
    def denies(self) -> Truth:
        """Whether it is there and a ``Deny``."""
        if self.effect == ALLOW:
            return NO
        return YES if self.effect == DENY and self.certain else Truth(None, self.causes)

    @property
    def unconditional(self) -> Truth:
        """Whether no condition narrows it."""
        if self.conditions:
            return NO
        return Truth(None, self.causes) if self.open_conditions else YES

    def covers(self, action: str) -> Truth:
        """Whether its actions hold ``action``, whatever the effect."""
        held = self.actions.holds(action)
        return held if held.value is not None else Truth(None, self.causes)

    def __str__(self) -> str:
        """The statement in one line: effect, actions, resources."""
        action = ("every action but " if self.actions.negated else "") + str(self.actions)
        where = ("everything but " if self.resources.negated else "") + str(self.resources)
        on = "" if self.resources.unset else f" on {where}"
        name = f" ({self.sid})" if self.sid else ""
        return f"{self.effect or 'a statement'} {action}{on}{name}"


@dataclass(frozen=True)
class Document:
    """A policy document. ``open``: there may be other statements; ``causes`` then say why."""

    statements: tuple[Statement, ...] = ()
    open: bool = False
    causes: tuple[Cause, ...] = field(default=())

    def grants(self, action: str) -> Truth:
        """Whether a statement allows ``action`` on some resource without condition, and none denies it.

        A ``Deny``, and an ``Allow`` under conditions, leave it open: they may hold for some requests only.
        """
        allowed = _any(_grants(statement, action) for statement in self.statements)
        allowed = either(allowed, Truth(None, self.causes)) if self.open else allowed
        return narrowed(allowed, denied(self.statements, action)) if allowed.possibly else allowed


NOTHING = Document()
"""The document that grants nothing."""


def unknown_document(*causes: Cause) -> Document:
    """A document of which nothing is known."""
    return Document(open=True, causes=causes)


def denied(statements: Iterable[Statement], action: str) -> Truth:
    """Whether statements deny ``action``; unknown where they do so for some resources or requests only."""
    found = NO
    for statement in statements:
        hit = both(statement.denies, statement.covers(action))
        if hit.surely and not (statement.resources.everything.surely and statement.unconditional.surely):
            hit = Truth(None, (_of(statement, "denies some requests"),))
        found = either(found, hit)
    return found


def narrowed(allowed: Truth, forbidden: Truth) -> Truth:
    """``allowed``, as far as nothing forbids it."""
    return both(allowed, Truth(None if forbidden.value is None else not forbidden.value, forbidden.causes))


def both(one: Truth, other: Truth) -> Truth:
    """Whether both are so."""
    if one.value is False or other.value is False:
        return NO
    causes = tuple(dict.fromkeys((*one.causes, *other.causes)))
    return YES if one.surely and other.surely else Truth(None, causes)


def either(one: Truth, other: Truth) -> Truth:
    """Whether one of them is so."""
    if one.surely or other.surely:
        return YES
    causes = tuple(dict.fromkeys((*one.causes, *other.causes)))
    return Truth(None, causes) if one.possibly or other.possibly else NO


def _any(truths: Iterable[Truth]) -> Truth:
    found = NO
    for truth in truths:
        found = either(found, truth)
    return found


def _grants(statement: Statement, action: str) -> Truth:
    hit = both(statement.allows, statement.covers(action))
    if hit.surely and not statement.unconditional.surely:
        return Truth(None, (_of(statement, "holds under a condition"),))
    return hit


def _of(statement: Statement, reason: str) -> Cause:
    return Cause(statement.resource, statement.attribute, f"{statement}: {reason}")


_SHOWN = 4
_OF_ONE = re.compile(r"(^|\.)aws_[a-z0-9_]+\..*[._](arn|id|name)$")


@lru_cache(maxsize=4096)
def _wildcards(pattern: str) -> re.Pattern[str]:
    words = {"*": ".*", "?": "."}
    return re.compile("".join(words.get(c, re.escape(c)) for c in pattern), re.DOTALL)


@lru_cache(maxsize=4096)
def _loosely(pattern: str) -> re.Pattern[str]:
    words = {"*": ".*", "?": ".", GAP: ".*"}
    return re.compile("".join(words.get(c, re.escape(c)) for c in pattern), re.DOTALL)
