"""The real Terraform applies a configuration; our evaluator looks at the folder and at the plan."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eks_checks.analysis import CONVENTIONS
from eks_checks.aws.schema import PROVIDER
from eks_checks.terraform import plan
from eks_checks.terraform.address import ModuleStep
from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.evaluation.folder import Folder, FolderFacts
from eks_checks.terraform.evaluation.given import NOTHING_GIVEN, Given
from eks_checks.terraform.evaluation.planned import PlanFacts
from eks_checks.terraform.evaluation.variables import root_variables
from eks_checks.terraform.files import ModuleFiles
from eks_checks.terraform.references import References
from eks_checks.terraform.resolving import Resolver
from eks_checks.terraform.sources.agreement import AgreeingTree
from eks_checks.terraform.sources.tree import ModuleTree
from eks_checks.terraform.value import Reference, Value
from eks_checks.terraform.world import Root, World

TERRAFORM = shutil.which("terraform")


@dataclass(frozen=True)
class Applied:
    """What Terraform planned (``plan.json`` beside the sources) and what became of it."""

    folder: Path
    outputs: dict[str, Any]
    attributes: dict[str, dict[str, Any]]

    def become(self, reference: Reference) -> Any:
        """The attribute that a Reference names; Ellipsis where there is none."""
        found: Any = self.attributes.get(str(reference.resource), ...)
        for step in reference.path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return ...
        return found


class RefusedError(Exception):
    """Terraform does not take the configuration."""


def written(folder: Path, files: dict[str, str]) -> Path:
    """The folder with the files written into it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def applied(folder: Path, *options: str) -> Applied:
    """Plan and apply a folder of built-in resources; no provider is downloaded."""
    _terraform(folder, "init")
    _terraform(folder, "plan", "-out=tfplan", *options)
    (folder / "plan.json").write_text(_terraform(folder, "show", "-json", "tfplan"), encoding="utf-8")
    _terraform(folder, "apply", "-auto-approve", "tfplan")
    values = json.loads(_terraform(folder, "show", "-json"))["values"]
    outputs = {name: found["value"] for name, found in values.get("outputs", {}).items()}
    return Applied(folder, outputs, dict(_attributes(values.get("root_module", {}))))


def of_folder(folder: Path, given: Given = NOTHING_GIVEN) -> Evaluator:
    """The evaluator of a folder without a plan."""
    tree = ModuleTree(ModuleFiles(str(folder)))
    return FolderFacts(Folder(tree, PROVIDER, CONVENTIONS, root_variables(tree, given)), "").evaluator


def of_plan(folder: Path) -> tuple[Evaluator, tuple[str, ...]]:
    """The evaluator of a plan with its sources beside it, and the notices."""
    found: list[tuple[PlanFacts, AgreeingTree]] = []

    def resolving(root: Root) -> Resolver:
        tree = AgreeingTree(ModuleTree(ModuleFiles(str(folder))), root.configuration)
        found.append((PlanFacts(root, tree, References(root), CONVENTIONS), tree))
        return found[-1][0].resolver

    World.after(plan.read_all([str(folder / "plan.json")]), resolving)
    facts, tree = found[0]
    return facts.evaluator, tree.notices()


def output(evaluator: Evaluator, name: str, module: tuple[ModuleStep, ...] = ()) -> Value:
    """The value of an output as our evaluator has it."""
    found = evaluator.tree.module(tuple(step.name for step in module))
    assert found is not None
    expression = found.outputs[name].body.arguments["value"].expression
    from eks_checks.terraform.evaluation.scope import Scope

    return evaluator.asked(expression, Scope(module))


def _attributes(module: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    own = [(resource["address"], resource["values"]) for resource in module.get("resources", ())]
    return own + [pair for child in module.get("child_modules", ()) for pair in _attributes(child)]


def _terraform(folder: Path, *arguments: str) -> str:
    assert TERRAFORM is not None
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [TERRAFORM, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        raise RefusedError(done.stderr[-2000:])
    return done.stdout
