"""Sources beside a plan: only what agrees with the plan's ``configuration`` is used.

Stale sources must not turn into a wrong answer: a resource, a module call or an argument that the
plan has otherwise (other symbols, another constant) is left out, with a notice. Locals are in no
plan (fact K5); what they lead to is checked against the planned values where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from eks_checks.location import SourceSpan
from eks_checks.terraform.address import traversal
from eks_checks.terraform.configured import Configuration
from eks_checks.terraform.document import Json
from eks_checks.terraform.files import ModuleFiles
from eks_checks.terraform.hcl.body import Argument, Body, HclBlock, Problem
from eks_checks.terraform.hcl.expression import Expression, Literal, Tuple, Unreadable
from eks_checks.terraform.hcl.symbols import Steps, agree, symbols
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.sources.module import Module
from eks_checks.terraform.sources.tree import ModuleTree, Names
from eks_checks.terraform.symbols import most_specific
from eks_checks.terraform.value import Known

LEFT_OUT = "the sources do not match the plan"
SHOWN = 5
"""How many disagreements a notice names."""


class Tree(Protocol):
    """The modules of a root, as far as their sources may be used."""

    files: ModuleFiles
    missing: dict[Names, str]

    def module(self, names: Names) -> Module | None:
        """The module that calls lead to; None where its sources cannot be used."""

    def call(self, names: Names) -> HclBlock | None:
        """The block that calls a module."""

    def problems(self) -> tuple[Problem, ...]:
        """What could not be read."""

    def notices(self) -> tuple[str, ...]:
        """What a person should know of how far the sources are used."""


class AgreeingTree:
    """A tree of sources with everything left out that a plan's configuration has otherwise."""

    def __init__(self, tree: ModuleTree, configuration: Configuration) -> None:
        """Each module is compared when it is first asked for."""
        self._tree = tree
        self._configuration = configuration
        self._modules: dict[Names, Module | None] = {}
        self.files = tree.files
        self.missing = tree.missing
        self.disagreements: list[str] = []

    def module(self, names: Names) -> Module | None:
        """See Tree."""
        if names not in self._modules:
            self._modules[names] = self._compared(names)
        return self._modules[names]

    def call(self, names: Names) -> HclBlock | None:
        """See Tree."""
        parent = self.module(names[:-1]) if names else None
        return parent.calls.get(names[-1]) if parent is not None else None

    def problems(self) -> tuple[Problem, ...]:
        """See Tree."""
        return self._tree.problems()

    def disagree(self, what: str) -> None:
        """Note something else that the plan has otherwise."""
        self.disagreements.append(what)

    def notices(self) -> tuple[str, ...]:
        """See Tree."""
        if not self.disagreements:
            return ()
        shown = ", ".join(self.disagreements[:SHOWN])
        more = len(self.disagreements) - SHOWN
        rest = f" and {more} more" if more > 0 else ""
        return (f"{LEFT_OUT} in {self.files.shown}; left out: {shown}{rest}",)

    @property
    def share(self) -> float:
        """How much of the plan's root module is in the sources too: 0 where they are another root's."""
        planned = self._configuration.module(())
        listed = planned.get("resources")
        names = {str(entry.get("address")) for entry in listed or () if isinstance(entry, dict)}
        calls = set(_objects(planned.get("module_calls")))
        written = self._tree.root
        found = len(names & set(written.resources)) + len(calls & set(written.calls))
        return found / len(names | calls) if names or calls else 0

    def _compared(self, names: Names) -> Module | None:
        if names and self.call(names) is None:
            return None
        written = self._tree.module(names)
        if written is None:
            return None
        prefix = "".join(f"module.{name}." for name in names)
        comparison = _Comparison(prefix, self._configuration.module(names))
        found = comparison.module(written)
        self.disagreements += comparison.disagreements
        return found


