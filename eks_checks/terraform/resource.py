"""Resources and their blocks: planned values, with what is unknown resolved when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from eks_checks.location import SourceSpan
from eks_checks.terraform.configured import Place, member, place_of
from eks_checks.terraform.document import (
    AnyResource,
    EvaluatedResource,
    Json,
    RawChange,
    Trees,
    any_unknown,
)
from eks_checks.terraform.resolving import Origin, Resolver
from eks_checks.terraform.value import (
    NULL,
    Attribute,
    Collection,
    Known,
    Mapping,
    Path,
    Unknown,
    Value,
    known_part,
    unknown_parts,
)

NOT_LISTS = ("address", "access", "status", "class", "alias", "basis", "dns", "iops", "https", "tls", "ebs")
"""Endings of names that are no plurals."""
DOCUMENTS = ("configuration_values", "mapAccounts", "mapRoles", "mapUsers")
"""Names of texts, though they are plurals."""
MAPS = ("tags", "tags_all", "labels", "triggers", "keepers", "annotations")


class Block:
    """A view of one block of one resource (the outermost is the resource itself)."""

    __slots__ = ("_load", "_owner", "_trees", "path")

    def __init__(self, owner: Resource | None, path: Path, trees: Trees | Callable[[], Trees]) -> None:
        """``trees`` are the block's parts of the plan's three trees, or what works them out when asked."""
        self._owner = owner
        self.path = path
        self._trees = trees if isinstance(trees, Trees) else None
        self._load = trees

    @property
    def trees(self) -> Trees:
        """What the plan has of the block."""
        if self._trees is None:
            self._trees = self._load() if callable(self._load) else self._load
        return self._trees

    @property
    def _raw(self) -> Json:
        raw = self.trees.raw
        return raw if isinstance(raw, dict) else {}

    @property
    def _unknown(self) -> Any:
        return self.trees.unknown

    @property
    def _sensitive(self) -> Any:
        return self.trees.sensitive

    @property
    def resource(self) -> Resource:
        """The resource it belongs to."""
        if self._owner is None:  # only a Resource is made without an owner: it is its own
            raise TypeError("a block without a resource")
        return self._owner

    @property
    def at(self) -> Attribute:
        """Where it stands, for evidence."""
        return self.resource.attribute(self.path)

    def value(self, *path: str | int) -> Value:
        """The value at ``path`` below this block; an absent attribute is NULL.

        An attribute unknown as a whole is taken for a list, a map or a single value by its name;
        who knows better asks ``members`` or ``mapping``.
        """
        raw, unknown = self._find(path)
        return self._merged(raw, unknown, self.path + path)

    def members(self, *path: str | int) -> Collection:
        """The list or set at ``path``: a Collection also where it is unknown as a whole, or null."""
        raw, unknown = self._find(path)
        if unknown is True:
            return self.resource.resolver.several(self.resource, self.path + path)
        value = self._merged(raw, unknown, self.path + path)
        if isinstance(value, Collection):
            return value
        if isinstance(value, Known) and value.value is None:
            return Collection()
        return Collection((value,))

    def mapping(self, *path: str | int) -> Mapping:
        """The map or object at ``path``: a Mapping also where it is unknown as a whole, or null."""
        value = self.value(*path)
        if isinstance(value, Mapping):
            return value
        if isinstance(value, Known) and value.value is None:
            return Mapping()
        first = next(unknown_parts(value), None)
        return Mapping(open=first or Unknown("known after apply", self.resource.attribute(self.path + path)))

    def blocks(self, name: str) -> Blocks:
        """The nested blocks of that name, or the objects of an attribute written as blocks."""
        raw, unknown = self._raw.get(name), _below(self._unknown, name)
        sensitive = _below(self._sensitive, name)
        path = (*self.path, name)
        if unknown is True:
            return self._unplanned(path)
        if isinstance(raw, dict):
            return Blocks((Block(self.resource, path, Trees(raw, unknown, sensitive)),))
        count = max(_length(raw), _length(unknown))
        parts = ((i, Trees(member(raw, i), _below(unknown, i), _below(sensitive, i))) for i in range(count))
        return Blocks(tuple(Block(self.resource, (*path, i), trees) for i, trees in parts))

    def has(self, *path: str | int) -> bool:
        """Whether something is or may be there: neither null nor empty (fact A21)."""
        raw, unknown = self._find(path)
        return any_unknown(unknown) or not (raw is None or raw in ([], {}))

    def is_unknown(self, *path: str | int) -> bool:
        """Whether the inputs leave the value at ``path`` open as a whole."""
        return self._find(path)[1] is True

    def is_sensitive(self, *path: str | int) -> bool:
        """Whether Terraform hides the value, or a part of it: it may be computed with, never printed."""
        found = self._sensitive
        for step in path:
            if found is True:
                return True
            found = _below(found, step)
        return any_unknown(found)

    def is_configured(self, *path: str | int) -> bool | None:
        """Whether the configuration sets the attribute; None where no input tells (facts K17, K18)."""
        return self.resource.resolver.configured(self.resource, (*self.path, *path))

    @property
    def location(self) -> SourceSpan | None:
        """Where the block stands in the sources; None without them."""
        return self.located()

    def located(self, *path: str | int) -> SourceSpan | None:
        """Where the argument or nested block at ``path`` stands; what holds it, where it is not written."""
        return self.resource.resolver.span(self.resource, (*self.path, *path))

    def _find(self, path: Path) -> tuple[Any, Any]:
        trees = self._trees or self.trees
        raw, unknown = trees.raw, trees.unknown
        if not isinstance(raw, dict):
            raw = {}
        for step in path:
            if unknown is True:
                break
            raw, unknown = member(raw, step), member(unknown, step)
        return raw, unknown

    def _unplanned(self, path: Path) -> Blocks:
        """The blocks of a kind of which the plan does not even know how many there are."""
        found = self.resource.resolver.several(self.resource, path)
        made = [item for item in found.items if isinstance(item, Mapping)]
        if not made or len(made) < len(found.items):
            return Blocks((), found.open or self._open(path))
        blocks = (Block(self.resource, (*path, i), Trees(*known_part(item))) for i, item in enumerate(made))
        rest = Unknown("there may be more blocks", self.resource.attribute(path)) if found.maybe else None
        return Blocks(tuple(blocks), found.open or rest)

    def _open(self, path: Path) -> Unknown:
        value = self.resource.resolver.one(self.resource, path)
        found = next(unknown_parts(value), None)
        return found or Unknown("the blocks are known after apply", self.resource.attribute(path))

    def _merged(self, raw: Any, unknown: Any, path: Path) -> Value:
        if unknown is True:
            return self._ask(path)
        if isinstance(raw, list) or isinstance(unknown, list):
            return self._list(raw, unknown, path)
        if isinstance(raw, dict) or (isinstance(unknown, dict) and any_unknown(unknown)):
            keys = sorted({*(raw or ()), *_true_keys(unknown)})
            parts = ((key, member(raw, key), _below(unknown, key)) for key in keys)
            return Mapping(tuple((key, self._merged(r, u, (*path, key))) for key, r, u in parts))
        return Known(raw) if isinstance(raw, (str, int, float)) else NULL

    def _list(self, raw: Any, unknown: Any, path: Path) -> Collection:
        count = max(_length(raw), _length(unknown))
        slots = tuple(i for i in range(count) if _below(unknown, i) is True)
        filled = dict(zip(slots, self._members(path, slots), strict=True)) if slots else {}
        return Collection(
            tuple(
                filled[i] if i in filled else self._merged(member(raw, i), _below(unknown, i), (*path, i))
                for i in range(count)
            )
        )

    def _members(self, path: Path, slots: tuple[int, ...]) -> tuple[Value, ...]:
        return self.resource.resolver.members(self.resource, path, slots)

    def _ask(self, path: Path) -> Value:
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        if path and path[-1] == name and name in MAPS:
            return Mapping(open=self._open(path))
        if path and path[-1] == name and name.endswith("s") and not name.endswith((*NOT_LISTS, *DOCUMENTS)):
            found = self.resource.resolver.several(self.resource, path)
            bare = found.open is not None and not found.items and not found.maybe
            return found.open if bare and found.open is not None else found
        return self.resource.resolver.one(self.resource, path)


@dataclass(frozen=True)
class Blocks:
    """Nested blocks. ``open``: how many there are is not known, and why."""

    items: tuple[Block, ...] = ()
    open: Unknown | None = None

    def __iter__(self) -> Iterator[Block]:
        """The blocks that are there for certain, in the plan's order."""
        return iter(self.items)

    def __len__(self) -> int:
        """How many blocks are there for certain."""
        return len(self.items)


