"""Many alike things are told once, unless all of it was asked for; nothing that differs is folded away."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from eks_checks.aws.estate import Coverage
from eks_checks.findings import Evidence, Finding, Report, Severity, Status
from eks_checks.reach.answer import (
    AttackHop,
    AttackPath,
    Change,
    Cut,
    Hop,
    Source,
    UnknownValue,
    Verdict,
)
from eks_checks.render import alike, reach_text, scan_text
from eks_checks.reports import ReachReport
from tests.render import samples

NODES = [f'aws_eks_node_group.this["g{number}"]' for number in range(8)]


def scanned(*resources: str, text: str = "allows tcp 22", status: Status = Status.FAIL) -> Report:
    """The same finding on each resource, its evidence naming the resource."""
    findings = tuple(
        samples.finding(
            "EKS201",
            "node-ssh-from-internet",
            Severity.CRITICAL,
            resource,
            message=f"The internet reaches {resource}.",
            evidence=(Evidence("aws_security_group_rule.root", f"{text} of {resource}"),),
            status=status,
        )
        for resource in resources
    )
    return replace(samples.CLEAN, findings=findings)


def reached(*resources: str, **others: Any) -> ReachReport:
    """The same answer for each resource."""
    answers = tuple(samples.answer("aws_subnet.a", resource=name, **others) for name in resources)
    return ReachReport(answers, Coverage())


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ('module.a["x.y"].aws_b.c[0]', "module.a[*].aws_b.c[*]"),
        (r'aws_b.c["a\"]b"]', "aws_b.c[*]"),
        ("aws_b.c", "aws_b.c"),
        ("[bold] a[b] [*]", "[bold] a[b] [*]"),
    ],
)
def test_only_instance_keys_are_left_out(address: str, shape: str) -> None:
    assert alike.pattern(address) == shape


def test_up_to_three_instances_are_named() -> None:
    assert alike.instances(NODES[:3]) == NODES[:3]
    assert alike.instances([*NODES[:4], "a.b", "a.b"], 3, "id") == [
        "aws_eks_node_group.this[*].id (4 instances)",
        "a.b.id",
    ]
    assert alike.instances(NODES, None) == NODES


def test_a_shared_cause_is_one_story_with_ten_places() -> None:
    places = [f"aws_eks_node_group.{name}" for name in "abcdefghij"]
    text = scan_text.page(scanned(*places)).text(1000)
    assert text.count("EKS201 node-ssh") == 1
    assert text.count("fix:") == 1
    assert all(place in text for place in places)
    assert "10 findings" in text
    assert scan_text.page(scanned(*places), verbose=True).text(1000).count("EKS201 node-ssh") == 10


def ruled(resource: str, *rules: str, message: str = "", of: str = "aws_security_group_rule.root") -> Finding:
    """A finding that these rules make, each told with what it does to the resource."""
    evidence = tuple(Evidence(of, f"{rule}: lets the internet reach {resource}", rule=rule) for rule in rules)
    return replace(scanned(resource).findings[0], evidence=evidence, message=message or f"About {resource}.")


def told(*findings: Finding) -> str:
    return scan_text.page(replace(samples.CLEAN, findings=findings)).text(1000)


def test_one_rule_is_one_story_whatever_it_does_at_each_place() -> None:
    places = [f"aws_eks_node_group.{name}" for name in "abcdefghij"]
    text = told(*(ruled(place, "tcp 22", message=f"In subnet {n}.") for n, place in enumerate(places)))
    assert text.count("EKS201 node-ssh") == 1
    assert "10 places" in text
    assert "Of the first: In subnet 0." in text
    assert all(place in text for place in places)
    assert "10 findings" in text


def test_two_rules_are_two_stories() -> None:
    text = told(ruled("aws_x.a", "tcp 22"), ruled("aws_x.b", "tcp 22", "all"), ruled("aws_x.c", "tcp 22"))
    assert text.count("EKS201 node-ssh") == 2
    assert "2 places" in text


def test_a_rule_of_the_resource_itself_is_a_cause_of_its_own() -> None:
    own = [ruled(place, "tcp 22", message=f"{place}: {place}", of=place) for place in ("aws_x.a", "aws_x.b")]
    assert told(*own).count("EKS201 node-ssh") == 1, "the same is said of both"
    other = replace(own[1], message="Something else.")
    assert told(own[0], other).count("EKS201 node-ssh") == 2


def test_what_is_open_for_another_reason_is_another_story() -> None:
    def open_(resource: str, attribute: str) -> Finding:
        found = ruled(resource, "tcp 22", message=f"{attribute} decides.")
        reason = Evidence("aws_subnet.a", "not known", attribute=attribute)
        return replace(found, status=Status.POSSIBLE, evidence=(*found.evidence, reason))

    assert told(open_("aws_x.a", "flag"), open_("aws_x.b", "flag")).count("EKS201 node-ssh") == 1
    assert told(open_("aws_x.a", "flag"), open_("aws_x.b", "route")).count("EKS201 node-ssh") == 2


def test_many_places_are_told_in_short() -> None:
    alike_ = [f"aws_x.many[{number}]" for number in range(30)]
    assert "aws_x.many[*] (30 instances)" in told(*(ruled(place, "tcp 22") for place in alike_))
    text = told(*(ruled(f"aws_x.n{number}", "tcp 22") for number in range(30)))
    assert "and 20 more (--verbose lists them)" in text
    assert "aws_x.n9\n" in text
    assert "aws_x.n10\n" not in text


def test_what_differs_is_not_folded() -> None:
    one, other = scanned(NODES[0]), scanned(NODES[1], text="allows all traffic")
    both = replace(one, findings=(*one.findings, *other.findings))
    assert scan_text.page(both).text(1000).count("EKS201 node-ssh") == 2
    weaker = scanned(NODES[1], status=Status.POSSIBLE)
    mixed = replace(one, findings=(*one.findings, *weaker.findings))
    assert scan_text.page(mixed).text(1000).count("EKS201 node-ssh") == 2


def test_a_sibling_is_not_the_resource_itself() -> None:
    one, other = scanned(NODES[0], NODES[1]).findings
    crossed = [replace(each, message=f"Pods of {NODES[1]} reach it.") for each in (one, other)]
    assert told(*crossed).count("EKS201 node-ssh") == 2
    cut = [replace(each, message=f"Pods of {NODES[1]} and 6 more reach it.") for each in (one, other)]
    assert told(*cut).count("EKS201 node-ssh") == 1


def test_evidence_that_differs_in_keys_alone_is_told_once() -> None:
    evidence = tuple(Evidence(f"aws_route.a[{n}]", "leads out") for n in range(6))
    finding = replace(scanned("aws_x.y").findings[0], evidence=evidence)
    text = scan_text.page(replace(samples.CLEAN, findings=(finding,))).text(1000)
    assert "- aws_route.a[0]: leads out (and 5 alike)" in text
    assert "aws_route.a[1]" not in text


def test_alike_targets_are_one_part_and_each_is_named() -> None:
    text = reach_text.page(reached(*NODES)).text(1000)
    assert text.count("REACHABLE") == 1
    assert all(node in text for node in NODES)
    assert "8 targets: 8 reachable" in text
    assert reach_text.page(reached(*NODES), verbose=True).text(1000).count("REACHABLE") == 8
    assert reach_text.page(reached(*NODES), explain=True).text(1000).count("REACHABLE") == 8


def test_alike_sources_and_rules_are_folded() -> None:
    rules = tuple(
        Hop("security_group", f"aws_rule.ssh[{n}]", "", f"perhaps security group a.b[{n}]: inbound tcp 22")
        for n in range(5)
    )
    sources = tuple(Source("pods", Verdict.POSSIBLE, node, "aws_subnet.a", path=rules) for node in NODES)
    unknowns = tuple(UnknownValue(node, "subnet_ids", "is one of 6") for node in NODES)
    report = reached("aws_x.y", verdict=Verdict.POSSIBLE, sources=sources, unknowns=unknowns)
    text = reach_text.page(report).text(1000)
    assert "pods on aws_eks_node_group.this[*] (8 instances) in aws_subnet.a" in text
    assert "inbound tcp 22 (aws_rule.ssh[0]) and 4 alike" in text
    assert "depends on aws_eks_node_group.this[*].subnet_ids (8 instances): is one of 6" in text


def test_a_reachable_source_shows_sure_rules_only_if_there_are_any() -> None:
    perhaps = replace(samples.OPEN, text=f"perhaps {samples.SELF.text}")
    sure = replace(samples.SOURCES[0], path=(perhaps, samples.OPEN))
    assert "perhaps the cluster" not in reach_text.page(reached("aws_x.y", sources=(sure,))).text(1000)
    maybe = replace(sure, verdict=Verdict.POSSIBLE)
    assert "perhaps the cluster" in reach_text.page(reached("aws_x.y", sources=(maybe,))).text(1000)


def way(subnet: str, *through: str, target: str = "aws_x.y") -> AttackPath:
    names = ("internet", *through, target)
    hops = tuple(AttackHop(a, b, "22") for a, b in pairwise(names))
    return AttackPath(target, subnet, "ipv4", "22", Verdict.REACHABLE, hops)


def test_each_way_is_told_once_with_subnets_only_where_they_differ() -> None:
    everywhere = (way("aws_subnet.a", "aws_instance.b"), way("aws_subnet.c", "aws_instance.b"))
    text = reach_text.page(replace(reached("aws_x.y"), attack_paths=everywhere)).text(1000)
    assert text.count("in several hops") == 1
    assert "internet -> aws_instance.b:22 -> aws_x.y:22\n" in text
    differing = (*everywhere, way("aws_subnet.a", "aws_instance.d"))
    text = reach_text.page(replace(reached("aws_x.y"), attack_paths=differing)).text(1000)
    assert "aws_instance.b:22 -> aws_x.y:22 in aws_subnet.a and aws_subnet.c\n" in text
    assert "aws_instance.d:22 -> aws_x.y:22 in aws_subnet.a\n" in text


@pytest.mark.parametrize(
    ("cut", "told"),
    [
        (
            Cut((Change("aws_x.g", "r", "remove r"), Change("aws_x.h", "s", "remove s")), True, True),
            "  the fewest changes that cut every way there:\n"
            "    - aws_x.g: remove r\n    - aws_x.h: remove s\n",
        ),
        (
            Cut((Change("aws_x.g", "r", "remove r"),), False, True),
            "  changes that cut every way there:\n    - aws_x.g: remove r\n",
        ),
        (
            Cut((Change("aws_x.g", "r", "remove r"),), False, False),
            "  changes that cut every way there (not verified):\n",
        ),
        (Cut((), True, False), "  no change of the rules in the inputs cuts every way there\n"),
    ],
)
def test_what_cuts_a_way_is_told_below_it(cut: Cut, told: str) -> None:
    ways = (replace(way("aws_subnet.a", "aws_instance.b"), cut=cut),)
    text = reach_text.page(replace(reached("aws_x.y"), attack_paths=ways)).text(1000)
    assert told in text


def test_many_alike_ways_are_folded() -> None:
    ways = tuple(way("aws_subnet.a", "aws_instance.b", target=node) for node in NODES)
    text = reach_text.page(replace(reached("aws_x.y"), attack_paths=ways)).text(1000)
    assert text.count("in several hops") == 1
    assert "and 7 more ways alike" in text


def test_only_links_that_decide_an_answer_count_as_not_resolved() -> None:
    coverage = replace(samples.COVERAGE, unmodelled=(), assumptions=())
    settled = replace(reached("aws_x.y"), coverage=coverage)
    without = "Coverage: 1 not resolved but without effect on any answer (--verbose lists them)"
    assert without in reach_text.page(settled).text(1000)
    deciding = (UnknownValue("aws_route.extra", "route_table_id", "decides"),)
    open_ = replace(reached("aws_x.y", unknowns=deciding), coverage=coverage)
    assert "Coverage: 1 not resolved (--verbose" in reach_text.page(open_).text(1000)
    [link] = coverage.unresolved
    assumed = replace(coverage, unresolved=(replace(link, reason="taken to be aws_vpc.a"),))
    assert "Coverage: 1 not resolved (--verbose" in reach_text.page(replace(settled, coverage=assumed)).text(
        1000
    )


def test_without_targets_what_is_not_modelled_may_be_nodes() -> None:
    text = reach_text.page(ReachReport((), samples.COVERAGE)).text(1000)
    assert "the inputs have no EKS nodes" in text
    assert "1 resource not modelled may hold some" in text
