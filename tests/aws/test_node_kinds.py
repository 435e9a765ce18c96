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


# --- places that are not modelled are said ------------------------------------------------------------


def test_hybrid_nodes_and_their_networks_are_said() -> None:
    networks = {
        "remote_node_networks": [{"cidrs": ["172.16.0.0/16"]}],
        "remote_pod_networks": [{"cidrs": ["172.17.0.0/16"]}],
    }
    made = estate(
        VPC,
        SUBNET,
        R(
            CLUSTER.address,
            {**CLUSTER.values, "remote_network_config": [networks]},
            CLUSTER.unknown,
            CLUSTER.expressions,
        ),
        R("aws_eks_access_entry.hybrid", {"cluster_name": "prod", "type": "HYBRID_LINUX"}),
    )
    told = {entry.type: entry.resources for entry in made.coverage.unmodelled}
    assert told["aws_eks_cluster.remote_network_config"] == (CLUSTER.address,)
    assert told["aws_eks_access_entry.type"] == ("aws_eks_access_entry.hybrid",)
    assumed = {entry.assumed for entry in made.coverage.assumptions}
    assert "hybrid nodes in 172.16.0.0/16 and pods in 172.17.0.0/16, outside AWS" in assumed


@pytest.mark.parametrize(
    ("values", "attribute"),
    [
        ({"outpost_arn": "arn:aws:outposts:eu-central-1:1:outpost/op-1"}, "aws_subnet.outpost_arn"),
        ({"availability_zone": "us-west-2-lax-1a"}, "aws_subnet.availability_zone"),
        ({"availability_zone": "us-east-1-wl1-bos-wlz-1"}, "aws_subnet.availability_zone"),
        ({"availability_zone": "eu-central-1a"}, None),
        ({"outpost_arn": ""}, None),
    ],
)
def test_subnets_of_other_places_are_said(values: Object, attribute: str | None) -> None:
    there = R(SUBNET.address, {**SUBNET.values, **values}, SUBNET.unknown, SUBNET.expressions)
    told = [entry.type for entry in estate(VPC, there).coverage.unmodelled]
    assert told == ([attribute] if attribute else [])


HANDLE = '{"Type": "AWS::CloudFormation::WaitConditionHandle"}'
DOOR = '{"Type": "AWS::EC2::SecurityGroupIngress"}'


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (f'{{"Resources": {{"Empty": {HANDLE}}}}}', False),
        (
            f'{{"Resources": {{"Empty": {HANDLE}, "Door": {{"Type": "AWS::EC2::SecurityGroupIngress"}}}}}}',
            True,
        ),
        (f'{{"Transform": "Doors", "Resources": {{"Empty": {HANDLE}}}}}', True),
        (f'{{"Resources": {{"Empty": {HANDLE}, "Fn::Transform": {{"Name": "Doors"}}}}}}', True),
        ("Resources: {Door: {Type: AWS::EC2::SecurityGroupIngress}}", True),
        ("[]", True),
        (None, True),
    ],
)
def test_a_stack_is_said_unless_it_makes_nothing(template: str | None, said: bool) -> None:
    stack = R("aws_cloudformation_stack.this", {"name": "s", "template_body": template})
    told = [entry.type for entry in estate(VPC, stack).coverage.unmodelled]
    assert told == (["aws_cloudformation_stack"] if said else [])


def test_a_stack_of_a_template_known_after_apply_is_said() -> None:
    stack = R("aws_cloudformation_stack.this", {"name": "s"}, {"template_body": True})
    assert [entry.type for entry in estate(VPC, stack).coverage.unmodelled] == ["aws_cloudformation_stack"]


# --- fleets --------------------------------------------------------------------------------------------


def fleet(type_: str, *configs: Object, **values: object) -> R:
    return R(f"{type_}.this", {"launch_template_config": list(configs), **values}, {"id": True})


LAUNCH = R(
    "aws_launch_template.joins",
    {"id": "lt-0123456789abcdef0", "name": "joins", "latest_version": 1, "user_data": JOINS}
    | {"vpc_security_group_ids": ["sg-0123456789abcdef0"]},
    actions=("no-op",),
)
PLAIN = R(
    "aws_launch_template.plain",
    {"id": "lt-0fedcba9876543210", "name": "plain", "latest_version": 1},
    actions=("no-op",),
)
FIRST, SECOND = "subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"


def ec2_config(template: R, *subnets: str) -> Object:
    return {
        "launch_template_specification": [
            {"launch_template_id": template.values["id"], "version": "$Latest"}
        ],
        "override": [{"subnet_id": subnet} for subnet in subnets],
    }


def test_an_ec2_fleet_whose_template_joins_the_cluster_makes_nodes() -> None:
    made = estate(*WORLD, LAUNCH, fleet("aws_ec2_fleet", ec2_config(LAUNCH, FIRST, SECOND)))
    found = nodes_of(made, "aws_ec2_fleet.this")
    assert [node.subnet for node in found] == [FIRST, SECOND]
    assert {word(node.node) for node in found} == {"yes"}
    assert {node.cluster.exact for node in found} == {CLUSTER.address}
    assert {word(node.listener_ssh) for node in found} == {"yes"}
    assert "aws_ec2_fleet.this" in {group.resource for group in made.node_groups}


