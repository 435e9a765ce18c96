"""The estate: every AWS object the inputs describe, and what they leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from eks_checks.aws.connections import Connections
from eks_checks.aws.deferred import Deferred
from eks_checks.aws.eks import Cluster, NodeGroup
from eks_checks.aws.firewall import NetworkAcl, PrefixList, SecurityGroup
from eks_checks.aws.group_tags import ClusterTag
from eks_checks.aws.iam import NO_IAM, Iam
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.aws.load_balancing import NOTHING_BALANCED, Balancing
from eks_checks.aws.role_tags import RoleTag
from eks_checks.aws.rule_forms import RuleForms
from eks_checks.aws.tags import Tagging
from eks_checks.aws.vpc import BlockPublicAccess, InternetGateway, RouteTable, Subnet, Vpc
from eks_checks.aws.ways_out import NatGateway, VpcEndpoint
from eks_checks.kubernetes.policies.egress import PodEgress
from eks_checks.location import Places, nowhere
from eks_checks.naming import UNSHARED, Names


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


def _no_tags(_: Cluster) -> Mapping[str, ClusterTag]:
    return {}


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
    ``tagging`` has the tags of the clusters' resources and nodes.
    ``nat_gateways`` and ``vpc_endpoints`` take hosts out to services; the endpoints' interfaces are passive.
    ``role_tags`` has the tags by which controllers choose subnets for load balancers, by subnet.
    ``reads_iam`` works out ``iam``, which no answer about reachability asks for.
    ``associated`` says of each network ACL of the inputs whether it is put on some subnet (B14).
    ``cluster_tags`` tells which groups carry a cluster's tag, ``rule_forms`` how the rules of groups are
    written; both are worked out when they are asked for.
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
    tagging: Deferred[Tagging] = field(default=Deferred(Tagging), compare=False)
    associated: Mapping[str, Truth] = field(default_factory=dict)
    cluster_tags: Callable[[Cluster], Mapping[str, ClusterTag]] = field(default=_no_tags, compare=False)
    rule_forms: Callable[[], tuple[RuleForms, ...]] = field(default=tuple, compare=False)
    nat_gateways: Mapping[str, NatGateway] = field(default_factory=dict)
    vpc_endpoints: Mapping[str, VpcEndpoint] = field(default_factory=dict)
    role_tags: Deferred[dict[str, tuple[RoleTag, ...]]] = field(
        default=Deferred(dict[str, tuple[RoleTag, ...]]), compare=False
    )
    reads_iam: Callable[[], Iam] = field(default=lambda: NO_IAM, compare=False)

    @cached_property
    def iam(self) -> Iam:
        """What the inputs say of IAM, worked out when it is first asked for."""
        return self.reads_iam()

    @property
    def everyone(self) -> tuple[Interface, ...]:
        """Every interface, the pods' included."""
        return (*self.interfaces, *self.pods)

    def node_interfaces(self) -> tuple[Interface, ...]:
        """The interfaces that are, or may be, EKS nodes."""
        return tuple(i for i in self.interfaces if i.node.possibly)
