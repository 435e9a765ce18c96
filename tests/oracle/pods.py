"""Pods as sources, by the way the VPC CNI gives them addresses (I1, I3, I5)."""

from __future__ import annotations

from collections.abc import Iterator

from .delivery import Interface
from .interfaces import Nodes, Party, all_nodes
from .model import World
from .network import network_of


def pods(world: World) -> Iterator[Party]:
    """One party per (resource, the pods' subnet); pods have the cluster's family only (D9)."""
    found: dict[tuple[str, str], Party] = {}
    for nodes in all_nodes(world):
        for party in _pods_of(world, nodes) if nodes.cluster else ():
            key = (party.resource, party.subnet)
            found[key] = _together(found[key], party) if key in found else party
    yield from found.values()


def _together(one: Party, other: Party) -> Party:
    """Nodes of two subnets of one zone give their pods addresses in the same subnet."""
    return Party(
        "pods",
        one.resource,
        one.subnet,
        one.variants + other.variants,
        perhaps=one.perhaps + other.perhaps,
        translated=one.translated + other.translated,
    )


def _pods_of(world: World, nodes: Nodes) -> Iterator[Party]:
    cni = world.pod_network(nodes.cluster)
    family = 6 if world.cluster(nodes.cluster).ip_family == "ipv6" else 4
    primaries = [item for item in nodes.primaries if family in item.families]
    if not primaries:
        return
    subnet, groups = nodes.subnet, ()
    if cni is not None and cni.custom_networking and family == 4:
        chosen = [item for item in cni.subnets if item.zone == subnet.zone]
        if not chosen:
            # Without an ENIConfig for the zone the CNI has no address to give.  NOTE: the contract may also
            # mean one made outside the inputs: then the pods' subnet is not known, and the answer `possible`.
            yield Party("pods", nodes.resource, None, ())
            return
        subnet, groups = world.subnet(chosen[0].subnet_id), tuple(chosen[0].groups)
    variants = [_in(subnet.id, groups or primary.groups, family) for primary in primaries]
    own = []
    if cni is not None and cni.pod_interfaces:
        own = [_in(subnet.id, tuple(policy.groups), family) for policy in cni.policies]
    # NOTE: I5 says private subnets; whether a policy takes effect in a public one is not said.
    doubtful = _is_public(world, nodes.subnet.id)
    yield Party(
        "pods",
        nodes.resource,
        subnet.address,
        tuple(variants if doubtful else variants + own),
        perhaps=tuple(own) if doubtful else (),
        translated=tuple(_in(nodes.subnet.id, item.groups, family) for item in primaries)
        if (own or subnet is not nodes.subnet) and family == 4
        else (),
    )


def _in(subnet_id: str, groups: tuple[str, ...], family: int) -> Interface:
    return Interface(subnet_id, groups, ((family, None),))


def _is_public(world: World, subnet_id: str) -> bool:
    network = network_of(world)
    routes = network.routes[network.table_of[subnet_id]]
    gateways = {gateway.id for gateway in world.gateways if gateway.kind == "internet"}
    return any(target in gateways for _, _, target in routes)
