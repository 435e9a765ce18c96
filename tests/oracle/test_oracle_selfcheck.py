"""The oracle against answers known by hand, and the generator against its own aim."""

from __future__ import annotations

import copy

import pytest

from .delivery import Interface, Source, blocked_at, delivered
from .model_eks import SecurityGroup, TemplateInterface
from .model_network import BlockPublicAccess, PrefixList, Route
from .oracle import expectations
from .packets import integer
from .tiny import acl_on, allow, answer, entry, fresh, tiny

SOMEWHERE, SOMEWHERE6 = integer("8.8.8.8"), integer("2a00:1450::1")
NODE = Interface("subnet-nodes", ("sg-node",), ((4, None), (6, None)), public_ipv4=True)


def internet(world, address="8.8.8.8", family=4, **question):
    return answer(world, family, **question).ask_internet(integer(address))


# --- internet ----------------------------------------------------------------------------------


def test_open_node_in_public_subnet_is_reachable():
    assert internet(allow(tiny(), "ingress", "0.0.0.0/0")) == "reachable"


def test_without_a_rule_nothing_enters():
    assert internet(tiny()) == "blocked"


def test_without_public_address_ipv4_is_blocked_and_ipv6_is_not():
    world = allow(tiny(ipv6=True, public=False), "ingress", "0.0.0.0/0", "::/0")
    assert internet(world) == "blocked"
    assert internet(world, "2a00:1450::1", 6) == "reachable"
    assert answer(world).public_address == {"no"}
    assert answer(world, 6).public_address == {"yes"}


def test_no_ipv6_target_without_ipv6():
    assert {item.family for item in expectations(tiny())} == {4}


@pytest.mark.parametrize(
    ("flag", "subnet_flag", "verdict"),
    [
        ("true", False, "reachable"),
        ("false", True, "blocked"),
        ("", True, "reachable"),
        ("", False, "blocked"),
    ],
)
def test_template_overrides_the_subnet_flag(flag, subnet_flag, verdict):
    world = allow(tiny(public=subnet_flag), "ingress", "0.0.0.0/0")
    world.templates[0].groups = []
    world.templates[0].interfaces = [TemplateInterface(["sg-node"], associate_public=flag)]
    assert internet(world) == verdict


def test_two_template_interfaces_get_no_public_address():
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    world.templates[0].groups = []
    world.templates[0].interfaces = [
        TemplateInterface(["sg-node"], 0, "true"),
        TemplateInterface(["sg-node"], 1),
    ]
    assert internet(world) == "blocked"


def test_second_interface_is_a_door_too():
    world = allow(tiny(), "ingress", "10.0.2.0/24")
    world.groups.append(SecurityGroup("custom", "sg-shut", "vpc-1", "aws_security_group.shut"))
    world.templates[0].groups = []
    world.templates[0].interfaces = [TemplateInterface(["sg-shut"], 0), TemplateInterface(["sg-node"], 1)]
    assert answer(world).ask_vpc(integer("10.0.2.9")) == "reachable"


def test_longest_prefix_nat_beats_default_to_internet_gateway():
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    world.tables[1].routes.append(Route("nat-1", cidr="8.8.0.0/16"))
    assert internet(world, "8.8.8.8") == "blocked"
    assert internet(world, "8.9.0.0") == "reachable"


def test_narrow_route_to_internet_gateway_in_a_private_subnet():
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    world.tables[1].routes = [Route("nat-1", cidr="0.0.0.0/0"), Route("igw-1", cidr="8.8.8.0/24")]
    assert internet(world, "8.8.8.255") == "reachable"
    assert internet(world, "8.8.9.0") == "blocked"


def test_prefix_list_route():
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    world.prefix_lists.append(PrefixList("aws_ec2_managed_prefix_list.p", "pl-1", 4, ["8.8.8.0/24"]))
    world.tables[1].routes = [Route("igw-1", prefix_list="pl-1")]
    assert internet(world, "8.8.8.1") == "reachable"
    assert internet(world, "8.8.9.1") == "blocked"


