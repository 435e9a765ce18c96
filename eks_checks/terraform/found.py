"""What the symbols of one expression stand for, gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from eks_checks.terraform.address import Index, ModuleStep
from eks_checks.terraform.value import Path, Value


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: the module instance, and the instance key of what holds it."""

    module: tuple[ModuleStep, ...]
    key: Index = None
    for_each: Any = field(default=None, compare=False, hash=False)


@dataclass
class Found:
    """What the symbols of an expression stand for.

    ``groups``: for each symbol, the values not yet known that it may stand for. ``existing``:
    links to resources that exist already. ``listed``: known texts. ``switches``: known symbols
    that conditions may be made of. ``opaque``: why something else may come out. ``chooses``:
    a selection among the groups is possible. ``lumped``: a member was asked for, and the
    symbols are those of the whole.
    """

    groups: list[tuple[Value, ...]] = field(default_factory=list)
    existing: list[Value] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    switches: set[str] = field(default_factory=set)
    opaque: list[str] = field(default_factory=list)
    chooses: bool = False
    lumped: bool = False

    def add(self, other: Found) -> None:
        """Take over what another expression stands for."""
        self.groups += other.groups
        self.existing += other.existing
        self.listed += other.listed
        self.switches |= other.switches
        self.opaque += [reason for reason in other.opaque if reason not in self.opaque]
        self.chooses = self.chooses or other.chooses
        self.lumped = self.lumped or other.lumped

    def candidates(self) -> tuple[Value, ...]:
        """All values, each once, in the order they are named."""
        if len(self.groups) == 1:
            return self.groups[0]
        return tuple(dict.fromkeys(value for group in self.groups for value in group))

    @property
    def widest(self) -> int:
        """How many values the symbol may stand for that may stand for most."""
        return max(map(len, self.groups), default=0)

    @property
    def occurrences(self) -> int:
        """How many unknown values the symbols can fill."""
        return sum(len(group) for group in self.groups)

    def add_known(self, value: Any, rest: Path, text: str) -> None:
        """Take in the member ``rest`` of a known value: a member of lists, or what a condition is made of."""
        for step in rest:
            if isinstance(value, dict):
                value = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int):
                value = value[step] if 0 <= step < len(value) else None
            else:
                value = None
        if value in (None, "", {}, []):
            return
        self.chooses = True
        self.listed += [
            item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str) and item
        ]
        if not isinstance(value, list):
            self.switches.add(text)
