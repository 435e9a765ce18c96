"""Launch templates: the groups and addresses that nodes come up with (D2, D3, D8, E5, E12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.plans import (
    GROUP,
    OPAQUE,
    WORLD,
    Object,
    R,
    estate,
    node,
    nodes,
    ref,
    shape,
    with_template,
    word,
)

CLUSTER_GROUP = "aws_eks_cluster.this#cluster_security_group"
LATEST = ref("aws_launch_template.this.latest_version")


def template(
    values: Object | None = None, unknown: Object | None = None, expressions: Object | None = None
) -> R:
    return R(
        "aws_launch_template.this",
        {"name": "t", **(values or {})},
        {"id": True, "latest_version": True, **(unknown or {})},
        expressions or {},
    )


NAMES_A_GROUP = template(
    {}, {"vpc_security_group_ids": [True]}, {"vpc_security_group_ids": ref("aws_security_group.node.id")}
)


def test_without_a_template_nodes_carry_the_cluster_group() -> None:
    groups = shape(estate(*WORLD, nodes())).groups
    assert groups.exact
    assert groups.sure == {CLUSTER_GROUP}


@pytest.mark.parametrize("unset", [None, [], "absent"])
def test_a_template_that_names_no_group_gets_the_cluster_group(unset: Any) -> None:
    values = {} if unset == "absent" else {"vpc_security_group_ids": unset}
    groups = shape(estate(*WORLD, template(values), with_template(expression=LATEST))).groups
    assert groups.exact
    assert groups.sure == {CLUSTER_GROUP}


def test_a_template_that_names_groups_gets_only_these() -> None:
    groups = shape(estate(*WORLD, NAMES_A_GROUP, with_template(expression=LATEST))).groups
    assert groups.exact
    assert groups.sure == {GROUP.address}


def test_groups_named_on_the_interface_count_as_well() -> None:
    made = template(
        {"network_interfaces": [{"device_index": 0}]},
        {"network_interfaces": [{"security_groups": [True]}]},
        {"network_interfaces": [{"security_groups": ref("aws_security_group.node.id")}]},
    )
    groups = shape(estate(*WORLD, made, with_template(expression=LATEST))).groups
    assert groups.exact
    assert groups.sure == {GROUP.address}


def test_a_list_that_may_be_empty_leaves_both_cases_open() -> None:
    made = template({}, {"vpc_security_group_ids": True}, {"vpc_security_group_ids": OPAQUE})
    groups = shape(estate(*WORLD, made, with_template(expression=LATEST))).groups
    assert not groups.sure
    assert CLUSTER_GROUP in groups.maybe
    assert groups.open
    assert groups.causes


@pytest.mark.parametrize(
    ("version", "template_values", "actions", "known"),
    [
        ("$Latest", {"latest_version": 3}, ("no-op",), True),
        ("3", {"latest_version": 3}, ("no-op",), True),
        (3, {"latest_version": 3}, ("no-op",), True),
        ("2", {"latest_version": 3}, ("no-op",), False),
        ("3", {"latest_version": 3}, ("update",), False),
        ("$Default", {"latest_version": 3, "default_version": 1}, ("no-op",), False),
        ("$Default", {"latest_version": 3, "default_version": 3}, ("no-op",), True),
        ("$Default", {"latest_version": 3, "default_version": 3}, ("update",), False),
        (
            "$Default",
            {"latest_version": 3, "default_version": 1, "update_default_version": True},
            ("update",),
            True,
        ),
    ],
)
def test_only_the_newest_content_is_in_a_plan(
    version: Any, template_values: Object, actions: tuple[str, ...], known: bool
) -> None:
    made = R(
        "aws_launch_template.this",
        {"id": "lt-1", "name": "t", "vpc_security_group_ids": ["sg-1"], **template_values},
        actions=actions,
    )
    group = R("aws_security_group.node", {"id": "sg-1", "vpc_id": "vpc-1"}, actions=("no-op",))
    world = estate(*WORLD[:3], group, made, nodes({"launch_template": [{"id": "lt-1", "version": version}]}))
    groups = shape(world).groups
    assert groups.exact is known
    assert (groups.sure == {"aws_security_group.node"}) is known
    unresolved = {u.attribute for u in world.coverage.unresolved}
    assert ("launch_template.version" in unresolved) is not known


@pytest.mark.parametrize(
    ("flag", "expected"),
    [("true", "yes"), ("false", "no"), ("", "yes"), (None, "yes"), (True, "yes"), (False, "no")],
)
def test_the_launch_request_overrides_the_subnet(flag: Any, expected: str) -> None:
    """The subnet's flag is on; a template's own word wins both ways, and is a text in plans (D1, D2)."""
    made = template({"network_interfaces": [{"device_index": 0, "associate_public_ip_address": flag}]})
    assert word(shape(estate(*WORLD, made, with_template(expression=LATEST))).public_ipv4) == expected


def test_two_interfaces_get_no_public_address() -> None:
    """Not even where either's flag, and the subnet's, asks for one (D3); each keeps its own groups (D8)."""
    blocks = [{"device_index": 1, "associate_public_ip_address": "true"}, {"device_index": 0}]
    made = template(
        {"network_interfaces": blocks},
        {"network_interfaces": [{}, {"security_groups": [True]}]},
        {"network_interfaces": [{}, {"security_groups": ref("aws_security_group.node.id")}]},
    )
    shapes = node(estate(*WORLD, made, with_template(expression=LATEST))).shapes
    assert {word(each.public_ipv4) for each in shapes} == {"no"}
    [first] = [each for each in shapes if each.primary]
    assert first.groups.sure == {GROUP.address}, "the node's own interface is the one with index 0"
    assert len(shapes) == 2


@pytest.mark.parametrize(("index", "primary"), [(None, True), (0, True)])
def test_a_single_interface_is_the_nodes_own(index: int | None, primary: bool) -> None:
    made = template({"network_interfaces": [{"device_index": index}]})
    assert shape(estate(*WORLD, made, with_template(expression=LATEST))).primary is primary


def test_a_template_outside_the_inputs_may_hold_anything() -> None:
    made = estate(*WORLD, nodes({"launch_template": [{"id": "lt-elsewhere", "version": "1"}]}))
    groups = shape(made).groups
    assert groups.open
    assert not groups.sure
    assert word(shape(made).public_ipv4) == "unknown"
    assert any("lt-elsewhere" in u.reason for u in made.coverage.unresolved)


def test_the_only_template_of_the_module_is_taken_and_reported() -> None:
    """A dynamic block leaves no reference (K17)."""
    group = nodes({"launch_template": [{}]}, {"launch_template": [{"id": True, "version": True}]})
    made = estate(*WORLD, NAMES_A_GROUP, group)
    assert shape(made).groups.sure == {GROUP.address}
    assert any("the only launch template" in u.reason for u in made.coverage.unresolved)


def test_of_two_templates_none_is_guessed() -> None:
    group = nodes({"launch_template": [{}]}, {"launch_template": [{"id": True, "version": True}]})
    other = R("aws_launch_template.other", {"name": "o"}, {"id": True})
    groups = shape(estate(*WORLD, NAMES_A_GROUP, other, group)).groups
    assert not groups.sure
    assert groups.open
