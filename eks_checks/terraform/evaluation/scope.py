"""Where an expression stands: what ``each``, ``count``, ``self`` and the names of loops mean there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from eks_checks.terraform.address import Index, ModuleStep, ResourceAddress
from eks_checks.terraform.hcl.expression import Expression
from eks_checks.terraform.value import Unknown, Value


@dataclass(frozen=True)
class Scope:
    """The surroundings of an expression.

    ``module``: the module instance. ``key``: the instance key of the resource or module call that holds
    it, and ``for_each`` what that repeats over (None: ``count``, or no repetition). ``owner``: the
    resource that ``self`` means. ``names``: loop variables and iterators; ``item``: a splat's member.
    ``uncertain``: the holder repeats, and stands for all of its instances, of which nobody knows the keys.
    """

    module: tuple[ModuleStep, ...] = ()
    key: Index = None
    for_each: Expression | None = None
    owner: ResourceAddress | None = None
    names: Mapping[str, Value] = field(default_factory=dict)
    item: Value | None = None
    uncertain: Unknown | None = None

    def binding(self, **names: Value) -> Scope:
        """The same with further names; one without a name (an empty key) is left out."""
        return replace(self, names={**self.names, **names})

    def at_item(self, item: Value) -> Scope:
        """The same inside a splat, at one member."""
        return replace(self, item=item)
