"""State documents: ``terraform show -json`` of a state, and the raw state file of version 4."""

from __future__ import annotations

from collections.abc import Iterator

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
        hint = "write it with `terraform show -json > state.json`"
        raise InputError(f"a raw state file of version {version}, not 4", where=path, hint=hint)
    shape = Shape(path, "a state file")
    found = tuple(_instances(body, shape))
    return _document(path, found, "4", body, ())


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
                continue
            place = f"{here}.instances[{number}]"
            address = shape.address({**item, "index": instance.get("index_key")}, module, place)
            values = shape.object(instance, "attributes", f"{place}.")
            yield RawResource(address, _provider(item), values, _sensitive(instance))


def _provider(item: Json) -> str:
    # 'provider["registry.terraform.io/hashicorp/aws"].alias' holds the name between the quotes.
    parts = str(item.get("provider", "")).split('"')
    return parts[1] if len(parts) > 2 else parts[0].removeprefix("provider.")


def _sensitive(instance: Json) -> Json:
    """The paths of ``sensitive_attributes`` as a tree like the other documents'; the top level is enough."""
    found: Json = {}
    paths = instance.get("sensitive_attributes")
    for path in paths if isinstance(paths, list) else []:
        if isinstance(path, list) and path and isinstance(path[0], dict):
            found[str(path[0].get("value"))] = True
    return found
