"""Nodes that are no managed group: Auto Mode, self-managed ones, single instances and their interfaces."""

from __future__ import annotations

import pytest

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from tests.aws.plans import CLUSTER, GROUP, SUBNET, VPC, WORLD, Object, R, estate, ref, word

CLUSTER_GROUP = "aws_eks_cluster.this#cluster_security_group"


def nodes_of(made: Estate, resource: str) -> list[Interface]:
    return [i for i in made.node_interfaces() if i.resource == resource]


# --- Auto Mode (H5, H6) ------------------------------------------------------------------------------


def auto(compute: Object, unknown: Object | None = None) -> R:
    hidden = {**CLUSTER.unknown, **({"compute_config": [unknown]} if unknown else {})}
    return R(CLUSTER.address, {**CLUSTER.values, "compute_config": [compute]}, hidden, CLUSTER.expressions)


def test_the_built_in_pools_put_nodes_into_the_clusters_subnets() -> None:
    made = estate(VPC, SUBNET, auto({"enabled": True, "node_pools": ["general-purpose", "system"]}))
    [node] = nodes_of(made, CLUSTER.address)
    assert (node.kind, node.subnet, word(node.node)) == ("node_class", SUBNET.address, "yes")
    [shape] = node.shapes
    assert (shape.groups.sure, shape.groups.exact) == ({CLUSTER_GROUP}, True)
    assert word(shape.public_ipv4) == "yes"  # map_public_ip_on_launch of the subnet (D1)
    assert (word(node.listener_ssh), node.listener_note) == ("no", "Auto Mode nodes have no SSH server")
    assert node.cluster.exact == CLUSTER.address
    assert {u.type for u in made.coverage.unmodelled} == set()


@pytest.mark.parametrize(
    "compute",
    [
        {"enabled": False, "node_pools": ["system"]},
        {"enabled": True, "node_pools": []},
        {"enabled": True, "node_pools": None},
    ],
)
def test_without_pools_of_its_own_eks_makes_no_nodes(compute: Object) -> None:
    assert not estate(VPC, SUBNET, auto(compute)).node_interfaces()


def test_what_is_not_known_of_auto_mode_leaves_nodes_possible() -> None:
    written = R(
        CLUSTER.address,
        {**CLUSTER.values, "compute_config": [{"node_pools": ["system"]}]},
        {**CLUSTER.unknown, "compute_config": [{"enabled": True}]},
        {**CLUSTER.expressions, "compute_config": [{"enabled": {"references": ["local.on"]}}]},
    )
    [node] = nodes_of(estate(VPC, SUBNET, written), CLUSTER.address)
    assert word(node.node) == "unknown"
    assert {c.attribute for c in node.node.causes} == {"compute_config[0].enabled"}


def test_a_cluster_in_auto_mode_counts_among_what_creates_nodes() -> None:
    made = estate(VPC, SUBNET, auto({"enabled": True, "node_pools": ["system"]}))
    [group] = made.node_groups
    assert (group.resource, group.kind, word(group.ssh_key)) == (CLUSTER.address, "auto_mode", "no")


# --- self-managed groups: who listens ------------------------------------------------------------------

BOTTLEROCKET = '[settings.kubernetes]\ncluster-name = "prod"\n'
ADMIN = BOTTLEROCKET + "[settings.host-containers.admin]\nenabled = true\n"
JOINS = "#!/bin/bash\n/etc/eks/bootstrap.sh prod\n"


def self_managed(**template: object) -> tuple[R, R]:
    values = {"name": "t", "vpc_security_group_ids": ["sg-0123456789abcdef0"], **template}
    launch = R("aws_launch_template.this", values, {"id": True, "latest_version": True})
    group = R(
        "aws_autoscaling_group.this",
        {"launch_template": [{"version": "$Latest"}]},
        {"vpc_zone_identifier": [True], "launch_template": [{"id": True}]},
        {
            "vpc_zone_identifier": ref("aws_subnet.a.id"),
            "launch_template": [{"id": ref("aws_launch_template.this.id")}],
        },
    )
    return launch, group


@pytest.mark.parametrize(
    ("template", "listens"),
    [
        ({"user_data": JOINS}, "yes"),
        ({"user_data": BOTTLEROCKET}, "no"),
        ({"user_data": BOTTLEROCKET, "key_name": "ops"}, "yes"),
        ({"user_data": ADMIN}, "yes"),
        ({"user_data": "<powershell>\nx -EKSClusterName prod\n</powershell>"}, "unknown"),
    ],
)
def test_whether_sshd_listens_on_self_managed_nodes(template: Object, listens: str) -> None:
    [node] = nodes_of(estate(*WORLD, *self_managed(**template)), "aws_autoscaling_group.this")
    assert (word(node.node), node.cluster.exact) == ("yes", CLUSTER.address)
    assert word(node.listener_ssh) == listens


