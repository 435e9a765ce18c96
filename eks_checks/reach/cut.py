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
from eks_checks.reach.engine import Question
from eks_checks.reach.hitting import smallest_hitting
from eks_checks.reach.login import INTERNET, Logins, Node, Step, Way, node_of
from eks_checks.reach.measures import Mark, Measure, Measures
from eks_checks.sets import Family, TrafficSet

MOST_ESTATES = 25
"""So many changed estates are looked at for one target; after that its cut is neither exact nor verified."""

MOST_IN_ALL = 500
"""So many are looked at for all targets together: each is a new run of the engine."""

MOST_SEEN = 4_000
"""So many interfaces are looked at again, over all changed estates, where cuts are told in passing."""

_MOST_OPENINGS = 64
_KEPT_ESTATES = 4
Opening: TypeAlias = frozenset[Measure]
Openings: TypeAlias = "dict[Node, dict[Node, set[Opening]]]"
"""From whom to whom to the openings of the step."""

END: Node = ("", None)
"""The target on its own port: who logs into it on the way to others has not arrived there."""

FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")


@dataclass(frozen=True)
class _Goal:
    """The target, in one family, on the range ``ports``; ``doors`` are whoever lets somebody in."""

    node: Node
    doors: frozenset[str]
    families: tuple[Family, ...]
    ports: tuple[int, int]


class Cuts:
    """Finds the smallest cut for each target of one estate."""

    def __init__(
        self, logins: Logins, most: int = MOST_IN_ALL, spared: frozenset[Mark] = frozenset()
    ) -> None:
        """``logins`` are those of the estate as it is; ``most`` changed estates are looked at.

        ``spared`` are rules that are changed only where no equally small cut does without that.
        """
        self._logins = logins
        self._most = most
        self._spared = spared
        self._measures: dict[tuple[int, int], Measures] = {}
        self._known: dict[tuple[int, int], Openings] = {}
        self._changed: dict[object, Logins] = {}
        self._made = 0

    def of(self, answer: Answer) -> Cut:
        """The smallest cut of all ways to the answered target."""
        families: tuple[Family, ...] = ("ipv4",) if answer.family == "ipv4" else ("ipv6",)
        doors = frozenset(node_of(source)[0] for source in self._logins.entrances(answer, Verdict.POSSIBLE))
        goal = _Goal((answer.resource, answer.subnet), doors, families, _ports(answer.port or ""))
        measures = self._measures_for(goal.ports)
        known = self._known.setdefault(goal.ports, {})
        last = _last_steps(self._logins, measures, goal)
        ways: list[Opening] = []
        tried = -1
        while True:
            closing = _closing(known, last, ways, measures)
            if closing is None:
                return Cut((), exact=True, verified=False)
            chosen, exact = closing
            tried += 1
            logins = self._with(measures, goal.ports, chosen) if tried <= MOST_ESTATES else None
            if logins is None:
                return _told(chosen, measures, exact=False, verified=False)
            steps = _way_to(logins, goal)
            if not steps:
                return _told(chosen, measures, exact=exact, verified=True)
            for step in steps:
                to, within = (END, last) if step is steps[-1] else (step.target, known)
                families = goal.families if to == END else FAMILIES
                found = _openings(logins, measures, step, families)
                openings = within.setdefault(step.source, {}).setdefault(to, set())
                openings.update(opening - chosen for opening in found)

    def _measures_for(self, ports: tuple[int, int]) -> Measures:
        if ports not in self._measures:
            closed = TrafficSet.tcp(*ports)
            for port in self._logins.ports:
                closed = closed | TrafficSet.tcp(port, port)
            self._measures[ports] = Measures(self._logins.reachability.estate, closed, self._spared)
        return self._measures[ports]

    def _with(self, measures: Measures, ports: tuple[int, int], chosen: frozenset[Measure]) -> Logins | None:
        """Who can log in with the chosen measures taken; None where enough estates were looked at.

        The last few such estates are kept.
        """
        if not chosen:
            return self._logins
        key = (ports, chosen)
        if key not in self._changed:
            if self._made >= self._most:
                return None
            while len(self._changed) >= _KEPT_ESTATES:
                del self._changed[next(iter(self._changed))]
            self._made += 1
            changed = self._logins.reachability.of_groups(measures.taken(chosen))
            self._changed[key] = self._logins.of(changed)
        return self._changed[key]


