"""Attack paths: from the internet to a target over interfaces that one can log into on the way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from eks_checks.reach.answer import Answer, AttackHop, AttackPath, Source, Verdict
from eks_checks.reach.engine import Question, Reachability

if TYPE_CHECKING:
    import networkx as nx

INTERNET = ("internet", None)
LOGIN_PORT = 22

Node: TypeAlias = tuple[str, "str | None"]
"""(what creates the interface, subnet), or the internet."""


def attack_paths(
    reachability: Reachability, question: Question, answers: tuple[Answer, ...]
) -> tuple[AttackPath, ...]:
    """The shortest way of more than one hop to each answered target, a certain one before a possible one.

    Every hop but the last is a login over tcp 22; the last goes to the port that was asked for.
    Targets that the internet reaches directly have none: the direct way is the one to close.
    """
    behind = [a for a in answers if not any(s.scope == "internet" for s in a.sources)]
    if question.protocol != "tcp" or not behind:
        return ()
    logins = _Logins(reachability)
    found = (_shortest(logins, answer) for answer in behind)
    return tuple(path for path in found if path is not None)


class _Logins:
    """Who can log into what from the internet on, worked out only as far as it is asked for."""

    def __init__(self, reachability: Reachability) -> None:
        self._reachability = reachability
        self._graphs: dict[Verdict, nx.DiGraph] = {}
        self._lengths: dict[Verdict, dict[Node, int]] = {}
        self._paths: dict[tuple[Verdict, Node], list[Node]] = {}

    def graph(self, least: Verdict) -> nx.DiGraph:
        """Edges from the internet and from every interface it leads to, at least as sure as ``least``."""
        if least not in self._graphs:
            self._graphs[least] = self._explored(least)
        return self._graphs[least]

    def to_any(self, doors: set[Node], least: Verdict) -> list[Node]:
        """The shortest path from the internet to one of ``doors``; of equally long ones the first."""
        import networkx as nx  # late, as in ``topology``

        graph = self.graph(least)
        if least not in self._lengths:
            known = INTERNET in graph
            self._lengths[least] = nx.single_source_shortest_path_length(graph, INTERNET) if known else {}
        lengths = self._lengths[least]
        near = sorted((lengths[door], _spelled([door]), door) for door in doors if door in lengths)
        if not near:
            return []
        key = (least, near[0][2])
        if key not in self._paths:
            paths: list[list[Node]] = list(nx.all_shortest_paths(graph, INTERNET, key[1]))
            self._paths[key] = min(paths, key=_spelled)
        return self._paths[key]

    def _explored(self, least: Verdict) -> nx.DiGraph:
        import networkx as nx  # late, as in ``topology``

        graph = nx.DiGraph()
        reached = self._add(graph, frozenset({"internet"}), least)
        while reached:
            reached = self._add(graph, frozenset(resource for resource, _ in reached), least)
        return graph

    def _add(self, graph: nx.DiGraph, sources: frozenset[str], least: Verdict) -> set[Node]:
        """Add the logins that ``sources`` can make; the interfaces not met before."""
        met = frozenset(node for node in graph if node != INTERNET)
        ports = (LOGIN_PORT, LOGIN_PORT)
        asked = Question(ports=ports, everything=True, only_from=sources, not_to=met)
        new: set[Node] = set()
        for login in self._reachability.answers(asked):
            here = (login.resource, login.subnet)
            for source in _sources(login, least) if login.listener != "no" else ():
                if source != here and (source == INTERNET or source in graph):
                    if here not in graph:
                        new.add(here)
                    graph.add_edge(source, here)
        return new


def _shortest(logins: _Logins, answer: Answer) -> AttackPath | None:
    own = (answer.resource, answer.subnet)
    for least in (Verdict.REACHABLE, Verdict.POSSIBLE):
        doors = {node for node in _sources(answer, least) if node not in (INTERNET, own)}
        path = logins.to_any(doors, least) if doors else []
        if path:
            return _path(path, answer, least)
    return None


def _sources(answer: Answer, least: Verdict) -> Iterator[Node]:
    for source in answer.sources:
        if source.verdict.strength >= least.strength and source.scope in ("internet", "interface"):
            yield _node(source)


def _node(source: Source) -> Node:
    return INTERNET if source.scope == "internet" else (source.resource, source.subnet)


def _path(nodes: list[Node], answer: Answer, verdict: Verdict) -> AttackPath:
    names = [name for name, _ in nodes]
    login = str(LOGIN_PORT)
    hops = [AttackHop(a, b, login) for a, b in itertools.pairwise(names)]
    port = answer.port or ""
    last = AttackHop(names[-1], answer.resource, port)
    return AttackPath(answer.resource, answer.subnet, answer.family, port, verdict, (*hops, last))


def _spelled(nodes: list[Node]) -> list[tuple[str, str]]:
    return [(name, subnet or "") for name, subnet in nodes]