def test_a_fleet_of_something_else_is_an_interface_and_no_node() -> None:
    made = estate(*WORLD, PLAIN, fleet("aws_ec2_fleet", ec2_config(PLAIN, FIRST)))
    [one] = [i for i in made.interfaces if i.resource == "aws_ec2_fleet.this"]
    assert (one.kind, word(one.node)) == ("fleet", "no")


def test_several_templates_of_a_fleet_in_one_subnet_are_one_interface() -> None:
    made = estate(
        *WORLD, LAUNCH, PLAIN, fleet("aws_ec2_fleet", ec2_config(LAUNCH, FIRST), ec2_config(PLAIN, FIRST))
    )
    [one] = [i for i in made.interfaces if i.resource == "aws_ec2_fleet.this"]
    assert len(one.shapes) == 2
    assert word(one.node) == "unknown"  # of instances by the second template nobody says that they join


def test_a_spot_fleet_names_subnets_in_one_text() -> None:
    config = {
        "launch_template_specification": [{"id": LAUNCH.values["id"], "version": "$Latest"}],
        "overrides": [{"subnet_id": f"{FIRST}, {SECOND}"}],
    }
    made = estate(*WORLD, LAUNCH, fleet("aws_spot_fleet_request", config))
    assert [node.subnet for node in nodes_of(made, "aws_spot_fleet_request.this")] == [FIRST, SECOND]


def test_a_spot_fleet_may_describe_its_instances_itself() -> None:
    own = {
        "ami": "ami-0123456789abcdef0",
        "subnet_id": FIRST,
        "vpc_security_group_ids": ["sg-0123456789abcdef0"],
        "associate_public_ip_address": True,
        "user_data": JOINS,
        "key_name": "ops",
    }
    made = estate(*WORLD, fleet("aws_spot_fleet_request", launch_specification=[own]))
    [node] = nodes_of(made, "aws_spot_fleet_request.this")
    [shape] = node.shapes
    assert (shape.groups.sure, word(shape.public_ipv4)) == ({"sg-0123456789abcdef0"}, "yes")
    [group] = made.node_groups
    assert word(group.ssh_key) == "yes"


@pytest.mark.parametrize("said", [False, None])
def test_a_spot_fleet_that_asks_for_no_public_address_leaves_it_to_the_subnet(said: bool | None) -> None:
    own = {"ami": "ami-0123456789abcdef0", "associate_public_ip_address": said}
    resource = R(
        "aws_spot_fleet_request.this",
        {"launch_specification": [own]},
        {"id": True, "launch_specification": [{"subnet_id": True}]},
        {"launch_specification": [{"subnet_id": ref("aws_subnet.a.id")}]},
    )
    [one] = [i for i in estate(*WORLD, resource).interfaces if i.resource == resource.address]
    assert (one.subnet, word(one.shapes[0].public_ipv4)) == (SUBNET.address, "yes")


def test_a_spot_request_is_an_instance() -> None:
    values = {"user_data": JOINS, "vpc_security_group_ids": ["sg-0123456789abcdef0"], "subnet_id": FIRST}
    made = estate(*WORLD, R("aws_spot_instance_request.this", values, {"id": True}))
    [node] = nodes_of(made, "aws_spot_instance_request.this")
    assert (node.kind, node.subnet, word(node.node)) == ("instance", FIRST, "yes")
    assert node.shapes[0].groups.sure == {"sg-0123456789abcdef0"}


def batch(**values: object) -> R:
    resources = {"subnets": [FIRST], "security_group_ids": ["sg-0123456789abcdef0"], "type": "EC2"}
    return R("aws_batch_compute_environment.this", {"compute_resources": [resources], **values}, {"id": True})


def test_batch_on_eks_makes_nodes_of_the_cluster() -> None:
    arn = "arn:aws:eks:eu-central-1:123456789012:cluster/prod"
    named = R(CLUSTER.address, {**CLUSTER.values, "arn": arn}, CLUSTER.unknown, CLUSTER.expressions)
    environment = batch(eks_configuration=[{"eks_cluster_arn": arn, "kubernetes_namespace": "jobs"}])
    [node] = nodes_of(estate(VPC, SUBNET, named, environment), environment.address)
    assert (node.subnet, node.cluster.exact, word(node.node)) == (FIRST, CLUSTER.address, "yes")
    assert node.shapes[0].groups.sure == {"sg-0123456789abcdef0"}


def test_batch_on_its_own_is_a_service() -> None:
    [one] = [i for i in estate(*WORLD, batch()).interfaces if i.resource == batch().address]
    assert (one.kind, word(one.node)) == ("service", "no")


def test_tags_that_a_template_puts_on_instances_and_are_not_known_may_name_the_cluster() -> None:
    launch, group = self_managed()
    tagged = R(
        launch.address,
        {**launch.values, "tag_specifications": [{"resource_type": "instance"}]},
        {**launch.unknown, "tag_specifications": [{"tags": True}]},
        {"tag_specifications": [{"tags": {"references": ["local.tags"]}}]},
    )
    [node] = nodes_of(estate(*WORLD, tagged, group), group.address)
    assert word(node.node) == "unknown"
