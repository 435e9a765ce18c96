"""Following symbols through module inputs and outputs, instances and carriers to what they stand for."""

from __future__ import annotations

from typing import Any, Protocol

from eks_checks.terraform.address import Index, ModuleStep, ResourceAddress, module_names
from eks_checks.terraform.configured import Configuration, expressions_of, member
from eks_checks.terraform.document import Document, Json
from eks_checks.terraform.found import Found, Scope
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.symbols import Symbol, symbols
from eks_checks.terraform.value import (
    Choice,
    Collection,
    Known,
    Mapping,
    Path,
    Reference,
    Unknown,
    Value,
    unknowns,
)

DEPTH = 80
"""How many steps a chain may have; real ones have a dozen."""

ALIASES = {("terraform_data", "output"): "input"}
"""Attributes that a provider copies from another one of the same resource."""


class Ground(Protocol):
    """What tracing needs of the root it is in."""

    document: Document
    tag: str
    configuration: Configuration
    instances: dict[tuple[tuple[ModuleStep, ...], str], list[Resource]]
    modules: dict[tuple[str, ...], dict[tuple[ModuleStep, ...], None]]

    def block(self, address: ResourceAddress) -> Json | None:
        """A resource's entry in the configuration."""


class Resolves(Protocol):
    """The part of a resolver that tracing calls back."""

    def one(self, resource: Resource, path: Path) -> Value:
        """What an unknown value will be."""


