"""Managed node groups, the control plane and Fargate: what EKS puts on interfaces (graph rules 2-4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from eks_checks.aws.eks import Cluster, NodeGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, KeySet, Pointer, Truth, exactly
from eks_checks.aws.lower.clusters import cluster_link
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.groups import GroupDraft
from eks_checks.aws.lower.remote_access import RemoteAccess, is_windows, remote_access
from eks_checks.aws.lower.ssh_keys import remote_key, ssh_key
from eks_checks.aws.lower.sshd import of_managed
from eks_checks.aws.lower.templates import Launch, launch_of, shapes_of
from eks_checks.aws.vpc import Subnet, Vpc
from eks_checks.terraform.resource import Resource

REMOTE_ACCESS = "#remote_access"
SSH, RDP = 22, 3389


@dataclass(frozen=True)
class AutoPods:
    """Where pods of an Auto Mode node class come from (H6): None, where the class leaves that to the node."""

    subnets: KeySet | None = None
    groups: KeySet | None = None


@dataclass
class Scene:
    """What lowering interfaces needs and adds to.

    ``auto_pods`` has what makes Auto Mode nodes, with the pods of each of its node classes.
    """

    subnets: dict[str, Subnet]
    vpcs: dict[str, Vpc]
    clusters: dict[str, Cluster]
    groups: dict[str, GroupDraft]
    interfaces: list[Interface] = field(default_factory=list)
    node_groups: list[NodeGroup] = field(default_factory=list)
    pods: tuple[Interface, ...] = ()
    auto_pods: dict[str, list[AutoPods]] = field(default_factory=dict)

    @property
    def everyone(self) -> tuple[Interface, ...]:
        """Every interface, the pods' included."""
        return (*self.interfaces, *self.pods)


def lower_node_groups(run: Lowering, scene: Scene) -> None:
    """Managed node groups: template groups or the cluster group, beside the remote-access group (E5, E6)."""
    for resource in run.world.resources("aws_eks_node_group"):
        cluster = cluster_link(run, resource, scene.clusters)
        launches = launch_of(run, resource, fallback=True) or (Launch(),)
        remote = remote_access(run, resource, scene.groups)
        group = _managed_group(run, resource, cluster, launches, remote)
        scene.node_groups.append(group)
        default = cluster_groups(cluster, scene)
        shapes_in = Shapes(run, launches, default, remote.groups, family_of(cluster, scene))
        listener, note = of_managed(run, resource, group.ssh_key, launches)
        for subnet, certain, causes in landings(group.subnets, scene):
            scene.interfaces.append(
                Interface(
                    resource=group.resource,
                    kind="node_group",
                    subnet=subnet,
                    shapes=shapes_in.at(scene.subnets.get(subnet or "")),
                    cluster=cluster,
                    node=YES,
                    certain=certain,
                    listener_ssh=listener,
                    listener_note=note,
                    causes=causes,
                    location=resource.location,
                )
            )


def lower_control_planes(run: Lowering, scene: Scene) -> None:
    """The control plane's interfaces: one in every cluster subnet, with the additional groups (E3, E4)."""
    for cluster in list(scene.clusters.values()):
        groups = exactly(cluster.security_group).plus(cluster.additional_groups)
        ipv6 = {"ipv6": YES, "": Truth(None)}.get(cluster.ip_family, NO)
        shape = Shape(groups, NO, ipv6, origin=cluster.resource)
        for interface in _placed("control_plane", cluster.subnets, shape, Pointer((cluster.key,)), scene):
            scene.interfaces.append(replace(interface, location=cluster.location))


def lower_fargate(run: Lowering, scene: Scene) -> None:
    """Fargate pods: they carry the cluster group in the profile's subnets (E3)."""
    for resource in run.world.resources("aws_eks_fargate_profile"):
        cluster = cluster_link(run, resource, scene.clusters)
        family = family_of(cluster, scene)
        ipv6 = {"ipv6": YES, "": Truth(None)}.get(family, NO)
        shape = Shape(cluster_groups(cluster, scene), NO, ipv6, origin=resource.key)
        subnets = run.links(resource, "subnet", "subnet_ids")
        for interface in _placed("fargate", subnets, shape, cluster, scene):
            scene.interfaces.append(replace(interface, location=resource.location))


