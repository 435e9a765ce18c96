"""Answers by classes are those one gets by looking at every subnet and every pair of interfaces by itself."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import pytest

from benchmarks import large
from eks_checks import analysis
from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import KeySet
from eks_checks.reach.alike import Alike, Town
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.pieces import Candidate, Target
from eks_checks.reach.transfer import Flow
from eks_checks.sets import AddressSet
from tests.oracle.plan import to_plan
from tests.oracle.world import random_world
from tests.reach.hiding import chosen, hide

QUESTIONS = (
    Question(everything=True),
    Question(everything=True, explain=True),
    Question(everything=True, ports=(20, 30), families=("ipv4",)),
    Question(everything=True, only_from=frozenset({"internet", "aws_instance.bastion"})),
)


class OneByOne(Alike):
    """Nothing is like anything else."""

    def town(self, vpc: str, flow: Flow, hosts: AddressSet) -> Town:
        return Town((), tuple(enumerate(self._estate.subnets.values())))

    def knocking(self, candidates: Sequence[Candidate], groups: KeySet, flow: Flow) -> tuple[Candidate, ...]:
        return tuple(candidates)

    def unhindered(self, source: Candidate, target: Target, flow: Flow) -> bool:
        return False


def one_by_one(estate: Estate) -> Reachability:
    return Reachability(estate, OneByOne)


def estate_of(plan: dict) -> Estate:
    return analysis.load(["-"], io.BytesIO(json.dumps(plan).encode())).estate


@pytest.mark.parametrize("seed", range(7000, 7030))
def test_classes_change_no_answer(seed: int) -> None:
    plan = to_plan(random_world(seed))
    hidden = plan if seed % 3 == 0 else hide(plan, chosen(plan, seed, 1 if seed % 3 == 1 else 5))
    estate = estate_of(hidden)
    classes, alone = Reachability(estate), one_by_one(estate)
    for question in QUESTIONS:
        assert classes.answers(question) == alone.answers(question)


@pytest.mark.parametrize("known", [True, False])
def test_classes_change_no_answer_of_a_larger_network(known: bool) -> None:
    estate = estate_of(large.plan(0.04, known=known))
    classes, alone = Reachability(estate), one_by_one(estate)
    answers = classes.answers(Question(everything=True))
    assert answers == alone.answers(Question(everything=True))
    assert {source.scope for answer in answers for source in answer.sources} >= {"vpc", "interface", "pods"}


def test_a_large_network_has_the_same_answers_before_and_after_apply() -> None:
    new, applied = (Reachability(estate_of(large.plan(0.04, known=known))) for known in (False, True))
    told = [
        [(a.subnet is None, a.verdict, len(a.sources)) for a in each.answers(Question(everything=True))]
        for each in (new, applied)
    ]
    assert told[0] == told[1]


def test_a_generated_network_is_the_same_every_time_and_has_the_size_asked_for() -> None:
    made = large.plan(0.04, seed=3)
    assert made == large.plan(0.04, seed=3)
    assert len(made["resource_changes"]) == 400
