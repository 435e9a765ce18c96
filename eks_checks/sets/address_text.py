"""IP addresses and prefixes as text, and as numbers on the one line that AddressSet uses.

IPv4 addresses are 0 .. 2**32-1. IPv6 addresses start at 2**33: the gap between the families keeps
255.255.255.255 and :: from ever being neighbours.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

IPV4_LAST: Final = (1 << 32) - 1
IPV6_BASE: Final = 1 << 33
IPV6_LAST: Final = IPV6_BASE + (1 << 128) - 1


@lru_cache(maxsize=1 << 16)
def number_of(address: str) -> int:
    """The number of an IPv4 or IPv6 address; ValueError if the text is neither."""
    ipv4 = _ipv4_number(address)
    if ipv4 is not None:
        return ipv4
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        raise ValueError(f"{address!r} is not an IPv4 or IPv6 address") from None
    if parsed.scope_id is not None:
        raise ValueError(f"{address!r} has a zone; only addresses without '%' have a place in a network")
    return IPV6_BASE + int(parsed)


def range_of(cidr: str, strict: bool) -> tuple[int, int]:
    """The lowest and the highest number of a prefix such as '10.0.0.0/8'.

    Raises ValueError if the text is no prefix, or if `strict` and it has bits set after the prefix.
    """
    address, slash, length = cidr.partition("/")
    if not slash:
        raise ValueError(f"{cidr!r} is not a CIDR block: it has no '/' with a prefix length")
    try:
        number = number_of(address)
    except ValueError as error:
        raise ValueError(f"{cidr!r} is not a CIDR block: {error}") from None
    bits = 32 if number <= IPV4_LAST else 128
    if not (length.isascii() and length.isdigit() and len(length) <= 3 and int(length) <= bits):
        raise ValueError(f"{cidr!r} is not a CIDR block: after the '/' must come a number from 0 to {bits}")
    host_mask = (1 << (bits - int(length))) - 1
    # IPV6_BASE has no bit below 2**33, so a mask longer than that must be applied to the bare address.
    base = 0 if bits == 32 else IPV6_BASE
    first = base + ((number - base) & ~host_mask)
    if strict and first != number:
        raise ValueError(f"{cidr!r} has host bits set: did you mean {text_of(first)}/{int(length)}?")
    return first, first + host_mask


def text_of(number: int) -> str:
    """The canonical text of the address with this number."""
    if number <= IPV4_LAST:
        return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    value = number - IPV6_BASE
    if value >> 32 == 0xFFFF:
        # Python before 3.13 writes IPv4-mapped addresses without dots: reports must not depend on that.
        return f"::ffff:{text_of(value & IPV4_LAST)}"
    return str(ipaddress.IPv6Address(value))


def prefixes_of(lo: int, hi: int) -> Iterator[tuple[int, int]]:
    """The fewest prefixes, as (lowest, highest) number, that make up a range within one family."""
    base, bits = (0, 32) if hi <= IPV4_LAST else (IPV6_BASE, 128)
    lo, hi = lo - base, hi - base
    while lo <= hi:
        aligned = (lo & -lo).bit_length() - 1 if lo else bits
        size = 1 << min(aligned, (hi - lo + 1).bit_length() - 1)
        yield base + lo, base + lo + size - 1
        lo += size


def cidr_text(lo: int, hi: int) -> str:
    """The text of the prefix that spans exactly these numbers."""
    bits = 32 if hi <= IPV4_LAST else 128
    return f"{text_of(lo)}/{bits - (hi - lo).bit_length()}"


def _ipv4_number(address: str) -> int | None:
    """The number of a dotted quad, or None: accepts exactly what ipaddress accepts, but faster."""
    if not address.isascii():
        return None
    octets = address.split(".")
    if len(octets) != 4:
        return None
    number = 0
    for octet in octets:
        # Leading zeros are refused, as ipaddress does: some programs read them as octal.
        if not octet.isdigit() or len(octet) > 3 or (octet[0] == "0" and octet != "0"):
            return None
        value = int(octet)
        if value > 255:
            return None
        number = number << 8 | value
    return number
