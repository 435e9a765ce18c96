"""State documents: ``terraform show -json`` of a state, and the raw state file of version 4."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from eks_checks.errors import InputError
from eks_checks.terraform.document import Document, Json, RawResource, Shape, resources_below


def shown(body: Json, path: str, version: str, notices: tuple[str, ...]) -> Document:
    """A state as ``terraform show -json`` writes it: everything is known."""
    shape = Shape(path, "a state")
    values = shape.object(body, "values", "")
    root = shape.object(values, "root_module", "values.")
    found = tuple(resources_below(root, shape, "values.root_module"))
    return _document(path, found, version, body, notices)


def raw(body: Json, path: str) -> Document:
    """A raw state file (``terraform.tfstate``, ``terraform state pull``), version 4."""
    version = body.get("version")
    if version != 4:
        raise InputError(f"a raw state file of version {version}, not 4", where=path, hint=_SHOW)
    shape = Shape(path, "a state file")
    found = tuple(_instances(body, shape))
    serial = body.get("serial")
    return replace(
        _document(path, found, "4", body, ()),
        lineage=str(body.get("lineage") or ""),
        serial=serial if isinstance(serial, int) else 0,
    )


_SHOW = "write it with `terraform show -json > state.json`"


def _document(
    path: str, found: tuple[RawResource, ...], version: str, body: Json, notices: tuple[str, ...]
) -> Document:
    return Document(
        path=path,
        kind="state",
        format_version=version,
        terraform_version=str(body.get("terraform_version") or ""),
        after=found,
        before=found,
        notices=notices,
    )


def _instances(body: Json, shape: Shape) -> Iterator[RawResource]:
    for position, item in enumerate(shape.list(body, "resources", "")):
        here = f"resources[{position}]"
        module = shape.module(item, "module", here)
        for number, instance in enumerate(shape.list(item, "instances", f"{here}.")):
            if instance.get("deposed") is not None:
                continue  # a leftover that is only being removed
            place = f"{here}.instances[{number}]"
            if instance.get("attributes") is None and instance.get("attributes_flat") is not None:
                what = f"{place} still is in the form of version 3"
                raise InputError(what, where=shape.path, hint=_SHOW)
            address = shape.address({**item, "index": instance.get("index_key")}, module, place)
            values = shape.object(instance, "attributes", f"{place}.")
            yield RawResource(address, _provider(item), values, _sensitive(instance))


_PROVIDER = re.compile(r'\bprovider(?:\["(?P<source>[^"]+)"\]|\.(?P<name>[\w-]+))')


def _provider(item: Json) -> str:
    """The provider's name: of ``module.m.provider["registry.terraform.io/a/b"].west`` what is quoted."""
    found = _PROVIDER.search(str(item.get("provider", "")))
    return (found["source"] or found["name"]) if found else ""


def _sensitive(instance: Json) -> Any:
    """The paths of ``sensitive_attributes`` as a tree like the other documents', positions as keys."""
    found: Any = {}
    paths = instance.get("sensitive_attributes")
    for path in paths if isinstance(paths, list) else []:
        steps = [_step(step) for step in path] if isinstance(path, list) else []
        if steps and None not in steps:
            found = _marked(found, steps)
    return found


def _step(step: Any) -> str | int | None:
    """One step: ``{"type": "get_attr", "value": "a"}``, or an index whose value is again in a value."""
    value = step.get("value") if isinstance(step, dict) else None
    value = value.get("value") if isinstance(value, dict) else value
    return value if isinstance(value, (str, int)) else None


def _marked(tree: Any, steps: Sequence[str | int | None]) -> Any:
    """The tree with the place at the end of ``steps`` sensitive, and all below it."""
    if not steps or tree is True:
        return True
    step, *rest = steps
    return {**tree, step: _marked(tree.get(step, {}), rest)}
