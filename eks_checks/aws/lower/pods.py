"""Pods as interfaces: the subnets and groups with which they come, by the CNI's settings (section I).

Pods are sources, never targets. They are named by what makes their node; pods that share the node's own
address (``hostNetwork``) are the node's interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Truth
from eks_checks.aws.lower.cni import Cni, PodNetwork, cni_of, kubernetes_of
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.nodes import AutoPods, Scene, landings
from eks_checks.aws.lower.pod_placement import Placement, same_zone
from eks_checks.kubernetes.cni import replaces_cni

PODS = "pods"


def lower_pods(run: Lowering, scene: Scene) -> tuple[Interface, ...]:
    """The pods of every node interface, made once all nodes are known. Fargate pods are interfaces already;

    those that a SecurityGroupPolicy may select come with its groups as well.
    """
    cnis = cni_of(run, scene.clusters.values())
    made: dict[Interface, None] = {}
    for interface in scene.interfaces:
        if interface.node.possibly and any(shape.primary for shape in interface.shapes):
            pods = Pods(run, scene, cnis, interface)
            made.update(dict.fromkeys(pods.interfaces()))
        elif interface.kind == "fargate":
            made.update(dict.fromkeys(_fargate(cnis, interface)))
    _assume(run, scene, cnis)
    return tuple(made)


@dataclass(frozen=True)
class Pods:
    """The pods of one node interface."""

    run: Lowering
    scene: Scene
    cnis: dict[str, Cni]
    node: Interface

    def interfaces(self) -> Iterator[Interface]:
        """One for each subnet and set of groups with which they surely, or perhaps, come."""
        if self.node.resource in self.scene.auto_pods:
            yield from self._auto_mode(self.scene.auto_pods[self.node.resource])
            return
        for cni in self._cnis():
            sure = len(self._cnis()) == 1 and not self.node.cluster.open
            if cni is None:
                yield self._at(self.node.subnet, self._own(), sure=True)
                continue
            yield from self._of(cni, sure)

    def _cnis(self) -> list[Cni | None]:
        found: list[Cni | None] = [self.cnis[key] for key in self.node.cluster.keys if key in self.cnis]
        return found or [None]

    def _of(self, cni: Cni, sure: bool) -> Iterator[Interface]:
        place = Placement(self.run, self.scene, cni, self.node)
        custom = _custom_networking(cni, place.windows)
        causes = (*cni.causes, *place.windows.causes)
        if custom is not True:
            own = place.own_subnet
            yield self._at(
                self.node.subnet,
                self._own(),
                sure=sure and custom is False and own.surely,
                causes=(*causes, *own.causes),
            )
            yield from self._branches(place, self.node.subnet, sure=sure and custom is False)
            for subnet, why in place.tagged_subnets():
                yield self._at(subnet, self._own(), sure=False, causes=(*causes, *why))
        if custom is not False:
            for network, certain in place.networks():
                yield from self._custom(network, place, sure=sure and custom is True and certain)

    def _auto_mode(self, classes: list[AutoPods]) -> Iterator[Interface]:
        """Pods of Auto Mode, which knows no ENIConfig (H7): where the node class says, else as the node."""
        for pods in classes:
            shapes = self._own() if pods.groups is None else (self._shape(pods.groups),)
            if pods.subnets is None:
                yield self._at(self.node.subnet, shapes, sure=len(classes) == 1)
                continue
            for subnet, certain, causes in landings(pods.subnets, self.scene):
                if subnet is None or same_zone(self.scene, self.node.subnet, subnet):
                    yield self._at(subnet, shapes, sure=certain and len(classes) == 1, causes=causes)
        for cni in self._cnis():
            for _, policy in cni.policies if cni is not None else ():
                why = Cause(self.node.resource, "version", "whether Auto Mode gives pods groups is not known")
                shape = self._shape(policy.groups or KeySet())
                yield self._at(self.node.subnet, (shape,), sure=False, causes=(*policy.causes, why))

    def _custom(self, network: PodNetwork, place: Placement, *, sure: bool) -> Iterator[Interface]:
        shapes = self._own() if network.groups is None else (self._shape(network.groups),)
        causes = (*place.cni.causes, *network.causes)
        exact = network.subnet.exact
        places: tuple[str | None, ...] = network.subnet.keys
        if network.subnet.open or not places:
            places = (*places, None)
        for subnet in places:
            known = sure and subnet == exact and exact is not None
            yield self._at(subnet, shapes, sure=known, causes=(*causes, *place.causes))
            yield from self._branches(place, subnet, sure=known)

    def _branches(self, place: Placement, subnet: str | None, *, sure: bool) -> Iterator[Interface]:
        """Pods that SecurityGroupPolicies give branch interfaces, in the subnet of the others (I5).

        NOTE: both enforcing modes hold these groups against traffic to another host of the VPC (I6).
        """
        possible = place.branches
        if not possible.possibly:
            return
        for _, policy in place.cni.policies:
            groups = policy.groups or KeySet()
            known = sure and possible.surely and policy.certain
            causes = (*place.cni.causes, *possible.causes, *policy.causes)
            yield self._at(subnet, (self._shape(groups),), sure=known, causes=causes)
        if place.cni.hidden:
            # A text that is not read may be a policy with any groups.
            anything = KeySet(open=True, causes=place.cni.hidden)
            causes = (*place.cni.causes, *possible.causes, *place.cni.hidden)
            yield self._at(subnet, (self._shape(anything),), sure=False, causes=causes)

    def _own(self) -> tuple[Shape, ...]:
        """The groups of the node's primary interface, in each of its shapes (I1)."""
        shapes = (shape for shape in self.node.shapes if shape.primary)
        return tuple(dict.fromkeys(self._shape(shape.groups, shape) for shape in shapes))

    def _shape(self, groups: KeySet, node: Shape | None = None) -> Shape:
        origin = node.origin if node is not None else self.node.resource
        return Shape(groups, NO, YES, origin=origin, groups_at=node.groups_at if node is not None else None)

    def _at(
        self, subnet: str | None, shapes: tuple[Shape, ...], *, sure: bool, causes: Iterable[Cause] = ()
    ) -> Interface:
        node = self.node
        certain = sure and node.certain and node.node.surely
        doubts = () if certain else (*node.node.causes, *node.causes, *causes)
        if not certain and not doubts:
            doubts = (Cause(node.resource, "pods", "which network its pods get is not known"),)
        return Interface(
            resource=node.resource,
            kind=PODS,
            subnet=subnet,
            shapes=shapes,
            cluster=node.cluster,
            node=NO,
            many=node.many,
            certain=certain,
            causes=tuple(dict.fromkeys(doubts)),
            location=node.location,
        )


