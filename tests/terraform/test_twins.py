"""Every link resolved from a plan is the link that apply makes, on every fixture that has both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_checks.terraform.plan import read
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Collection
from eks_checks.terraform.world import World
from tests.terraform.twins import agrees, attributes

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
PAIRS = sorted(plan.parent for plan in FIXTURES.rglob("plan.json") if (plan.parent / "applied.json").exists())


TEXTS = {"aws_eks_addon": ("configuration_values",), "kubernetes_config_map_v1_data": ("data",)}
"""Texts made of several ids: a plan alone tells which, only the sources what is made of them."""


def test_there_are_fixtures() -> None:
    assert len(PAIRS) >= 6


@pytest.mark.parametrize("case", PAIRS, ids=lambda case: case.relative_to(FIXTURES).as_posix())
def test_plan_agrees_with_apply(case: Path) -> None:
    planned = World.after([read(str(case / "plan.json"))])
    applied = World.after([read(str(case / "applied.json"))])
    managed = [resource for resource in planned.resources() if not resource.unmanaged]
    assert [str(resource.address) for resource in managed] == [str(r.address) for r in applied.resources()]
    wrong = [text for resource in managed for text in disagreements(resource, applied)]
    assert not wrong, "\n".join(wrong)


def disagreements(resource: Resource, applied: World) -> Iterator[str]:
    twin = applied.get(str(resource.address))
    assert twin is not None
    for name in attributes(resource):
        if name in TEXTS.get(resource.type, ()):
            continue
        said, found = resource.value(name), twin.value(name)
        if not agrees(said, found, applied):
            yield f"{resource.address}.{name}: {said} but {found}"
        listed = resource.members(name)
        if isinstance(found, Collection) and not agrees(listed, found, applied):
            yield f"{resource.address}.{name} as a collection: {listed} but {found}"
        for block, same_block in zip(resource.blocks(name), twin.blocks(name), strict=False):
            assert block.path == same_block.path
