"""What resources are called where several inputs share addresses: a key, and what the key stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Name:
    """One resource: its address as Terraform writes it, and the input that has it."""

    address: str
    input: str


@dataclass(frozen=True)
class Names:
    """The resources by key. Without a shared address every key is an address, and the table is empty.

    Where inputs share addresses, all resources stand in the table: the key of one whose address is
    shared is ``LABEL:ADDRESS`` (see ``labels``), that of any other its address.
    """

    by_key: Mapping[str, Name] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether inputs share an address, so that a resource is told with its input."""
        return bool(self.by_key)

    def address(self, key: str) -> str:
        """The address that ``key`` stands for; what is no resource of the inputs (a real id) is itself."""
        name = self._name(key)
        return key if name is None else name.address

    def input(self, key: str) -> str | None:
        """The input that has the resource; None where none has."""
        name = self._name(key)
        return None if name is None else name.input

    def spellings(self, key: str) -> tuple[str, ...]:
        """How a person may name it: by its key, or by its address, which then means each that has it."""
        return tuple(dict.fromkeys((key, self.address(key))))

    def _name(self, key: str) -> Name | None:
        """The name behind a key; what is made beside a resource (``KEY#role``) goes by that resource."""
        owner, sign, role = key.rpartition("#")
        beside = self.by_key.get(owner)
        if beside is not None:
            return Name(f"{beside.address}{sign}{role}", beside.input)
        return self.by_key.get(key)


UNSHARED = Names()
"""No two inputs share an address: every key is an address."""


def key_of(address: str, label: str) -> str:
    """The key of a resource whose address is shared; ``label`` is its input's."""
    return f"{label}:{address}"


def labels(paths: Sequence[str]) -> dict[str, str]:
    """Each path's last parts, as many as it takes to tell it from the others: ``blue/plan.json``."""
    parts = {path: tuple(re.split(r"[/\\]", path)) for path in paths}
    found: dict[str, str] = {}
    for path, own in parts.items():
        others = [other for name, other in parts.items() if name != path]
        enough = (n for n in range(1, len(own)) if all(other[-n:] != own[-n:] for other in others))
        found[path] = "/".join(own[-next(enough, len(own)) :])
    return found
