"""EKS701: a taggable resource of the cluster lacks a required tag, or has no tag of the user's at all."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.tags import TAGGABLE, Tagged
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, listed, open_questions
from eks_checks.checks.tagged import Wanting, membership_doubts, wanting
from eks_checks.findings import Evidence, Severity


@check(
    id="EKS701",
    name="required-tags",
    severity=Severity.LOW,
    summary="A taggable resource of the cluster lacks a required tag, or any tag where none is configured.",
    resource_types=TAGGABLE,
    parameters=("required_tags",),
)
def eks701(view: View) -> Iterator[Outcome]:
    """One outcome per taggable resource of a cluster, by the tags it will carry (L1, L3, L9, K13)."""
    required = view.settings.required_tags
    for tagged in view.estate.tagging.resources:
        found = wanting(
            tagged.tags, [tag for tag in required if tag.applies_to(tagged.type)], any_=not required
        )
        yield _outcome(tagged, found)


def _outcome(tagged: Tagged, found: Wanting) -> Outcome:
    if not found.faults and not found.doubts:
        return Outcome(tagged.resource, "pass", location=tagged.location)
    unsure = membership_doubts(tagged)
    if not found.faults or unsure:
        causes = unsure or found.causes
        message = f"Whether {_lacks(tagged, found)} cannot be told: {decided_by(causes)}."
        told = (*(_of_tags(tagged, fault) for fault in found.faults), *open_questions(causes))
        return Outcome(tagged.resource, "possible", message, told, _remedy(tagged), location=tagged.location)
    told = tuple(_of_tags(tagged, fault) for fault in found.faults)
    return Outcome(
        tagged.resource, "fail", _message(tagged, found), told, _remedy(tagged), location=tagged.location
    )


def _lacks(tagged: Tagged, found: Wanting) -> str:
    """What may be so, where it is not known."""
    if found.untagged:
        return f"{tagged.resource}, as a resource of the cluster, carries no tag"
    said = (*found.faults, *found.doubts)
    return f"{tagged.resource} lacks what the configuration requires of its tags ({listed(said)})"


def _message(tagged: Tagged, found: Wanting) -> str:
    if not found.untagged:
        return f"{tagged.resource} lacks what the configuration requires of its tags: {listed(found.faults)}."
    return (
        f"{tagged.resource} carries no tag: neither cost reports, nor IAM conditions on tags, nor whoever "
        "finds it in the account can tell which cluster it belongs to."
    )


def _of_tags(tagged: Tagged, fault: str) -> Evidence:
    return Evidence(
        tagged.resource, f"{tagged.attribute}: {fault}{_defaults(tagged)}", attribute=tagged.attribute
    )


def _defaults(tagged: Tagged) -> str:
    if tagged.type == "aws_autoscaling_group":
        return "; the provider's default_tags do not enter tag blocks"
    provider = f"provider {tagged.provider}" if tagged.provider else "its provider"
    return f", and default_tags of {provider} do not mend that"


def _remedy(tagged: Tagged) -> str:
    if tagged.type == "aws_autoscaling_group":
        return (
            "Add a tag block with propagate_at_launch = true for each of them: the provider's default_tags "
            "do not enter an Auto Scaling group, unless by data.aws_default_tags. The group changes in "
            "place; instances take the tags when they are launched."
        )
    return (
        f"Set the tags once in default_tags of the provider that makes it{_alias(tagged)}, or in the "
        "resource's tags; tags change in place. Tags of a cluster or a node group do not reach the "
        "instances: those take theirs from the launch template's tag_specifications, which default_tags do "
        "not enter."
    )


def _alias(tagged: Tagged) -> str:
    return f" ({tagged.provider})" if tagged.provider else ""
