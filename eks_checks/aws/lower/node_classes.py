"""Node classes of Karpenter and Auto Mode: nodes in every subnet they select, with all groups they select.

One interface per resource that holds node classes and subnet, one shape per node class (H1, H2, H5, H6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Pointer, Truth, pointer
from eks_checks.aws.lower import selectable
from eks_checks.aws.lower.auto_mode import SILENT, auto_mode
from eks_checks.aws.lower.cni import kubernetes_of
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.node_class import KARPENTER_CHART, NodeClass, node_classes
from eks_checks.aws.lower.nodes import AutoPods, Scene, cluster_groups, family_of, landings, one_per_subnet
from eks_checks.aws.lower.selectors import Selection
from eks_checks.aws.lower.sshd import Listener, of_family
from eks_checks.aws.lower.templates import flagged_by, subnet_addressing
from eks_checks.aws.lower.user_data import UserData, read_user_data
from eks_checks.aws.node_facts import WINDOWS
from eks_checks.aws.vpc import Subnet
from eks_checks.kubernetes.manifest import Contents, at
from eks_checks.terraform.value import Known, Value, alternatives, is_null, unknowns


def lower_node_classes(run: Lowering, scene: Scene) -> None:
    """Every node class of the inputs: the interfaces its nodes come up with."""
    found = kubernetes_of(run)
    made: dict[str, list[Interface]] = {}
    for node_class in node_classes(found):
        nodes = Nodes(run, scene, node_class, _cluster(run, scene, found, node_class))
        if nodes.node.possibly:
            made.setdefault(node_class.resource, []).extend(nodes.interfaces())
            scene.node_groups.append(nodes.as_group())
            if node_class.auto:
                scene.auto_pods.setdefault(node_class.resource, []).append(nodes.pods)
    for resource in sorted(made):
        scene.interfaces.extend(one_per_subnet(made[resource]))


@dataclass(frozen=True)
class Nodes:
    """The nodes of one node class of ``cluster``."""

    run: Lowering
    scene: Scene
    node_class: NodeClass
    cluster: Pointer

    @property
    def node(self) -> Truth:
        """Whether there are such nodes: an Auto Mode class makes none where Auto Mode is off."""
        one = self.node_class
        manifest = one.manifest
        causes = () if manifest.certain else (Cause(one.resource, manifest.attribute, "may not be there"),)
        if one.auto:
            clusters = self.run.by_key("aws_eks_cluster")
            modes = [auto_mode(self.run, clusters[key]) for key in self.cluster.keys if key in clusters]
            if modes and not self.cluster.open and not any(mode.possibly for mode in modes):
                return NO
            if len(modes) == 1 and modes[0].value is None:
                causes = (*causes, *modes[0].causes)
        return Truth(None, causes) if causes else YES

    @property
    def subnets(self) -> KeySet:
        """The subnets that the nodes may land in."""
        one = self.node_class
        if one.auto and one.subnets.unset and self.cluster.exact in self.scene.clusters:
            return self.scene.clusters[self.cluster.exact].subnets
        candidates = selectable.subnets(self.run, self.scene)
        return self._selection("subnet", self._at("subnetSelector")).chosen(
            one.subnets, candidates, closed=self._closed
        )

    @property
    def groups(self) -> KeySet:
        """The groups that all nodes carry: every one that is selected (H1)."""
        one = self.node_class
        if one.auto and one.groups.unset:
            own = cluster_groups(self.cluster, self.scene)
            why = Cause(one.resource, self._at("securityGroupSelectorTerms"), "none: EKS chooses the groups")
            return KeySet(maybe=own.candidates, open=True, causes=(why,))
        candidates = selectable.security_groups(self.run, self.scene)
        return self._selection("security_group", self._at("securityGroupSelector")).chosen(
            one.groups, candidates, closed=self._closed
        )

    @property
    def pods(self) -> AutoPods:
        """Where the pods of an Auto Mode class come from (H6)."""
        one = self.node_class
        subnets = groups = None
        if not one.pod_subnets.unset:
            chosen = self._selection("subnet", self._at("podSubnetSelector"))
            known = selectable.subnets(self.run, self.scene)
            subnets = chosen.chosen(one.pod_subnets, known, closed=self._closed)
        if not one.pod_groups.unset:
            chosen = self._selection("security_group", self._at("podSecurityGroupSelector"))
            known = selectable.security_groups(self.run, self.scene)
            groups = chosen.chosen(one.pod_groups, known, closed=self._closed)
        return AutoPods(subnets, groups)

    def interfaces(self) -> Iterator[Interface]:
        """One per subnet, of this node class alone."""
        one, groups = self.node_class, self.groups
        listener, note = self._listener
        for subnet, certain, causes in landings(self.subnets, self.scene):
            yield Interface(
                resource=one.resource,
                kind="node_class",
                subnet=subnet,
                shapes=(self._shape(groups, self.scene.subnets.get(subnet or "")),),
                cluster=self.cluster,
                node=self.node,
                certain=certain,
                listener_ssh=listener,
                listener_note=note,
                causes=causes,
                location=one.manifest.location,
            )

    def as_group(self) -> NodeGroup:
        """What checks ask of whatever creates nodes; Karpenter and Auto Mode give nodes no key pair."""
        return NodeGroup(
            resource=self.node_class.resource,
            kind="node_class",
            cluster=self.cluster,
            subnets=self.subnets,
            ssh_key=NO,
            remote_access=NO,
            remote_access_sources=KeySet(),
            windows=YES if self.node_class.family == WINDOWS else NO,
            templates=KeySet(),
            location=self.node_class.manifest.location,
            node=self.node,
        )

    def _shape(self, groups: KeySet, subnet: Subnet | None) -> Shape:
        one = self.node_class
        public, ipv6 = subnet_addressing(subnet, family_of(self.cluster, self.scene))
        origin, place = flagged_by(subnet)
        if not is_null(one.public):
            public, origin, place = self._flag(one.public), one.resource, one.manifest.location
        return Shape(
            groups,
            public,
            ipv6,
            origin=one.resource,
            public_origin=origin,
            groups_at=one.manifest.location,
            public_at=place,
        )

    def _flag(self, value: Value) -> Truth:
        if isinstance(value, Known):
            return YES if value.value in (True, "true") else NO
        reason = next((unknown.reason for unknown in unknowns(value)), "known after apply")
        return Truth(None, (Cause(self.node_class.resource, self._at("associatePublicIPAddress"), reason),))

    @property
    def _listener(self) -> Listener:
        one = self.node_class
        if one.auto:
            return NO, SILENT
        told = UserData()
        if not is_null(one.user_data):
            told = read_user_data(self.run, one.user_data, one.resource, self._at("userData"))
        return of_family(one.family, NO, told)

    @property
    def _closed(self) -> bool:
        """Whether the inputs hold all subnets and groups of the cluster's VPC."""
        clusters = self.scene.clusters
        vpcs = {clusters[key].vpc.exact for key in self.cluster.keys if key in clusters}
        known = all(vpc in self.scene.vpcs and self.scene.vpcs[vpc].managed for vpc in vpcs if vpc)
        return known and bool(vpcs) and None not in vpcs and not self.run.world.missing_modules

    def _selection(self, kind: str, attribute: str) -> Selection:
        cluster = self.scene.clusters.get(self.cluster.exact or "")
        vpc = cluster.vpc.exact if cluster is not None else None
        return Selection(self.run, kind, self.node_class.resource, attribute, vpc)

    def _at(self, name: str) -> str:
        return f"{self.node_class.manifest.attribute}.spec.{name}"


