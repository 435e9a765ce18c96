"""How the rules of security groups are written: inside the group, or as resources of their own (A19-A22)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, Truth
from eks_checks.location import SourceSpan

DIRECTIONS = {"inbound": "ingress", "outbound": "egress"}
"""Direction to the group's argument for it."""


@dataclass(frozen=True)
class SeparateRule:
    """One rule resource that is, or may be, of a group; ``of_it`` tells how sure that is."""

    resource: str
    direction: str
    of_it: Truth


@dataclass(frozen=True)
class RuleForms:
    """One managed group: in which directions it lists rules itself, and the rule resources beside it.

    ``inline`` maps a direction to whether the group's own argument is set, an empty list included: it
    then takes away every other rule of that direction at the next apply (A22). ``anywhere`` are rule
    resources that may be of any group.
    """

    resource: str
    inline: Mapping[str, Truth]
    separate: tuple[SeparateRule, ...]
    anywhere: tuple[SeparateRule, ...] = ()
    location: SourceSpan | None = None

    @property
    def rules(self) -> Iterator[SeparateRule]:
        """Every separate rule that is, or may be, of the group."""
        yield from self.separate
        yield from self.anywhere

    def written_inline(self, direction: str) -> Truth:
        """Whether the group lists rules of the direction itself."""
        return self.inline.get(direction, NO)
