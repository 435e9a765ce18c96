"""Whom a security group admits on every port, and whether that is a whole network, for EKS308 (A1, A16-A18).

Only ranges count. A rule that names a group, itself included, means members that somebody put there (A7).
"""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.aws.vpc import Vpc
from eks_checks.sets import TCP, UDP, AddressSet, Family, IntervalSet, union_of

_PROTOCOLS = (TCP, UDP)
_FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")
_FIRST, _LAST = 1, 65535
WIDE: dict[Family, int] = {"ipv4": 1 << 16, "ipv6": 1 << 80}
"""As many addresses as a /16, or an IPv6 /48, has: outside the VPC that is a whole network, or many."""
_EVERY_PORT = IntervalSet.of((_FIRST, _LAST))
_SMALLEST_BLOCK = 1 << 4
"""A VPC's block has at least this many addresses (a /28)."""


@dataclass(frozen=True)
class AllPorts:
    """The ranges that a group admits on every TCP port, or on every UDP port.

    ``wide`` is the part of them that is wide, ``sure`` whether it is so for certain; ``rules`` are those
    that admit it, and ``together`` tells that only all of them leave no port out. ``udp`` tells that it is
    about UDP alone.
    """

    wide: AddressSet
    rules: tuple[Rule, ...]
    sure: bool
    together: bool = False
    udp: bool = False


def all_ports(group: SecurityGroup, vpc: Vpc | None, meant: AddressSet) -> AllPorts | None:
    """What ``group`` admits on every port from a wide source, or may; None where it surely does not.

    A source is wide that covers a whole block of ``vpc`` (None: not told), or ``WIDE`` addresses outside
    of it. Addresses in ``meant`` do not count.
    """
    made = [found for each in _PROTOCOLS if (found := _of_protocol(group, vpc, meant, each))]
    sure = [found for found in made if found.sure]
    return next(iter((*sure, *made)), None)


def _of_protocol(group: SecurityGroup, vpc: Vpc | None, meant: AddressSet, protocol: int) -> AllPorts | None:
    for sure in (True, False):
        admitted = _admitted(group, protocol, sure=sure)
        wide = _wide_part(_everywhere(admitted) - meant, vpc, perhaps=not sure)
        if wide:
            alone = [each for each in admitted if each.ports >= _EVERY_PORT]
            together = not wide <= union_of((each.addresses for each in alone), AddressSet.empty())
            chosen = admitted if together else alone
            rules = tuple(each.rule for each in chosen if each.ports and not each.addresses.isdisjoint(wide))
            return AllPorts(wide, rules, sure, together, protocol == UDP)
    return None


@dataclass(frozen=True)
class _Admitted:
    rule: Rule
    ports: IntervalSet
    addresses: AddressSet


def _admitted(group: SecurityGroup, protocol: int, *, sure: bool) -> list[_Admitted]:
    """What each rule admits: surely, or at most."""
    found = []
    for rule in group.ingress:
        if rule.addresses is None or (sure and not rule.certain):
            continue
        traffic = rule.traffic.lower if sure else rule.traffic.upper
        addresses = rule.addresses.lower if sure else rule.addresses.upper
        found.append(_Admitted(rule, traffic.ports(protocol), addresses))
    return found


def _wide_part(addresses: AddressSet, vpc: Vpc | None, *, perhaps: bool) -> AddressSet:
    """The addresses, of those families in which they are wide."""
    families = (family for family in _FAMILIES if _is_wide(addresses.family(family), vpc, family, perhaps))
    return union_of((addresses.family(family) for family in families), AddressSet.empty())


def _everywhere(admitted: list[_Admitted]) -> AddressSet:
    """The addresses that are admitted on every port, be it by several rules."""
    edges = {_FIRST, *(edge for each in admitted for low, high in each.ports for edge in (low, high + 1))}
    found = AddressSet.everything()
    for port in sorted(edge for edge in edges if _FIRST <= edge <= _LAST):
        here = (each.addresses for each in admitted if port in each.ports)
        found = found & union_of(here, AddressSet.empty())
        if not found:
            break
    return found


def _is_wide(addresses: AddressSet, vpc: Vpc | None, family: Family, perhaps: bool) -> bool:
    blocks = [block.addresses.family(family) for block in vpc.blocks] if vpc is not None else []
    inside = union_of(blocks, AddressSet.empty())
    if any(block and block <= addresses for block in blocks):
        return True
    if (addresses - inside).size() >= WIDE[family]:
        return True
    # What may be a VPC's whole block, where its blocks are not told.
    told = vpc is not None and (vpc.managed or bool(vpc.blocks))
    return perhaps and not told and addresses.size() >= _SMALLEST_BLOCK
