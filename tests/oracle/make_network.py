"""Random VPC, subnets, gateways, route tables and network ACLs."""

from __future__ import annotations

import ipaddress

from .model import World
from .model_network import (
    Acl,
    AclAssociation,
    AclEntry,
    BlockPublicAccess,
    CidrAssociation,
    ElasticIp,
    Gateway,
    PrefixList,
    Route,
    RouteTable,
    Subnet,
    TableAssociation,
    Vpc,
)
from .random_names import Maker

BLOCKS = (
    "10.0.0.0/16",
    "10.1.0.0/20",
    "172.16.0.0/16",
    "192.168.0.0/22",
    "10.20.0.0/21",
    "100.64.0.0/16",
    "54.240.0.0/20",
)
SECONDARY = ("100.70.0.0/20", "10.200.0.0/20", "172.31.0.0/22")
OUTSIDE = {
    4: (
        "54.0.0.0/8",
        "52.94.0.0/16",
        "18.0.0.0/9",
        "8.8.8.0/24",
        "8.8.8.8/32",
        "203.0.113.0/24",
        "198.51.100.7/32",
        "1.2.3.0/24",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "64.0.0.0/2",
        "223.255.255.0/24",
    ),
    6: (
        "2000::/3",
        "2600::/12",
        "2a00::/12",
        "2001:4860::/32",
        "2001:db8::/32",
        "2606:4700::/32",
        "2a00:1450::/29",
        "::/1",
        "2620:fe::fe/128",
    ),
}
EVERYWHERE = {4: "0.0.0.0/0", 6: "::/0"}
TCP_RANGES = (
    (22, 22),
    (22, 22),
    (0, 65535),
    (1, 22),
    (22, 80),
    (23, 65535),
    (0, 21),
    (443, 443),
    (0, 0),
    (20, 25),
    (10250, 10250),
    (1024, 65535),
    (80, 30000),
)
EPHEMERAL = (
    (1024, 65535),
    (32768, 60999),
    (49152, 65535),
    (1024, 32767),
    (1025, 1025),
    (65535, 65535),
    (0, 65535),
    (0, 1024),
    (30000, 40000),
)


