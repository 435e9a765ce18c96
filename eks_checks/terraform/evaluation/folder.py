"""A folder without a plan: instances made and values worked out from the sources alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import partial

from eks_checks.errors import InputError
from eks_checks.terraform.address import ModuleStep, ResourceAddress
from eks_checks.terraform.document import Document, EvaluatedResource, Trees
from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.evaluation.facts import Conventions, Keys, Schema, Steps
from eks_checks.terraform.evaluation.matching import Planned
from eks_checks.terraform.evaluation.providers import provider_of
from eks_checks.terraform.evaluation.resolver import FromSources
from eks_checks.terraform.evaluation.variables import Given, root_variables
from eks_checks.terraform.files import ModuleFiles
from eks_checks.terraform.hcl.body import HclBlock
from eks_checks.terraform.resource import Resolver, Resource
from eks_checks.terraform.sources.tree import ModuleTree
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Mapping,
    Path,
    Reference,
    Unknown,
    Value,
    known_part,
)

MANY = 20_000
"""Instances of modules and resources of one configuration; more are left out, and said to be."""


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

    InputError where there are no sources, or none that can be read.
    """
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    tree = ModuleTree(ModuleFiles(folder))
    root = tree.root
    if not (root.resources or root.calls):
        hint = "name a folder of .tf files, or a plan written by `terraform show -json tfplan`"
        what = root.problems[0].text if root.problems else "no resources and no modules in its .tf files"
        raise InputError(what, where=path, hint=hint)
    made = Folder(tree, schema, conventions, root_variables(tree, given))
    return Document(folder, "folder", "", "", made.expanded("")[0], None, folder=made)


class FolderFacts:
    """What the sources alone tell: keys by evaluating ``count`` and ``for_each``, attributes as written."""

    def __init__(self, folder: Folder, tag: str) -> None:
        """Nothing is evaluated yet."""
        self.tag = tag
        self.workspace: str | None = folder.workspace
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
        found = self._folder.tree.module(_names(module))
        block = found.resources.get(local) if found is not None else None
        return Keys(()) if block is None else self._instance_keys(module, local, block)

    def module_keys(self, module: Steps, name: str) -> Keys:
        """See Facts."""
        block = self._folder.tree.call((*_names(module), name))
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
        found = self._folder.tree.module(_names(module))
        if found is None:
            return
        for local in found.resources:
            for key, doubt in _with_doubt(self.resource_keys(module, local), uncertain):
                if self._too_many():
                    return
                yield self._resource(ResourceAddress(module, *_parts(local), key), doubt)
        for name in found.calls:
            for key, doubt in _with_doubt(self.module_keys(module, name), uncertain):
                if self._too_many():
                    return
                yield from self.instances((*module, ModuleStep(name, key)), doubt)

    def _too_many(self) -> bool:
        self._made += 1
        if self._made == MANY + 1:
            self._folder.tree.note(
                f"more than {MANY} instances of modules and resources; the others are left out"
            )
        return self._made > MANY

    def _resource(self, address: ResourceAddress, uncertain: Unknown | None) -> EvaluatedResource:
        provider = "registry.terraform.io/hashicorp/" + address.type.partition("_")[0]
        return EvaluatedResource(address, provider, partial(self._trees, address), uncertain)

    def _trees(self, address: ResourceAddress) -> Trees:
        """The values of one instance as a plan to create it would have them."""
        written = self.resolver.block(address)
        entries = []
        for name in written.names() if written is not None else ():
            value = self.resolver.written(address, (name,), Planned())
            entries.append((name, NULL if value is None else value))
        whole = Mapping(tuple(sorted(entries, key=lambda entry: entry[0])))
        if address.mode == "managed":
            inherited = provider_of(self.evaluator, address).default_tags()
            whole = self._folder.schema.complete(address.type, whole, inherited)
        elif "id" not in dict(whole.entries):
            whole = Mapping((*whole.entries, ("id", Unknown("read at plan"))))
        return Trees(*known_part(whole), None)

    def _instance_keys(self, module: Steps, name: str, block: HclBlock) -> Keys:
        key = (module, name)
        if key not in self._keys:
            self._keys[key] = Keys((), Unknown(f"{name} repeats by its own instances"))
            self._keys[key] = self.evaluator.names.instance_keys(module, block)
        return self._keys[key]

    def _left_out(self, address: ResourceAddress, path: Path, plain: Reference) -> Value:
        """An attribute that nobody sets: what the provider makes of it."""
        schema, name = self._folder.schema, str(path[0])
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

    def notices(self) -> tuple[str, ...]:
        """See Resolver."""
        return ()


def _with_doubt(keys: Keys, uncertain: Unknown | None) -> Iterator[tuple[str | int | None, Unknown | None]]:
    """The keys there are, and one more for all those there may be besides."""
    for key in keys.known:
        yield key, uncertain
    if keys.open is not None:
        yield None, keys.open


def _names(module: Steps) -> tuple[str, ...]:
    return tuple(step.name for step in module)


def _parts(local: str) -> tuple[str, str, str]:
    words = local.split(".")
    return ("managed", words[0], words[1]) if len(words) == 2 else (words[0], words[1], words[2])
