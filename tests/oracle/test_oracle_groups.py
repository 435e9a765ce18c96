"""The oracle against answers known by hand: security groups, sources, and every address of small subnets."""

from __future__ import annotations

import ipaddress
import random

import pytest

from .addresses import is_global
from .delivery import Interface, Source, delivered
from .model_eks import Instance, RemoteAccess, ScalingGroup, SecurityGroup
from .oracle import expectations
from .packets import cidr, integer
from .parties import sources, targets
from .tiny import allow, answer, tiny
from .verdicts import options, strongest
from .world import random_world

SOMEWHERE, SOMEWHERE6 = integer("8.8.8.8"), integer("2a00:1450::1")
NODE = Interface("subnet-nodes", ("sg-node",), ((4, None), (6, None)), public_ipv4=True)


def internet(world, address="8.8.8.8", family=4, **question):
    return answer(world, family, **question).ask_internet(integer(address))


@pytest.mark.parametrize(
    ("protocol", "ports", "verdict"),
    [
        ("-1", (0, 0), "reachable"),
        ("tcp", (0, 0), "blocked"),
        ("tcp", (0, 65535), "reachable"),
        ("6", (22, 22), "reachable"),
        ("TCP", (20, 22), "reachable"),
        ("tcp", (23, 65535), "blocked"),
        ("udp", (22, 22), "blocked"),
        ("47", (22, 22), "blocked"),
    ],
)
def test_protocols_and_ports(protocol, ports, verdict):
    assert internet(allow(tiny(), "ingress", "0.0.0.0/0", protocol=protocol, ports=ports)) == verdict


def test_self_admits_other_nodes_and_their_pods_but_not_the_subnet():
    world = allow(allow(tiny(), "ingress", own_members=True), "egress", own_members=True)
    known = answer(world).known
    assert known[("interface", "aws_eks_node_group.workers", "aws_subnet.nodes")] == "reachable"
    assert known[("pods", "aws_eks_node_group.workers", "aws_subnet.nodes")] == "reachable"
    assert known[("control_plane", "aws_eks_cluster.this", "aws_subnet.nodes")] == "blocked"
    assert answer(world).ask_vpc(integer("10.0.1.9")) == "blocked"


def test_sources_need_an_egress_rule():
    known = answer(allow(tiny(), "ingress", own_members=True)).known
    assert known[("interface", "aws_eks_node_group.workers", "aws_subnet.nodes")] == "blocked"


def test_pods_have_the_clusters_family_only():
    world = allow(tiny(ipv6=True), "ingress", own_members=True)
    assert [key[0] for key in answer(world, 6).known].count("pods") == 0
    world.clusters[0].ip_family = "ipv6"
    assert [key[0] for key in answer(world, 6).known].count("pods") == 1
    assert [key[0] for key in answer(world, 4).known].count("pods") == 0


def test_no_template_means_the_cluster_group():
    world = tiny()
    world.node_groups[0].template_id = None
    assert answer(world).security_groups[0] == [("aws_eks_cluster.this", "cluster", True)]
    assert answer(world).known[("control_plane", "aws_eks_cluster.this", "aws_subnet.bastion")] == "reachable"
    assert internet(world) == "blocked"


@pytest.mark.parametrize(
    ("sources", "ami", "verdict"),
    [
        ([], "AL2_x86_64", "reachable"),
        (["sg-node"], "AL2_x86_64", "blocked"),
        ([], "WINDOWS_CORE_2022_x86_64", "blocked"),
    ],
)
def test_remote_access(sources, ami, verdict):
    world = tiny(ipv6=True)
    group = world.node_groups[0]
    group.template_id, group.ami_type = None, ami
    group.remote_access = RemoteAccess("sg-remote", source_groups=sources)
    world.groups.append(SecurityGroup("remote_access", "sg-remote", "vpc-1", owner=group.address))
    assert internet(world) == verdict
    assert internet(world, "2a00:1450::1", 6) == "blocked"  # EKS opens IPv4 only