def test_egress_only_gateway_lets_nothing_in():
    world = allow(tiny(ipv6=True), "ingress", "::/0")
    world.tables[1].routes = [Route("eigw-1", cidr="::/0")]
    assert internet(world, "2a00:1450::1", 6) == "blocked"


@pytest.mark.parametrize("vpc", [None, "vpc-2"])
def test_gateway_of_another_vpc_or_of_none(vpc):
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    world.gateways[0].vpc_id = vpc
    assert internet(world) == "blocked"


def test_subnet_without_association_uses_the_main_table():
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    world.table_associations = []
    assert internet(world) == "blocked"
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    world.table_associations = [copy.copy(world.table_associations[0])]
    world.table_associations[0].subnet_id = None  # aws_main_route_table_association
    assert internet(world) == "reachable"


@pytest.mark.parametrize(
    ("mode", "exclusion", "verdict"),
    [
        ("off", None, "reachable"),
        ("block-ingress", None, "blocked"),
        ("block-bidirectional", None, "blocked"),
        ("block-ingress", ("allow-bidirectional", None, "subnet-nodes"), "reachable"),
        ("block-ingress", ("allow-bidirectional", "vpc-1", None), "reachable"),
        ("block-bidirectional", ("allow-egress", None, "subnet-nodes"), "blocked"),
        ("block-ingress", ("allow-bidirectional", None, "subnet-bastion"), "blocked"),
    ],
)
def test_block_public_access(mode, exclusion, verdict):
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    world.block_public_access = BlockPublicAccess(
        "aws_vpc_block_public_access_options.x", mode, [("x", "x", *exclusion)] if exclusion else []
    )
    assert internet(world) == verdict


def test_cidr_in_halves():
    world = allow(allow(tiny(), "ingress", "0.0.0.0/1"), "ingress", "128.0.0.0/1")
    assert internet(world, "127.255.255.255") == internet(world, "128.0.0.0") == "reachable"


# --- NACLs -------------------------------------------------------------------------------------

EVERYTHING_OUT = entry("out", 100, "allow", "0.0.0.0/0")
FROM_BASTION = ("allow", "10.0.2.0/24", "tcp", (22, 22))
NOBODY_ELSE = ("deny", "0.0.0.0/0", "tcp", (22, 22))


def bastion_world(first, second):
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    return acl_on(
        world,
        "subnet-nodes",
        entry("in", 10, *first),
        entry("in", 20, *second),
        entry("in", 90, "allow", "0.0.0.0/0"),
        EVERYTHING_OUT,
    )


def test_bastion_pattern_in_the_right_order():
    right = answer(bastion_world(FROM_BASTION, NOBODY_ELSE))
    assert right.ask_vpc(integer("10.0.2.7")) == "reachable"
    assert right.ask_vpc(integer("10.0.3.7")) == right.ask_internet(SOMEWHERE) == "blocked"


def test_bastion_pattern_in_the_wrong_order():
    wrong = answer(bastion_world(NOBODY_ELSE, FROM_BASTION))
    assert wrong.ask_vpc(integer("10.0.2.7")) == wrong.ask_internet(SOMEWHERE) == "blocked"


def test_bastion_pattern_holds_ipv4_only():
    world = allow(tiny(ipv6=True), "ingress", "0.0.0.0/0", "::/0")
    acl_on(
        world,
        "subnet-nodes",
        entry("in", 20, *NOBODY_ELSE),
        entry("in", 90, "allow", "0.0.0.0/0"),
        entry("in", 91, "allow", "::/0"),
        EVERYTHING_OUT,
        entry("out", 101, "allow", "::/0"),
    )
    assert internet(world) == "blocked"
    assert internet(world, "2a00:1450::1", 6) == "reachable"


def test_same_subnet_never_meets_a_nacl():
    world = allow(tiny(), "ingress", "10.0.0.0/16")
    acl_on(world, "subnet-nodes")  # denies everything
    assert answer(world).ask_vpc(integer("10.0.1.77")) == "reachable"
    assert answer(world).ask_vpc(integer("10.0.2.77")) == "blocked"


