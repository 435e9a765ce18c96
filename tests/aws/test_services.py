"""Services that open connections out of interfaces of their own: where these are, and their groups."""

from __future__ import annotations

import pytest

from tests.aws.plans import GROUP, SUBNET, VPC, Object, R, estate, node, ref, shape

OPEN_CALLERS = [
    ("aws_lambda_function", "vpc_config", "subnet_ids", "security_group_ids"),
    ("aws_ecs_service", "network_configuration", "subnets", "security_groups"),
    ("aws_codebuild_project", "vpc_config", "subnets", "security_group_ids"),
    ("aws_mskconnect_connector", "kafka_cluster.apache_kafka_cluster.vpc", "subnets", "security_groups"),
    ("aws_prometheus_scraper", "source.eks", "subnet_ids", "security_group_ids"),
    ("aws_vpclattice_resource_gateway", "", "subnet_ids", "security_group_ids"),
    ("aws_glue_connection", "physical_connection_requirements", "subnet_id", "security_group_id_list"),
]
"""Type, the blocks that lead to the arguments, and the arguments, as the provider documents them."""


def inside(path: str, innermost: Object) -> Object:
    """The innermost object in the nested blocks of ``path``."""
    for name in reversed(path.split(".") if path else []):
        innermost = {name: [innermost]}
    return innermost


@pytest.mark.parametrize(("type_", "path", "subnets", "groups"), OPEN_CALLERS)
def test_it_has_an_interface_in_its_subnet_with_its_groups(
    type_: str, path: str, subnets: str, groups: str
) -> None:
    one = subnets.endswith("_id")
    unknown: Object = {subnets: True if one else [True], groups: [True]}
    expressions: Object = {subnets: ref("aws_subnet.a.id"), groups: ref("aws_security_group.node.id")}
    service = R(f"{type_}.this", inside(path, {}), inside(path, unknown), inside(path, expressions))
    made = estate(VPC, SUBNET, GROUP, service)
    found = node(made, f"{type_}.this")
    assert (found.kind, found.subnet, found.certain) == ("service", "aws_subnet.a", True)
    assert shape(made, f"{type_}.this").groups.sure == {"aws_security_group.node"}


def test_without_a_block_it_has_none() -> None:
    assert not estate(VPC, SUBNET, R("aws_lambda_function.this", {"vpc_config": []})).interfaces


def test_of_a_block_that_only_may_be_there_the_interface_may_be_anywhere() -> None:
    made = estate(VPC, SUBNET, R("aws_lambda_function.this", {}, {"vpc_config": True}))
    found = node(made, "aws_lambda_function.this")
    assert (found.subnet, found.certain) == (None, False)
    assert shape(made, "aws_lambda_function.this").groups.open
    assert any(u.attribute == "vpc_config" for u in made.coverage.unresolved)
