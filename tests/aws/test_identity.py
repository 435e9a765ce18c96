"""Which attributes name the same object: references, real ids, what AWS makes beside, data sources."""

from __future__ import annotations

import pytest

from tests.aws.plans import (
    CLUSTER,
    GROUP,
    NODES,
    SUBNET,
    VPC,
    WORLD,
    R,
    estate,
    node,
    nodes,
    ref,
    shape,
    together,
)

SSH = {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "10.9.0.0/16"}


def rule_on(reference: str) -> R:
    """A separate inbound rule on the group that ``reference`` names."""
    return R(
        "aws_vpc_security_group_ingress_rule.x",
        SSH,
        {"security_group_id": True},
        {"security_group_id": ref(reference)},
    )


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("aws_security_group.node.id", "aws_security_group.node"),
        ("aws_vpc.this.default_security_group_id", "aws_vpc.this#default_security_group"),
        (
            "aws_eks_cluster.this.vpc_config[0].cluster_security_group_id",
            "aws_eks_cluster.this#cluster_security_group",
        ),
    ],
)
def test_a_rule_lands_on_the_group_it_names(reference: str, key: str) -> None:
    made = estate(*WORLD, rule_on(reference))
    holders = [
        group.key
        for group in made.security_groups.values()
        for rule in group.ingress
        if rule.origin.resource.endswith("ingress_rule.x")
    ]
    assert holders == [key]
    [rule] = [
        r for r in made.security_groups[key].ingress if r.addresses is not None and r.origin.resource != key
    ]
    assert rule.certain


def test_an_adopted_default_group_is_the_vpcs_default_group() -> None:
    """One object, two names: `aws_default_security_group.x.id`, `aws_vpc.this.default_security_group_id`."""
    adopted = R(
        "aws_default_security_group.x", {}, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")}
    )
    made = estate(*WORLD, adopted, rule_on("aws_default_security_group.x.id"))
    group = made.security_groups["aws_vpc.this#default_security_group"]
    assert [rule.origin.resource for rule in group.ingress] == ["aws_vpc_security_group_ingress_rule.x"], (
        "adoption removed the default rules (A24), the separate one is added"
    )


def test_a_real_id_and_its_resource_are_one() -> None:
    network = (
        R("aws_vpc.this", {"id": "vpc-1", "cidr_block": "10.0.0.0/16"}, actions=("no-op",)),
        R(
            "aws_subnet.a",
            {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"},
            actions=("no-op",),
        ),
    )
    made = estate(*network, CLUSTER, R(NODES, {"cluster_name": "prod", "subnet_ids": ["subnet-1"]}))
    assert node(made).subnet == "aws_subnet.a"
    assert made.subnets["aws_subnet.a"].vpc.exact == "aws_vpc.this"


def test_a_data_source_is_the_object_that_it_found() -> None:
    vpc = R("aws_vpc.this", {"id": "vpc-1", "cidr_block": "10.0.0.0/16"}, actions=("no-op",))
    subnet = R(
        "aws_subnet.a", {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}, actions=("no-op",)
    )
    found = R("data.aws_subnet.same", {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"})
    group = R(
        NODES,
        {"cluster_name": "prod"},
        {"subnet_ids": [True]},
        {"subnet_ids": ref("data.aws_subnet.same.id")},
    )
    group_known = R(NODES, {"cluster_name": "prod", "subnet_ids": ["subnet-1"]})
    made = estate(vpc, subnet, found, CLUSTER, group_known)
    assert node(made).subnet == "aws_subnet.a"
    assert [key for key in made.subnets if "data." in key] == []
    assert group.expressions


def test_an_object_known_by_id_alone_may_hold_anything() -> None:
    """Open world at the edge: another team's group and subnet (K11)."""
    made = estate(*WORLD, R(NODES, {"cluster_name": "prod", "subnet_ids": ["subnet-elsewhere"]}))
    landed = node(made)
    assert landed.subnet == "subnet-elsewhere", "named by its id"
    subnet = made.subnets["subnet-elsewhere"]
    assert not subnet.managed
    assert subnet.route_table.open
    assert subnet.network_acl.open
    template = R("aws_launch_template.this", {"id": "lt-1", "vpc_security_group_ids": ["sg-elsewhere"]})
    made = estate(*WORLD, template, nodes({"launch_template": [{"id": "lt-1", "version": "$Latest"}]}))
    assert shape(made).groups.sure == {"sg-elsewhere"}
    assert made.security_groups["sg-elsewhere"].open
    assert made.security_groups["sg-elsewhere"].kind == "external"


def test_one_of_several_is_a_choice_and_says_so() -> None:
    """A splat without an index names every instance; a list that lumps references stays within them."""
    other = R("aws_subnet.b", {"cidr_block": "10.0.2.0/24"}, {"id": True, "vpc_id": True}, SUBNET.expressions)
    group = nodes(expressions={"subnet_ids": ref("aws_subnet.a.id", "aws_subnet.b.id")})
    made = estate(VPC, SUBNET, other, CLUSTER, GROUP, group)
    landed = {i.subnet: i.certain for i in made.interfaces if i.resource == NODES}
    assert set(landed) - {None} == {"aws_subnet.a", "aws_subnet.b"}


def test_a_name_is_an_identity_of_clusters_only_where_names_are() -> None:
    made = estate(*WORLD, nodes())
    assert node(made).cluster.exact == CLUSTER.address, 'cluster_name = "prod" is aws_eks_cluster.this'
    elsewhere = estate(*WORLD, nodes({"cluster_name": "another"}))
    assert node(elsewhere).cluster.exact != CLUSTER.address


def test_of_two_stages_with_one_cluster_name_each_means_its_own() -> None:
    made = together(blue=(*WORLD, nodes()), green=(*WORLD, nodes()))
    clusters = {group.resource: group.cluster.keys for group in made.node_groups}
    assert clusters == {f"{stage}:{NODES}": (f"{stage}:aws_eks_cluster.this",) for stage in ("blue", "green")}


def test_a_name_that_only_another_root_has_is_that_roots() -> None:
    made = together(blue=WORLD, green=(VPC, SUBNET, nodes()))
    [group] = made.node_groups
    assert (group.resource, group.cluster.exact) == (NODES, "aws_eks_cluster.this")


def test_what_is_made_beside_a_resource_stays_with_its_root() -> None:
    made = together(
        blue=(*WORLD, rule_on("aws_vpc.this.default_security_group_id")),
        green=(
            *WORLD,
            R("aws_default_security_group.x", {}, {"vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")}),
        ),
    )
    blue, green = (
        made.security_groups[f"{s}:aws_vpc.this#default_security_group"] for s in ("blue", "green")
    )
    assert (blue.resource, len(blue.ingress)) == ("blue:aws_vpc.this", 2)
    assert (green.resource, green.ingress) == ("aws_default_security_group.x", ())


def test_blocks_chosen_at_apply_do_not_mix() -> None:
    vpc = R(
        VPC.address,
        {"assign_generated_ipv6_cidr_block": True},
        {**VPC.unknown, "cidr_block": True, "ipv6_cidr_block": True},
    )
    blue, green = (made for made in together(blue=(vpc,), green=(vpc,)).vpcs.values())
    assert blue.symbols(blue.addresses("ipv6"), "ipv6") == ("blue:aws_vpc.this.ipv6_cidr_block",)
    assert green.addresses("ipv6").isdisjoint(blue.addresses("ipv6"))
