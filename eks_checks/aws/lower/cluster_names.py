"""Whether a tag names a cluster: whether the cluster's name stands in its key or value (EKS702)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, KeySet, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import Known, Reference, Unknown, Value, alternatives, scalar
from eks_checks.terraform.world import World

_OF_CLUSTER = ("name", "id", "arn")
"""The attributes of a cluster that hold its name."""
_UNKNOWN_TEXT = "x"
"""Stands for a part that is not known: a letter, so that a name beside it is not taken for a whole word."""


@dataclass(frozen=True)
class _Name:
    """A cluster, the value of its name, and the resource that manages it, where the inputs have that."""

    cluster: Cluster
    value: Value
    resource: Resource | None
    world: World


class ClusterNames:
    """The names of the inputs' clusters, to be looked for in tags."""

    def __init__(self, run: Lowering, clusters: Iterable[Cluster]) -> None:
        """Take every cluster, also those that are known by name alone."""
        self._names: list[_Name] = []
        for cluster in clusters:
            resource = run.world.get(cluster.resource) if cluster.managed else None
            named = resource.value("name") if resource is not None else Known(cluster.name)
            self._names.append(_Name(cluster, named, resource, run.world))

    def named_by(self, key: Value, value: Value) -> KeySet:
        """The clusters that a tag names. Of names inside each other only the longest counts."""
        found = {name.cluster.key: _either(_holds(name, key), _holds(name, value)) for name in self._names}
        sure = {key for key, truth in found.items() if truth.surely}
        maybe = {key for key, truth in found.items() if truth.value is None}
        texts = {name.cluster.key: name.cluster.name for name in self._names}
        inner = {
            one
            for one in sure
            if any(texts[one] and texts[one] in texts[o] for o in sure if texts[o] != texts[one])
        }
        return KeySet(frozenset(sure - inner), frozenset(maybe))


def _either(key: Truth, value: Truth) -> Truth:
    if key.surely or value.surely:
        return YES
    return UNKNOWN if key.possibly or value.possibly else NO


def _holds(name: _Name, text: Value) -> Truth:
    """Whether the name stands in a text, as a word of its own."""
    found = {_in_one(name, option).value for option in alternatives(text)}
    return Truth(found.pop()) if len(found) == 1 else UNKNOWN


def _in_one(name: _Name, text: Value) -> Truth:
    if isinstance(text, Known):
        return _in_known(name.value, _words(text))
    if _is_of(name, text) or same(text, name.value) is Same.YES:
        return YES
    parts = _parts(text)
    if len(parts) > 1 or parts[0] != text:
        if any(_is_of(name, part) or same(part, name.value) is Same.YES for part in parts):
            return YES
        if _in_parts(_parts(name.value), parts):
            return YES
        shown = "".join(_words(part) if isinstance(part, Known) else _UNKNOWN_TEXT for part in parts)
        if isinstance(name.value, Known) and _stands_in(_words(name.value), shown):
            return YES
    return UNKNOWN


def _in_known(name: Value, text: str) -> Truth:
    if isinstance(name, Known):
        return Truth(_stands_in(_words(name), text))
    # A name that is known in part: its known parts must all be in the text.
    known = [_words(part) for part in _parts(name) if isinstance(part, Known)]
    return UNKNOWN if all(part in text for part in known) else NO


def _is_of(name: _Name, text: Value) -> bool:
    if not isinstance(text, Reference) or name.resource is None:
        return False
    last = next((step for step in reversed(text.path) if isinstance(step, str)), "")
    return last in _OF_CLUSTER and name.world.target(text) is name.resource


def _stands_in(name: str, text: str) -> bool:
    """Whether the name stands in the text with no letter or digit beside it."""
    return bool(name) and re.search(f"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text) is not None


def _parts(value: Value) -> tuple[Value, ...]:
    """What a text is made of, parts of parts included; itself alone where that is not known."""
    if not isinstance(value, Unknown) or not value.parts:
        return (value,)
    return tuple(inner for part in value.parts for inner in _parts(part))


def _in_parts(name: tuple[Value, ...], text: tuple[Value, ...]) -> bool:
    """Whether the parts of the name follow one another in the text, as a word of their own."""
    if len(name) < 2:
        return False
    for start in range(len(text) - len(name) + 1):
        window = text[start : start + len(name)]
        if all(
            _fits(own, there, i, len(name)) for i, (own, there) in enumerate(zip(name, window, strict=True))
        ):
            return True
    return False


def _fits(own: Value, there: Value, position: int, count: int) -> bool:
    if isinstance(own, Known) and isinstance(there, Known):
        mine, theirs = _words(own), _words(there)
        if position == 0:
            before = theirs.removesuffix(mine)
            return theirs.endswith(mine) and not before[-1:].isalnum()
        if position == count - 1:
            after = theirs.removeprefix(mine)
            return theirs.startswith(mine) and not after[:1].isalnum()
        return mine == theirs
    return same(own, there) is Same.YES


def _words(value: Known) -> str:
    found = scalar(value)
    return str(found).lower() if isinstance(found, bool) else "" if found is None else str(found)
