"""Whether one interface is kept from another: every shape, every client port it may use, and what denies it.

For EKS403. The engine answers who gets in, by the most open shape and one client port; here the question is
the other one: who may be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import CLIENT_PORTS
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Hop, Verdict
from eks_checks.reach.engine import Reachability
from eks_checks.reach.layers import Crossing, Layer, ReplyLayer
from eks_checks.reach.pieces import Candidate, Target
from eks_checks.reach.transfer import Flow
from eks_checks.reach.words import role
from eks_checks.sets import TCP, UDP, AddressSet, Family, TrafficSet

LINUX_PORTS, WINDOWS_PORTS = (32768, 60999), (49152, 65535)
"""The client ports that the systems of nodes use (B10)."""
_NUMBERS = {"tcp": TCP, "udp": UDP}
NOTHING = AddressSet.empty()


@dataclass(frozen=True)
class Need:
    """A flow that must pass: protocol, port, and the client ports of which each must get its reply.

    Without ``clients`` one of all client ports is enough.
    """

    protocol: str
    port: int
    clients: tuple[int, int] | None = None

    def __str__(self) -> str:
        """``tcp 443``."""
        return f"{self.protocol} {self.port}"


@dataclass(frozen=True)
class Denial:
    """What keeps a flow back: the rule or entry that denies it, or the groups or list that lack one."""

    resource: str
    text: str
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Passage:
    """Whether a flow is denied, and by what; where it only may be, the causes are in ``denied``."""

    denied: Truth
    by: tuple[Denial, ...] = ()


class Passages:
    """Passages between interfaces of one estate."""

    def __init__(self, reachability: Reachability) -> None:
        """Nothing is asked yet."""
        self._reachability = reachability
        self._estate: Estate = reachability.estate
        self._spans = ClientSpans(reachability.estate)

    def of(self, source: Interface, target: Interface, need: Need, families: Iterable[Family]) -> Passage:
        """Whether ``need`` is denied in all of these families; those that one end lacks do not count."""
        told = [each for family in families if (each := self._in_family(source, target, need, family))]
        if not told:
            return Passage(NO)
        by = tuple(dict.fromkeys(denial for each in told for denial in each.by))
        return Passage(_alike([each.denied for each in told], _EITHER_FAMILY, target), by)

    def _in_family(self, source: Interface, target: Interface, need: Need, family: Family) -> Passage | None:
        pairs = list(self._reachability.pairs(source, target, family))
        if not pairs:
            return None
        told = [self._of_pair(one, other, need, family) for one, other in pairs]
        by = tuple(dict.fromkeys(denial for each in told for denial in each.by))
        return Passage(_alike([each.denied for each in told], _EITHER_SHAPE, source), by)

    def _of_pair(self, source: Candidate, target: Target, need: Need, family: Family) -> Passage:
        open_: dict[Cause, None] = {}
        for span in self._spans.of(need):
            flow = flow_of(need, family, span)
            crossing = self._reachability.between(source, target, flow, shared=True)
            if crossing.verdict is Verdict.BLOCKED:
                told = self._reachability.between(source, target, flow, shared=False)
                return Passage(YES, tuple(self._denials(told, source, target)))
            if crossing.verdict is Verdict.POSSIBLE:
                open_.update(dict.fromkeys(crossing.open_causes or _unplaced(source, target)))
        return Passage(Truth(None, tuple(open_))) if open_ else Passage(NO)

    def _denials(self, crossing: Crossing, source: Candidate, target: Target) -> Iterator[Denial]:
        ends = {"source": crossing.ends.sources, "target": crossing.ends.targets}
        for layer in crossing.layers:
            shut = ends[layer.end] - layer.admits.upper
            if shut and not ends[layer.end].isdisjoint(shut):
                yield from self._by_layer(layer, shut, ends, source, target)
        for reply in crossing.replies:
            shut = ends[reply.end] - reply.passes.upper.keys(NOTHING)
            if shut:
                yield from _by_entries(reply, shut, ends)

    def _by_layer(
        self,
        layer: Layer,
        shut: AddressSet,
        ends: dict[str, AddressSet],
        source: Candidate,
        target: Target,
    ) -> Iterator[Denial]:
        if layer.kind not in ("security_group", "egress"):
            yield from _by_entries(layer, shut, ends)
            return
        inbound = layer.kind == "security_group"
        for key in sorted((target if inbound else source).groups.candidates):
            group = self._estate.security_groups[key]
            whose = f"{role(group.kind)} {group.resource}"
            text = f"no {'inbound' if inbound else 'outbound'} rule of {whose} lets it through"
            yield Denial(group.resource, text, group.location)


_EITHER_FAMILY = "over which address family they speak is not told"
_EITHER_SHAPE = "its nodes come up in several ways, of which some are denied"


def _alike(truths: list[Truth], otherwise: str, interface: Interface) -> Truth:
    """Yes or no where all say so; else not known, for their causes."""
    values = {truth.value for truth in truths}
    if len(values) == 1 and None not in values:
        return truths[0]
    causes = tuple(dict.fromkeys(cause for truth in truths for cause in truth.causes))
    return Truth(None, causes or (Cause(interface.resource, "", otherwise),))


def _unplaced(source: Candidate, target: Target) -> tuple[Cause, ...]:
    """Why addresses decide: the subnet is not known, or only some of its addresses are admitted."""
    for end in (source, target):
        if end.interface.subnet is None:
            unknown = Cause(end.interface.resource, "subnet_ids", "the subnet is not known")
            return end.interface.causes or (unknown,)
    where = source.subnet.resource or source.interface.resource
    return (Cause(where, "cidr_block", "which of its addresses a node gets"),)


def _by_entries(layer: Layer | ReplyLayer, shut: AddressSet, ends: dict[str, AddressSet]) -> Iterator[Denial]:
    """The entry that decides for one address that is kept out, else what is said of the whole list."""
    pair = {end: addresses.first() for end, addresses in {**ends, layer.end: shut}.items()}
    hops: tuple[Hop, ...] = tuple(layer.explain(pair["source"], pair["target"]))
    for hop in hops:
        yield Denial(hop.resource, hop.text, hop.location)
    if not hops:
        near = layer.near(shut)
        yield Denial(layer.resource, f"{layer.text}: {near}" if near else layer.text)


class ClientSpans:
    """Client ports that no network ACL of an estate tells apart, all of which must get their reply."""

    def __init__(self, estate: Estate) -> None:
        """Nothing is looked at yet."""
        self._estate = estate
        self._kept: dict[Need, tuple[tuple[int, int], ...]] = {}

    def of(self, need: Need) -> tuple[tuple[int, int], ...]:
        """The spans, ascending; all client ports together where one of them is enough."""
        if need not in self._kept:
            self._kept[need] = tuple(self._cut(need)) if need.clients else (CLIENT_PORTS,)
        return self._kept[need]

    def _cut(self, need: Need) -> Iterator[tuple[int, int]]:
        low, high = need.clients or CLIENT_PORTS
        starts = {low}
        for acl in self._estate.network_acls.values():
            for entry in (*acl.inbound, *acl.outbound):
                for traffic in (entry.traffic.lower, entry.traffic.upper):
                    for first, last in traffic.ports(_NUMBERS[need.protocol]):
                        starts.update(start for start in (first, last + 1) if low < start <= high)
        ordered = sorted(starts)
        yield from zip(ordered, [start - 1 for start in (*ordered[1:], high + 1)], strict=True)


@cache
def flow_of(need: Need, family: Family, clients: tuple[int, int]) -> Flow:
    """The need's request, and replies to these client ports. One object each."""
    make = TrafficSet.tcp if need.protocol == "tcp" else TrafficSet.udp
    return Flow(family, make(need.port, need.port), make(*clients))
