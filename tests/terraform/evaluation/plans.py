"""Small plans with their sources beside them, written out as a person would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eks_checks import analysis
from eks_checks.terraform.address import ModuleStep, ResourceAddress
from tests.terraform.evaluation.asking import written

UNKNOWN = object()
"""In the values of a Made: known after apply."""

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Made:
    """A resource that is created. ``values`` has UNKNOWN for what only apply tells."""

    address: str
    values: Json = field(default_factory=dict)


def refers(*symbols: str) -> Json:
    """An expression as a plan keeps it, by its most specific symbols."""
    return {"references": list(symbols)}


def constant(value: Any) -> Json:
    """A constant as a plan keeps it."""
    return {"constant_value": value}


def block(local: str, expressions: Json | None = None, **more: Any) -> Json:
    """A managed resource's block in a plan's configuration."""
    type_, name = local.split(".")
    named = {"address": local, "mode": "managed", "type": type_, "name": name}
    return {**named, "expressions": expressions or {}, **more}


def planned(
    at: Path, sources: Mapping[str, str], made: tuple[Made, ...], root: Json, **document: Any
) -> analysis.Inputs:
    """The inputs of a plan whose configuration is ``root``, with the sources (file to text) beside it."""
    written(at, dict(sources))
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": _module((), made)},
        "resource_changes": [_change(one) for one in made],
        "configuration": {"root_module": root},
        **document,
    }
    (at / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return analysis.load([str(at / "plan.json")], source=str(at))


def _module(steps: tuple[ModuleStep, ...], made: tuple[Made, ...]) -> Json:
    """A module instance with what it makes, and those below it."""
    at = {one: ResourceAddress.parse(one.address).module for one in made}
    own = [{**_named(one), "values": known_of(one.values)} for one in made if at[one] == steps]
    deeper = [module for module in at.values() if module[: len(steps)] == steps and module != steps]
    below = dict.fromkeys(module[: len(steps) + 1] for module in deeper)
    children = [{"address": _shown(inner), **_module(inner, made)} for inner in below]
    return {"resources": own, "child_modules": children}


def _shown(steps: tuple[ModuleStep, ...]) -> str:
    return ".".join(map(str, steps))


def _named(one: Made) -> Json:
    address = ResourceAddress.parse(one.address)
    index = {} if address.index is None else {"index": address.index}
    named = {"address": one.address, "mode": address.mode, "type": address.type, "name": address.name}
    return {**named, **index, "provider_name": "registry.terraform.io/hashicorp/aws"}


def _change(one: Made) -> Json:
    change = {"actions": ["create"], "before": None}
    change |= {"after": known_of(one.values), "after_unknown": unknown_of(one.values)}
    module = _shown(ResourceAddress.parse(one.address).module)
    return {**_named(one), **({"module_address": module} if module else {}), "change": change}


def known_of(value: Any) -> Any:
    """What a plan has in ``after``: nothing where a value is UNKNOWN."""
    if isinstance(value, dict):
        return {key: known_of(item) for key, item in value.items() if item is not UNKNOWN}
    if isinstance(value, list):
        return [None if item is UNKNOWN else known_of(item) for item in value]
    return value


def unknown_of(value: Any) -> Any:
    """What a plan has in ``after_unknown``: true where a value is UNKNOWN."""
    if isinstance(value, dict):
        found = {key: unknown_of(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item is not False}
    if isinstance(value, list):
        return [unknown_of(item) for item in value]
    return value is UNKNOWN
