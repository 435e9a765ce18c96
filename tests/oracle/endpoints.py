"""EC2 Instance Connect Endpoints (I12): a source node whose own inbound rules do not matter."""

from __future__ import annotations

from .addresses import addresses, block_samples, internet_samples, subnet_classes
from .delivery import Interface, acl_fault
from .model import World
from .model_services import ConnectEndpoint
from .network import network_of
from .packets import request_packet
from .verdicts import BLOCKED, between, of_every_case, strongest, weakest

ENDPOINT = "instance_connect_endpoint"
PORTS = (22, 3389)


def endpoints(world: World) -> list[ConnectEndpoint]:
    return world.endpoints


def ask_endpoint(
    world: World,
    endpoint: ConnectEndpoint,
    variants: list[Interface],
    family: int,
    protocol: str,
    port: int | None,
) -> str:
    """IPv4 and TCP only; to other ports than these two only with more than AWS's own tools."""
    if family != 4 or protocol != "tcp":
        return BLOCKED
    near = [variant for variant in variants if world.subnet(variant.subnet_id).vpc_id == endpoint.vpc_id]
    if not endpoint.preserves_client:
        found = strongest(_verdict(world, endpoint, variant, port, None) for variant in near)
        return found if port in PORTS else between(BLOCKED, found)
    # NOTE: the person at the other end may be anywhere: between the worst placed and the best placed. Whether
    # the list of the endpoint's subnet is read when packets keep their address, is not documented.
    clients = internet_samples(world, endpoint.vpc_id, 4)
    clients += block_samples(world, network_of(world).vpc_blocks[endpoint.vpc_id], 4)
    low, high = (
        [
            strongest(_verdict(world, endpoint, variant, port, each, strict) for variant in near)
            for each in clients
        ]
        for strict in (True, False)
    )
    return between(weakest(low) if port in PORTS else BLOCKED, strongest(high))


def _verdict(
    world: World,
    endpoint: ConnectEndpoint,
    target: Interface,
    port: int | None,
    client: int | None,
    strict: bool = True,
) -> str:
    return of_every_case(
        _is_delivered(
            world, endpoint, target, port, sender if client is None else client, destination, strict
        )
        for sender in subnet_classes(world, endpoint.subnet_id, 4)
        for destination in addresses(world, target, 4)
    )


def _is_delivered(
    world: World,
    endpoint: ConnectEndpoint,
    target: Interface,
    port: int | None,
    sender: int,
    destination: int,
    strict: bool,
) -> bool:
    network, groups = network_of(world), tuple(endpoint.groups)
    request = request_packet(4, "tcp", port)
    far = network.subnets[target.subnet_id]
    near = network.subnets[endpoint.subnet_id]
    if not strict and near is not far:
        near = None
    return (
        network.groups_admit(groups, "egress", destination, target.groups, 4, request)
        and network.groups_admit(target.groups, "ingress", sender, groups, 4, request)
        and acl_fault(network, near, far, sender, destination, 4, "tcp", port) == ""
    )
