"""A plan beside its sources: the plan says what it knows, the sources where the rest comes from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Protocol

from eks_checks.terraform.address import Index, ModuleStep, ResourceAddress, module_names
from eks_checks.terraform.configured import Configuration, member
from eks_checks.terraform.document import Document
from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.evaluation.facts import Conventions, Keys, Steps
from eks_checks.terraform.evaluation.matching import Planned
from eks_checks.terraform.evaluation.resolver import READ, FromSources
from eks_checks.terraform.evaluation.traverse import descend, members_of
from eks_checks.terraform.evaluation.written import WrittenBlock
from eks_checks.terraform.hcl.body import HclBlock
from eks_checks.terraform.resolving import Resolver
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.sources.agreement import AgreeingTree
from eks_checks.terraform.value import NULL, Choice, Collection, Known, Mapping, Path, Unknown, Value, of_json


class Ground(Protocol):
    """What a plan's root has to tell."""

    document: Document
    tag: str
    configuration: Configuration
    resources: dict[ResourceAddress, Resource]
    instances: dict[tuple[tuple[ModuleStep, ...], str], list[Resource]]
    modules: dict[tuple[str, ...], dict[tuple[ModuleStep, ...], None]]


VERBATIM = frozenset({"availability_zone", "cidr_block", "cluster_name", "name", "node_group_name", "type"})
"""Texts that the provider plans as they are written."""


class PlanFacts:
    """What a plan knows: instances, values, variables. It always wins over the sources."""

    def __init__(
        self, ground: Ground, tree: AgreeingTree, fallback: Resolver, conventions: Conventions
    ) -> None:
        """``fallback`` resolves what the sources at hand do not say."""
        self._conventions = conventions
        self._ground = ground
        self._tree = tree
        self.tag = ground.tag
        self.workspace: str | None = None
        self.cwd: str | None = None
        self.evaluator = Evaluator(tree, self)
        self.resolver = FromSources(self.evaluator, fallback, self._trusts)
        self._following: set[tuple[ResourceAddress, Path]] = set()

    def variable(self, name: str) -> Value | None:
        """See Facts."""
        given = self._ground.document.variables.get(name)
        return of_json(given["value"]) if isinstance(given, dict) and "value" in given else None

    def default(self, names: tuple[str, ...], name: str) -> Value | None:
        """See Facts."""
        declared = self._ground.configuration.named(names, "variables", name)
        return of_json(declared["default"]) if declared is not None and "default" in declared else None

    def resource_keys(self, module: Steps, local: str) -> Keys:
        """See Facts."""
        found = self._ground.instances.get((module, local), [])
        return Keys(_ordered({resource.address.index for resource in found}))

    def module_keys(self, module: Steps, name: str) -> Keys:
        """See Facts.

        A module without resources is not in a plan: its keys are evaluated, unless the plan shows others.
        """
        names = (*module_names(module), name)
        shown = {inside[-1].index for inside in self._ground.modules.get(names, {}) if inside[:-1] == module}
        found = self.evaluator.names.call_keys(module, name)
        if found.open is None and shown <= set(found.known):
            return found
        return Keys(_ordered(shown), found.open)

    def attribute(self, address: ResourceAddress, path: Path) -> Value:
        """See Facts."""
        resource = self._ground.resources.get(address)
        if resource is None:
            return Unknown(f"depends on {address}, which is not in the plan")
        if resource.is_unknown(*path[:1]):
            path = self._conventions.reference(address, path, self.tag).path
        raw, unknown = resource.raw(str(path[0]))
        for position, step in enumerate(path):
            if position:
                raw, unknown = member(raw, step), True if unknown is True else member(unknown, step)
            if unknown is True:
                return self._later(resource, path, position + 1)
        if raw is None and unknown is None and len(path) > 1:
            # So that a member that is not there fails as it does in Terraform.
            whole = resource.value(*path[:1])
            return descend(whole, path[1:])
        return self._linked(resource.value(*path))

    def _later(self, resource: Resource, path: Path, known: int) -> Value:
        """An attribute that apply fills in: what it is set to, else a Reference to it.

        ``known`` steps of the path lead to what the plan leaves open; the others into it.
        """
        plain = self._conventions.reference(resource.address, path, self.tag)
        key = (resource.address, path[:known])
        if key in self._following:
            return plain
        self._following.add(key)
        try:
            value = self.resolver.written(resource.address, path, Planned(*resource.raw()))
        finally:
            self._following.discard(key)
        return value if value is not None and settled(value) else plain

    def _trusts(self, address: ResourceAddress, block: HclBlock, written: WrittenBlock) -> bool:
        """Whether the sources give the plan's values: locals are in no plan, and may have changed."""
        resource = self._ground.resources.get(address)
        if resource is None:
            return False  # it goes with this plan: the sources no longer have it, rightly
        keys = self.evaluator.names.instance_keys(address.module, block)
        differs = ""
        if keys.open is None and address.index not in keys.known:
            differs = "for_each" if "for_each" in block.body.arguments else "count"
        elif "create" in resource.actions:
            # What exists may keep another value than the configuration has (ignore_changes).
            differs = next(self._contradictions(resource, written), "")
        if differs:
            self._tree.disagree(f"{address}.{differs} (another value)")
        return not differs

    def _contradictions(self, resource: Resource, written: WrittenBlock) -> Iterator[str]:
        for name in written.names():
            raw, unknown = resource.raw(name)
            if unknown is True or not (isinstance(raw, (bool, int, float)) or name in VERBATIM):
                continue
            value = self.evaluator.guarded(partial(_argument, written, name))
            if isinstance(value, Known) and value != NULL and same(value, Known(raw)) is Same.NO:
                yield name

    def _linked(self, value: Value) -> Value:
        """A value with a Reference in place of every Unknown that a provider will fill in."""
        if isinstance(value, Unknown) and value.at is not None and (value.computed or value.reason == READ):
            return self._conventions.reference(value.at.resource, value.at.path, self.tag)
        if isinstance(value, Collection):
            items = tuple(self._linked(item) for item in value.items)
            return Collection(items, value.maybe, value.open, value.note, value.ordered)
        if isinstance(value, Mapping):
            return Mapping(tuple((key, self._linked(item)) for key, item in value.entries), value.open)
        return value


def _argument(written: WrittenBlock, name: str) -> Value:
    return written.argument(name) or NULL


def settled(value: Value) -> bool:
    """Whether a value says more than a Reference to the attribute that holds it would."""
    if isinstance(value, Unknown) or value == NULL:
        return False
    if isinstance(value, Choice):
        return all(settled(option) or option == NULL for option in value.options)
    if isinstance(value, (Collection, Mapping)):
        members, rest = members_of(value)
        return rest is None or bool(members)
    return True


def _ordered(keys: set[Index]) -> tuple[Index, ...]:
    def order(key: Index) -> tuple[int, str]:
        return (key, "") if isinstance(key, int) else (-1, str(key))

    return tuple(sorted(keys, key=order))
