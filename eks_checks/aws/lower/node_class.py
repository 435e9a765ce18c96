"""Node classes as they are written: Karpenter's of every version, and Auto Mode's (H1-H4, H6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.lower.selectors import Selector, old_selector, selector
from eks_checks.aws.node_facts import AL2, AL2023, BOTTLEROCKET, UBUNTU, WINDOWS
from eks_checks.kubernetes.manifest import Contents, Manifest, at, items, text
from eks_checks.terraform.value import NULL, Value, is_null

KARPENTER, AUTO_MODE = "karpenter.k8s.aws", "eks.amazonaws.com"
KARPENTER_CHART = "karpenter"
_FAMILIES = {
    "al2": AL2,
    "al2023": AL2023,
    "bottlerocket": BOTTLEROCKET,
    "windows2019": WINDOWS,
    "windows2022": WINDOWS,
    "windows2025": WINDOWS,
    "ubuntu": UBUNTU,
}
NONE = Selector()


@dataclass(frozen=True)
class NodeClass:
    """One node class: what it selects, and what it says of addresses and image.

    ``public`` is its word on a public IPv4 address, NULL where it has none (H2, H6); ``family`` the image
    family, empty where not told; ``auto`` tells Auto Mode's from Karpenter's. ``pod_subnets`` and
    ``pod_groups`` are what an Auto Mode class selects for pods alone (H6). ``by_template``: whether a launch
    template has the word on everything else. ``tags`` are what it puts on its nodes.
    """

    manifest: Manifest
    subnets: Selector
    groups: Selector
    public: Value
    family: str
    user_data: Value
    auto: bool = False
    pod_subnets: Selector = NONE
    pod_groups: Selector = NONE
    tags: Value = NULL
    by_template: bool = False

    @property
    def resource(self) -> str:
        """The resource that holds it."""
        return self.manifest.resource


def node_classes(found: Contents) -> Iterator[NodeClass]:
    """The node classes among what the inputs bring of Kubernetes."""
    for one in found.of("EC2NodeClass", KARPENTER):
        yield _karpenter(one)
    for one in found.of("AWSNodeTemplate", KARPENTER):
        yield _old(one, "spec")
    for one in found.of("Provisioner", "karpenter.sh"):
        if not is_null(one.at("spec", "provider")):
            yield _old(one, "spec", "provider")
    for one in found.of("NodeClass", AUTO_MODE):
        yield NodeClass(
            one,
            selector(one.at("spec", "subnetSelectorTerms")),
            selector(one.at("spec", "securityGroupSelectorTerms")),
            one.at("spec", "advancedNetworking", "associatePublicIPAddress"),
            "",
            NULL,
            auto=True,
            pod_subnets=selector(one.at("spec", "podSubnetSelectorTerms")),
            pod_groups=selector(one.at("spec", "podSecurityGroupSelectorTerms")),
            tags=one.at("spec", "tags"),
        )


def _karpenter(one: Manifest) -> NodeClass:
    aliases = [text(at(term, "alias")) for term in items(one.at("spec", "amiSelectorTerms"))]
    named = [alias.partition("@")[0].lower() for alias in aliases if alias]
    family = named[0] if named else text(one.at("spec", "amiFamily")).lower()
    return NodeClass(
        one,
        selector(one.at("spec", "subnetSelectorTerms")),
        selector(one.at("spec", "securityGroupSelectorTerms")),
        one.at("spec", "associatePublicIPAddress"),
        _FAMILIES.get(family, ""),
        one.at("spec", "userData"),
        tags=one.at("spec", "tags"),
    )


def _old(one: Manifest, *path: str) -> NodeClass:
    """v1alpha1: selectors are maps, and Amazon Linux 2 is the default family."""
    family = one.at(*path, "amiFamily")
    # NOTE: with a launch template of its own, groups and image come from there.
    own = not is_null(one.at(*path, "launchTemplate"))
    groups = old_selector(one.at(*path, "securityGroupSelector"))
    return NodeClass(
        one,
        old_selector(one.at(*path, "subnetSelector")),
        Selector(open="a launch template names the groups") if own else groups,
        NULL,
        "" if own else AL2 if is_null(family) else _FAMILIES.get(text(family).lower(), ""),
        one.at(*path, "userData"),
        tags=one.at(*path, "tags"),
        by_template=own,
    )
