"""Through a load balancer (M8): from a client to a listener, on to a target, and the way back.

The answer is the best of a client's choices (listener, balancer's subnet) and of the targets, for every
or some address that the balancer and the target may have in their subnets.
"""

from __future__ import annotations

from collections.abc import Iterator

from .addresses import addresses, is_global, subnet_classes
from .delivery import Interface, acl_fault
from .interfaces import Party
from .model import World
from .model_network import Subnet
from .model_services import Listener, LoadBalancer, TargetGroup
from .network import Network, network_of
from .packets import cidr, integer, request_packet
from .verdicts import BLOCKED, POSSIBLE, between, of_every_case, strongest

CARRIES = {
    "HTTP": ("tcp",),
    "HTTPS": ("tcp",),
    "TCP": ("tcp",),
    "TLS": ("tcp",),
    "UDP": ("udp",),
    "TCP_UDP": ("tcp", "udp"),
}


def balancers_for(world: World, vpc_id: str, family: int) -> list[LoadBalancer]:
    """Those of these worlds are IPv4 only, and their targets are in their own VPC."""
    return [item for item in world.balancers if item.vpc_id == vpc_id] if family == 4 else []


def counts_as_client(world: World, balancer: LoadBalancer, address: int) -> bool:
    """NOTE: the contract does not say whether hosts of the VPC are clients of a balancer that faces the
    internet, nor whether those beyond a peering, transit gateway or VPN are clients of one. Such networks may
    have global addresses: where a route of the balancer's leads there."""
    network = network_of(world)
    in_vpc = network.vpc_holds(balancer.vpc_id, address, 4)
    if balancer.internal:
        connected = world.peerings or world.transit_gateways or world.vpn_gateways
        return in_vpc or (is_global(address, 4) and not connected)
    ways = {network.route(network.table_of[subnet_id], address, 4) for subnet_id in balancer.subnet_ids}
    beyond = any(way is not None and way.startswith(("pcx-", "tgw-", "vgw-")) for way in ways)
    return is_global(address, 4) and not in_vpc and not beyond


def ask_balancer(
    world: World, balancer: LoadBalancer, target: Party, client: int, protocol: str, port: int | None
) -> str:
    if not counts_as_client(world, balancer, client):
        return BLOCKED
    network = network_of(world)
    readings = [
        strongest(
            _verdict(network, balancer, listener, group, subnet, interface, client, protocol, port, strict)
            for listener, group in _ways(world, balancer, protocol)
            for interface in _registered(world, group, target, port)
            for subnet in (network.subnets[subnet_id] for subnet_id in balancer.subnet_ids)
        )
        # NOTE: whether the list of the balancer's subnet is read on the way to the target, when packets
        # keep the client's address, is not documented.
        for strict in (True, False)
    ]
    low, high = readings
    if _may_be_registered(world, balancer, target, protocol, port):
        # NOTE: by the contract a node's address is any of its subnet, so it may be one that is registered.
        high = strongest([high, POSSIBLE])
    if _admits_members(network, balancer) and network.vpc_holds(balancer.vpc_id, client, 4):
        # NOTE: a member of a group that the balancer admits may have the address.
        high = strongest([high, POSSIBLE])
    zones = {network.subnets[subnet_id].zone for subnet_id in balancer.subnet_ids}
    if world.subnet(target.variants[0].subnet_id).zone not in zones:
        # NOTE: AWS sends nothing to targets in a zone that is not enabled; the facts do not say so.
        low = BLOCKED
    return between(low, high)


def _admits_members(network: Network, balancer: LoadBalancer) -> bool:
    rules = (rule for group_id in balancer.groups for rule in network.rules[group_id])
    return any(way == "ingress" and members for way, _, _, _, _, members in rules)


def _may_be_registered(
    world: World, balancer: LoadBalancer, target: Party, protocol: str, port: int | None
) -> bool:
    block = cidr(world.subnet(target.variants[0].subnet_id).cidr)
    return not target.is_single and any(
        item.kind == "ip" and (item.port or group.port) == port and block.holds(integer(item.name))
        for _, group in _ways(world, balancer, protocol)
        for item in group.targets
    )