class Tracer:
    """Follows symbols; guards against cycles and endless chains."""

    def __init__(self, ground: Ground, resolver: Resolves) -> None:
        """``resolver`` answers for attributes that are themselves configured with a reference."""
        self._ground = ground
        self._resolver = resolver
        self._memo: dict[tuple[object, ...], Found] = {}
        self._alls: dict[tuple[tuple[ModuleStep, ...], str], tuple[tuple[Value, ...], tuple[Value, ...]]] = {}
        self._active: set[tuple[object, ...]] = set()
        # (of which resource, attribute): links that lead no further. The ground holds the resources.
        self._bare_links: dict[tuple[int, Path], Reference] = {}

    def trace(self, expression: Any, scope: Scope, rest: Path) -> Found:
        """What ``rest`` below the value of an expression may stand for."""
        if not isinstance(expression, dict):
            return Found()
        key = (id(expression), scope, rest)
        if key in self._memo:
            return self._memo[key]
        if key in self._active or len(self._active) > DEPTH:
            return Found(opaque=["the references go round in a circle, or on without end"])
        self._active.add(key)
        try:
            found = self._traced(expression, scope, rest)
        finally:
            self._active.discard(key)
        self._memo[key] = found
        return found

    def guards(self, reference: Reference) -> set[str]:
        """The known symbols that decide whether the referenced resource exists."""
        block = self._ground.block(reference.resource) or {}
        scope = Scope(reference.resource.module)
        found = Found()
        for name in ("count_expression", "for_each_expression"):
            found.add(self.trace(block.get(name), scope, ()))
        return found.switches

    def _traced(self, expression: Json, scope: Scope, rest: Path) -> Found:
        found = Found()
        if "constant_value" in expression and "references" not in expression:
            found.add_known(expression["constant_value"], rest, "a constant")
        for symbol in symbols(expression):
            found.add(self._symbol(symbol, scope, rest))
        if rest and len(found.candidates()) > 1:
            found.chooses = True  # one member was asked for, and there are several it may be
        return found

    def _symbol(self, symbol: Symbol, scope: Scope, rest: Path) -> Found:
        below = (*symbol.path, *rest)
        if symbol.kind == "resource":
            return self._resource(symbol, scope, rest)
        if symbol.kind == "module":
            return self._output(symbol, scope, below)
        if symbol.kind == "var":
            return self._variable(symbol, scope, below)
        if symbol.kind == "each" and symbol.name == "value":
            return self._each_value(symbol, scope, below)
        if symbol.kind in ("each", "count"):
            return Found(chooses=True)
        if symbol.kind in ("path", "terraform"):
            return Found(switches={symbol.text}, chooses=True)
        return Found(opaque=[f"depends on {symbol.text}, which a plan does not contain"])

    # --- resources ----------------------------------------------------------------------------------------

    def _resource(self, symbol: Symbol, scope: Scope, rest: Path) -> Found:
        instances = self._ground.instances.get((scope.module, symbol.name), [])
        names = module_names(scope.module)
        block = self._ground.configuration.resource(names, symbol.name)
        if block is None and not instances:
            return Found(opaque=[f"depends on {symbol.text}, which is not in the plan"])
        if block is None or not _repeated(block, instances):
            key = () if symbol.key is None else (symbol.key,)
            return self._of(instances, (*key, *symbol.path), rest, symbol.text)
        if symbol.key is not None:
            chosen = [one for one in instances if str(one.address.index) == str(symbol.key)]
            return self._of(chosen, symbol.path, rest, symbol.text)
        return self._bare(symbol, instances, rest)

    def _bare(self, symbol: Symbol, instances: list[Resource], rest: Path) -> Found:
        """A repeated resource without a constant key: all of it, a splat, or an index by expression."""
        paired = [one for one in instances if rest and _pairs(one.address.index, rest)]
        if len(paired) == 1:
            found = self._of(paired, rest[1:], (), symbol.text)
            note = f"the instance of {symbol.name} with the same key"
            found.groups = [tuple(_noted(value, note) for value in group) for group in found.groups]
            return found
        key = (instances[0].address.module, symbol.name) if instances else ((), symbol.name)
        if key not in self._alls:
            new = tuple(self._link(one) for one in instances if not _exists(one))
            self._alls[key] = (new, tuple(self._link(one) for one in instances if _exists(one)))
        values, existing = self._alls[key]
        return Found([values] if values else [], list(existing), lumped=_inside_object(rest))

    def _link(self, target: Resource) -> Value:
        """The link to a resource by an attribute that the plan does not name."""
        return Reference(target.address, (), input=self._ground.tag)

    def _of(self, instances: list[Resource], path: Path, rest: Path, text: str) -> Found:
        found = Found()
        for one in instances:
            if not path and not rest:
                if _exists(one):
                    found.existing.append(self._link(one))
                else:
                    found.groups.append((self._link(one),))
            elif not path:
                self._attribute(found, one, rest, text)
            elif rest and isinstance(one.raw(*path)[0], (list, dict)):
                self._attribute(found, one, (*path, *rest), text)
            else:
                found.lumped = found.lumped or _inside_object(rest)
                self._attribute(found, one, path, text)
        return found

    def _attribute(self, found: Found, target: Resource, path: Path, text: str) -> None:
        """Add what an attribute of one instance is, or will be."""
        _, unknown = target.raw(*path)
        if unknown is True:
            found.groups.append((self._followed(target, path),))
            return
        value = target.value(*path)
        if isinstance(value, Known):
            if isinstance(value.value, str) and value.value and _names_it(path):
                found.existing.append(value)
            else:
                found.add_known(value.value, (), text)
        elif isinstance(value, Mapping) or _holds_objects(value):
            # A plan keeps the attribute, not what is taken out of its objects (one(x.vpc_config[*].id)).
            if next(unknowns(value), None) is None:
                found.switches.add(text)
            else:
                found.groups.append((Reference(target.address, path, input=self._ground.tag),))
        elif isinstance(value, Collection):
            group = tuple(item for item in value.items if not isinstance(item, Known))
            found.groups += [group] if group else []
        else:
            found.groups.append((value,))

    def _followed(self, target: Resource, path: Path) -> Value:
        """A reference to an attribute; where that is set to another reference, to that one."""
        if (id(target), path) in self._bare_links:
            return self._bare_links[id(target), path]
        asked = path
        first = str(path[0]) if path else ""
        path = (ALIASES.get((target.type, first), first), *path[1:]) if path else path
        plain = Reference(target.address, path, input=self._ground.tag)
        written = expressions_of(target.place(path))
        if written is None or not written.found or written.unset or not written.complete:
            self._bare_links[id(target), asked] = plain
            return plain
        key = ("attribute", target.address, path)
        if key in self._active or len(self._active) > DEPTH:
            return plain
        self._active.add(key)
        try:
            value = self._resolver.one(target, path)
        finally:
            self._active.discard(key)
        return value if _settled(value) else plain

    # --- modules and variables ----------------------------------------------------------------------------

    def _output(self, symbol: Symbol, scope: Scope, below: Path) -> Found:
        names = (*module_names(scope.module), symbol.name)
        inside = [m for m in self._ground.modules.get(names, {}) if m[:-1] == scope.module]
        call = self._ground.configuration.call(names)
        repeated = "count_expression" in call or "for_each_expression" in call
        if repeated and symbol.key is None:
            inside, below = _picked(inside, below)
        elif symbol.key is not None:
            inside = [m for m in inside if str(m[-1].index) == str(symbol.key)]
        elif not inside:
            inside = [(*scope.module, ModuleStep(symbol.name))]
        if not below or (repeated and symbol.key is None and len(inside) != 1):
            what = "as a whole: a plan does not say which output of which instance"
            return Found(opaque=[f"depends on module.{symbol.name} {what}"])
        output = self._ground.configuration.named(names, "outputs", str(below[0]))
        if output is None:
            return Found(opaque=[f"depends on {symbol.text}, which is not in the plan"])
        found = Found()
        for module in inside:
            found.add(self.trace(output.get("expression"), Scope(module), below[1:]))
        return found

    def _variable(self, symbol: Symbol, scope: Scope, below: Path) -> Found:
        names = module_names(scope.module)
        declared = self._ground.configuration.named(names, "variables", symbol.name) or {}
        found = Found()
        if not names:
            given = self._ground.document.variables.get(symbol.name)
            holder = given if isinstance(given, dict) and "value" in given else None
            if holder is None and "default" not in declared:
                return Found(opaque=[f"depends on {symbol.text}, whose value is not in the plan"])
            value = holder["value"] if holder is not None else declared["default"]
            found.add_known(value, below, symbol.text)
            return found
        text = f"module.{'.module.'.join(names)}.{symbol.text}"
        call = self._ground.configuration.call(names)
        passed = member(call.get("expressions"), symbol.name)
        if not isinstance(passed, dict) or not passed:
            found.add_known(declared.get("default"), below, text)
            return found
        if "constant_value" in passed and "references" not in passed:
            found.add_known(passed["constant_value"], below, text)
            return found
        outer = Scope(scope.module[:-1], scope.module[-1].index, call.get("for_each_expression"))
        found.add(self.trace(passed, outer, below))
        if found.lumped and below:
            found.switches.add(text)
        return found

    def _each_value(self, symbol: Symbol, scope: Scope, below: Path) -> Found:
        opaque = f"depends on {symbol.text}, of which a plan does not keep the value"
        if scope.for_each is None or scope.key is None:
            return Found(opaque=[opaque])
        inner = Scope(scope.module, None, None)
        found = Found(chooses=True)
        found.add(self.trace(scope.for_each, inner, (scope.key, *below)))
        if found.lumped or not found.groups:
            found.opaque.append(opaque)
        return found


