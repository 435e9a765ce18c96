"""The sources that belong to a plan: found, compared with it, and used to resolve what it leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eks_checks.errors import InputError
from eks_checks.terraform.evaluation.facts import Conventions
from eks_checks.terraform.files import ModuleFiles, usual_folders
from eks_checks.terraform.references import References
from eks_checks.terraform.resolving import Resolver
from eks_checks.terraform.world import Root

if TYPE_CHECKING:
    from eks_checks.terraform.sources.agreement import AgreeingTree

ENOUGH = 0.5
"""The share of a plan's root module that a folder nobody named must hold to be taken for its sources."""


class Beside:
    """Looks for a plan's sources: in the folder that was named, else in those where they usually are.

    Of several plans, the folder that was named belongs to those that it fits.
    """

    def __init__(self, named: str | None, conventions: Conventions) -> None:
        """``named`` is what a person says; of several plans, those are meant that it fits."""
        self._named = named
        self._conventions = conventions
        self._fits: dict[str, bool] = {}

    def __call__(self, root: Root) -> Resolver:
        """The resolver of a root: by its sources where there are any, else by references alone."""
        plain = References(root)
        tree = self._tree(root) if root.configured else None
        if tree is None:
            return plain
        from eks_checks.terraform.evaluation.planned import PlanFacts

        return PlanFacts(root, tree, plain, self._conventions).resolver

    def check(self) -> None:
        """Raise InputError where the folder that was named has the sources of none of the plans."""
        if self._fits and not self.used:
            hint = "name the folder of the root module that was planned"
            what = f"these are not the sources of {min(self._fits)}"
            raise InputError(what, where=self._named or "", hint=hint)

    @property
    def used(self) -> bool:
        """Whether the folder that was named has a plan's sources."""
        return any(self._fits.values())

    def _tree(self, root: Root) -> AgreeingTree | None:
        if self._named is not None:
            tree = _compared(self._named, root)
            self._fits[root.input] = tree.share > 0
            if tree.share > 0:
                return tree
        for folder in usual_folders(root.input):
            tree = _compared(folder, root)
            if tree.share >= ENOUGH:
                return tree
        return None


def _compared(folder: str, root: Root) -> AgreeingTree:
    # Imported here, as the evaluator is: a plan that stands alone needs no reader of sources.
    from eks_checks.terraform.sources.agreement import AgreeingTree
    from eks_checks.terraform.sources.tree import ModuleTree

    return AgreeingTree(ModuleTree(ModuleFiles(folder)), root.configuration)
