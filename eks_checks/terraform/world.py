"""One moment of all inputs: every resource, with links in place of unknown ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from eks_checks.location import SourceSpan
from eks_checks.naming import Name, Names, key_of, labels
from eks_checks.terraform.address import MODULE, ModuleStep, ResourceAddress, module_names
from eks_checks.terraform.configured import Configuration
from eks_checks.terraform.document import AnyResource, Document, Json, RawChange, RawResource
from eks_checks.terraform.joining import joined, shared_addresses
from eks_checks.terraform.moments import AFTER, BEFORE, Moment
from eks_checks.terraform.references import References
from eks_checks.terraform.resolving import Maker, Resolver
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Reference, Value, path_of, path_text

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
    key: str
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
    """One root at one moment: its resources, its configuration, and who resolves its references."""

    def __init__(
        self,
        document: Document,
        raw: tuple[AnyResource, ...],
        tag: str,
        unknown: dict[ResourceAddress, Any],
        resolving: Resolving,
        shared: frozenset[ResourceAddress] = frozenset(),
    ) -> None:
        """``tag`` names the input in references; ``unknown`` has the ``after_unknown`` of the moment.

        ``shared`` are the addresses that other roots have as well.
        """
        self.document = document
        self.input = document.path
        self.tag = tag
        self._shared = shared
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
        while module and module not in self.modules.setdefault(module_names(module), {}):
            self.modules[module_names(module)][module] = None
            module = module[:-1]

    def key(self, address: ResourceAddress) -> str:
        """What tells the resource from all others: its address, with the input where roots share that."""
        text = str(address)
        return key_of(text, self.tag) if self._shared and address in self._shared else text

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
        return self.configuration.resource(module_names(address.module), address.local)

    def maker(self, address: ResourceAddress) -> Maker:
        """The provider configuration that makes a resource: the plan's, else that of the sources."""
        block = self.block(address)
        if block is None:
            return self.resolver.maker(address) or Maker("", None)
        key = str(block.get("provider_config_key") or "")
        entry = self.configuration.provider(key)
        if entry is None:
            return Maker(key, None)
        written = entry.get("expressions")
        return Maker(key, frozenset(written) if isinstance(written, dict) else frozenset())


class World:
    """One moment of several inputs. Those of one root are one; roots that share an address stay apart."""

    def __init__(self, documents: Iterable[Document], moment: Moment, resolving: Resolving) -> None:
        """Use ``after`` or ``before``."""
        given = tuple(documents)
        roots = joined(given)
        shared = shared_addresses(roots)
        tags = labels([document.path for document in roots])
        self.roots = tuple(
            _root(document, moment, tags[document.path] if len(roots) > 1 else "", resolving, shared)
            for document in roots
        )
        self._notices = tuple(notice for document in roots for notice in document.notices)
        self.inputs = tuple(_info(document, moment) for document in given)
        self._by_type: dict[str, list[Resource]] = {}
        self._data: dict[str, list[Resource]] = {}
        self._missing: dict[str, list[Resource]] = {}
        self._by_key: dict[str, Resource] = {}
        for root in self.roots:
            for resource in sorted(root.resources.values(), key=lambda resource: resource.address.sort_key):
                index = self._by_type if resource.address.mode == "managed" else self._data
                if resource.type == MODULE:
                    index = self._missing
                index.setdefault(resource.type, []).append(resource)
                self._by_key[resource.key] = resource
        named = self._by_key.items() if shared else ()
        self.names = Names({key: Name(str(one.address), one.input) for key, one in named})

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of the inputs, and of how far their sources were used so far."""
        return (*self._notices, *self.source_notices)

    @property
    def source_notices(self) -> tuple[str, ...]:
        """What of the sources could not be read, or was left out because a plan has it otherwise, so far."""
        return tuple(text for root in self.roots for text in root.resolver.notices())

    @classmethod
    def after(cls, documents: Iterable[Document], resolving: Resolving = References) -> World:
        """The inputs once their plans are applied (a state: as it is)."""
        return cls(documents, AFTER, resolving)

    @classmethod
    def before(cls, documents: Iterable[Document], resolving: Resolving = References) -> World:
        """The inputs before their plans are applied: everything is known, or does not exist yet."""
        return cls(documents, BEFORE, resolving)

    def resources(self, *types: str) -> tuple[Resource, ...]:
        """The managed resources of these types (none named: all), in natural order of address."""
        return _of_types(self._by_type, types)

    def data(self, *types: str) -> tuple[Resource, ...]:
        """The data sources of these types (none named: all): those read, and those still to be read."""
        return _of_types(self._data, types)

    @property
    def missing_modules(self) -> tuple[Resource, ...]:
        """Calls of modules whose sources no input has; their attributes are what the modules are given."""
        return _of_types(self._missing, ())

    def types(self) -> tuple[str, ...]:
        """Every type of managed resource met, sorted."""
        return tuple(sorted(self._by_type))

    def get(self, key: str) -> Resource | None:
        """The resource with this key: its address, or ``LABEL:ADDRESS`` where roots share that."""
        return self._by_key.get(key)

    def located(self, key: str, attribute: str) -> SourceSpan | None:
        """Where an attribute of a resource stands (empty: its block), see ``Block.located``; by its key."""
        resource = self.get(key)
        return None if resource is None else resource.located(*path_of(attribute))

    def provided(self, resource: Resource, name: str) -> Value:
        """An argument of the provider configuration that makes a resource; null where it is not set."""
        return resource.resolver.provided(resource.address, name)

    def target(self, reference: Reference) -> Resource | None:
        """The resource that a reference points at."""
        for root in self.roots:
            if reference.input == root.tag and reference.resource in root.resources:
                return root.resources[reference.resource]
        return None

    def written(self, reference: Reference) -> str:
        """The reference as Terraform writes it, with the input where roots share the address."""
        resource = self.target(reference)
        return str(reference) if resource is None else resource.key + path_text(reference.path)

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


def _of_types(index: dict[str, list[Resource]], types: tuple[str, ...]) -> tuple[Resource, ...]:
    if len(types) == 1:
        return tuple(index.get(types[0], ()))
    chosen = [resource for type in dict.fromkeys(types or index) for resource in index.get(type, ())]
    return tuple(sorted(chosen, key=lambda resource: resource.address.sort_key))


def _root(
    document: Document,
    moment: Moment,
    tag: str,
    resolving: Resolving,
    shared: frozenset[ResourceAddress],
) -> Root:
    if document.folder is None or moment is not AFTER:
        return Root(document, moment.resources(document), tag, moment.unknown(document), resolving, shared)
    made, resolver = document.folder.expanded(tag)
    return Root(document, made, tag, {}, lambda root: resolver, shared)


def _info(document: Document, moment: Moment) -> InputInfo:
    managed = [item for item in moment.resources(document) if item.address.mode == "managed"]
    count = sum(item.address.type != MODULE for item in managed)
    return InputInfo(document.path, document.kind, document.terraform_version, count)


def _change(root: Root, change: RawChange) -> Change:
    deposed = change.deposed is not None
    after = None if deposed else root.resources.get(change.address)
    ends = "delete" in change.actions and "create" not in change.actions
    before: Block | None = None
    if change.before is not None:
        raw = RawResource(change.address, change.provider, change.before, change.before_sensitive)
        before = Resource(root, raw, None, None)
    key = root.key(change.address)
    return Change(change.address, key, change.actions, before, None if ends else after, deposed, root.input)
