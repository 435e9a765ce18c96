"""Requests, replies, and the port ranges on which nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import CLIENT_PORTS
from eks_checks.reach.transfer import Flow
from eks_checks.sets import ICMP, ICMPV6, TCP, UDP, Family, TrafficSet

CONNECTED = (22, 3389)
"""The ports that an EC2 Instance Connect Endpoint connects to (I12)."""

_PROTOCOLS = {"tcp": TCP, "udp": UDP}
_ECHO = {"ipv4": (ICMP, 8, 0), "ipv6": (ICMPV6, 128, 129)}


@cache
def flow_of(protocol: str, port: int, family: Family) -> Flow:
    """A request to ``port`` and its replies; for ``icmp`` an echo request and its reply. One object each."""
    if protocol == "icmp":
        number, request, reply = _ECHO[family]
        return Flow(
            family, TrafficSet.icmp(request, 0, protocol=number), TrafficSet.icmp(reply, 0, protocol=number)
        )
    make = TrafficSet.tcp if protocol == "tcp" else TrafficSet.udp
    return Flow(family, make(port, port), make(*CLIENT_PORTS))


def cells(estate: Estate, protocol: str, ports: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The sub-ranges of ``ports`` that neither rules nor load balancers tell apart, ascending, no gaps."""
    low, high = ports
    starts = {low}
    if low != high:
        starts.update(start for start in _starts(estate, _PROTOCOLS[protocol]) if low < start <= high)
    ordered = sorted(starts)
    for start, following in zip(ordered, [*ordered[1:], high + 1], strict=True):
        yield start, following - 1


def port_text(low: int, high: int) -> str:
    """``N`` or ``N-M``."""
    return str(low) if low == high else f"{low}-{high}"


def _starts(estate: Estate, protocol: int) -> Iterator[int]:
    for traffic in _traffics(estate):
        for first, last in traffic.ports(protocol):
            yield first
            yield last + 1
    balancing = estate.balancing
    for port in (*balancing.ports(), *(CONNECTED if balancing.endpoints else ())):
        yield port
        yield port + 1


def _traffics(estate: Estate) -> Iterator[TrafficSet]:
    for group in estate.security_groups.values():
        for rule in (*group.ingress, *group.egress):
            yield from (rule.traffic.lower, rule.traffic.upper)
    for acl in estate.network_acls.values():
        for entry in (*acl.inbound, *acl.outbound):
            yield from (entry.traffic.lower, entry.traffic.upper)
    for egress in estate.pod_egress.values():
        for traffic in egress.traffics():
            yield from (traffic.lower, traffic.upper)
