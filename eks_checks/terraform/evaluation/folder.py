"""A folder without a plan: instances made and values worked out from the sources alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from functools import partial

from eks_checks.errors import EmptyInputError, InputError
from eks_checks.terraform.address import MODULE, ModuleStep, ResourceAddress, module_names, parse_local
from eks_checks.terraform.document import Document, EvaluatedResource, Trees
from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.evaluation.facts import Conventions, Inherited, Keys, Schema, Steps
from eks_checks.terraform.evaluation.given import Given
from eks_checks.terraform.evaluation.matching import Planned
from eks_checks.terraform.evaluation.providers import provider_of
from eks_checks.terraform.evaluation.resolver import FromSources
from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.evaluation.variables import root_variables
from eks_checks.terraform.files import ModuleFiles
from eks_checks.terraform.hcl.body import HclBlock
from eks_checks.terraform.hcl.expression import Conditional
from eks_checks.terraform.resolving import Resolver
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.sources.tree import NOT_AT_HAND, ModuleTree
from eks_checks.terraform.value import (
    NULL,
    Attribute,
    Collection,
    Mapping,
    Path,
    Reference,
    Unknown,
    Value,
    known_part,
)

_OF_CALLS = frozenset({"source", "version", "providers"})
MANY = 50_000
"""Instances of resources and modules of one configuration: more than anybody has."""


@dataclass(frozen=True)
class Folder:
    """A root module's sources with the values of its variables. ``variables`` maps a name to its value."""

    tree: ModuleTree
    schema: Schema
    conventions: Conventions
    variables: Dictionary[str, Value] = field(default_factory=dict)
    workspace: str = "default"
    _expanded: dict[str, tuple[tuple[EvaluatedResource, ...], Resolver]] = field(default_factory=dict)

    def expanded(self, tag: str) -> tuple[tuple[EvaluatedResource, ...], Resolver]:
        """See Expandable."""
        if tag not in self._expanded:
            facts = FolderFacts(self, tag)
            self._expanded[tag] = (tuple(facts.instances()), facts.resolver)
        return self._expanded[tag]


def read_folder(path: str, schema: Schema, conventions: Conventions, given: Given) -> Document:
    """A folder of sources as an input; ``path`` is the folder, or one of its files.

    InputError where nothing of it can be read, EmptyInputError where nothing is there.
    """
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    tree = ModuleTree(ModuleFiles(folder))
    root = tree.root
    if root.problems and not (root.resources or root.calls):
        first = root.problems[0]
        raise InputError(first.text, where=f"{first.file}:{first.line}", hint="mend the file")
    if not (root.resources or root.calls):
        hint = "name a folder of .tf files, or a plan written by `terraform show -json tfplan`"
        raise EmptyInputError("no resources and no modules in its .tf files", where=path, hint=hint)
    made = Folder(tree, schema, conventions, root_variables(tree, given))
    return Document(folder, "folder", "", "", made.expanded("")[0], None, folder=made)


