"""The smallest cut: the fewest changes after which no way from the internet leads to a target.

What is known of the ways grows as the engine finds them. A step is open while one of its *openings* is: a set
of measures, each of which may close it. Which measures close all known ways is a hitting set; the engine is
then asked about the estate with these measures taken. Where it still finds a way, that one is known from
then on; where it finds none, the measures are a cut, and no smaller set hits even the known ways.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from eks_checks.reach.answer import Answer, Cut, Source, Verdict
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.hitting import smallest_hitting
from eks_checks.reach.login import INTERNET, Logins, Node, Step, Way, entrances, node_of
from eks_checks.reach.measures import Measure, Measures
from eks_checks.sets import Family, TrafficSet

MOST_ESTATES = 60
"""So many changed estates are looked at for one target; after that the cut is neither exact nor verified."""

_MOST_OPENINGS = 64
_KEPT_ESTATES = 4
Opening: TypeAlias = frozenset[Measure]
Openings: TypeAlias = "dict[tuple[Node, Node], set[Opening]]"
"""(from whom, to whom) to the openings of the step; the target's own port is ``END``."""

END: Node = ("", None)
FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")


@dataclass(frozen=True)
class _Goal:
    """The target, in one family, on the range ``ports``."""

    node: Node
    families: tuple[Family, ...]
    ports: tuple[int, int]


class Cuts:
    """Finds the smallest cut for each target of one estate."""

    def __init__(self, logins: Logins) -> None:
        """``logins`` are those of the estate as it is."""
        self._logins = logins
        self._measures: dict[tuple[int, int], Measures] = {}
        self._changed: dict[object, Logins] = {}

    def of(self, answer: Answer) -> Cut:
        """The smallest cut of all ways to the answered target."""
        families: tuple[Family, ...] = ("ipv4",) if answer.family == "ipv4" else ("ipv6",)
        goal = _Goal((answer.resource, answer.subnet), families, _ports(answer.port or ""))
        measures = self._measures_for(goal.ports)
        openings: Openings = {}
        chosen, exact = frozenset[Measure](), True
        for _ in range(MOST_ESTATES):
            logins = self._with(measures, goal.ports, chosen)
            steps = _way_to(logins, goal)
            if not steps:
                ordered = sorted(chosen, key=measures.rank)
                return Cut(tuple(measures.change(m) for m in ordered), exact, verified=True)
            for step in steps:
                last = step is steps[-1]
                families = goal.families if last else FAMILIES
                found = _openings(logins.reachability, measures, step, families)
                known = openings.setdefault((step.source, END if last else step.target), set())
                known.update(opening - chosen for opening in found)
            closing = _closing(openings, measures)
            if closing is None:
                return Cut((), exact=True, verified=False)
            if closing[0] == chosen:
                break
            chosen, exact = closing
        ordered = sorted(chosen, key=measures.rank)
        return Cut(tuple(measures.change(m) for m in ordered), exact=False, verified=False)

    def _measures_for(self, ports: tuple[int, int]) -> Measures:
        if ports not in self._measures:
            closed = TrafficSet.tcp(*ports)
            for port in self._logins.ports:
                closed = closed | TrafficSet.tcp(port, port)
            self._measures[ports] = Measures(self._logins.reachability.estate, closed)
        return self._measures[ports]

    def _with(self, measures: Measures, ports: tuple[int, int], chosen: frozenset[Measure]) -> Logins:
        """Who can log in with the chosen measures taken; the last few such estates are kept."""
        if not chosen:
            return self._logins
        key = (ports, chosen)
        if key not in self._changed:
            while len(self._changed) >= _KEPT_ESTATES:
                del self._changed[next(iter(self._changed))]
            self._changed[key] = Logins(Reachability(measures.taken(chosen)), self._logins.ports)
        return self._changed[key]


def _way_to(logins: Logins, goal: _Goal) -> Way:
    """A way to the target that is left, if only a possible one."""
    only = frozenset({goal.node})
    question = Question(ports=goal.ports, families=goal.families, everything=True, only_to=only)
    answers = logins.reachability.answers(question)
    ways = (logins.to_target(answer, Verdict.POSSIBLE) for answer in answers)
    return next((way for way in ways if way), ())


def _openings(
    reachability: Reachability, measures: Measures, step: Step, families: tuple[Family, ...]
) -> Iterator[Opening]:
    """What each way to make one step rests on: of every layer one rule that lets it through."""
    if not measures.has_interface(step.target):
        # Into a load balancer: what closes it is told with the step out of it.
        yield frozenset()
        return
    ports = _ports(step.port)
    question = Question(
        ports=ports,
        families=families,
        everything=True,
        only_from=frozenset({step.source[0]}),
        only_to=frozenset({step.target}),
        explain=True,
    )
    for answer in reachability.answers(question):
        for source in entrances(answer, Verdict.POSSIBLE):
            if node_of(source) == step.source:
                yield from _resting_on(source, measures, step, TrafficSet.tcp(*ports))


def _resting_on(source: Source, measures: Measures, step: Step, traffic: TrafficSet) -> Iterator[Opening]:
    layers: dict[str, list[Opening]] = {}
    for hop in source.path:
        if hop.layer in ("egress", "security_group"):
            against = measures.against(hop, step.source, step.target, traffic)
            layers.setdefault(hop.layer, []).append(against)
    if source.scope == "load_balancer":
        # Rules of the balancer's groups and the target's stand in one layer: any of them may be the one.
        yield frozenset().union(*(one for layer in layers.values() for one in layer))
        return
    choices = itertools.islice(itertools.product(*layers.values()), _MOST_OPENINGS)
    yield from (frozenset[Measure]().union(*choice) for choice in choices)


def _closing(openings: Openings, measures: Measures) -> tuple[frozenset[Measure], bool] | None:
    """(the fewest measures that close all known ways, whether surely so); None where one cannot be closed."""
    ways: list[Opening] = []
    while True:
        chosen, exact = smallest_hitting(ways, measures.rank)
        way = _open_way(openings, chosen)
        if way is None:
            return chosen, exact
        if not way:
            return None
        ways.append(way)


def _open_way(openings: Openings, taken: frozenset[Measure]) -> Opening | None:
    """All that one way rests on which is open still; None where there is none."""
    met: dict[Node, Opening] = {INTERNET: frozenset()}
    ahead = deque([INTERNET])
    while ahead:
        here = ahead.popleft()
        for (source, target), ways in openings.items():
            open_ = [way for way in ways if way.isdisjoint(taken)]
            if source != here or target in met or not open_:
                continue
            met[target] = met[here] | min(open_, key=lambda way: (len(way), sorted(map(repr, way))))
            ahead.append(target)
    return met.get(END)


def _ports(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high or low)
