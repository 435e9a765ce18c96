"""Small networks without a plan: one VPC, its interfaces, the groups they carry, and their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Coverage, Estate
from eks_checks.aws.firewall import AclEntry, NetworkAcl, Rule, SecurityGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, YES, KeySet, Origin, Pointer, Truth, exactly
from eks_checks.aws.vpc import (
    Attached,
    BlockPublicAccess,
    CidrBlock,
    InternetGateway,
    Route,
    RouteTable,
    Subnet,
    TargetKind,
    Vpc,
)
from eks_checks.sets import AddressSet, Bounds, TrafficSet

VPC = Pointer(("vpc",))
EVERYTHING = Bounds.exact(TrafficSet.everything())
OPEN_ACL = Attached(("acl",))


@dataclass(frozen=True)
class Host:
    """An interface in the subnet ``sub``: the groups it carries, and whether it has a public address."""

    name: str
    groups: Sequence[str]
    public: bool | None = False
    kind: str = "instance"
    maybe: Sequence[str] = ()
    listener: Truth = YES


def rule(group: str, ports: tuple[int, int] | None, peer: str, *, implicit: bool = False) -> Rule:
    """An inbound TCP rule of ``group`` (all traffic without ``ports``); ``peer`` is a CIDR or a group."""
    traffic = EVERYTHING if ports is None else Bounds.exact(TrafficSet.tcp(*ports))
    name = "all" if ports is None else f"{ports[0]}-{ports[1]}"
    origin = Origin(group, f"{name} from {peer}", implicit=implicit)
    if "/" in peer:
        return Rule(traffic, origin, Bounds.exact(AddressSet.from_cidr(peer)))
    return Rule(traffic, origin, None, Pointer((peer,)))


def group(
    key: str, *rules: Rule, kind: str = "managed", egress: Sequence[Rule] | None = None
) -> SecurityGroup:
    """A group with inbound rules; everything gets out where ``egress`` is not given."""
    out = Rule(EVERYTHING, Origin(key, "out", implicit=True), Bounds.exact(AddressSet.everything()))
    held = tuple(egress) if egress is not None else (out,)
    return SecurityGroup(key, kind, key, VPC, tuple(rules), held)


def network(
    groups: Sequence[SecurityGroup], hosts: Sequence[Host], *, clusters: Mapping[str, Cluster] | None = None
) -> Estate:
    """A VPC whose subnets all lead to the internet; network ACLs let everything through."""
    everyone = Bounds.exact(AddressSet.all_ipv4())
    default = Route(
        everyone, 0, TargetKind.INTERNET_GATEWAY, Pointer(("igw",)), Origin("rt", "0.0.0.0/0 to igw")
    )
    local = Route(
        Bounds.exact(AddressSet.from_cidr("10.0.0.0/16")),
        16,
        TargetKind.LOCAL,
        Pointer(),
        Origin("rt", "local", implicit=True),
    )
    subnets = {
        key: Subnet(
            key,
            key,
            VPC,
            (CidrBlock(AddressSet.from_cidr(f"10.0.{number}.0/24")),),
            route_table=Attached(("rt",)),
            network_acl=OPEN_ACL,
        )
        for number, key in enumerate(("sub", "other"))
    }
    return Estate(
        vpcs={"vpc": Vpc("vpc", "vpc", (CidrBlock(AddressSet.from_cidr("10.0.0.0/16")),))},
        subnets=subnets,
        route_tables={"rt": RouteTable("rt", "rt", VPC, (default, local))},
        internet_gateways={"igw": InternetGateway("igw", "igw", VPC)},
        network_acls={"acl": _open_acl()},
        security_groups={one.key: one for one in groups},
        prefix_lists={},
        interfaces=tuple(_interface(host) for host in hosts),
        clusters=clusters or {},
        node_groups=(),
        block_public_access=BlockPublicAccess(),
        coverage=Coverage(),
    )


def _open_acl() -> NetworkAcl:
    entry = AclEntry(100, YES, Bounds.exact(AddressSet.everything()), EVERYTHING, Origin("acl", "100"))
    return NetworkAcl("acl", "acl", VPC, (entry,), (entry,))


def _interface(host: Host) -> Interface:
    groups = exactly(*host.groups)
    if host.maybe:
        groups = KeySet(frozenset(host.groups), frozenset(host.maybe))
    node = host.kind in ("node_group", "autoscaling_group")
    return Interface(
        host.name,
        host.kind,
        "sub",
        (Shape(groups, Truth(host.public), NO, origin=host.name),),
        cluster=Pointer(("cluster",)) if node else Pointer(),
        node=YES if node else NO,
        many=node,
        listener_ssh=host.listener,
    )
