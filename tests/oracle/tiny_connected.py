"""The tiny world with a second VPC beside it, and the ways of joining the two."""

from __future__ import annotations

from .model import World
from .model_connections import (
    Peering,
    TransitAttachment,
    TransitGateway,
    TransitTable,
    VpnConnection,
    VpnGateway,
)
from .model_eks import Instance, SecurityGroup
from .model_network import Acl, Route, RouteTable, Subnet, Vpc
from .oracle import Expected
from .packets import integer
from .tiny import allow, answer, tiny

FAR, FAR_B, NOWHERE = "10.9.1.7", "10.9.2.7", "10.9.200.7"


def two_vpcs() -> World:
    """Node subnet in zone a and bastion subnet in zone b of vpc-1; vpc-2 with a subnet in either zone,
    both under its main table.  The nodes admit tcp 22 from vpc-2's blocks."""
    world = allow(tiny(), "ingress", "10.9.0.0/16")
    world.subnet("subnet-bastion").zone = "eu-west-1b"
    world.vpcs.append(
        Vpc("aws_vpc.far", "vpc-2", "10.9.0.0/16", "sg-far-default", "acl-far", "rtb-far", "rtb-far")
    )
    for zone in "ab":
        block = f"10.9.{'_ab'.index(zone)}.0/24"
        world.subnets.append(
            Subnet(f"aws_subnet.far_{zone}", f"subnet-far-{zone}", "vpc-2", block, f"eu-west-1{zone}")
        )
    world.tables.append(RouteTable("implicit", "rtb-far", "vpc-2"))
    world.acls.append(Acl("unmanaged", "acl-far", "vpc-2"))
    world.groups.append(SecurityGroup("unmanaged_default", "sg-far-default", "vpc-2"))
    world.groups.append(SecurityGroup("custom", "sg-far", "vpc-2", "aws_security_group.far"))
    allow(world, "egress", "0.0.0.0/0", protocol="-1", ports=(0, 0), group="sg-far")
    world.instances.append(Instance("aws_instance.far", "i-far", "eni-far", "subnet-far-a", FAR, ["sg-far"]))
    return world


def route(world: World, table_id: str, cidr: str, target: str) -> World:
    next(table for table in world.tables if table.id == table_id).routes.append(Route(target, cidr=cidr))
    return world


def peered(there: str | None = "10.9.0.0/16", back: str | None = "10.0.0.0/16") -> World:
    """`there`: the nodes' route towards vpc-2; `back`: vpc-2's route to the nodes."""
    world = two_vpcs()
    world.peerings.append(Peering("aws_vpc_peering_connection.p", "pcx-1", "vpc-1", "vpc-2"))
    for table_id, cidr in (("rtb-1", there), ("rtb-far", back)):
        if cidr:
            route(world, table_id, cidr, "pcx-1")
    return world


def transit(group_references: bool = True) -> World:
    """Both VPCs attached in both zones, default table, routes on both sides."""
    world = two_vpcs()
    gateway = TransitGateway(
        "aws_ec2_transit_gateway.t", "tgw-1", "tgw-rtb-0", group_references=group_references
    )
    gateway.tables.append(TransitTable("tgw-rtb-0", "tgw-1"))
    for number, subnets in ((1, ["subnet-nodes", "subnet-bastion"]), (2, ["subnet-far-a", "subnet-far-b"])):
        gateway.attachments.append(
            TransitAttachment(
                f"aws_ec2_transit_gateway_vpc_attachment.a{number}",
                f"tgw-attach-{number}",
                "tgw-1",
                f"vpc-{number}",
                subnets,
                group_references=group_references,
            )
        )
    world.transit_gateways.append(gateway)
    route(world, "rtb-1", "10.9.0.0/16", "tgw-1")
    return route(world, "rtb-far", "10.0.0.0/16", "tgw-1")


def site(*routes: str) -> World:
    """A VPN gateway attached to vpc-1 with one connection and these static routes."""
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    connection = VpnConnection("aws_vpn_connection.v", "vpn-1", "aws_customer_gateway.c", "cgw-1")
    connection.routes = [(f"aws_vpn_connection_route.r{number}", text) for number, text in enumerate(routes)]
    world.vpn_gateways.append(VpnGateway("aws_vpn_gateway.g", "vgw-1", "vpc-1", connections=[connection]))
    return world


def ask(world: World, scope: str, address: str, **question) -> str:
    return answer(world, **question).scope(scope).ask(integer(address))


def known(expected: Expected, resource: str, scope: str = "interface") -> str:
    return next(verdict for key, verdict in expected.known.items() if key[:2] == (scope, resource))
