"""Worlds: what exists before and after, what a plan does to it, and several inputs at once."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import pytest

from eks_checks.naming import Name
from eks_checks.terraform.plan import document, read
from eks_checks.terraform.resource import Block
from eks_checks.terraform.value import Known, Mapping, Reference
from eks_checks.terraform.world import World
from tests.terraform.readable import text

CASES = Path(__file__).resolve().parent.parent / "fixtures" / "terraform"
EXISTING = read(str(CASES / "existing-stack" / "plan.json"))


def addresses(world: World, *types: str) -> list[str]:
    return [str(resource.address) for resource in world.resources(*types)]


def test_after() -> None:
    world = World.after([EXISTING])
    assert addresses(world, "aws_security_group") == [
        "aws_security_group.added",
        "aws_security_group.forgotten",
        "aws_security_group.kept",
        "aws_security_group.new_name",
    ]
    assert world.types() == (
        "aws_instance",
        "aws_lb",
        "aws_network_acl",
        "aws_security_group",
        "aws_subnet",
        "aws_vpc",
    )
    assert addresses(world, "aws_vpc", "aws_lb") == ["aws_lb.every", "aws_vpc.this"]
    (info,) = world.inputs
    assert (info.kind, info.terraform_version, info.resources) == ("plan", "1.11.4", 12)


def test_before() -> None:
    world = World.before([EXISTING])
    assert addresses(world, "aws_security_group") == [
        "aws_security_group.deleted",
        "aws_security_group.forgotten",
        "aws_security_group.kept",
        "aws_security_group.new_name",
    ]
    assert len(world.resources("aws_subnet")) == 2
    kept = world.get("aws_security_group.kept")
    assert kept is not None
    assert text(kept.value("ingress", 0, "cidr_blocks")) == "['0.0.0.0/0']"
    assert not any(resource.has("id") and resource.is_unknown("id") for resource in world.resources())


def test_without_prior_state_the_changes_tell_of_before() -> None:
    body = document_of(change("aws_vpc", ["update"], before={"id": "vpc-1"}, after={"id": "vpc-1"}))
    world = World.before([document(body, "p")])
    assert addresses(world) == ["aws_vpc.this"]
    assert any("no prior_state" in notice for notice in world.notices)


def test_forgotten_resources_still_exist() -> None:
    forgotten = World.after([EXISTING]).get("aws_security_group.forgotten")
    assert forgotten is not None
    assert forgotten.unmanaged
    assert str(scalar_of(forgotten, "id")).startswith("sg-")


def test_replaced_moved_and_new() -> None:
    world = World.after([EXISTING])
    instance, moved, added = (
        world.get(f"aws_{name}")
        for name in ("instance.this", "security_group.new_name", "security_group.added")
    )
    assert instance is not None
    assert moved is not None
    assert added is not None
    assert instance.actions == ("delete", "create")
    assert instance.prior is not None
    assert moved.previous_key == "aws_security_group.old_name"
    assert added.prior is None
    assert added.location is None


def test_known_ids_of_existing_resources_are_not_offered_for_unknown_ones() -> None:
    world = World.after([EXISTING])
    instance, acl = world.get("aws_instance.this"), world.get("aws_network_acl.this")
    assert instance is not None
    assert acl is not None
    kept, added = instance.value("vpc_security_group_ids", 0), instance.value("vpc_security_group_ids", 1)
    assert isinstance(kept, Known)
    assert text(added) == "aws_security_group.added.id"
    assert text(acl.value("subnet_ids", 2)) == "aws_subnet.this[2]"


def test_existing_members_of_an_unknown_list_are_not_lost() -> None:
    world = World.after([EXISTING])
    instance, balancer = world.get("aws_instance.compacted"), world.get("aws_lb.every")
    assert instance is not None
    assert balancer is not None
    groups, subnets = instance.members("vpc_security_group_ids"), balancer.members("subnets")
    # compact(...) may drop a member, and a literal would have left no trace: nothing is sure.
    assert not groups.items
    assert groups.open is not None
    assert sorted(map(text, groups.maybe))[0].startswith("'sg-")
    assert sorted(map(text, groups.maybe))[1:] == ["aws_security_group.added.id"]
    members = (*subnets.items, *subnets.maybe)
    assert sorted(map(text, members)) == [f"aws_subnet.this[{number}]" for number in range(3)]


def test_changes() -> None:
    changes = {
        str(change.address): change for change in World.after([EXISTING]).changes("aws_security_group")
    }
    deleted, kept = changes["aws_security_group.deleted"], changes["aws_security_group.kept"]
    assert (deleted.actions, deleted.after) == (("delete",), None)
    assert deleted.before is not None
    assert text(deleted.before.value("name")) == "'deleted'"
    assert kept.before is not None
    assert kept.after is not None
    assert text(kept.before.value("ingress", 0, "cidr_blocks")) == "['0.0.0.0/0']"
    assert text(kept.after.value("ingress", 0, "cidr_blocks")) == "['10.0.0.0/8']"
    assert changes["aws_security_group.forgotten"].after is not None


def test_same_module() -> None:
    world = World.after([read(str(CASES / "module-chains" / "plan.json"))])
    own = world.get('module.many["eu.west"].aws_security_group.own')
    assert own is not None
    assert [str(other.address) for other in world.same_module(own, "aws_subnet")] == [
        'module.many["eu.west"].aws_subnet.this["a"]',
        'module.many["eu.west"].aws_subnet.this["b"]',
    ]


def test_data_sources() -> None:
    world = World.after([read(str(CASES / "carriers" / "plan.json"))])
    (later,) = world.data("aws_vpc")
    assert text(later.value("id")) == "aws_vpc.this.id"
    assert world.get("data.aws_vpc.later") is later
    assert world.get("aws_vpc.none") is None
    assert world.get("no address") is None


def test_two_inputs_that_share_an_address_stay_apart() -> None:
    one, two = (
        document(document_of(change("aws_vpc", ["create"], unknown={"id": True})), name) for name in "ab"
    )
    world = World.after([one, two])
    assert [resource.input for resource in world.resources("aws_vpc")] == ["a", "b"]
    (first, second) = world.resources("aws_vpc")
    assert world.get("aws_vpc.this") is None
    assert (world.get("a:aws_vpc.this"), world.get("b:aws_vpc.this")) == (first, second)
    assert world.names.by_key == {f"{input}:aws_vpc.this": Name("aws_vpc.this", input) for input in "ab"}
    assert world.target(Reference(second.address, ("id",), input="b")) is second
    assert second.attribute(("id",)).input == "b"


# --- small plans made here ----------------------------------------------------------------------------------


def change(
    type: str, actions: list[str], before: Any = None, after: Any = None, unknown: Any = None
) -> dict[str, Any]:
    parts = {"actions": actions, "before": before, "after": after or {}, "after_unknown": unknown or {}}
    return {"address": f"{type}.this", "mode": "managed", "type": type, "name": "this", "change": parts}


def document_of(
    *changes: dict[str, Any], expressions: dict[str, Any] | None = None, **parts: Any
) -> dict[str, Any]:
    planned = [{**item, "values": item["change"]["after"]} for item in changes]
    blocks = [
        {"address": item["address"], "expressions": (expressions or {}).get(item["address"], {})}
        for item in changes
    ]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": list(changes),
        "configuration": {"root_module": {"resources": blocks}},
        **parts,
    }


def scalar_of(block: Block, name: str) -> object:
    value = block.value(name)
    assert isinstance(value, Known)
    return value.value


def only(body: dict[str, Any]) -> Block:
    return World.after([document(body, "p")]).resources()[0]


def test_merging_of_unknown_parts() -> None:
    after = {
        "list": ["a", None, "c"],
        "map": {"k": "v"},
        "block": [{"x": 1, "inner": [{"y": None}]}],
        "null": None,
    }
    unknown = {
        "list": [False, True],
        "map": {"u": True},
        "block": [{"inner": [{"y": True}]}],
        "whole": True,
        "ids": True,
    }
    block = only(document_of(change("t_t", ["create"], after=after, unknown=unknown)))
    assert text(block.value("list")) == "['a', computed, 'c']"
    assert text(block.value("list", 1)) == "computed"
    assert text(block.value("map")) == "{k: 'v', u: computed}"
    assert text(block.value("block", 0, "x")) == "1"
    assert text(block.value("block", 0, "inner", 0, "y")) == "?"
    assert text(block.value("null")) == "null"
    assert text(block.value("whole")) == "computed"
    assert text(block.value("whole", 0, "below")) == "computed"
    assert text(block.members("ids")) == "[; open computed]"
    assert text(block.members("null")) == "[]"
    assert text(block.members("absent")) == "[]"
    assert text(block.mapping("map")) == "{k: 'v', u: computed}"
    assert block.mapping("null") == Mapping()
    assert block.mapping("whole").open is not None
    assert [inner.path for inner in block.blocks("block")] == [("block", 0)]
    assert block.has("map")
    assert block.has("whole")
    assert not block.has("null")
    assert not block.has("absent")


def test_sensitive_values_are_marked() -> None:
    item = change("t_t", ["create"], after={"a": "x", "b": {"c": "y"}})
    body = document_of(item)
    body["planned_values"]["root_module"]["resources"][0]["sensitive_values"] = {
        "a": True,
        "b": {"c": True},
        "d": [{}],
    }
    block = only(body)
    assert text(block.value("a")) == "'x'"
    assert block.is_sensitive("a")
    assert block.is_sensitive("b")
    assert block.is_sensitive("b", "c")
    assert not block.is_sensitive("d")
    assert not block.is_sensitive("e")


def test_references_in_a_circle_end() -> None:
    def to(name: str) -> dict[str, Any]:
        return {"peer_id": {"references": [f"{name}.this.peer_id", f"{name}.this"]}}

    items = [change(name, ["create"], unknown={"peer_id": True, "id": True}) for name in ("t_a", "t_b")]
    body = document_of(*items, expressions={"t_a.this": to("t_b"), "t_b.this": to("t_a")})
    assert text(only(body).value("peer_id")) in ("t_a.this.peer_id", "t_b.this.peer_id")


def test_long_chains_end() -> None:
    names = [f"t_{number}" for number in range(3000)]
    items = [change(name, ["create"], unknown={"peer_id": True, "id": True}) for name in names]
    links = {
        f"{name}.this": {"peer_id": {"references": [f"{after}.this.peer_id", f"{after}.this"]}}
        for name, after in itertools.pairwise(names)
    }
    world = World.after([document(document_of(*items, expressions=links), "p")])
    first = world.get("t_0.this")
    assert first is not None
    assert isinstance(first.value("peer_id"), Reference)


@pytest.mark.parametrize("configuration", [None, {}])
def test_without_configuration_nothing_is_called_computed(configuration: Any) -> None:
    body = document_of(change("t_t", ["create"], unknown={"id": True}), configuration=configuration)
    block = only(body)
    assert text(block.value("id")) == "?"
    assert block.is_configured("id") is None


def test_ten_thousand_resources() -> None:
    items = []
    for number in range(10_000):
        item = change(
            "aws_instance",
            ["create"],
            after={"ami": "a", "ids": [None]},
            unknown={"subnet_id": True, "ids": [True]},
        )
        items.append({**item, "address": f"aws_instance.this[{number}]", "index": number})
    subnet = change("aws_subnet", ["create"], unknown={"id": True})
    references = {"references": ["aws_subnet.this.id", "aws_subnet.this"]}
    body = document_of(subnet, *items)
    body["configuration"]["root_module"]["resources"] = [
        {"address": "aws_subnet.this"},
        {
            "address": "aws_instance.this",
            "count_expression": {"constant_value": 10_000},
            "expressions": {
                "subnet_id": references,
                "ids": {"references": ["aws_instance.this", "count.index"]},
            },
        },
    ]
    parsed = document(body, "p")
    start = time.perf_counter()
    world = World.after([parsed])
    built = time.perf_counter() - start
    found = world.resources("aws_instance")
    assert text(found[-1].value("subnet_id")) == "aws_subnet.this.id"
    assert text(found[-1].value("ids")) == "[?]"  # one of ten thousand
    for resource in found:
        resource.value("subnet_id")
        resource.value("ids")
    assert built < 3  # measured: 0.1 s; the limit is for slow machines
    assert time.perf_counter() - start < 30
