"""Which resources are resources of which cluster (contract, "resource of the cluster")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause, KeySet, Pointer, just
from eks_checks.aws.lower.cluster_names import ClusterNames
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.vpc import Subnet
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, Reference, Scalar, Unknown, Value, alternatives, scalar

NAMED = ("aws_eks_node_group", "aws_eks_fargate_profile", "aws_eks_addon")
"""Types that name their cluster, and are always resources of one."""

NOBODY = KeySet()


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
                self._role(cluster.resource, ("role_arn",), Pointer((cluster.key,)))
                self._keys(cluster.resource, Pointer((cluster.key,)))
        for resource in self.run.world.resources(*NAMED):
            cluster_named = self.run.link(resource, "cluster", "cluster_name")
            self._add(resource.key, cluster_named)
            role = "pod_execution_role_arn" if resource.type == "aws_eks_fargate_profile" else "node_role_arn"
            if resource.type != "aws_eks_addon":
                self._role(resource.key, (role,), cluster_named)
        for group in self.estate.node_groups:
            self._nodes(group)
        for interface in self.estate.interfaces:
            if not interface.cluster.unset:
                self._network(interface)
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
        nodes = [i for i in self.estate.interfaces if i.resource == group.resource]
        sure = any(i.node.surely for i in nodes)
        why = tuple(cause for i in nodes for cause in i.node.causes)
        self._add(group.resource, group.cluster, sure, why)
        self._add_all(group.templates, group.cluster, sure, why)
        for key in sorted({*group.templates.candidates, group.resource}):
            holder = self.run.world.get(key)
            if holder is not None:
                certain = sure and key not in group.templates.maybe
                for role in _profile_roles(self.run, holder):
                    self._add(role, group.cluster, certain, why)

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

    def _role(self, holder: str, path: tuple[str | int, ...], clusters: Pointer) -> None:
        self._linked(holder, path, "aws_iam_role", clusters)

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
                keys = set(self.names.named_by("", name).sure) if _is_log(name) else set()
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


def _profile_roles(run: Lowering, holder: Resource) -> Iterator[str]:
    """The roles that a template's or an instance's profile gives to nodes."""
    blocks: list[tuple[Block, tuple[str, ...]]] = [(holder, ("iam_instance_profile",))]
    if holder.type == "aws_launch_template":
        blocks = [(block, ("arn", "name")) for block in holder.blocks("iam_instance_profile").items]
    for block, names in blocks:
        for name in names:
            value = block.value(name)
            if not left_out(value):
                yield from _roles_of(run, value)


def _roles_of(run: Lowering, profile: Value) -> Iterator[str]:
    for resource in run.world.resources("aws_iam_instance_profile"):
        target = run.world.target(profile) if isinstance(profile, Reference) else None
        named = scalar(profile) in (text(resource, "name"), text(resource, "arn")) and bool(scalar(profile))
        if target is resource or named:
            role = resource.value("role")
            if isinstance(role, Reference) and role.resource.type == "aws_iam_role":
                found = run.world.target(role)
                yield from () if found is None else (found.key,)
            for one in run.world.resources("aws_iam_role"):
                if scalar(role) and scalar(role) == text(one, "name"):
                    yield one.key