def _ways(world: World, balancer: LoadBalancer, protocol: str) -> Iterator[tuple[Listener, TargetGroup]]:
    for listener in balancer.listeners:
        group = world.target_group(listener.target_group_arn)
        if protocol in CARRIES[listener.protocol] and protocol in CARRIES[group.protocol]:
            yield listener, group


def _registered(world: World, group: TargetGroup, target: Party, port: int | None) -> Iterator[Interface]:
    """The target's primary interfaces, where the group sends to this port of it."""
    for item in group.targets:
        if (item.port or group.port) == port and (item.kind, item.name) in names_of(world, target.resource):
            yield from target.primaries


def leads_to(world: World, balancer: LoadBalancer, target: Party, protocol: str, port: int | None) -> bool:
    return any(any(_registered(world, group, target, port)) for _, group in _ways(world, balancer, protocol))


def names_of(world: World, resource: str) -> set[tuple[str, str]]:
    """By what a target group can name the interface that this resource stands for."""
    names = {("group", f"eks-{item.name}") for item in world.node_groups if item.address == resource}
    names |= {("group", item.name) for item in world.scaling_groups if item.address == resource}
    for instance in world.instances:
        if resource in (instance.address, instance.interface) and resource != "":
            names |= {("instance", instance.id), ("ip", instance.private_ip)}
    return names | {("ip", item.private_ip) for item in world.interfaces if item.address == resource}


def _verdict(
    network: Network,
    balancer: LoadBalancer,
    listener: Listener,
    group: TargetGroup,
    subnet: Subnet,
    target: Interface,
    client: int,
    protocol: str,
    port: int | None,
    strict: bool,
) -> str:
    sees_client = preserves_client(balancer, group)
    unread = sees_client and not strict
    return of_every_case(
        _client_arrives(network, balancer, listener, subnet, address, client, protocol)
        and _target_answers(
            network,
            balancer,
            None if unread and subnet.id != target.subnet_id else subnet,
            target,
            destination,
            client if sees_client else address,
            protocol,
            port,
        )
        for address in subnet_classes(network.world, subnet.id, 4)
        for destination in addresses(network.world, target, 4)
    )


def preserves_client(balancer: LoadBalancer, group: TargetGroup) -> bool:
    """On for instances; for addresses off with TCP and TLS, always on with UDP."""
    if balancer.kind == "application":
        return False
    if "UDP" in group.protocol:
        return True
    if group.preserves_client is not None:
        return group.preserves_client
    return group.target_type == "instance"


def _client_arrives(
    network: Network,
    balancer: LoadBalancer,
    listener: Listener,
    subnet: Subnet,
    address: int,
    client: int,
    protocol: str,
) -> bool:
    request = request_packet(4, protocol, listener.port)
    origin = None
    if network.vpc_holds(balancer.vpc_id, client, 4):
        origin = network.subnet_holding(balancer.vpc_id, client, 4)
    else:
        route = network.route(network.table_of[subnet.id], client, 4)
        if balancer.internal or network.internet_is_blocked(subnet):
            return False
        if not network.is_attached_internet_gateway(route, subnet.vpc_id):
            return False
    groups = tuple(balancer.groups)
    if groups and not network.groups_admit(groups, "ingress", client, (), 4, request):
        return False
    return acl_fault(network, origin, subnet, client, address, 4, protocol, listener.port) == ""


def _target_answers(
    network: Network,
    balancer: LoadBalancer,
    near: Subnet | None,
    target: Interface,
    destination: int,
    sender: int,
    protocol: str,
    port: int | None,
) -> bool:
    """NOTE: a rule that names the balancer's group admits what it sends, even under a client's address."""
    request, groups = request_packet(4, protocol, port), tuple(balancer.groups)
    if groups and not network.groups_admit(groups, "egress", destination, target.groups, 4, request):
        return False
    if not network.groups_admit(target.groups, "ingress", sender, groups, 4, request):
        return False
    far = network.subnets[target.subnet_id]
    return acl_fault(network, near, far, sender, destination, 4, protocol, port) == ""
