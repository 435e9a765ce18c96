"""From Terraform resources to the estate: one file per family of objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from eks_checks.aws.estate import Coverage, Estate
from eks_checks.aws.firewall import PrefixList, SecurityGroup
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.acls import attach_network_acls, lower_network_acls
from eks_checks.aws.lower.auto_mode import lower_auto_mode
from eks_checks.aws.lower.autoscaling import lower_autoscaling_groups
from eks_checks.aws.lower.carriers import carried_elsewhere
from eks_checks.aws.lower.clusters import cluster_group, lower_clusters
from eks_checks.aws.lower.cni import kubernetes_of
from eks_checks.aws.lower.connections import assume_open_attachments, lower_connections
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.far_away import assume_hybrid_networks, far_away
from eks_checks.aws.lower.fleets import lower_fleets
from eks_checks.aws.lower.groups import (
    DEFAULT_GROUP,
    GroupDraft,
    add_separate_rules,
    external_group,
    lower_prefix_lists,
    managed_groups,
)
from eks_checks.aws.lower.handed import leave_open
from eks_checks.aws.lower.instances import lower_instances
from eks_checks.aws.lower.load_balancers import lower_balancing
from eks_checks.aws.lower.node_classes import lower_node_classes
from eks_checks.aws.lower.nodes import (
    Scene,
    lower_control_planes,
    lower_fargate,
    lower_node_groups,
)
from eks_checks.aws.lower.particulars import Read
from eks_checks.aws.lower.passive import lower_passive
from eks_checks.aws.lower.pod_policies import lower_pod_policies
from eks_checks.aws.lower.pods import lower_pods
from eks_checks.aws.lower.public_access import lower_block_public_access
from eks_checks.aws.lower.routes import attach_route_tables, lower_gateways, lower_route_tables
from eks_checks.aws.lower.services import lower_services
from eks_checks.aws.lower.unmodelled import unmodelled
from eks_checks.aws.lower.vpc import external_subnet, lower_subnets, lower_vpcs
from eks_checks.terraform.world import World


class Naming(Protocol):
    """What names subnets and security groups besides interfaces."""

    def subnets(self) -> frozenset[str]:
        """Subnet keys."""

    def security_groups(self) -> frozenset[str]:
        """Security group keys."""


def lower(world: World) -> Estate:
    """The estate that ``world`` describes, implicit objects included. Raises nothing for odd values:

    what cannot be resolved is open, and listed in ``coverage``.
    """
    run = Lowering(world)
    vpcs = lower_vpcs(run)
    subnets = lower_subnets(run, vpcs)
    gateways = lower_gateways(run, vpcs.values())
    lists = run.prefix_lists = lower_prefix_lists(run)
    scene = Scene(subnets, vpcs, lower_clusters(run, subnets), managed_groups(run, vpcs, lists))
    _lower_interfaces(run, scene)
    passive, uncertain = lower_passive(run, scene), _doubt(run, scene)
    scene.pods = tuple(sorted(lower_pods(run, scene), key=_order))
    balancing, joined = lower_balancing(run, scene), lower_connections(run, vpcs, scene.subnets)
    _outside(run, scene, balancing, joined)
    _complete_groups(run, scene, lists)
    groups = _groups(run, scene, passive, balancing, joined)
    acls, tables = lower_network_acls(run, vpcs), lower_route_tables(run, vpcs, gateways, joined)
    subnets = attach_network_acls(run, attach_route_tables(run, scene.subnets, tables, vpcs), acls)
    assume_open_attachments(run, joined, subnets, acls)
    return Estate(
        vpcs=dict(sorted(vpcs.items())),
        subnets=dict(sorted(subnets.items())),
        route_tables=tables,
        internet_gateways=gateways,
        network_acls=acls,
        security_groups=groups,
        prefix_lists=lists,
        interfaces=tuple(sorted(scene.interfaces, key=_order)),
        pods=scene.pods,
        pod_egress=lower_pod_policies(run, scene),
        clusters=dict(sorted(scene.clusters.items())),
        node_groups=tuple(sorted(scene.node_groups, key=lambda group: group.resource)),
        block_public_access=lower_block_public_access(run),
        coverage=_coverage(run, scene),
        carried_elsewhere=carried_elsewhere(run),
        previous=_previous(world),
        names=world.names,
        uncertain=uncertain,
        places=world.located,
        passive=passive,
        balancing=balancing,
        connections=joined,
        particulars=Read(run, scene.clusters, tuple(scene.node_groups), groups),
    )


def _complete_groups(run: Lowering, scene: Scene, lists: dict[str, PrefixList]) -> None:
    """Add the groups that EKS makes for clusters, and the rules of separate resources."""
    for cluster in scene.clusters.values():
        scene.groups.setdefault(cluster.security_group, cluster_group(run, cluster))
    add_separate_rules(run, scene.groups, lists)
    leave_open(run, "security_group", scene.groups, DEFAULT_GROUP)


def _previous(world: World) -> dict[str, str]:
    return {r.key: r.previous_key for r in world.resources() if r.previous_key is not None}


def _lower_interfaces(run: Lowering, scene: Scene) -> None:
    """Everything with an address: nodes of every kind, other hosts, the control plane."""
    lower_node_groups(run, scene)
    lower_auto_mode(run, scene)
    lower_node_classes(run, scene)
    lower_autoscaling_groups(run, scene)
    lower_fleets(run, scene)
    lower_instances(run, scene)
    lower_fargate(run, scene)
    lower_services(run, scene)
    lower_control_planes(run, scene)


def _doubt(run: Lowering, scene: Scene) -> dict[str, tuple[Cause, ...]]:
    """What a folder leaves open of instances: their interfaces are there perhaps, and then perhaps many."""
    unsure = {one.key: run.doubts(one) for one in run.world.resources() if one.uncertain is not None}
    for position, interface in enumerate(scene.interfaces):
        doubts = unsure.get(interface.resource, ())
        if doubts:
            causes = (*interface.causes, *doubts)
            scene.interfaces[position] = replace(interface, certain=False, many=True, causes=causes)
    for doubts in (*unsure.values(), *map(run.doubts, run.world.missing_modules)):
        run.unclear(doubts)
    return unsure


def _order(interface: Interface) -> tuple[str, str, str]:
    return (interface.resource, interface.subnet or "", interface.kind)


def _outside(run: Lowering, scene: Scene, *naming: Naming) -> None:
    """Subnets that interfaces, load balancers or VPNs name but no input holds are known by id only (K11)."""
    named = {interface.subnet for interface in scene.everyone if interface.subnet is not None}
    named.update(key for each in naming for key in each.subnets())
    for key in sorted(named - set(scene.subnets)):
        scene.subnets[key] = external_subnet(run, key)


def _groups(
    run: Lowering, scene: Scene, passive: tuple[Interface, ...], *naming: Naming
) -> dict[str, SecurityGroup]:
    drafts = scene.groups
    everyone = (*scene.everyone, *passive)
    named = {key for i in everyone for shape in i.shapes for key in shape.groups.candidates}
    named.update(key for each in naming for key in each.security_groups())
    for key in sorted(named | set(_referenced(drafts.values()))):
        if key not in drafts:
            drafts[key] = external_group(run, key)
    return {key: draft.finished() for key, draft in sorted(drafts.items())}


def _referenced(drafts: Iterable[GroupDraft]) -> Iterable[str]:
    for draft in drafts:
        for rule in (*draft.ingress, *draft.egress):
            if rule.group is not None:
                yield from rule.group.keys


def _coverage(run: Lowering, scene: Scene) -> Coverage:
    if not run.world.resources("aws_vpc_block_public_access_options") and scene.vpcs:
        run.assume("account", "VPC Block Public Access is off", "C15")
    kubernetes = kubernetes_of(run)
    run.unclear(Cause(note.resource, note.attribute, note.reason) for note in kubernetes.unread)
    unread = sorted((*unmodelled(run.world, kubernetes), *far_away(run)), key=lambda entry: entry.type)
    assume_hybrid_networks(run)
    return Coverage(tuple(unread), tuple(sorted(run.unresolved)), tuple(sorted(run.assumptions)))