def _cluster(run: Lowering, scene: Scene, found: Contents, node_class: NodeClass) -> Pointer:
    """The cluster whose nodes they are: the one that Karpenter is set up for, else the only one."""
    named = [] if node_class.auto else list(_karpenters(run, found))
    if len(named) == 1 and named[0].exact:
        return named[0]
    clusters = scene.clusters
    if node_class.auto:
        resources = run.by_key("aws_eks_cluster")
        off = {key for key, one in resources.items() if not auto_mode(run, one).possibly}
        clusters = {key: one for key, one in clusters.items() if key not in off} or clusters
    if len(clusters) == 1:
        return Pointer(tuple(clusters))
    why = Cause(node_class.resource, node_class.manifest.attribute, "which cluster it is for is not told")
    return pointer(clusters, open_=not clusters, causes=(why,))


def _karpenters(run: Lowering, found: Contents) -> Iterator[Pointer]:
    """The clusters that Karpenter's releases name in their settings."""
    for release in found.releases:
        if release.chart != KARPENTER_CHART:
            continue
        for path in (("settings", "clusterName"), ("settings", "aws", "clusterName"), ("clusterName",)):
            value = at(release.values, *path)
            if isinstance(value, Known) and not value.value:
                continue
            named = run.identity.find(value, "cluster", release.resource, "values")
            if named.exact and all(not is_null(option) for option in alternatives(value)):
                yield named
                break
