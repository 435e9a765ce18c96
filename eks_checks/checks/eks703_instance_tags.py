"""EKS703: required tags do not reach the instances, volumes and interfaces that nodes become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.tags import INTERFACE, KINDS, MADE_AS, VOLUME, Launched, NodeTags
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.nodes import NODE_TYPES
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique
from eks_checks.checks.tagged import Wanting, wanting
from eks_checks.findings import Evidence, Severity
from eks_checks.settings import RequiredTag

_NAMES = {"instance": "instances", VOLUME: "volumes", INTERFACE: "network interfaces"}


@dataclass(frozen=True)
class _Lack:
    """What one kind of thing lacks, in one of the ways in which nodes come up."""

    way: Launched
    kind: str
    found: Wanting


@check(
    id="EKS703",
    name="instance-tags",
    severity=Severity.LOW,
    summary="Required tags do not reach the instances, volumes and interfaces that nodes become.",
    resource_types=NODE_TYPES,
    parameters=("required_tags",),
)
def eks703(view: View) -> Iterator[Outcome]:
    """One outcome per node group, by what its templates, groups or node classes put on nodes (L1-L4, L10)."""
    for nodes in view.estate.tagging.nodes:
        yield _outcome(nodes, list(_lacks(nodes, view.settings.required_tags)))


def _lacks(nodes: NodeTags, required: tuple[RequiredTag, ...]) -> Iterator[_Lack]:
    meant = tuple(RequiredTag(key) for key in nodes.own.users)
    for kind in KINDS:
        wanted = [tag for tag in required if tag.applies_to(MADE_AS[kind])] if required else meant
        for way, tags in nodes.on(kind):
            found = wanting(tags, wanted, any_=not required and not meant)
            if found.faults or found.doubts:
                yield _Lack(way, kind, found)


def _outcome(nodes: NodeTags, lacks: list[_Lack]) -> Outcome:
    if not lacks:
        return Outcome(nodes.resource, "pass", location=nodes.location)
    failing = [lack for lack in lacks if lack.found.faults]
    told = unique([*_evidence(failing), *_idle(nodes)])
    if failing and not nodes.causes:
        message = _message(nodes, failing)
        return Outcome(nodes.resource, "fail", message, told, _remedy(nodes), location=nodes.location)
    causes = _causes(nodes, lacks)
    message = f"Whether {_said(lacks)} of {nodes.resource}'s nodes come up with their tags cannot be told: "
    told = unique([*told, *open_questions(causes)])
    message += f"{decided_by(causes)}."
    return Outcome(nodes.resource, "possible", message, told, _remedy(nodes), location=nodes.location)


def _causes(nodes: NodeTags, lacks: list[_Lack]) -> tuple[Cause, ...]:
    found = [*nodes.causes, *(cause for lack in lacks for cause in lack.found.causes)]
    fallback = Cause(nodes.resource, "", "the tags of its nodes are not known before apply")
    return tuple(dict.fromkeys(found)) or (fallback,)


def _message(nodes: NodeTags, failing: list[_Lack]) -> str:
    by_words: dict[str, list[str]] = {}
    for lack in failing:
        by_words.setdefault(_missing(lack.found), []).append(_NAMES[lack.kind])
    parts = [f"{listed(kinds)} {words}" for words, kinds in by_words.items()]
    return (
        f"The nodes of {nodes.resource} come up without the tags meant for them: {'; '.join(parts)}. "
        f"{_why(nodes)} Cost reports and IAM conditions on tags do not see them."
    )


def _missing(found: Wanting) -> str:
    if found.untagged:
        return "carry no tag of yours"
    return "lack " + listed(fault.removesuffix(" is missing") for fault in found.faults)


def _why(nodes: NodeTags) -> str:
    if nodes.kind == "managed":
        return "Tags of the node group stay on the node group."
    if nodes.kind == "self_managed":
        return "The group's tags reach its instances alone, and no volume."
    if nodes.kind == "auto_mode":
        return "EKS makes them of its own node class, which has no tags of yours."
    return "Tags of the cluster, and the provider's default_tags, do not reach them."


def _said(lacks: list[_Lack]) -> str:
    return listed(_NAMES[lack.kind] for lack in lacks)


def _evidence(failing: list[_Lack]) -> Iterator[Evidence]:
    """What each template, group or node class leaves untagged, at the place where the tags would go."""
    by_place: dict[tuple[str, str, str], list[str]] = {}
    for lack in failing:
        place = (lack.way.origin, lack.way.attribute, _missing(lack.found))
        by_place.setdefault(place, []).append(_NAMES[lack.kind])
    for (origin, attribute, words), kinds in by_place.items():
        says = f"{attribute}: " if attribute else ""
        yield Evidence(origin, f"{says}{listed(kinds)} {words}", attribute=attribute)


def _idle(nodes: NodeTags) -> Iterator[Evidence]:
    for resource in nodes.idle:
        text = "tags the Auto Scaling group that EKS made: the nodes stay without it all the same"
        yield Evidence(resource, text, attribute="tag")


def _remedy(nodes: NodeTags) -> str:
    if nodes.kind == "auto_mode":
        return (
            "Make a NodeClass of your own with spec.tags, give the cluster role the permission to set them, "
            "and let your node pools use it: EKS undoes changes of its default class."
        )
    if nodes.kind == "node_class":
        return (
            "Set spec.tags of the node class: Karpenter and Auto Mode put them on instances, volumes and "
            "network interfaces. Nodes take the change by being replaced."
        )
    if nodes.kind == "instance":
        return "Set volume_tags (or tags in root_block_device), and the tags of the instance itself."
    group = (
        " For instances, a tag block with propagate_at_launch = true in the group does as well."
        if nodes.kind == "self_managed"
        else ""
    )
    old = _OLD if any(not way.attribute for way in nodes.ways) else ""
    return (
        f"{old}Give the launch template a tag_specifications block for each of instance, volume and "
        "network-interface, with the tags (data.aws_default_tags has those of the provider, which do not get "
        f"there by themselves).{group} Nodes take the change by being replaced."
    )


_OLD = "Put a launch template in place of the launch configuration, which cannot tag volumes. "
