"""Inputs of one root merge, a plan over a state; different roots stay apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eks_checks.errors import InputError
from eks_checks.naming import labels
from eks_checks.terraform.document import Document
from eks_checks.terraform.joining import joined
from eks_checks.terraform.plan import document
from eks_checks.terraform.world import World

Object = dict[str, Any]
PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'


def raw(path: str, lineage: str, serial: int, **vpcs: str) -> Document:
    """A raw state with these VPCs, name to id."""
    resources = [
        {
            "mode": "managed",
            "type": "aws_vpc",
            "name": name,
            "provider": PROVIDER,
            "instances": [{"attributes": {"id": id_}}],
        }
        for name, id_ in vpcs.items()
    ]
    body = {"version": 4, "lineage": lineage, "serial": serial, "resources": resources}
    return document(body, path)


def shown(path: str, **values: Object) -> Document:
    """A state as `terraform show -json` writes it; address type fixed, name to values."""
    resources = [_resource(name, each) for name, each in values.items()]
    return document({"format_version": "1.0", "values": {"root_module": {"resources": resources}}}, path)


def plan(path: str, before: dict[str, str], after: dict[str, str], actions: dict[str, list[str]]) -> Document:
    """A plan: VPC ids before and after, and the actions of those that are no no-op."""
    changes = [
        {
            **_resource(name, {}),
            "change": {
                "actions": actions.get(name, ["no-op"]),
                "before": {"id": before[name]} if name in before else None,
                "after": {"id": after[name]} if name in after else None,
                "after_unknown": {},
            },
        }
        for name in {**before, **after}
    ]
    body = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [_resource(n, {"id": i}) for n, i in after.items()]}},
        "resource_changes": changes,
        "prior_state": {
            "format_version": "1.0",
            "values": {"root_module": {"resources": [_resource(n, {"id": i}) for n, i in before.items()]}},
        },
        "configuration": {"root_module": {}},
    }
    return document(body, path)


def _resource(name: str, values: Object) -> Object:
    type_ = values.pop("type", "aws_vpc")
    return {"address": f"{type_}.{name}", "mode": "managed", "type": type_, "name": name, "values": values}


def keys(*documents: Document) -> dict[str, object]:
    """What is there after apply: key to id."""
    found = World.after(documents).resources()
    return {resource.key: resource.raw("id")[0] for resource in found}


# --- the same root ------------------------------------------------------------------------------------


def test_of_two_states_of_one_lineage_the_newer_counts() -> None:
    old, new = raw("old", "L", 3, a="vpc-1", b="vpc-2"), raw("new", "L", 4, a="vpc-1", c="vpc-3")
    for documents in ((old, new), (new, old)):
        assert keys(*documents) == {"aws_vpc.a": "vpc-1", "aws_vpc.c": "vpc-3"}
        assert World.after(documents).notices == ("old: of the same root as new, which counts",)


def test_a_plan_goes_over_a_state_of_its_root() -> None:
    state = raw("state", "L", 3, a="vpc-1", b="vpc-2", c="vpc-3", d="vpc-4")
    over = plan("plan", {"a": "vpc-1", "b": "vpc-2"}, {"a": "vpc-1"}, {"b": ["delete"]})
    merged = {"aws_vpc.a": "vpc-1", "aws_vpc.c": "vpc-3", "aws_vpc.d": "vpc-4"}
    assert keys(state, over) == keys(over, state) == merged
    before = [resource.key for resource in World.before([state, over]).resources()]
    assert before == ["aws_vpc.a", "aws_vpc.b", "aws_vpc.c", "aws_vpc.d"]


def test_a_state_never_brings_back_what_the_plan_forgets_moves_or_replaces() -> None:
    state = raw("state", "L", 3, a="vpc-1", old="vpc-2", gone="vpc-3")
    over = plan(
        "plan",
        {"a": "vpc-1", "new": "vpc-2", "gone": "vpc-3"},
        {"a": "vpc-9", "new": "vpc-2"},
        {"a": ["create", "delete"], "gone": ["delete"]},
    )
    moved = [
        change._replace(previous_address=raw("x", "", 0, old="").after[0].address)
        if change.address.name == "new"
        else change
        for change in over.changes
    ]
    over = replace(over, changes=tuple(moved))
    assert keys(state, over) == {"aws_vpc.a": "vpc-9", "aws_vpc.new": "vpc-2"}
    assert keys(raw("state", "L", 3, old="vpc-2"), over) == keys(over), "told by the address it moved from"


def test_two_plans_of_one_root_contradict_each_other() -> None:
    one, other = (plan(path, {"a": "vpc-1"}, {"a": "vpc-1"}, {}) for path in ("one", "two"))
    with pytest.raises(InputError) as caught:
        World.after([one, other])
    expected = "two: a plan of the same root as one: only one of them can be applied; give one of the two"
    assert str(caught.value) == expected


def test_a_document_may_bring_two_others_together() -> None:
    old, new = raw("old", "L", 1, a="vpc-1"), raw("new", "L", 2, b="vpc-2")
    between = plan("plan", {"a": "vpc-1"}, {"a": "vpc-1"}, {})
    assert len(joined([between, new, old])) == 1
    assert keys(between, new, old) == {"aws_vpc.a": "vpc-1", "aws_vpc.b": "vpc-2"}


# --- different roots ----------------------------------------------------------------------------------


def test_roots_that_share_an_address_stay_apart() -> None:
    one, other = raw("one", "L", 1, a="vpc-1", b="vpc-2"), raw("two", "M", 1, a="vpc-3", c="vpc-4")
    assert keys(one, other) == {
        "one:aws_vpc.a": "vpc-1",
        "aws_vpc.b": "vpc-2",
        "two:aws_vpc.a": "vpc-3",
        "aws_vpc.c": "vpc-4",
    }
    names = World.after([one, other]).names
    assert (names.address("one:aws_vpc.a"), names.input("one:aws_vpc.a")) == ("aws_vpc.a", "one")
    assert (names.address("aws_vpc.c"), names.input("aws_vpc.c")) == ("aws_vpc.c", "two")
    assert (names.address("vpc-9"), names.input("vpc-9")) == ("vpc-9", None)


def test_an_address_shared_at_one_moment_is_told_alike_at_both() -> None:
    one, other = raw("one", "L", 1, a="vpc-1"), plan("two", {}, {"a": "vpc-2"}, {"a": ["create"]})
    assert [resource.key for resource in World.before([one, other]).resources()] == ["one:aws_vpc.a"]
    gone = plan("two", {"a": "vpc-2"}, {}, {"a": ["delete"]})
    assert [resource.key for resource in World.after([one, gone]).resources()] == ["one:aws_vpc.a"]


def test_stages_that_share_names_are_not_one_root() -> None:
    role = {"type": "aws_iam_role", "id": "node"}
    chart = {"type": "helm_release", "id": "cilium"}

    def stage(path: str, account: str, vpc: str) -> Document:
        arn = f"arn:aws:iam::{account}:role/node"
        return shown(path, node={**role, "arn": arn}, cilium=dict(chart), a={"id": vpc}, b={"id": f"{vpc}b"})

    assert len(joined([stage("one", "111122223333", "vpc-1"), stage("two", "444455556666", "vpc-2")])) == 2
    same = [stage(path, "111122223333", "vpc-1") for path in ("one", "two")]
    assert len(joined(same)) == 1


def test_states_without_anything_in_common_are_two_roots() -> None:
    assert len(joined([shown("one", a={"id": "vpc-1"}), shown("two", b={"id": "vpc-1"})])) == 2
    assert len(joined([shown("one"), shown("two")])) == 2


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a/plan.json"], ["plan.json"]),
        (["net.tfstate", "plan.json"], ["net.tfstate", "plan.json"]),
        (["x/blue/plan.json", "x/green/plan.json"], ["blue/plan.json", "green/plan.json"]),
        (["plan.json", "blue/plan.json"], ["plan.json", "blue/plan.json"]),
        (["C:\\a\\p.json", "C:\\b\\p.json"], ["a/p.json", "b/p.json"]),
    ],
)
def test_a_label_is_as_long_as_it_must_be(paths: list[str], expected: list[str]) -> None:
    assert list(labels(paths).values()) == expected
