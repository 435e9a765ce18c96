"""The oracle against answers known by hand: peering, transit gateways, VPN."""

from __future__ import annotations

import pytest

from .model_connections import Peering, TransitRoute, TransitTable
from .model_eks import SecurityGroup
from .model_network import PrefixList, Route, Vpc
from .tiny import acl_on, allow, answer, entry
from .tiny_connected import FAR, FAR_B, NOWHERE, ask, known, peered, route, site, transit, two_vpcs


def scopes(world):
    return {item.scope for item in answer(world).wide}


def test_without_a_connection_another_vpc_is_no_source():
    world = two_vpcs()
    assert scopes(world) == {"internet", "vpc"}
    assert known(answer(world), "aws_instance.far") == "blocked"


# --- peering -----------------------------------------------------------------------------------


def test_routes_on_both_sides_make_a_peering_a_way():
    assert ask(peered(), "peering", FAR) == "reachable"
    assert known(answer(peered()), "aws_instance.far") == "reachable"


@pytest.mark.parametrize(("there", "back"), [("10.9.0.0/16", None), (None, "10.0.0.0/16"), (None, None)])
def test_a_missing_route_on_either_side_closes_it(there, back):
    world = peered(there, back)
    assert ask(world, "peering", FAR) == known(answer(world), "aws_instance.far") == "blocked"


def test_narrow_routes_join_a_part():
    world = peered("10.9.1.0/25", "10.0.0.0/16")
    assert ask(world, "peering", "10.9.1.127") == "reachable"
    assert ask(world, "peering", "10.9.1.128") == "blocked"
    assert ask(peered("10.9.0.0/16", "10.0.1.0/25"), "peering", FAR) == "possible"  # half the node subnet


def test_a_prefix_list_leads_there_as_well():
    world = peered(None)
    world.prefix_lists.append(PrefixList("aws_ec2_managed_prefix_list.p", "pl-1", 4, ["10.9.0.0/16"]))
    world.tables[1].routes.append(Route("pcx-1", prefix_list="pl-1"))
    assert ask(world, "peering", FAR) == "reachable"


def test_a_pending_peering_carries_nothing():
    world = peered()
    world.peerings[0].status = "pending-acceptance"
    assert ask(world, "peering", FAR) == known(answer(world), "aws_instance.far") == "blocked"


def test_peering_is_not_transitive():
    world = allow(peered(), "ingress", "10.8.0.0/16")
    world.vpcs.append(Vpc("aws_vpc.third", "vpc-3", "10.8.0.0/16", "sg-3", "acl-3", "rtb-3", "rtb-3"))
    world.tables.append(type(world.tables[0])("implicit", "rtb-3", "vpc-3"))
    world.peerings.append(Peering("aws_vpc_peering_connection.q", "pcx-2", "vpc-2", "vpc-3"))
    for table_id, cidr, target in (
        ("rtb-1", "10.8.0.0/16", "pcx-1"),
        ("rtb-far", "10.8.0.0/16", "pcx-2"),
        ("rtb-3", "10.0.0.0/16", "pcx-2"),
    ):
        route(world, table_id, cidr, target)
    assert [item.resource for item in answer(world).wide if item.scope == "peering"] == [
        "aws_vpc_peering_connection.p"
    ]
    assert ask(world, "peering", FAR) == "reachable"


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_groups_are_seen_across_a_peering_both_ways(direction):
    world = peered()
    if direction == "ingress":
        world.group("sg-node").rules.clear()
        allow(world, "ingress", groups=["sg-far"])
    else:
        world.group("sg-far").rules.clear()
        allow(world, "egress", groups=["sg-node"], group="sg-far")
    assert known(answer(world), "aws_instance.far") == "reachable"
    if direction == "ingress":
        assert ask(world, "peering", FAR) == "blocked"  # a host with no known group


