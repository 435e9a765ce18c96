"""The oracle against answers known by hand, and the generator against its own aim."""

from __future__ import annotations

import copy
import ipaddress
import json
import random
import re
from collections import Counter

import pytest

from .addresses import is_global
from .compare import Summary, check, run
from .delivery import Interface, Source, blocked_at, delivered
from .model_eks import Instance, RemoteAccess, ScalingGroup, SecurityGroup, TemplateInterface
from .model_network import BlockPublicAccess, PrefixList, Route
from .oracle import FAMILY_NAME, expectations
from .packets import cidr, integer
from .parties import sources, targets
from .plan import split, to_plan
from .tiny import acl_on, allow, answer, entry, perfect, tiny
from .verdicts import options, strongest
from .world import random_world

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
    world.__dict__.pop("network")
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
    world.__dict__.pop("network")
    assert internet(world, protocol="icmp", port=None) == "blocked"


# --- security groups ---------------------------------------------------------------------------


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


# --- plan and comparison -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(0, 300, 7))
def test_plan_names_only_ids_that_exist(seed):
    world = random_world(seed)
    plan = to_plan(world)
    text = json.dumps(plan["planned_values"])
    known = {change["change"]["after"]["id"] for change in plan["resource_changes"]}
    known |= {
        text
        for vpc in world.vpcs
        for text in (vpc.default_group_id, vpc.default_acl_id, vpc.default_table_id, vpc.main_table_id)
    }
    known |= {group.id for group in world.groups} | {item.interface_id for item in world.instances}
    used = set(re.findall(r'"((?:sg|subnet|rtb|acl|vpc|igw|nat|eigw|pl|lt|i|eni)-0[0-9a-f]{16})"', text))
    nat_interfaces = {gateway.id.replace("nat", "eni") for gateway in world.gateways if gateway.kind == "nat"}
    assert used <= known | nat_interfaces
    for change in plan["resource_changes"]:
        assert split(change["address"])[1] == change["type"]
    assert to_plan(random_world(seed)) == plan


@pytest.mark.parametrize("seed", range(0, 300, 13))
def test_a_perfect_answer_has_no_disagreement(seed):
    world = random_world(seed)
    assert [str(each) for each in check(world, perfect(world))] == []


@pytest.mark.parametrize(
    "question",
    [
        {"protocol": "udp", "port": 22},
        {"protocol": "icmp", "port": None},
        {"port": 443},
        {"all_interfaces": True},
    ],
)
def test_a_perfect_answer_to_other_questions(question):
    for seed in range(1, 300, 41):
        world = random_world(seed)
        asked = {**question, "port": str(question.get("port", 22))}
        assert [str(each) for each in check(world, perfect(world, **question), **asked)] == []


def test_port_ranges_are_cut_where_the_answer_changes():
    world = random_world(10)
    documents = [perfect(world, port=port) for port in range(20, 26)]
    merged = []
    for column in zip(*(document["targets"] for document in documents), strict=False):
        for port, target in enumerate(column, 20):
            if merged and target["port"] != "20" and merged[-1]["sources"] == target["sources"]:
                merged[-1]["port"] = f"{merged[-1]['port'].partition('-')[0]}-{port}"
            else:
                merged.append(target)
    assert [str(each) for each in check(world, {"schema_version": 1, "targets": merged}, port="20-25")] == []
    gap = [target for target in merged if not target["port"].endswith("25")]
    assert check(world, {"schema_version": 1, "targets": gap}, port="20-25")
    apart = [target for document in documents for target in document["targets"]]
    kinds = {each.kind for each in check(world, {"schema_version": 1, "targets": apart}, port="20-25")}
    assert kinds == {"port"}  # never merged, though alike


def test_mistakes_are_noticed():
    noticed = Counter()
    for seed in range(0, 40, 8):
        world = random_world(seed)
        document = perfect(world)
        for index, target in enumerate(document["targets"]):
            for number, source in enumerate(target["sources"]):
                broken = copy.deepcopy(document)
                if number % 3 == 0:
                    broken["targets"][index]["sources"].pop(number)
                elif number % 3 == 1:
                    flipped = "possible" if source["verdict"] == "reachable" else "reachable"
                    broken["targets"][index]["sources"][number]["verdict"] = flipped
                elif source.get("cidrs"):
                    broken["targets"][index]["sources"][number]["cidrs"] = source["cidrs"][1:] or [
                        "9.0.0.0/8"
                    ]
                else:
                    continue
                kinds = {each.kind for each in check(world, broken)}
                optional = source["scope"] == "control_plane" and target["family"] == "ipv6"
                assert kinds or optional, (seed, target["resource"], source)
                noticed.update(kinds)
    assert noticed["answer: internet"]
    assert noticed["answer: vpc"]
    assert noticed["answer: interface"]


def test_missing_and_invented_targets_are_noticed():
    world = random_world(3)
    document = perfect(world)
    document["targets"][0]["subnet"] = "aws_subnet.nowhere"
    assert {"missing target", "unexpected target"} <= {each.kind for each in check(world, document)}


def test_global_addresses():
    for text in ("8.8.8.8", "1.0.0.0", "223.255.255.255", "192.0.3.0"):
        assert is_global(integer(text), 4)
    for text in ("10.0.0.1", "100.64.0.1", "203.0.113.9", "224.0.0.1", "0.1.2.3"):
        assert not is_global(integer(text), 4)
    assert is_global(integer("2600::1"), 6)
    assert not is_global(integer("2001:db8::1"), 6)
    assert not is_global(integer("fd00::1"), 6)


def test_the_questions_are_telling():
    summary = Summary()
    for seed in range(300):
        for item in expectations(random_world(seed)):
            family = FAMILY_NAME[item.family]
            for wide in item.wide:
                summary.answers.update((wide.scope, family, verdict) for verdict in wide.verdicts.values())
            summary.answers.update((scope, family, verdict) for (scope, _, _), verdict in item.known.items())
    print("\n" + "\n".join(summary.shares()))
    by_verdict = Counter()
    for (_, _, verdict), count in summary.answers.items():
        by_verdict[verdict] += count
    total = sum(by_verdict.values())
    assert by_verdict["reachable"] >= 0.3 * total
    assert by_verdict["blocked"] >= 0.3 * total
    for scope, family in {key[:2] for key in summary.answers}:
        asked = sum(
            summary.answers[(scope, family, verdict)] for verdict in ("reachable", "possible", "blocked")
        )
        for verdict in ("reachable", "blocked"):
            assert summary.answers[(scope, family, verdict)] >= 0.3 * asked, (scope, family, verdict)


def test_run_counts_and_compares():
    worlds = iter([random_world(1), random_world(2)])
    summary = run([1, 2], lambda plan: perfect(next(worlds)))
    assert summary.worlds == 2
    assert summary.disagreements == []
    assert summary.answers
