"""Address blocks out of Terraform values, with stand-ins for the blocks that AWS chooses only at apply.

An Amazon-provided IPv6 block or an IPAM allocation is unknown in a plan, yet most answers do not
depend on its value: a rule for ``::/0`` admits it whatever it will be. Each such block gets a
stand-in no rule can name. A rule for a narrower range may or may not cover the real block,
which its bounds say.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

from eks_checks.sets import AddressSet, Bounds, Family
from eks_checks.terraform.value import Known, Reference, Value, unknowns

_POOL: dict[Family, str] = {"ipv4": "240.0.0.0", "ipv6": "3fff::"}
"""First of the stand-ins: reserved IPv4 (RFC 1112) and documentation IPv6 (RFC 9637): never AWS's."""

_WHOLE: dict[Family, AddressSet] = {"ipv4": AddressSet.all_ipv4(), "ipv6": AddressSet.all_ipv6()}
_UNICAST: dict[Family, AddressSet] = {
    "ipv4": AddressSet.all_ipv4(),
    "ipv6": AddressSet.from_cidr("2000::/3"),
}
_VPC_PREFIX: dict[Family, int] = {"ipv4": 16, "ipv6": 56}
_SUBNET_PREFIX: dict[Family, int] = {"ipv4": 24, "ipv6": 64}


@dataclass(frozen=True)
class AddressRange:
    """A rule's or route's range: bounds, prefix length in bits where it is one known prefix, and why not."""

    bounds: Bounds[AddressSet]
    prefix: int | None = None
    reason: str = ""
    text: str = ""


@dataclass
class AddressReader:
    """Reads CIDR values; knows the stand-ins handed out so far (symbol to addresses).

    ``written`` spells a reference as symbols are spelled.
    """

    written: Callable[[Reference], str] = str
    stand_ins: dict[str, AddressSet] = field(default_factory=dict)
    _vpcs: dict[Family, int] = field(default_factory=lambda: {"ipv4": 0, "ipv6": 0})
    _subnets: dict[AddressSet, int] = field(default_factory=dict)

    def vpc_stand_in(self, symbol: str, family: Family) -> AddressSet:
        """A fresh stand-in for a VPC block that ``symbol`` (``aws_vpc.x.ipv6_cidr_block``) will hold."""
        self._vpcs[family] += 1
        addresses = _nth(_POOL[family], _VPC_PREFIX[family], self._vpcs[family] - 1)
        self.stand_ins[symbol] = addresses
        return addresses

    def subnet_stand_in(self, symbol: str, vpc: AddressSet, family: Family) -> AddressSet | None:
        """A fresh part of a VPC's stand-in for the subnet block ``symbol``; None where it is used up."""
        nth = self._subnets.get(vpc, 0)
        if nth >= 1 << (_SUBNET_PREFIX[family] - _VPC_PREFIX[family]):
            return None
        self._subnets[vpc] = nth + 1
        addresses = _nth(vpc.first(), _SUBNET_PREFIX[family], nth)
        self.stand_ins[symbol] = addresses
        return addresses

    def read(self, value: Value, family: Family) -> AddressRange:
        """The addresses of a CIDR value of one family; anything where it cannot be told."""
        if isinstance(value, Known) and isinstance(value.value, str):
            return self._known(value.value, family)
        reason = next((unknown.reason for unknown in unknowns(value)), "known after apply")
        if isinstance(value, Reference):
            # NOTE: a plan shows that the expression uses this attribute, not what it makes of it
            # (cidrsubnet(...)): the block is the most it can be, nothing is sure.
            symbol = self.written(value)
            reason = f"depends on {symbol}"
            stand_in = self.stand_ins.get(symbol)
            if stand_in is not None:
                return AddressRange(Bounds(AddressSet.empty(), stand_in), None, reason, symbol)
        return AddressRange(Bounds(AddressSet.empty(), _WHOLE[family]), None, reason, "an unknown range")

    def _known(self, cidr: str, family: Family) -> AddressRange:
        try:
            addresses = AddressSet.from_cidr(cidr if "/" in cidr else _host(cidr))
        except ValueError as error:
            return AddressRange(Bounds(AddressSet.empty(), _WHOLE[family]), None, str(error), cidr)
        prefix = int(cidr.rpartition("/")[2]) if "/" in cidr else (32 if "." in cidr else 128)
        own: Family = "ipv6" if addresses <= _WHOLE["ipv6"] else "ipv4"
        return AddressRange(self._widened(addresses, own), prefix, "", cidr)

    def _widened(self, addresses: AddressSet, family: Family) -> Bounds[AddressSet]:
        pool = self._pool(family)
        if not pool or _UNICAST[family] <= addresses or not (addresses & _UNICAST[family]):
            return Bounds.exact(addresses)
        return Bounds(addresses - pool, addresses | pool)

    def _pool(self, family: Family) -> AddressSet:
        if not self._vpcs[family]:
            return AddressSet.empty()
        first = _nth(_POOL[family], _VPC_PREFIX[family], 0).first()
        last = _nth(_POOL[family], _VPC_PREFIX[family], self._vpcs[family]).first()
        return AddressSet.from_range(first, last)


def _nth(first: str, prefix: int, nth: int) -> AddressSet:
    start = ipaddress.ip_address(first)
    size = 1 << (start.max_prefixlen - prefix)
    return AddressSet.from_cidr(f"{start + nth * size}/{prefix}")


def _host(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"
