"""Links resolved from a plan's references alone: what is exact, what is a choice, and what stays unknown."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from eks_checks.terraform.plan import read
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Reference, Unknown, alternatives, unknowns
from eks_checks.terraform.world import World
from tests.terraform.readable import text

CASES = Path(__file__).resolve().parent.parent / "fixtures" / "terraform"


@cache
def world(case: str) -> World:
    return World.after([read(str(CASES / case / "plan.json"))])


def found(case: str, address: str) -> Resource:
    resource = world(case).get(address)
    assert resource is not None, address
    return resource


def said(case: str, address: str, *path: str | int) -> str:
    return text(found(case, address).value(*path))


DIRECT = [
    ("aws_internet_gateway.this", "vpc_id", "aws_vpc.this.id"),
    ("aws_security_group.bastion", "vpc_id", "aws_vpc.this.id"),  # by way of another group's vpc_id
    ("aws_instance.first", "subnet_id", "aws_subnet.counted[0].id"),
    ("aws_instance.keyed", "subnet_id", r'aws_subnet.keyed["b\"[0]"].id'),
    (
        "aws_instance.first",
        "vpc_security_group_ids",
        "['sg-0fixed', aws_security_group.node.id, aws_security_group.bastion.id]",
    ),
    ("aws_instance.keyed", "vpc_security_group_ids", "[; maybe aws_security_group.node.id; open ?]"),
    (
        "aws_network_acl.all",
        "subnet_ids",
        "[aws_subnet.counted[0], aws_subnet.counted[1], aws_subnet.counted[2]]",
    ),
    (
        "aws_security_group_rule.cluster",
        "security_group_id",
        "aws_eks_cluster.this.vpc_config[0].cluster_security_group_id",
    ),
    ("aws_security_group_rule.cluster", "cidr_blocks", "null"),
    ("aws_security_group_rule.cluster", "no_such_attribute", "null"),
    ("aws_vpc.this", "main_route_table_id", "computed"),
    ("aws_vpc.this", "tags", "null"),
]


@pytest.mark.parametrize(("address", "name", "expected"), DIRECT)
def test_direct_links(address: str, name: str, expected: str) -> None:
    assert said("direct-links", address, name) == expected


def test_nested_blocks() -> None:
    cluster = found("direct-links", "aws_eks_cluster.this")
    assert text(cluster.value("vpc_config", 0, "subnet_ids")) == (
        '[aws_subnet.counted[1].id, aws_subnet.keyed["zone.a"].id]'
    )
    (block,) = cluster.blocks("vpc_config")
    assert str(block.at) == "aws_eks_cluster.this.vpc_config[0]"
    assert text(block.value("security_group_ids")) == "[; maybe aws_security_group.node.id; open ?]"
    assert text(block.value("security_group_ids", 0)) == "aws_security_group.node.id"
    assert text(block.value("subnet_ids", 0)) == (
        'one of (aws_subnet.counted[1].id | aws_subnet.keyed["zone.a"].id)'
    )
    assert text(block.value("endpoint_public_access")) == "True"
    assert text(block.value("cluster_security_group_id")) == "computed"
    assert len(cluster.blocks("encryption_config")) == 0


def test_a_splat_says_what_was_assumed() -> None:
    subnets = found("direct-links", "aws_lb.every").members("subnets")
    assert len(subnets.items) == 6
    assert all(isinstance(item, Reference) and not item.path for item in subnets.items)


CHAINS = [
    ("aws_instance.single", "subnet_id", 'module.one.aws_subnet.this["a"].id'),
    (
        "aws_instance.single",
        "vpc_security_group_ids",
        "[aws_security_group.shared[0], module.one.aws_security_group.own.id]",
    ),
    ("aws_instance.keyed", "subnet_id", 'module.many["eu.west"].aws_subnet.this["a"].id'),
    (
        "aws_instance.keyed",
        "vpc_security_group_ids",
        '[aws_security_group.shared[0].id, module.many["eu.north"].aws_security_group.own.id]',
    ),
    ("aws_instance.whole", "subnet_id", 'module.one.aws_subnet.this["b"].id'),
    ("aws_instance.whole", "vpc_security_group_ids", "[?, ?, ?, ?]"),
    (
        "aws_network_acl.every",
        "subnet_ids",
        '[module.one.aws_subnet.this["a"], module.one.aws_subnet.this["b"]]',
    ),
    ("aws_network_acl.every", "vpc_id", "one of (aws_vpc.this.id | computed)"),
    ('module.many["eu.west"].aws_subnet.this["b"]', "vpc_id", "aws_vpc.this.id"),
    (
        'module.many["eu.west"].module.hosts.aws_instance.this',
        "subnet_id",
        'module.many["eu.west"].aws_subnet.this["a"].id',
    ),
    (
        "module.one.module.hosts.aws_security_group_rule.peer",
        "source_security_group_id",
        "one of (module.one.aws_security_group.own.id | computed)",
    ),
    (
        "module.one.module.hosts.aws_security_group_rule.peer",
        "security_group_id",
        "one of (aws_security_group.shared[0] | module.one.aws_security_group.own.id)",
    ),
]


@pytest.mark.parametrize(("address", "name", "expected"), CHAINS)
def test_module_chains(address: str, name: str, expected: str) -> None:
    assert said("module-chains", address, name) == expected


EXPRESSIONS = [
    # A known condition may also have chosen null, which looks the same: then the provider fills the value in.
    (
        "aws_instance.conditional",
        "subnet_id",
        "one of (aws_subnet.this[0].id | aws_subnet.this[1].id | computed)",
    ),
    (
        "aws_instance.conditional",
        "vpc_security_group_ids",
        "[one of (aws_security_group.a.id | aws_security_group.b.id)]",
    ),
    ("aws_instance.unset", "subnet_id", "one of (aws_subnet.this[0].id | computed)"),
    ("aws_instance.unset", "vpc_security_group_ids", "[; maybe aws_security_group.a.id; open computed]"),
    # ... but not where the very condition made the resource that is referred to.
    ("aws_subnet.this[0]", "vpc_id", "aws_vpc.this[0].id"),
    ("aws_security_group.a", "vpc_id", "aws_vpc.this[0]"),
    ("aws_security_group.b", "vpc_id", "aws_vpc.this[0].id"),
    ("aws_instance.element[2]", "subnet_id", "one of (aws_subnet.this[0] | aws_subnet.this[1])"),
    (
        "aws_instance.element[2]",
        "vpc_security_group_ids",
        "[; maybe aws_security_group.b.id, 'sg-0existing'; open ?]",
    ),
    ('aws_eip.chained["web"]', "instance", 'aws_instance.each["web"].id'),
    ("aws_instance.local", "subnet_id", "aws_subnet.this[0].id"),
    (
        "aws_instance.local",
        "vpc_security_group_ids",
        "[one of (aws_security_group.b.id | ?), one of (aws_security_group.b.id | ?)]",
    ),
    ("aws_instance.listed", "subnet_id", "one of (aws_subnet.this[0] | aws_subnet.this[1])"),
    ("aws_instance.listed", "vpc_security_group_ids", "[aws_security_group.a, aws_security_group.b]"),
    (
        'aws_security_group_rule.maybe["self"]',
        "source_security_group_id",
        "one of (aws_security_group.b.id | ?)",
    ),
    (
        'aws_security_group_rule.maybe["other"]',
        "source_security_group_id",
        "one of (aws_security_group.b.id | ?)",
    ),
    # Texts and address ranges may be made from what is referred to.
    ("aws_subnet.this[0]", "ipv6_cidr_block", "one of (aws_vpc.this[0].ipv6_cidr_block | ?)"),
    ("aws_vpc_security_group_ingress_rule.six", "cidr_ipv6", "one of (aws_vpc.this[0].ipv6_cidr_block | ?)"),
    ("aws_instance.listed", "user_data", "one of (aws_vpc.this[0].id | ?)"),
]


@pytest.mark.parametrize(("address", "name", "expected"), EXPRESSIONS)
def test_expressions(address: str, name: str, expected: str) -> None:
    assert said("expressions", address, name) == expected


def test_the_same_key_is_marked_among_the_options() -> None:
    value = found("expressions", "aws_instance.element[1]").value("subnet_id")
    marked = [str(option) for option in alternatives(value) if isinstance(option, Reference) and option.note]
    assert marked == ["aws_subnet.this[1]"]


def test_an_object_of_references_is_a_choice_of_them() -> None:
    value = found("expressions", 'aws_instance.each["web"]').value("subnet_id")
    assert "aws_subnet.this[0].id" in text(value)
    assert text(value).endswith("| ?)")


def test_reasons_are_sentences() -> None:
    def reasons(case: str, address: str, name: str) -> set[str]:
        return {unknown.reason for unknown in unknowns(found(case, address).value(name))}

    assert reasons("expressions", "aws_instance.local", "vpc_security_group_ids") == {
        "depends on local.group, which a plan does not contain"
    }
    assert reasons("expressions", "aws_instance.unset", "subnet_id") == {
        "may be left unset, depending on var.use_other"
    }
    assert reasons("expressions", "aws_subnet.this[0]", "ipv6_cidr_block") == {
        "may be computed from aws_vpc.this[0].ipv6_cidr_block"
    }
    assert reasons("module-chains", "aws_instance.whole", "vpc_security_group_ids") == {
        "depends on module.many as a whole: a plan does not say which output of which instance"
    }
    (unknown,) = unknowns(found("blocks", "aws_eks_node_group.dynamic").value("launch_template", 0, "id"))
    assert "dynamic block" in unknown.reason
    assert str(unknown.at) == "aws_eks_node_group.dynamic.launch_template[0].id"


def test_dynamic_blocks_are_not_taken_for_unset() -> None:
    group = found("blocks", "aws_eks_node_group.dynamic")
    (template,) = group.blocks("launch_template")
    assert text(template.value("id")) == "?"
    assert template.is_configured("id") is None
    assert group.is_configured("launch_template") is None
    assert group.is_configured("subnet_ids") is True
    assert group.is_configured("disk_size") is False
    assert group.is_configured("scaling_config", 0, "max_size") is True
    assert text(group.value("disk_size")) == "computed"
    for ingress in found("blocks", "aws_security_group.dynamic").blocks("ingress"):
        assert text(ingress.value("security_groups")) == "[?]"


def test_literal_blocks_are_told_apart_by_their_constants() -> None:
    one, two = found("blocks", "aws_launch_template.literal").blocks("network_interfaces")
    assert (text(one.value("subnet_id")), text(two.value("subnet_id"))) == (
        "aws_subnet.a.id",
        "aws_subnet.b.id",
    )
    assert text(two.value("security_groups")) == "[aws_security_group.other.id]"


def test_blocks_beside_dynamic_ones_may_be_anybodys() -> None:
    for interface in found("blocks", "aws_launch_template.mixed").blocks("network_interfaces"):
        assert text(interface.value("security_groups")) == "[one of (aws_security_group.peer.id | ?)]"
    for ingress in found("blocks", "aws_security_group.mixed").blocks("ingress"):
        assert text(ingress.value("security_groups")) == "[one of (aws_security_group.peer.id | ?)]"


def test_attributes_written_as_blocks() -> None:
    routes = found("blocks", "aws_route_table.literal").blocks("route")
    assert {text(route.value("gateway_id")) for route in routes} == {"aws_internet_gateway.this.id"}
    first, second = found("blocks", "aws_security_group.literal").blocks("ingress")
    assert text(first.value("cidr_blocks")) == "['10.0.0.0/8', '10.50.0.0/16']"
    assert text(second.value("security_groups")) == "['sg-0fixed', aws_security_group.peer.id]"
    for ingress in found("blocks", "aws_security_group.expression").blocks("ingress"):
        assert text(ingress.value("security_groups")) == (
            "[one of (aws_security_group.peer.id | aws_security_group.other.id)]"
        )


def test_blocks_unknown_as_a_whole_are_open() -> None:
    ingress = found("blocks", "aws_security_group.peer").blocks("ingress")
    assert len(ingress) == 0
    assert isinstance(ingress.open, Unknown)
    assert ingress.open.computed


def test_carriers() -> None:
    assert said("carriers", "aws_instance.carried", "subnet_id") == "aws_subnet.this.id"
    assert (
        said("carriers", "aws_instance.carried", "vpc_security_group_ids") == "[aws_security_group.this.id]"
    )
    assert said("carriers", "aws_instance.slept", "subnet_id") == (
        "one of (aws_subnet.this.id | aws_security_group.this.id)"
    )
    assert said("carriers", "aws_security_group.later", "vpc_id") == "aws_vpc.this.id"
