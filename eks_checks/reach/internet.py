"""Which addresses count as "the internet": globally reachable unicast (fact A18)."""

from __future__ import annotations

from eks_checks.sets import AddressSet, Family

_SPECIAL_IPV4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
_SPECIAL_IPV6 = ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

_WHOLE: dict[Family, AddressSet] = {"ipv4": AddressSet.all_ipv4(), "ipv6": AddressSet.all_ipv6()}
_GLOBAL: dict[Family, AddressSet] = {
    "ipv4": AddressSet.all_ipv4() - AddressSet.from_cidrs(_SPECIAL_IPV4),
    "ipv6": AddressSet.from_cidr("2000::/3") - AddressSet.from_cidrs(_SPECIAL_IPV6),
}

_PRIVATE: dict[Family, AddressSet] = {
    "ipv4": AddressSet.from_cidrs(("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")),
    "ipv6": AddressSet.from_cidr("fc00::/7"),
}


def whole(family: Family) -> AddressSet:
    """Every address of the family: ``0.0.0.0/0`` or ``::/0``."""
    return _WHOLE[family]


def globally_reachable(family: Family) -> AddressSet:
    """Globally reachable unicast addresses of the family: special-purpose blocks are left out."""
    return _GLOBAL[family]


def private(family: Family) -> AddressSet:
    """Addresses that private networks use: RFC 1918 and 6598, and unique local IPv6 addresses."""
    return _PRIVATE[family]
