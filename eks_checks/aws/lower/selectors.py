"""Selector terms of node classes against the subnets and security groups of the estate (H1, H4, H6)."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, KeySet, Pointer, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.tagging import Tags, matches
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Known,
    Value,
    is_null,
    unknowns,
)
from eks_checks.terraform.value import Mapping as Object


@dataclass(frozen=True)
class Term:
    """Conditions that an object must all fulfil; each is a key and the values of which one must fit.

    ``open`` says why there may be further conditions.
    """

    tags: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    ids: tuple[Value, ...] | None = None
    names: tuple[Value, ...] | None = None
    open: str = ""


@dataclass(frozen=True)
class Selector:
    """Terms of which one is enough; ``open`` says why there may be others."""

    terms: tuple[Term, ...] = ()
    open: str = ""

    @property
    def unset(self) -> bool:
        """Whether there is none for certain."""
        return not self.terms and not self.open


def selector(value: Value) -> Selector:
    """``subnetSelectorTerms`` and the like: a list of terms."""
    if is_null(value):
        return Selector()
    if not isinstance(value, Collection):
        return Selector(open=_why(value))
    terms = tuple(_term(item) for item in value.items)
    rest = _why(value.open) if value.open is not None else "may have more terms" if value.maybe else ""
    return Selector(terms, rest)


def old_selector(value: Value) -> Selector:
    """``subnetSelector`` and the like of v1alpha1: one map, whose values are lists with commas."""
    if is_null(value):
        return Selector()
    if not isinstance(value, Object):
        return Selector(open=_why(value))
    ids: tuple[Value, ...] | None = None
    tags: list[tuple[str, tuple[Value, ...]]] = []
    for key, item in value.entries:
        if key in ("aws-ids", "aws::ids"):
            ids = _listed(item)
        else:
            tags.append((key, _listed(item)))
    return Selector((Term(tuple(tags), ids, open=_why(value.open) if value.open is not None else ""),))


def _term(item: Value) -> Term:
    if not isinstance(item, Object):
        return Term(open=_why(item))
    tags, id_, name = item.get("tags"), item.get("id"), item.get("name")
    others = {key for key, _ in item.entries} - {"tags", "id", "name"}
    open_ = _why(item.open) if item.open is not None else "has conditions that are not read" if others else ""
    entries: tuple[tuple[str, Value], ...] = ()
    if isinstance(tags, Object):
        entries = tags.entries
        open_ = open_ or (_why(tags.open) if tags.open is not None else "")
    elif not is_null(tags):
        open_ = open_ or _why(tags)
    return Term(
        tuple((key, (value,)) for key, value in entries),
        None if is_null(id_) else (id_,),
        None if is_null(name) else (name,),
        open_,
    )


def _listed(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Known):
        return tuple(Known(word.strip()) for word in str(value.value).split(","))
    return (value,)


def _why(value: Value) -> str:
    return next((unknown.reason for unknown in unknowns(value)), "known after apply")


@dataclass(frozen=True)
class Candidate:
    """An object that a selector may choose; ``doubts`` say why there may be no such object."""

    key: str
    tags: Tags
    vpc: Pointer
    name: Value = NULL
    doubts: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Selection:
    """Who asks: where the selector stands, and in which VPC it looks (unset: in any)."""

    run: Lowering
    kind: str
    at: str
    attribute: str
    vpc: str | None

    def chosen(self, wanted: Selector, candidates: Iterable[Candidate], *, closed: bool) -> KeySet:
        """The objects that ``wanted`` selects; ``closed``: the inputs hold all that there are."""
        sure, maybe, doubts = set[str](), set[str](), set[Cause]()
        known = {candidate.key: candidate for candidate in candidates}
        for candidate in known.values():
            if self._elsewhere(candidate):
                continue
            found = self._matched(wanted, candidate)
            if found.possibly:
                (sure if found.surely and not candidate.doubts else maybe).add(candidate.key)
                doubts.update(candidate.doubts)
        named = self._named(wanted, known)
        sure, maybe = sure | named.sure, maybe | named.maybe
        reasons = [reason for reason in (wanted.open, *(term.open for term in wanted.terms)) if reason]
        by_tag = any(term.tags or term.names for term in wanted.terms)
        open_ = named.open or bool(wanted.open) or (by_tag and not closed)
        if by_tag and not closed:
            reasons.append("objects that are in none of the inputs may match as well")
        if not sure and not maybe and not open_:
            open_ = True
            reasons.append("matches nothing in the inputs")
        if maybe and not reasons and not doubts:
            reasons.append("what it matches is not known before apply")
        own = (Cause(self.at, self.attribute, reason) for reason in dict.fromkeys(reasons))
        causes = tuple(sorted({*own, *named.causes, *doubts})) if maybe - sure or open_ else ()
        return KeySet(frozenset(sure), frozenset(maybe - sure), open_, causes)

    def _elsewhere(self, candidate: Candidate) -> bool:
        """Whether the object is certainly in another VPC than the cluster (E13)."""
        return self.vpc is not None and not candidate.vpc.open and self.vpc not in candidate.vpc.keys

    def _matched(self, wanted: Selector, candidate: Candidate) -> Truth:
        found = [self._fulfilled(term, candidate) for term in wanted.terms]
        if any(each.surely for each in found):
            return YES
        return UNKNOWN if wanted.open or any(each.possibly for each in found) else NO

    def _fulfilled(self, term: Term, candidate: Candidate) -> Truth:
        conditions = [_any(candidate.tags.match(key, one) for one in values) for key, values in term.tags]
        if term.ids is not None:
            conditions.append(_any(self._is(value, candidate.key) for value in term.ids))
        if term.names is not None:
            conditions.append(_any(matches(value, candidate.name) for value in term.names))
        if any(condition.value is False for condition in conditions):
            return NO
        if term.open or not conditions:
            return UNKNOWN
        return YES if all(condition.surely for condition in conditions) else UNKNOWN

    def _is(self, value: Value, key: str) -> Truth:
        found = self.run.identity.find(value, self.kind, self.at, self.attribute)
        if found.exact is not None:
            return Truth(found.exact == key)
        return UNKNOWN if found.may_be(key) else NO

    def _named(self, wanted: Selector, known: Container[str]) -> KeySet:
        """The objects that terms name by id and that are in none of the inputs."""
        sure, maybe, causes = set[str](), set[str](), set[Cause]()
        open_ = False
        for term in wanted.terms:
            alone = not (term.tags or term.names or term.open)
            for value in term.ids or ():
                found = self.run.identity.find(value, self.kind, self.at, self.attribute)
                (sure if found.exact and alone else maybe).update(
                    key for key in found.keys if key not in known
                )
                open_ = open_ or found.open
                causes.update(found.causes)
        return KeySet(frozenset(sure), frozenset(maybe - sure), open_, tuple(sorted(causes)))


def _any(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if any(each.surely for each in found):
        return YES
    return UNKNOWN if any(each.possibly for each in found) else NO