def _way_to(logins: Logins, goal: _Goal) -> Way:
    """A way to the target that is left, if only a possible one."""
    question = Question(
        ports=goal.ports,
        families=goal.families,
        everything=True,
        only_from=goal.doors,
        only_to=frozenset({goal.node}),
    )
    answers = logins.reachability.answers(question)
    ways = (logins.to_target(answer, Verdict.POSSIBLE) for answer in answers)
    return next((way for way in ways if way), ())


def _last_steps(logins: Logins, measures: Measures, goal: _Goal) -> Openings:
    """What every last step rests on, whether or not a way leads to where it starts."""
    steps = _explained(logins, measures, goal.doors, goal.node, goal.ports, goal.families)
    found: Openings = {}
    for source, openings in steps:
        found.setdefault(source, {}).setdefault(END, set()).update(openings)
    return found


def _openings(
    logins: Logins, measures: Measures, step: Step, families: tuple[Family, ...]
) -> Iterator[Opening]:
    """What each way to make one step rests on."""
    if step.balancer:
        # Into a load balancer: what closes it is told with the step out of it.
        yield frozenset()
        return
    names = frozenset({step.source[0]})
    for source, openings in _explained(logins, measures, names, step.target, _ports(step.port), families):
        if source == step.source:
            yield from openings


def _explained(
    logins: Logins,
    measures: Measures,
    names: frozenset[str],
    target: Node,
    ports: tuple[int, int],
    families: tuple[Family, ...],
) -> Iterator[tuple[Node, Iterator[Opening]]]:
    """Whoever of ``names`` gets into the target, with what that rests on."""
    question = Question(
        ports=ports,
        families=families,
        everything=True,
        only_from=names,
        only_to=frozenset({target}),
        explain=True,
    )
    traffic = TrafficSet.tcp(*ports)
    for answer in logins.reachability.answers(question):
        for source in logins.entrances(answer, Verdict.POSSIBLE):
            node = node_of(source)
            yield node, _resting_on(source, measures, (node, target), traffic)


def _resting_on(
    source: Source, measures: Measures, ends: tuple[Node, Node], traffic: TrafficSet
) -> Iterator[Opening]:
    """Of every layer that lets the source through one rule, with all that takes it away."""
    layers: dict[str, list[Opening]] = {}
    for hop in source.path:
        if hop.layer in ("egress", "security_group"):
            against = measures.against(hop, *ends, traffic)
            layers.setdefault(hop.layer, []).append(against)
    if source.scope == "load_balancer":
        # Rules of the balancer's groups and the target's stand in one layer: any of them may be the one.
        yield frozenset().union(*(one for layer in layers.values() for one in layer))
        return
    choices = itertools.islice(itertools.product(*layers.values()), _MOST_OPENINGS)
    yield from (frozenset[Measure]().union(*choice) for choice in choices)


def _closing(
    known: Openings, last: Openings, ways: list[Opening], measures: Measures
) -> tuple[frozenset[Measure], bool] | None:
    """(the fewest measures that close all known ways, whether surely so); None where one cannot be closed.

    ``ways`` are those met so far, and grow.
    """
    while True:
        chosen, exact = smallest_hitting(ways, measures.rank)
        way = _open_way(known, last, chosen)
        if way is None:
            return chosen, exact
        if not way:
            return None
        ways.append(way)


def _open_way(known: Openings, last: Openings, taken: frozenset[Measure]) -> Opening | None:
    """All that one way rests on which is open still; None where there is none."""
    met: dict[Node, Opening] = {INTERNET: frozenset()}
    ahead = deque([INTERNET])
    while ahead and END not in met:
        here = ahead.popleft()
        for steps in (last, known):
            for target, openings in steps.get(here, {}).items():
                open_ = [one for one in openings if one.isdisjoint(taken)] if target not in met else []
                if open_:
                    met[target] = met[here] | min(open_, key=lambda one: (len(one), sorted(map(repr, one))))
                    ahead.append(target)
    return met.get(END)


def _told(chosen: frozenset[Measure], measures: Measures, *, exact: bool, verified: bool) -> Cut:
    ordered = sorted(chosen, key=measures.rank)
    return Cut(tuple(measures.change(m) for m in ordered), exact, verified)


def _ports(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high or low)