def _exists(target: Resource) -> bool:
    """Whether it exists already: what links to it is then known, and is not what is unknown."""
    value, unknown = target.raw("id")
    return unknown is not True and value is not None


def _holds_objects(value: Value) -> bool:
    return isinstance(value, Collection) and any(isinstance(item, Mapping) for item in value.items)


def _names_it(path: Path) -> bool:
    return path[-1] in ("id", "arn")


def _repeated(block: Json, instances: list[Resource]) -> bool:
    if "count_expression" in block or "for_each_expression" in block:
        return True
    return any(one.address.index is not None for one in instances)


def _pairs(index: Index, rest: Path) -> bool:
    """Whether the member asked for is the instance: the same text key, or a position with more behind it."""
    return index == rest[0] and (isinstance(index, str) or len(rest) > 1)


def _inside_object(rest: Path) -> bool:
    return any(isinstance(step, str) for step in rest)


def _picked(modules: list[tuple[ModuleStep, ...]], below: Path) -> tuple[list[tuple[ModuleStep, ...]], Path]:
    chosen = [module for module in modules if below and module[-1].index == below[0]]
    return (chosen, below[1:]) if chosen else (modules, below)


def _noted(value: Value, note: str) -> Value:
    if isinstance(value, Reference) and note and not value.note:
        return Reference(value.resource, value.path, note, value.input)
    return value


def _settled(value: Value) -> bool:
    if isinstance(value, Choice):
        return not any(isinstance(option, Unknown) for option in value.options)
    return isinstance(value, (Reference, Known))
