"""What becomes of resources that a plan replaces, moves, removes, forgets or imports (K9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eks_checks.terraform.document import Document
from eks_checks.terraform.plan import document, read
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.world import World
from tests.terraform.readable import text

CASE = Path(__file__).resolve().parent.parent / "fixtures" / "terraform" / "replacements"
PLAN = read(str(CASE / "plan.json"))
AFTER, BEFORE = World.after([PLAN]), World.before([PLAN])


def there(world: World, key: str) -> Resource:
    found = world.get(key)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("key", "actions"),
    [
        ("aws_security_group.node", ("create", "delete")),
        ("aws_instance.bastion", ("delete", "create")),
    ],
)
def test_a_replaced_resource_is_a_new_one(key: str, actions: tuple[str, ...]) -> None:
    after, before = there(AFTER, key), there(BEFORE, key)
    assert after.actions == actions
    assert after.is_unknown("id")
    assert after.prior is not None
    assert text(after.prior.value("id")) == text(before.value("id"))
    assert text(before.value("id")) != "computed"


def test_links_to_a_replaced_resource_lead_to_the_new_one() -> None:
    group = "aws_security_group.node.id"
    assert text(there(AFTER, "aws_vpc_security_group_ingress_rule.ssh").value("security_group_id")) == group
    assert text(there(AFTER, "aws_instance.bastion").value("vpc_security_group_ids")) == f"[{group}]"


def test_a_deposed_object_is_in_neither_world() -> None:
    (deposed,) = (change for change in AFTER.changes("aws_security_group") if change.deposed)
    assert (deposed.key, deposed.after) == ("aws_security_group.node", None)
    leftover = "sg-0deadbeef0deadbee"
    for world in (
        AFTER,
        BEFORE,
        *(World.after([read(str(CASE / f"before.{form}"))]) for form in ("state", "json")),
    ):
        groups = world.resources("aws_security_group")
        assert len(groups) == 2
        assert leftover not in {text(group.value("id")).strip("'") for group in groups}
    assert any("1 deposed object left out" in notice for notice in AFTER.notices)


def test_a_moved_resource_has_its_new_address_at_both_moments() -> None:
    moved = there(AFTER, 'aws_security_group.moved["a"]')
    assert moved.previous_key == "aws_security_group.single"
    assert AFTER.get("aws_security_group.single") is None
    assert there(BEFORE, moved.key).value("id") == moved.value("id")


def test_a_removed_resource_that_is_not_destroyed_goes_on_unmanaged() -> None:
    old = there(AFTER, "aws_instance.old")
    assert old.unmanaged
    assert old.value("id") == there(BEFORE, "aws_instance.old").value("id")


def test_the_state_before_adds_nothing_to_its_plan() -> None:
    state = read(str(CASE / "before.state"))
    assert [r.key for r in World.after([state, PLAN]).resources()] == [r.key for r in AFTER.resources()]


# --- what the stand-in provider cannot plan: made by hand -------------------------------------------


def handmade(actions: list[str], before: Any, after: Any, **more: Any) -> Document:
    parts = {"address": "aws_vpc.this", "mode": "managed", "type": "aws_vpc", "name": "this"}
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}, **more}
    planned = [] if after is None else [{**parts, "values": after}]
    body = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": [{**parts, "change": change}],
        "prior_state": {"values": {"root_module": {"resources": []}}},
        "configuration": {"root_module": {"resources": [{"address": "aws_vpc.this"}]}},
    }
    return document(body, "p")


@pytest.mark.parametrize("actions", [["no-op"], ["update"]])
def test_an_imported_resource_exists_already(actions: list[str]) -> None:
    before, after = {"id": "vpc-1", "tags": {}}, {"id": "vpc-1", "tags": {"a": "b"}}
    plan = handmade(actions, before, after, importing={"id": "vpc-1"})
    vpc = there(World.after([plan]), "aws_vpc.this")
    assert vpc.prior is not None
    assert (text(vpc.value("id")), text(vpc.prior.value("tags"))) == ("'vpc-1'", "{}")
    assert "create" not in vpc.actions
    assert text(there(World.before([plan]), "aws_vpc.this").value("tags")) == "{}"


def test_a_deleted_resource_is_gone() -> None:
    assert not World.after([handmade(["delete"], {"id": "vpc-1"}, None)]).resources()


def test_a_forgotten_resource_without_prior_state_keeps_what_its_change_says() -> None:
    (vpc,) = World.after([handmade(["forget"], {"id": "vpc-1"}, None)]).resources()
    assert (text(vpc.value("id")), vpc.unmanaged) == ("'vpc-1'", True)


def test_a_plan_with_targets_leaves_the_rest_as_it_is() -> None:
    case = CASE.parent.parent / "several-inputs" / "network-and-cluster" / "network"
    targeted, whole = (World.after([read(str(case / name))]) for name in ("targeted.json", "applied.json"))
    assert [r.key for r in targeted.resources()] == [r.key for r in whole.resources()]
    untouched = there(targeted, "aws_subnet.public")
    assert (untouched.actions, untouched.value("id")) == (("no-op",), there(whole, untouched.key).value("id"))
