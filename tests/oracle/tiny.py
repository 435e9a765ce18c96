"""Tiny worlds made by hand, for tests of the oracle itself; and a document that answers perfectly."""

from __future__ import annotations

import ipaddress
import itertools

from .addresses import SPECIAL, edges
from .model import World
from .model_eks import Cluster, GroupRule, LaunchTemplate, NodeGroup, SecurityGroup
from .model_network import Acl, AclEntry, Gateway, Route, RouteTable, Subnet, TableAssociation, Vpc
from .oracle import FAMILY_NAME, Expected, Wide, expectations
from .packets import cidr, last_of
from .verdicts import POSSIBLE, REACHABLE, options, strongest

V6 = "2600:1f18:aaaa:bb00::/56"


def tiny(ipv6: bool = False, public: bool = True) -> World:
    """One VPC, a node subnet 10.0.1.0/24 and a bastion subnet 10.0.2.0/24, both with a default route to
    an internet gateway; one node group with a template that names `sg-node`, which has no rule yet."""
    vpc = Vpc(
        "aws_vpc.main",
        "vpc-1",
        "10.0.0.0/16",
        "sg-default",
        "acl-default",
        "rtb-main",
        "rtb-main",
        ipv6_cidr=V6 if ipv6 else None,
    )
    world = World(0, [vpc])
    for name, block, block6 in (
        ("nodes", "10.0.1.0/24", "2600:1f18:aaaa:bb01::/64"),
        ("bastion", "10.0.2.0/24", "2600:1f18:aaaa:bb02::/64"),
    ):
        world.subnets.append(
            Subnet(
                f"aws_subnet.{name}",
                f"subnet-{name}",
                "vpc-1",
                block,
                map_public=public,
                ipv6_cidr=block6 if ipv6 else None,
                assign_ipv6=ipv6,
            )
        )
    world.gateways.append(Gateway("internet", "aws_internet_gateway.this", "igw-1", "vpc-1"))
    world.gateways.append(Gateway("nat", "aws_nat_gateway.this", "nat-1", "vpc-1", "subnet-bastion"))
    world.gateways.append(Gateway("egress_only", "aws_egress_only_internet_gateway.this", "eigw-1", "vpc-1"))
    world.tables.append(RouteTable("implicit", "rtb-main", "vpc-1"))
    world.tables.append(
        RouteTable(
            "custom",
            "rtb-1",
            "vpc-1",
            "aws_route_table.rt",
            [Route("igw-1", cidr="0.0.0.0/0"), Route("igw-1", cidr="::/0")],
        )
    )
    for subnet in world.subnets:
        world.table_associations.append(
            TableAssociation(f"aws_route_table_association.{subnet.id[7:]}", "rtbassoc-1", "rtb-1", subnet.id)
        )
    world.acls.append(Acl("unmanaged", "acl-default", "vpc-1"))
    world.groups.append(SecurityGroup("unmanaged_default", "sg-default", "vpc-1"))
    world.groups.append(SecurityGroup("cluster", "sg-cluster", "vpc-1", owner="aws_eks_cluster.this"))
    world.groups.append(SecurityGroup("custom", "sg-node", "vpc-1", "aws_security_group.node"))
    world.clusters.append(
        Cluster("aws_eks_cluster.this", "prod", "sg-cluster", ["subnet-nodes", "subnet-bastion"], "vpc-1")
    )
    world.templates.append(LaunchTemplate("aws_launch_template.nodes", "lt-1", "nodes", groups=["sg-node"]))
    world.node_groups.append(
        NodeGroup("aws_eks_node_group.workers", "workers", "prod", ["subnet-nodes"], "lt-1")
    )
    return world


def fresh(world: World) -> World:
    """After a change to a world that was asked before: what the oracle worked out is no longer true."""
    for cache in ("network", "edges", "subnet_classes", "internet_samples", "expectations"):
        world.__dict__.pop(cache, None)
    return world


def allow(
    world: World,
    direction: str,
    *cidrs: str,
    protocol: str = "tcp",
    ports: tuple[int, int] = (22, 22),
    group: str = "sg-node",
    groups: list[str] | None = None,
    own_members: bool = False,
) -> World:
    world.group(group).rules.append(
        GroupRule(
            direction, protocol, *ports, cidrs=list(cidrs), groups=groups or [], own_members=own_members
        )
    )
    return world


def acl_on(world: World, subnet_id: str, *entries: AclEntry) -> World:
    name = f"acl-{subnet_id[7:]}"
    world.acls.append(
        Acl("custom", name, "vpc-1", f"aws_network_acl.{subnet_id[7:]}", list(entries), [subnet_id])
    )
    return world


def entry(
    way: str, number: int, action: str, block: str, protocol: str = "-1", ports: tuple[int, int] = (0, 0)
) -> AclEntry:
    return AclEntry(way == "out", number, action == "allow", protocol, block, *ports)


def answer(
    world: World, family: int = 4, protocol: str = "tcp", port: int = 22, subnet: str = "aws_subnet.nodes"
) -> Expected:
    return next(
        item
        for item in expectations(fresh(world), protocol, port)
        if item.family == family and item.subnet == subnet
    )


def perfect(world: World, protocol: str = "tcp", port: int | None = 22, all_interfaces: bool = False) -> dict:
    """The document a flawless engine would write, found by brute force."""
    return {
        "schema_version": 1,
        "targets": [_entry(world, item) for item in expectations(world, protocol, port, all_interfaces)],
    }


def _entry(world: World, item: Expected) -> dict:
    sources = [
        {"scope": scope, "resource": resource, "subnet": subnet, "verdict": highest(verdict)}
        for (scope, resource, subnet), verdict in item.known.items()
        if highest(verdict) != "blocked"
    ]
    for verdict in (REACHABLE, POSSIBLE):
        for wide in item.wide:
            cidrs = _blocks(world, item.family, wide, verdict)
            if cidrs:
                label = {"via": wide.via} if wide.resource is None else {"resource": wide.resource}
                sources.append({"scope": wide.scope, "cidrs": cidrs, "verdict": verdict, **label})
    return {
        "resource": item.resource,
        "subnet": item.subnet,
        "family": FAMILY_NAME[item.family],
        "protocol": item.protocol,
        "port": None if item.protocol == "icmp" else str(item.port),
        "verdict": strongest(source["verdict"] for source in sources),
        "security_groups": [
            {"resource": resource, "role": role, "implicit": bool(implicit)}
            for resource, role, implicit in item.security_groups[0]
        ],
        "public_address": sorted(item.public_address)[-1],
        "sources": sources,
    }


def highest(answer: str) -> str:
    return strongest(options(answer))


def _blocks(world: World, family: int, wide: Wide, verdict: str) -> list[str]:
    outer = wide.inside or [cidr("0.0.0.0/0" if family == 4 else "2000::/3")]
    make = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
    own = [block for vpc in world.vpcs for block in map(cidr, vpc.blocks(family))]
    holes = own + [block for block in SPECIAL if block.family == family]
    borders = set(edges(world, family)) | {
        edge for block in holes for edge in (block.base, last_of(block) + 1)
    }
    found = []
    for block in outer:
        first, last = block.base, last_of(block)
        cuts = sorted({first, last + 1} | {edge for edge in borders if first < edge <= last})
        for start, end in itertools.pairwise(cuts):
            if wide.counts(start) and highest(wide.ask(start)) == verdict:
                found.extend(ipaddress.summarize_address_range(make(start), make(end - 1)))
    return [str(block) for block in ipaddress.collapse_addresses(found)]
