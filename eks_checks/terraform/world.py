"""One moment of all inputs: every resource, with links in place of unknown ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from eks_checks.terraform.address import ModuleStep, ResourceAddress
from eks_checks.terraform.configured import Configuration
from eks_checks.terraform.document import Document, EvaluatedResource, Json, RawChange, RawResource
from eks_checks.terraform.references import References
from eks_checks.terraform.resource import Block, Resolver, Resource
from eks_checks.terraform.value import Reference

Resolving: TypeAlias = Callable[["Root"], Resolver]
"""Makes the resolver of one root: by references alone, or with the sources beside them."""


@dataclass(frozen=True)
class InputInfo:
    """What one input turned out to be; ``resources`` counts the managed ones it has."""

    path: str
    kind: str
    terraform_version: str
    resources: int


@dataclass(frozen=True)
class Change:
    """What a plan does to one object; ``deposed``: a leftover that is only being removed."""

    address: ResourceAddress
    actions: tuple[str, ...]
    before: Block | None
    after: Resource | None
    deposed: bool
    input: str

    @property
    def type(self) -> str:
        """The resource type."""
        return self.address.type


class Root:
    """One input at one moment: its resources, its configuration, and who resolves its references."""

    def __init__(
        self,
        document: Document,
        raw: tuple[RawResource | EvaluatedResource, ...],
        tag: str,
        unknown: dict[ResourceAddress, Any],
        resolving: Resolving,
    ) -> None:
        """``tag`` names the input in references; ``unknown`` has the ``after_unknown`` of the moment."""
        self.document = document
        self.input = document.path
        self.tag = tag
        self.configuration = Configuration(document.configuration or {})
        self.configured = document.configuration is not None
        self.changes = {change.address: change for change in document.changes if change.deposed is None}
        self.resources: dict[ResourceAddress, Resource] = {}
        self.instances: dict[tuple[tuple[ModuleStep, ...], str], list[Resource]] = {}
        self.modules: dict[tuple[str, ...], dict[tuple[ModuleStep, ...], None]] = {}
        for item in raw:
            change = self.changes.get(item.address)
            self._add(Resource(self, item, change, unknown.get(item.address)))
        self.resolver = resolving(self)

    def _add(self, resource: Resource) -> None:
        address = resource.address
        known = self.resources.get(address)
        if known is not None and known.has():
            return
        self.resources[address] = resource
        self.instances.setdefault((address.module, address.local), []).append(resource)
        module = address.module
        while module and module not in self.modules.setdefault(tuple(step.name for step in module), {}):
            self.modules[tuple(step.name for step in module)][module] = None
            module = module[:-1]

    def expressions(self, address: ResourceAddress) -> Json | None:
        """The expressions of a resource's block; None where the input has no configuration of it."""
        block = self.block(address)
        if block is None:
            return None
        found = block.get("expressions")
        return found if isinstance(found, dict) else {}

    def block(self, address: ResourceAddress) -> Json | None:
        """The resource's entry in the configuration."""
        if not self.configured:
            return None
        return self.configuration.resource(tuple(step.name for step in address.module), address.local)

    def provider_arguments(self, address: ResourceAddress) -> frozenset[str] | None:
        """The arguments its provider block sets; None where the input does not tell."""
        block = self.block(address)
        entry = self.configuration.provider(str(block.get("provider_config_key"))) if block else None
        if entry is None:
            return None
        written = entry.get("expressions")
        return frozenset(written) if isinstance(written, dict) else frozenset()


