"""Which interfaces a world holds: the targets, and the known sources, each one per (resource, subnet)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .delivery import Interface, integer
from .model import Instance, LaunchTemplate, NodeGroup, Subnet, World


@dataclass(frozen=True)
class Party:
    """scope: `interface`, `control_plane` or `pods`.  Several variants: several templates or interface
    blocks, of which the contract wants the most open answer.  `optional` families: where facts and
    contract leave open whether the party has an address at all."""

    scope: str
    resource: str
    subnet: str
    variants: tuple[Interface, ...]
    is_node: bool = False
    is_single: bool = False
    optional: tuple[int, ...] = ()

    def families(self) -> list[int]:
        return [family for family in (4, 6) if any(family in variant.families for variant in self.variants)]


def targets(world: World, all_interfaces: bool = False) -> list[Party]:
    return [party for party in _interfaces(world) if party.is_node or all_interfaces]


def sources(world: World) -> list[Party]:
    return list(_interfaces(world)) + list(_pods(world)) + list(_control_planes(world))


def _interfaces(world: World) -> Iterator[Party]:
    for node_group in world.node_groups:
        for subnet_id in node_group.subnet_ids:
            subnet = world.subnet(subnet_id)
            yield Party(
                "interface",
                node_group.address,
                subnet.address,
                tuple(_managed_variants(world, node_group, subnet)),
                is_node=True,
            )
    for group in world.scaling_groups:
        for subnet_id in group.subnet_ids:
            subnet = world.subnet(subnet_id)
            variants = [
                variant
                for template_id in group.template_ids
                for variant in _template_variants(world, world.template(template_id), subnet)
            ]
            yield Party(
                "interface", group.address, subnet.address, tuple(variants), is_node=group.cluster is not None
            )
    for instance in world.instances:
        if instance.interface is None:  # else the aws_network_interface stands for it
            yield Party(
                "interface",
                instance.address,
                world.subnet(instance.subnet_id).address,
                (
                    _fixed(
                        instance.subnet_id,
                        instance.groups,
                        instance.private_ip,
                        instance.ipv6,
                        _has_public_address(world, instance),
                    ),
                ),
                is_single=True,
            )
    for item in world.interfaces:
        public = any(item.id == elastic.interface_id for elastic in world.elastic_ips) or any(
            holder.interface == item.address and _has_public_address(world, holder)
            for holder in world.instances
        )
        yield Party(
            "interface",
            item.address,
            world.subnet(item.subnet_id).address,
            (_fixed(item.subnet_id, item.groups, item.private_ip, item.ipv6, public),),
            is_single=True,
        )


def _pods(world: World) -> Iterator[Party]:
    """Pods have the cluster's family only (D9) and share the primary interface's groups (I1)."""
    for node_group in world.node_groups:
        for subnet_id in node_group.subnet_ids:
            subnet = world.subnet(subnet_id)
            primaries = _managed_variants(world, node_group, subnet)[:1]
            yield from _pod_party(world, node_group.address, subnet, primaries, node_group.cluster)
    for group in world.scaling_groups:
        for subnet_id in group.subnet_ids if group.cluster else ():
            subnet = world.subnet(subnet_id)
            primaries = [
                _template_variants(world, world.template(template_id), subnet)[0]
                for template_id in group.template_ids
            ]
            yield from _pod_party(world, group.address, subnet, primaries, group.cluster)


def _pod_party(
    world: World, resource: str, subnet: Subnet, primaries: list[Interface], cluster_name: str
) -> Iterator[Party]:
    family = 6 if world.cluster(cluster_name).ip_family == "ipv6" else 4
    variants = tuple(
        Interface(subnet.id, primary.groups, ((family, None),))
        for primary in primaries
        if family in primary.families
    )
    if variants:
        yield Party("pods", resource, subnet.address, variants)


def _control_planes(world: World) -> Iterator[Party]:
    """E3, E4: every subnet of the cluster is treated as holding a control-plane interface."""
    for cluster in world.clusters:
        for subnet_id in cluster.subnet_ids:
            subnet = world.subnet(subnet_id)
            has_ipv6 = bool(subnet.ipv6_cidr) and (cluster.ip_family == "ipv6" or subnet.assign_ipv6)
            groups = (cluster.group_id, *cluster.additional_groups)
            variant = Interface(subnet_id, groups, _addresses(has_ipv6))
            optional = (6,) if has_ipv6 and cluster.ip_family == "ipv4" else ()
            yield Party("control_plane", cluster.address, subnet.address, (variant,), optional=optional)


def _managed_variants(world: World, node_group: NodeGroup, subnet: Subnet) -> list[Interface]:
    cluster = world.cluster(node_group.cluster)
    implicit = (cluster.group_id,)
    if node_group.remote_access is not None:  # E6: beside the cluster group, never with a template (E7)
        implicit += (node_group.remote_access.group_id,)
    if node_group.template_id is None:
        return [Interface(subnet.id, implicit, _addresses(subnet.assign_ipv6), subnet.map_public)]
    return _template_variants(world, world.template(node_group.template_id), subnet, without_groups=implicit)


def _template_variants(
    world: World, template: LaunchTemplate, subnet: Subnet, without_groups: tuple[str, ...] | None = None
) -> list[Interface]:
    """One interface per block, the node's primary one (device index 0) first (D8)."""
    if without_groups is None:
        without_groups = (world.vpc.default_group_id,)  # A25
    if not template.interfaces:
        groups = tuple(template.groups) or without_groups
        return [Interface(subnet.id, groups, _addresses(subnet.assign_ipv6), subnet.map_public)]
    variants = []
    for block in sorted(template.interfaces, key=lambda item: item.device_index or 0):
        # NOTE: D3: with more than one interface no public IPv4 is assigned, whatever the flags say.
        wanted = subnet.map_public if block.associate_public == "" else block.associate_public == "true"
        has_ipv6 = bool(subnet.ipv6_cidr) and (subnet.assign_ipv6 or bool(block.ipv6_address_count))
        groups = tuple(block.groups) or tuple(template.groups) or without_groups
        variants.append(
            Interface(subnet.id, groups, _addresses(has_ipv6), wanted and len(template.interfaces) == 1)
        )
    return variants


def _addresses(has_ipv6: bool) -> tuple:
    return ((4, None), (6, None)) if has_ipv6 else ((4, None),)


def _fixed(subnet_id: str, groups: list[str], private_ip: str, ipv6: str | None, public: bool) -> Interface:
    addresses = ((4, integer(private_ip)),) + (((6, integer(ipv6)),) if ipv6 else ())
    return Interface(subnet_id, tuple(groups), addresses, public)


def _has_public_address(world: World, instance: Instance) -> bool:
    return instance.public_ip is not None or any(
        elastic.instance_id == instance.id for elastic in world.elastic_ips
    )
