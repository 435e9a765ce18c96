"""Where SSH is meant to come from, and what an ACL admits beyond that."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Subnet
from eks_checks.checks.check import View
from eks_checks.sets import AddressSet, Bounds, Family, union_of

_FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")
_WIDE_OUTSIDE: dict[Family, int] = {"ipv4": 1 << 16, "ipv6": 1 << 96}
"""More addresses than this (a /16, or an IPv6 /32) outside the VPC are no bastion's network."""


@dataclass(frozen=True)
class Bastions:
    """Declared bastions as subnets and addresses; without any, the pattern itself is judged (B17).

    ``unplaced`` says why the subnet of a declared bastion cannot be told.
    """

    estate: Estate
    declared: bool
    addresses: AddressSet
    placed: tuple[tuple[str, str], ...]
    unplaced: tuple[Cause, ...] = ()

    @classmethod
    def of(cls, view: View) -> Bastions:
        """From the configuration and the interfaces it names; node subnets are never a bastion's."""
        estate, settings = view.estate, view.settings
        hosts = [i for i in estate.interfaces if not i.node.possibly and view.is_bastion(i.resource)]
        placed = [(host.resource, host.subnet) for host in hosts if host.subnet]
        lost = [cause for host in hosts if not host.subnet for cause in host.causes or (_untold(host),)]
        nodes = {interface.subnet for interface in estate.node_interfaces()}
        free = [estate.subnets[s] for _, s in placed if s in estate.subnets and s not in nodes]
        subnets = union_of((_addresses(subnet) for subnet in free), AddressSet.empty())
        addresses = settings.bastion_addresses | subnets
        unplaced = tuple(dict.fromkeys(lost))
        return cls(estate, bool(settings.bastions), addresses, tuple(sorted(set(placed))), unplaced)

    def in_subnet(self, subnet: Subnet) -> tuple[str, ...]:
        """Declared bastions that sit in ``subnet`` itself, where no ACL is read before its nodes (B1)."""
        return tuple(name for name, key in self.placed if key == subnet.key)

    def excess(self, subnet: Subnet, admitted: Bounds[AddressSet]) -> Bounds[AddressSet]:
        """What the ACL of ``subnet`` admits beyond the bastions, in the families the subnet has."""
        relevant = admitted & Bounds.exact(_relevant(subnet) - _addresses(subnet))
        if self.declared:
            return relevant - Bounds.exact(self.addresses)
        lower, upper = (self._beyond_pattern(subnet, each) for each in (relevant.lower, relevant.upper))
        return Bounds(lower, upper)

    def _beyond_pattern(self, subnet: Subnet, admitted: AddressSet) -> AddressSet:
        """What no bastion's network is: all of the VPC, other node subnets, much of the outside."""
        found = AddressSet.empty()
        for family in _FAMILIES:
            part = admitted.family(family)
            vpc = self._vpc(subnet, family) - _addresses(subnet)
            outside = part - vpc
            if (vpc and vpc <= part) or outside.size() > _WIDE_OUTSIDE[family]:
                found = found | part
            found = found | (part & self._other_nodes(subnet))
        return found

    def _vpc(self, subnet: Subnet, family: Family) -> AddressSet:
        vpc = self.estate.vpcs.get(subnet.vpc.exact or "")
        return vpc.addresses(family) if vpc is not None else AddressSet.empty()

    def _other_nodes(self, subnet: Subnet) -> AddressSet:
        keys = {interface.subnet for interface in self.estate.node_interfaces()} - {subnet.key}
        others = (self.estate.subnets[key] for key in keys if key and key in self.estate.subnets)
        alike = (_addresses(other) for other in others if other.vpc == subnet.vpc)
        return union_of(alike, AddressSet.empty())


def _untold(host: Interface) -> Cause:
    return Cause(host.resource, "subnet_id", "the subnet of a declared bastion is not known")


def _relevant(subnet: Subnet) -> AddressSet:
    """The families in which the subnet has, or may have, addresses: the others carry nothing to it."""
    whole: dict[Family, AddressSet] = {"ipv4": AddressSet.all_ipv4(), "ipv6": AddressSet.all_ipv6()}
    has = (f for f in _FAMILIES if subnet.addresses(f) or f in subnet.unknown_block)
    return union_of((whole[f] for f in has), AddressSet.empty())


def _addresses(subnet: Subnet) -> AddressSet:
    return union_of((subnet.addresses(family) for family in _FAMILIES), AddressSet.empty())
