"""Helm releases: what their values say together, and the objects that charts take from them as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from eks_checks.kubernetes.documents import UnreadableError, documents
from eks_checks.kubernetes.manifest import Release, Unread, at, text
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Known,
    Mapping,
    Unknown,
    Value,
    choice,
    is_null,
    scalar,
)

RAW_CHARTS = ("raw", "helm-raw", "extra-objects", "manifests")
"""Charts that do nothing but install the objects in their values."""
EXTRA_OBJECTS = ("resources", "extraObjects", "extraManifests", "extraDeploy", "extraResources", "templates")
_STEP = re.compile(r"((?:\\.|[^.\[\]\\])+)|\[(\d+)\]")
_SETTINGS = ("set", "set_list", "set_sensitive", "set_wo")
"""In Helm's order; blocks in version 2 of the provider, objects in version 3."""
_MEMBERS = 1000


def release_of(resource: Resource, notes: list[Unread]) -> Release:
    """A ``helm_release`` as data; what of its values cannot be read goes to ``notes``."""
    return Release(
        resource=resource.key,
        name=text(resource.value("name")),
        chart=text(resource.value("chart")).rstrip("/").rpartition("/")[2],
        repository=text(resource.value("repository")),
        namespace=text(resource.value("namespace")) or ("" if resource.has("namespace") else "default"),
        values=_values(resource, notes),
        certain=resource.uncertain is None and not resource.blocks("postrender"),
        location=resource.location,
    )


def extra_objects(release: Release) -> Iterator[tuple[str, Value]]:
    """(where in the values, object or text of objects) of everything that a chart may install as it is."""
    for name in EXTRA_OBJECTS:
        found = at(release.values, name)
        entries = found.items if isinstance(found, Collection) else ()
        if isinstance(found, Mapping) and release.chart in RAW_CHARTS:
            entries = tuple(item for _, item in found.entries)
        for position, item in enumerate(entries):
            yield f"{name}[{position}]", item


def _values(resource: Resource, notes: list[Unread]) -> Value:
    """The values in the order in which Helm merges them: files, then single settings."""
    merged: Value = Mapping()
    for position, item in enumerate(resource.members("values").items):
        merged = merge(merged, _file(resource, position, item, notes))
    more = resource.members("values")
    if not more.exact:
        rest = more.open or Unknown("there may be more values")
        notes.append(Unread(resource.key, "values", rest.reason))
        merged = merge(merged, rest)
    for name in _SETTINGS:
        settings = resource.blocks(name)
        for block in settings:
            merged = _with_setting(merged, block)
        if settings.open is not None:
            notes.append(Unread(resource.key, name, settings.open.reason))
            merged = merge(merged, settings.open)
    return merged


def _file(resource: Resource, position: int, item: Value, notes: list[Unread]) -> Value:
    if is_null(item) or scalar(item) == "":
        return Mapping()
    try:
        found = documents(item)
    except UnreadableError as error:
        notes.append(Unread(resource.key, f"values[{position}]", str(error)))
        return Unknown(str(error), resource.attribute(("values", position)))
    whole = found[0] if found else NULL
    return Mapping() if is_null(whole) else whole


def merge(below: Value, above: Value) -> Value:
    """Values with others laid over them, as Helm does: maps key by key, a null takes a key away."""
    if isinstance(above, Unknown):
        return Unknown(above.reason, above.at)
    if not isinstance(above, Mapping):
        return above if not isinstance(below, Mapping) else Unknown("values of different kinds are merged")
    if isinstance(below, Unknown):
        below = Mapping(open=below)
    if not isinstance(below, Mapping):
        return above
    rest = above.open or below.open
    entries: dict[str, Value] = dict(below.entries)
    if above.open is not None:
        entries = {key: choice((item, above.open)) for key, item in entries.items()}
    for key, item in above.entries:
        under = entries.get(key, below.open or NULL)
        entries[key] = merge(under, item) if isinstance(item, Mapping) and under != NULL else item
    kept = ((key, item) for key, item in sorted(entries.items()) if item != NULL or rest is not None)
    return Mapping(tuple(kept), rest)


def _with_setting(values: Value, block: Block) -> Value:
    name = block.value("name")
    if not isinstance(name, Known):
        return Unknown("the name of a setting is known after apply", block.at)
    steps = tuple(_steps(str(name.value)))
    return _put(values, steps, _setting(block)) if steps else Unknown("a setting is not understood", block.at)


def _setting(block: Block) -> Value:
    value = block.value("value")
    if block.path[:1] == ("set_list",) or isinstance(value, Collection):
        return block.members("value")
    if block.path[:1] == ("set_sensitive",) and not isinstance(value, Known):
        return value
    known = scalar(value)
    if not isinstance(known, str) or text(block.value("type")) in ("string", "literal"):
        return value
    if known.startswith("{") and known.endswith("}"):
        return Collection(tuple(_typed(item.strip()) for item in known[1:-1].split(",") if item.strip()))
    return _typed(known)


def _typed(word: str) -> Value:
    if word in ("true", "false"):
        return Known(word == "true")
    if word == "null":
        return NULL
    return Known(int(word)) if re.fullmatch(r"-?(0|[1-9]\d{0,17})", word) else Known(word)


def _steps(name: str) -> Iterable[str | int]:
    for key, index in _STEP.findall(name):
        yield int(index) if index else re.sub(r"\\(.)", r"\1", key)


def _put(values: Value, steps: tuple[str | int, ...], item: Value) -> Value:
    """``values`` with ``item`` at the place that ``steps`` name."""
    if not steps:
        return item
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        members = list(values.items) if isinstance(values, Collection) and values.exact else []
        if step > _MEMBERS or (values != NULL and not isinstance(values, Collection)):
            return Unknown("a setting puts a member into what is no list")
        members += [NULL] * (step + 1 - len(members))
        members[step] = _put(members[step], rest, item)
        return Collection(tuple(members))
    inner = _put(at(values, step), rest, item)
    if isinstance(values, Unknown):
        return Mapping(((step, inner),), values)
    entries = dict(values.entries) if isinstance(values, Mapping) else {}
    entries[step] = inner
    return Mapping(tuple(sorted(entries.items())), values.open if isinstance(values, Mapping) else None)
