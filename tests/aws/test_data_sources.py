"""What data sources saw of objects that no input manages; managed ones win (K10, K11)."""

from __future__ import annotations

from eks_checks.aws.estate import Estate
from eks_checks.aws.internet_routes import internet_routes
from eks_checks.aws.knowledge import Truth
from tests.aws.plans import R, estate, together, word

VPC_ID, SUBNET_ID, TABLE_ID = "vpc-0123456789abcdef0", "subnet-0123456789abcdef0", "rtb-0123456789abcdef0"
GROUP_ID, GATEWAY_ID, LIST_ID = "sg-0123456789abcdef0", "igw-0123456789abcdef0", "pl-0123456789abcdef0"

VPC = R(
    "data.aws_vpc.this",
    {"id": VPC_ID, "cidr_block": "10.0.0.0/16", "main_route_table_id": "rtb-0aaaaaaaaaaaaaaaa"},
)
SUBNET = R(
    "data.aws_subnet.node",
    {
        "id": SUBNET_ID,
        "vpc_id": VPC_ID,
        "cidr_block": "10.0.1.0/24",
        "availability_zone": "eu-central-1a",
        "map_public_ip_on_launch": True,
        "assign_ipv6_address_on_creation": False,
        "ipv6_cidr_block": "",
    },
)
INSTANCE = R(
    "aws_instance.x",
    {"subnet_id": SUBNET_ID, "vpc_security_group_ids": [GROUP_ID]},
    {"id": True, "public_ip": True, "associate_public_ip_address": True},
)


def table(target: str, *associations: dict[str, object], **values: object) -> R:
    route = {"cidr_block": "0.0.0.0/0", "gateway_id": target, "nat_gateway_id": ""}
    return R(
        "data.aws_route_table.node",
        {"id": TABLE_ID, "vpc_id": VPC_ID, "routes": [route], "associations": list(associations), **values},
    )


def to_internet(made: Estate) -> Truth:
    return internet_routes(made, made.subnets[SUBNET_ID]).truth


def test_a_subnet_keeps_what_the_data_source_saw() -> None:
    subnet = estate(VPC, SUBNET, INSTANCE).subnets[SUBNET_ID]
    assert (subnet.vpc.exact, subnet.availability_zone, subnet.managed) == (VPC_ID, "eu-central-1a", False)
    assert subnet.addresses("ipv4").to_cidrs() == ("10.0.1.0/24",)
    assert not subnet.addresses("ipv6")
    assert (word(subnet.public_on_launch), word(subnet.ipv6_on_creation)) == ("yes", "no")


def test_what_it_does_not_say_is_not_known() -> None:
    bare = R(SUBNET.address, {"id": SUBNET_ID, "vpc_id": VPC_ID, "cidr_block": "10.0.1.0/24"})
    subnet = estate(VPC, bare, INSTANCE).subnets[SUBNET_ID]
    assert (word(subnet.public_on_launch), word(subnet.ipv6_on_creation)) == ("unknown", "unknown")


def test_its_route_table_and_acl_are_open_until_something_shows_them() -> None:
    subnet = estate(VPC, SUBNET, INSTANCE).subnets[SUBNET_ID]
    for attached in (subnet.route_table, subnet.network_acl):
        assert (attached.keys, attached.open) == ((), True)
        assert "in none of the inputs: add the state that holds it" in attached.causes[0].reason


def test_a_route_table_gives_its_routes_to_the_subnets_it_lists() -> None:
    listed = {"subnet_id": SUBNET_ID, "main": False, "gateway_id": ""}
    assert word(to_internet(estate(VPC, SUBNET, INSTANCE, table(GATEWAY_ID, listed)))) == "yes"
    assert word(to_internet(estate(VPC, SUBNET, INSTANCE, table("vgw-0123456789abcdef0", listed)))) == "no"


def test_a_route_table_looked_up_by_subnet_is_that_subnets() -> None:
    found = estate(VPC, SUBNET, INSTANCE, table(GATEWAY_ID, subnet_id=SUBNET_ID))
    assert found.subnets[SUBNET_ID].route_table.keys == (TABLE_ID,)
    other = estate(VPC, SUBNET, INSTANCE, table(GATEWAY_ID, {"subnet_id": "subnet-0bbbbbbbbbbbbbbbb"}))
    assert other.subnets[SUBNET_ID].route_table.open


def test_a_table_still_to_be_read_is_none() -> None:
    unread = R("data.aws_route_table.node", {"vpc_id": VPC_ID}, {"id": True, "routes": True})
    assert estate(VPC, SUBNET, INSTANCE, unread).subnets[SUBNET_ID].route_table.open


def test_a_group_known_by_id_may_hold_any_rule() -> None:
    group = R("data.aws_security_group.node", {"id": GROUP_ID, "vpc_id": VPC_ID, "name": "node"})
    made = estate(VPC, SUBNET, INSTANCE, group)
    found = made.security_groups[GROUP_ID]
    assert (found.kind, found.open) == ("external", True)
    assert [cause.reason for cause in found.causes] == [f"{GROUP_ID} is in none of the inputs: add its state"]


def test_ids_out_of_lists_name_objects() -> None:
    lists = (
        R("data.aws_subnets.node", {"id": "eu-central-1", "ids": [SUBNET_ID]}),
        R("data.aws_security_groups.node", {"id": "eu-central-1", "ids": [GROUP_ID]}),
    )
    [interface] = estate(VPC, *lists, INSTANCE).interfaces
    assert interface.subnet == SUBNET_ID
    assert interface.shapes[0].groups.sure == {GROUP_ID}


