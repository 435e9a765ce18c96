"""Asks the tool what a case asks, and reads its answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any, cast

from eks_checks import analysis
from eks_checks.errors import UsageError
from eks_checks.reach.answer import Answer, Source
from eks_checks.reach.engine import Question
from eks_checks.reach.internet import globally_reachable
from eks_checks.sets import AddressSet, Family
from tests.conformance.corpus import Asked

# Scopes whose sources are bare addresses: what a question about an address or a range is about.
ADDRESSES = frozenset({"internet", "vpc", "peering", "transit_gateway", "vpn", "client_vpn"})
STRENGTH = ("blocked", "possible", "reachable")


def disagreements(asked: Asked, inputs: analysis.Inputs) -> list[str]:
    """What the tool says otherwise than the case, in words; empty where they agree."""
    answers = _answers(asked, inputs)
    sources = [source for answer in answers for source in _sources(asked, answer.sources)]
    strongest = _strongest(sources)
    told: dict[str, object] = {"verdict": strongest}
    if asked.cidrs is not None:
        told["cidrs"] = _judged(asked, (s for s in sources if s.verdict.value == strongest))
    if asked.mitigated_by is not None:
        told["mitigated_by"] = tuple(sorted({name for source in sources for name in source.mitigated_by}))
    if asked.latent is not None:
        lacking = (s for a in answers for s in _sources(asked, a.latent) if s.missing == asked.missing)
        told["latent"] = _judged(asked, lacking)
    for name in ("listener", "public_address"):
        if getattr(asked, name) is not None:
            told[name] = " or ".join(sorted({getattr(answer, name) for answer in answers}))
    true = {name: _expected(asked, name) for name in told}
    return [f"{name}: {told[name]}, but in truth {true[name]}" for name in told if told[name] != true[name]]


def verdict(asked: Asked, inputs: analysis.Inputs) -> str | None:
    """The tool's verdict; None where it knows no such interface."""
    try:
        answers = _answers(asked, inputs)
    except UsageError:
        return None
    return _strongest(source for answer in answers for source in _sources(asked, answer.sources))


def _strongest(sources: Iterable[Source]) -> str:
    return max((source.verdict.value for source in sources), key=STRENGTH.index, default="blocked")


def _answers(asked: Asked, inputs: analysis.Inputs) -> tuple[Answer, ...]:
    first, _, last = (asked.port or "0").partition("-")
    question = Question(
        protocol=asked.protocol,
        ports=(int(first), int(last or first)),
        families=(cast(Family, asked.family),),
        targets=(asked.to,),
        sources=(asked.source,) if _is_range(asked.source) else (),
    )
    found = analysis.reach(inputs, question).answers
    exact = [a for a in found if a.resource == asked.to and asked.subnet in (None, a.subnet)]
    assert exact or asked.family == "ipv6", f"no such target: {asked.to} {asked.subnet or ''}"
    return tuple(exact)


def _sources(asked: Asked, sources: Iterable[Source]) -> list[Source]:
    if isinstance(asked.source, tuple):
        scope, resource, subnet = asked.source
        named = [s for s in sources if resource in (None, s.resource) and subnet in (None, s.subnet)]
        return [s for s in named if s.scope == scope and (scope != "load_balancer" or _public(asked, s))]
    if asked.source == "internet":
        return [s for s in sources if s.scope == "internet"]
    if _is_range(asked.source):
        return [s for s in sources if s.scope in ADDRESSES]
    return [s for s in sources if s.scope == "interface" and s.resource == asked.source]


def _public(asked: Asked, source: Source) -> bool:
    """Whether any of a balancer's clients is on the internet."""
    return source.cidrs is None or bool(_judged(asked, (source,)))


def _is_range(source: Any) -> bool:
    if not isinstance(source, str):
        return False
    try:
        ipaddress.ip_network(source)
    except ValueError:
        return False
    return True


def _judged(asked: Asked, sources: Iterable[Source]) -> AddressSet:
    return _that_count(asked, (cidr for source in sources for cidr in source.cidrs or ()))


def _that_count(asked: Asked, cidrs: Iterable[str]) -> AddressSet:
    """The addresses; of the internet, also through a balancer, only the globally reachable ones count."""
    addresses = AddressSet.from_cidrs(cidrs)
    if asked.source == "internet" or asked.source[0] == "load_balancer":
        return addresses & globally_reachable(cast(Family, asked.family))
    return addresses


def _expected(asked: Asked, name: str) -> object:
    value = getattr(asked, name)
    if name in {"cidrs", "latent"}:
        return _that_count(asked, value)
    return tuple(sorted(value)) if name == "mitigated_by" else value
