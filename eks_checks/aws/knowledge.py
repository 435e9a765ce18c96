"""How sure the inputs make us of a link, a yes-or-no setting, or a list of groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from eks_checks.location import SourceSpan


@dataclass(frozen=True, order=True)
class Cause:
    """An attribute that the inputs leave open: the reason why an answer is not decided.

    ``resource`` is a Terraform address (or a real id), ``attribute`` the argument's path in it. ``yes`` and
    ``no`` are words for the values with which what it decides is so and is not so (``true`` and
    ``false``); empty where the attribute's meaning says it.
    """

    resource: str
    attribute: str
    reason: str
    yes: str = ""
    no: str = ""


def absent(key: str, attribute: str) -> Cause:
    """The cause where an object is known only by its real id: nothing of it is in the inputs (K11)."""
    return Cause(key, attribute, f"{key} is in none of the inputs: add its state")


@dataclass(frozen=True)
class Origin:
    """Where a rule, route or entry comes from: the resource that holds it, and what it says.

    ``implicit`` is true for what AWS or EKS makes by itself, which no resource states.
    """

    resource: str
    text: str
    location: SourceSpan | None = None
    implicit: bool = False


@dataclass(frozen=True)
class Truth:
    """Yes, no (``value``) or not known (``None``), and then which attributes decide."""

    value: bool | None
    causes: tuple[Cause, ...] = ()

    @property
    def surely(self) -> bool:
        """Whether it is certainly so."""
        return self.value is True

    @property
    def possibly(self) -> bool:
        """Whether it is not certainly otherwise."""
        return self.value is not False

    def __str__(self) -> str:
        """``yes``, ``no`` or ``unknown``, as the contract writes it."""
        return {True: "yes", False: "no", None: "unknown"}[self.value]


YES = Truth(True)
NO = Truth(False)
UNKNOWN = Truth(None)


@dataclass(frozen=True)
class Pointer:
    """Which object a link attribute names.

    ``keys`` are the candidates (estate keys, sorted), exactly one of which it is; with ``open``
    it may also be an object outside the inputs or one that cannot be told. No candidate and
    not open: the link is unset.
    """

    keys: tuple[str, ...] = ()
    open: bool = False
    causes: tuple[Cause, ...] = ()

    @property
    def exact(self) -> str | None:
        """The one object it certainly names, else None."""
        return self.keys[0] if len(self.keys) == 1 and not self.open else None

    @property
    def unset(self) -> bool:
        """Whether it certainly names nothing."""
        return not self.keys and not self.open

    def may_be(self, key: str) -> bool:
        """Whether it may name ``key``."""
        return self.open or key in self.keys


NOWHERE = Pointer()
"""The link that is certainly unset."""


def pointer(keys: Iterable[str], *, open_: bool = False, causes: Iterable[Cause] = ()) -> Pointer:
    """A Pointer with its candidates and causes in canonical order."""
    return Pointer(tuple(sorted(set(keys))), open_, tuple(sorted(set(causes))))


@dataclass(frozen=True)
class KeySet:
    """A list of links, such as the groups of an interface or the subnets of a node group.

    ``sure`` are members for certain, ``maybe`` objects that may be members too; with ``open``
    anything else may be one as well.
    """

    sure: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    open: bool = False
    causes: tuple[Cause, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the members are just ``sure``."""
        return not self.maybe and not self.open

    @cached_property
    def candidates(self) -> frozenset[str]:
        """Every object that is or may be a member."""
        return self.sure | self.maybe

    def plus(self, other: KeySet) -> KeySet:
        """Members of either list."""
        sure = self.sure | other.sure
        maybe = (self.maybe | other.maybe) - sure
        causes = tuple(sorted({*self.causes, *other.causes}))
        return KeySet(sure, maybe, self.open or other.open, causes)


def just(link: Pointer) -> KeySet:
    """A list of the one object that ``link`` names."""
    sure = frozenset((link.exact,)) if link.exact is not None else frozenset()
    return KeySet(sure, frozenset(link.keys) - sure, link.open, () if sure else link.causes)


def exactly(*keys: str) -> KeySet:
    """A list whose members are certainly just these."""
    return KeySet(frozenset(keys))
