"""Which network interfaces nodes and instances get: subnet, groups, addresses; and the Party, one
resource's interfaces in one subnet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .delivery import Interface
from .model import World
from .model_eks import Instance, LaunchTemplate, NodeGroup
from .model_network import Subnet
from .packets import integer


@dataclass(frozen=True)
class Party:
    """scope: `interface`, `control_plane` or `pods`.  Several variants: several templates or interface
    blocks, of which the contract wants the most open answer; `primaries`: those with device index 0.
    Where facts and contract leave room: `optional`, the families of which it is open whether the party
    has an address; `perhaps`, variants of which it is open whether they exist; `translated`, how a pod
    may look to another VPC, under its node's address (I7).  subnet None: not to be told."""

    scope: str
    resource: str
    subnet: str | None
    variants: tuple[Interface, ...]
    is_node: bool = False
    is_single: bool = False
    optional: tuple[int, ...] = ()
    perhaps: tuple[Interface, ...] = ()
    translated: tuple[Interface, ...] = ()
    primaries: tuple[Interface, ...] = ()

    def families(self) -> list[int]:
        every = self.variants + self.perhaps
        return [family for family in (4, 6) if any(family in variant.families for variant in every)]


@dataclass(frozen=True)
class Nodes:
    """The nodes that one resource brings up in one subnet; one list of interfaces per template, the
    primary first.  cluster: the name, None: not an EKS node."""

    resource: str
    subnet: Subnet
    cluster: str | None
    templates: tuple[tuple[Interface, ...], ...]

    @property
    def primaries(self) -> tuple[Interface, ...]:
        return tuple(interfaces[0] for interfaces in self.templates)


def all_nodes(world: World) -> Iterator[Nodes]:
    for node_group in world.node_groups:
        for subnet_id in node_group.subnet_ids:
            subnet = world.subnet(subnet_id)
            interfaces = tuple(_managed(world, node_group, subnet))
            yield Nodes(node_group.address, subnet, node_group.cluster, (interfaces,))
    for group in world.scaling_groups:
        for subnet_id in group.subnet_ids:
            subnet = world.subnet(subnet_id)
            default = (world.vpc_by_id(subnet.vpc_id).default_group_id,)  # A25
            templates = tuple(
                tuple(_of_template(world.template(template_id), subnet, default))
                for template_id in group.template_ids
            )
            yield Nodes(group.address, subnet, group.cluster, templates)


def all_interfaces(world: World) -> Iterator[Party]:
    for nodes in all_nodes(world):
        variants = sum(nodes.templates, ())
        yield Party(
            "interface",
            nodes.resource,
            nodes.subnet.address,
            variants,
            is_node=nodes.cluster is not None,
            primaries=nodes.primaries,
        )
    for instance in world.instances:
        if instance.interface is None:  # else the aws_network_interface stands for it
            public = _has_public_address(world, instance)
            yield _single(world, instance.address, _fixed(instance, public))
    for item in world.interfaces:
        public = any(item.id == elastic.interface_id for elastic in world.elastic_ips) or any(
            holder.interface == item.address and _has_public_address(world, holder)
            for holder in world.instances
        )
        yield _single(world, item.address, _fixed(item, public))


def _single(world: World, resource: str, interface: Interface) -> Party:
    return Party(
        "interface",
        resource,
        world.subnet(interface.subnet_id).address,
        (interface,),
        is_single=True,
        primaries=(interface,),
    )


def _managed(world: World, node_group: NodeGroup, subnet: Subnet) -> list[Interface]:
    cluster = world.cluster(node_group.cluster)
    implicit = (cluster.group_id,)
    if node_group.remote_access is not None:  # E6: beside the cluster group, never with a template (E7)
        implicit += (node_group.remote_access.group_id,)
    if node_group.template_id is None:
        return [Interface(subnet.id, implicit, either_family(subnet.assign_ipv6), subnet.map_public)]
    return _of_template(world.template(node_group.template_id), subnet, implicit)


def _of_template(
    template: LaunchTemplate, subnet: Subnet, without_groups: tuple[str, ...]
) -> list[Interface]:
    """One interface per block, the node's primary one (device index 0) first (D8)."""
    if not template.interfaces:
        groups = tuple(template.groups) or without_groups
        return [Interface(subnet.id, groups, either_family(subnet.assign_ipv6), subnet.map_public)]
    variants = []
    for block in sorted(template.interfaces, key=lambda item: item.device_index or 0):
        # NOTE: D3: with more than one interface no public IPv4 is assigned, whatever the flags say.
        wanted = subnet.map_public if block.associate_public == "" else block.associate_public == "true"
        has_ipv6 = bool(subnet.ipv6_cidr) and (subnet.assign_ipv6 or bool(block.ipv6_address_count))
        groups = tuple(block.groups) or tuple(template.groups) or without_groups
        variants.append(
            Interface(subnet.id, groups, either_family(has_ipv6), wanted and len(template.interfaces) == 1)
        )
    return variants


def either_family(has_ipv6: bool) -> tuple:
    return ((4, None), (6, None)) if has_ipv6 else ((4, None),)


def _fixed(item, public: bool) -> Interface:
    addresses = ((4, integer(item.private_ip)),) + (((6, integer(item.ipv6)),) if item.ipv6 else ())
    return Interface(item.subnet_id, tuple(item.groups), addresses, public)


def _has_public_address(world: World, instance: Instance) -> bool:
    return instance.public_ip is not None or any(
        elastic.instance_id == instance.id for elastic in world.elastic_ips
    )
