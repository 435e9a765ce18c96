"""Checks are sound: whatever a hidden value turns out to be, no definite word about a resource was wrong.

A stack whose every value is known is one completion of the same stack with one value hidden. What fails with
it hidden must fail in it, what passes must pass, and what fails in it must not have gone without a word. What
may be hidden is whatever the configuration sets, in blocks as well.
"""

from __future__ import annotations

import io
import json
import os
import random
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from eks_checks import analysis
from eks_checks.findings import Finding, Status
from eks_checks.settings import Settings, parse
from tests.checks.test_fixtures import FOLDER, TRUTH
from tests.reach.hiding import EMPTY, Spot, block, hide
from tests.source_tree import ROOT

DRAWS = 2
LONG = int(os.environ.get("CHECKS_DRAWS", "40"))
SEED = int(os.environ.get("CHECKS_SEED", "0"))
STACKS = sorted(
    [*FOLDER.glob("EKS*/*/applied.json"), *(ROOT / "tests/fixtures/stories").glob("*/applied.json")]
)
_ids = [f"{stack.parts[-3]}-{stack.parts[-2]}" for stack in STACKS]
every_stack = pytest.mark.parametrize("stack", STACKS, ids=_ids)

UNREAD = {
    "aws_instance": ("tags", "user_data"),  # an instance is a node by these alone; else it is none
    "aws_launch_template": ("user_data",),  # keys in texts that are known after apply (EKS205)
}
"""Arguments that are not judged while they are not known, as pages say."""
BELONGING = ("EKS106", "EKS701", "EKS702", "EKS704")
"""Checks that judge only what is the cluster's, or where its nodes land, for certain."""

Said = dict[tuple[str, str], str]
"""(check, resource) to ``fail``, ``possible`` or ``pass``."""


@every_stack
def test_no_completion_contradicts_a_check(stack: Path) -> None:
    assert not [line for draw in range(DRAWS) for line in wrong(stack, SEED + draw)]


@pytest.mark.long
@every_stack
def test_no_completion_contradicts_a_check_in_many_draws(stack: Path) -> None:
    assert not [line for draw in range(LONG) for line in wrong(stack, SEED + draw)]


def wrong(stack: Path, draw: int) -> list[str]:
    """What one draw shows: every definite word that the full stack contradicts."""
    plan, truth, settings = full(stack)
    may = configured(plan)
    if not may:
        return []
    spot = random.Random(f"{stack.parent.name} {draw}").choice(may)
    told = said(hidden(plan, spot), settings)
    return [f"{spot}: {line}" for line in violations(told, truth)]


def hidden(plan: dict[str, Any], spot: Spot) -> dict[str, Any]:
    """The plan with one value known after apply, which a literal block tells in the configuration."""
    made = hide(plan, [spot])
    if len(spot.path) == 3:
        name, index, inner = spot.path
        blocks = _expressions(plan, spot.address)[name]
        traced = [dict(block) for block in blocks]
        traced[int(index)][str(inner)] = {"references": ["local.hidden"]}
        _expressions(made, spot.address)[name] = traced
    return made


def violations(told: Said, truth: Said) -> Iterator[str]:
    """Words about the hidden stack that this completion does not bear out."""
    for (check, resource), word in sorted(told.items()):
        # NOTE: with a link hidden a resource may turn out to be none of the cluster's: then nothing is said.
        really = truth.get((check, resource))
        if (check, word, truth.get(("EKS201", resource))) == ("EKS206", "fail", "fail"):
            continue  # what turns out to be a direct way is told by EKS201
        if word != "possible" and really is not None and really != word:
            yield f"{check} {resource}: {word}, but it is {really}"
    open_ = {check for (check, _), word in told.items() if word == "possible"}
    for (check, resource), word in sorted(truth.items()):
        if word == "fail" and (check, resource) not in told and check not in {*open_, *BELONGING}:
            yield f"{check} {resource}: not a word, but it is fail"


@lru_cache(maxsize=2)
def full(stack: Path) -> tuple[dict[str, Any], Said, Settings]:
    """The stack with nothing hidden, as it is before it is created, and what the checks say of it."""
    plan = json.loads(stack.read_text(encoding="utf-8"))
    settings = _settings(stack.parent)
    return plan, said(hide(plan, []), settings), settings


def _settings(folder: Path) -> Settings:
    import yaml

    truth = folder / TRUTH
    given = yaml.safe_load(truth.read_text(encoding="utf-8")).get("config") if truth.is_file() else None
    return parse(yaml.safe_dump(given or {}), file=TRUTH, checks=analysis.check_parameters)


def said(plan: dict[str, Any], settings: Settings) -> Said:
    """What the checks say, without sources: what is hidden must stay hidden."""
    inputs = analysis.load(["-"], io.BytesIO(json.dumps(plan).encode()))
    report = analysis.scan(inputs, settings)
    told = {(run.check_id, name): "pass" for run in report.checks for name in run.passed}
    told |= {(f.check_id, f.resource): f.status.value for f in report.findings if not _only_latent(f)}
    return told


def _only_latent(finding: Finding) -> bool:
    """Whether nothing gets in yet: with something unknown, what lacks an address besides goes untold."""
    return finding.status is Status.FAIL and "nothing gets in yet" in finding.message


def configured(plan: dict[str, Any]) -> list[Spot]:
    """Every value that the configuration sets and that is not empty."""
    found: list[Spot] = []
    for module in _modules(plan["planned_values"]["root_module"]):
        for resource in module.get("resources", []):
            if resource["mode"] != "managed" or resource["address"].count("module.") > 1:
                continue
            said_on_pages = UNREAD.get(resource["type"], ())
            written = _expressions(plan, resource["address"])
            for name, expression in sorted(written.items()):
                if name in said_on_pages:
                    continue
                found += [
                    Spot(resource["address"], path) for path in _paths(resource["values"], name, expression)
                ]
    return found


def _modules(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield module
    for child in module.get("child_modules", []):
        yield from _modules(child)


def _expressions(plan: dict[str, Any], address: str) -> dict[str, Any]:
    """What the configuration says of one managed resource; empty where another block makes it."""
    found: dict[str, Any] = block(plan, address).setdefault("expressions", {})
    return found


def _paths(values: dict[str, Any], name: str, expression: Any) -> Iterator[tuple[str | int, ...]]:
    """The argument, or the arguments of literal blocks, that are set."""
    value = values.get(name)
    if value in EMPTY:
        return
    if not isinstance(expression, list):
        yield (name,)
    elif isinstance(value, list) and len(expression) == len(value):
        for index, (held, written) in enumerate(zip(value, expression, strict=True)):
            yield from ((name, index, inner) for inner in sorted(written) if held.get(inner) not in EMPTY)
