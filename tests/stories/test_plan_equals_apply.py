"""A plan and the plan after its apply: nothing that is certain before is different after."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.engine import Question
from eks_checks.sets import AddressSet
from tests.reach.soundness import violations
from tests.source_tree import ROOT
from tests.stories.asking import inputs, reach
from tests.stories.stories import UNDECIDED

FIXTURES = ROOT / "tests" / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/*/applied.json"))
DIRECT = [case for case in CASES if case.parent.name == "stories" and case.name not in UNDECIDED]
PORTS = (22, 443)
# The source of the webhooks' rule runs through a local: on 443 the plan alone says "possible".
NOT_DIRECT = {("launch-template-own-groups", 443)}


def named(cases: list[Path]) -> list[object]:
    """One parameter per case."""
    return [pytest.param(case, id=f"{case.parent.name}-{case.name}") for case in cases]


def answers(case: Path, moment: str, port: int) -> tuple[Answer, ...]:
    """Who reaches any interface of the case."""
    return reach(case / moment, Question(everything=True, ports=(port, port))).answers


def own(case: Path) -> AddressSet:
    """The addresses of the case's VPCs, once they are known."""
    found = AddressSet.empty()
    for vpc in inputs(case / "applied.json").estate.vpcs.values():
        found = found | vpc.addresses("ipv4") | vpc.addresses("ipv6")
    return found


@pytest.mark.parametrize("case", named(CASES))
def test_nothing_definite_changes(case: Path) -> None:
    for port in PORTS:
        told = violations(answers(case, "plan.json", port), answers(case, "applied.json", port), own(case))
        found = [str(violation) for violation in told]
        assert not found, "\n".join(found[:10])


@pytest.mark.parametrize("case", named(CASES))
def test_what_is_possible_names_what_decides(case: Path) -> None:
    for port in PORTS:
        for moment in ("plan.json", "applied.json"):
            for answer in answers(case, moment, port):
                assert answer.unknowns or answer.verdict is not Verdict.POSSIBLE
                for source in answer.sources:
                    assert bool(source.unknowns) == (source.verdict is Verdict.POSSIBLE), source


@pytest.mark.parametrize("case", named(DIRECT))
def test_direct_links_give_the_same_answer(case: Path) -> None:
    for port in PORTS:
        if (case.name, port) in NOT_DIRECT:
            continue
        before, after = (
            [_without_unknown_blocks(answer) for answer in answers(case, moment, port)]
            for moment in ("plan.json", "applied.json")
        )
        assert before == after


def _without_unknown_blocks(answer: Answer) -> tuple[object, ...]:
    """All of an answer but the ranges of blocks that AWS chooses."""
    sources = [
        (s.scope, s.resource, s.subnet, s.verdict, s.via, s.cidrs if s.scope != "vpc" else None)
        for s in answer.sources
    ]
    latent = [(s.scope, s.cidrs, s.missing) for s in answer.latent]
    who = (answer.resource, answer.subnet, answer.family, answer.port, answer.verdict)
    return (*who, answer.groups, answer.public_address, answer.listener, sources, latent)
