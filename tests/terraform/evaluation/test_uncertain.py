"""What may or may not exist leaves answers possible: whatever the variable turns out to be, they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.findings import Status
from eks_checks.reach.answer import Answer
from eks_checks.reach.engine import Question
from eks_checks.sets import AddressSet
from eks_checks.settings import Settings
from tests.terraform.evaluation.doubtful import CARRIED, CASES, NO_GROUPS, WHEN
from tests.terraform.evaluation.worlds import NETWORK, folder

EVERYTHING = Question(everything=True)
Sources = dict[tuple[object, ...], str]
Told = dict[tuple[object, ...], Sources]


@pytest.mark.parametrize("case", CASES)
def test_an_open_count_admits_both_worlds(case: str, tmp_path: Path) -> None:
    base, more = CASES[case]
    open_ = answers(folder(tmp_path, base + more))
    for chosen in ("true", "false"):
        decided = answers(folder(tmp_path, base + more, f"x={chosen}"))
        assert not contradictions(open_, decided), chosen


EACH = 'for_each = toset(var.x ? ["a", "b"] : [])'
LISTED = [case for case, (base, more) in CASES.items() if "[*]" not in base + more and "[0]" not in more]


@pytest.mark.parametrize("case", LISTED)
def test_an_open_set_of_instances_admits_none_and_several(case: str, tmp_path: Path) -> None:
    sources = "".join(CASES[case]).replace(WHEN, EACH)
    inputs = folder(tmp_path, sources)
    assert {entry.attribute for entry in inputs.estate.coverage.unresolved} >= {"for_each"}
    open_ = answers(inputs)
    for chosen in ("true", "false"):
        assert not contradictions(open_, answers(folder(tmp_path, sources, f"x={chosen}"))), chosen


@pytest.mark.parametrize("case", NO_GROUPS)
def test_a_list_of_groups_that_may_be_empty_admits_the_default_group(case: str, tmp_path: Path) -> None:
    sources = CARRIED + NO_GROUPS[case]
    open_, *decided = (
        answers(folder(tmp_path, sources, *given)) for given in ((), ("x=true",), ("x=false",))
    )
    assert decided[0] != decided[1]
    assert not contradictions(open_, decided[0])
    assert not contradictions(open_, decided[1])


@pytest.mark.parametrize("case", CASES)
def test_the_variable_matters(case: str, tmp_path: Path) -> None:
    base, more = CASES[case]
    assert answers(folder(tmp_path, base + more, "x=true")) != answers(
        folder(tmp_path, base + more, "x=false")
    )


@pytest.mark.parametrize("case", CASES)
def test_the_count_that_decides_is_named(case: str, tmp_path: Path) -> None:
    base, more = CASES[case]
    coverage = folder(tmp_path, base + more).estate.coverage
    found = [entry for entry in coverage.unresolved if entry.attribute == "count"]
    assert found
    assert all("var.x" in entry.reason for entry in found)


@pytest.mark.parametrize("case", CASES)
def test_a_module_that_may_not_be_there_is_named(case: str, tmp_path: Path) -> None:
    """The same with the variable on the call of a module around everything."""
    base, more = CASES[case]
    inner = (base + more).replace(WHEN, "").replace("this[0]", "this")
    inner = inner.replace("aws_launch_template.this\n", "[aws_launch_template.this]\n")
    root = f'variable "x" {{ type = bool }}\nmodule "net" {{\n source = "./net"\n x = true\n {WHEN}\n}}\n'
    sources = {"main.tf": root, "net/main.tf": inner}
    made = folder(tmp_path, sources)
    assert {entry.resource for entry in made.estate.coverage.unresolved if entry.attribute == "count"} == {
        "module.net"
    }
    assert not any("reachable" in source.values() for source in answers(made).values())


def answers(inputs: analysis.Inputs) -> Told:
    """Target to each source and CIDR with its verdict; indexes that a decided variable adds are dropped."""
    found: Told = {}
    for answer in analysis.reach(inputs, EVERYTHING).answers:
        target = (bare(answer.resource), bare(answer.subnet), answer.family)
        found.setdefault(target, {}).update(sources(answer))
    return found


def sources(answer: Answer) -> Sources:
    """Each source with its verdict; ``all`` stands for the strongest."""
    found: Sources = {("all",): answer.verdict.value}
    for source in answer.sources:
        for cidr in source.cidrs or ("",):
            found[(source.scope, bare(source.resource), bare(source.subnet), cidr)] = source.verdict.value
    return found


def bare(address: str | None) -> str:
    for index in ("[0]", '["a"]', '["b"]'):
        address = (address or "").replace(index, "")
    return address or ""


def contradictions(open_: Told, decided: Told) -> list[object]:
    """Definite answers that are not those of the decided world.

    A target that the open world has nowhere in this subnet must be there in an unknown one.
    """
    anywhere = {(resource, family) for resource, _, family in open_}
    wrong: list[object] = []
    for target, there in decided.items():
        here = open_.get(target)
        if here is None and (target[0], target[2]) not in anywhere:
            wrong.append((target, "missing"))
        elif here is not None:
            wrong += [(target, *one) for one in disagreements(here, there)]
    for target in open_.keys() - decided.keys():
        wrong += [(target, source) for source, said in open_[target].items() if said == "reachable"]
    return wrong


def disagreements(here: Sources, there: Sources) -> list[tuple[object, ...]]:
    """Sources of which the open world (``here``) says a definite thing and the other another."""
    return [
        (source, mine, theirs)
        for source in here.keys() | there.keys()
        for mine in told(here, source)
        for theirs in told(there, source)
        if mine not in ("possible", theirs)
    ]


def told(sources: Sources, source: tuple[object, ...]) -> set[str]:
    """The verdict on a source; on addresses, those of all the pieces that they lie in."""
    if source in sources or len(source) < 4 or not source[3]:
        return {sources.get(source, "blocked")}
    rest = wanted = AddressSet.from_cidr(str(source[3]))
    found = set()
    for other, verdict in sources.items():
        if len(other) == 4 and other[3] and other[0] == source[0]:
            piece = AddressSet.from_cidr(str(other[3]))
            found |= set() if wanted.isdisjoint(piece) else {verdict}
            rest = rest - piece
    return found | ({"blocked"} if rest else set())


def test_a_finding_on_what_may_not_exist_is_possible(tmp_path: Path) -> None:
    sources = f"""{NETWORK}
    resource "aws_eks_node_group" "this" {{
      {WHEN}
      cluster_name = "prod"
      subnet_ids   = [aws_subnet.this.id]
      remote_access {{ ec2_ssh_key = "key" }}
    }}"""
    found = {}
    for options in ((), ("x=true",)):
        report = analysis.scan(folder(tmp_path, sources, *options), Settings(), select=("EKS204",))
        [found[options]] = report.findings
    assert [finding.status for finding in found.values()] == [Status.POSSIBLE, Status.FAIL]
    [why] = [entry for entry in found[()].evidence if "decides whether there is one" in entry.text]
    assert (why.resource, why.text.partition(" ")[0]) == ("aws_eks_node_group.this", "count")
