"""EKS: clusters and the facts of their node groups that checks ask for."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.knowledge import UNKNOWN, YES, Cause, KeySet, Pointer, Truth
from eks_checks.location import SourceSpan
from eks_checks.sets import AddressSet, Bounds

EVERYWHERE = AddressSet.all_ipv4() | AddressSet.all_ipv6()
_ANYTHING = Bounds(AddressSet.empty(), EVERYWHERE)


@dataclass(frozen=True)
class Endpoint:
    """The cluster's API server as clients find it (G1-G3).

    ``public`` and ``private`` say whether there is an endpoint on the internet, and one on the
    control-plane interfaces. ``public_cidrs`` are the client addresses (both families) that the public
    one admits, whatever routes and groups say; ``spelled`` are the ranges as they are written, and
    ``location`` where.
    """

    public: Truth = UNKNOWN
    private: Truth = UNKNOWN
    public_cidrs: Bounds[AddressSet] = _ANYTHING
    spelled: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Cluster:
    """An EKS cluster.

    ``security_group`` is the key of the group EKS makes (E1); ``additional_groups`` go on the
    control-plane interfaces only (E4). ``ip_family`` is ``ipv4``, ``ipv6`` or empty where unknown.
    ``authentication_mode`` is ``CONFIG_MAP``, ``API_AND_CONFIG_MAP`` or ``API``, empty where unknown (then
    ``mode_causes`` say why); ``creator_admin`` is ``bootstrap_cluster_creator_admin_permissions`` (G5).
    ``managed`` is false for a cluster known by name or as data only. ``logs`` are the types of control plane
    logs (``audit``) that are sent to CloudWatch, each with how sure that is; others are not known.
    """

    key: str
    resource: str
    name: str
    security_group: str
    additional_groups: KeySet
    subnets: KeySet
    vpc: Pointer
    ip_family: str
    authentication_mode: str
    creator_admin: Truth
    location: SourceSpan | None = None
    managed: bool = True
    endpoint: Endpoint = Endpoint()
    mode_causes: tuple[Cause, ...] = ()
    logs: tuple[tuple[str, Truth], ...] = ()

    def logs_of(self, type_: str) -> Truth:
        """Whether logs of this type are sent to CloudWatch."""
        return dict(self.logs).get(type_, UNKNOWN)


@dataclass(frozen=True)
class NodeGroup:
    """What creates EKS nodes: a managed group, a self-managed Auto Scaling group, or an instance.

    ``key_name`` says whether nodes carry an SSH key; ``remote_access`` whether EKS itself opens
    the SSH port (E6), ``remote_access_sources`` then the groups it opens it to (exact and empty:
    to the world). ``windows`` decides between ports 22 and 3389 (E11). ``node`` says whether what it makes
    are nodes at all: tags and user data may leave that open.
    """

    resource: str
    kind: str
    cluster: Pointer
    subnets: KeySet
    ssh_key: Truth
    remote_access: Truth
    remote_access_sources: KeySet
    windows: Truth
    templates: KeySet
    location: SourceSpan | None = None
    node: Truth = YES


@dataclass(frozen=True)
class WrittenPolicies:
    """What the inputs write of network policies for one cluster (I8).

    ``resources`` bring the policies; ``doubts`` say why they may hold back more than is sure;
    ``kubernetes`` whether the inputs have any Kubernetes object or Helm release of the cluster at all.
    """

    resources: tuple[str, ...] = ()
    doubts: tuple[Cause, ...] = ()
    kubernetes: bool = False
