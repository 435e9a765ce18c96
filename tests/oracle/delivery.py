"""One packet at a time: is this flow, between these two addresses, delivered and answered?

No sets, no cleverness: rules are read one by one in the order AWS reads them (facts M1-M4).
Addresses are integers; a CIDR is (network address, mask).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import NamedTuple

from .model import Acl, AclEntry, GroupRule, RouteTable, SecurityGroup, Subnet, World

NUMBERS = {"-1": None, "all": None, "tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
CLIENT_PORTS = (1024, 65535)
ANYWHERE = ["0.0.0.0/0", "::/0"]


class Cidr(NamedTuple):
    family: int
    base: int
    mask: int
    length: int

    def holds(self, address: int) -> bool:
        return address & self.mask == self.base


class Packet(NamedTuple):
    """For TCP and UDP `first` is the destination port; for ICMP the type, `code` its code."""

    protocol: int
    first: int
    code: int = 0


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
    """Who sends: a host on the internet, a known interface, or (neither) a plain host in the VPC."""

    address: int
    interface: Interface | None = None
    internet: bool = False


def integer(address: str | int) -> int:
    return address if isinstance(address, int) else int(ipaddress.ip_address(address))


def cidr(text: str) -> Cidr:
    block = ipaddress.ip_network(text, strict=False)  # host bits are cleared (B8)
    return Cidr(block.version, int(block.network_address), int(block.netmask), block.prefixlen)


def protocol_number(text: str) -> int | None:
    lowered = str(text).lower()
    return NUMBERS[lowered] if lowered in NUMBERS else int(lowered)


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
    if source.internet:
        if family == 4 and not target.public_ipv4:
            return "address"
        if network.internet_is_blocked(subnet):
            return "block_public_access"
        if not network.is_attached_internet_gateway(network.route(subnet, source.address, family)):
            return "route"
        source_subnet = None
    elif source.interface is not None:
        source_subnet = network.subnets[source.interface.subnet_id]
    else:
        source_subnet = network.subnet_holding(source.address, family)

    sender_groups: tuple[str, ...] = ()
    if source.interface is not None:
        sender_groups = source.interface.groups
        if not network.groups_admit(sender_groups, "egress", destination, target.groups, family, request):
            return "egress"
    if not network.groups_admit(target.groups, "ingress", source.address, sender_groups, family, request):
        return "security_group"

    if source_subnet is subnet:
        return ""  # B1: no NACL inside a subnet
    if source_subnet is not None and not network.acl_admits(
        source_subnet, True, destination, family, request
    ):
        return "nacl: request leaving the source's subnet"
    if not network.acl_admits(subnet, False, source.address, family, request):
        return "nacl: request entering the target's subnet"
    for reply in network.replies(family, protocol, subnet, source_subnet):
        if not network.acl_admits(subnet, True, source.address, family, reply):
            continue
        if source_subnet is None or network.acl_admits(source_subnet, False, destination, family, reply):
            return ""
    return "nacl: reply"


def request_packet(family: int, protocol: str, port: int | None) -> Packet:
    if protocol == "icmp":
        return Packet(1, 8) if family == 4 else Packet(58, 128)
    assert port is not None
    return Packet(6 if protocol == "tcp" else 17, port)


def network_of(world: World) -> Network:
    if "network" not in world.__dict__:
        world.__dict__["network"] = Network(world)
    return world.__dict__["network"]


class Network:
    """A world with its text parsed once, and with what AWS and EKS add by themselves."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.subnets = {subnet.id: subnet for subnet in world.subnets}
        self.blocks = [
            (subnet, cidr(text))
            for subnet in world.subnets
            for text in (subnet.cidr, subnet.ipv6_cidr)
            if text
        ]
        self.prefix_lists = {item.id: [cidr(text) for text in item.cidrs] for item in world.prefix_lists}
        self.rules = {group.id: self._rules_of(group) for group in world.groups}
        self.entries = {acl.id: _entries_of(acl, bool(world.vpc.ipv6_cidr)) for acl in world.acls}
        self.acl_of = {subnet.id: _acl_of(world, subnet).id for subnet in world.subnets}
        self.routes = {table.id: self._routes_of(table) for table in world.tables}
        self.table_of = {subnet.id: _table_of(world, subnet) for subnet in world.subnets}

    # Routing: longest prefix match (C1); the local route of each VPC block is always there (C2).
    def route(self, subnet: Subnet, address: int, family: int) -> str | None:
        best_length, best_target = -1, None
        for block, target in self.routes[self.table_of[subnet.id]]:
            if block.family == family and block.holds(address) and block.length > best_length:
                best_length, best_target = block.length, target
        return best_target

    def _routes_of(self, table: RouteTable) -> list[tuple[Cidr, str]]:
        vpc = self.world.vpc
        routes = [(cidr(text), "local") for text in vpc.blocks(4) + vpc.blocks(6)]
        for route in table.routes:
            if route.cidr is not None:
                routes.append((cidr(route.cidr), route.target))
            else:
                routes.extend((block, route.target) for block in self.prefix_lists[route.prefix_list])
        return routes

    def is_attached_internet_gateway(self, target: str | None) -> bool:
        return any(
            gateway.id == target and gateway.kind == "internet" and gateway.vpc_id == self.world.vpc.id
            for gateway in self.world.gateways
        )

    def internet_is_blocked(self, subnet: Subnet) -> bool:
        """C15: only an `allow-bidirectional` exclusion of the target's subnet or VPC lets flows in."""
        options = self.world.block_public_access
        if options is None or options.mode == "off":
            return False
        for _, _, mode, vpc_id, subnet_id in options.exclusions:
            if mode == "allow-bidirectional" and (subnet_id == subnet.id or vpc_id == subnet.vpc_id):
                return False
        return True

    def subnet_holding(self, address: int, family: int) -> Subnet | None:
        for subnet, block in self.blocks:
            if block.family == family and block.holds(address):
                return subnet
        return None

    # Security groups: any rule of any group admits (A1).
    def groups_admit(
        self,
        groups: tuple[str, ...],
        direction: str,
        peer: int,
        peer_groups: tuple[str, ...],
        family: int,
        packet: Packet,
    ) -> bool:
        for group in groups:
            for way, protocol, first, last, blocks, members in self.rules[group]:
                if way != direction or not _rule_covers(protocol, first, last, packet):
                    continue
                for block in blocks:
                    if block.family == family and block.holds(peer):
                        return True
                for member in peer_groups:
                    if member in members:
                        return True
        return False

    def _rules_of(self, group: SecurityGroup) -> list:
        parsed = []
        for rule in implicit_rules(self.world, group) + group.rules:
            blocks = [cidr(text) for text in rule.cidrs]
            for list_id in rule.prefix_lists:
                blocks.extend(self.prefix_lists[list_id])
            members = list(rule.groups) + ([group.id] if rule.own_members else [])
            parsed.append(
                (
                    rule.direction,
                    protocol_number(rule.protocol),
                    rule.from_port,
                    rule.to_port,
                    blocks,
                    members,
                )
            )
        return parsed

    # Network ACLs: first match decides (B2), nothing matches: deny (B3).
    def acl_admits(self, subnet: Subnet, egress: bool, far_end: int, family: int, packet: Packet) -> bool:
        for entry, block, protocol in self.entries[self.acl_of[subnet.id]]:
            if entry.egress != egress or block.family != family or not block.holds(far_end):
                continue
            if _entry_covers(entry, protocol, packet):
                return entry.allow
        return False

    def replies(self, family: int, protocol: str, *subnets: Subnet | None) -> list[Packet]:
        """One reply for every class of client ports that the lists of these subnets tell apart."""
        if protocol == "icmp":
            return [Packet(1, 0) if family == 4 else Packet(58, 129)]
        ports = set(CLIENT_PORTS)
        for subnet in subnets:
            for entry, _, _ in self.entries[self.acl_of[subnet.id]] if subnet else ():
                for edge in (entry.from_port, entry.to_port):
                    if edge is not None:
                        ports.update((edge - 1, edge, edge + 1))
        return [
            Packet(6 if protocol == "tcp" else 17, port)
            for port in sorted(ports)
            if CLIENT_PORTS[0] <= port <= CLIENT_PORTS[1]
        ]


