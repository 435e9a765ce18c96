"""What resources are called where several inputs share addresses: a key, and what the key stands for."""

from __future__ import annotations

from collections.abc import Mapping
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
    shared is ``INPUT:ADDRESS``, that of any other its address.
    """

    by_key: Mapping[str, Name] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether inputs share an address, so that a resource is told with its input."""
        return bool(self.by_key)

    def address(self, key: str) -> str:
        """The address that ``key`` stands for; what is no resource of the inputs (a real id) is itself."""
        name = self.by_key.get(key)
        return key if name is None else name.address

    def input(self, key: str) -> str | None:
        """The input that has the resource; None where none has."""
        name = self.by_key.get(key)
        return None if name is None else name.input

    def spellings(self, key: str) -> tuple[str, ...]:
        """How a person may name it: by its key, or by its address, which then means each that has it."""
        return tuple(dict.fromkeys((key, self.address(key))))


UNSHARED = Names()
"""No two inputs share an address: every key is an address."""


def key_of(address: str, input: str) -> str:
    """The key of a resource whose address is shared."""
    return f"{input}:{address}"