def test_the_far_subnets_acl_counts_and_a_host_in_no_subnet_has_none():
    world = acl_on(peered(), "subnet-far-a", entry("out", 10, "allow", "0.0.0.0/0"))
    world.acls[-1].vpc_id = "vpc-2"
    assert ask(world, "peering", FAR) == "blocked"  # the reply
    assert ask(world, "peering", FAR_B) == ask(world, "peering", NOWHERE) == "reachable"


def test_the_far_vpcs_nodes_are_targets_of_their_own():
    world = peered()
    world.node_groups[0].subnet_ids = ["subnet-far-a"]
    world.templates[0].groups = ["sg-far"]
    allow(world, "ingress", "10.0.0.0/16", group="sg-far")
    target = answer(world, subnet="aws_subnet.far_a")
    assert target.scope("vpc").resource == "aws_vpc.far"
    assert target.scope("internet").via is None
    assert target.scope("peering").ask(10 << 24 | 1 << 8 | 9) == "reachable"


# --- transit gateway ---------------------------------------------------------------------------


def hub(world):
    return world.transit_gateways[0]


def test_default_table_joins_both():
    assert ask(transit(), "transit_gateway", FAR) == "reachable"
    assert known(answer(transit()), "aws_instance.far") == "reachable"


def test_no_route_to_the_gateway():
    world = transit()
    world.tables[1].routes.pop()
    assert ask(world, "transit_gateway", FAR) == "blocked"


@pytest.mark.parametrize("which", [0, 1])
def test_zones_without_an_attachment_are_cut_off(which):
    world = transit()
    hub(world).attachments[which].subnet_ids = [["subnet-bastion"], ["subnet-far-b"]][which]
    assert ask(world, "transit_gateway", FAR) == "blocked"
    assert ask(world, "transit_gateway", FAR_B) == ["blocked", "reachable"][which]


def test_no_association_no_way_in():
    world = transit()
    hub(world).attachments[1].default_association = False
    assert ask(world, "transit_gateway", FAR) == "blocked"
    table = TransitTable("tgw-rtb-1", "tgw-1", "aws_ec2_transit_gateway_route_table.r")
    hub(world).tables.append(table)
    table.associations.append(("a", "tgw-attach-2"))
    assert ask(world, "transit_gateway", FAR) == "blocked"  # associated, but the table is empty
    table.propagations.append(("p", "tgw-attach-1"))
    assert ask(world, "transit_gateway", FAR) == "reachable"


@pytest.mark.parametrize("switch", ["gateway", "attachment"])
def test_without_propagation_static_routes_are_needed(switch):
    world = transit()
    if switch == "gateway":
        hub(world).default_propagation = False
    else:
        hub(world).attachments[1].default_propagation = False
    assert ask(world, "transit_gateway", FAR) == "blocked"
    routes = hub(world).tables[0].routes
    routes.append(TransitRoute("r", "10.9.1.0/24", "tgw-attach-2"))
    if switch == "gateway":
        assert ask(world, "transit_gateway", FAR) == "blocked"
        routes.append(TransitRoute("s", "0.0.0.0/0", "tgw-attach-1"))
    assert ask(world, "transit_gateway", FAR) == "reachable"
    assert ask(world, "transit_gateway", FAR_B) == "blocked"


def test_a_blackhole_swallows_its_range():
    world = transit()
    hub(world).tables[0].routes.append(TransitRoute("r", "10.9.1.0/25", None))
    assert ask(world, "transit_gateway", FAR) == "blocked"
    assert ask(world, "transit_gateway", "10.9.1.128") == "reachable"
    hub(world).tables[0].routes[0].cidr = "10.9.0.0/16"  # as long as the propagated one: static wins
    assert ask(world, "transit_gateway", "10.9.1.128") == "blocked"
    hub(world).tables[0].routes[0].cidr = "10.0.0.0/8"
    assert ask(world, "transit_gateway", "10.9.1.128") == "reachable"


