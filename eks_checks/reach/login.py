"""Logins: whom somebody on the internet can become, one login after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from eks_checks.reach.answer import LOGIN_PORTS, Answer, Source, Verdict
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.internet import globally_reachable
from eks_checks.sets import AddressSet

Node: TypeAlias = tuple[str, "str | None"]
"""(what creates the interface, its subnet); a load balancer, and the internet, have no subnet."""

INTERNET: Node = ("internet", None)
_PUBLIC = globally_reachable("ipv4") | globally_reachable("ipv6")


@dataclass(frozen=True)
class Step:
    """One step of a way: who connects to whom, on which port (``N`` or ``N-M``).

    ``balancer`` tells a step into a load balancer, which hands on what it takes.
    """

    source: Node
    target: Node
    port: str
    balancer: bool = False


Way: TypeAlias = tuple[Step, ...]
"""The steps from the internet on; empty for the internet itself."""

Meant: TypeAlias = Callable[[Answer, Source], bool]
"""Whether a source of an answered target is meant to come in there: then no way leads over it."""


def nobody(_answer: Answer, _source: Source) -> bool:
    """Nobody is meant to come in anywhere."""
    return False


class Logins:
    """Who can be logged into from the internet on, nearest first; worked out as far as it is asked for."""

    def __init__(
        self, reachability: Reachability, ports: Iterable[int] = LOGIN_PORTS, meant: Meant = nobody
    ) -> None:
        """``ports`` are those over which one logs in, the preferred one first."""
        self.reachability = reachability
        self.ports = tuple(dict.fromkeys(ports))
        self.meant = meant
        self._found: dict[Verdict, dict[Node, Way]] = {}
        self._newest: dict[Verdict, frozenset[Node]] = {}

    def of(self, reachability: Reachability) -> Logins:
        """The same logins in another estate."""
        return Logins(reachability, self.ports, self.meant)

    def entrances(self, answer: Answer, least: Verdict) -> Iterator[Source]:
        """The sources over which somebody from the internet may come without being meant to."""
        yield from (source for source in entrances(answer, least) if not self.meant(answer, source))

    def to_target(self, answer: Answer, least: Verdict) -> Way:
        """The shortest way of several steps to an answered target, each at least as sure as ``least``.

        Of equally long ones the first by name; empty where there is none.
        """
        here, port = (answer.resource, answer.subnet), answer.port or ""
        doors = [
            source for source in self.entrances(answer, least) if node_of(source) not in (INTERNET, here)
        ]
        found = self._found.setdefault(least, {INTERNET: ()})
        while doors:
            ways = [way for source in doors for way in _ways_in(source, here, port, found)]
            if ways:
                return min(ways, key=_order)
            if not self._go_on(found, least):
                break
        return ()

    def _go_on(self, found: dict[Node, Way], least: Verdict) -> bool:
        """Add whom those who were met last can log into; whether there is anyone new."""
        last = self._newest.get(least, frozenset({INTERNET}))
        before = {node: found[node] for node in last}
        ranks = {node: _order(way) for node, way in before.items()}
        new: dict[Node, Way] = {}
        for port in self.ports if last else ():
            for login in self._answers(last, frozenset(found), port):
                here = (login.resource, login.subnet)
                sources = list(self.entrances(login, least)) if login.listener != "no" else []
                hosts = [s for s in sources if s.scope == "interface" and node_of(s) in before]
                # Of many hosts the one that is met first is the one whose way goes first.
                first = [min(hosts, key=lambda s: ranks[node_of(s)])] if hosts else []
                for source in (*first, *(s for s in sources if s.scope != "interface")):
                    for way in _ways_in(source, here, str(port), before):
                        new[here] = min(new.get(here, way), way, key=_order)
        found.update(new)
        self._newest[least] = frozenset(new)
        return bool(new)

    def _answers(self, sources: frozenset[Node], met: frozenset[Node], port: int) -> tuple[Answer, ...]:
        names = frozenset(resource for resource, _ in sources)
        question = Question(ports=(port, port), everything=True, only_from=names, not_to=met)
        return self.reachability.answers(question)


def listener(reachability: Reachability, onward: Step) -> str:
    """The port on which a balancer takes what it hands on in this step; empty where it is not known."""
    low, _, high = onward.port.partition("-")
    question = Question(
        ports=(int(low), int(high or low)),
        everything=True,
        only_from=frozenset({"internet"}),
        only_to=frozenset({onward.target}),
        explain=True,
    )
    for answer in reachability.answers(question):
        for source in answer.sources:
            taken = [hop.rule.partition(" to ")[0] for hop in source.path if hop.layer == "forward"]
            if source.scope == "load_balancer" and node_of(source) == onward.source and taken:
                return taken[0] if taken[0].isdigit() else ""
    return ""


def entrances(answer: Answer, least: Verdict) -> Iterator[Source]:
    """The sources, at least as sure as ``least``, over which somebody from the internet may come.

    An Instance Connect Endpoint is none: who uses it needs permissions in AWS (I12).
    """
    for source in answer.sources:
        if source.verdict.strength < least.strength:
            continue
        if source.scope in ("internet", "interface") or (
            source.scope == "load_balancer" and _for_the_internet(source, least)
        ):
            yield source


def node_of(source: Source) -> Node:
    """The source as the start of a step."""
    if source.scope == "internet":
        return INTERNET
    return (source.resource, source.subnet if source.scope == "interface" else None)


def _for_the_internet(balancer: Source, least: Verdict) -> bool:
    """Whether public addresses are among the balancer's clients."""
    if balancer.cidrs is None:
        return not balancer.cidrs_of and least is Verdict.POSSIBLE
    return not AddressSet.from_cidrs(balancer.cidrs).isdisjoint(_PUBLIC)


def _ways_in(source: Source, here: Node, port: str, found: dict[Node, Way]) -> Iterator[Way]:
    """The way to ``here`` over ``source``, where there is a way to that."""
    by = node_of(source)
    last = Step(by, here, port)
    if source.scope == "load_balancer":
        if INTERNET in found:
            yield (Step(INTERNET, by, port, balancer=True), last)
    elif by in found and by != here:
        yield (*found[by], last)


def _order(way: Way) -> tuple[int, list[tuple[str, str]]]:
    """Short ways first, then by the names on the way; what is equal stays as the ports were asked for."""
    return (len(way), [(step.target[0], step.target[1] or "") for step in way])
