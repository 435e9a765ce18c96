"""Which resources are resources of which cluster (contract, "resource of the cluster")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause, KeySet, Pointer, just
from eks_checks.aws.lower.cluster_names import ClusterNames
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.iam_links import cluster_roles, fargate_roles, node_roles
from eks_checks.aws.tags import NOBODY
from eks_checks.aws.vpc import Subnet
from eks_checks.terraform.value import NULL, Known, Reference, Scalar, Unknown, Value, alternatives, scalar

NAMED = ("aws_eks_node_group", "aws_eks_fargate_profile", "aws_eks_addon")
"""Types that name their cluster, and are always resources of one."""


@dataclass
class Belonging:
    """Resource key to the clusters it is a resource of, filled family by family.

    ``certain`` are the resources of some cluster, whichever it is.
    """

    run: Lowering
    estate: Estate
    names: ClusterNames
    found: dict[str, KeySet] = field(default_factory=dict)
    certain: set[str] = field(default_factory=set)

    def fill(self) -> Belonging:
        """Find every resource that is, or may be, one of a cluster; those outside the inputs included."""
        for cluster in self.estate.clusters.values():
            if cluster.managed:
                self._add(cluster.resource, Pointer((cluster.key,)))
                self._keys(cluster.resource, Pointer((cluster.key,)))
        for resource in self.run.world.resources(*NAMED):
            self._add(resource.key, self.run.link(resource, "cluster", "cluster_name"))
        for group in self.estate.node_groups:
            self._nodes(group)
        for interface in self.estate.interfaces:
            if not interface.cluster.unset:
                self._network(interface)
        self._roles()
        self._log_groups()
        return self

    def _add(self, resource: str, clusters: Pointer, sure: bool = True, why: tuple[Cause, ...] = ()) -> None:
        known = just(clusters)
        if sure:
            self.certain.add(resource)
        else:
            known = KeySet(maybe=known.candidates, open=known.open, causes=(*clusters.causes, *why))
        self.found[resource] = self.found.get(resource, NOBODY).plus(known)

    def _add_all(self, members: KeySet, clusters: Pointer, sure: bool, why: tuple[Cause, ...]) -> None:
        for key in members.sure:
            self._add(key, clusters, sure, why)
        for key in members.maybe:
            self._add(key, clusters, False, (*why, *members.causes))

    # --- nodes ----------------------------------------------------------------------------------------

    def _nodes(self, group: NodeGroup) -> None:
        sure, why = self._doubts(group)
        self._add(group.resource, group.cluster, sure, why)
        self._add_all(group.templates, group.cluster, sure, why)

    def _doubts(self, group: NodeGroup) -> tuple[bool, tuple[Cause, ...]]:
        """Whether what it makes surely are nodes of its cluster, and why not."""
        return self._whether_nodes.get(group.resource, (False, ()))

    @cached_property
    def _whether_nodes(self) -> dict[str, tuple[bool, tuple[Cause, ...]]]:
        """What makes interfaces to whether any of them surely is a node, and why it may not be."""
        found: dict[str, tuple[bool, tuple[Cause, ...]]] = {}
        for one in self.estate.interfaces:
            sure, why = found.get(one.resource, (False, ()))
            causes = tuple(dict.fromkeys((*why, *one.node.causes)))
            found[one.resource] = (sure or one.node.surely, causes)
        return found

    def _roles(self) -> None:
        """The roles of clusters, of nodes and of Fargate pods."""
        for key, role in cluster_roles(self.run).items():
            self._add_all(just(role), Pointer((key,)), True, ())
        for profile, role in fargate_roles(self.run).items():
            resource = self.run.world.get(profile)
            if resource is not None:
                named = self.run.link(resource, "cluster", "cluster_name")
                self._add_all(just(role), named, True, ())
        roles = node_roles(self.run)
        for group in self.estate.node_groups:
            sure, why = self._doubts(group)
            self._add_all(roles.get(group.resource, NOBODY), group.cluster, sure, why)

    # --- interfaces -----------------------------------------------------------------------------------

    def _network(self, interface: Interface) -> None:
        ours = interface.kind in ("control_plane", "fargate")
        sure = interface.certain and (interface.node.surely or ours)
        why = (*interface.causes, *interface.node.causes)
        groups = [shape.groups for shape in interface.shapes]
        for listed in groups:
            named = KeySet(self._group_resources(listed.sure), self._group_resources(listed.maybe))
            self._add_all(named, interface.cluster, sure, (*why, *listed.causes))
        subnet = self.estate.subnets.get(interface.subnet or "")
        if subnet is not None:
            self._around(subnet, interface.cluster, sure, why)

    def _group_resources(self, keys: Iterable[str]) -> frozenset[str]:
        groups = self.estate.security_groups
        return frozenset(groups[key].resource for key in keys if key in groups)

    def _around(self, subnet: Subnet, clusters: Pointer, sure: bool, why: tuple[Cause, ...]) -> None:
        """A subnet, its VPC, and the tables in force for it."""
        estate = self.estate
        self._add(subnet.resource, clusters, sure, why)
        self._add_all(just(subnet.vpc), clusters, sure, why)
        for attached, known in (
            (subnet.route_table, estate.route_tables),
            (subnet.network_acl, estate.network_acls),
        ):
            one = len(attached.keys) == 1 and not attached.open
            for key in attached.keys:
                if key in known:
                    self._add(known[key].resource, clusters, sure and one, (*why, *attached.causes))

    # --- roles, keys, log groups ----------------------------------------------------------------------

    def _keys(self, holder: str, clusters: Pointer) -> None:
        self._linked(holder, ("encryption_config", 0, "provider", 0, "key_arn"), "aws_kms_key", clusters)

    def _linked(self, holder: str, path: tuple[str | int, ...], type_: str, clusters: Pointer) -> None:
        resource = self.run.world.get(holder)
        if resource is None:
            return
        options = alternatives(resource.value(*path))
        for option in options:
            for key in _named(self.run, option, type_):
                why = (Cause(holder, str(path[-1]), "is one of several"),) if len(options) > 1 else ()
                self._add(key, clusters, len(options) == 1, why)

    def _log_groups(self) -> None:
        """The control plane's log group: EKS writes to ``/aws/eks/NAME/cluster``."""
        by_name = {f"{_LOGS}{c.name}{_OF_CLUSTER}": c.key for c in self.estate.clusters.values() if c.name}
        for resource in self.run.world.resources("aws_cloudwatch_log_group"):
            name = resource.value("name")
            if isinstance(name, Known):
                keys = {by_name[name.value]} if name.value in by_name else set[str]()
            else:
                keys = set(self.names.named_by(NULL, name).sure) if _is_log(name) else set()
            for key in keys:
                self._add(resource.key, Pointer((key,)))


_LOGS, _OF_CLUSTER = "/aws/eks/", "/cluster"


def _is_log(name: Value) -> bool:
    """Whether a name of which parts are not known is that of a cluster's log group."""
    parts = name.parts if isinstance(name, Unknown) else ()
    ends = [str(scalar(part) or "") for part in (parts[:1] + parts[-1:])]
    return len(parts) > 1 and ends[0].startswith(_LOGS) and ends[1].endswith(_OF_CLUSTER)


def _named(run: Lowering, value: Value, type_: str) -> Iterator[str]:
    """The resource of a type that an ARN, or a reference to one, names."""
    if isinstance(value, Reference) and value.resource.type == type_:
        target = run.world.target(value)
        yield from () if target is None else (target.key,)
    elif isinstance(value, Known) and value.value is not None:
        key = _by_arn(run, type_).get(value.value)
        yield from () if key is None else (key,)


def _by_arn(run: Lowering, type_: str) -> Mapping[Scalar, str]:
    def index() -> dict[Scalar, str]:
        return {scalar(r.value("arn")): r.key for r in run.world.resources(type_)}

    return run.cached(f"by arn {type_}", index)
