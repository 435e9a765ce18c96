"""Which security groups carry a cluster's tag (E1, J4, L3, L5)."""

from __future__ import annotations

from typing import Any

from eks_checks.aws.group_tags import ClusterTag
from tests.aws.plans import CLUSTER, GROUP, OPAQUE, SUBNET, VPC, R, estate, nodes, ref

KEY = "kubernetes.io/cluster/prod"
CLUSTER_GROUP = "aws_eks_cluster.this#cluster_security_group"


def tagged(values: dict[str, Any] | None = None, unknown: dict[str, Any] | None = None) -> R:
    """The nodes' group with these arguments."""
    return R(GROUP.address, values or {}, {**GROUP.unknown, **(unknown or {})}, GROUP.expressions)


def tags(*resources: R) -> dict[str, ClusterTag]:
    """Group key to what is known of the tag of the cluster in the plan."""
    found = estate(VPC, SUBNET, CLUSTER, nodes(), *resources)
    return dict(found.particulars.cluster_tags[CLUSTER.address])


def word(*resources: R, key: str = GROUP.address) -> str:
    return str(tags(*resources)[key].carried)


def added(key: str = KEY, expression: object = None) -> R:
    """A tag put on from outside."""
    return R(
        "aws_ec2_tag.late",
        {"key": key, "value": "owned"},
        {"resource_id": True},
        {"resource_id": expression or ref("aws_security_group.node.id")},
    )


def test_eks_tags_the_group_that_it_makes() -> None:
    tag = tags(GROUP)[CLUSTER_GROUP]
    assert tag.carried.surely
    assert tag.holder == CLUSTER.address


def test_the_key_counts_and_not_the_value() -> None:
    assert word(tagged({"tags": {KEY: "owned"}})) == "yes"
    assert word(tagged({"tags": {KEY: "shared"}})) == "yes"
    assert word(tagged({"tags": {KEY: None}})) == "no"
    assert word(tagged({"tags": {"kubernetes.io/cluster/staging": "owned"}})) == "no"
    assert word(tagged({"tags_all": {KEY: "owned"}})) == "yes"
    assert word(tagged()) == "no"


def test_tags_that_are_not_known() -> None:
    tag = tags(tagged({}, {"tags": True}))[GROUP.address]
    assert tag.carried.value is None
    assert [(cause.resource, cause.attribute) for cause in tag.carried.causes] == [(GROUP.address, "tags")]
    value_only = tagged({"tags": {"Name": "node"}}, {"tags": {KEY: True}})
    assert word(value_only) == "yes", "a value that is not known is still a value"


def test_tags_from_outside() -> None:
    tag = tags(GROUP, added())[GROUP.address]
    assert tag.carried.surely
    assert tag.holder == "aws_ec2_tag.late"
    assert word(GROUP, added("Name")) == "no"
    lost = tags(GROUP, added(expression=OPAQUE))[GROUP.address].carried
    assert [(cause.resource, cause.attribute) for cause in lost.causes] == [
        ("aws_ec2_tag.late", "resource_id")
    ]
    hidden = R(
        "aws_ec2_tag.late",
        {"value": "owned"},
        {"resource_id": True, "key": True},
        {"resource_id": ref("aws_security_group.node.id")},
    )
    assert word(GROUP, hidden) == "unknown"


def test_a_group_outside_the_inputs_may_have_any_tag() -> None:
    known_by_id = R("aws_network_interface.x", {"security_groups": ["sg-0123456789abcdef0"]}, {"id": True})
    found = tags(GROUP, known_by_id)
    assert found["sg-0123456789abcdef0"].carried.value is None


def test_of_a_cluster_without_a_known_name_any_such_tag_may_be_the_one() -> None:
    nameless = R(
        CLUSTER.address, {"vpc_config": [{}]}, {**CLUSTER.unknown, "name": True}, CLUSTER.expressions
    )
    found = estate(VPC, SUBNET, nameless, tagged({"tags": {KEY: "owned"}}))
    read = found.particulars.cluster_tags[CLUSTER.address]
    assert str(read[GROUP.address].carried) == "unknown"
    assert str(read[CLUSTER_GROUP].carried) == "yes"
