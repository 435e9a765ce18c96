"""The graph: places that packets pass, and the steps between them.

Places are the internet, each VPC's edge (its internet gateway, whichever that is), the VPC's own
router, subnets, and interfaces. An edge of the graph is one step; ``transfer`` says which
filters a packet meets on it. A flow's path is the shortest one: inside a VPC nothing else
carries packets between two interfaces.
"""

from __future__ import annotations

import enum
import itertools
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause, Pointer
from eks_checks.aws.vpc import Subnet


class Kind(enum.Enum):
    """What a place is."""

    INTERNET = "internet"
    EDGE = "edge"
    VPC = "vpc"
    SUBNET = "subnet"
    INTERFACE = "interface"


@dataclass(frozen=True)
class Place:
    """A node of the graph. ``key`` is an estate key (of the VPC for its edge); empty for the internet."""

    kind: Kind
    key: str = ""


INTERNET = Place(Kind.INTERNET)


@dataclass(frozen=True)
class Step:
    """One edge of the graph, in the direction a packet goes."""

    tail: Place
    head: Place


class Topology:
    """The graph of one estate, and paths in it."""

    def __init__(self, estate: Estate) -> None:
        """Build the graph: time and size grow with the number of subnets and interfaces."""
        import networkx as nx  # late: 0.1 s that commands without a question do not pay

        self.estate = estate
        self.graph = nx.DiGraph()
        self._shortest = nx.shortest_path
        self._subnets: dict[str, Subnet] = dict(estate.subnets)
        self._paths: dict[tuple[Place, Place], tuple[Step, ...]] = {}
        for subnet in estate.subnets.values():
            self._join_subnet(subnet)
        for interface in (*estate.everyone, *estate.passive):
            if interface.subnet is None or interface.subnet not in estate.subnets:
                self._join_subnet(self._nowhere(interface))

    def subnet_of(self, interface: Interface) -> Subnet:
        """Where the interface lies; a subnet of which nothing is known where that is not resolved."""
        return self._subnets.get(interface.subnet or "") or self._nowhere(interface)

    def vpc_key(self, subnet: Subnet) -> str:
        """The key of the subnet's VPC; a made-up one where it cannot be told."""
        return subnet.vpc.exact or f"?{subnet.key}"

    def path(self, tail: Place, subnet: Subnet) -> tuple[Step, ...]:
        """The steps from ``tail`` to ``subnet``; empty where ``tail`` is that subnet."""
        head = Place(Kind.SUBNET, subnet.key)
        if tail == head:
            return ()
        # Only its VPC's router leads into a subnet.
        router = Place(Kind.VPC, self.vpc_key(subnet))
        if (tail, router) not in self._paths:
            nodes = self._shortest(self.graph, tail, router)
            self._paths[tail, router] = tuple(Step(a, b) for a, b in itertools.pairwise(nodes))
        return (*self._paths[tail, router], Step(router, head))

    def _join_subnet(self, subnet: Subnet) -> None:
        vpc = self.vpc_key(subnet)
        here = Place(Kind.SUBNET, subnet.key)
        router, edge = Place(Kind.VPC, vpc), Place(Kind.EDGE, vpc)
        for one, other in ((INTERNET, edge), (edge, router), (router, here)):
            self.graph.add_edge(one, other)
            self.graph.add_edge(other, one)

    def _nowhere(self, interface: Interface) -> Subnet:
        """A stand-in for the subnet of an interface that is not resolved; its cluster tells the VPC (E13)."""
        key = interface.subnet or f"?{interface.resource}"
        if key not in self._subnets:
            vpcs = {c.vpc.exact for k, c in self.estate.clusters.items() if k in interface.cluster.keys}
            vpc = vpcs.pop() if len(vpcs) == 1 else None
            why = interface.causes or (Cause(interface.resource, "subnet_ids", "cannot be resolved"),)
            where = Pointer((vpc,)) if vpc else Pointer(open=True, causes=why)
            name = interface.subnet or ""
            self._subnets[key] = Subnet(key, name, where, (), ("ipv4", "ipv6"), managed=False)
        return self._subnets[key]
