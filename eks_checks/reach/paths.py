"""Attack paths: from the internet to a target over interfaces that one can log into on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from eks_checks.reach.answer import LOGIN_PORTS, Answer, AttackHop, AttackPath, Verdict
from eks_checks.reach.cut import Cuts
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.login import Logins, Way, listener


def attack_paths(
    reachability: Reachability,
    question: Question,
    answers: tuple[Answer, ...],
    login_ports: Iterable[int] = LOGIN_PORTS,
    *,
    cuts: bool = False,
) -> tuple[AttackPath, ...]:
    """The shortest way of more than one hop to each answered target, a certain one before a possible one.

    Every hop but the last is a login over one of ``login_ports``, or a load balancer that the internet
    may use; the last goes to the port that was asked for. Targets that the internet reaches directly
    have none: the direct way is the one to close. With ``cuts`` each says what would cut all such ways.
    """
    behind = [a for a in answers if not any(s.scope == "internet" for s in a.sources)]
    if question.protocol not in ("tcp", "all"):
        return ()
    logins = Logins(reachability, login_ports)
    cutting = Cuts(logins) if cuts else None
    return tuple(
        _path(heard(reachability, way), answer, least, cutting)
        for answer in behind
        if answer.protocol == "tcp"
        for way, least in surest(logins, answer)
    )


def surest(logins: Logins, answer: Answer) -> tuple[tuple[Way, Verdict], ...]:
    """The shortest way to an answered target, a certain one before a possible one; nothing for none."""
    for least in (Verdict.REACHABLE, Verdict.POSSIBLE):
        way = logins.to_target(answer, least)
        if way:
            return ((way, least),)
    return ()


def heard(reachability: Reachability, way: Way) -> Way:
    """The way with the listener's port on a step into a load balancer, where that is known."""
    if not way[0].balancer:
        return way
    return (replace(way[0], port=listener(reachability, way[1]) or way[0].port), *way[1:])


def _path(way: Way, answer: Answer, verdict: Verdict, cuts: Cuts | None) -> AttackPath:
    hops = tuple(AttackHop(step.source[0], step.target[0], step.port) for step in way)
    cut = cuts.of(answer) if cuts is not None else None
    port = answer.port or ""
    return AttackPath(answer.resource, answer.subnet, answer.family, port, verdict, hops, cut)
