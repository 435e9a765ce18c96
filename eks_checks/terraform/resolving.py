"""Who says what is not known of a resource: the faces that a resource sees of its world."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from eks_checks.location import SourceSpan
from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.document import Json
from eks_checks.terraform.value import Collection, Path, Value

if TYPE_CHECKING:
    from eks_checks.terraform.resource import Resource


class Maker(NamedTuple):
    """A provider configuration: its name as a plan has it (``aws.east``), and the arguments it sets."""

    key: str
    arguments: frozenset[str] | None


class Resolver(Protocol):
    """Says what an unknown place will hold. A later one that reads the sources has the same face."""

    def one(self, resource: Resource, path: Path) -> Value:
        """What the unknown value at ``path`` will be, taken as one value."""

    def several(self, resource: Resource, path: Path) -> Collection:
        """What the wholly unknown list or set at ``path`` will hold."""

    def members(self, resource: Resource, path: Path, slots: tuple[int, ...]) -> tuple[Value, ...]:
        """What the unknown members of the list or set at ``path`` will be; ``slots`` are their positions."""

    def configured(self, resource: Resource, path: Path) -> bool | None:
        """Whether the configuration sets what is at ``path``; None where that cannot be told."""

    def span(self, resource: Resource, path: Path) -> SourceSpan | None:
        """Where the block or argument at ``path`` stands; None without sources."""

    def maker(self, address: ResourceAddress) -> Maker | None:
        """The provider configuration that makes a resource; None without sources."""

    def provided(self, address: ResourceAddress, name: str) -> Value:
        """An argument of the provider configuration that makes a resource; null where it is not set."""

    def notices(self) -> tuple[str, ...]:
        """What a person should know of how values were resolved, so far."""


class Origin(Protocol):
    """What a resource needs of the world it is in."""

    @property
    def input(self) -> str:
        """The input's path as given."""

    @property
    def tag(self) -> str:
        """What references carry to name the input: empty where there is only one."""

    @property
    def resolver(self) -> Resolver:
        """Who says what unknown values will be."""

    def key(self, address: ResourceAddress) -> str:
        """The address, with the input where other inputs share it."""

    def expressions(self, address: ResourceAddress) -> Json | None:
        """The expressions of a resource's block; None where the input has none."""

    def maker(self, address: ResourceAddress) -> Maker:
        """The provider configuration that makes it, as far as the input tells."""
