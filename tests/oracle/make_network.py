"""Random VPC, subnets, gateways, prefix lists; route tables and network ACLs by their own makers."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from .make_acls import AclsMaker
from .make_blocks import BLOCKS, NEIGHBOURS, OUTSIDE, SECONDARY
from .make_tables import TablesMaker
from .model import World
from .model_network import (
    BlockPublicAccess,
    CidrAssociation,
    ElasticIp,
    Gateway,
    PrefixList,
    RouteTable,
    Subnet,
    Vpc,
)
from .random_names import Maker


class NetworkMaker:
    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.ipv6_cluster = maker.chance(0.3)  # then every subnet gives IPv6 addresses (D9)

    def make(self) -> World:
        vpc = self._vpc(BLOCKS, (6, 4, 3, 3, 3, 1, 0.5))
        self.world = World(self.maker.seed, [vpc])
        self._subnets(vpc)
        gateways = self._gateways(vpc, ("attached", "separately", "detached", "elsewhere"))
        self._prefix_lists()
        self._tables_and_acls(vpc, gateways)
        self._block_public_access()
        return self.world

    def add_neighbour(self, world: World) -> Vpc:
        """Another VPC, whose blocks overlap no other."""
        self.world = world
        taken = [vpc.cidr for vpc in world.vpcs]
        vpc = self._vpc([block for block in NEIGHBOURS if block not in taken])
        vpc.secondary = []
        world.vpcs.append(vpc)
        self._subnets(vpc)
        self._tables_and_acls(vpc, self._gateways(vpc, ("attached", "separately")))
        return vpc

    def _tables_and_acls(self, vpc: Vpc, gateways: list[Gateway]) -> None:
        TablesMaker(self.maker, self.world, vpc, gateways).make()
        AclsMaker(self.maker, self.world, vpc).make()

    def _vpc(self, blocks: Sequence[str], weights: Sequence[float] | None = None) -> Vpc:
        maker = self.maker
        table = maker.id("rtb")
        vpc = Vpc(
            maker.address("aws_vpc", "main"),
            maker.id("vpc"),
            maker.pick(blocks, weights),
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

    def _gateways(self, vpc: Vpc, fates: tuple[str, ...]) -> list[Gateway]:
        maker = self.maker
        gateways: list[Gateway] = []
        if maker.chance(0.96):
            gateway = Gateway(
                "internet", maker.address("aws_internet_gateway", "this"), maker.id("igw"), vpc.id
            )
            fate = maker.pick(fates, (82, 12, 3, 3)[: len(fates)])
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
                self.world.tables.append(RouteTable("implicit", table, other.id))
                gateway.vpc_id = other.id
            gateways.append(gateway)
        if maker.chance(0.5):
            nat = Gateway(
                "nat",
                maker.address("aws_nat_gateway", "this"),
                maker.id("nat"),
                vpc.id,
                maker.pick(self.world.subnets_of(vpc)).id,
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
        self.world.gateways += gateways
        return gateways

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
