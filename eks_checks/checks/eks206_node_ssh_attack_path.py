"""EKS206: more than one hop leads from the internet to a node's tcp 22."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from eks_checks.checks.attack_ways import AttackWays, Onward, Passed, declared
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES
from eks_checks.checks.phrases import decided_by, listed, open_questions, plural, unique, without_name
from eks_checks.checks.ssh_sources import deciding, silence, targets
from eks_checks.findings import Evidence, Severity
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Answer, Cut, UnknownValue, Verdict
from eks_checks.reach.login import INTERNET

_SHOWN = 3


@check(
    id="EKS206",
    name="node-ssh-attack-path",
    severity=Severity.HIGH,
    summary="More than one hop leads from the internet to a node's tcp 22; direct reach is EKS201's.",
    resource_types=NODE_TYPES,
    parameters=("allowed_cidrs",),
)
def eks206(view: View) -> Iterator[Outcome]:
    """One outcome per node group: the shortest ways over hosts that one logs into, and what cuts them.

    Ways over a declared bastion that admits allowed ranges only are meant, and not told.
    """
    ways = AttackWays(view)
    ordered = sorted(view.ssh, key=lambda answer: answer.resource)
    for resource, group in groupby(ordered, key=lambda answer: answer.resource):
        answers = tuple(group)
        place = next((answer.location for answer in answers if answer.location), None)
        found = [onward for onward in map(ways.of, answers) if onward is not None]
        yield _outcome(view, ways, (resource, place), found)


def _outcome(
    view: View, ways: AttackWays, at: tuple[str, SourceSpan | None], found: Sequence[Onward]
) -> Outcome:
    resource, place = at
    if not found:
        return Outcome(resource, "pass", location=place)
    sure = [onward for onward in found if onward.verdict is Verdict.REACHABLE]
    telling = sorted(sure or found, key=lambda onward: len(onward.steps))
    unknowns = tuple(dict.fromkeys(unknown for onward in telling for unknown in onward.unknowns))
    rated, reason = _rating([onward.answer for onward in telling])
    message = _message(telling, unknowns, sure=bool(sure)) + _over_bastion(view, telling)
    told = unique([*_evidence(telling), *open_questions(() if sure else unknowns)])
    remediation = _GENERAL if view.brief else f"{_cutting(ways.cut(telling[0]), telling)} {_GENERAL}"
    verdict = "fail" if sure else "possible"
    return Outcome(resource, verdict, f"{message}{reason}", told, remediation, rated, place)


def _message(telling: Sequence[Onward], unknowns: Iterable[UnknownValue], *, sure: bool) -> str:
    at = f"tcp 22 of the nodes {targets(onward.entry for onward in telling)}"
    distinct = list(dict.fromkeys(onward.names for onward in telling))
    shown = "; ".join(" -> ".join(names) for names in distinct[:_SHOWN])
    more = f"; and {len(distinct) - _SHOWN} more" if len(distinct) > _SHOWN else ""
    if sure:
        return (
            f"The internet gets to {at} by way of {_hosts(telling[0])}: {shown}{more}. Whoever takes over a "
            "host on the way can go on from it to the nodes."
        )
    return (
        f"Whether the internet gets to {at} over other hosts ({shown}{more}) cannot be told before apply: "
        f"{decided_by(unknowns)}."
    )


def _hosts(onward: Onward) -> str:
    hosts = len([each for each in onward.steps[:-1] if not each.step.balancer])
    return f"{hosts} {plural(hosts, 'other host', 'other hosts')}"


def _over_bastion(view: View, telling: Iterable[Onward]) -> str:
    """What is wrong with a way over a declared bastion."""
    entered = {}
    for onward in telling:
        first = declared(view, onward)
        if first is not None:
            entered[first[0]] = listed(first[1].cidrs or ("addresses that are not known",))
    return "".join(
        f" {name} is a declared bastion, but takes in {ranges}, which allowed_cidrs do not name."
        for name, ranges in sorted(entered.items())
    )


def _rating(answers: Sequence[Answer]) -> tuple[Severity, str]:
    if any(answer.listener != "no" for answer in answers):
        return Severity.HIGH, ""
    lowered = Severity.HIGH.lowered()
    return lowered, f" Rated {lowered.label} instead of {Severity.HIGH.label}: {silence(answers)}."


def _evidence(telling: Iterable[Onward]) -> Iterator[Evidence]:
    for onward in telling:
        for each in onward.steps:
            yield from _of_step(each)


def _of_step(passed: Passed) -> Iterator[Evidence]:
    step, source = passed.step, passed.source
    if source is None:
        return
    by = "the internet" if step.source == INTERNET else step.source[0]
    lets = "lets" if source.verdict is Verdict.REACHABLE else "may let"
    told = f"{lets} {by} reach {step.target[0]} on tcp {step.port}"
    for hop in deciding(source):
        text = without_name(hop.text or hop.rule, hop.resource)
        yield Evidence(hop.resource, f"{text}: {told}", hop.location)


def _cutting(cut: Cut, telling: Sequence[Onward]) -> str:
    """The changes that cut the ways, in one sentence."""
    to = telling[0].answer
    where = f" to {to.resource} in {to.subnet}" if len({o.answer.subnet for o in telling}) > 1 else ""
    if not cut.changes:
        return f"No change of the rules in the inputs alone cuts every such way{where}."
    what = "; ".join(f"{change.resource}: {change.text}" for change in cut.changes)
    if not cut.verified:
        few = "Changes that cut the ways found"
        return f"{few}{where} (`eks-checks reach --explain` looks for all of them): {what}."
    few = "The fewest changes that cut" if cut.exact else "Changes that cut"
    return f"{few} every such way{where}: {what}."


_GENERAL = (
    "Or take the first host off the internet (no public address, a private subnet) and log in with Session "
    "Manager. A bastion that is meant: declare it under `bastions` in .eks-checks.yaml, admit tcp 22 to it "
    "only from the ranges where it is used, and name these under `allowed_cidrs`."
)
