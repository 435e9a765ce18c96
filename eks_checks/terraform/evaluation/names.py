"""What the names in expressions stand for: variables, locals, outputs, resources, instances."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from eks_checks.terraform.address import ModuleStep, ResourceAddress, parse_local
from eks_checks.terraform.evaluation.facts import Keys, Steps, module_reference
from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.evaluation.traverse import members_of, step
from eks_checks.terraform.evaluation.types import kind_of
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import convert
from eks_checks.terraform.functions.kinds import NUMBER
from eks_checks.terraform.hcl.body import HclBlock
from eks_checks.terraform.hcl.expression import Expression
from eks_checks.terraform.sources.module import Module
from eks_checks.terraform.sources.tree import NOT_AT_HAND
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    alternatives,
    choice,
)

if TYPE_CHECKING:
    from eks_checks.terraform.evaluation.evaluator import Evaluator

Words = Sequence["str | Expression"]

MANY = 10_000
"""More instances of one resource than anybody has."""


class Names:
    """Values of names, each worked out once; one that depends on itself is Unknown.

    So is one that nobody declares: Terraform refuses it even inside ``try``, so that sources with such a name
    are not whole, and nothing follows from that.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        """``evaluator`` evaluates what the names are set to."""
        self._evaluator = evaluator
        self._known: dict[Hashable, Value | EvaluationError] = {}
        self._active: set[Hashable] = set()

    def start(self, name: str, steps: Words, scope: Scope) -> tuple[Value, int]:
        """The value that a traversal starts with, and how many of its steps that takes."""
        if name in scope.names:
            return scope.names[name], 0
        words = [word for word in steps[:2] if isinstance(word, str)]
        if name in ("data", "ephemeral"):
            if len(words) < 2:
                raise EvaluationError(f"{name} needs a type and a name")
            return self.resource(scope.module, f"{name}.{words[0]}.{words[1]}"), 2
        if not words:
            raise EvaluationError(f"{name} is no value")
        named: dict[str, Callable[[str, Scope], Value]] = {
            "var": lambda word, at: self.variable(at.module, word),
            "local": lambda word, at: self.local(at.module, word),
            "module": lambda word, at: self.call(at.module, word),
            "each": self._each,
            "count": self._count,
            "path": self._path,
            "terraform": self._terraform,
            "self": self._self,
        }
        if name in named:
            return named[name](words[0], scope), 1
        return self.resource(scope.module, f"{name}.{words[0]}"), 1

    # --- modules: variables, locals, outputs ----------------------------------------------------------------

    def variable(self, module: Steps, name: str) -> Value:
        """``var.name`` inside a module instance."""
        return self._once(("var", module, name), lambda: self._variable(module, name), f"var.{name}")

    def local(self, module: Steps, name: str) -> Value:
        """``local.name`` inside a module instance."""
        return self._once(("local", module, name), lambda: self._local(module, name), f"local.{name}")

    def output(self, address: ResourceAddress, name: str) -> Value:
        """An output of a module instance, which is given as an address (``module_reference``)."""
        module = (*address.module, ModuleStep(address.name, address.index))
        what = f"module.{address.name}.{name}"
        return self._once(("output", module, name), lambda: self._output(module, name, what), what)

    def call(self, module: Steps, name: str) -> Value:
        """``module.name`` inside a module instance: the instance, a list or a map of them."""
        block = self._module(module).calls.get(name)
        if block is None:
            return Unknown(f"depends on module.{name}, which is not in the sources")
        tag = self._evaluator.facts.tag
        return self._repeated(
            block,
            lambda: self._evaluator.facts.module_keys(module, name),
            lambda key: module_reference(module, name, key, tag),
        )

    def resource(self, module: Steps, local: str) -> Value:
        """A resource or data source inside a module instance: the instance, a list or a map of them."""
        block = self._module(module).resources.get(local)
        if block is None:
            return Unknown(f"depends on {local}, which is not in the sources")
        mode, type_, name = parse_local(local)
        tag = self._evaluator.facts.tag
        return self._repeated(
            block,
            lambda: self._evaluator.facts.resource_keys(module, local),
            lambda key: Reference(
                ResourceAddress(module, mode, type_, name, key), (), input=tag, filled=True
            ),
        )

    def each_value(self, scope: Scope) -> Value:
        """``each.value`` in a scope."""
        if scope.for_each is None:
            raise EvaluationError("each.value outside for_each")
        collection = self.repetition(scope.module, scope.for_each)
        if scope.uncertain is not None:
            return _any_member(collection, scope.uncertain)
        if isinstance(collection, Collection) and not collection.ordered:
            return Known(scope.key)
        if isinstance(collection, (Mapping, Collection)):
            return step(collection, Known(scope.key))
        return step(self._evaluator.settled(collection), Known(scope.key))

    def repetition(self, module: Steps, for_each: Expression) -> Value:
        """What ``for_each`` of a resource or module call is."""
        key = ("for_each", module, id(for_each))
        return self._once(key, lambda: self._evaluator.value(for_each, Scope(module)), "for_each")

    def instance_keys(self, module: Steps, block: HclBlock) -> Keys:
        """The keys that ``count`` or ``for_each`` of a block gives; None is the key of one without them."""
        arguments = block.body.arguments
        if "for_each" in arguments:
            for_each = arguments["for_each"].expression
            return _for_each_keys(self._evaluator.guarded(lambda: self.repetition(module, for_each)))
        if "count" in arguments:
            count = arguments["count"].expression
            value = self._evaluator.asked(count, Scope(module))
            try:
                return _count_keys(value)
            except EvaluationError as error:
                return Keys((), Unknown(f"count cannot be evaluated: {error}"))
        return Keys((None,))

    def call_keys(self, module: Steps, name: str) -> Keys:
        """The keys of a module call's instances, as far as they can be evaluated."""
        block = self._module(module).calls.get(name)
        if block is None:
            return Keys((), Unknown(f"module.{name} is not in the sources"))
        return self.instance_keys(module, block)

    # --- how they are worked out ----------------------------------------------------------------------------

    def _once(self, key: Hashable, work: Callable[[], Value], what: str) -> Value:
        if key in self._known:
            known = self._known[key]
            if isinstance(known, EvaluationError):
                raise known
            return known
        if key in self._active:
            return Unknown(f"{what} depends on itself")
        self._active.add(key)
        try:
            found: Value | EvaluationError = work()
        except EvaluationError as error:
            found = error
        finally:
            self._active.discard(key)
        self._known[key] = found
        if isinstance(found, EvaluationError):
            raise found
        return found

    def _module(self, module: Steps) -> Module:
        found = self._evaluator.tree.module(tuple(part.name for part in module))
        return found if found is not None else Module("")

    def _local(self, module: Steps, name: str) -> Value:
        argument = self._module(module).locals.get(name)
        if argument is None:
            return Unknown(f"depends on local.{name}, which is not in the sources")
        return self._evaluator.value(argument.expression, Scope(module))

    def _output(self, module: Steps, name: str, what: str) -> Value:
        names = tuple(part.name for part in module)
        found = self._evaluator.tree.module(names)
        if found is None:
            why = self._evaluator.tree.missing.get(names, NOT_AT_HAND)
            return Unknown(f"{what}: {why}")
        block = found.outputs.get(name)
        argument = block.body.arguments.get("value") if block is not None else None
        if argument is None:
            return Unknown(f"depends on {what}, which is not in the sources")
        return self._evaluator.value(argument.expression, Scope(module))

    def _variable(self, module: Steps, name: str) -> Value:
        block = self._module(module).variables.get(name)
        if block is None:
            return Unknown(f"depends on var.{name}, which is not in the sources")
        given = self._passed(module, name) if module else self._evaluator.facts.variable(name)
        if given is None or (given == NULL and not self._nullable(block)):
            given = self._default(module, name, block)
        constraint = block.body.arguments.get("type")
        kind = kind_of(
            constraint.expression if constraint is not None else None,
            lambda default: self._evaluator.value(default, Scope()),
        )
        return convert(given, kind)

    def _passed(self, module: Steps, name: str) -> Value | None:
        block = self._module(module[:-1]).calls.get(module[-1].name)
        argument = block.body.arguments.get(name) if block is not None else None
        if block is None or argument is None:
            return None
        return self._evaluator.value(argument.expression, scope_of(block, module[:-1], module[-1].index))

    def _default(self, module: Steps, name: str, block: HclBlock) -> Value:
        known = self._evaluator.facts.default(tuple(part.name for part in module), name)
        argument = block.body.arguments.get("default")
        if known is not None:
            return known
        if argument is None:
            return Unknown(f"var.{name} has no value: give it one with --var or --var-file")
        return self._evaluator.value(argument.expression, Scope(module))

    def _nullable(self, block: HclBlock) -> bool:
        argument = block.body.arguments.get("nullable")
        return argument is None or self._evaluator.asked(argument.expression, Scope()) != Known(False)

    def _repeated(
        self, block: HclBlock, keys: Callable[[], Keys], instance: Callable[[str | int | None], Reference]
    ) -> Value:
        arguments = block.body.arguments
        if "for_each" in arguments:
            found = keys()
            entries = sorted((str(key), instance(key)) for key in found.known)
            return Mapping(tuple(entries), found.open)
        if "count" in arguments:
            found = keys()
            whole = list(found.known) == list(range(len(found.known)))
            rest = found.open if whole else found.open or Unknown("only some instances are in the plan")
            return Collection(tuple(instance(key) for key in found.known), (), rest)
        return instance(None)

    # --- where the expression stands ------------------------------------------------------------------------

    def _each(self, word: str, scope: Scope) -> Value:
        if word == "key":
            if scope.uncertain is not None:
                return scope.uncertain
            if scope.key is None:
                raise EvaluationError("each.key outside for_each")
            return Known(scope.key)
        return self.each_value(scope)

    def _count(self, word: str, scope: Scope) -> Value:
        if scope.uncertain is not None:
            return scope.uncertain
        if word != "index" or not isinstance(scope.key, int):
            raise EvaluationError("count.index outside count")
        return Known(scope.key)

    def _path(self, word: str, scope: Scope) -> Value:
        if word == "module":
            return Known(self._module(scope.module).folder)
        if word == "root":
            return Known(".")
        here = self._evaluator.facts.cwd
        return Unknown("path.cwd is where Terraform was run") if here is None else Known(here)

    def _terraform(self, word: str, scope: Scope) -> Value:
        workspace = self._evaluator.facts.workspace
        if word == "workspace" and workspace is not None:
            return Known(workspace)
        return Unknown(f"terraform.{word} is not known here")

    def _self(self, word: str, scope: Scope) -> Value:
        if scope.owner is None:
            raise EvaluationError("self outside a resource")
        return step(Reference(scope.owner, (), input=self._evaluator.facts.tag), Known(word))


