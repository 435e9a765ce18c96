"""The checks on whole plans and states, against the truth that the head of each story's main.tf states."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.findings import Severity, Status
from eks_checks.settings import FILE_NAME, Settings, parse
from tests.source_tree import ROOT
from tests.stories.truths import CHECKS as STORY_CHECKS

STORIES = ROOT / "tests" / "fixtures" / "stories"
WORKERS, CLUSTER = "aws_eks_node_group.workers", "aws_eks_cluster.this"
PRIVATE = ("aws_subnet.private[0]", "aws_subnet.private[1]")
PUBLIC = ("aws_subnet.public[0]", "aws_subnet.public[1]")


def on(resource: str, *check_ids: str) -> set[tuple[str, str]]:
    """(check id, resource) for each check."""
    return {(check_id, resource) for check_id in check_ids}


def acl(*subnets: str) -> set[tuple[str, str]]:
    """EKS401 on each subnet."""
    return {("EKS401", subnet) for subnet in subnets}


FAILS = {
    "bastion-rule-defeated": on(WORKERS, "EKS202", "EKS205", "EKS302", "EKS303") | acl(*PRIVATE),
    "cluster-sg-left-open": on(WORKERS, "EKS202", "EKS203", "EKS302") | on(CLUSTER, "EKS301") | acl(*PRIVATE),
    "defaults-left-alone": on(WORKERS, "EKS202", "EKS302") | on(CLUSTER, "EKS501") | acl(*PRIVATE),
    "dual-stack-ipv6-cluster": on(WORKERS, "EKS202", "EKS302") | acl(*PRIVATE),
    "latent-exposure": on(WORKERS, "EKS101", "EKS201", "EKS202", "EKS203") | acl(*PUBLIC),
    "launch-template-own-groups": acl(*PRIVATE),
    "nacl-bastion-right-order": on(WORKERS, "EKS202", "EKS203", "EKS205"),
    "nacl-bastion-wrong-order": on(WORKERS, "EKS202", "EKS203", "EKS205") | acl(*PRIVATE),
    "node-group-in-public-subnet": on(WORKERS, "EKS101", "EKS102", "EKS201", "EKS202", "EKS203", "EKS205")
    | on(CLUSTER, "EKS501")
    | acl(*PUBLIC),
    "private-and-clean": set(),
    "remote-access-open": on(WORKERS, "EKS101", "EKS102", "EKS201", "EKS202", "EKS203", "EKS204", "EKS205")
    | on(WORKERS, "EKS302")
    | acl(*PUBLIC),
    "remote-access-source-groups": on(WORKERS, "EKS202", "EKS203", "EKS205", "EKS302", "EKS303")
    | acl(*PRIVATE),
    "self-managed-asg": on("aws_autoscaling_group.workers", "EKS202") | on(CLUSTER, "EKS501") | acl(*PRIVATE),
    "two-groups-one-reachable-over-ipv6": on(
        "aws_eks_node_group.edge", "EKS101", "EKS102", "EKS201", "EKS203"
    )
    | on("aws_eks_node_group.inner", "EKS201", "EKS203")
    | acl("aws_subnet.edge", "aws_subnet.inner"),
}
SEVERITIES = {
    ("latent-exposure", "EKS201", WORKERS): Severity.HIGH,
    ("two-groups-one-reachable-over-ipv6", "EKS201", "aws_eks_node_group.edge"): Severity.CRITICAL,
    ("two-groups-one-reachable-over-ipv6", "EKS201", "aws_eks_node_group.inner"): Severity.HIGH,
    ("launch-template-own-groups", "EKS401", PRIVATE[0]): Severity.LOW,
    ("bastion-rule-defeated", "EKS401", PRIVATE[0]): Severity.MEDIUM,
    ("bastion-rule-defeated", "EKS303", WORKERS): Severity.HIGH,
    ("self-managed-asg", "EKS501", CLUSTER): Severity.MEDIUM,
    ("defaults-left-alone", "EKS501", CLUSTER): Severity.HIGH,
    ("remote-access-open", "EKS204", WORKERS): Severity.CRITICAL,
}
MOMENTS = [
    pytest.param(story, name, id=f"{story}-{name}")
    for story in sorted(FAILS)
    for name in ("plan.json", "applied.json")
    if (STORIES / story / name).is_file()
]


def settings_of(folder: Path) -> Settings:
    """The configuration beside the story, or the defaults."""
    file = folder / FILE_NAME
    if not file.is_file():
        return Settings()
    return parse(
        file.read_text(encoding="utf-8"),
        file=str(file),
        checks=analysis.check_parameters,
    )


@pytest.mark.parametrize(("story", "name"), MOMENTS)
def test_the_story_holds(story: str, name: str) -> None:
    folder = STORIES / story
    report = analysis.scan(analysis.load([str(folder / name)]), settings_of(folder), sorted(STORY_CHECKS))
    assert {(f.check_id, f.resource) for f in report.findings if f.status is Status.FAIL} == FAILS[story]
    assert not [f for f in report.findings if f.status is Status.POSSIBLE]
    found = {(story, f.check_id, f.resource): f.severity for f in report.findings}
    expected = {key: severity for key, severity in SEVERITIES.items() if key[0] == story}
    assert {key: found[key] for key in expected} == expected


def test_the_restriction_and_what_defeats_it_are_both_named() -> None:
    report = analysis.scan(analysis.load([str(STORIES / "bastion-rule-defeated" / "plan.json")]), Settings())
    [finding] = [f for f in report.findings if f.check_id == "EKS303"]
    named = [evidence.resource for evidence in finding.evidence]
    assert named[:2] == ["aws_vpc_security_group_ingress_rule.node_ssh_from_bastion", CLUSTER]
    for who in ("pods of", "other nodes of", "the control plane of"):
        assert who in finding.message
    assert ("EKS203", WORKERS) in {(f.check_id, f.resource) for f in report.findings}


def test_missing_tags_after_apply() -> None:
    report = analysis.scan(analysis.load([str(STORIES / "missing-tags" / "applied.json")]), Settings())
    failed = {f.resource for f in report.findings if f.check_id == "EKS701"}
    assert failed == {WORKERS, "aws_iam_role.node", "aws_route_table.private", *PRIVATE}
    [run] = [run for run in report.checks if run.check_id == "EKS701"]
    assert set(run.passed) >= {CLUSTER, "aws_iam_role.cluster", "aws_vpc.this"}
