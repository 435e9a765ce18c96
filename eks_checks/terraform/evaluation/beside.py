"""The sources that belong to a plan: found, compared with it, and used to resolve what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field

from eks_checks.errors import InputError
from eks_checks.terraform.evaluation.facts import Conventions
from eks_checks.terraform.evaluation.planned import PlanFacts
from eks_checks.terraform.files import ModuleFiles, usual_folders
from eks_checks.terraform.references import References
from eks_checks.terraform.resource import Resolver
from eks_checks.terraform.sources.agreement import AgreeingTree
from eks_checks.terraform.sources.tree import ModuleTree
from eks_checks.terraform.world import Root

ENOUGH = 0.5
"""The share of a plan's root module that a folder nobody named must hold to be taken for its sources."""


@dataclass(frozen=True)
class Beside:
    """Looks for a plan's sources: in the folder that was named, else in those where they usually are."""

    named: str | None = None
    conventions: Conventions = field(default_factory=Conventions)

    def __call__(self, root: Root) -> Resolver:
        """The resolver of a root: by its sources where there are any, else by references alone."""
        plain = References(root)
        if not root.configured:
            return plain
        tree = self._tree(root)
        return plain if tree is None else PlanFacts(root, tree, plain, self.conventions).resolver

    def _tree(self, root: Root) -> AgreeingTree | None:
        if self.named is not None:
            tree = AgreeingTree(ModuleTree(ModuleFiles(self.named)), root.configuration)
            if tree.share == 0:
                hint = "name the folder of the root module that was planned"
                raise InputError(f"these are not the sources of {root.input}", where=self.named, hint=hint)
            return tree
        for folder in usual_folders(root.input):
            tree = AgreeingTree(ModuleTree(ModuleFiles(folder)), root.configuration)
            if tree.share >= ENOUGH:
                return tree
        return None