class _Comparison:
    """One module's sources against its part of the plan's configuration."""

    def __init__(self, prefix: str, planned: Json) -> None:
        self._prefix = prefix
        self._planned = planned
        self.disagreements: list[str] = []

    def module(self, written: Module) -> Module:
        return replace(
            written,
            resources=dict(self._resources(written)),
            calls=dict(self._calls(written)),
            outputs=dict(self._outputs(written)),
        )

    def _resources(self, written: Module) -> Iterator[tuple[str, HclBlock]]:
        listed = self._planned.get("resources")
        entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
        planned = {str(entry.get("address")): entry for entry in entries}
        self._only("resource", planned, written.resources)
        for local, block in written.resources.items():
            if local in planned:
                entry = planned[local]
                expressions = entry.get("expressions")
                yield local, self._block(local, block, expressions, _repetition(entry))

    def _calls(self, written: Module) -> Iterator[tuple[str, HclBlock]]:
        planned = _objects(self._planned.get("module_calls"))
        self._only("module", planned, written.calls)
        for name, block in written.calls.items():
            entry = planned.get(name)
            if entry is None:
                continue
            source = block.body.arguments.get("source")
            expected = entry.get("source")
            if source is not None and isinstance(expected, str) and not _same_source(source, expected):
                self.disagreements.append(f"{self._prefix}module.{name} (source)")
                continue
            yield name, self._block(f"module.{name}", block, entry.get("expressions"), _repetition(entry))

    def _outputs(self, written: Module) -> Iterator[tuple[str, HclBlock]]:
        planned = _objects(self._planned.get("outputs"))
        self._only("output", planned, written.outputs)
        for name, block in written.outputs.items():
            if name in planned:
                expressions = {"value": planned[name].get("expression")}
                yield name, self._block(f"output.{name}", block, expressions, {})

    def _only(self, what: str, planned: Iterable[str], written: Iterable[str]) -> None:
        here, there = set(written), set(planned)
        for name in sorted(here ^ there):
            where = "only in the sources" if name in here else "only in the plan"
            shown = name if what == "resource" else f"{what}.{name}"
            self.disagreements.append(f"{self._prefix}{shown} ({where})")

    def _block(self, name: str, block: HclBlock, expressions: Any, repetition: Json) -> HclBlock:
        """The block with the arguments that disagree made unreadable."""
        planned = {**_objects(expressions, anything=True), **repetition}
        return self._compared(block, planned, f"{self._prefix}{name}")

    def _compared(self, block: HclBlock, planned: Json, name: str) -> HclBlock:
        arguments = dict(block.body.arguments)
        for key, argument in block.body.arguments.items():
            if key in _NOT_COMPARED:
                continue
            entry = planned.get(key)
            if _is_blocks(entry):
                continue  # written as an argument in JSON, kept as blocks by the plan
            if not _agrees(argument.expression, entry):
                arguments[key] = _left_out(key, argument.span)
                self.disagreements.append(f"{name}.{key}")
        for key in _other_in_plan(block.body, planned):
            arguments[key] = _left_out(key, block.span)
            self.disagreements.append(f"{name}.{key}")
        blocks = self._nested(block.body, planned, name)
        if arguments == block.body.arguments and blocks == block.body.blocks:
            return block
        return replace(block, body=replace(block.body, arguments=arguments, blocks=blocks))

    def _nested(self, body: Body, planned: Json, name: str) -> tuple[HclBlock, ...]:
        """Literal nested blocks that the plan keeps one by one; ``dynamic`` ones leave no trace (K17)."""
        other = set(_other_in_plan(body, planned))
        kept = {
            kind: iter(_bodies(entry))
            for kind, entry in planned.items()
            if _is_blocks(entry) and kind not in other
        }
        found: list[HclBlock] = []
        for block in body.blocks:
            inner = next(kept.get(block.type, iter(())), None)
            found.append(block if inner is None else self._compared(block, inner, f"{name}.{block.type}"))
        return tuple(found)


_NOT_COMPARED = frozenset({"provider", "providers", "depends_on", "source", "version", "sensitive"}) | {
    "description",
    "ephemeral",
}
_EXPRESSION = frozenset({"references", "constant_value"})


def _other_in_plan(body: Body, planned: Json) -> Iterator[str]:
    """What the plan has and the sources have not, or not as many blocks of."""
    for name, entry in planned.items():
        if not entry or name in body.arguments or name in _NOT_COMPARED:
            continue
        literal = tuple(body.of_type(name))
        if _is_blocks(entry):
            differs = len(_bodies(entry)) != len(literal)
        elif literal and isinstance(entry, dict):
            # NOTE: of an attribute written as blocks, a plan keeps one expression, of all its blocks (K18).
            differs = not _refer_alike(literal, entry)
        else:
            differs = not any(name in (block.type, *block.labels) for block in body.blocks)
        if differs:
            yield name


def _refer_alike(blocks: Iterable[HclBlock], planned: Json) -> bool:
    found = [symbols(one.expression) for block in blocks for one in block.body.arguments.values()]
    known = [each for each in found if each is not None]
    return len(known) == len(found) and agree(frozenset().union(*known), _references(planned))


def _references(planned: Json) -> frozenset[Steps]:
    listed = planned.get("references")
    texts = [text for text in listed if isinstance(text, str)] if isinstance(listed, list) else []
    return frozenset(_steps(text) for text in most_specific(tuple(texts)))


def _is_blocks(entry: Any) -> bool:
    return isinstance(entry, list) or (isinstance(entry, dict) and not set(entry) <= _EXPRESSION)


def _bodies(entry: Any) -> list[Json]:
    listed = entry if isinstance(entry, list) else [entry]
    return [body if isinstance(body, dict) else {} for body in listed]


def _repetition(entry: Json) -> Json:
    # One that is neither a constant nor refers to anything, such as toset(["a"]), is not in the plan at all.
    return {name: entry.get(f"{name}_expression", {}) for name in ("count", "for_each")}


def _objects(value: Any, *, anything: bool = False) -> dict[str, Any]:
    found = value if isinstance(value, dict) else {}
    return {key: item for key, item in found.items() if anything or isinstance(item, dict)}


def _agrees(written: Expression, planned: Any) -> bool:
    if not isinstance(planned, dict):
        return False  # the plan has no such argument
    found = symbols(written)
    if found is None:
        return False
    # NOTE: of JSON syntax a plan keeps both, the constant being the template's text.
    if "constant_value" in planned and "references" not in planned:
        return not found and _same_constant(written, planned["constant_value"])
    return agree(found, _references(planned))


def _steps(text: str) -> Steps:
    try:
        return tuple(step.key for step in traversal(text))
    except ValueError:
        return (text,)


def _same_constant(written: Expression, planned: Any) -> bool:
    """Whether a constant written out is the plan's; one that is worked out is not compared."""
    if isinstance(written, Literal):
        return isinstance(planned, (dict, list)) or same(Known(written.value), Known(planned)) is Same.YES
    if isinstance(written, Tuple) and isinstance(planned, list):
        if len(written.items) != len(planned):
            return False
        return all(map(_same_constant, written.items, planned))
    return True


def _same_source(written: Argument, planned: str) -> bool:
    expression = written.expression
    return not isinstance(expression, Literal) or str(expression.value) == planned


def _left_out(name: str, span: SourceSpan) -> Argument:
    return Argument(name, span, lambda: Unreadable(LEFT_OUT))