def landings(subnets: KeySet, scene: Scene) -> Iterator[tuple[str | None, bool, tuple[Cause, ...]]]:
    """(subnet key or None, whether surely there, why not) for every subnet something may land in."""
    for key in sorted(subnets.sure):
        yield key, True, ()
    for key in sorted(subnets.maybe):
        yield key, False, subnets.causes
    if subnets.open:
        yield None, False, subnets.causes


def one_per_subnet(interfaces: list[Interface]) -> Iterator[Interface]:
    """Interfaces of one creator merged: one per subnet, with the shapes of all (contract: target)."""
    by_subnet: dict[str | None, list[Interface]] = {}
    for interface in interfaces:
        by_subnet.setdefault(interface.subnet, []).append(interface)
    for group in by_subnet.values():
        first = group[0]
        # What only some of them may do is not sure for all their shapes.
        certain = all(one.certain for one in group)
        listeners = {(one.listener_ssh, one.listener_note) for one in group}
        listener, note = listeners.pop() if len(listeners) == 1 else (UNKNOWN, "")
        node = next((one.node for one in group if one.node != first.node), first.node)
        if node.value != first.node.value:
            node = Truth(None, (*first.node.causes, *node.causes))
        yield replace(
            first,
            shapes=tuple(dict.fromkeys(shape for one in group for shape in one.shapes)),
            node=node,
            certain=certain,
            causes=() if certain else tuple(dict.fromkeys(c for one in group for c in one.causes)),
            listener_ssh=listener,
            listener_note=note,
        )


def default_groups(subnet: Subnet | None) -> KeySet:
    """The VPC's default group, which is attached where none is named (A15, A25)."""
    if subnet is None or subnet.vpc.exact is None:
        causes = subnet.vpc.causes if subnet is not None else ()
        return KeySet(open=True, causes=causes)
    return exactly(f"{subnet.vpc.exact}#default_security_group")


@dataclass(frozen=True)
class Shapes:
    """The shapes that the nodes of one group take; ``beside`` are groups that EKS adds to each."""

    run: Lowering
    launches: tuple[Launch, ...]
    default: KeySet
    beside: KeySet
    family: str

    def at(self, subnet: Subnet | None) -> tuple[Shape, ...]:
        """The distinct shapes in one subnet."""
        made = (
            replace(s, groups=s.groups.plus(self.beside))
            for launch in self.launches
            for s in shapes_of(self.run, launch, subnet, self.default, self.family)
        )
        return tuple(dict.fromkeys(made))


def _managed_group(
    run: Lowering, resource: Resource, cluster: Pointer, launches: Iterable[Launch], remote: RemoteAccess
) -> NodeGroup:
    return NodeGroup(
        resource=resource.key,
        kind="managed",
        cluster=cluster,
        subnets=run.links(resource, "subnet", "subnet_ids"),
        ssh_key=ssh_key(launches, remote_key(resource)),
        remote_access=remote.present,
        remote_access_sources=remote.sources,
        windows=is_windows(resource),
        templates=template_names(launches),
        location=resource.location,
    )


def template_names(launches: Iterable[Launch]) -> KeySet:
    """The templates' addresses; open where one is not known."""
    sure: set[str] = set()
    maybe: set[str] = set()
    open_ = False
    for launch in launches:
        (maybe if launch.one_of else sure).update(
            one.name for one in launch.candidates if one.block is not None
        )
        open_ = open_ or any(one.block is None and not one.known for one in launch.candidates)
    return KeySet(frozenset(sure), frozenset(maybe - sure), open_)


def cluster_groups(cluster: Pointer, scene: Scene) -> KeySet:
    """The group that EKS made for the cluster, or for each that it may be."""
    keys = {scene.clusters[key].security_group for key in cluster.keys if key in scene.clusters}
    if cluster.exact:
        return KeySet(frozenset(keys))
    return KeySet(maybe=frozenset(keys), open=cluster.open, causes=cluster.causes)


def family_of(cluster: Pointer, scene: Scene) -> str:
    """The cluster's address family, empty where it is not known."""
    found = {scene.clusters[key].ip_family for key in cluster.keys if key in scene.clusters}
    return found.pop() if len(found) == 1 and not cluster.open else ""


def _placed(kind: str, subnets: KeySet, shape: Shape, cluster: Pointer, scene: Scene) -> Iterator[Interface]:
    """One interface of the shape in every subnet."""
    for subnet, certain, causes in landings(subnets, scene):
        yield Interface(shape.origin, kind, subnet, (shape,), cluster, NO, certain=certain, causes=causes)
