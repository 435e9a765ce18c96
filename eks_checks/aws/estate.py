"""The estate: every AWS object the inputs describe, and what they leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from eks_checks.aws.connections import Connections
from eks_checks.aws.eks import Cluster, NodeGroup
from eks_checks.aws.firewall import NetworkAcl, PrefixList, SecurityGroup
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.load_balancing import NOTHING_BALANCED, Balancing
from eks_checks.aws.particulars import Particulars
from eks_checks.aws.vpc import BlockPublicAccess, InternetGateway, RouteTable, Subnet, Vpc
from eks_checks.kubernetes.policies.egress import PodEgress
from eks_checks.location import Places, nowhere
from eks_checks.naming import UNSHARED, Names

if TYPE_CHECKING:
    from eks_checks.aws.tags import Tagging


@dataclass(frozen=True, order=True)
class Unresolved:
    """A link or setting that could not be resolved, or only by an assumption named in ``reason``."""

    resource: str
    attribute: str
    reason: str


@dataclass(frozen=True, order=True)
class Assumption:
    """What was taken for granted of ``subject``; ``fact`` is its id in ``docs/model.md``."""

    subject: str
    assumed: str
    fact: str


@dataclass(frozen=True)
class Unmodelled:
    """A resource type met that can affect reachability but is not modelled, with the effect on verdicts."""

    type: str
    resources: tuple[str, ...]
    effect: str


@dataclass(frozen=True)
class Coverage:
    """What the answer does not know or takes for granted."""

    unmodelled: tuple[Unmodelled, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class Estate:
    """Every object by its key. Keys are Terraform addresses, real ids, or ``ADDRESS#role`` for implicit ones.

    ``carried_elsewhere`` maps a security group to a resource that carries it and whose interfaces are
    not modelled. ``previous`` maps a resource's key to the one it had before a ``moved`` block. ``names``
    tells the address and input of keys where inputs share an address. ``uncertain`` has the resources of
    which it is not sure that there is one, with the causes. ``places`` tells where in the sources a
    resource or one of its attributes stands. ``pods`` are the interfaces with which the pods of nodes come,
    named by what makes these nodes: sources, never targets. ``pod_egress`` has the network policies that
    surely hold for the pods of what makes nodes. ``connections`` are what joins its VPCs to other networks.
    ``passive`` are interfaces that only listen: targets, where a question names them, and nothing else.
    ``particulars`` are what checks ask for besides.
    """

    vpcs: Mapping[str, Vpc]
    subnets: Mapping[str, Subnet]
    route_tables: Mapping[str, RouteTable]
    internet_gateways: Mapping[str, InternetGateway]
    network_acls: Mapping[str, NetworkAcl]
    security_groups: Mapping[str, SecurityGroup]
    prefix_lists: Mapping[str, PrefixList]
    interfaces: tuple[Interface, ...]
    clusters: Mapping[str, Cluster]
    node_groups: tuple[NodeGroup, ...]
    block_public_access: BlockPublicAccess
    coverage: Coverage
    carried_elsewhere: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    names: Names = UNSHARED
    uncertain: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)
    places: Places = nowhere
    connections: Connections = field(default_factory=Connections)
    balancing: Balancing = NOTHING_BALANCED
    pods: tuple[Interface, ...] = ()
    pod_egress: Mapping[str, PodEgress] = field(default_factory=dict)
    passive: tuple[Interface, ...] = ()
    particulars: Particulars = field(default_factory=Particulars, compare=False)

    @cached_property
    def tagging(self) -> Tagging:
        """The tags of the clusters' resources and nodes, worked out when they are first asked for."""
        return self.particulars.tagging(self)

    @property
    def everyone(self) -> tuple[Interface, ...]:
        """Every interface, the pods' included."""
        return (*self.interfaces, *self.pods)

    def node_interfaces(self) -> tuple[Interface, ...]:
        """The interfaces that are, or may be, EKS nodes."""
        return tuple(i for i in self.interfaces if i.node.possibly)
