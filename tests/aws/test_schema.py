"""What the provider makes of a resource as it is written."""

from __future__ import annotations

import pytest

from eks_checks.aws.identity import IMPLICIT, NATURAL
from eks_checks.aws.provider_listeners import LISTENERS
from eks_checks.aws.provider_table import TYPES
from eks_checks.aws.schema import PROVIDER
from eks_checks.terraform.evaluation.facts import Inherited
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Known,
    Mapping,
    Unknown,
    Value,
    choice,
    of_json,
)

TAGS = Mapping((("env", Known("dev")), ("team", Known("net"))))


def made(type_: str, written: dict[str, object], inherited: Inherited | None = None) -> Mapping:
    whole = of_json(written)
    assert isinstance(whole, Mapping)
    return PROVIDER.complete(type_, whole, inherited or Inherited())


def at(value: Value, *path: str | int) -> Value:
    for step in path:
        if isinstance(step, str):
            assert isinstance(value, Mapping)
            value = value.get(step)
        else:
            assert isinstance(value, Collection)
            value = value.items[step]
    return value


def later(value: Value) -> bool:
    return isinstance(value, Unknown) and value.computed


@pytest.mark.parametrize(
    ("type_", "name", "default"),
    [
        ("aws_subnet", "map_public_ip_on_launch", False),
        ("aws_default_subnet", "map_public_ip_on_launch", True),
        ("aws_network_acl_rule", "egress", False),
        ("aws_vpc", "enable_dns_support", True),
        ("aws_instance", "source_dest_check", True),
    ],
)
def test_defaults_fill_what_is_left_out_or_null(type_: str, name: str, default: object) -> None:
    assert at(made(type_, {}), name) == Known(default)
    assert at(made(type_, {name: None}), name) == Known(default)
    assert at(made(type_, {name: not default}), name) == Known(not default)
    assert PROVIDER.default(type_, name) == Known(default)


def test_nested_blocks_are_filled_as_well() -> None:
    cluster = made(
        "aws_eks_cluster", {"name": "prod", "vpc_config": [{"subnet_ids": []}], "access_config": [{}]}
    )
    assert at(cluster, "vpc_config", 0, "endpoint_public_access") == Known(True)
    assert later(at(cluster, "vpc_config", 0, "cluster_security_group_id"))
    assert at(cluster, "access_config", 0, "bootstrap_cluster_creator_admin_permissions") == Known(True)
    assert later(at(made("aws_eks_cluster", {}), "access_config"))


def test_a_block_that_json_writes_as_an_object_is_a_list_of_one() -> None:
    cluster = made("aws_eks_cluster", {"vpc_config": {"endpoint_public_access": False}})
    assert at(cluster, "vpc_config", 0, "endpoint_public_access") == Known(False)


def test_rules_left_out_are_computed_and_an_empty_list_is_none() -> None:
    assert later(at(made("aws_security_group", {}), "egress"))
    assert at(made("aws_security_group", {"egress": []}), "egress") == Collection()
    rule = at(made("aws_security_group", {"ingress": [{"from_port": 22}]}), "ingress", 0)
    assert (at(rule, "self"), at(rule, "cidr_blocks")) == (Known(False), Collection())


@pytest.mark.parametrize(
    ("type_", "name", "written", "is_"),
    [
        ("aws_security_group_rule", "from_port", "22", 22),
        ("aws_security_group_rule", "protocol", 6, "6"),
        ("aws_security_group_rule", "protocol", -1, "-1"),
        ("aws_security_group_rule", "self", "true", True),
        ("aws_network_acl_rule", "rule_number", "100", 100),
        ("aws_subnet", "map_public_ip_on_launch", "false", False),
        ("aws_eks_cluster", "version", 1.33, "1.33"),
        ("aws_security_group_rule", "from_port", "ssh", "ssh"),
    ],
)
def test_texts_and_numbers_are_what_the_schema_wants(
    type_: str, name: str, written: object, is_: object
) -> None:
    assert at(made(type_, {name: written}), name) == Known(is_)


def test_a_template_keeps_the_text_of_what_is_a_flag_elsewhere() -> None:
    template = made("aws_launch_template", {"network_interfaces": [{"associate_public_ip_address": True}]})
    assert at(template, "network_interfaces", 0, "associate_public_ip_address") == Known("true")


def test_a_value_that_may_be_null_may_be_the_default() -> None:
    written = Mapping((("map_public_ip_on_launch", choice((Known(True), NULL))),))
    found = PROVIDER.complete("aws_subnet", written, Inherited())
    assert found.get("map_public_ip_on_launch") == choice((Known(True), Known(False)))


def test_default_tags_enter_tags_all_and_the_resource_has_the_last_word() -> None:
    found = made("aws_vpc", {"tags": {"env": "prod"}}, Inherited(TAGS))
    assert at(found, "tags_all") == Mapping((("env", Known("prod")), ("team", Known("net"))))
    assert at(found, "tags") == Mapping((("env", Known("prod")),))
    assert at(made("aws_vpc", {}), "tags_all") == Mapping()


@pytest.mark.parametrize("type_", ["aws_autoscaling_group", "aws_route"])
def test_default_tags_enter_no_type_without_tags_all(type_: str) -> None:
    assert at(made(type_, {}, Inherited(TAGS)), "tags_all") == NULL


def test_the_region_is_the_providers() -> None:
    assert at(made("aws_vpc", {}, Inherited(region=Known("eu-west-1"))), "region") == Known("eu-west-1")
    assert later(at(made("aws_vpc", {}), "region"))


@pytest.mark.parametrize(
    ("type_", "name", "region", "found"),
    [
        ("aws_region", "name", "eu-west-1", "eu-west-1"),
        ("aws_partition", "partition", "eu-west-1", "aws"),
        ("aws_partition", "partition", "cn-north-1", "aws-cn"),
        ("aws_partition", "partition", "us-gov-west-1", "aws-us-gov"),
    ],
)
def test_some_data_sources_hang_on_the_provider_alone(type_: str, name: str, region: str, found: str) -> None:
    assert PROVIDER.looked_up(type_, name, Inherited(region=Known(region))) == Known(found)
    assert PROVIDER.looked_up(type_, name, Inherited()) is None


def test_of_an_unknown_type_only_id_and_arn_are_told() -> None:
    found = made("other_thing", {"size": "3"})
    assert later(at(found, "id"))
    assert later(at(found, "arn"))
    assert at(found, "size") == Known("3")
    assert not PROVIDER.knows("other_thing")


def test_every_type_that_identity_reads_is_in_the_table() -> None:
    # These are data sources only.
    elsewhere = {
        "aws_prefix_list",
        "aws_ec2_transit_gateway_attachment",
        "aws_ec2_transit_gateway_vpn_attachment",
        "aws_ec2_transit_gateway_dx_gateway_attachment",
    }
    assert {*NATURAL} - elsewhere <= TYPES.keys() | LISTENERS.keys()


def test_what_aws_makes_beside_a_resource_is_computed() -> None:
    outside = {
        ("aws_eks_cluster", "cluster_security_group_id"),
        ("aws_eks_node_group", "remote_access_security_group_id"),
    }
    for type_, name in {*IMPLICIT} - outside:
        assert PROVIDER.computed(type_, name)