class Resource(Block):
    """One resource instance at one moment."""

    __slots__ = (
        "_origin",
        "actions",
        "address",
        "previous_address",
        "prior",
        "provider",
        "uncertain",
        "unmanaged",
    )

    def __init__(
        self,
        origin: Origin,
        item: AnyResource,
        change: RawChange | None,
        unknown: Any,
    ) -> None:
        """Join the values of ``item`` with its entry in ``resource_changes``, where there is one."""
        new = isinstance(item, EvaluatedResource)
        if isinstance(item, EvaluatedResource):
            super().__init__(None, (), item.load)
        else:
            super().__init__(None, (), Trees(item.values, unknown, item.sensitive))
        self.uncertain = item.uncertain if isinstance(item, EvaluatedResource) else None
        self._owner = self
        self._origin = origin
        self.address = item.address
        self.provider = item.provider
        self.actions = change.actions if change is not None else ("create",) if new else ("no-op",)
        self.previous_address = change.previous_address if change is not None else None
        self.unmanaged = "forget" in self.actions
        self.prior: Block | None = self if change is None and unknown is None and not new else None
        if change is not None and change.before is not None:
            self.prior = Block(self, (), Trees(change.before, None, change.before_sensitive))

    def __repr__(self) -> str:
        """Its address, for people who debug."""
        return f"<Resource {self.address}>"

    @property
    def type(self) -> str:
        """Its resource type: ``aws_vpc``."""
        return self.address.type

    @property
    def input(self) -> str:
        """Which input it is from, a path as given."""
        return self._origin.input

    @property
    def key(self) -> str:
        """What tells it from all resources of all inputs: its address, unless inputs share that."""
        return self._origin.key(self.address)

    @property
    def previous_key(self) -> str | None:
        """Its key before a ``moved`` block; None where it was not moved."""
        return None if self.previous_address is None else self._origin.key(self.previous_address)

    @property
    def provider_arguments(self) -> frozenset[str] | None:
        """The names of the arguments its provider block sets; None where the input does not tell."""
        return self._origin.maker(self.address).arguments

    @property
    def provider_key(self) -> str:
        """Which provider configuration makes it (``aws.east``); empty where the input does not tell."""
        return self._origin.maker(self.address).key

    @property
    def unread(self) -> bool:
        """Whether it is a data source of which no input has more than its arguments."""
        return self.address.mode == "data" and self.prior is None

    @property
    def resolver(self) -> Resolver:
        """Who says what its unknown values will be."""
        return self._origin.resolver

    @property
    def expressions(self) -> Json | None:
        """The plan's configuration of it; None where there is none."""
        return self._origin.expressions(self.address)

    def attribute(self, path: Path) -> Attribute:
        """One of its attributes, by name."""
        return Attribute(self.address, path, self._origin.tag)

    def place(self, path: Path) -> Place | None:
        """What the plan's configuration has written at ``path``; None without a configuration."""
        body = self.expressions
        return None if body is None else place_of(body, self._raw, path)

    def raw(self, *path: str | int) -> tuple[Any, Any]:
        """The planned JSON at ``path`` and its part of ``after_unknown``."""
        return self._find(path)


def _below(tree: Any, step: str | int) -> Any:
    return True if tree is True else member(tree, step)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _true_keys(unknown: Any) -> list[str]:
    return [key for key, part in unknown.items() if any_unknown(part)] if isinstance(unknown, dict) else []
