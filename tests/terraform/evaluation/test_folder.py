"""A folder of sources makes the resources that a plan of them has, and the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.provider_table import TYPES
from eks_checks.reach.answer import Answer
from eks_checks.reach.engine import Question
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Collection, Reference, Value
from tests.terraform.evaluation.alike import Difference, differences

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CASES = sorted(
    plan.parent
    for family in ("evaluation", "stories", "terraform")
    for plan in (FIXTURES / family).glob("*/plan.json")
    if list(plan.parent.glob("*.tf*"))
)

READ_AT_PLAN = {
    "data-at-plan": "data sources decide keys and values",
}
"""Cases whose instances hang on data sources, which only a plan reads."""
DELETED = {"existing-stack": {"aws_security_group.forgotten"}}
"""Resources that only a state remembers: a ``removed`` block takes them out of the sources."""


def name(case: Path) -> str:
    return case.relative_to(FIXTURES).as_posix()


def both(case: Path) -> tuple[analysis.Inputs, analysis.Inputs]:
    return analysis.load([str(case)]), analysis.load([str(case / "plan.json")])


def test_there_are_fixtures() -> None:
    assert len(CASES) >= 35


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_instances_are_those_of_the_plan(case: Path) -> None:
    folder, plan = both(case)
    made = {resource.key for resource in folder.world.resources() if resource.uncertain is None}
    planned = {resource.key for resource in plan.world.resources()}
    if case.name in READ_AT_PLAN:
        assert made <= planned
    else:
        assert made == planned - DELETED.get(case.name, set())


@pytest.mark.parametrize("case", CASES, ids=name)
def test_nothing_is_known_and_different(case: Path) -> None:
    found = [(key, one) for key, one in otherwise(case) if one.kind == "wrong"]
    assert not found, "\n".join(f"{key}.{one}" for key, one in found)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_what_only_the_plan_knows_was_read_by_it(case: Path) -> None:
    """Known in the plan and not here: data sources, what a state holds, or the provider's own Region."""
    folder, _ = both(case)
    unexplained = [
        f"{key}.{one}" for key, one in otherwise(case) if one.kind == "less" and not explained(folder, key, one)
    ]
    assert not unexplained, "\n".join(unexplained)


def otherwise(case: Path) -> Iterator[tuple[str, Difference]]:
    folder, plan = both(case)
    for resource in folder.world.resources(*TYPES):
        planned = plan.world.get(resource.key)
        if planned is not None and "create" in planned.actions:
            for one in differences(*resource.raw(), *planned.raw()):
                yield resource.key, one


def explained(folder: analysis.Inputs, key: str, one: Difference) -> bool:
    if one.path == ("region",):
        return True
    resource = folder.world.get(key)
    assert resource is not None
    return any(_waits(folder, value) for value in _parts(resource.value(*one.path[:1])))


def _parts(value: Value) -> Iterator[Value]:
    yield value
    for inner in getattr(value, "options", ()) or getattr(value, "items", ()):
        yield from _parts(inner)
    for _, inner in getattr(value, "entries", ()):
        yield from _parts(inner)


def _waits(folder: analysis.Inputs, value: Value) -> bool:
    """Whether it is a link to what a data source or a state tells."""
    return isinstance(value, Reference) or (isinstance(value, Collection) and value.open is not None)
