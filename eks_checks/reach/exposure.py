"""Which ports of the nodes the internet reaches directly, over whole ranges of ports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.reach.answer import Answer, Source
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.ports import cells
from eks_checks.sets import TCP, UDP, TrafficSet

_NUMBERS = {"tcp": TCP, "udp": UDP}
_INTERNET = frozenset({"internet"})


@dataclass(frozen=True)
class Exposure:
    """Ports ``low`` to ``high`` of one target that the internet reaches, or may, or lacks little to reach.

    ``answer`` is the target's, on the first of the ports; ``source`` has a path where it is explained.
    ``clients`` are those of its addresses that count; None: all of them.
    """

    answer: Answer
    source: Source
    low: int
    high: int
    clients: tuple[str, ...] | None = None

    @property
    def shown(self) -> tuple[str, ...]:
        """The addresses that count, as prefixes."""
        return self.source.cidrs or () if self.clients is None else self.clients

    @property
    def traffic(self) -> TrafficSet:
        """The ports as traffic."""
        make = TrafficSet.tcp if self.answer.protocol == "tcp" else TrafficSet.udp
        return make(self.low, self.high)


def exposures(reachability: Reachability, protocol: str, ports: tuple[int, int]) -> tuple[Exposure, ...]:
    """What of ``ports`` of each node is exposed: by target, in ranges as wide as they are alike."""
    grown: dict[object, list[Exposure]] = {}
    for low, high in cells(reachability.estate, protocol, ports):
        for answer in reachability.answers(_question(protocol, low)):
            for source in (*answer.sources, *answer.latent):
                if source.scope != "internet":
                    continue
                found = grown.setdefault(_alike(answer, source), [])
                if found and found[-1].high == low - 1:
                    found[-1] = replace(found[-1], high=high)
                else:
                    found.append(Exposure(answer, source, low, high))
    made = [exposure for several in grown.values() for exposure in several]
    return tuple(sorted(made, key=_place))


def explained(reachability: Reachability, found: Iterable[Exposure]) -> Iterator[Exposure]:
    """The same, in parts that no rule on the target tells apart, each source with what lets it through."""
    wanted: dict[tuple[str, int], dict[tuple[str, str | None], list[tuple[Exposure, int]]]] = {}
    for exposure in found:
        answer = exposure.answer
        starts = sorted({exposure.low, *_edges(reachability.estate, exposure)})
        for start, following in zip(starts, [*starts[1:], exposure.high + 1], strict=True):
            targets = wanted.setdefault((answer.protocol, start), {})
            targets.setdefault((answer.resource, answer.subnet), []).append((exposure, following - 1))
    for (protocol, start), targets in sorted(wanted.items()):
        question = replace(_question(protocol, start), only_to=frozenset(targets), explain=True)
        for answer in reachability.answers(question):
            for exposure, end in targets.get((answer.resource, answer.subnet), ()):
                for source in (*answer.sources, *answer.latent):
                    if _alike(answer, source) == _alike(exposure.answer, exposure.source):
                        yield Exposure(answer, source, start, end)


def _question(protocol: str, port: int) -> Question:
    return Question(protocol=protocol, ports=(port, port), only_from=_INTERNET, latent=True)


def _alike(answer: Answer, source: Source) -> object:
    target = (answer.resource, answer.subnet, answer.family, answer.protocol)
    return (target, source.scope, source.verdict, source.cidrs, source.missing, source.via)


def _place(exposure: Exposure) -> tuple[str, str, str, str, int, int]:
    answer = exposure.answer
    target = (answer.resource, answer.subnet or "", answer.family, answer.protocol)
    return (*target, exposure.low, -exposure.source.verdict.strength)


def _edges(estate: Estate, exposure: Exposure) -> Iterator[int]:
    """The ports within the range at which an inbound rule of the target's groups starts, or has ended."""
    number = _NUMBERS[exposure.answer.protocol]
    for interface in estate.interfaces:
        if interface.resource != exposure.answer.resource:
            continue
        for low, high in _ranges(estate, interface, number):
            yield from (port for port in (low, high + 1) if exposure.low < port <= exposure.high)


def _ranges(estate: Estate, interface: Interface, protocol: int) -> Iterator[tuple[int, int]]:
    groups = {key for shape in interface.shapes for key in shape.groups.candidates}
    for key in sorted(groups & estate.security_groups.keys()):
        for rule in estate.security_groups[key].ingress:
            for traffic in (rule.traffic.lower, rule.traffic.upper):
                yield from traffic.ports(protocol)
