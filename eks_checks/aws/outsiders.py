"""What a security group's inbound rules admit beyond one cluster: its nodes, pods and control plane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.membership import Member, Membership
from eks_checks.sets import AddressSet, Bounds, Family, TrafficSet, union_of

HTTPS = TrafficSet.tcp(443, 443)
"""What a client needs of a private endpoint (G2)."""

_FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")


@dataclass(frozen=True)
class Outsiders:
    """One rule of ``group`` that admits what is not the cluster's, or may (``sure`` is false).

    ``cidrs`` reach beyond the cluster's own subnets (which are not carved out of them),
    ``interfaces`` are known strangers, ``group_named`` is a group whose members the inputs do not all hold.
    """

    group: SecurityGroup
    rule: Rule
    sure: bool
    cidrs: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    group_named: str = ""
    causes: tuple[Cause, ...] = ()


class Circle:
    """One cluster's own interfaces and addresses, and what rules admit beyond them.

    ``clients`` are the addresses that are meant to use the private endpoint: on tcp 443 alone they are
    no outsiders.
    """

    def __init__(
        self, estate: Estate, cluster: Cluster, membership: Membership, clients: AddressSet | None = None
    ) -> None:
        """Collect the addresses that the cluster's own interfaces may have."""
        self._clients = clients or AddressSet.empty()
        self._estate = estate
        self._cluster = cluster
        self._membership = membership
        self._own = self._own_addresses()

    def admitted(self, group: SecurityGroup) -> Iterator[Outsiders]:
        """The rules of ``group`` that admit more than the cluster's own, in the group's order."""
        for rule in group.ingress:
            if not rule.traffic.upper:
                continue
            found = self._by_address(group, rule) if rule.group is None else self._by_group(group, rule)
            if found is not None:
                yield found

    def _by_address(self, group: SecurityGroup, rule: Rule) -> Outsiders | None:
        if rule.addresses is None:
            return None
        certain = rule.certain and bool(rule.traffic.lower)
        meant = self._meant(rule)
        beyond = rule.addresses - Bounds.exact(self._own | meant)
        strangers = [
            interface
            for interface in self._estate.everyone
            if not interface.cluster.may_be(self._cluster.key)
            and not self._addresses(interface).isdisjoint((rule.addresses.lower & self._own) - meant)
        ]
        names = tuple(sorted({interface.resource for interface in strangers}))
        if not beyond.upper and not names:
            return None
        sure = certain and (bool(beyond.lower) or bool(names))
        told = self._told(beyond.lower or beyond.upper)
        return Outsiders(group, rule, sure, told, names, causes=rule.causes)

    def _told(self, beyond: AddressSet) -> tuple[str, ...]:
        """The ranges, and the names of those that AWS chooses at apply."""
        symbols: list[str] = []
        optional = self._own
        for vpc in self._estate.vpcs.values():
            for family in _FAMILIES:
                stand_ins = vpc.symbolic(family)
                symbols.extend(vpc.symbols(beyond & stand_ins, family))
                beyond, optional = beyond - stand_ins, optional | stand_ins
        return (*beyond.to_cidrs(optional), *symbols)

    def _meant(self, rule: Rule) -> AddressSet:
        return self._clients if rule.traffic.upper <= HTTPS else AddressSet.empty()

    def _by_group(self, group: SecurityGroup, rule: Rule) -> Outsiders | None:
        pointer = rule.group
        if pointer is None or pointer.exact == group.key:
            return None
        causes, meant = (*rule.causes, *pointer.causes), self._meant(rule)
        strangers: set[str] = set()
        maybe: set[str] = set()
        for key in pointer.keys:
            for member in self._membership.of(key):
                kin = member.interface.cluster
                if kin.exact == self._cluster.key or self._within(member, meant):
                    continue
                surely = member.sure and not kin.may_be(self._cluster.key)
                (strangers if surely else maybe).add(member.interface.resource)
                causes = (*causes, *member.shape.groups.causes, *kin.causes)
        named = self._unknown_group(pointer.keys, open_=pointer.open)
        if not strangers and not maybe and not named:
            return None
        certain = rule.certain and bool(rule.traffic.lower) and pointer.exact is not None
        names = tuple(sorted(strangers or maybe))
        return Outsiders(group, rule, certain and bool(strangers), (), names, named, causes)

    def _within(self, member: Member, meant: AddressSet) -> bool:
        """Whether every address that the member may have is meant."""
        found = [self._membership.addresses(member.interface, member.shape, f) for f in _FAMILIES]
        return bool(meant) and all(each is not None and each <= meant for each in found)

    def _unknown_group(self, keys: tuple[str, ...], *, open_: bool) -> str:
        """A group named whose members may be outside the inputs; empty where all are inside."""
        for key in keys:
            known = self._estate.security_groups.get(key)
            if known is None or known.kind == "external":
                return key
        return "a group that cannot be told" if open_ else ""

    def _own_addresses(self) -> AddressSet:
        own = [i for i in self._estate.everyone if i.cluster.exact == self._cluster.key]
        return union_of((self._addresses(interface) for interface in own), AddressSet.empty())

    def _addresses(self, interface: Interface) -> AddressSet:
        found = (
            self._membership.addresses(interface, shape, family)
            for shape in interface.shapes
            for family in _FAMILIES
        )
        return union_of((each for each in found if each is not None), AddressSet.empty())