class World:
    """One moment of several inputs. Inputs that share an address stay apart."""

    def __init__(self, roots: Iterable[Root], notices: Iterable[str]) -> None:
        """Use ``after`` or ``before``."""
        self.roots = tuple(roots)
        self._notices = tuple(notices)
        self._by_type: dict[str, list[Resource]] = {}
        self._data: dict[str, list[Resource]] = {}
        counts: list[int] = []
        for root in self.roots:
            ordered = sorted(root.resources.values(), key=lambda resource: resource.address.sort_key)
            for resource in ordered:
                index = self._by_type if resource.address.mode == "managed" else self._data
                index.setdefault(resource.type, []).append(resource)
            counts.append(sum(resource.address.mode == "managed" for resource in ordered))
        self.inputs = tuple(
            InputInfo(root.input, root.document.kind, root.document.terraform_version, count)
            for root, count in zip(self.roots, counts, strict=True)
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of the inputs, and of how far their sources were used so far."""
        return (*self._notices, *(text for root in self.roots for text in root.resolver.notices()))

    @classmethod
    def after(cls, documents: Iterable[Document], resolving: Resolving = References) -> World:
        """The inputs once their plans are applied (a state: as it is)."""
        documents = tuple(documents)
        roots = [_root_after(document, _tag(document, documents), resolving) for document in documents]
        return cls(roots, _notices(documents))

    @classmethod
    def before(cls, documents: Iterable[Document], resolving: Resolving = References) -> World:
        """The inputs before their plans are applied: everything is known, or does not exist yet."""
        documents = tuple(documents)
        roots = [
            Root(document, _prior(document), _tag(document, documents), {}, resolving)
            for document in documents
        ]
        missing = [
            f"{document.path}: the plan has no prior_state; what its resource_changes say of before is used"
            for document in documents
            if document.before is None and any(change.before is not None for change in document.changes)
        ]
        return cls(roots, (*_notices(documents), *missing))

    def resources(self, *types: str) -> tuple[Resource, ...]:
        """The managed resources of these types (none named: all), in natural order of address."""
        return _of_types(self._by_type, types)

    def data(self, *types: str) -> tuple[Resource, ...]:
        """The data sources of these types (none named: all): those read, and those still to be read."""
        return _of_types(self._data, types)

    def types(self) -> tuple[str, ...]:
        """Every type of managed resource met, sorted."""
        return tuple(sorted(self._by_type))

    def get(self, address: str, input: str = "") -> Resource | None:
        """The resource at an address; of several inputs that have it, the one named or the first."""
        try:
            parsed = ResourceAddress.parse(address)
        except ValueError:
            return None
        return self._at(parsed, input)

    def target(self, reference: Reference) -> Resource | None:
        """The resource that a reference points at."""
        return self._at(reference.resource, reference.input)

    def same_module(self, resource: Resource, *types: str) -> tuple[Resource, ...]:
        """The managed resources of these types in the very module instance of ``resource`` (fact K17)."""
        return tuple(
            other
            for other in self.resources(*types)
            if other.address.module == resource.address.module and other.input == resource.input
        )

    def changes(self, *types: str) -> tuple[Change, ...]:
        """What the plans do to the managed resources of these types (none named: all), deletions included."""
        found = [
            _change(root, change)
            for root in self.roots
            for change in root.document.changes
            if change.address.mode == "managed" and (not types or change.address.type in types)
        ]
        return tuple(sorted(found, key=lambda change: (change.address.sort_key, change.deposed)))

    def _at(self, address: ResourceAddress, input: str) -> Resource | None:
        for root in self.roots:
            if input in ("", root.input) and address in root.resources:
                return root.resources[address]
        return None


def _of_types(index: dict[str, list[Resource]], types: tuple[str, ...]) -> tuple[Resource, ...]:
    if len(types) == 1:
        return tuple(index.get(types[0], ()))
    chosen = [resource for type in dict.fromkeys(types or index) for resource in index.get(type, ())]
    return tuple(sorted(chosen, key=lambda resource: resource.address.sort_key))


def _root_after(document: Document, tag: str, resolving: Resolving) -> Root:
    if document.folder is None:
        return Root(document, _planned(document), tag, _unknown(document), resolving)
    made, resolver = document.folder.expanded(tag)
    return Root(document, made, tag, {}, lambda root: resolver)


def _tag(document: Document, documents: tuple[Document, ...]) -> str:
    return document.path if len(documents) > 1 else ""


def _unknown(document: Document) -> dict[ResourceAddress, Any]:
    return {change.address: change.unknown for change in document.changes if change.deposed is None}


def _notices(documents: tuple[Document, ...]) -> Iterator[str]:
    for document in documents:
        yield from document.notices


def _planned(document: Document) -> tuple[RawResource, ...]:
    """What exists after apply: the planned resources, the forgotten ones (fact K9), and read data sources."""
    changes = {change.address: change for change in document.changes if change.deposed is None}
    gone = {address for address, change in changes.items() if change.actions in (("delete",), ("forget",))}
    found = {item.address: item for item in document.after if item.address not in gone}
    before = document.before or ()
    for item in before:
        forgotten = item.address in gone and changes[item.address].actions == ("forget",)
        if (forgotten or item.address.mode == "data") and item.address not in found:
            found[item.address] = item
    for change in changes.values():
        if change.actions == ("forget",) and change.before is not None and change.address not in found:
            found[change.address] = RawResource(
                change.address, change.provider, change.before, change.before_sensitive
            )
    return tuple(found.values())


def _prior(document: Document) -> tuple[RawResource, ...]:
    if document.before is not None:
        return document.before
    return tuple(
        RawResource(change.address, change.provider, change.before, change.before_sensitive)
        for change in document.changes
        if change.before is not None and change.deposed is None
    )


def _change(root: Root, change: RawChange) -> Change:
    deposed = change.deposed is not None
    after = None if deposed else root.resources.get(change.address)
    ends = "delete" in change.actions and "create" not in change.actions
    before: Block | None = None
    if change.before is not None:
        raw = RawResource(change.address, change.provider, change.before, change.before_sensitive)
        before = Resource(root, raw, None, None)
    return Change(change.address, change.actions, before, None if ends else after, deposed, root.input)
