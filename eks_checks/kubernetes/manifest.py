"""Kubernetes objects as data, and how to ask for a part of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.location import SourceSpan
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
    scalar,
)


@dataclass(frozen=True)
class Manifest:
    """One Kubernetes object that a resource brings.

    ``resource`` is the key of that resource, ``attribute`` where in it the object stands. ``api_version``,
    ``kind``, ``name`` and ``namespace`` are empty where the object has none or it is not known; ``body`` is
    the whole object, its unknown parts being what apply will fill in. ``certain`` is false where the object
    may not be there: the resource may not, or a chart may leave it out.
    """

    resource: str
    attribute: str
    api_version: str
    kind: str
    name: str
    namespace: str
    body: Value
    certain: bool = True
    location: SourceSpan | None = None

    @property
    def group(self) -> str:
        """The API group: ``karpenter.k8s.aws`` of ``karpenter.k8s.aws/v1``, empty for the core."""
        return self.api_version.rpartition("/")[0]

    def at(self, *path: str | int) -> Value:
        """The value at ``path``, see ``at``."""
        return at(self.body, *path)


@dataclass(frozen=True)
class Release:
    """One Helm release.

    ``chart`` is the chart's last name (``aws-vpc-cni``), empty where not known; ``values`` what its values
    files and settings say together, over the chart's own defaults, which are not known here. ``namespace`` is
    empty where it is not known.
    """

    resource: str
    name: str
    chart: str
    repository: str
    namespace: str
    values: Value
    certain: bool = True
    location: SourceSpan | None = None


@dataclass(frozen=True, order=True)
class Unread:
    """A text that may bring objects, and why it is not read."""

    resource: str
    attribute: str
    reason: str


@dataclass(frozen=True)
class Contents:
    """Everything of Kubernetes that the inputs have: in order of their resources' addresses."""

    manifests: tuple[Manifest, ...] = ()
    releases: tuple[Release, ...] = ()
    unread: tuple[Unread, ...] = ()

    def of(self, kind: str, *groups: str) -> tuple[Manifest, ...]:
        """The objects of a kind in any of these API groups (``""`` is the core)."""
        return tuple(one for one in self.manifests if one.kind == kind and one.group in groups)


def at(value: Value, *path: str | int) -> Value:
    """What stands at ``path`` inside ``value``: NULL where certainly nothing does.

    What is below something unknown is unknown for the same reason, below a reference a reference.
    """
    for step in path:
        value = choice(_step(option, step) for option in alternatives(value))
    return value


def items(value: Value) -> Iterator[Value]:
    """The members of a list that are there for certain, in order; none for what is no list."""
    if isinstance(value, Collection):
        yield from value.items


def text(value: Value) -> str:
    """A known scalar as text (``true`` and ``false`` for booleans), else the empty string."""
    known = scalar(value)
    if isinstance(known, bool):
        return str(known).lower()
    return "" if known is None else str(known)


def _step(value: Value, step: str | int) -> Value:
    if isinstance(value, Mapping):
        return value.get(str(step))
    if isinstance(value, Collection):
        return _member(value, step)
    if isinstance(value, Reference):
        return Reference(value.resource, (*value.path, step), value.note, value.input)
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.at)
    return NULL


def _member(value: Collection, step: str | int) -> Value:
    if not isinstance(step, int):
        return NULL
    if step < len(value.items):
        return value.items[step]
    rest = value.open or (Unknown("may hold more than is known") if value.maybe else None)
    return NULL if rest is None else rest


def is_set(value: Value) -> bool | None:
    """Whether something stands there: None where that is not known."""
    if isinstance(value, Known):
        return value.value is not None
    if isinstance(value, (Mapping, Collection, Reference)):
        return True
    if isinstance(value, Unknown):
        return True if value.parts else None
    found = {is_set(option) for option in alternatives(value)}
    return found.pop() if len(found) == 1 else None