def _custom_networking(cni: Cni, windows: Truth) -> bool | None:
    """Whether the node's pods are in an ENIConfig's subnet: Windows has no custom networking (N)."""
    if windows.surely or cni.custom is not True:
        return False if windows.surely else cni.custom
    return None if windows.possibly else True


def _fargate(cnis: dict[str, Cni], pods: Interface) -> Iterator[Interface]:
    """Fargate pods with the groups of a policy instead of the cluster's (E3): they need no setting."""
    for key in pods.cluster.keys:
        for _, policy in cnis[key].policies if key in cnis else ():
            groups = policy.groups or KeySet()
            why = Cause(
                pods.resource, "selector", "whether a SecurityGroupPolicy selects its pods is not known"
            )
            shape = replace(pods.shapes[0], groups=groups)
            causes = (*pods.causes, *policy.causes, why)
            yield replace(pods, shapes=(shape,), certain=False, causes=causes)


def _assume(run: Lowering, scene: Scene, cnis: dict[str, Cni]) -> None:
    other = next((one for one in kubernetes_of(run).releases if replaces_cni(one)), None)
    for key, cluster in scene.clusters.items():
        if other is not None:
            words = f"pods come with their node's address or groups: {other.resource} installs another CNI"
            run.assume(cluster.resource, words, "I1")
        elif not cnis[key].configured:
            words = "pods share the node's interface groups and subnets (VPC CNI default)"
            run.assume(cluster.resource, words, "I1")
