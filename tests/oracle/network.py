"""A world with its text parsed once, and with what AWS and EKS add by themselves.

Answers one question about one packet at a time: which route takes it, does a group or an ACL admit it?
"""

from __future__ import annotations

from .model import World
from .model_eks import GroupRule, SecurityGroup
from .model_network import Acl, AclEntry, RouteTable, Subnet
from .packets import CLIENT_PORTS, Cidr, Packet, cidr, protocol_number

ANYWHERE = ["0.0.0.0/0", "::/0"]
LOCAL = "local"


def network_of(world: World) -> Network:
    if "network" not in world.__dict__:
        world.__dict__["network"] = Network(world)
    return world.__dict__["network"]


class Network:
    def __init__(self, world: World) -> None:
        self.world = world
        self.subnets = {subnet.id: subnet for subnet in world.subnets}
        self.blocks = [
            (subnet, cidr(text))
            for subnet in world.subnets
            for text in (subnet.cidr, subnet.ipv6_cidr)
            if text
        ]
        self.vpc_blocks = {
            vpc.id: [cidr(text) for text in vpc.blocks(4) + vpc.blocks(6)] for vpc in world.vpcs
        }
        self.prefix_lists = {item.id: [cidr(text) for text in item.cidrs] for item in world.prefix_lists}
        self.rules = {group.id: self._rules_of(group) for group in world.groups}
        self.entries = {
            acl.id: _entries_of(acl, bool(world.vpc_by_id(acl.vpc_id).ipv6_cidr)) for acl in world.acls
        }
        self.acl_of = {subnet.id: _acl_of(world, subnet).id for subnet in world.subnets}
        self.routes = {table.id: self._routes_of(table) for table in world.tables}
        self.main_table = {vpc.id: _main_table_of(world, vpc.id) for vpc in world.vpcs}
        self.table_of = {
            subnet.id: _table_of(world, subnet) or self.main_table[subnet.vpc_id] for subnet in world.subnets
        }

    # Routing: longest prefix match (C1); the local route of each VPC block is always there (C2); a
    # static route beats a propagated one of the same destination (C5).
    def route(self, table_id: str, address: int, family: int) -> str | None:
        best, target = (-1, False), None
        for block, static, candidate in self.routes[table_id]:
            if block.family == family and block.holds(address) and (block.length, static) > best:
                best, target = (block.length, static), candidate
        return target

    def _routes_of(self, table: RouteTable) -> list[tuple[Cidr, bool, str]]:
        routes = [(block, True, LOCAL) for block in self.vpc_blocks[table.vpc_id]]
        for route in table.routes:
            if route.cidr is not None:
                routes.append((cidr(route.cidr), True, route.target))
            else:
                routes.extend((block, True, route.target) for block in self.prefix_lists[route.prefix_list])
        for gateway in self.world.vpn_gateways:
            named = table.id in [table_id for _, table_id in gateway.propagations]
            if gateway.vpc_id == table.vpc_id and (named or gateway.id in table.propagating):
                for connection in gateway.connections:
                    routes.extend((cidr(text), False, gateway.id) for _, text in connection.routes)
        return routes

    def is_attached_internet_gateway(self, target: str | None, vpc_id: str) -> bool:
        return any(
            gateway.id == target and gateway.kind == "internet" and gateway.vpc_id == vpc_id
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

    def subnet_holding(self, vpc_id: str, address: int, family: int) -> Subnet | None:
        for subnet, block in self.blocks:
            if subnet.vpc_id == vpc_id and block.family == family and block.holds(address):
                return subnet
        return None

    def vpc_holds(self, vpc_id: str, address: int, family: int) -> bool:
        return any(block.family == family and block.holds(address) for block in self.vpc_blocks[vpc_id])

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
            protocol = protocol_number(rule.protocol)
            parsed.append((rule.direction, protocol, rule.from_port, rule.to_port, blocks, members))
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


def _table_of(world: World, subnet: Subnet) -> str | None:
    for association in world.table_associations:
        if association.subnet_id == subnet.id:
            return association.table_id
    return None


def _main_table_of(world: World, vpc_id: str) -> str:
    tables = {table.id: table.vpc_id for table in world.tables}
    for association in world.table_associations:
        if association.subnet_id is None and tables[association.table_id] == vpc_id:
            return association.table_id
    return world.vpc_by_id(vpc_id).default_table_id
