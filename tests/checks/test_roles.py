"""EKS505, EKS602 and EKS704 on small plans: which roles are judged, and what is possible only."""

from __future__ import annotations

import io
import json

from eks_checks import analysis
from eks_checks.findings import Finding
from eks_checks.settings import Settings, parse
from tests.aws.plans import CLUSTER, NODES, OPAQUE, Object, R, nodes, plan, ref

AWS_POLICY = "arn:aws:iam::aws:policy/"
ADMIN = AWS_POLICY + "AdministratorAccess"


def role(name: str, service: str, **more: object) -> R:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    values = {"name": name, "assume_role_policy": json.dumps({"Statement": [trust]}), **more}
    return R(f"aws_iam_role.{name}", values, {"arn": True})


def cluster(expression: Object) -> R:
    hidden = {**CLUSTER.unknown, "role_arn": True}
    return R(CLUSTER.address, CLUSTER.values, hidden, {**CLUSTER.expressions, "role_arn": expression})


def told(check: str, *resources: R, config: str = "") -> dict[str, Finding]:
    """The findings by resource."""
    inputs = analysis.load(["-"], io.BytesIO(json.dumps(plan(*resources)).encode()))
    settings = parse(config, file="c", checks=analysis.check_parameters) if config else Settings()
    return {finding.resource: finding for finding in analysis.scan(inputs, settings, select=[check]).findings}


def statuses(check: str, *resources: R, config: str = "") -> dict[str, str]:
    return {name: each.status.value for name, each in told(check, *resources, config=config).items()}


NODE_ROLE = role("nodes", "ec2.amazonaws.com", managed_policy_arns=[ADMIN])
OWN = nodes({}, {"node_role_arn": True}, {"node_role_arn": ref("aws_iam_role.nodes.arn")})
LOST = nodes({}, {"node_role_arn": True}, {"node_role_arn": OPAQUE})


def test_a_role_is_judged_where_it_plays_a_part() -> None:
    wide = role("cluster", "eks.amazonaws.com", managed_policy_arns=[ADMIN])
    other = role("other", "lambda.amazonaws.com", managed_policy_arns=[ADMIN])
    found = statuses("EKS505", cluster(ref("aws_iam_role.cluster.arn")), wide, other)
    assert found == {"aws_iam_role.cluster": "fail"}


def test_a_link_that_is_not_known_makes_every_role_that_fits_possible() -> None:
    assert statuses("EKS602", CLUSTER, LOST, NODE_ROLE) == {"aws_iam_role.nodes": "possible"}
    assert (
        statuses("EKS602", CLUSTER, LOST, role("tasks", "ecs.amazonaws.com", managed_policy_arns=[ADMIN]))
        == {}
    )


def test_of_two_roles_that_may_be_meant_the_wide_one_is_possible() -> None:
    one_of = ref("aws_iam_role.nodes.arn", "aws_iam_role.b.arn")
    either = nodes({}, {"node_role_arn": True}, {"node_role_arn": one_of})
    found = statuses("EKS602", CLUSTER, either, NODE_ROLE, role("b", "ec2.amazonaws.com"))
    assert found == {"aws_iam_role.nodes": "possible"}


def test_policies_that_are_meant_count_for_nothing() -> None:
    config = "checks: {EKS602: {allowed_policies: [Administrator*]}}"
    assert statuses("EKS602", CLUSTER, OWN, NODE_ROLE, config=config) == {}
    assert statuses("EKS602", CLUSTER, OWN, NODE_ROLE) == {"aws_iam_role.nodes": "fail"}


def test_the_cni_policy_alone_is_no_finding_and_is_told_beside_others() -> None:
    cni = [AWS_POLICY + "AmazonEKS_CNI_Policy"]
    assert told("EKS602", CLUSTER, OWN, role("nodes", "ec2.amazonaws.com", managed_policy_arns=cni)) == {}
    both = role("nodes", "ec2.amazonaws.com", managed_policy_arns=[*cni, ADMIN])
    [finding] = told("EKS602", CLUSTER, OWN, both).values()
    assert any("VPC CNI has no role of its own" in item.text for item in finding.evidence)
    assert NODES in finding.message


def test_a_policy_that_only_reads_is_not_wide_on_a_cluster_role() -> None:
    reading = [AWS_POLICY + name for name in ("AmazonEKSClusterPolicy", "AmazonEC2ContainerRegistryReadOnly")]
    tidy = role("cluster", "eks.amazonaws.com", managed_policy_arns=reading)
    assert told("EKS505", cluster(ref("aws_iam_role.cluster.arn")), tidy) == {}
    more = role("cluster", "eks.amazonaws.com", managed_policy_arns=[AWS_POLICY + "AmazonS3FullAccess"])
    [finding] = told("EKS505", cluster(ref("aws_iam_role.cluster.arn")), more).values()
    assert "more than a control plane needs" in finding.message


def test_a_policy_on_two_roles_is_one_finding() -> None:
    text = {"Statement": {"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*"}}
    policy = R("aws_iam_policy.p", {"name": "p", "policy": json.dumps(text)}, {"arn": True})
    link = {"policy_arn": ref("aws_iam_policy.p.arn")}
    on = [
        R(f"aws_iam_role_policy_attachment.{name}", {"role": name}, {"policy_arn": True}, link)
        for name in ("nodes", "cluster")
    ]
    roles = (role("nodes", "ec2.amazonaws.com"), role("cluster", "eks.amazonaws.com"))
    found = statuses("EKS704", cluster(ref("aws_iam_role.cluster.arn")), OWN, *roles, policy, *on)
    assert found == {"aws_iam_policy.p": "fail"}


def test_policies_of_aws_are_not_asked_for_tags() -> None:
    assert told("EKS704", CLUSTER, OWN, NODE_ROLE) == {}
