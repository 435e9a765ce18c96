"""Which value of what is not known makes a possible answer reachable, and which blocked.

Every claim is tried out: the estate is settled with the one value, all other unknowns left open, and the
same question is asked again. So "blocked if false" is said only where it is blocked then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from eks_checks.aws.estate import Estate
from eks_checks.reach.answer import Answer, Source, UnknownValue, Verdict
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.internet import globally_reachable
from eks_checks.reach.trials import Choice, Held, Where, held, settled
from eks_checks.reach.values import values_of
from eks_checks.sets import AddressSet, Family, union_of

_MOST_TRIALS = 240
"""Estates asked anew for one report; what is beyond is told without claims."""
_MOST_SOURCES = 4
"""Sources of one target for which one unknown is tried out; the others are alike most often."""
_MOST_NAMED = 2


@dataclass(frozen=True)
class _Outcome:
    """What one unknown means for one source: values that lead to each verdict, all else left open."""

    source: Source
    values: dict[Verdict, tuple[str, ...]]
    others: tuple[str, ...]

    @property
    def rank(self) -> int:
        """0 where it decides alone, 1 where one value decides, 2 where none does."""
        decided = [v for v in (Verdict.REACHABLE, Verdict.BLOCKED) if self.values.get(v)]
        return 2 - len(decided)


@dataclass
class Flips:
    """Tells them for the answers of one report."""

    estate: Estate
    _left: int = _MOST_TRIALS
    _held: dict[Where, Held] = field(default_factory=dict)

    def told(self, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        """The answers, each of their unknowns with the values that flip it; what decides alone first."""
        outcomes: dict[tuple[int, Where], list[_Outcome]] = {}
        for where in dict.fromkeys(_where(u) for answer in answers for u in answer.unknowns):
            for position, outcome in self._tried(where, answers):
                outcomes.setdefault((position, where), []).append(outcome)
        return tuple(
            replace(answer, unknowns=_unknowns(answer, position, outcomes))
            for position, answer in enumerate(answers)
        )

    def _tried(self, where: Where, answers: Sequence[Answer]) -> Iterator[tuple[int, _Outcome]]:
        """(position of the answer, outcome) for the sources that ``where`` leaves open."""
        fact = self._held.setdefault(where, held(self.estate, where))
        if not fact.types or self._left <= 0:
            return
        engines: dict[Choice, Reachability] = {}
        for position, answer in enumerate(answers):
            open_ = [s for s in answer.sources if any(_where(u) == where for u in s.unknowns)]
            for source in open_[:_MOST_SOURCES]:
                found: dict[Verdict, tuple[str, ...]] = {}
                for choice, words in values_of(self.estate, fact, where, answer, source):
                    if choice not in engines:
                        if self._left <= 0:
                            return
                        self._left -= 1
                        engines[choice] = Reachability(settled(self.estate, where, choice))
                    verdict = _verdict(engines[choice], answer, source)
                    if verdict is not None:
                        found[verdict] = (*found.get(verdict, ()), words)
                if found:
                    yield position, _Outcome(source, found, _others(source, where))


def _verdict(engine: Reachability, answer: Answer, source: Source) -> Verdict | None:
    """The verdict on the same source of the same target; None where there is no such target then."""
    low, _, high = (answer.port or "").partition("-")
    ports = (int(low), int(high or low)) if low else (0, 0)  # ICMP has none
    asked = Question(
        protocol=answer.protocol,
        ports=ports,
        families=("ipv4",) if answer.family == "ipv4" else ("ipv6",),
        targets=(answer.resource,),
        only_from=frozenset({"internet" if source.scope == "internet" else source.resource}),
    )
    unnamed = source.scope != "internet" and not source.resource
    if unnamed or not _there(engine.estate, answer):
        return None
    here = [a for a in engine.answers(asked) if (a.resource, a.subnet) == (answer.resource, answer.subnet)]
    found = {_of_source(engine.estate, again, source) for again in here}
    told = sum(_width(a.port) for a in here)
    # What nothing reaches is left out of answers about a few sources.
    if told < ports[1] - ports[0] + 1:
        found.add(Verdict.BLOCKED)
    return found.pop() if len(found) == 1 else Verdict.POSSIBLE


def _there(estate: Estate, answer: Answer) -> bool:
    """Whether there is such a target, whatever addresses it has."""
    known = (i for i in (*estate.interfaces, *estate.passive) if i.resource == answer.resource)
    for interface in known:
        subnet = estate.subnets.get(interface.subnet or "")
        if (subnet.resource if subnet is not None else interface.subnet) == answer.subnet:
            return True
    return False


def _width(port: str | None) -> int:
    low, _, high = (port or "0").partition("-")
    return int(high or low) - int(low) + 1


def _of_source(estate: Estate, again: Answer, source: Source) -> Verdict:
    same = [s for s in again.sources if (s.scope, s.resource, s.subnet) == _key(source)]
    if source.cidrs is None or source.has_subnet:
        listed = [s for s in same if set(s.cidrs_of) >= set(source.cidrs_of)]
        return max((s.verdict for s in listed), key=lambda v: v.strength, default=Verdict.BLOCKED)
    region = AddressSet.from_cidrs(source.cidrs)
    if source.scope == "internet":
        family: Family = "ipv4" if again.family == "ipv4" else "ipv6"
        region = region & globally_reachable(family) - _inside(estate)
    if region <= _covered(same, Verdict.REACHABLE):
        return Verdict.REACHABLE
    everything = _covered(same, Verdict.REACHABLE) | _covered(same, Verdict.POSSIBLE)
    unclear = any(s.cidrs is None for s in same)
    return Verdict.BLOCKED if region.isdisjoint(everything) and not unclear else Verdict.POSSIBLE


def _covered(sources: Iterable[Source], verdict: Verdict) -> AddressSet:
    listed = (AddressSet.from_cidrs(s.cidrs or ()) for s in sources if s.verdict is verdict)
    return union_of(listed, AddressSet.empty())


def _inside(estate: Estate) -> AddressSet:
    families: tuple[Family, ...] = ("ipv4", "ipv6")
    blocks = (vpc.addresses(family) for vpc in estate.vpcs.values() for family in families)
    return union_of(blocks, AddressSet.empty())


def _unknowns(
    answer: Answer, position: int, outcomes: dict[tuple[int, Where], list[_Outcome]]
) -> tuple[UnknownValue, ...]:
    """One entry for each attribute: first those that decide alone for some source."""
    ranked: list[tuple[tuple[int, str, str, str], UnknownValue]] = []
    by_where: dict[Where, list[UnknownValue]] = {}
    for unknown in answer.unknowns:
        by_where.setdefault(_where(unknown), []).append(unknown)
    for where, several in by_where.items():
        tried = outcomes.get((position, where), [])
        rank = min((outcome.rank for outcome in tried), default=3)
        if not tried:
            ranked.extend(((rank, u.resource, u.attribute, u.effect), u) for u in several)
            continue
        reasons = ", ".join(dict.fromkeys(u.reason for u in several if u.reason))
        effect = "; ".join([*([reasons] if reasons else []), *_clauses(tried)])
        first = replace(several[0], effect=effect)
        ranked.append(((rank, first.resource, first.attribute, first.effect), first))
    return tuple(unknown for _, unknown in sorted(ranked, key=lambda one: one[0]))


def _clauses(tried: Sequence[_Outcome]) -> Iterator[str]:
    """What the values do, and for whom; what does the same for several sources once."""
    whom: dict[str, list[str]] = {}
    for outcome in sorted(tried, key=lambda one: one.rank):
        whom.setdefault(_clause(outcome), []).append(_who(outcome.source))
    for clause, names in whom.items():
        named = list(dict.fromkeys(names))
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        first = f"from {named[0]} and {named[1]}" if len(named) == 2 else f"from {', '.join(named[:2])}"
        yield f"{first}{more}: {clause}"


def _clause(outcome: _Outcome) -> str:
    own = outcome.values
    parts = [
        f"{verdict.value} if {' or '.join(own[verdict])}"
        for verdict in (Verdict.REACHABLE, Verdict.BLOCKED)
        if own.get(verdict)
    ]
    others = " and ".join(outcome.others[:_MOST_NAMED])
    more = len(outcome.others) - _MOST_NAMED
    others += f" and {more} more" if more > 0 else ""
    if not parts:
        return f"decides only together with {others}" if others else "decides whether it gets in"
    if own.get(Verdict.POSSIBLE):
        rest = f"{others} decides then" if others else "in part only"
        parts.append(f"possible if {' or '.join(own[Verdict.POSSIBLE])} ({rest})")
    return ", ".join(parts)


def _others(source: Source, where: Where) -> tuple[str, ...]:
    """The other attributes that leave the source open."""
    named = ((u.resource, u.attribute) for u in source.unknowns)
    return tuple(dict.fromkeys(f"{r} {a}".strip() for r, a in named if (r, a) != where))


def _who(source: Source) -> str:
    return {
        "internet": "the internet",
        "vpc": f"addresses of {source.resource or 'the VPC'}",
        "interface": source.resource,
        "pods": f"pods on {source.resource}",
        "control_plane": f"the control plane of {source.resource}",
    }.get(source.scope, source.resource)


def _key(source: Source) -> tuple[str, str, str | None]:
    return (source.scope, source.resource, source.subnet)


def _where(unknown: UnknownValue) -> Where:
    return (unknown.resource, unknown.attribute)
