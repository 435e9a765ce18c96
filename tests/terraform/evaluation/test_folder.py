"""A folder of sources makes the resources that a plan of them has, and the same answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.provider_table import TYPES
from eks_checks.reach.answer import Answer
from eks_checks.reach.engine import Question
from eks_checks.terraform.value import Choice, Collection, Mapping, Reference, Unknown, Value
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
DELETED = {"existing-stack": {"aws_security_group.forgotten"}, "replacements": {"aws_instance.old"}}
"""Resources that only a state remembers: a ``removed`` block takes them out of the sources."""
ROOTS = {"examples-folder": "examples/complete"}
"""Where the root module is, if not beside the plan."""


LESS_KNOWN = {*READ_AT_PLAN, *DELETED}
"""Cases whose answers need what only the plan knows."""
KNOWN_BETTER = {"context-labels": "a list of keys that the plan shows as two unknown members of one set"}
"""Cases where the folder settles what a plan beside its sources leaves possible."""
EVERYTHING = Question(everything=True)


def name(case: Path) -> str:
    return case.relative_to(FIXTURES).as_posix()


def both(case: Path) -> tuple[analysis.Inputs, analysis.Inputs]:
    root = str(case / ROOTS.get(case.name, "."))
    return analysis.load([root]), analysis.load([str(case / "plan.json")], source=root)


def test_there_are_fixtures() -> None:
    assert len(CASES) >= 20


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
        f"{key}.{one}"
        for key, one in otherwise(case)
        if one.kind == "less" and not explained(folder, key, one)
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
    return waits_for_others(resource.value(*one.path[:1]))


def waits_for_others(value: Value) -> bool:
    """Whether it hangs on what a data source finds, on where Terraform runs, or on another resource."""
    if isinstance(value, Unknown):
        return "data." in value.reason or any(map(waits_for_others, value.parts))
    if isinstance(value, Mapping):
        return any(waits_for_others(inner) for _, inner in value.entries)
    if isinstance(value, Collection):
        return bool(value.maybe) or value.open is not None or any(map(waits_for_others, value.items))
    return isinstance(value, (Reference, Choice))


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_answers_are_those_of_the_plan(case: Path) -> None:
    """Where the folder cannot know all the plan does, an answer is possible, never another definite one."""
    folder, plan = (analysis.reach(inputs, EVERYTHING).answers for inputs in both(case))
    if case.name not in {*LESS_KNOWN, *KNOWN_BETTER}:
        assert list(map(said, folder)) == list(map(said, plan))
    here, there = strongest(folder), strongest(plan)
    for target in here.keys() & there.keys():
        for source in here[target].keys() | there[target].keys():
            verdicts = {here[target].get(source, "blocked"), there[target].get(source, "blocked")}
            assert len(verdicts) == 1 or "possible" in verdicts, (target, source)


def said(answer: Answer) -> tuple[object, ...]:
    """What of an answer a user acts on."""
    sources = [(s.scope, s.resource, s.subnet, s.verdict.value, s.via, s.cidrs) for s in answer.sources]
    groups = sorted(group.resource for group in answer.groups)
    return (answer.resource, answer.subnet, answer.family, answer.verdict.value, groups, sources)


def strongest(answers: Iterable[Answer]) -> dict[tuple[object, ...], dict[tuple[object, ...], str]]:
    """Target to each of its sources with the strongest verdict."""
    found: dict[tuple[object, ...], dict[tuple[object, ...], str]] = {}
    for answer in answers:
        at = found.setdefault((answer.resource, answer.subnet, answer.family), {})
        for source in sorted(answer.sources, key=lambda one: one.verdict.strength):
            at[(source.scope, source.resource, source.subnet)] = source.verdict.value
    return found


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_provider_configurations_are_those_of_the_plan(case: Path) -> None:
    folder, plan = both(case)
    for resource in folder.world.resources():
        planned = plan.world.get(resource.key)
        if planned is not None and not planned.unmanaged:
            assert resource.provider_key == planned.provider_key, resource.key
            assert resource.provider_arguments == planned.provider_arguments, resource.key