def _rule_covers(protocol: int | None, first: int | None, last: int | None, packet: Packet) -> bool:
    """A16, A17."""
    if protocol is None:
        return True
    if protocol != packet.protocol:
        return False
    if protocol in (6, 17):
        return first <= packet.first <= last
    if protocol in (1, 58):
        return first in (None, -1, packet.first) and last in (None, -1, packet.code)
    return True


def _entry_covers(entry: AclEntry, protocol: int | None, packet: Packet) -> bool:
    """B11; an ICMP type or code left out means 0."""
    if protocol is None:
        return True
    if protocol != packet.protocol:
        return False
    if protocol in (6, 17):
        return entry.from_port <= packet.first <= entry.to_port
    if protocol in (1, 58):
        return (entry.icmp_type or 0) in (-1, packet.first) and (entry.icmp_code or 0) in (-1, packet.code)
    return True


def implicit_rules(world: World, group: SecurityGroup) -> list[GroupRule]:
    """What AWS or EKS puts into a group that no resource manages (A15, E1, E6)."""
    outward = GroupRule("egress", "-1", cidrs=ANYWHERE)
    if group.kind == "unmanaged_default":
        return [GroupRule("ingress", "-1", own_members=True), outward]
    if group.kind == "cluster":
        return [
            GroupRule("ingress", "-1", own_members=True),
            outward,
            GroupRule("egress", "-1", own_members=True),
        ]
    if group.kind == "remote_access":
        owner = next(item for item in world.node_groups if item.address == group.owner)
        port = 3389 if owner.ami_type.startswith("WINDOWS") else 22
        sources = owner.remote_access.source_groups
        return [
            GroupRule("ingress", "tcp", port, port, cidrs=[] if sources else ["0.0.0.0/0"], groups=sources),
            outward,
        ]
    return []


def _entries_of(acl: Acl, vpc_has_ipv6: bool) -> list[tuple[AclEntry, Cidr, int | None]]:
    entries = list(acl.entries)
    if acl.kind == "unmanaged":  # B6, B19
        for egress in (False, True):
            entries.append(AclEntry(egress, 100, True, "-1", "0.0.0.0/0"))
            if vpc_has_ipv6:
                entries.append(AclEntry(egress, 101, True, "-1", "::/0"))
    entries.sort(key=lambda entry: entry.number)
    return [(entry, cidr(entry.cidr), protocol_number(entry.protocol)) for entry in entries]


def _acl_of(world: World, subnet: Subnet) -> Acl:
    for acl in world.acls:
        if acl.kind == "custom" and (
            subnet.id in acl.subnet_ids or subnet.id in [item.subnet_id for item in acl.associations]
        ):
            return acl
    return next(acl for acl in world.acls if acl.kind != "custom" and acl.vpc_id == subnet.vpc_id)


def _table_of(world: World, subnet: Subnet) -> str:
    for association in world.table_associations:
        if association.subnet_id == subnet.id:
            return association.table_id
    for association in world.table_associations:
        if association.subnet_id is None:
            return association.table_id
    return world.vpc.default_table_id