def test_reply_is_judged_alone():
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    acl_on(
        world,
        "subnet-nodes",
        entry("in", 10, "allow", "0.0.0.0/0"),
        entry("out", 10, "allow", "0.0.0.0/0", "tcp", (22, 22)),
    )
    assert internet(world) == "blocked"
    assert (
        blocked_at(world, Source(SOMEWHERE, internet=True), NODE, "10.0.1.9", 4, "tcp", 22) == "nacl: reply"
    )


@pytest.mark.parametrize(
    ("ports", "verdict"),
    [
        ((1025, 1025), "reachable"),
        ((65535, 65535), "reachable"),
        ((0, 1023), "blocked"),
        ((0, 1024), "reachable"),
        ((22, 22), "blocked"),
    ],
)
def test_one_client_port_is_enough(ports, verdict):
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    acl_on(
        world,
        "subnet-nodes",
        entry("in", 10, "allow", "0.0.0.0/0"),
        entry("out", 10, "allow", "0.0.0.0/0", "6", ports),
    )
    assert internet(world) == verdict


def test_the_same_client_port_in_both_lists():
    def world(low, high):
        made = allow(tiny(), "ingress", "10.0.0.0/16")
        acl_on(
            made,
            "subnet-nodes",
            entry("in", 10, "allow", "0.0.0.0/0"),
            entry("out", 10, "allow", "0.0.0.0/0", "tcp", (1024, 32767)),
        )
        return acl_on(
            made,
            "subnet-bastion",
            entry("out", 10, "allow", "0.0.0.0/0"),
            entry("in", 10, "allow", "0.0.0.0/0", "tcp", (low, high)),
        )

    assert answer(world(32767, 60999)).ask_vpc(integer("10.0.2.7")) == "reachable"
    assert answer(world(32768, 60999)).ask_vpc(integer("10.0.2.7")) == "blocked"


def test_acl_over_half_the_target_subnet_makes_possible():
    world = allow(tiny(), "ingress", "10.0.0.0/16")
    acl_on(
        world,
        "subnet-bastion",
        entry("out", 10, "allow", "10.0.1.0/25"),
        entry("in", 10, "allow", "0.0.0.0/0"),
    )
    assert answer(world).ask_vpc(integer("10.0.2.7")) == "possible"
    assert answer(world).ask_vpc(integer("10.0.3.7")) == "reachable"  # in no known subnet


def test_default_acl_has_its_ipv6_rule_only_with_an_ipv6_block():
    world = allow(tiny(ipv6=True), "ingress", "::/0")
    assert internet(world, "2a00:1450::1", 6) == "reachable"
    fresh(world)
    world.vpc.ipv6_cidr = None
    assert not delivered(
        world, Source(SOMEWHERE6, internet=True), NODE, "2600:1f18:aaaa:bb01::9", 6, "tcp", 22
    )


def test_rule_on_the_unmanaged_default_acl_counts_below_100_only():
    for number, verdict in ((99, "blocked"), (102, "reachable")):
        world = allow(tiny(), "ingress", "0.0.0.0/0")
        world.acls[0].entries.append(entry("in", number, "deny", "0.0.0.0/0", "tcp", (22, 22)))
        assert internet(world) == verdict


def test_host_bits_are_cleared():
    world = allow(tiny(), "ingress", "0.0.0.0/0")
    acl_on(world, "subnet-nodes", entry("in", 10, "allow", "8.8.8.200/24"), EVERYTHING_OUT)
    assert internet(world, "8.8.8.1") == "reachable"


def test_icmp_reply_type_and_unset_icmp_type():
    world = allow(tiny(), "ingress", "0.0.0.0/0", protocol="icmp", ports=(8, -1))
    request, reply = (
        entry("in", 10, "allow", "0.0.0.0/0", "icmp"),
        entry("out", 10, "allow", "0.0.0.0/0", "1"),
    )
    request.icmp_type = request.icmp_code = -1
    assert internet(acl_on(world, "subnet-nodes", request, reply), protocol="icmp", port=None) == "reachable"
    request.icmp_type = None  # means 0: echo reply only
    fresh(world)
    assert internet(world, protocol="icmp", port=None) == "blocked"
