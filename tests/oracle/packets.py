"""Addresses as integers, CIDRs as (base, mask), and one packet's protocol and ports."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

NUMBERS = {"-1": None, "all": None, "tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
CLIENT_PORTS = (1024, 65535)


class Cidr(NamedTuple):
    family: int
    base: int
    mask: int
    length: int

    def holds(self, address: int) -> bool:
        return address & self.mask == self.base


class Packet(NamedTuple):
    """For TCP and UDP `first` is the destination port; for ICMP the type, `code` its code."""

    protocol: int
    first: int
    code: int = 0


def integer(address: str | int) -> int:
    return address if isinstance(address, int) else int(ipaddress.ip_address(address))


def cidr(text: str) -> Cidr:
    block = ipaddress.ip_network(text, strict=False)  # host bits are cleared (B8)
    return Cidr(block.version, int(block.network_address), int(block.netmask), block.prefixlen)


def last_of(block: Cidr) -> int:
    width = 32 if block.family == 4 else 128
    return block.base + 2 ** (width - block.length) - 1


def text_of(address: int, family: int) -> str:
    """NOTE: ipaddress.ip_address(small integer) would be IPv4 whatever the family."""
    return str(ipaddress.IPv4Address(address) if family == 4 else ipaddress.IPv6Address(address))


def protocol_number(text: str) -> int | None:
    lowered = str(text).lower()
    return NUMBERS[lowered] if lowered in NUMBERS else int(lowered)


def request_packet(family: int, protocol: str, port: int | None) -> Packet:
    if protocol == "icmp":
        return Packet(1, 8) if family == 4 else Packet(58, 128)
    assert port is not None
    return Packet(6 if protocol == "tcp" else 17, port)