def test_groups_over_a_transit_gateway_need_three_switches_and_ingress():
    def world(*switches):
        made = transit()
        hub(made).group_references = switches[0]
        for attachment, switch in zip(hub(made).attachments, switches[1:], strict=True):
            attachment.group_references = switch
        made.group("sg-node").rules.clear()
        return allow(made, "ingress", groups=["sg-far"])

    assert known(answer(world(True, True, True)), "aws_instance.far") == "reachable"
    for off in range(3):
        switches = [number != off for number in range(3)]
        assert known(answer(world(*switches)), "aws_instance.far") == "blocked"
    outward = transit()
    outward.group("sg-far").rules.clear()
    allow(outward, "egress", groups=["sg-node"], group="sg-far")
    assert known(answer(outward), "aws_instance.far") == "blocked"


@pytest.mark.parametrize(("support", "verdict"), [(True, "reachable"), (False, "blocked")])
def test_ipv6_is_propagated_with_ipv6_support_only(support, verdict):
    world = transit()
    blocks = {"vpc-1": "2600:1f18:aaaa:bb00::/56", "vpc-2": "2600:1f18:cccc:dd00::/56"}
    for vpc in world.vpcs:
        vpc.ipv6_cidr = blocks[vpc.id]
    for subnet in world.subnets:
        subnet.ipv6_cidr, subnet.assign_ipv6 = blocks[subnet.vpc_id].replace("00::/56", "01::/64"), True
    world.subnets[1].ipv6_cidr = world.subnets[3].ipv6_cidr = None
    allow(world, "ingress", "::/0")
    route(world, "rtb-1", blocks["vpc-2"], "tgw-1")
    route(world, "rtb-far", blocks["vpc-1"], "tgw-1")
    hub(world).attachments[1].ipv6 = support
    assert ask(world, "transit_gateway", "2600:1f18:cccc:dd01::7", family=6) == verdict


def test_two_connections_at_once_leave_room():
    world = transit()
    world.peerings.append(Peering("aws_vpc_peering_connection.p", "pcx-1", "vpc-1", "vpc-2"))
    route(world, "rtb-far", "10.0.1.0/24", "pcx-1")  # there by peering, back by transit gateway
    assert ask(world, "peering", FAR) == "blocked or reachable"


# --- VPN ---------------------------------------------------------------------------------------


def test_a_static_route_to_the_vpn_gateway():
    world = route(site("10.50.0.0/16"), "rtb-1", "10.50.0.0/16", "vgw-1")
    assert ask(world, "vpn", "10.50.1.1") == "reachable"
    assert answer(world).scope("vpn").resource == "aws_vpn_connection.v"


def test_propagation_into_the_table():
    world = site("10.50.0.0/16")
    assert ask(world, "vpn", "10.50.1.1") == "blocked"
    world.vpn_gateways[0].propagations.append(("p", "rtb-1"))
    assert ask(world, "vpn", "10.50.1.1") == "reachable"
    world.vpn_gateways[0].propagations.clear()
    world.tables[1].propagating.append("vgw-1")
    assert ask(world, "vpn", "10.50.1.1") == "reachable"


def test_a_static_route_elsewhere_beats_the_propagated_one():
    world = route(site("10.50.0.0/16"), "rtb-1", "10.50.0.0/16", "nat-1")
    world.vpn_gateways[0].propagations.append(("p", "rtb-1"))
    assert ask(world, "vpn", "10.50.1.1") == "blocked"


def test_a_detached_vpn_gateway_carries_nothing():
    world = route(site("10.50.0.0/16"), "rtb-1", "10.50.0.0/16", "vgw-1")
    world.vpn_gateways[0].vpc_id = None
    assert "vpn" not in {item.scope for item in answer(world).wide}


def test_groups_of_two_vpcs_are_told_apart():
    world = peered()
    world.groups.append(SecurityGroup("custom", "sg-other", "vpc-2", "aws_security_group.other"))
    world.group("sg-node").rules.clear()
    allow(world, "ingress", groups=["sg-other"])
    assert known(answer(world), "aws_instance.far") == "blocked"