def test_the_image_that_was_looked_up_tells_the_family() -> None:
    image = R(
        "data.aws_ami.bottlerocket",
        {"id": "ami-0123456789abcdef0", "name": "bottlerocket-aws-k8s-1.33-x86_64-v1.40.0-abcdef12"},
    )
    tags = [{"key": "kubernetes.io/cluster/prod", "value": "owned", "propagate_at_launch": True}]
    launch, group = self_managed(image_id="ami-0123456789abcdef0")
    tagged = R(group.address, {**group.values, "tag": tags}, group.unknown, group.expressions)
    [node] = nodes_of(estate(*WORLD, image, launch, tagged), "aws_autoscaling_group.this")
    assert word(node.listener_ssh) == "no"


# --- instances ------------------------------------------------------------------------------------------


def instance(
    values: Object | None = None, unknown: Object | None = None, expressions: Object | None = None
) -> R:
    return R(
        "aws_instance.this",
        values or {},
        {"id": True, "subnet_id": True, **(unknown or {})},
        {"subnet_id": ref("aws_subnet.a.id"), **(expressions or {})},
    )


SCRIPT = ({"user_data": True}, {"user_data": {"references": ["local.script"]}})


def test_a_bastion_whose_script_is_not_known_is_no_node() -> None:
    assert not estate(*WORLD, instance({}, *SCRIPT)).node_interfaces()


def test_a_script_that_is_made_of_the_cluster_makes_a_possible_node() -> None:
    made = instance({}, {"user_data": True}, {"user_data": ref("aws_eks_cluster.this.id")})
    [node] = nodes_of(estate(*WORLD, made), "aws_instance.this")
    assert (word(node.node), node.cluster.exact) == ("unknown", CLUSTER.address)


@pytest.mark.parametrize(
    "values",
    [
        {"tags": {"kubernetes.io/cluster/prod": "shared"}},
        {"ami": "resolve:ssm:/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/x"},
    ],
)
def test_what_else_speaks_for_a_node_makes_it_possible(values: Object) -> None:
    [node] = nodes_of(estate(*WORLD, instance(values, *SCRIPT)), "aws_instance.this")
    assert word(node.node) == "unknown"


def test_an_instance_with_the_clusters_tag_or_script_is_a_node() -> None:
    tagged = instance({"tags": {"kubernetes.io/cluster/prod": "owned"}})
    scripted = instance({"user_data": JOINS, "key_name": "ops"})
    for made in (tagged, scripted):
        [node] = nodes_of(estate(*WORLD, made), "aws_instance.this")
        assert (word(node.node), node.cluster.exact) == ("yes", CLUSTER.address)
    assert word(node.listener_ssh) == "yes"


# --- further interfaces of a node (D8) -------------------------------------------------------------------

CARD = R(
    "aws_network_interface.further",
    {},
    {"id": True, "subnet_id": True, "security_groups": [True]},
    {"subnet_id": ref("aws_subnet.a.id"), "security_groups": ref("aws_security_group.node.id")},
)


def test_a_further_interface_of_a_node_is_the_nodes() -> None:
    attachment = R(
        "aws_network_interface_attachment.this",
        {"device_index": 1},
        {"instance_id": True, "network_interface_id": True},
        {
            "instance_id": ref("aws_instance.this.id"),
            "network_interface_id": ref("aws_network_interface.further.id"),
        },
    )
    made = estate(*WORLD, instance({"user_data": JOINS}), CARD, attachment)
    [node] = nodes_of(made, CARD.address)
    assert (word(node.node), node.cluster.exact) == ("yes", CLUSTER.address)
    assert not node.shapes[0].primary
    assert node.shapes[0].groups.sure == {GROUP.address}
    assert word(node.listener_ssh) == "yes"


def test_a_further_interface_of_a_bastion_is_none() -> None:
    block = R(
        CARD.address,
        {"attachment": [{"device_index": 1}]},
        {**CARD.unknown, "attachment": [{"instance": True}]},
        {**CARD.expressions, "attachment": [{"instance": ref("aws_instance.this.id")}]},
    )
    assert not estate(*WORLD, instance(), block).node_interfaces()
    [node] = nodes_of(estate(*WORLD, instance({"user_data": JOINS}), block), CARD.address)
    assert word(node.node) == "yes"
