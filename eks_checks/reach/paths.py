"""Attack paths: from the internet to a target over interfaces that one can log into on the way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
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
    """
    if question.protocol != "tcp" or not _entrances(reachability):
        return ()
    logins = reachability.answers(replace(_LOGINS, explain=question.explain))
    graphs = [(least, _login_graph(logins, least)) for least in (Verdict.REACHABLE, Verdict.POSSIBLE)]
    found = []
    for answer in answers:
        path = _shortest(graphs, answer)
        if path is not None:
            found.append(path)
    return tuple(found)


_LOGINS = Question(ports=(LOGIN_PORT, LOGIN_PORT), everything=True)


def _entrances(reachability: Reachability) -> bool:
    """Whether the internet reaches any login port at all: mostly not, and then nothing follows."""
    answers = reachability.answers(replace(_LOGINS, sources=("internet",)))
    return any(answer.verdict is not Verdict.BLOCKED for answer in answers)


def _login_graph(logins: tuple[Answer, ...], least: Verdict) -> nx.DiGraph:
    """Who can log into what, at least as surely as ``least``."""
    import networkx as nx  # late, as in ``topology``

    graph = nx.DiGraph()
    graph.add_edges_from(_login_edges(logins, least))
    return graph


def _shortest(graphs: list[tuple[Verdict, nx.DiGraph]], answer: Answer) -> AttackPath | None:
    """The shortest way over another interface, where the internet does not reach the target directly."""
    if any(source.scope == "internet" for source in answer.sources):
        return None
    for least, graph in graphs:
        own = (answer.resource, answer.subnet)
        doors = {node for node in _sources(answer, least) if node not in (INTERNET, own) and node in graph}
        path = _to_any(graph, doors)
        if path:
            return _path(path, answer, least)
    return None


def _to_any(graph: nx.DiGraph, doors: set[Node]) -> list[Node]:
    """The shortest path from the internet to one of ``doors``; of equally long ones the first in order."""
    if INTERNET not in graph or not doors:
        return []
    import networkx as nx  # late, as in ``topology``

    lengths = nx.single_source_shortest_path_length(graph, INTERNET)
    near = sorted((lengths[door], _spelled([door]), door) for door in doors if door in lengths)
    if not near:
        return []
    paths: list[list[Node]] = list(nx.all_shortest_paths(graph, INTERNET, near[0][2]))
    return min(paths, key=_spelled)


def _login_edges(logins: tuple[Answer, ...], least: Verdict) -> Iterator[tuple[Node, Node]]:
    for login in logins:
        if login.listener != "no":
            for source in _sources(login, least):
                if source != (login.resource, login.subnet):
                    yield source, (login.resource, login.subnet)


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
