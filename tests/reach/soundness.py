"""Compares the answers about a plan with hidden values with those about one of its completions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eks_checks.reach.answer import Answer, Source, Verdict
from eks_checks.reach.internet import globally_reachable, whole
from eks_checks.sets import AddressSet, Family

NOTHING = AddressSet.empty()
WIDE = ("internet", "vpc")


@dataclass(frozen=True)
class Violation:
    """A definite answer that a completion contradicts."""

    target: str
    source: str
    told: str
    truth: str

    def __str__(self) -> str:
        return f"{self.target} <- {self.source}: told {self.told}, in this completion {self.truth}"


def violations(vague: Iterable[Answer], full: Iterable[Answer], own: AddressSet) -> Iterator[Violation]:
    """Every definite answer of ``vague`` that ``full`` contradicts; ``own`` are the VPC's real addresses."""
    told: dict[tuple[str, str, str, str | None], list[Answer]] = {}
    for answer in vague:
        told.setdefault((answer.resource, answer.family, answer.port or "", answer.subnet), []).append(answer)
    for truth in full:
        key = (truth.resource, truth.family, truth.port or "")
        here = told.get((*key, truth.subnet), [])
        # Where the subnet is not resolved, the target without one stands for every subnet it may be.
        anywhere = [*here, *told.get((*key, None), [])]
        name = f"{truth.resource} {truth.subnet} {truth.family} {truth.port}"
        yield from _said_blocked(name, truth, anywhere)
        for answer in here:
            yield from _said_reachable(name, answer, truth, own)
        yield from _cidrs_said_blocked(name, truth, anywhere, own)
    known = {(a.resource, a.family, a.subnet) for a in full}
    for answer in (a for answers in told.values() for a in answers):
        if (
            answer.verdict is Verdict.REACHABLE
            and (answer.resource, answer.family, answer.subnet) not in known
        ):
            yield Violation(
                f"{answer.resource} {answer.subnet} {answer.family}", "", "reachable", "no target"
            )


def _said_blocked(name: str, truth: Answer, told: list[Answer]) -> Iterator[Violation]:
    listed = {(s.scope, s.resource, s.subnet) for a in told for s in a.sources}
    for source in truth.sources:
        if source.scope in WIDE:
            continue
        ways = ((source.scope, source.resource, source.subnet), (source.scope, source.resource, None))
        if source.verdict is not Verdict.BLOCKED and not listed.intersection(ways):
            yield Violation(name, _name(source), "blocked", source.verdict.value)


def _said_reachable(name: str, answer: Answer, truth: Answer, own: AddressSet) -> Iterator[Violation]:
    really = {(s.scope, s.resource, s.subnet) for s in truth.sources if s.verdict is Verdict.REACHABLE}
    for source in answer.sources:
        if source.verdict is not Verdict.REACHABLE:
            continue
        if source.scope in WIDE:
            sure = _addresses([source], source.scope, truth.family, own, Verdict.REACHABLE)
            open_ = _addresses(truth.sources, source.scope, truth.family, own, Verdict.REACHABLE)
            if source.cidrs is not None and not sure <= open_:
                wrong = ", ".join((sure - open_).to_cidrs()[:2])
                yield Violation(name, f"{source.scope} {wrong}", "reachable", "less")
        elif (source.scope, source.resource, source.subnet) not in really:
            yield Violation(name, _name(source), "reachable", "not reachable")


def _cidrs_said_blocked(name: str, truth: Answer, told: list[Answer], own: AddressSet) -> Iterator[Violation]:
    for scope in WIDE:
        opened = _addresses(truth.sources, scope, truth.family, own)
        sources = [source for answer in told for source in answer.sources]
        if any(source.scope == scope and source.cidrs is None for source in sources):
            continue
        shut = opened - _addresses(sources, scope, truth.family, own)
        if shut:
            yield Violation(name, f"{scope} {', '.join(shut.to_cidrs()[:2])}", "blocked", "not blocked")


def _addresses(
    sources: Iterable[Source], scope: str, family: str, own: AddressSet, only: Verdict | None = None
) -> AddressSet:
    found = NOTHING
    for source in sources:
        wanted = source.verdict is only if only else source.verdict is not Verdict.BLOCKED
        if source.scope == scope and wanted:
            found = found | AddressSet.from_cidrs(source.cidrs or ())
    kind: Family = "ipv6" if family == "ipv6" else "ipv4"
    # Special-purpose ranges and the VPC's own blocks may be listed under "internet" or not (contract).
    return found & (globally_reachable(kind) - own if scope == "internet" else own & whole(kind))


def _name(source: Source) -> str:
    return f"{source.scope} {source.resource} {source.subnet or ''}".rstrip()
