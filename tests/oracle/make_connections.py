"""Random neighbours of the VPC, and what joins them: peering, a transit gateway, a VPN."""

from __future__ import annotations

from collections import defaultdict

from .make_blocks import EVERYWHERE, OUTSIDE_AWS
from .make_eks import EksMaker
from .make_network import NetworkMaker
from .make_transit import TransitMaker
from .model import World
from .model_connections import Peering, VpnConnection, VpnGateway
from .model_network import AclEntry, Route, RouteTable, Vpc
from .random_names import Maker


class ConnectionsMaker:
    """`far`: by VPC id and family, the blocks that its connections lead to.  `only`: groups that admit
    nobody but members of one group of another VPC."""

    def __init__(self, maker: Maker, world: World) -> None:
        self.maker, self.world = maker, world
        self.far: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.only: dict[str, str] = {}

    def make(self, network: NetworkMaker) -> None:
        maker, features = self.maker, self.maker.features
        neighbours = []
        if features & {"peering", "transit"}:
            for _ in range(maker.pick((1, 2), (75, 25))):
                neighbours.append(network.add_neighbour(self.world))
                EksMaker(maker, self.world, neighbours[-1]).make_neighbour()
        vpcs = [self.world.vpc, *neighbours]
        if "peering" in features:
            self._peering(vpcs[0], vpcs[1])
            if len(vpcs) > 2:
                self._chain(*vpcs)
        if "transit" in features:
            self._transit(vpcs)
        if "vpn" in features:
            self._vpn(maker.pick(vpcs))
        if neighbours:
            self._acl_entries()
            self._exclude(neighbours)
            self._name_each_others_groups(vpcs[0], vpcs[1])

    # --- VPC to VPC --------------------------------------------------------------------------------------

    def _peering(self, one: Vpc, other: Vpc) -> None:
        maker = self.maker
        peering = Peering(
            maker.address("aws_vpc_peering_connection", "peer"), maker.id("pcx"), one.id, other.id
        )
        kind = maker.pick(("auto", "accepter", "pending"), (5, 4, 1))
        if kind == "accepter":
            peering.accepter = maker.address("aws_vpc_peering_connection_accepter", "peer")
        elif kind == "pending":
            peering.status = "pending-acceptance"
        self.world.peerings.append(peering)
        for near, far in ((one, other), (other, one)):
            self._lead(near, far, peering.id)

    def _chain(self, one: Vpc, middle: Vpc, other: Vpc) -> None:
        """The routes would lead through the middle, which a peering does not allow (C10)."""
        self._peering(middle, other)
        if self.maker.chance(0.7):
            first, second = self.world.peerings
            self._lead(one, other, first.id)
            self._lead(other, one, second.id)

    def _transit(self, vpcs: list[Vpc]) -> None:
        gateway = TransitMaker(self.maker, self.world).make(vpcs)
        attached = [vpc for vpc in vpcs if gateway.attachment_of(vpc.id)]
        for near in attached:
            for far in vpcs:
                if far is not near and not (self.world.peerings and self.maker.chance(0.4)):
                    self._lead(near, far, gateway.id)

    def _lead(self, near: Vpc, far: Vpc, target: str) -> None:
        """Routes to the far VPC in the near one's tables: mostly in all, mostly to all of it."""
        maker = self.maker
        for family in (4, 6):
            blocks = far.blocks(family)
            if not blocks or (family == 6 and not near.ipv6_cidr):
                continue
            self.far[(near.id, family)] += blocks
            self.far[(near.id, family)] += [
                subnet.block(family) for subnet in self.world.subnets_of(far) if subnet.block(family)
            ]
            for table in self.world.tables:
                if table.vpc_id == near.id and maker.by_mood(0.97, 0.92, 0.85):
                    for block in blocks:
                        self._add_route(table, self._destination(far, block, family), target)

    def _destination(self, far: Vpc, block: str, family: int) -> str:
        maker = self.maker
        kind = maker.pick(("whole", "part", "subnet", "everywhere"), (91, 4, 3, 2))
        subnets = [subnet.block(family) for subnet in self.world.subnets_of(far) if subnet.block(family)]
        if kind == "part":
            return maker.part_of(block, 1, 2)
        if kind == "subnet" and subnets:
            return maker.pick(subnets)
        return EVERYWHERE[family] if kind == "everywhere" else block

    def _add_route(self, table: RouteTable, destination: str, target: str) -> None:
        maker = self.maker
        for route in table.routes:
            if route.cidr == destination:
                if maker.chance(0.5):
                    route.target = target
                return
        listed = {
            text for item in self.world.prefix_lists for text in item.cidrs if self._uses(table, item.id)
        }
        if destination in listed:
            return
        route = Route(target, cidr=destination)
        separate = table.routes[0].address is not None if table.routes else maker.chance(0.5)
        if separate or table.kind == "implicit":
            route.address = maker.address("aws_route", "to")
            route.id = f"r-{table.id}{maker.rng.getrandbits(31)}"
        table.routes.append(route)

    def _uses(self, table: RouteTable, list_id: str) -> bool:
        return any(route.prefix_list == list_id for route in table.routes)

    # --- VPN ---------------------------------------------------------------------------------------------

    def _vpn(self, vpc: Vpc) -> None:
        maker, world = self.maker, self.world
        gateway = VpnGateway(maker.address("aws_vpn_gateway", "vpn"), maker.id("vgw"), vpc.id)
        if maker.chance(0.3):
            gateway.attachment = maker.address("aws_vpn_gateway_attachment", "vpn")
        elif maker.chance(0.05):
            gateway.vpc_id = None
        ranges = maker.some(OUTSIDE_AWS, 1, 3)
        for _ in range(maker.pick((1, 2), (8, 2)) if len(ranges) > 1 else 1):
            connection = VpnConnection(
                maker.address("aws_vpn_connection", "site"),
                maker.id("vpn"),
                maker.address("aws_customer_gateway", "site"),
                maker.id("cgw"),
            )
            gateway.connections.append(connection)
        for number, block in enumerate(ranges):
            connection = gateway.connections[number % len(gateway.connections)]
            connection.routes.append((maker.address("aws_vpn_connection_route", "to"), block))
        world.vpn_gateways.append(gateway)
        self.far[(vpc.id, 4)] += ranges
        for table in world.tables:
            if table.vpc_id == vpc.id and gateway.vpc_id:
                self._lead_to_site(table, gateway, ranges)

    def _lead_to_site(self, table: RouteTable, gateway: VpnGateway, ranges: list[str]) -> None:
        maker = self.maker
        way = maker.pick(("propagation", "propagating", "static", "none"), (35, 20, 35, 10))
        if way == "propagating" and table.kind != "implicit":
            table.propagating.append(gateway.id)
        elif way in ("propagation", "propagating"):
            address = maker.address("aws_vpn_gateway_route_propagation", "vpn")
            gateway.propagations.append((address, table.id))
        elif way == "static":
            for block in ranges:
                if maker.chance(0.9):
                    self._add_route(table, maker.part_of(block, 0, maker.pick((0, 2), (7, 3))), gateway.id)

    # --- filters -----------------------------------------------------------------------------------------

    def _acl_entries(self) -> None:
        """Now and then an ACL speaks of what lies beyond a connection."""
        maker = self.maker
        for acl in self.world.acls:
            far = self.far.get((acl.vpc_id, 4), []) + self.far.get((acl.vpc_id, 6), [])
            if not far or not maker.chance(0.25):
                continue
            taken = {(entry.egress, entry.number) for entry in acl.entries}
            for egress in maker.some((False, True), 1, 2):
                number = next(
                    each for each in range(maker.rng.randint(1, 99), 300) if (egress, each) not in taken
                )
                block = maker.part_of(maker.pick(far), 0, 2)
                entry = AclEntry(egress, number, maker.chance(0.4), "tcp", block, 0, 65535)
                if acl.kind == "unmanaged" or (acl.entries and acl.entries[0].address):
                    entry.address = maker.address("aws_network_acl_rule", "rule")
                    entry.id = f"nacl-{maker.rng.getrandbits(31)}"
                acl.entries.append(entry)

    def _exclude(self, neighbours: list[Vpc]) -> None:
        """Block Public Access is the Region's: it holds in the neighbours as well."""
        maker, options = self.maker, self.world.block_public_access
        if options is None or not maker.chance(0.5):
            return
        vpc, whole = maker.pick(neighbours), maker.chance(0.5)
        options.exclusions.append(
            (
                maker.address("aws_vpc_block_public_access_exclusion", "this"),
                maker.id("vpcbpa-exclude"),
                maker.pick(("allow-bidirectional", "allow-egress"), (7, 3)),
                vpc.id if whole else None,
                None if whole else maker.pick(self.world.subnets_of(vpc)).id,
            )
        )

    def _name_each_others_groups(self, *pair: Vpc) -> None:
        """Groups of two joined VPCs that admit each other's members alone (A9, A10)."""
        near, far = (self.maker.pick(used_groups(self.world, vpc) or [""]) for vpc in pair)
        if near and far and self.maker.chance(0.6):
            self.only[near] = far
            self.only[far] = near


def used_groups(world: World, vpc: Vpc) -> list[str]:
    """The VPC's own groups that some node or instance carries."""
    return list(dict.fromkeys(group_id for groups in carried_groups(world, vpc) for group_id in groups))


def carried_groups(world: World, vpc: Vpc) -> list[list[str]]:
    """Of each template and instance the groups that are the VPC's own and managed."""
    own = {group.id for group in world.groups if group.kind == "custom" and group.vpc_id == vpc.id}
    carried = [item.groups for item in world.instances]
    for template in world.templates:
        carried.append(template.groups + [each for block in template.interfaces for each in block.groups])
    found = [[group_id for group_id in groups if group_id in own] for groups in carried]
    return [groups for groups in found if groups]
