"""What one input says, before it is joined with others: plain parts of a plan or a state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn, Protocol, TypeAlias

from eks_checks.errors import InputError
from eks_checks.terraform.address import ModuleStep, ResourceAddress, parse_module
from eks_checks.terraform.value import Unknown

Json: TypeAlias = dict[str, Any]
"""A JSON object as read; what is inside has whatever types the file has."""


class RawResource(NamedTuple):
    """One resource instance with the values a document holds of it."""

    address: ResourceAddress
    provider: str
    values: Json
    sensitive: Any


class Trees(NamedTuple):
    """Planned values, the part of them that is unknown (as ``after_unknown``), and the sensitive part."""

    raw: Any = None
    unknown: Any = None
    sensitive: Any = None


class EvaluatedResource(NamedTuple):
    """One resource instance out of sources: its values are worked out when they are asked for.

    ``uncertain`` says why it is not sure that there is one, or how many: it then stands for all of them.
    """

    address: ResourceAddress
    provider: str
    load: Callable[[], Trees]
    uncertain: Unknown | None = None


AnyResource: TypeAlias = RawResource | EvaluatedResource


class RawChange(NamedTuple):
    """One entry of ``resource_changes``; ``deposed`` is the key of an object that is only being removed."""

    address: ResourceAddress
    provider: str
    actions: tuple[str, ...]
    before: Json | None
    after: Json | None
    unknown: Any
    sensitive: Any
    before_sensitive: Any
    previous_address: ResourceAddress | None
    deposed: str | None


class Expandable(Protocol):
    """A folder of sources: its instances are made when a world is."""

    def expanded(self, tag: str) -> tuple[tuple[EvaluatedResource, ...], Any]:
        """The instances, and the Resolver of what they leave open; ``tag`` names the input in references."""


@dataclass(frozen=True)
class Document:
    """One input, checked in its shape. ``after`` and ``before`` are its two moments (a state has one, twice).

    ``before`` is None where the plan has no ``prior_state``; ``configuration`` where it has none. A raw
    state has a ``lineage``, which it keeps for life, and a ``serial``, which grows with each change.
    ``folder``: the sources, where the input is a folder of them.
    """

    path: str
    kind: str
    format_version: str
    terraform_version: str
    after: tuple[AnyResource, ...]
    before: tuple[RawResource, ...] | None
    changes: tuple[RawChange, ...] = ()
    configuration: Json | None = None
    variables: Json = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    lineage: str = ""
    serial: int = 0
    folder: Expandable | None = None


class Shape:
    """Takes parts out of a JSON object, with an InputError where a part has the wrong type."""

    def __init__(self, path: str, told: str) -> None:
        """``told`` says what the file was taken for: "a plan", "a state"."""
        self.path = path
        self.told = told

    def wrong(self, text: str) -> NoReturn:
        """Raise the error for a file that is not what it seemed to be."""
        hint = "write it again with `terraform show -json`"
        raise InputError(f"not {self.told} that Terraform wrote: {text}", where=self.path, hint=hint)

    def object(self, parent: Json, key: str, place: str) -> Json:
        """The object under ``key``; absent or null is an empty one."""
        found = parent.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            self.wrong(f"{place}{key} is {kind_of(found)}, not an object")
        return found

    def list(self, parent: Json, key: str, place: str) -> list[Json]:
        """The list of objects under ``key``; absent or null is an empty one."""
        found = parent.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            self.wrong(f"{place}{key} is {kind_of(found)}, not a list")
        for position, item in enumerate(found):
            if not isinstance(item, dict):
                self.wrong(f"{place}{key}[{position}] is {kind_of(item)}, not an object")
        return found

    def text(self, parent: Json, key: str, place: str) -> str:
        """The text under ``key``, which must be there."""
        found = parent.get(key)
        if not isinstance(found, str):
            self.wrong(f'{place} has no "{key}"' if found is None else f"{place}.{key} is {kind_of(found)}")
        return found

    def address(self, item: Json, module: tuple[ModuleStep, ...], place: str) -> ResourceAddress:
        """A resource's address from its parts, which are cheaper to read than its text."""
        index = item.get("index")
        if index is not None and (isinstance(index, bool) or not isinstance(index, (str, int, float))):
            self.wrong(f"{place}.index is {kind_of(index)}")
        key = int(index) if isinstance(index, float) else index
        mode = item.get("mode", "managed")
        if mode not in ("managed", "data", "ephemeral"):
            self.wrong(f"{place}.mode is {mode!r}")
        return ResourceAddress(
            module, mode, self.text(item, "type", place), self.text(item, "name", place), key
        )

    def module(self, item: Json, key: str, place: str) -> tuple[ModuleStep, ...]:
        """The module instance whose address stands under ``key``; absent is the root module."""
        if item.get(key) is None:
            return ()
        try:
            return parse_module(self.text(item, key, place))
        except ValueError as error:
            self.wrong(f"{place}.{key}: {error}")


def resources_below(root: Json, shape: Shape, place: str) -> Iterator[RawResource]:
    """Every resource of a ``root_module`` (of ``planned_values``, ``prior_state``, a state), at any depth."""
    waiting = [(root, place)]
    while waiting:
        module, place = waiting.pop()
        steps = shape.module(module, "address", place)
        for position, item in enumerate(shape.list(module, "resources", f"{place}.")):
            if item.get("deposed_key") is not None:
                continue  # a leftover that is only being removed
            here = f"{place}.resources[{position}]"
            values = shape.object(item, "values", f"{here}.")
            address = shape.address(item, steps, here)
            yield RawResource(
                address, str(item.get("provider_name", "")), values, item.get("sensitive_values")
            )
        for position, child in enumerate(shape.list(module, "child_modules", f"{place}.")):
            if child.get("address") is None:
                shape.wrong(f'{place}.child_modules[{position}] has no "address"')
            waiting.append((child, f"{place}.child_modules[{position}]"))


def kind_of(value: Any) -> str:
    """The JSON type of a value, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), "something else")


def any_unknown(tree: Any) -> bool:
    """Whether a tree of what is unknown (``after_unknown``) or sensitive marks anything at all."""
    if isinstance(tree, dict):
        return any(map(any_unknown, tree.values()))
    return any(map(any_unknown, tree)) if isinstance(tree, list) else tree is True
