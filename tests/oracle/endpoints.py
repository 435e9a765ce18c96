"""EC2 Instance Connect Endpoints (I12): a source node whose own inbound rules do not matter."""

from __future__ import annotations

from .addresses import addresses, block_samples, internet_samples, subnet_classes
from .crossing import Place, sees_groups
from .delivery import Interface, acl_fault, joined
from .model import World
from .model_services import ConnectEndpoint
from .network import network_of
from .packets import cidr, request_packet
from .verdicts import BLOCKED, POSSIBLE, between, of_every_case, strongest, weakest

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
    local = all(world.subnet(variant.subnet_id).vpc_id == endpoint.vpc_id for variant in variants)
    if not endpoint.preserves_client:
        found = strongest(_verdict(world, endpoint, variant, port, None) for variant in variants)
        if local:
            return found if port in PORTS else between(BLOCKED, found)
        # NOTE: whether an endpoint serves joined VPCs is not said where addresses are not kept (I12).
        return between(BLOCKED, strongest([found, POSSIBLE]))
    if not local:
        return BLOCKED
    # NOTE: the person at the other end may be anywhere: between the worst placed and the best placed. Whether
    # the list of the endpoint's subnet is read when packets keep their address, is not documented.
    clients = internet_samples(world, endpoint.vpc_id, 4)
    clients += block_samples(world, [cidr("0.0.0.0/0")], 4)
    low, high = (
        [
            strongest(_verdict(world, endpoint, variant, port, each, strict) for variant in variants)
            for each in clients
        ]
        for strict in (True, False)
    )
    worst = weakest([*low, POSSIBLE]) if port in PORTS else BLOCKED  # there are more places than samples
    return between(worst, strongest(high))


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
    near, far = network.subnets[endpoint.subnet_id], network.subnets[target.subnet_id]
    seen = {"egress": target.groups, "ingress": groups}
    if near.vpc_id != far.vpc_id:
        start, goal = Place(near.vpc_id, near), Place(far.vpc_id, far)
        path = joined(network, start, goal, sender, destination, 4, asymmetric=True)
        if path is None:
            return False
        for direction in seen:
            if not sees_groups(network, path, direction, near.vpc_id, far.vpc_id):
                seen[direction] = ()
    return (
        network.groups_admit(groups, "egress", destination, seen["egress"], 4, request)
        and network.groups_admit(target.groups, "ingress", sender, seen["ingress"], 4, request)
        and acl_fault(
            network, near if strict or near is far else None, far, sender, destination, 4, "tcp", port
        )
        == ""
    )
