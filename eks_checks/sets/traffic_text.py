"""Traffic in a few words, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from eks_checks.sets.interval import IntervalSet

_PROTOCOL_NAMES: Final = {
    1: "icmp",
    2: "igmp",
    4: "ipip",
    6: "tcp",
    17: "udp",
    41: "ipv6 tunnel",
    47: "gre",
    50: "esp",
    51: "ah",
    58: "icmpv6",
    132: "sctp",
}
_ICMP_TYPE_NAMES: Final = {
    (1, 0): "echo reply",
    (1, 3): "destination unreachable",
    (1, 8): "echo request",
    (1, 11): "time exceeded",
    (58, 1): "destination unreachable",
    (58, 2): "packet too big",
    (58, 3): "time exceeded",
    (58, 128): "echo request",
    (58, 129): "echo reply",
}
_SELECTIVE: Final = (1, 6, 17, 58)


def phrases_of(entries: Iterable[tuple[IntervalSet, IntervalSet]], whole: IntervalSet) -> list[str]:
    """One phrase for each protocol, run of protocols, or range of ports, in the order of protocol numbers.

    `entries` maps sets of protocol numbers to selectors; `whole` is the selector that selects all.
    """
    phrases: list[tuple[int, int, str]] = []
    for protocols, selectors in entries:
        for lo, hi in protocols:
            found = [_run(lo, hi)] if selectors == whole else _selected(lo, selectors)
            phrases.extend((lo, position, phrase) for position, phrase in enumerate(found))
    return [phrase for _, _, phrase in sorted(phrases)]


def _run(lo: int, hi: int) -> str:
    if lo != hi:
        return f"protocols {lo}-{hi}"
    name = _PROTOCOL_NAMES.get(lo, f"protocol {lo}")
    return f"all {name}" if lo in _SELECTIVE else name


def _selected(protocol: int, selectors: IntervalSet) -> list[str]:
    name = _PROTOCOL_NAMES[protocol]
    if protocol in (6, 17):
        return [f"{name} {_span(lo, hi)}" for lo, hi in selectors]
    return [f"{name} {part}" for lo, hi in selectors for part in _icmp_parts(protocol, lo, hi)]


def _icmp_parts(protocol: int, lo: int, hi: int) -> Iterator[str]:
    """A range of type*256+code as whole types where it holds all their codes, else as type and codes."""
    while lo <= hi:
        icmp_type, code = divmod(lo, 256)
        last_whole_type = (hi + 1) // 256 - 1
        if code == 0 and icmp_type < last_whole_type:
            yield f"types {icmp_type}-{last_whole_type}"
            lo = (last_whole_type + 1) * 256
            continue
        name = _ICMP_TYPE_NAMES.get((protocol, icmp_type), f"type {icmp_type}")
        last_code = min(hi, icmp_type * 256 + 255) - icmp_type * 256
        whole = code == 0 and last_code == 255
        yield name if whole else f"{name} code {_span(code, last_code)}"
        lo = (icmp_type + 1) * 256


def _span(lo: int, hi: int) -> str:
    return str(lo) if lo == hi else f"{lo}-{hi}"
