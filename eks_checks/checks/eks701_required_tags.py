"""EKS701: a taggable resource of the cluster lacks a required tag, or has no tag of the user's at all."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Tagged
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import listed
from eks_checks.findings import Evidence, Severity
from eks_checks.settings import RequiredTag

_AWS_PREFIX = "aws:"

TAGGABLE_TYPES = (
    "aws_autoscaling_group",
    "aws_cloudwatch_log_group",
    "aws_default_network_acl",
    "aws_default_route_table",
    "aws_default_security_group",
    "aws_default_subnet",
    "aws_default_vpc",
    "aws_eks_addon",
    "aws_eks_cluster",
    "aws_eks_fargate_profile",
    "aws_eks_node_group",
    "aws_iam_role",
    "aws_instance",
    "aws_kms_key",
    "aws_launch_template",
    "aws_network_acl",
    "aws_network_interface",
    "aws_route_table",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
)
"""The types the estate may list among a cluster's tagged resources."""


@check(
    id="EKS701",
    name="required-tags",
    severity=Severity.LOW,
    summary="A taggable resource of the cluster lacks a required tag, or any tag where none is configured.",
    resource_types=TAGGABLE_TYPES,
    parameters=("required_tags",),
)
def eks701(view: View) -> Iterator[Outcome]:
    """One outcome per taggable resource of a cluster, by the tags it will carry (L1, L9)."""
    required = view.settings.required_tags
    for tagged in sorted(view.estate.tagged, key=lambda each: each.resource):
        yield _against(tagged, required) if required else _any_tag(tagged)


def _any_tag(tagged: Tagged) -> Outcome:
    if any(not key.startswith(_AWS_PREFIX) for key in tagged.tags):
        return Outcome(tagged.resource, "pass", location=tagged.location)
    if tagged.open:
        return _possible(tagged, f"Whether {tagged.resource} carries any tag cannot be told before apply.")
    message = (
        f"{tagged.resource} carries no tag: neither cost reports, nor IAM conditions on tags, nor whoever "
        "finds it in the account can tell which cluster it belongs to."
    )
    told = (_of_tags(tagged, "none, and none by the provider's default_tags"),)
    return Outcome(tagged.resource, "fail", message, told, _REMEDIATION, location=tagged.location)


def _against(tagged: Tagged, required: tuple[RequiredTag, ...]) -> Outcome:
    faults: list[str] = []
    doubts: list[str] = []
    for tag in required:
        if not tag.applies_to(tagged.type):
            continue
        if tag.key not in tagged.tags:
            (doubts if tagged.open else faults).append(f"{tag.key} is missing")
            continue
        value = tagged.tags[tag.key]
        if value is None and tag.pattern:
            doubts.append(f"the value of {tag.key} is not known")
        elif value is not None and not tag.accepts(value):
            faults.append(f'{tag.key} is "{value}", which does not match {tag.pattern}')
    if not faults and not doubts:
        return Outcome(tagged.resource, "pass", location=tagged.location)
    if not faults:
        message = (
            f"Whether {tagged.resource} carries every required tag cannot be told: {listed(doubts)}, maybe."
        )
        return _possible(tagged, message)
    message = f"{tagged.resource} lacks what the configuration requires of its tags: {listed(faults)}."
    told = tuple(_of_tags(tagged, fault) for fault in faults)
    return Outcome(tagged.resource, "fail", message, told, _REMEDIATION, location=tagged.location)


def _possible(tagged: Tagged, message: str) -> Outcome:
    told = (_of_tags(tagged, "not known before apply"),)
    return Outcome(tagged.resource, "possible", message, told, _REMEDIATION, location=tagged.location)


def _of_tags(tagged: Tagged, fault: str) -> Evidence:
    return Evidence(tagged.resource, f"tags: {fault}", attribute="tags")


_REMEDIATION = (
    "Set the tags once in the AWS provider's default_tags, or in the resource's tags. Tags of a cluster "
    "or a node group do not reach the instances: those take theirs from the launch template's "
    "tag_specifications, which default_tags do not enter either."
)
