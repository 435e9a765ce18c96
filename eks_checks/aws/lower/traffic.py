"""Protocols and ports of security group rules and network ACL entries (facts A16, A17, B11)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from eks_checks.aws.lower.context import number
from eks_checks.sets import ICMP, ICMPV6, TCP, UDP, Bounds, IntervalSet, TrafficSet
from eks_checks.terraform.resource import Block
from eks_checks.terraform.value import Known, Value, is_null, scalar

ALL = -1
"""The protocol value that means every protocol; ports are then ignored."""

_NAMES = {
    "all": ALL,
    "icmp": ICMP,
    "igmp": 2,
    "tcp": TCP,
    "udp": UDP,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "icmpv6": ICMPV6,
    "ipv6-icmp": ICMPV6,
    "ospf": 89,
    "ospfigp": 89,
    "vrrp": 112,
    "sctp": 132,
}


@dataclass(frozen=True)
class Traffic:
    """Bounds on the traffic, and the attribute that leaves it open (empty where it is known)."""

    bounds: Bounds[TrafficSet]
    open_attribute: str = ""

    @cached_property
    def text(self) -> str:
        """Short words for people."""
        return self.bounds.upper.describe() if self.bounds.decided else "unknown traffic"


def protocol_number(value: Value) -> int | None:
    """The IANA number of a protocol name or number in any case, ``ALL`` for every one, None if not known."""
    text = str(scalar(value)).strip().lower() if isinstance(value, Known) and not is_null(value) else ""
    if text in _NAMES:
        return _NAMES[text]
    parsed = number(text)
    return parsed if parsed is not None and -1 <= parsed <= 255 else None


def rule_traffic(block: Block, protocol_attribute: str) -> Traffic:
    """What a security group rule admits. For ICMP ``from_port`` is the type, ``to_port`` the code (A16)."""
    protocol = protocol_number(block.value(protocol_attribute))
    if protocol is None:
        return _unknown(TrafficSet.everything(), protocol_attribute)
    if protocol == ALL:
        return _exact(TrafficSet.everything())
    first, last = block.value("from_port"), block.value("to_port")
    if protocol in (ICMP, ICMPV6):
        return _icmp(protocol, first, last, "from_port", unset=None)
    return _ports(protocol, first, last)


def entry_traffic(block: Block) -> Traffic:
    """What a network ACL entry matches. An unset ICMP type or code is 0 (B11)."""
    protocol = protocol_number(block.value("protocol"))
    if protocol is None:
        return _unknown(TrafficSet.everything(), "protocol")
    if protocol == ALL:
        return _exact(TrafficSet.everything())
    if protocol in (ICMP, ICMPV6):
        return _icmp(protocol, block.value("icmp_type"), block.value("icmp_code"), "icmp_type", unset=0)
    return _ports(protocol, block.value("from_port"), block.value("to_port"))


def _ports(protocol: int, first: Value, last: Value) -> Traffic:
    if protocol not in (TCP, UDP):
        return _exact(TrafficSet.protocol(protocol))
    lo, hi = number(scalar(first)), number(scalar(last))
    if lo is None or hi is None:
        return _unknown(TrafficSet.protocol(protocol), "from_port" if lo is None else "to_port")
    if lo == -1 and hi == -1:
        return _exact(TrafficSet.protocol(protocol))
    return _ranged(protocol, max(lo, 0), min(hi, 65535))


@lru_cache(maxsize=1 << 12)
def _ranged(protocol: int, low: int, high: int) -> Traffic:
    """One object for the same range: of many rules few are about ports that no other is about."""
    return _exact(TrafficSet.of(protocol, IntervalSet.of((low, high))) if low <= high else TrafficSet.empty())


def _icmp(protocol: int, kind: Value, code: Value, attribute: str, unset: int | None) -> Traffic:
    if not (_settled(kind) and _settled(code)):
        return _unknown(TrafficSet.protocol(protocol), attribute)
    chosen = _selector(kind, unset)
    # AWS accepts "all types" only with "all codes": a code beside it means nothing.
    narrowed = None if chosen is None else _selector(code, unset)
    return _exact(TrafficSet.icmp(chosen, narrowed, protocol=protocol))


def _settled(value: Value) -> bool:
    return isinstance(value, Known)


def _selector(value: Value, unset: int | None) -> int | None:
    parsed = number(scalar(value))
    if parsed is None:
        return unset
    return None if parsed < 0 else parsed


def _exact(traffic: TrafficSet) -> Traffic:
    return Traffic(Bounds.exact(traffic))


def _unknown(upper: TrafficSet, attribute: str) -> Traffic:
    return Traffic(Bounds(TrafficSet.empty(), upper), attribute)
