"""Associations, echoes, stand-ins for unknown blocks, and tags."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.knowledge import Pointer
from eks_checks.aws.lower.addresses import AddressReader
from eks_checks.aws.lower.attach import Association, Associations, effective
from eks_checks.aws.vpc import Subnet
from eks_checks.sets import AddressSet
from eks_checks.terraform.value import Known, Unknown
from tests.aws.plans import CLUSTER, GROUP, OPAQUE, SUBNET, VPC, WORLD, Object, R, estate, nodes, ref

# --- which object is in force for a subnet: at most one association each (B5, C3) -------------------

A, B = (Subnet(key, key, Pointer(("vpc",)), ()) for key in ("a", "b"))
MAIN = Pointer(("main",))
EITHER = Pointer(("a", "b"))


def association(subnet: Pointer, target: str, family: str = "block") -> Association:
    return Association(subnet, Pointer((target,)), family)


def test_its_own_association_or_the_fallback() -> None:
    own = [association(Pointer(("a",)), "own")]
    assert effective(A, Associations(own), MAIN).keys == ("own",)
    assert effective(B, Associations(own), MAIN).keys == ("main",)


def test_an_association_of_one_of_two_subnets_leaves_both_open() -> None:
    found = effective(A, Associations([association(EITHER, "own")]), MAIN)
    assert (found.keys, found.open) == (("main", "own"), False)


def test_as_many_associations_as_subnets_cover_each() -> None:
    """Pigeonhole: count.index pairs two associations with two subnets, in whichever order."""
    pair = [association(EITHER, "one"), association(EITHER, "two")]
    for subnet in (A, B):
        assert effective(subnet, Associations(pair), MAIN).keys == ("one", "two"), "not the fallback"


def test_associations_of_different_blocks_do_not_add_up() -> None:
    pair = [association(EITHER, "one", "first"), association(EITHER, "two", "second")]
    assert effective(A, Associations(pair), MAIN).keys == ("main", "one", "two")


def test_an_association_that_may_be_anybodys_covers_nothing() -> None:
    open_ = Pointer(("a",), open=True)
    assert effective(A, Associations([association(open_, "own")]), MAIN).keys == ("main", "own")


# --- stand-ins ------------------------------------------------------------------------------------


def test_every_unknown_block_has_a_stand_in_of_its_own() -> None:
    reader = AddressReader()
    first, second = (reader.vpc_stand_in(f"aws_vpc.{n}.ipv6_cidr_block", "ipv6") for n in "ab")
    assert first.isdisjoint(second)
    inner, other = (reader.subnet_stand_in(f"aws_subnet.{n}.ipv6_cidr_block", first, "ipv6") for n in "ab")
    assert inner is not None
    assert other is not None
    assert inner <= first
    assert inner.isdisjoint(other)


def test_a_vpc_has_room_for_so_many_subnets_and_no_more() -> None:
    reader = AddressReader()
    block = reader.vpc_stand_in("aws_vpc.a.ipv6_cidr_block", "ipv6")
    taken = [reader.subnet_stand_in(f"aws_subnet.s[{n}]", block, "ipv6") for n in range(257)]
    assert None not in taken[:256]
    assert taken[256] is None


@pytest.mark.parametrize(
    ("cidr", "surely", "perhaps"),
    [
        ("::/0", True, True),
        ("2600::/12", False, True),
        ("2001:db8::/32", False, True),
        ("fd00::/8", False, False),
    ],
)
def test_a_rule_may_name_a_block_that_is_not_known_yet(cidr: str, surely: bool, perhaps: bool) -> None:
    """``::/0`` admits it whatever it will be; a narrower range may; a range that is never global cannot."""
    reader = AddressReader()
    block = reader.vpc_stand_in("aws_vpc.a.ipv6_cidr_block", "ipv6")
    bounds = reader.read(Known(cidr), "ipv6").bounds
    assert (block <= bounds.lower, not block.isdisjoint(bounds.upper)) == (surely, perhaps)


def test_without_unknown_blocks_a_range_is_what_it_says() -> None:
    bounds = AddressReader().read(Known("10.0.0.7/8"), "ipv4").bounds
    assert bounds.decided
    assert bounds.lower.to_cidrs() == ("10.0.0.0/8",)


def test_an_unknown_range_is_any_and_surely_none() -> None:
    bounds = AddressReader().read(Unknown("known after apply"), "ipv4").bounds
    assert (bool(bounds.lower), bounds.upper) == (False, AddressSet.all_ipv4())


# --- what an existing stack echoes (K14) ------------------------------------------------------------

ECHO = {
    "cidr_blocks": ["0.0.0.0/0"],
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "security_groups": [],
    "self": False,
    "protocol": "tcp",
    "from_port": 22,
    "to_port": 22,
    "description": "",
}


def inbound(*resources: R) -> list[str]:
    """Where the inbound rules of the group come from."""
    return [r.origin.resource for r in estate(*resources).security_groups["aws_security_group.node"].ingress]


def separate(actions: tuple[str, ...]) -> R:
    values = {**ECHO, "security_group_id": "sg-1", "type": "ingress", "source_security_group_id": None}
    del values["security_groups"]
    return R("aws_security_group_rule.ssh", values, actions=actions)


def holder(actions: tuple[str, ...]) -> R:
    return R("aws_security_group.node", {"id": "sg-1", "vpc_id": "vpc-1", "ingress": [ECHO]}, actions=actions)


def test_an_echo_counts_once() -> None:
    assert inbound(separate(("no-op",)), holder(("no-op",))) == ["aws_security_group_rule.ssh"]


def test_what_no_resource_accounts_for_is_real() -> None:
    assert inbound(holder(("no-op",))) == ["aws_security_group.node"]


def test_at_create_a_known_list_is_inline() -> None:
    assert sorted(inbound(separate(("create",)), holder(("create",)))) == [
        "aws_security_group.node",
        "aws_security_group_rule.ssh",
    ]


def test_a_list_left_to_the_provider_is_empty_and_no_unknown() -> None:
    made = estate(
        VPC, R(GROUP.address, {}, {**GROUP.unknown, "ingress": True, "egress": True}, GROUP.expressions)
    )
    group = made.security_groups[GROUP.address]
    assert (group.ingress, group.egress, group.open) == ((), (), False)


# --- tags -----------------------------------------------------------------------------------------


def tags_of(resource: str, *resources: R) -> tuple[dict[str, str | None], bool]:
    [found] = [each for each in estate(*resources).tagging.resources if each.resource == resource]
    return {key: tag.value for key, tag in found.tags.sure.items()}, found.tags.open


def subnet(values: Object, unknown: Object | None = None) -> R:
    return R(
        SUBNET.address, {**SUBNET.values, **values}, {**SUBNET.unknown, **(unknown or {})}, SUBNET.expressions
    )


def test_default_tags_are_tags() -> None:
    made = subnet({"tags": {"Name": "a"}, "tags_all": {"Name": "a", "Team": "net"}})
    assert tags_of(SUBNET.address, VPC, made, CLUSTER, nodes()) == ({"Name": "a", "Team": "net"}, False)


@pytest.mark.parametrize("unset", [None, {}])
def test_no_tags_at_all(unset: Object | None) -> None:
    made = subnet({"tags": unset, "tags_all": {}})
    assert tags_of(SUBNET.address, VPC, made, CLUSTER, nodes()) == ({}, False)


def test_a_tag_whose_value_is_not_known_is_a_tag() -> None:
    made = subnet(
        {"tags": {"Team": "net"}, "tags_all": {"Team": "net"}},
        {"tags": {"Id": True}, "tags_all": {"Id": True}},
    )
    assert tags_of(SUBNET.address, VPC, made, CLUSTER, nodes()) == ({"Team": "net", "Id": None}, False)


def test_an_autoscaling_group_has_tag_blocks() -> None:
    """Default tags do not enter them (L3)."""
    blocks = [
        {"key": "kubernetes.io/cluster/prod", "value": "owned", "propagate_at_launch": True},
        {"key": "Team", "value": "net", "propagate_at_launch": False},
    ]
    made = R(
        "aws_autoscaling_group.w",
        {"tag": blocks},
        {"vpc_zone_identifier": True},
        {"vpc_zone_identifier": ref("aws_subnet.a.id")},
    )
    assert tags_of("aws_autoscaling_group.w", *WORLD, made) == (
        {"kubernetes.io/cluster/prod": "owned", "Team": "net"},
        False,
    )


def test_only_what_belongs_to_a_cluster_is_judged() -> None:
    stray = R(
        "aws_subnet.stray", {"cidr_block": "10.0.9.0/24"}, {"id": True, "vpc_id": True}, SUBNET.expressions
    )
    tagged = {each.resource for each in estate(*WORLD, nodes(), stray).tagging.resources}
    assert {SUBNET.address, CLUSTER.address, VPC.address} <= tagged
    assert "aws_subnet.stray" not in tagged


@pytest.mark.parametrize("vpc", [OPAQUE, ref("aws_vpc.this.id", "aws_vpc.other.id")])
def test_a_further_block_of_a_vpc_that_cannot_be_told_may_be_any_ones(vpc: Object) -> None:
    other = R("aws_vpc.other", {"cidr_block": "10.9.0.0/16"}, {"id": True})
    more = R(
        "aws_vpc_ipv4_cidr_block_association.more",
        {"cidr_block": "100.64.0.0/20"},
        {"vpc_id": True},
        {"vpc_id": vpc},
    )
    made = estate(VPC, other, more)
    for name in ("aws_vpc.this", "aws_vpc.other"):
        [block] = [b for b in made.vpcs[name].blocks if b.addresses == AddressSet.from_cidr("100.64.0.0/20")]
        assert block.doubts


def test_a_rule_that_takes_one_range_names_the_block_that_aws_will_choose(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_vpc" "this" {
          cidr_block                       = "10.0.0.0/16"
          assign_generated_ipv6_cidr_block = true
        }

        resource "aws_security_group" "node" {
          vpc_id = aws_vpc.this.id
        }

        resource "aws_vpc_security_group_ingress_rule" "v6" {
          security_group_id = aws_security_group.node.id
          ip_protocol       = "-1"
          cidr_ipv6         = aws_vpc.this.ipv6_cidr_block
        }
        """,
        encoding="utf-8",
    )
    found = analysis.load([str(tmp_path)]).estate
    [made] = found.security_groups["aws_security_group.node"].ingress
    assert made.addresses is not None
    assert made.addresses.upper == found.vpcs["aws_vpc.this"].addresses("ipv6")
    assert made.origin.text == "inbound all traffic from aws_vpc.this.ipv6_cidr_block"
