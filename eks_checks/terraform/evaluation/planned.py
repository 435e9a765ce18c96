"""A plan beside its sources: the plan says what it knows, the sources where the rest comes from."""

from __future__ import annotations

from typing import Protocol

from eks_checks.terraform.address import Index, ModuleStep, ResourceAddress
from eks_checks.terraform.configured import Configuration, member
from eks_checks.terraform.document import Document
from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.evaluation.facts import Conventions, Keys, Steps
from eks_checks.terraform.evaluation.matching import Planned
from eks_checks.terraform.evaluation.resolver import FromSources
from eks_checks.terraform.evaluation.traverse import descend, members_of
from eks_checks.terraform.resource import Resolver, Resource
from eks_checks.terraform.sources.agreement import Tree
from eks_checks.terraform.value import (
    Choice,
    Collection,
    Known,
    Mapping,
    Path,
    Unknown,
    Value,
    of_json,
)


class Ground(Protocol):
    """What a plan's root has to tell."""

    document: Document
    tag: str
    configuration: Configuration
    resources: dict[ResourceAddress, Resource]
    instances: dict[tuple[tuple[ModuleStep, ...], str], list[Resource]]
    modules: dict[tuple[str, ...], dict[tuple[ModuleStep, ...], None]]


class PlanFacts:
    """What a plan knows: instances, values, variables. It always wins over the sources."""

    def __init__(self, ground: Ground, tree: Tree, fallback: Resolver, conventions: Conventions) -> None:
        """``fallback`` resolves what the sources at hand do not say."""
        self._conventions = conventions
        self._ground = ground
        self.tag = ground.tag
        self.workspace: str | None = None
        self.evaluator = Evaluator(tree, self)
        self.resolver = FromSources(self.evaluator, fallback)
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
        names = (*(step.name for step in module), name)
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
            whole = resource.value(
                *path[:1]
            )  # so that a member that is not there fails as it does in Terraform
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

    def _linked(self, value: Value) -> Value:
        """A value with a Reference in place of every Unknown that a provider will fill in."""
        if isinstance(value, Unknown) and value.computed and value.at is not None:
            return self._conventions.reference(value.at.resource, value.at.path, self.tag)
        if isinstance(value, Collection):
            items = tuple(self._linked(item) for item in value.items)
            return Collection(items, value.maybe, value.open, value.note, value.ordered)
        if isinstance(value, Mapping):
            return Mapping(tuple((key, self._linked(item)) for key, item in value.entries), value.open)
        return value


def settled(value: Value) -> bool:
    """Whether a value says more than a Reference to the attribute that holds it would."""
    if isinstance(value, Unknown) or value == Known(None):
        return False
    if isinstance(value, Choice):
        return all(settled(option) or option == Known(None) for option in value.options)
    if isinstance(value, (Collection, Mapping)):
        members, rest = members_of(value)
        return rest is None or bool(members)
    return True


def _ordered(keys: set[Index]) -> tuple[Index, ...]:
    def order(key: Index) -> tuple[int, str]:
        return (key, "") if isinstance(key, int) else (-1, str(key))

    return tuple(sorted(keys, key=order))