class NetworkMaker:
    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.ipv6_cluster = maker.chance(0.3)  # then every subnet gives IPv6 addresses (D9)

    def make(self) -> World:
        vpc = self._vpc()
        self.world = World(self.maker.seed, [vpc])
        self._subnets(vpc)
        self._gateways(vpc)
        self._prefix_lists()
        self._tables(vpc)
        self._acls(vpc)
        self._block_public_access()
        return self.world

    def _vpc(self) -> Vpc:
        maker = self.maker
        table = maker.id("rtb")
        vpc = Vpc(
            maker.address("aws_vpc", "main"),
            maker.id("vpc"),
            maker.pick(BLOCKS, (6, 4, 3, 3, 3, 1, 0.5)),
            maker.id("sg"),
            maker.id("acl"),
            table,
            table,
        )
        if self.ipv6_cluster or maker.chance(0.45):
            vpc.ipv6_cidr = (
                f"2600:1f18:{maker.rng.getrandbits(12) + 4096:x}:{maker.rng.getrandbits(8) << 8:x}::/56"
            )
        if maker.chance(0.25):
            vpc.secondary.append(
                CidrAssociation(
                    maker.address("aws_vpc_ipv4_cidr_block_association", "extra"),
                    maker.id("vpc-cidr-assoc"),
                    maker.pick(SECONDARY),
                )
            )
        return vpc

    def _subnets(self, vpc: Vpc) -> None:
        maker, taken = self.maker, []
        numbers = maker.rng.sample(range(256), 5)
        while len(taken) < maker.rng.randint(2, 5):
            block = ipaddress.ip_network(maker.pick(vpc.blocks(4)))
            length = maker.pick((24, 25, 26, 27, 28), (4, 2, 3, 1, 2))
            # NOTE: few places, so that neighbours and shared halves are common.
            slots = min(8, 2 ** (length - block.prefixlen))
            base = int(block.network_address) + (maker.rng.randrange(slots) << (32 - length))
            candidate = ipaddress.ip_network((base, length))
            if any(candidate.overlaps(other) for other in taken):
                continue
            taken.append(candidate)
            subnet = Subnet(
                maker.address("aws_subnet", maker.pick(("private", "public", "nodes"))),
                maker.id("subnet"),
                vpc.id,
                str(candidate),
                f"eu-west-1{'abc'[len(taken) % 3]}",
            )
            subnet.map_public = maker.by_mood(0.96, 0.75, 0.4)
            if vpc.ipv6_cidr and (self.ipv6_cluster or maker.chance(0.75)):
                base6 = int(ipaddress.ip_network(vpc.ipv6_cidr).network_address)
                subnet.ipv6_cidr = str(ipaddress.IPv6Network((base6 + (numbers[len(taken) - 1] << 64), 64)))
                subnet.assign_ipv6 = self.ipv6_cluster or maker.chance(0.75)
            self.world.subnets.append(subnet)

    def _gateways(self, vpc: Vpc) -> None:
        maker, gateways = self.maker, self.world.gateways
        if maker.chance(0.96):
            gateway = Gateway(
                "internet", maker.address("aws_internet_gateway", "this"), maker.id("igw"), vpc.id
            )
            fate = maker.pick(("attached", "separately", "detached", "elsewhere"), (82, 12, 3, 3))
            if fate == "separately":
                gateway.attachment = maker.address("aws_internet_gateway_attachment", "this")
            elif fate == "detached":
                gateway.vpc_id = None
            elif fate == "elsewhere":
                table = maker.id("rtb")
                other = Vpc(
                    maker.address("aws_vpc", "other"),
                    maker.id("vpc"),
                    "10.99.0.0/16",
                    maker.id("sg"),
                    maker.id("acl"),
                    table,
                    table,
                )
                self.world.vpcs.append(other)
                gateway.vpc_id = other.id
            gateways.append(gateway)
        if maker.chance(0.5):
            nat = Gateway(
                "nat",
                maker.address("aws_nat_gateway", "this"),
                maker.id("nat"),
                vpc.id,
                maker.pick(self.world.subnets).id,
            )
            gateways.append(nat)
            self.world.elastic_ips.append(
                ElasticIp(
                    maker.address("aws_eip", "nat"), maker.id("eipalloc"), maker.public_ip(), nat_id=nat.id
                )
            )
        if vpc.ipv6_cidr and maker.chance(0.5):
            gateways.append(
                Gateway(
                    "egress_only",
                    maker.address("aws_egress_only_internet_gateway", "this"),
                    maker.id("eigw"),
                    vpc.id,
                )
            )

    def _prefix_lists(self) -> None:
        maker, world = self.maker, self.world
        for family in (4, 6):
            if maker.chance(0.3):
                pool = OUTSIDE[family] + tuple(
                    subnet.block(family) for subnet in world.subnets if subnet.block(family)
                )
                cidrs = sorted(set(maker.some(pool, 1, 3)))
                world.prefix_lists.append(
                    PrefixList(
                        maker.address("aws_ec2_managed_prefix_list", f"v{family}"),
                        maker.id("pl"),
                        family,
                        cidrs,
                    )
                )

    # --- routing -------------------------------------------------------------------------------------

    def _tables(self, vpc: Vpc) -> None:
        maker, world = self.maker, self.world
        main = RouteTable(maker.pick(("implicit", "default"), (6, 4)), vpc.default_table_id, vpc.id)
        if main.kind == "default":
            main.address = maker.address("aws_default_route_table", "main")
        world.tables.append(main)
        for _ in range(maker.pick((0, 1, 2, 3), (2, 5, 4, 1))):
            world.tables.append(
                RouteTable("custom", maker.id("rtb"), vpc.id, maker.address("aws_route_table", "rt"))
            )
        for table in world.tables:
            self._routes(table)
        custom = [table for table in world.tables if table.kind == "custom"]
        if custom and maker.chance(0.15):
            vpc.main_table_id = maker.pick(custom).id
            world.table_associations.append(
                TableAssociation(
                    maker.address("aws_main_route_table_association", "main"),
                    maker.id("rtbassoc"),
                    vpc.main_table_id,
                )
            )
        for subnet in world.subnets:
            if maker.chance(0.7):
                table = maker.pick(custom) if custom and maker.chance(0.9) else main
                world.table_associations.append(
                    TableAssociation(
                        maker.address("aws_route_table_association", "rta"),
                        maker.id("rtbassoc"),
                        table.id,
                        subnet.id,
                    )
                )

    def _routes(self, table: RouteTable) -> None:
        maker = self.maker
        separate = table.kind == "implicit" or maker.chance(0.5)
        used = set(self.world.vpc.blocks(4) + self.world.vpc.blocks(6))
        # NOTE: nothing inside the VPC: a route more specific than `local` is a special case (C2).
        lists = [item for item in self.world.prefix_lists if set(item.cidrs) <= set(OUTSIDE[item.family])]
        for family in (4, 6):
            if family == 6 and not self.world.vpc.ipv6_cidr:
                continue
            wanted = [EVERYWHERE[family]] if maker.by_mood(0.98, 0.93, 0.88) else []
            wanted += maker.some(OUTSIDE[family], 0, 3) if maker.chance(0.4) else []
            for destination in wanted:
                target = self._route_target(family, destination == EVERYWHERE[family])
                if target and destination not in used:
                    used.add(destination)
                    self._add_route(table, Route(target, cidr=destination), separate)
            for item in lists:
                target = self._route_target(family, False)
                if (
                    item.family == family
                    and target
                    and not used.intersection(item.cidrs)
                    and maker.chance(0.12)
                ):
                    used.update(item.cidrs)
                    self._add_route(table, Route(target, prefix_list=item.id), separate)

    def _route_target(self, family: int, is_default: bool) -> str | None:
        weights = {
            "internet": {"open": 30, "mixed": 8, "tight": 4}[self.maker.mood] if is_default else 3,
            "nat": 1.5 if family == 4 else 0.2,
            "egress_only": 0 if family == 4 else 1.5,
        }
        gateways = [gateway for gateway in self.world.gateways if weights[gateway.kind]]
        if not gateways:
            return None
        return self.maker.pick(gateways, [weights[gateway.kind] for gateway in gateways]).id

    def _add_route(self, table: RouteTable, route: Route, separate: bool) -> None:
        if separate:
            route.address = self.maker.address("aws_route", "to")
            route.id = f"r-{table.id}{self.maker.rng.getrandbits(31)}"
        table.routes.append(route)

    # --- network ACLs --------------------------------------------------------------------------------

    def _acls(self, vpc: Vpc) -> None:
        maker, world = self.maker, self.world
        default = Acl(maker.pick(("unmanaged", "default"), (7, 3)), vpc.default_acl_id, vpc.id)
        world.acls.append(default)
        if default.kind == "default":
            default.address = maker.address("aws_default_network_acl", "default")
            if maker.by_mood(0.95, 0.9, 0.7):
                self._entries(default, separate=False)
        elif maker.chance(0.15):  # B19: rules on top of 100 and 101
            for egress in (False, True):
                for number in maker.rng.sample((50, 99, 102, 300), 2):
                    self._add_entry(default, self._random_entry(egress, maker.pick((4, 6))), number, True)
        for _ in range(maker.pick((0, 1, 2), (3, 5, 3))):
            acl = Acl("custom", maker.id("acl"), vpc.id, maker.address("aws_network_acl", "acl"))
            if not maker.chance(0.05):
                self._entries(acl, separate=maker.chance(0.5))
            world.acls.append(acl)
        custom = [acl for acl in world.acls if acl.kind == "custom"]
        for subnet in world.subnets:
            if not custom or maker.chance(0.3):
                if default.kind == "default" and maker.chance(0.5):
                    default.subnet_ids.append(subnet.id)
                continue
            acl = maker.pick(custom)
            if acl.subnet_ids or (not acl.associations and maker.chance(0.6)):
                acl.subnet_ids.append(subnet.id)
            else:
                acl.associations.append(
                    AclAssociation(
                        maker.address("aws_network_acl_association", "aclassoc"),
                        maker.id("aclassoc"),
                        subnet.id,
                    )
                )

    def _entries(self, acl: Acl, separate: bool) -> None:
        maker = self.maker
        for egress in (False, True):
            entries = []
            if not egress and maker.chance(0.2):
                entries += self._bastion_pattern()
            if maker.by_mood(0.45, 0.8, 0.8):
                entries += [
                    self._random_entry(egress, maker.pick((4, 4, 6))) for _ in range(maker.rng.randint(1, 4))
                ]
            for family in (4, 6):
                if maker.by_mood(0.95, 0.75, 0.5):
                    entries.append(self._general_allow(egress, family))
            numbers = sorted(maker.rng.sample(range(1, 400), len(entries)))
            if maker.chance(0.25):
                maker.rng.shuffle(numbers)
            for entry, number in zip(entries, numbers, strict=False):
                self._add_entry(acl, entry, number, separate)

    def _bastion_pattern(self) -> list[AclEntry]:
        """B17, sometimes in the wrong order, sometimes without the IPv6 half."""
        maker = self.maker
        bastion = maker.pick(self.world.subnets)
        entries = [AclEntry(False, 0, True, "tcp", bastion.cidr, 22, 22)]
        if bastion.ipv6_cidr:
            entries.append(AclEntry(False, 0, True, "tcp", bastion.ipv6_cidr, 22, 22))
        entries.append(AclEntry(False, 0, False, "tcp", "0.0.0.0/0", 22, 22))
        if maker.chance(0.7):
            entries.append(AclEntry(False, 0, False, "6", "::/0", 22, 22))
        if maker.chance(0.3):
            entries.reverse()
        return entries

    def _general_allow(self, egress: bool, family: int) -> AclEntry:
        maker = self.maker
        if egress and maker.chance(0.35):
            low, high = maker.pick(EPHEMERAL, (6, 5, 3, 2, 1, 1, 3, 1, 2))
            return AclEntry(egress, 0, True, maker.pick(("tcp", "6")), EVERYWHERE[family], low, high)
        if maker.chance(0.2):
            low, high = maker.pick(TCP_RANGES)
            return AclEntry(egress, 0, True, maker.pick(("tcp", "6", "TCP")), EVERYWHERE[family], low, high)
        return AclEntry(egress, 0, True, maker.pick(("-1", "all", "-1")), EVERYWHERE[family])

    def _random_entry(self, egress: bool, family: int) -> AclEntry:
        maker = self.maker
        entry = AclEntry(egress, 0, maker.by_mood(0.55, 0.55, 0.45), "-1", self._acl_cidr(family))
        kind = maker.pick(("tcp", "all", "udp", "icmp", "other"), (60, 15, 12, 8, 5))
        if kind == "tcp":
            entry.protocol = maker.pick(("tcp", "6"))
            entry.from_port, entry.to_port = maker.pick(TCP_RANGES + EPHEMERAL)
        elif kind == "udp":
            entry.protocol = maker.pick(("udp", "17"))
            entry.from_port, entry.to_port = maker.pick(((22, 22), (53, 53), (0, 65535), (1024, 65535)))
        elif kind == "icmp":
            entry.protocol = maker.pick(("icmp", "1")) if family == 4 else maker.pick(("icmpv6", "58"))
            entry.icmp_type = maker.pick((-1, 0, 8, 128, 129, None))
            entry.icmp_code = maker.pick((-1, 0, None)) if entry.icmp_type is not None else None
        elif kind == "other":
            entry.protocol = maker.pick(("47", "50"))
        return entry

    def _acl_cidr(self, family: int) -> str:
        maker, world = self.maker, self.world
        own = [subnet.block(family) for subnet in world.subnets if subnet.block(family)]
        kind = maker.pick(("everywhere", "outside", "subnet", "vpc"), (40, 20, 30, 10))
        if kind == "outside" or (kind in ("subnet", "vpc") and not own):
            return maker.pick(OUTSIDE[family])
        if kind == "subnet":
            block = maker.part_of(maker.pick(own))
            return (
                block.replace(".0/24", ".9/24") if maker.chance(0.1) else block
            )  # B8: host bits are cleared
        return maker.pick(world.vpc.blocks(family)) if kind == "vpc" else EVERYWHERE[family]

    def _add_entry(self, acl: Acl, entry: AclEntry, number: int, separate: bool) -> None:
        entry.number = number
        if separate:
            entry.address = self.maker.address("aws_network_acl_rule", "rule")
            entry.id = f"nacl-{self.maker.rng.getrandbits(31)}"
        acl.entries.append(entry)

    def _block_public_access(self) -> None:
        maker, world = self.maker, self.world
        if not maker.chance(0.08):
            return
        mode = maker.pick(("off", "block-ingress", "block-bidirectional"), (3, 3, 2))
        options = BlockPublicAccess(maker.address("aws_vpc_block_public_access_options", "this"), mode)
        if maker.chance(0.5):
            whole = maker.chance(0.3)
            options.exclusions.append(
                (
                    maker.address("aws_vpc_block_public_access_exclusion", "this"),
                    maker.id("vpcbpa-exclude"),
                    maker.pick(("allow-bidirectional", "allow-egress"), (7, 3)),
                    world.vpc.id if whole else None,
                    None if whole else maker.pick(world.subnets).id,
                )
            )
        world.block_public_access = options
