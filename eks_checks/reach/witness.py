"""One concrete packet of a flow, and the deciding rule on each of its steps, there and back."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from eks_checks.aws.firewall import CLIENT_PORTS
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Hop
from eks_checks.reach.layers import Crossing, Layer, ReplyLayer
from eks_checks.sets import TCP, UDP, AddressSet, TrafficSet

_NOT_YET = AddressSet.from_cidrs(("240.0.0.0/4", "3fff::/20"))
"""Where stand-ins lie for blocks that AWS chooses at apply: such an address is never told."""
_EVERY_PORT = {"tcp": TrafficSet.tcp(*CLIENT_PORTS), "udp": TrafficSet.udp(*CLIENT_PORTS)}
_NUMBERS = {"tcp": TCP, "udp": UDP}
_USUAL_PORTS = (49152, 32768)
"""Client ports that Linux and Windows both use, and that Linux begins with (B10)."""


@dataclass(frozen=True)
class Packet:
    """What is asked of: ``protocol`` and port.

    ``names`` are the resources at the source and the target, ``places`` where they stand; ``who`` is the
    sender in words; ``through_public`` whether it knows only the target's public address.
    """

    protocol: str
    port: int
    names: tuple[str, str]
    places: tuple[SourceSpan | None, SourceSpan | None]
    who: str
    through_public: bool


def hops(crossing: Crossing, region: AddressSet, packet: Packet) -> tuple[Hop, ...]:
    """The packet, each rule that lets the request through, the target, and each that lets the reply back."""
    found: list[Hop] = []
    legs = crossing.legs(region)
    for leg, sources in legs:
        pair = witness(leg, sources)
        request, reply = _told(leg, *pair)
        if len(legs) == 1:
            there, back = _ends(leg, pair, packet)
            request, reply = (there, *request), (back, *reply)
        found += [*(crossing.between if found else ()), *request, *reply]
    return tuple(found)


def witness(crossing: Crossing, region: AddressSet) -> tuple[str, str]:
    """One concrete pair of addresses, not the network address where there is another."""
    targets = crossing.ends.targets
    for layer in crossing.layers:
        if layer.end == "target" and layer.admits.upper & targets:
            targets = targets & layer.admits.upper
    start = _pick(region or crossing.ends.sources)
    others = targets - AddressSet.from_address(start)
    return start, _pick(others or targets)


def shown(address: str, port: int | None = None) -> str:
    """An address, and port, as they are written; a stand-in for one that is known after apply is not told."""
    if address in _NOT_YET:
        address, six = "(address known after apply)", False
    else:
        six = ":" in address
    if port is None:
        return address
    return f"[{address}]:{port}" if six else f"{address}:{port}"


def _told(crossing: Crossing, start: str, end: str) -> tuple[tuple[Hop, ...], tuple[Hop, ...]]:
    """The hops of the request, and those of the reply: its routes are where its network ACLs are."""
    if (start, end) not in crossing.hops:
        order = {"egress": 0, "nacl": 1, "route": 2, "block_public_access": 3, "address": 4}
        there = [layer for layer in crossing.layers if not _is_of_reply(layer)]
        there.sort(
            key=lambda layer: (layer.end == "source" and layer.kind == "nacl", order.get(layer.kind, 5))
        )
        there.sort(key=lambda layer: layer.kind == "security_group")
        back = [layer for layer in crossing.layers if _is_of_reply(layer)]
        reply: list[Layer | ReplyLayer] = [*crossing.replies[:1], *back, *crossing.replies[1:]]
        crossing.hops[start, end] = (
            tuple(dict.fromkeys(hop for layer in there for hop in layer.explain(start, end))),
            tuple(dict.fromkeys(hop for layer in reply for hop in layer.explain(start, end))),
        )
    return crossing.hops[start, end]


def _is_of_reply(layer: Layer) -> bool:
    """A route that is looked up for the source's address is the reply's."""
    return layer.kind == "route" and layer.end == "source"


def _ends(crossing: Crossing, pair: tuple[str, str], packet: Packet) -> tuple[Hop, Hop]:
    start, end = pair
    if packet.protocol not in _NUMBERS:
        ask = f"icmp echo request {shown(start)} -> {shown(end)}"
        answer = f"icmp echo reply {shown(end)} -> {shown(start)}"
        some = ""
    else:
        ports = _client_ports(crossing, pair, packet.protocol)
        low = next((port for port in _USUAL_PORTS if _has(ports, port, packet.protocol)), None)
        port = low if low is not None else _first(ports, packet.protocol)
        ask = f"{packet.protocol} {shown(start, port)} -> {shown(end, packet.port)}"
        answer = f"{packet.protocol} {shown(end, packet.port)} -> {shown(start, port)}"
        some = _part(ports, packet.protocol)
    source, target = packet.names
    public = f", sent to the public address of {target}" if packet.through_public else ""
    there = Hop("source", source, ask, f"{packet.who} sends {ask}{public}", packet.places[0])
    back = Hop("target", target, answer, f"{target} replies: {answer}{some}", packet.places[1])
    return there, back


def _client_ports(crossing: Crossing, pair: tuple[str, str], protocol: str) -> TrafficSet:
    """The client ports whose replies pass every list on the way back; all where no list is crossed (M3)."""
    ports = _EVERY_PORT[protocol]
    for reply in crossing.replies:
        address = pair[0] if reply.end == "source" else pair[1]
        passing = TrafficSet.empty()
        for keys, traffic in (reply.passes.lower or reply.passes.upper).entries:
            if address in keys:
                passing = passing | traffic
        ports = ports & passing
    return ports or _EVERY_PORT[protocol]


def _has(ports: TrafficSet, port: int, protocol: str) -> bool:
    return any(low <= port <= high for low, high in ports.ports(_NUMBERS[protocol]))


def _first(ports: TrafficSet, protocol: str) -> int:
    return next((low for low, _ in ports.ports(_NUMBERS[protocol])), CLIENT_PORTS[0])


def _part(ports: TrafficSet, protocol: str) -> str:
    """Said where replies pass to a part of the client ports only (B10)."""
    if ports == _EVERY_PORT[protocol]:
        return ""
    ranges = [f"{low}-{high}" if low != high else str(low) for low, high in ports.ports(_NUMBERS[protocol])]
    return f"; replies pass to client ports {', '.join(ranges)} only"


def _pick(addresses: AddressSet) -> str:
    first = ipaddress.ip_address(addresses.first())
    for offset in (10, 4, 1):
        if int(first) + offset < 1 << first.max_prefixlen and str(first + offset) in addresses:
            return str(first + offset)
    return str(first)