def scope_of(
    block: HclBlock, module: Steps, key: str | int | None, owner: ResourceAddress | None = None
) -> Scope:
    """The scope of the arguments of a resource's or module call's block, for one of its instances."""
    arguments = block.body.arguments
    repeated = arguments.get("for_each")
    all_of_them = key is None and ("count" in arguments or repeated is not None)
    return Scope(
        module,
        key,
        repeated.expression if repeated is not None else None,
        owner,
        uncertain=Unknown("which instances there are is not known") if all_of_them else None,
    )


def _any_member(collection: Value, uncertain: Unknown) -> Value:
    """What ``each.value`` may be where the keys are not known."""
    found: list[Value] = []
    for option in alternatives(collection):
        if option == NULL:
            continue
        members, rest = members_of(option)
        found += [*members, *((rest,) if rest is not None else ())]
    return choice(found) if found else uncertain


def _for_each_keys(value: Value) -> Keys:
    if isinstance(value, Mapping):
        return Keys(tuple(key for key, _ in value.entries), value.open)
    if isinstance(value, Collection):
        known = tuple(str(item.value) for item in value.items if isinstance(item, Known))
        unclear = len(known) < len(value.items) or bool(value.maybe)
        return Keys(known, value.open or (Unknown("some keys are known after apply") if unclear else None))
    return Keys((), _why(value, "for_each"))


def _count_keys(value: Value) -> Keys:
    options = alternatives(convert(value, NUMBER))
    numbers = [option.value for option in options if isinstance(option, Known)]
    counts = [int(number) for number in numbers if isinstance(number, (int, float))]
    if not counts or min(counts) > MANY:
        return Keys((), _why(value, "count"))
    decided = len(counts) == len(options)
    sure = tuple(range(min(counts))) if decided else ()
    return Keys(sure, None if decided and len(options) == 1 else _why(value, "count"))


def _why(value: Value, what: str) -> Unknown:
    if isinstance(value, Unknown):
        return Unknown(f"{what}: {value.reason}", value.at)
    return Unknown(f"{what} is known after apply")
