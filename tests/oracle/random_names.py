"""Ids, Terraform addresses and dice for the world generator."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
NETWORK_TYPES = (
    "aws_vpc",
    "aws_subnet",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_egress_only_internet_gateway",
    "aws_route_table",
    "aws_route",
    "aws_route_table_association",
    "aws_network_acl",
    "aws_network_acl_rule",
    "aws_default_network_acl",
    "aws_default_route_table",
)
EKS_TYPES = ("aws_eks_cluster", "aws_eks_node_group", "aws_launch_template", "aws_autoscaling_group")


class Maker:
    """One seeded source of chance; also remembers which names are taken."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(f"world {seed}")
        self.mood = self.rng.choices(("open", "mixed", "tight"), (0.78, 0.1, 0.12))[0]
        self.features = _features(seed)
        self.split = self.chance(0.3)  # many rules over parts of subnets
        self._taken: dict[str, int] = {}
        self._styles: dict[str, str] = {}
        self._network_module = "module.vpc." if self.chance(0.2) else ""
        self._eks_module = self.rng.choice(('module.eks["prod"].', "module.eks.")) if self.chance(0.2) else ""

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def by_mood(self, open_: float, mixed: float, tight: float) -> bool:
        return self.chance({"open": open_, "mixed": mixed, "tight": tight}[self.mood])

    def pick(self, items: Iterable[T], weights: Iterable[float] | None = None) -> T:
        items = list(items)
        return self.rng.choices(items, weights)[0] if weights else self.rng.choice(items)

    def some(self, items: Iterable[T], least: int, most: int) -> list[T]:
        items = list(items)
        return self.rng.sample(items, min(len(items), self.rng.randint(least, most)))

    def id(self, prefix: str) -> str:
        return f"{prefix}-0{self.rng.getrandbits(64):016x}"

    def address(self, type_: str, stem: str) -> str:
        """A fresh address; within one type and world all are plain, counted or keyed."""
        number = self._taken[type_] = self._taken.get(type_, 0) + 1
        module = (
            self._network_module if type_ in NETWORK_TYPES else self._eks_module if type_ in EKS_TYPES else ""
        )
        style = self._styles.setdefault(type_, self.pick(("plain", "count", "key"), (6, 2, 2)))
        if style == "count":
            return f"{module}{type_}.this[{number - 1}]"
        if style == "key":
            separator = self.pick(("-", "/", ".", " "))
            return f'{module}{type_}.each["{stem}{separator}{number}"]'
        return f"{module}{type_}.{stem}" + (f"_{number}" if number > 1 else "")

    def public_ip(self) -> str:
        return str(ipaddress.ip_address("54.64.0.0") + self.rng.getrandbits(20))

    def part_of(self, block: str, shallowest: int = 0, deepest: int = 2) -> str:
        """The block itself or a half, quarter ... of it."""
        network = ipaddress.ip_network(block)
        depth = min(self.rng.randint(shallowest, deepest), network.max_prefixlen - network.prefixlen)
        length = network.prefixlen + depth
        offset = self.rng.getrandbits(depth) if depth else 0
        base = int(network.network_address) + (offset << (network.max_prefixlen - length))
        return str(type(network)((base, length)))

    def host_in(self, block: str, taken: set) -> str:
        """An address EC2 could hand out: not one of the five reserved ones."""
        network = ipaddress.ip_network(block)
        while True:
            size = min(network.num_addresses, 2**16)
            address = str(network.network_address + self.rng.randint(4, size - 2))
            if address not in taken:
                taken.add(address)
                return address


def _features(seed: int) -> frozenset[str]:
    """What a world has beyond one VPC with nodes; drawn apart, so that it disturbs no other choice."""
    rng = random.Random(f"features {seed}")
    connections = rng.choices(
        ((), ("peering",), ("transit",), ("peering", "transit")), (0.45, 0.22, 0.25, 0.08)
    )[0]
    others = {"vpn": 0.18, "balancers": 0.22, "endpoint": 0.15, "pods": 0.22}
    return frozenset(connections) | {name for name, share in others.items() if rng.random() < share}
