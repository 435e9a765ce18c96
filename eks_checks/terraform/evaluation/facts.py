"""What evaluation must be told: which instances there are, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from eks_checks.terraform.address import MODULE, Index, ModuleStep, ResourceAddress
from eks_checks.terraform.value import NULL, Mapping, Path, Reference, Unknown, Value

Steps: TypeAlias = tuple[ModuleStep, ...]
"""A module instance: the calls that lead to it, with their keys."""


@dataclass(frozen=True)
class Keys:
    """The instance keys of a repeated resource or module call, in order; ``open``: there may be others."""

    known: tuple[Index, ...]
    open: Unknown | None = None


class Facts(Protocol):
    """A plan, or a folder as far as it has been evaluated."""

    @property
    def tag(self) -> str:
        """What references carry to name the input."""

    @property
    def workspace(self) -> str | None:
        """``terraform.workspace``; None where it is not known."""

    @property
    def cwd(self) -> str | None:
        """``path.cwd``; None where it is not known."""

    def variable(self, name: str) -> Value | None:
        """What a root variable was set to; None where its default holds."""

    def default(self, names: tuple[str, ...], name: str) -> Value | None:
        """The default of a module's variable where the input knows it better than the sources."""

    def resource_keys(self, module: Steps, local: str) -> Keys:
        """The instances of a repeated resource in a module instance."""

    def module_keys(self, module: Steps, name: str) -> Keys:
        """The instances of a repeated module call in a module instance."""

    def attribute(self, address: ResourceAddress, path: Path) -> Value:
        """What an attribute is or will be; a Reference to it where only apply will tell."""


@dataclass(frozen=True)
class Conventions:
    """What is known of a provider's attributes.

    ``aliases`` maps (type, attribute) to another attribute of the resource that has the same value;
    ``filled`` are the names of attributes that are never null or empty once the resource exists,
    ``named`` those (type, attribute) of which only that type's are.
    """

    aliases: Dictionary[tuple[str, str], str] = field(default_factory=dict)
    filled: frozenset[str] = frozenset({"id", "arn"})
    named: frozenset[tuple[str, str]] = frozenset()

    def reference(self, address: ResourceAddress, path: Path, tag: str) -> Reference:
        """A reference to an attribute by the one name its value goes by."""
        first = self.aliases.get((address.type, str(path[0])), path[0])
        names = [step for step in path if isinstance(step, str)]
        filled = names[-1] in self.filled or (len(path) == 1 and (address.type, first) in self.named)
        return Reference(address, (first, *path[1:]), "", tag, filled)


@dataclass(frozen=True)
class Inherited:
    """What a provider configuration gives to all it makes; ``region`` is null where it is not set."""

    tags: Mapping = field(default_factory=Mapping)
    region: Value = NULL


class Schema(Protocol):
    """What a provider adds to what is written, as far as it matters here."""

    def knows(self, type_: str) -> bool:
        """Whether the schema has the resource type at all."""

    def computed(self, type_: str, name: str) -> bool:
        """Whether the provider fills in an attribute that is not set."""

    def default(self, type_: str, name: str) -> Value | None:
        """The value of an attribute that is not set; None without one."""

    def looked_up(self, type_: str, name: str, inherited: Inherited) -> Value | None:
        """What a data source will find that hangs on its provider alone, such as the Region; else None."""

    def complete(self, type_: str, written: Mapping, inherited: Inherited) -> Mapping:
        """All attributes of a new resource: what is ``written``, with what the provider makes of the rest.

        An attribute that apply fills in is a computed Unknown.
        """


def module_reference(parent: Steps, name: str, key: Index, tag: str) -> Reference:
    """A module instance as a value: its outputs are the steps of its path."""
    return Reference(ResourceAddress(parent, MODULE, MODULE, name, key), (), input=tag, filled=True)
