"""Auto Mode's built-in node pools: nodes that EKS itself runs, of its default node class (H5, H6)."""

from __future__ import annotations

from eks_checks.aws.eks import Cluster, NodeGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, Cause, KeySet, Pointer, Truth, exactly
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.nodes import AutoPods, Scene, family_of, landings
from eks_checks.aws.lower.templates import flagged_by, subnet_addressing
from eks_checks.terraform.resource import Resource

SILENT = "Auto Mode nodes have no SSH server"
"""Why nothing listens on 22 of an Auto Mode node (H5)."""


def lower_auto_mode(run: Lowering, scene: Scene) -> None:
    """The built-in node pools of every cluster: one interface in each of the cluster's subnets."""
    for resource in run.world.resources("aws_eks_cluster"):
        cluster = scene.clusters.get(run.identity.key(resource))
        made = built_in_pools(run, resource)
        if cluster is not None and made.possibly:
            _pools(resource, cluster, made, scene)


def auto_mode(run: Lowering, cluster: Resource) -> Truth:
    """Whether the cluster runs in Auto Mode, as far as ``compute_config`` tells."""
    blocks = cluster.blocks("compute_config")
    if blocks.open is not None:
        unset = blocks.open.computed
        return NO if unset else Truth(None, (Cause(cluster.key, "compute_config", blocks.open.reason),))
    if not blocks.items:
        return NO
    return run.truth(blocks.items[0], "enabled")


def built_in_pools(run: Lowering, cluster: Resource) -> Truth:
    """Whether EKS makes nodes by itself: in Auto Mode, with any of its own node pools."""
    on = auto_mode(run, cluster)
    if not on.possibly:
        return NO
    pools = cluster.blocks("compute_config").items
    listed = [pool.members("node_pools") for pool in pools if not left_out(pool.value("node_pools"))]
    if pools and not any(each.items or each.maybe or each.open is not None for each in listed):
        return NO
    if any(each.items for each in listed):
        return on
    unclear = (Cause(cluster.key, "compute_config[0].node_pools", "whether it has any is not known"),)
    return Truth(None, (*on.causes, *(unclear if pools else ())))


def _pools(resource: Resource, cluster: Cluster, made: Truth, scene: Scene) -> None:
    own = Pointer((cluster.key,))
    # NOTE: the default node class names the cluster's subnets and the cluster security group by id (H6).
    groups = exactly(cluster.security_group)
    for subnet, certain, causes in landings(cluster.subnets, scene):
        where = scene.subnets.get(subnet or "")
        public, ipv6 = subnet_addressing(where, family_of(own, scene))
        origin, place = flagged_by(where)
        shape = Shape(
            groups,
            public,
            ipv6,
            origin=resource.key,
            public_origin=origin,
            public_at=place,
            groups_at=resource.located("compute_config"),
        )
        scene.interfaces.append(
            Interface(
                resource=resource.key,
                kind="node_class",
                subnet=subnet,
                shapes=(shape,),
                cluster=own,
                node=made,
                certain=certain,
                listener_ssh=NO,
                listener_note=SILENT,
                causes=causes,
                location=resource.located("compute_config"),
            )
        )
    scene.auto_pods[resource.key] = [AutoPods()]
    scene.node_groups.append(
        NodeGroup(
            resource=resource.key,
            kind="auto_mode",
            cluster=own,
            subnets=cluster.subnets,
            ssh_key=NO,
            remote_access=NO,
            remote_access_sources=KeySet(),
            windows=NO,
            templates=KeySet(),
            location=resource.location,
            node=made,
        )
    )
