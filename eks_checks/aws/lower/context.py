"""What every lowering needs: links, settings and address blocks out of Terraform values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from eks_checks.aws.estate import Assumption, Unresolved
from eks_checks.aws.firewall import PrefixList
from eks_checks.aws.identity import Identity, owner_and_role
from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Pointer, Truth, absent, pointer
from eks_checks.aws.lower.addresses import AddressReader
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import (
    Collection,
    Known,
    Path,
    Reference,
    Scalar,
    Unknown,
    Value,
    is_null,
    path_text,
    scalar,
    unknowns,
)
from eks_checks.terraform.world import World

T = TypeVar("T")


class Adoptable(Protocol):
    """A draft of an object that AWS makes with each VPC and a resource may adopt."""

    open: bool
    causes: tuple[Cause, ...]


class Lowering:
    """One run from World to Estate: the identity of objects, and the notes taken on the way."""

    def __init__(self, world: World) -> None:
        """Index the world's ids; nothing is lowered yet."""
        self.world = world
        self.identity = Identity(world)
        self.addresses = AddressReader(world.written)
        self.unresolved: set[Unresolved] = set()
        self.assumptions: set[Assumption] = set()
        self.prefix_lists: dict[str, PrefixList] = {}
        self._kept: dict[str, Any] = {}

    def link(self, block: Block, kind: str, *path: str | int) -> Pointer:
        """The object of ``kind`` that the attribute names."""
        value = block.value(*path)
        at, attribute = where(block, path)
        found = self.identity.find(value, kind, at, attribute)
        self._note(value, found.causes, at, attribute)
        return found

    def links(self, block: Block, kind: str, *path: str | int) -> KeySet:
        """The objects of ``kind`` that the list attribute names; left to the provider means none."""
        if left_out(block.value(*path)):
            return KeySet()
        value = block.members(*path)
        at, attribute = where(block, path)
        found = self.identity.find_all(value, kind, at, attribute)
        self._note(value, found.causes, at, attribute)
        return found

    def doubts(self, resource: Resource) -> tuple[Cause, ...]:
        """Why it is not sure that there is such an object, or just one; empty where it is.

        A folder may leave ``count`` or ``for_each`` open, of the resource or of a module around it.
        """
        why = resource.uncertain
        if why is None:
            return ()
        at, attribute = (str(why.at.resource), path_text(why.at.path)) if why.at else (resource.key, ".count")
        name = attribute.lstrip(".")
        some, none = ("1 or more", "0") if name.endswith("count") else ("it has a key for it", "it has none")
        return (Cause(at, name, why.reason, some, none),)

    def perhaps(self, resource: Resource, found: Pointer) -> Pointer:
        """A link that something which may not exist makes: to that object, or to none that is told."""
        doubts = self.doubts(resource)
        return pointer(found.keys, open_=True, causes=(*found.causes, *doubts)) if doubts else found

    def found_data(self, *types: str) -> tuple[Resource, ...]:
        """Data sources that have been read. One still to be read is no object besides those in the inputs."""
        return tuple(r for r in self.world.data(*types) if isinstance(r.value("id"), Known) and not r.unread)

    def truth(self, block: Block, *path: str | int, default: bool = False) -> Truth:
        """A yes-or-no setting; unset or left to the provider means ``default``."""
        value = block.value(*path)
        if left_out(value):
            return YES if default else NO
        known = scalar(value)
        if isinstance(value, Known):
            return YES if known in (True, "true", "1", 1) else NO
        return Truth(None, (replace(cause(block, path, value), yes="true", no="false"),))

    def separate_blocks(self, *types: str) -> Iterator[Block]:
        """Separate rule resources as they were before and as this plan leaves them (for K14)."""
        for change in self.world.changes(*types):
            if change.before is not None:
                yield change.before
        yield from self.world.resources(*types)

    def doubt_adopted(self, type_: str, attribute: str, suffix: str, drafts: Mapping[str, Adoptable]) -> None:
        """Leave a VPC's default object open where a resource may have adopted it."""
        for resource in self.world.resources(type_):
            if self.identity.key(resource) != resource.key and not self.doubts(resource):
                continue
            found = self.identity.find(resource.value(attribute), "vpc", resource.key, attribute)
            names = {owner_and_role(key)[0] for key in found.keys}
            for key, draft in drafts.items():
                if key.endswith(suffix) and (found.open or key.removesuffix(suffix) in names):
                    draft.open = True
                    why = Cause(resource.key, attribute, "may have adopted it")
                    draft.causes = (*draft.causes, *found.causes, *self.doubts(resource), why)

    def by_key(self, type_: str) -> dict[str, Resource]:
        """The managed resources of a type by estate key."""
        return self.cached(
            f"by key {type_}", lambda: {self.identity.key(r): r for r in self.world.resources(type_)}
        )

    def cached(self, name: str, make: Callable[[], T]) -> T:
        """What ``make`` gives, made once per run under ``name``."""
        if name not in self._kept:
            self._kept[name] = make()
        kept: T = self._kept[name]
        return kept

    def assume(self, subject: str, assumed: str, fact: str) -> None:
        """Record what is taken for granted."""
        self.assumptions.add(Assumption(subject, assumed, fact))

    def unclear(self, causes: Iterable[Cause]) -> None:
        """Record links that could not be resolved."""
        self.unresolved.update(Unresolved(c.resource, c.attribute, c.reason) for c in causes)

    def absent(self, key: str, attribute: str) -> Cause:
        """Record an object that no input has, only its real id; the cause for what its attribute decides."""
        found = absent(key, attribute)
        self.unresolved.add(Unresolved(key, "id", found.reason))
        return found

    def _note(self, value: Value, causes: Iterable[Cause], at: str, attribute: str) -> None:
        self.unclear(causes)
        note = value.note if isinstance(value, (Reference, Collection)) else ""
        if note:
            self.unresolved.add(Unresolved(at, attribute, note))


def where(block: Block, path: Path) -> tuple[str, str]:
    """(resource address, attribute path) of an attribute of ``block``, as Terraform writes them."""
    return block.resource.key, path_text((*block.at.path, *path)).lstrip(".")


def cause(block: Block, path: Path, value: Value) -> Cause:
    """Why the attribute of ``block`` is not known."""
    reason = next((unknown.reason for unknown in unknowns(value)), "known after apply")
    return Cause(*where(block, path), reason)


def left_out(value: Value) -> bool:
    """Whether the configuration leaves the attribute out, so that AWS's default holds (contract, Verdicts).

    Providers write an unset text as null or as an empty one.
    """
    return is_null(value) or scalar(value) == "" or (isinstance(value, Unknown) and value.computed)


def text(block: Block, *path: str | int) -> str:
    """The attribute's text where it is known, else the empty string."""
    value = scalar(block.value(*path))
    return "" if value is None or isinstance(value, bool) else str(value)


def number(value: Scalar) -> int | None:
    """A whole number out of a known scalar (providers write some numbers as text), else None."""
    if value is None or isinstance(value, bool) or value == "":
        return None
    try:
        return int(value)
    except ValueError:
        return None


def members(block: Block, *path: str | int) -> tuple[tuple[Value, ...], Unknown | None]:
    """A list's certain members and, where there may be others, why: ``maybe`` members count as those."""
    if left_out(block.value(*path)):
        return (), None
    listed = block.members(*path)
    rest = listed.open or (Unknown("may hold more than the plan shows") if listed.maybe else None)
    return listed.items, rest
