"""What `interfaces` tells of nodes: addresses by interface, and what makes them, by resource."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from eks_checks.inventory import interfaces
from eks_checks.reports import InterfaceGroups, NamedObject, NodeEntry
from tests.aws.plans import NODES, SUBNET, WORLD, R, estate, nodes, ref, with_template

TEMPLATE = "aws_launch_template.this"
CLOSED = {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1}
ROLE = R("aws_iam_role.node", {"name": "node"}, {"arn": True, "id": True})


def template(**values: Any) -> R:
    """The launch template that closes the metadata service."""
    return R(TEMPLATE, {"metadata_options": [CLOSED], **values}, {"id": True})


def entry(*resources: R, of: str = NODES) -> NodeEntry:
    """What is told of the one maker of nodes."""
    [found] = [one for one in interfaces(estate(*WORLD, *resources)).nodes if one.resource == of]
    return found


def interface(*resources: R) -> InterfaceGroups:
    """The one interface of the node group."""
    [found] = interfaces(estate(*WORLD, *resources)).interfaces
    return found


def test_the_facts_of_a_managed_group() -> None:
    group = nodes(
        {"launch_template": [{"version": "$Latest"}]},
        {"launch_template": [{"id": True}], "node_role_arn": True},
        {
            "launch_template": [{"id": ref(f"{TEMPLATE}.id")}],
            "node_role_arn": ref("aws_iam_role.node.arn"),
        },
    )
    found = entry(ROLE, template(key_name="ops"), group)
    assert (found.kind, found.clusters, found.ami_families) == (
        "managed",
        ("aws_eks_cluster.this",),
        ("AL2023",),
    )
    assert (found.launch_template, found.templates) == ("yes", (NamedObject(TEMPLATE, "$Latest"),))
    assert (found.ssh_key, [(key.resource, key.name) for key in found.keys]) == ("yes", [(TEMPLATE, "ops")])
    assert [(way.http_tokens, way.http_put_response_hop_limit, way.pods) for way in found.metadata] == [
        (("required",), ("1",), "no")
    ]
    assert found.roles == (NamedObject("aws_iam_role.node"),)
    assert found.unknowns == ()


def test_what_is_not_known_is_named_once() -> None:
    outside = {"launch_template": [{"id": "lt-9", "version": "1"}]}
    assert entry(nodes(outside)).ami_families == ("AL2023",)  # so the template names no image
    found = entry(nodes({**outside, "ami_type": None}, {"ami_type": True}))
    assert (found.ssh_key, found.ami_families, found.metadata[0].pods) == ("unknown", (), "unknown")
    assert [(resource, attribute) for resource, attribute, _ in found.unknowns].count(
        (NODES, "launch_template")
    ) == 1


@pytest.mark.parametrize(("flag", "told"), [(True, "yes"), (False, "no")])
def test_the_public_address_follows_the_subnet(flag: bool, told: str) -> None:
    subnet = R(
        SUBNET.address, {**SUBNET.values, "map_public_ip_on_launch": flag}, SUBNET.unknown, SUBNET.expressions
    )
    world = [subnet if one is SUBNET else one for one in WORLD]
    [found] = interfaces(estate(*world, nodes())).interfaces
    assert (found.public_ipv4, found.ipv6) == (told, "no")


def test_the_most_open_of_several_interfaces_is_told() -> None:
    """As in the contract's public_address: of two ways of coming up the more open one."""
    one = R(
        "aws_launch_template.one",
        {
            "id": "lt-1",
            "latest_version": 1,
            "default_version": 1,
            "network_interfaces": [{"associate_public_ip_address": "false"}],
        },
        {},
        {},
        ("no-op",),
    )
    other = R(
        "aws_launch_template.other",
        {
            "id": "lt-2",
            "latest_version": 1,
            "default_version": 1,
            "network_interfaces": [{"associate_public_ip_address": "true"}],
        },
        {},
        {},
        ("no-op",),
    )
    specification = {
        "launch_template_specification": [{"launch_template_id": "lt-1"}],
        "override": [{"launch_template_specification": [{"launch_template_id": "lt-2"}]}],
    }
    group = R(
        "aws_autoscaling_group.nodes",
        {
            "tag": [{"key": "kubernetes.io/cluster/prod", "value": "owned", "propagate_at_launch": True}],
            "mixed_instances_policy": [{"launch_template": [specification]}],
        },
        {"vpc_zone_identifier": [True]},
        {"vpc_zone_identifier": ref("aws_subnet.a.id")},
    )
    [found] = interfaces(estate(*WORLD, one, other, group)).interfaces
    assert found.public_ipv4 == "yes"


def test_a_node_on_an_interface_of_its_own_has_facts_by_the_instance() -> None:
    script = base64.b64encode(b"#!/bin/bash\n/etc/eks/bootstrap.sh prod\n").decode()
    own = R(
        "aws_network_interface.eth0",
        {"id": "eni-1"},
        {"subnet_id": True},
        {"subnet_id": ref("aws_subnet.a.id")},
    )
    instance = R(
        "aws_instance.node",
        {
            "user_data_base64": script,
            "key_name": "ops",
            "network_interface": [{"device_index": 0, "network_interface_id": "eni-1"}],
        },
        {"metadata_options": True},
    )
    report = interfaces(estate(*WORLD, own, instance))
    [told] = report.nodes
    assert (told.resource, told.kind, told.ssh_key) == ("aws_instance.node", "instance", "yes")
    assert [one.resource for one in report.interfaces] == ["aws_network_interface.eth0"]


def test_entries_are_in_order_and_one_for_each_resource() -> None:
    second = R("aws_eks_node_group.a", nodes().values, nodes().unknown, nodes().expressions)
    report = interfaces(estate(*WORLD, with_template(), template(), second))
    assert [one.resource for one in report.nodes] == ["aws_eks_node_group.a", NODES]
