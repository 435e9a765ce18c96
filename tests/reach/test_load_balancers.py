"""Clients that come through load balancers: every rule by hand (M8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eks_checks.reach.answer import Source
from eks_checks.reach.engine import Question, Reachability
from tests.aws.plans import R, estate
from tests.reach.balanced import (
    EVERYWHERE,
    NETWORK,
    OFFICE,
    REGISTERED,
    WORKERS,
    asked,
    balancer,
    group,
    lets,
    listener,
    nacl,
    said,
    subnet,
    target_group,
    through,
    workers,
)

ALB = (balancer(), listener(), target_group(), REGISTERED, *workers())
OPEN = (lets("lb", (443, 443), EVERYWHERE), lets("node", (30080, 30080), "lb"))
NLB = (
    balancer("network", security_groups=[]),
    listener(2222, "TCP"),
    target_group(22, "TCP"),
    REGISTERED,
    *workers(),
)


def named(sources: list[Source]) -> set[tuple[str, str]]:
    """What the only source hangs on."""
    [source] = sources
    return {(unknown.resource, unknown.attribute) for unknown in source.unknowns}


def test_everybody_gets_through_a_public_balancer_to_a_private_node() -> None:
    assert said(through(*ALB, *OPEN)) == [("reachable", (EVERYWHERE,))]


def test_the_listeners_port_is_not_the_nodes() -> None:
    assert through(*ALB, *OPEN, port=443) == []
    assert through(*ALB, *OPEN, port=30081) == []


def test_a_range_of_ports_is_cut_where_a_target_is_registered() -> None:
    wide = estate(*NETWORK, *ALB, lets("lb", (443, 443), EVERYWHERE), lets("node", (30000, 32767), "lb"))
    answers = Reachability(wide).answers(Question(ports=(30070, 30090), families=("ipv4",)))
    told = [(a.port, a.verdict.value) for a in answers if a.subnet == "aws_subnet.nodes_a"]
    assert told == [("30070-30079", "blocked"), ("30080", "reachable"), ("30081-30090", "blocked")]


def test_the_balancers_group_is_asked_for_the_listeners_port() -> None:
    narrow = lets("lb", (443, 443), OFFICE)
    assert said(through(*ALB, narrow, OPEN[1])) == [("reachable", (OFFICE,))]
    other = lets("lb", (80, 80), EVERYWHERE)
    assert through(*ALB, other, OPEN[1]) == []


def test_the_balancers_egress_must_let_it_on_to_the_node() -> None:
    closed = tuple(r for r in NETWORK if "egress" not in r.address)
    found = asked(estate(*closed, *ALB, *OPEN), sources=("aws_lb.this",))[WORKERS, "nodes_a"]
    [source] = found.sources
    assert source.verdict.value == "blocked"
    assert {blocker.layer for blocker in source.blocked_by} == {"egress"}


def test_a_node_rule_for_the_balancers_subnet_does_as_well_as_its_group() -> None:
    by_address = lets("node", (30080, 30080), "10.0.0.0/24", "10.0.1.0/24")
    assert said(through(*ALB, OPEN[0], by_address)) == [("reachable", (EVERYWHERE,))]


def test_a_node_rule_for_the_clients_lets_nobody_through_an_application_balancer() -> None:
    assert through(*ALB, OPEN[0], lets("node", (30080, 30080), OFFICE)) == []


def test_a_rule_for_half_of_the_balancers_subnets_leaves_it_open() -> None:
    half = lets("node", (30080, 30080), "10.0.0.0/25")
    found = through(*ALB, OPEN[0], half)
    assert said(found) == [("possible", (EVERYWHERE,))]
    assert ("aws_lb.this", "private_ip") in named(found)


def test_without_a_route_to_the_internet_only_the_vpc_is_left() -> None:
    inside = balancer(subnets=("nodes_a", "nodes_b"))
    assert said(through(inside, *ALB[1:], *OPEN)) == [("reachable", ("10.0.0.0/16",))]


def test_an_internal_balancer_has_the_vpcs_hosts_as_clients() -> None:
    assert said(through(balancer(internal=True), *ALB[1:], *OPEN)) == [("reachable", ("10.0.0.0/16",))]


def test_block_public_access_covers_balancers() -> None:
    off = R("aws_vpc_block_public_access_options.this", {"internet_gateway_block_mode": "block-ingress"})
    assert said(through(*ALB, *OPEN, off)) == [("reachable", ("10.0.0.0/16",))]
    spared = R(
        "aws_vpc_block_public_access_exclusion.this",
        {"vpc_id": "vpc-1", "internet_gateway_exclusion_mode": "allow-bidirectional"},
    )
    assert said(through(*ALB, *OPEN, off, spared)) == [("reachable", (EVERYWHERE,))]


# --- network ACLs -------------------------------------------------------------------------------------


EDGES = ("edge_a", "edge_b")
TO_EDGE = ((True, 1, EVERYWHERE, 443, 443), (False, 1, EVERYWHERE, 1024, 65535))
FROM_NODES = ((True, 2, "10.0.0.0/16", 1024, 65535),)


def test_the_acl_of_the_balancers_subnet_lets_the_listener_and_the_replies_through() -> None:
    full = nacl("edge", *TO_EDGE, *FROM_NODES, subnets=EDGES)
    assert said(through(*ALB, *OPEN, full)) == [("reachable", (EVERYWHERE,))]


def test_replies_of_the_nodes_must_get_back_into_the_balancers_subnet() -> None:
    deaf = nacl("edge", *TO_EDGE, subnets=EDGES)
    assert through(*ALB, *OPEN, deaf) == []


def test_the_balancer_may_send_to_the_nodes_port_only_if_its_acl_does() -> None:
    mute = nacl(
        "edge",
        (True, 1, EVERYWHERE, 443, 443),
        (False, 1, EVERYWHERE, 40000, 65535),
        *FROM_NODES,
        subnets=EDGES,
    )
    assert through(*ALB, *OPEN, mute) == []


def test_the_nodes_acl_sees_the_balancer_and_not_its_clients() -> None:
    near = nacl(
        "nodes",
        (True, 1, "10.0.0.0/23", 30080, 30080),
        (False, 1, "10.0.0.0/23", 1024, 65535),
        subnets=("nodes_a",),
    )
    assert said(through(*ALB, *OPEN, near, sources=(OFFICE,))) == [("reachable", (OFFICE,))]
    # Hosts beside the node are under the same list, which does not let them out to the balancer.
    assert said(through(*ALB, *OPEN, near, sources=("10.0.10.0/24",))) == [("blocked", ("10.0.10.0/24",))]
    far = nacl(
        "nodes", (True, 1, OFFICE, 30080, 30080), (False, 1, OFFICE, 1024, 65535), subnets=("nodes_a",)
    )
    assert through(*ALB, *OPEN, far) == []


# --- who keeps the client's address -------------------------------------------------------------------


SSH_FROM_OFFICE = lets("node", (22, 22), OFFICE)
SSH_FROM_EDGES = lets("node", (22, 22), "10.0.0.0/23")


def test_behind_a_network_balancer_instances_see_the_client() -> None:
    assert said(through(*NLB, SSH_FROM_OFFICE, port=22)) == [("reachable", (OFFICE,))]


def test_a_rule_for_the_balancers_subnets_is_then_of_no_use_to_the_internet() -> None:
    assert said(through(*NLB, SSH_FROM_EDGES, port=22)) == [("reachable", ("10.0.0.0/23",))]


@pytest.mark.parametrize("off", [False, "false"])
def test_switched_off_the_balancer_shows_its_own_address(off: object) -> None:
    own = target_group(22, "TCP", preserve_client_ip=off)
    there = (*NLB[:2], own, *NLB[3:])
    assert through(*there, SSH_FROM_OFFICE, port=22) == []
    assert said(through(*there, SSH_FROM_EDGES, port=22)) == [("reachable", (EVERYWHERE,))]


def test_targets_by_address_see_the_balancer_over_tcp() -> None:
    there = (*NLB[:2], target_group(22, "TCP", target_type="ip"), *workers(), by_address("10.0.10.5"))
    fixed = instance("10.0.10.5")
    found = asked(estate(*NETWORK, *there, fixed, SSH_FROM_EDGES), 22, everything=True)
    sources = [s for s in found["aws_instance.one", "nodes_a"].sources if s.scope == "load_balancer"]
    assert said(sources) == [("reachable", (EVERYWHERE,))]


def test_over_udp_the_clients_address_is_always_kept() -> None:
    there = (
        NLB[0],
        listener(53, "UDP"),
        target_group(53, "UDP", target_type="ip", preserve_client_ip="false"),
        by_address("10.0.10.5"),
        instance("10.0.10.5"),
        lets("node", (53, 53), OFFICE, protocol="udp"),
    )
    found = asked(estate(*NETWORK, *there), 53, everything=True, protocol="udp")
    sources = [s for s in found["aws_instance.one", "nodes_a"].sources if s.scope == "load_balancer"]
    assert said(sources) == [("reachable", (OFFICE,))]
    assert not asked(estate(*NETWORK, *there), 53, everything=True)["aws_instance.one", "nodes_a"].sources


def test_not_knowing_whose_address_it_is_leaves_both_open() -> None:
    open_ = R(
        "aws_lb_target_group.this",
        {k: v for k, v in target_group(22, "TCP").values.items() if k != "preserve_client_ip"},
        {"preserve_client_ip": True},
        {"preserve_client_ip": {"references": ["local.kept"]}},
    )
    found = through(*NLB[:2], open_, *NLB[3:], SSH_FROM_OFFICE, port=22)
    assert said(found) == [("possible", (OFFICE,))]
    assert ("aws_lb_target_group.this", "preserve_client_ip") in named(found)
    both = through(*NLB[:2], open_, *NLB[3:], lets("node", (22, 22), EVERYWHERE), port=22)
    assert said(both) == [("reachable", (EVERYWHERE,))]


def test_the_nodes_acl_sees_the_client_where_the_address_is_kept() -> None:
    anybody = lets("node", (22, 22), EVERYWHERE)
    here = nacl(
        "nodes", (True, 1, OFFICE, 22, 22), (False, 1, OFFICE, 1024, 65535), subnets=("nodes_a", "nodes_b")
    )
    assert said(through(*NLB, anybody, here, port=22)) == [("reachable", (OFFICE,))]


def test_a_network_balancer_with_groups_is_known_by_them_whatever_address_it_keeps() -> None:
    there = (balancer("network"), *NLB[1:], lets("lb", (2222, 2222), OFFICE), lets("node", (22, 22), "lb"))
    assert said(through(*there, port=22)) == [("reachable", (OFFICE,))]


def test_ipv6_clients_of_an_ipv4_target_come_with_the_balancers_address() -> None:
    v6 = {"ipv6_cidr_block": "2600:1f14:1:100::/64"}
    vpc = replace(NETWORK[0], values={**NETWORK[0].values, "ipv6_cidr_block": "2600:1f14:1:100::/56"})
    table = R(
        "aws_route_table.edge",
        {
            "id": "rtb-1",
            "vpc_id": "vpc-1",
            "route": [
                {"cidr_block": EVERYWHERE, "gateway_id": "igw-1"},
                {"ipv6_cidr_block": "::/0", "gateway_id": "igw-1"},
            ],
        },
    )
    changed = {"aws_vpc.this": vpc, "aws_subnet.edge_a": subnet("edge_a", 0, **v6), table.address: table}
    network = [changed.get(r.address, r) for r in NETWORK]
    both = balancer("network", ("edge_a",), security_groups=[], ip_address_type="dualstack")
    found = asked(estate(*network, both, *NLB[1:], SSH_FROM_EDGES), 22)[WORKERS, "nodes_a"]
    sources = [s for s in found.sources if s.scope == "load_balancer"]
    assert said(sources) == [("reachable", ("10.0.0.0/23", "::/0"))]


# --- zones --------------------------------------------------------------------------------------------


def test_an_application_balancer_crosses_zones() -> None:
    assert said(through(*ALB, *OPEN, where="nodes_b")) == [("reachable", (EVERYWHERE,))]
    apart = target_group(load_balancing_cross_zone_enabled="false")
    one = (balancer(subnets=("edge_a",)), listener(), apart, REGISTERED, *workers(), *OPEN)
    assert said(through(*one)) == [("reachable", (EVERYWHERE,))]
    assert through(*one, where="nodes_b") == []


def test_a_target_in_a_zone_that_is_not_enabled_is_possible_at_most() -> None:
    one = (balancer(subnets=("edge_a",)), *ALB[1:], *OPEN)
    found = through(*one, where="nodes_b")
    assert said(found) == [("possible", (EVERYWHERE,))]
    assert ("aws_subnet.nodes_b", "availability_zone") in named(found)


def test_a_network_balancer_keeps_to_the_zone_unless_told_otherwise() -> None:
    one = balancer("network", ("edge_a",), security_groups=[])
    assert through(one, *NLB[1:], SSH_FROM_OFFICE, port=22, where="nodes_b") == []
    across = balancer(
        "network", ("edge_a", "edge_b"), security_groups=[], enable_cross_zone_load_balancing=True
    )
    assert said(through(across, *NLB[1:], SSH_FROM_OFFICE, port=22, where="nodes_b")) == [
        ("reachable", (OFFICE,))
    ]


# --- listeners and their rules ------------------------------------------------------------------------


def rule(priority: int, action: dict[str, object], **condition: object) -> R:
    """A rule of the listener."""
    conditions = [{name: [{"values": values}]} for name, values in condition.items()]
    return R(
        f"aws_lb_listener_rule.r{priority}",
        {"listener_arn": "arn:listener", "priority": priority, "action": [action], "condition": conditions},
    )


FORWARD = {"type": "forward", "target_group_arn": "arn:tg"}
REFUSE = {"type": "fixed-response", "fixed_response": [{"content_type": "text/plain", "status_code": "403"}]}
SHUT = listener(default_action=[REFUSE])


def test_a_listener_that_redirects_leads_nowhere() -> None:
    away = listener(default_action=[{"type": "redirect", "redirect": [{"status_code": "HTTP_301"}]}])
    assert through(balancer(), away, *ALB[2:], *OPEN) == []


def test_a_rule_forwards_what_the_client_chooses_to_ask() -> None:
    chosen = rule(1, FORWARD, path_pattern=["/admin/*"])
    assert said(through(balancer(), SHUT, chosen, *ALB[2:], *OPEN)) == [("reachable", (EVERYWHERE,))]


def test_a_rule_may_be_for_some_clients_only() -> None:
    some = rule(1, FORWARD, source_ip=[OFFICE])
    assert said(through(balancer(), SHUT, some, *ALB[2:], *OPEN)) == [("reachable", (OFFICE,))]


def test_an_earlier_rule_may_take_all_that_some_clients_ask() -> None:
    refused = rule(1, REFUSE, source_ip=["0.0.0.0/1"])
    assert said(through(balancer(), listener(), refused, *ALB[2:], *OPEN)) == [
        ("reachable", ("128.0.0.0/1",))
    ]
    picky = rule(1, REFUSE, source_ip=["0.0.0.0/1"], path_pattern=["/admin"])
    assert said(through(balancer(), listener(), picky, *ALB[2:], *OPEN)) == [("reachable", (EVERYWHERE,))]


def test_who_must_log_in_first_may_get_through() -> None:
    gated = listener(default_action=[{"type": "authenticate-oidc", "order": 1}, FORWARD])
    assert said(through(balancer(), gated, *ALB[2:], *OPEN)) == [("possible", (EVERYWHERE,))]


@pytest.mark.parametrize(("weight", "verdict"), [(1, ["reachable"]), (0, ["possible"])])
def test_a_weighted_target_group_gets_its_share(weight: int, verdict: list[str]) -> None:
    share = [{"arn": "arn:tg", "weight": weight}, {"arn": "arn:other", "weight": 1}]
    split = listener(default_action=[{"type": "forward", "forward": [{"target_group": share}]}])
    assert [v for v, _ in said(through(balancer(), split, *ALB[2:], *OPEN))] == verdict


def test_a_port_that_is_not_known_leaves_its_clients_open() -> None:
    open_ = R(
        "aws_lb_listener.this",
        {k: v for k, v in listener().values.items() if k != "port"},
        {"port": True},
        {"port": {"references": ["local.port"]}},
    )
    found = through(balancer(), open_, *ALB[2:], *OPEN)
    assert [verdict for verdict, _ in said(found)] == ["possible"]
    assert ("aws_lb_listener.this", "port") in named(found)


# --- what is registered -------------------------------------------------------------------------------


def instance(address: str) -> R:
    """An instance with a fixed address and the group ``node``."""
    return R(
        "aws_instance.one",
        {
            "id": "i-1",
            "subnet_id": "subnet-nodes_a",
            "private_ip": address,
            "vpc_security_group_ids": ["sg-node"],
        },
    )


def by_address(address: str) -> R:
    """A target told by its address."""
    return R("aws_lb_target_group_attachment.ip", {"target_group_arn": "arn:tg", "target_id": address})


def test_an_address_may_be_a_nodes() -> None:
    there = (*ALB[:2], target_group(target_type="ip"), *workers(), by_address("10.0.10.77"), *OPEN)
    found = through(*there)
    assert said(found) == [("possible", (EVERYWHERE,))]
    assert (WORKERS, "private_ip") in named(found)
    assert through(*there, where="nodes_b") == []


def test_an_attachments_own_port_beats_the_target_groups() -> None:
    own = R(
        "aws_lb_target_group_attachment.one",
        {"target_group_arn": "arn:tg", "target_id": "i-1", "port": 2022},
    )
    there = (*ALB[:3], own, instance("10.0.10.5"), OPEN[0], lets("node", (0, 65535), "lb"))
    for port, expected in ((2022, [("reachable", (EVERYWHERE,))]), (30080, [])):
        found = asked(estate(*NETWORK, *there), port, everything=True)["aws_instance.one", "nodes_a"]
        assert said([s for s in found.sources if s.scope == "load_balancer"]) == expected


@pytest.mark.parametrize(
    "group_values",
    [
        {"target_group_arns": ["arn:tg"]},
        {"traffic_source": [{"identifier": "arn:tg", "type": "elbv2"}]},
    ],
)
def test_an_auto_scaling_group_may_list_its_target_groups_itself(group_values: dict[str, object]) -> None:
    there = (*ALB[:3], *workers(**group_values), *OPEN)
    assert said(through(*there)) == [("reachable", (EVERYWHERE,))]


def test_a_traffic_source_attachment_registers_too() -> None:
    beside = R(
        "aws_autoscaling_traffic_source_attachment.this",
        {
            "autoscaling_group_name": "workers",
            "traffic_source": [{"identifier": "arn:tg", "type": "elbv2"}],
        },
    )
    assert said(through(*ALB[:3], beside, *workers(), *OPEN)) == [("reachable", (EVERYWHERE,))]


def test_a_target_group_that_no_input_has_may_be_behind_any_balancer() -> None:
    elsewhere = R(
        "aws_autoscaling_attachment.this",
        {"autoscaling_group_name": "workers", "lb_target_group_arn": "arn:of-another-stack"},
    )
    found = through(elsewhere, *workers(), lets("node", (22, 22), OFFICE), port=22)
    assert [verdict for verdict, _ in said(found)] == ["possible"]
    assert [source.resource for source in found] == ["arn:of-another-stack"]
    # Where the nodes admit nobody, no balancer helps.
    assert through(elsewhere, *workers(), port=22) == []


def test_what_cannot_be_told_may_be_any_interface() -> None:
    lost = R(
        "aws_lb_target_group_attachment.lost",
        {"target_group_arn": "arn:tg"},
        {"target_id": True},
        {"target_id": {"references": ["local.somebody"]}},
    )
    found = through(*ALB[:3], lost, *workers(), *OPEN)
    assert said(found) == [("possible", (EVERYWHERE,))]
    assert ("aws_lb_target_group_attachment.lost", "target_id") in named(found)


def test_only_the_primary_interface_is_reached_by_an_instances_id() -> None:
    two = R(
        "aws_launch_template.workers",
        {
            "id": "lt-1",
            "latest_version": 1,
            "network_interfaces": [
                {"device_index": 0, "security_groups": ["sg-node"]},
                {"device_index": 1, "security_groups": ["sg-wide"]},
            ],
        },
    )
    there = (*ALB[:4], two, workers()[1], group("wide"), OPEN[0], lets("wide", (30080, 30080), "lb"))
    assert through(*there) == []


# --- classic balancers, chains ------------------------------------------------------------------------


CLASSIC = R(
    "aws_elb.edge",
    {
        "id": "edge",
        "name": "edge",
        "internal": False,
        "subnets": ["subnet-edge_a"],
        "security_groups": ["sg-lb"],
        "cross_zone_load_balancing": True,
        "listener": [
            {"lb_port": 443, "lb_protocol": "ssl", "instance_port": 30080, "instance_protocol": "tcp"}
        ],
    },
)


@pytest.mark.parametrize(
    "registered",
    [
        workers(load_balancers=["edge"]),
        (R("aws_autoscaling_attachment.e", {"autoscaling_group_name": "workers", "elb": "edge"}), *workers()),
    ],
)
def test_a_classic_balancer_shows_its_own_address(registered: tuple[R, ...]) -> None:
    assert said(through(CLASSIC, *registered, *OPEN)) == [("reachable", (EVERYWHERE,))]
    assert through(CLASSIC, *registered, OPEN[0], lets("node", (30080, 30080), OFFICE)) == []


def test_a_network_balancer_before_an_application_one_is_possible() -> None:
    outer = R(
        "aws_lb.outer",
        {
            **balancer("network", security_groups=[]).values,
            "id": "arn:outer",
            "arn": "arn:outer",
        },
    )
    there = (
        balancer(internal=True, subnets=("nodes_a", "nodes_b")),
        *ALB[1:],
        outer,
        R(
            "aws_lb_target_group.outer",
            {"id": "arn:tg2", "arn": "arn:tg2", "target_type": "alb", "port": 443, "protocol": "TCP"},
        ),
        R("aws_lb_target_group_attachment.outer", {"target_group_arn": "arn:tg2", "target_id": "arn:lb"}),
        R(
            "aws_lb_listener.outer",
            {
                "id": "arn:l2",
                "arn": "arn:l2",
                "load_balancer_arn": "arn:outer",
                "port": 443,
                "protocol": "TCP",
                "default_action": [{"type": "forward", "target_group_arn": "arn:tg2"}],
            },
        ),
        *OPEN,
    )
    found = {source.resource: source for source in through(*there)}
    assert said([found["aws_lb.this"]]) == [("reachable", ("10.0.0.0/16",))]
    assert said([found["aws_lb.outer"]]) == [("possible", (EVERYWHERE,))]


def test_an_accelerator_may_bring_anybody_to_an_internal_balancer() -> None:
    faster = R(
        "aws_globalaccelerator_endpoint_group.this",
        {"endpoint_configuration": [{"endpoint_id": "arn:lb", "weight": 100}]},
    )
    found = {s.resource: s for s in through(balancer(internal=True), *ALB[1:], *OPEN, faster)}
    assert said([found[faster.address]]) == [("possible", (EVERYWHERE,))]
    assert said([found["aws_lb.this"]]) == [("reachable", ("10.0.0.0/16",))]


# --- asking and telling -------------------------------------------------------------------------------


def test_one_balancer_may_be_asked_about() -> None:
    found = asked(estate(*NETWORK, *ALB, *OPEN), sources=("aws_lb.this",))[WORKERS, "nodes_a"]
    assert [(s.scope, s.resource) for s in found.sources] == [("load_balancer", "aws_lb.this")]
    other = asked(estate(*NETWORK, *ALB, *OPEN), 22, sources=("aws_lb.this",))[WORKERS, "nodes_a"]
    [source] = other.sources
    assert source.verdict.value == "blocked"
    assert [blocker.layer for blocker in source.blocked_by] == ["route"]


def test_clients_may_be_narrowed_to_a_prefix() -> None:
    found = through(*ALB, *OPEN, sources=(OFFICE,))
    assert said(found) == [("reachable", (OFFICE,))]


def test_every_hop_is_told_from_the_client_to_the_node() -> None:
    [source] = through(*ALB, *OPEN, explain=True)
    layers = [hop.layer for hop in source.path]
    middle = layers.index("forward")
    assert "security_group" in layers[:middle]
    assert {"egress", "security_group", "reply"} <= set(layers[middle:])
    assert source.path[middle].rule == "443 to 30080"


def test_the_balancer_is_no_interface_and_its_group_no_stranger() -> None:
    found = asked(estate(*NETWORK, *ALB, *OPEN))[WORKERS, "nodes_a"]
    assert {source.scope for source in found.sources} == {"load_balancer"}


def test_members_of_a_group_that_the_balancer_admits_are_possible_clients() -> None:
    bastion = R(
        "aws_instance.bastion",
        {"id": "i-9", "subnet_id": "subnet-edge_b", "vpc_security_group_ids": ["sg-ops"]},
    )
    there = (*ALB, group("ops"), bastion, lets("lb", (443, 443), "ops"), OPEN[1])
    assert said(through(*there)) == [("possible", ("10.0.1.0/24",))]


def test_networks_behind_routes_of_the_balancers_subnet_are_possible_clients() -> None:
    table = R(
        "aws_route_table.inner",
        {
            "id": "rtb-2",
            "vpc_id": "vpc-1",
            "route": [{"cidr_block": "10.8.0.0/16", "vpc_peering_connection_id": "pcx-1"}],
        },
    )
    tied = R("aws_route_table_association.inner", {"subnet_id": "subnet-nodes_a", "route_table_id": "rtb-2"})
    inner = balancer(internal=True, subnets=("nodes_a",))
    found = through(inner, *ALB[1:], *OPEN, table, tied)
    assert said(found) == [("reachable", ("10.0.0.0/16",)), ("possible", ("10.8.0.0/16",))]
    narrow = (lets("lb", (443, 443), "10.0.0.0/16"), OPEN[1])
    assert said(through(inner, *ALB[1:], *narrow, table, tied)) == [("reachable", ("10.0.0.0/16",))]