class FolderFacts:
    """What the sources alone tell: keys by evaluating ``count`` and ``for_each``, attributes as written."""

    def __init__(self, folder: Folder, tag: str) -> None:
        """Nothing is evaluated yet."""
        self.tag = tag
        self.workspace: str | None = folder.workspace
        self.cwd: str | None = folder.tree.files.real
        self._folder = folder
        self._conventions = folder.conventions
        self.evaluator = Evaluator(folder.tree, self)
        self.resolver = FromSources(self.evaluator, Nowhere())
        self._keys: dict[tuple[Steps, str], Keys] = {}
        self._following: set[tuple[ResourceAddress, Path]] = set()
        self._made = 0

    def variable(self, name: str) -> Value | None:
        """See Facts."""
        return self._folder.variables.get(name)

    def default(self, names: tuple[str, ...], name: str) -> Value | None:
        """See Facts: the sources know it best."""
        return None

    def resource_keys(self, module: Steps, local: str) -> Keys:
        """See Facts."""
        found = self._folder.tree.module(module_names(module))
        block = found.resources.get(local) if found is not None else None
        return Keys(()) if block is None else self._instance_keys(module, local, block)

    def module_keys(self, module: Steps, name: str) -> Keys:
        """See Facts."""
        block = self._folder.tree.call((*module_names(module), name))
        return Keys(()) if block is None else self._instance_keys(module, f"module.{name}", block)

    def attribute(self, address: ResourceAddress, path: Path) -> Value:
        """See Facts."""
        plain = self._conventions.reference(address, path, self.tag)
        path = plain.path
        key = (address, path)
        if key in self._following:
            return plain
        self._following.add(key)
        try:
            value = self.resolver.written(address, path, Planned())
        finally:
            self._following.discard(key)
        if value is None or value == NULL:
            return self._left_out(address, path, plain)
        return plain if isinstance(value, Unknown) else value

    # --- instances ------------------------------------------------------------------------------------------

    def instances(self, module: Steps = (), uncertain: Unknown | None = None) -> Iterator[EvaluatedResource]:
        """Every resource instance below a module instance."""
        found = self._folder.tree.module(module_names(module))
        if found is None:
            return
        for local in found.resources:
            mode, type_, name = parse_local(local)
            one = ResourceAddress(module, mode, type_, name)
            keys = self._told(self.resource_keys(module, local), one, found.resources[local])
            for key, doubt in _with_doubt(keys, uncertain):
                self._count()
                yield self._resource(ResourceAddress(module, mode, type_, name, key), doubt)
        for name, block in found.calls.items():
            call = ResourceAddress(module, "managed", MODULE, name)
            keys = self._told(self.module_keys(module, name), call, block)
            for key, doubt in _with_doubt(keys, uncertain):
                self._count()
                inside = (*module, ModuleStep(name, key))
                if self._folder.tree.module(module_names(inside)) is None:
                    yield self._missing(replace(call, index=key))
                yield from self.instances(inside, doubt)

    def _told(self, keys: Keys, address: ResourceAddress, block: HclBlock) -> Keys:
        """The keys, with the argument that leaves them open."""
        if keys.open is None:
            return keys
        attribute = "for_each" if "for_each" in block.body.arguments else "count"
        expression = block.body.arguments[attribute].expression
        reason = keys.open.reason.removeprefix(f"{attribute}: ")
        if isinstance(expression, Conditional):
            condition = self.evaluator.asked(expression.condition, Scope(address.module))
            reason = condition.reason if isinstance(condition, Unknown) else reason
        return Keys(keys.known, Unknown(reason, Attribute(address, (attribute,), self.tag)))

    def _count(self) -> None:
        self._made += 1
        if self._made > MANY:
            what = f"the configuration makes more than {MANY} resources and modules"
            raise InputError(what, where=self._folder.tree.files.shown, hint="mind count and for_each")

    def _resource(self, address: ResourceAddress, uncertain: Unknown | None) -> EvaluatedResource:
        provider = "registry.terraform.io/hashicorp/" + address.type.partition("_")[0]
        return EvaluatedResource(address, provider, partial(self._trees, address), uncertain)

    def _missing(self, address: ResourceAddress) -> EvaluatedResource:
        """A module whose sources are not at hand, as a resource that holds what it is given."""
        names = (*module_names(address.module), address.name)
        why = Unknown(
            self._folder.tree.missing.get(names, NOT_AT_HAND), Attribute(address, ("source",), self.tag)
        )
        return EvaluatedResource(address, "", partial(self._given, address), why)

    def _given(self, address: ResourceAddress) -> Trees:
        written = self.resolver.block(address)
        names = () if written is None else tuple(n for n in written.names() if n not in _OF_CALLS)
        found = {name: self.resolver.written(address, (name,), Planned()) or NULL for name in sorted(names)}
        return Trees(*known_part(Mapping(tuple(found.items()))), None)

    def _trees(self, address: ResourceAddress) -> Trees:
        """The values of one instance as a plan to create it would have them."""
        written = self.resolver.block(address)
        entries = []
        for name in written.names() if written is not None else ():
            value = self.resolver.written(address, (name,), Planned())
            entries.append((name, NULL if value is None else value))
        whole = Mapping(tuple(sorted(entries, key=lambda entry: entry[0])))
        if address.mode == "managed":
            whole = self._folder.schema.complete(address.type, whole, self._inherited(address))
        elif "id" not in dict(whole.entries):
            whole = Mapping((*whole.entries, ("id", Unknown("read at plan"))))
        return Trees(*known_part(whole), None)

    def _inherited(self, address: ResourceAddress) -> Inherited:
        provider = provider_of(self.evaluator, address)
        return Inherited(provider.default_tags(), provider.value("region"))

    def _instance_keys(self, module: Steps, name: str, block: HclBlock) -> Keys:
        key = (module, name)
        if key not in self._keys:
            self._keys[key] = Keys((), Unknown(f"{name} repeats by its own instances"))
            self._keys[key] = self.evaluator.names.instance_keys(module, block)
        return self._keys[key]

    def _left_out(self, address: ResourceAddress, path: Path, plain: Reference) -> Value:
        """An attribute that nobody sets: what the provider makes of it."""
        schema, name = self._folder.schema, str(path[0])
        if address.mode == "data" and len(path) == 1:
            return schema.looked_up(address.type, name, self._inherited(address)) or plain
        if address.mode != "managed" or not schema.knows(address.type) or schema.computed(address.type, name):
            return plain
        default = schema.default(address.type, name)
        return plain if default is None and len(path) > 1 else default or NULL


class Nowhere:
    """The resolver behind the sources of a folder: there is nobody else to ask."""

    def one(self, resource: Resource, path: Path) -> Value:
        """See Resolver."""
        return Unknown("known after apply", resource.attribute(path), computed=True)

    def several(self, resource: Resource, path: Path) -> Collection:
        """See Resolver."""
        return Collection(open=Unknown("known after apply", resource.attribute(path), computed=True))

    def members(self, resource: Resource, path: Path, slots: tuple[int, ...]) -> tuple[Value, ...]:
        """See Resolver."""
        return tuple(self.one(resource, (*path, slot)) for slot in slots)

    def configured(self, resource: Resource, path: Path) -> bool | None:
        """See Resolver."""
        return None

    def span(self, resource: Resource, path: Path) -> None:
        """See Resolver."""
        return

    def maker(self, address: ResourceAddress) -> None:
        """See Resolver."""
        return

    def provided(self, address: ResourceAddress, name: str) -> Value:
        """See Resolver."""
        return Unknown("the provider configuration is not in the sources")

    def notices(self) -> tuple[str, ...]:
        """See Resolver."""
        return ()


def _with_doubt(keys: Keys, uncertain: Unknown | None) -> Iterator[tuple[str | int | None, Unknown | None]]:
    """The keys there are, and one more for all those there may be besides."""
    for key in keys.known:
        yield key, uncertain
    if keys.open is not None:
        yield None, keys.open