def test_a_prefix_list_gives_its_entries() -> None:
    entries = R(
        "data.aws_ec2_managed_prefix_list.office", {"id": LIST_ID, "entries": [{"cidr": "11.22.33.0/24"}]}
    )
    made = estate(VPC, entries)
    assert made.prefix_lists[LIST_ID].cidrs == ("11.22.33.0/24",)


# --- beside the state of the network ----------------------------------------------------------------


def beside(*cluster: R, network: tuple[R, ...]) -> Estate:
    """The estate of two plans, of which the network's is already applied."""
    return together(cluster=cluster, network=network)


def existing(address: str, **values: object) -> R:
    return R(address, values, actions=("no-op",))


NETWORK = (
    existing("aws_vpc.this", id=VPC_ID, cidr_block="10.0.0.0/16"),
    existing("aws_internet_gateway.this", id=GATEWAY_ID, vpc_id=VPC_ID),
    existing(
        "aws_subnet.a", id=SUBNET_ID, vpc_id=VPC_ID, cidr_block="10.0.1.0/24", map_public_ip_on_launch=False
    ),
    existing("aws_route_table.a", id="rtb-0cccccccccccccccc", vpc_id=VPC_ID, route=[]),
    existing("aws_route_table_association.a", subnet_id=SUBNET_ID, route_table_id="rtb-0cccccccccccccccc"),
)


def test_the_managed_resource_wins_over_what_a_data_source_saw() -> None:
    listed = {"subnet_id": SUBNET_ID, "main": False, "gateway_id": ""}
    made = beside(VPC, SUBNET, INSTANCE, table(GATEWAY_ID, listed), network=NETWORK)
    subnet = made.subnets["aws_subnet.a"]
    assert SUBNET_ID not in made.subnets
    assert list(made.vpcs) == ["aws_vpc.this"]
    assert word(subnet.public_on_launch) == "no"
    assert (subnet.route_table.keys, subnet.route_table.open) == (("aws_route_table.a",), False)
    assert [interface.subnet for interface in made.interfaces] == ["aws_subnet.a"]


def test_an_association_that_the_networks_plan_deletes_is_not_seen_any_more() -> None:
    going = R(
        "aws_route_table_association.a",
        {"subnet_id": SUBNET_ID, "route_table_id": TABLE_ID},
        actions=("delete",),
    )
    listed = {"subnet_id": SUBNET_ID, "main": False, "gateway_id": ""}
    made = beside(VPC, SUBNET, INSTANCE, table(GATEWAY_ID, listed), network=(*NETWORK[:4], going))
    assert TABLE_ID not in made.subnets["aws_subnet.a"].route_table.keys


def test_every_kind_of_object_that_no_input_explains_is_named() -> None:
    acl = "acl-0123456789abcdef0"
    made = estate(
        existing("aws_subnet.a", id=SUBNET_ID, vpc_id=VPC_ID, cidr_block="10.0.1.0/24"),
        existing("aws_subnet.b", id="subnet-0dddddddddddddddd", vpc_id=VPC_ID, cidr_block="10.0.2.0/24"),
        existing("aws_route_table_association.a", subnet_id=SUBNET_ID, route_table_id=TABLE_ID),
        existing("aws_network_acl_association.a", subnet_id=SUBNET_ID, network_acl_id=acl),
        existing(
            "aws_instance.x", id="i-0123456789abcdef0", subnet_id=SUBNET_ID, vpc_security_group_ids=[GROUP_ID]
        ),
        existing("aws_instance.y", id="i-0123456789abcdef1", subnet_id="subnet-0eeeeeeeeeeeeeeee"),
    )
    named = {entry.resource for entry in made.coverage.unresolved if "add its state" in entry.reason}
    assert named >= {VPC_ID, TABLE_ID, acl, GROUP_ID, "subnet-0eeeeeeeeeeeeeeee"}
    subnet = made.subnets["aws_subnet.a"]
    assert f"{TABLE_ID} is in none of the inputs: add its state" in {
        c.reason for c in subnet.route_table.causes
    }
    assert f"{acl} is in none of the inputs: add its state" in {c.reason for c in subnet.network_acl.causes}
    outside = made.subnets["subnet-0eeeeeeeeeeeeeeee"]
    told = (outside.vpc, outside.public_on_launch, outside.route_table, outside.network_acl)
    assert {each.causes[0].reason for each in told} == {
        "subnet-0eeeeeeeeeeeeeeee is in none of the inputs: add its state"
    }


def test_the_main_table_of_a_looked_up_vpc_is_in_force_without_association() -> None:
    subnet = existing("aws_subnet.a", id=SUBNET_ID, vpc_id=VPC_ID, cidr_block="10.0.1.0/24")
    main = {"subnet_id": "", "main": True, "gateway_id": ""}
    seen = estate(subnet, table(GATEWAY_ID, main)).subnets["aws_subnet.a"].route_table
    assert (seen.keys, seen.open) == ((TABLE_ID,), False)
    unseen = estate(VPC, subnet).subnets["aws_subnet.a"].route_table
    assert [cause.reason for cause in unseen.causes] == [
        "rtb-0aaaaaaaaaaaaaaaa is in none of the inputs: add its state"
    ]
