"""The comparison notices what is wrong and nothing else; the plans name only what exists."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter

import pytest

from .addresses import is_global
from .compare import Summary, check, run
from .oracle import FAMILY_NAME, expectations
from .packets import integer
from .plan import split, to_plan
from .tiny import perfect
from .world import random_world

ONE_VPC = ("internet", "vpc", "interface", "pods", "control_plane")
# Of 300 worlds: so many answers of either kind at least, per family.
LEAST = {
    "peering": 300,
    "transit_gateway": 150,
    "vpn": 100,
    "load_balancer": 300,
    "instance_connect_endpoint": 25,
}
IPV4_ONLY = (("instance_connect_endpoint", "ipv6"),)


@pytest.mark.parametrize("seed", range(0, 300, 7))
def test_plan_names_only_ids_that_exist(seed):
    world = random_world(seed)
    plan = to_plan(world)
    text = json.dumps(plan["planned_values"])
    known = {change["change"]["after"].get("id") for change in plan["resource_changes"]}
    known |= {
        text
        for vpc in world.vpcs
        for text in (vpc.default_group_id, vpc.default_acl_id, vpc.default_table_id, vpc.main_table_id)
    }
    known |= {group.id for group in world.groups} | {item.interface_id for item in world.instances}
    known |= {table.id for gateway in world.transit_gateways for table in gateway.tables}
    known |= {gateway.id.replace("nat", "eni") for gateway in world.gateways if gateway.kind == "nat"}
    known |= {endpoint.id.replace("eice", "eni") for endpoint in world.endpoints}
    used = set(re.findall(r'"([a-z-]+-0[0-9a-f]{16})"', text))
    assert {text for text in used if not text.startswith(("eipassoc", "ami"))} <= known
    for change in plan["resource_changes"]:
        assert split(change["address"])[1] == change["type"]
    assert to_plan(random_world(seed)) == plan


@pytest.mark.parametrize("seed", range(0, 300, 13))
def test_a_perfect_answer_has_no_disagreement(seed):
    world = random_world(seed)
    assert [str(each) for each in check(world, perfect(world))] == []


@pytest.mark.parametrize(
    "question",
    [
        {"protocol": "udp", "port": 22},
        {"protocol": "icmp", "port": None},
        {"port": 443},
        {"all_interfaces": True},
    ],
)
def test_a_perfect_answer_to_other_questions(question):
    for seed in range(1, 300, 41):
        world = random_world(seed)
        asked = {**question, "port": str(question.get("port", 22))}
        assert [str(each) for each in check(world, perfect(world, **question), **asked)] == []


def test_port_ranges_are_cut_where_the_answer_changes():
    world = random_world(10)
    documents = [perfect(world, port=port) for port in range(20, 26)]
    merged = []
    for column in zip(*(document["targets"] for document in documents), strict=False):
        for port, target in enumerate(column, 20):
            if merged and target["port"] != "20" and merged[-1]["sources"] == target["sources"]:
                merged[-1]["port"] = f"{merged[-1]['port'].partition('-')[0]}-{port}"
            else:
                merged.append(target)
    assert [str(each) for each in check(world, {"schema_version": 1, "targets": merged}, port="20-25")] == []
    gap = [target for target in merged if not target["port"].endswith("25")]
    assert check(world, {"schema_version": 1, "targets": gap}, port="20-25")
    apart = [target for document in documents for target in document["targets"]]
    kinds = {each.kind for each in check(world, {"schema_version": 1, "targets": apart}, port="20-25")}
    assert kinds == {"port"}  # never merged, though alike


def test_mistakes_are_noticed():
    noticed = Counter()
    for seed in range(0, 40, 8):
        world = random_world(seed)
        document = perfect(world)
        for index, target in enumerate(document["targets"]):
            for number, source in enumerate(target["sources"]):
                broken = copy.deepcopy(document)
                if number % 3 == 0:
                    broken["targets"][index]["sources"].pop(number)
                elif number % 3 == 1:
                    flipped = "possible" if source["verdict"] == "reachable" else "reachable"
                    broken["targets"][index]["sources"][number]["verdict"] = flipped
                elif source.get("cidrs"):
                    broken["targets"][index]["sources"][number]["cidrs"] = source["cidrs"][1:] or [
                        "9.0.0.0/8"
                    ]
                else:
                    continue
                kinds = {each.kind for each in check(world, broken)}
                optional = source["scope"] == "control_plane" and target["family"] == "ipv6"
                assert kinds or optional, (seed, target["resource"], source)
                noticed.update(kinds)
    assert noticed["answer: internet"]
    assert noticed["answer: vpc"]
    assert noticed["answer: interface"]


def test_missing_and_invented_targets_are_noticed():
    world = random_world(3)
    document = perfect(world)
    document["targets"][0]["subnet"] = "aws_subnet.nowhere"
    assert {"missing target", "unexpected target"} <= {each.kind for each in check(world, document)}


def test_global_addresses():
    for text in ("8.8.8.8", "1.0.0.0", "223.255.255.255", "192.0.3.0"):
        assert is_global(integer(text), 4)
    for text in ("10.0.0.1", "100.64.0.1", "203.0.113.9", "224.0.0.1", "0.1.2.3"):
        assert not is_global(integer(text), 4)
    assert is_global(integer("2600::1"), 6)
    assert not is_global(integer("2001:db8::1"), 6)
    assert not is_global(integer("fd00::1"), 6)


def test_the_questions_are_telling():
    summary = Summary()
    for seed in range(300):
        for item in expectations(random_world(seed)):
            family = FAMILY_NAME[item.family]
            for wide in item.wide:
                summary.answers.update((wide.scope, family, verdict) for verdict in wide.counted())
            summary.answers.update((scope, family, verdict) for (scope, _, _), verdict in item.known.items())
    print("\n" + "\n".join(summary.shares()))
    by_verdict = Counter()
    for (_, _, verdict), count in summary.answers.items():
        by_verdict[verdict] += count
    total = sum(by_verdict.values())
    assert by_verdict["reachable"] >= 0.3 * total
    assert by_verdict["blocked"] >= 0.3 * total
    for scope, family in {key[:2] for key in summary.answers}:
        found = {verdict: summary.answers[(scope, family, verdict)] for verdict in ("reachable", "blocked")}
        if scope in ONE_VPC:
            assert min(found.values()) >= 0.25 * sum(found.values()), (scope, family, found)
        elif (scope, family) not in IPV4_ONLY:
            assert min(found.values()) >= LEAST[scope], (scope, family, found)
    assert {scope for scope, _, _ in summary.answers} == {*ONE_VPC, *LEAST}


def test_run_counts_and_compares():
    worlds = iter([random_world(1), random_world(2)])
    summary = run([1, 2], lambda plan: perfect(next(worlds)))
    assert summary.worlds == 2
    assert summary.disagreements == []
    assert summary.answers
