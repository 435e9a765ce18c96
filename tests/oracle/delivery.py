"""One packet at a time: is this flow, between these two addresses, delivered and answered?

No sets, no cleverness: rules are read one by one in the order AWS reads them (facts M1-M4).
"""

from __future__ import annotations

from dataclasses import dataclass

from .crossing import Crossing, Place, crossing, sees_groups
from .model import World
from .model_network import Subnet
from .network import Network, network_of
from .packets import cidr, integer, request_packet


@dataclass(frozen=True)
class Interface:
    """One kind of network interface.  `addresses`: family to its fixed address, None where the inputs
    fix none; a family that is absent has no address at all."""

    subnet_id: str
    groups: tuple[str, ...]
    addresses: tuple[tuple[int, int | None], ...]
    public_ipv4: bool = False

    @property
    def families(self) -> dict[int, int | None]:
        return dict(self.addresses)


@dataclass(frozen=True)
class Source:
    """Who sends: a host on the internet, a known interface, a plain host of a VPC (None: the target's
    own) or one behind a VPN.  `via`: the connection asked about; None: whichever there is.
    `asymmetric`: the reply may take another connection than the request."""

    address: int
    interface: Interface | None = None
    internet: bool = False
    vpc_id: str | None = None
    vpn: bool = False
    via: str | None = None
    asymmetric: bool = False


def delivered(
    world: World,
    source: Source,
    target: Interface,
    target_address: str | int,
    family: int,
    protocol: str,
    port: int | None,
) -> bool:
    return blocked_at(world, source, target, target_address, family, protocol, port) == ""


def blocked_at(
    world: World,
    source: Source,
    target: Interface,
    target_address: str | int,
    family: int,
    protocol: str,
    port: int | None,
) -> str:
    """The first layer that stops the flow; "" when it is delivered and answered."""
    network = network_of(world)
    destination = integer(target_address)
    request = request_packet(family, protocol, port)
    subnet = network.subnets[target.subnet_id]
    start = _start(network, source, subnet.vpc_id, family)
    path = None
    if source.internet:
        if fault := _internet_fault(network, source, target, family):
            return fault
    elif source.vpn:
        connection = vpn_connection(network, subnet, source.address, family)
        if connection is None or source.via not in (None, connection):
            return "route"
    elif start.vpc_id != subnet.vpc_id:
        goal = Place(subnet.vpc_id, subnet)
        path = joined(network, start, goal, source.address, destination, family, source.asymmetric)
        if path is None or source.via not in (None, path.connection):
            return "route"

    sender_groups = source.interface.groups if source.interface else ()

    def seen(direction: str, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Of these groups at the other end, those that a rule here can name."""
        if path is None or sees_groups(network, path, direction, start.vpc_id, subnet.vpc_id):
            return groups
        return ()

    if source.interface is not None and not network.groups_admit(
        sender_groups, "egress", destination, seen("egress", target.groups), family, request
    ):
        return "egress"
    if not network.groups_admit(
        target.groups, "ingress", source.address, seen("ingress", sender_groups), family, request
    ):
        return "security_group"
    return acl_fault(network, start.subnet, subnet, source.address, destination, family, protocol, port)


def _start(network: Network, source: Source, target_vpc: str, family: int) -> Place:
    if source.internet or source.vpn:
        return Place("", None)
    if source.interface is not None:
        subnet = network.subnets[source.interface.subnet_id]
        return Place(subnet.vpc_id, subnet)
    vpc_id = source.vpc_id or target_vpc
    return Place(vpc_id, network.subnet_holding(vpc_id, source.address, family))


def _internet_fault(network: Network, source: Source, target: Interface, family: int) -> str:
    subnet = network.subnets[target.subnet_id]
    if family == 4 and not target.public_ipv4:
        return "address"
    if network.internet_is_blocked(subnet):
        return "block_public_access"
    route = network.route(network.table_of[subnet.id], source.address, family)
    return "" if network.is_attached_internet_gateway(route, subnet.vpc_id) else "route"


def joined(
    network: Network,
    start: Place,
    goal: Place,
    source: int,
    destination: int,
    family: int,
    asymmetric: bool = False,
) -> Crossing | None:
    """The connection that takes the request there and the reply back: routes on both sides (M2)."""
    there = crossing(network, start, goal.vpc_id, destination, family)
    back = crossing(network, goal, start.vpc_id, source, family)
    if there is None or back is None:
        return None
    return there if asymmetric or there == back else None


def vpn_connection(network: Network, subnet: Subnet, address: int, family: int) -> str | None:
    """The VPN connection behind which this address lies, as the subnet's table and then the VPN
    gateway's static routes lead there."""
    target = network.route(network.table_of[subnet.id], address, family)
    for gateway in network.world.vpn_gateways:
        if gateway.id != target or gateway.vpc_id != subnet.vpc_id:
            continue
        routes = [(cidr(text), item.id) for item in gateway.connections for _, text in item.routes]
        leading = [
            (block.length, id_) for block, id_ in routes if block.family == family and block.holds(address)
        ]
        return max(leading)[1] if leading else None
    return None


def acl_fault(
    network: Network,
    near: Subnet | None,
    far: Subnet,
    source: int,
    destination: int,
    family: int,
    protocol: str,
    port: int | None,
) -> str:
    """Of the four lists of two subnets (M3, B20) the first that stops the flow; None: no list there."""
    if near is far:
        return ""  # B1: no NACL inside a subnet
    request = request_packet(family, protocol, port)
    if near is not None and not network.acl_admits(near, True, destination, family, request):
        return "nacl: request leaving the source's subnet"
    if not network.acl_admits(far, False, source, family, request):
        return "nacl: request entering the target's subnet"
    for reply in network.replies(family, protocol, far, near):
        if not network.acl_admits(far, True, source, family, reply):
            continue
        if near is None or network.acl_admits(near, False, destination, family, reply):
            return ""
    return "nacl: reply"
