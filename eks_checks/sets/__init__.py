"""Exact, immutable, canonical sets of numbers, addresses, traffic and packets.

They know nothing of AWS or Terraform. Equal sets are equal objects with equal hashes.
"""

from eks_checks.sets.address import AddressSet, Family
from eks_checks.sets.algebra import LineSet, SymbolicSet, union_of
from eks_checks.sets.bounds import Bounds
from eks_checks.sets.interval import IntervalSet
from eks_checks.sets.packet import PacketSet
from eks_checks.sets.product import Product, product_of
from eks_checks.sets.traffic import ICMP, ICMPV6, TCP, UDP, TrafficSet

__all__ = [
    "ICMP",
    "ICMPV6",
    "TCP",
    "UDP",
    "AddressSet",
    "Bounds",
    "Family",
    "IntervalSet",
    "LineSet",
    "PacketSet",
    "Product",
    "SymbolicSet",
    "TrafficSet",
    "product_of",
    "union_of",
]
