"""Which parties a world holds: the targets, and the known sources, each one per (resource, subnet)."""

from __future__ import annotations

from collections.abc import Iterator

from .delivery import Interface
from .interfaces import Party, all_interfaces, either_family
from .model import World
from .pods import pods

__all__ = ["Party", "sources", "targets"]


def targets(world: World, everything: bool = False) -> list[Party]:
    return [party for party in all_interfaces(world) if party.is_node or everything]


def sources(world: World) -> list[Party]:
    return [*all_interfaces(world), *pods(world), *_control_planes(world)]


def _control_planes(world: World) -> Iterator[Party]:
    """E3, E4: every subnet of the cluster is treated as holding a control-plane interface."""
    for cluster in world.clusters:
        for subnet_id in cluster.subnet_ids:
            subnet = world.subnet(subnet_id)
            has_ipv6 = bool(subnet.ipv6_cidr) and (cluster.ip_family == "ipv6" or subnet.assign_ipv6)
            groups = (cluster.group_id, *cluster.additional_groups)
            variant = Interface(subnet_id, groups, either_family(has_ipv6))
            optional = (6,) if has_ipv6 and cluster.ip_family == "ipv4" else ()
            yield Party("control_plane", cluster.address, subnet.address, (variant,), optional=optional)