def test_self_managed_nodes_without_groups_get_the_default_group():
    world = tiny()
    world.templates[0].groups = []
    world.scaling_groups.append(
        ScalingGroup("aws_autoscaling_group.g", "g", ["subnet-bastion"], ["lt-1"], "prod")
    )
    target = answer(world, subnet="aws_subnet.bastion")
    assert target.security_groups[0] == [("aws_vpc.main", "default", None)]
    assert target.known[("interface", "aws_autoscaling_group.g", "aws_subnet.bastion")] == "reachable"


def test_source_range_that_is_half_covered_is_possible():
    world = allow(allow(tiny(), "ingress", "10.0.1.0/25"), "egress", "0.0.0.0/0", protocol="-1", ports=(0, 0))
    assert answer(world).known[("interface", "aws_eks_node_group.workers", "aws_subnet.nodes")] == "possible"
    assert answer(world).ask_vpc(integer("10.0.1.127")) == "reachable"
    assert answer(world).ask_vpc(integer("10.0.1.128")) == "blocked"


def test_instance_has_one_address():
    world = allow(tiny(), "ingress", "10.0.2.0/25")
    world.groups.append(SecurityGroup("custom", "sg-b", "vpc-1", "aws_security_group.b"))
    allow(world, "egress", "10.0.0.0/16", group="sg-b")
    world.instances.append(Instance("aws_instance.b", "i-1", "eni-1", "subnet-bastion", "10.0.2.7", ["sg-b"]))
    assert answer(world).known[("interface", "aws_instance.b", "aws_subnet.bastion")] == "reachable"


@pytest.mark.parametrize("seed", range(0, 300, 9))
def test_classes_speak_for_every_address(seed):
    """Verdicts found from one address per class, against all addresses of the small subnets."""
    world = random_world(seed)
    found = {(party.resource, party.subnet): party for party in targets(world)}
    for item in expectations(world):
        if item.family != 4:
            continue
        party = found[(item.resource, item.subnet)]
        places = {subnet.address: subnet for subnet in world.subnets}
        there = places[item.subnet]
        home = world.vpc_by_id(there.vpc_id)
        for sender in sources(world):
            if sender.subnet is None:
                continue
            here = places[sender.subnet]
            key = (sender.scope, sender.resource, sender.subnet)
            if (
                key not in item.known
                or not here.cidr.endswith(("/28", "/27"))
                or not there.cidr.endswith("/28")
            ):
                continue
            verdicts = []
            for variant in sender.variants:
                fixed = variant.families[4]
                addresses = [fixed] if fixed is not None else map(int, ipaddress.ip_network(here.cidr))
                answers = [
                    [
                        delivered(world, Source(address, variant), target, destination, 4, "tcp", 22)
                        for destination in map(int, ipaddress.ip_network(there.cidr))
                    ]
                    for target in party.variants
                    for address in addresses
                ]
                flat = {answer for row in answers for answer in row}
                verdicts.append("reachable" if flat == {True} else "possible" if True in flat else "blocked")
            if len(party.variants) == 1:
                assert strongest(verdicts) in options(item.known[key])
        rng = random.Random(seed)
        for block in home.blocks(4):
            network = ipaddress.ip_network(block)
            for _ in range(15):
                address = int(network[rng.randrange(network.num_addresses)])
                below = max(sample for sample in item.scope("vpc").samples if sample <= address)
                assert item.ask_vpc(address) == item.scope("vpc").verdicts[below]
        for _ in range(15):
            address = rng.getrandbits(32)
            below = [sample for sample in item.scope("internet").samples if sample <= address]
            if (
                below
                and is_global(address, 4)
                and not any(cidr(text).holds(address) for text in home.blocks(4))
            ):
                assert item.ask_internet(address) == item.scope("internet").verdicts[below[-1]]
