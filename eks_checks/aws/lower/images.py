"""Machine images that are made for EKS nodes, told by the names they are looked up with (F4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.user_data import UserData
from eks_checks.aws.node_facts import (
    AL2,
    AL2023,
    AMAZON_LINUX,
    BOTTLEROCKET,
    CUSTOM,
    UBUNTU,
    WINDOWS,
)
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, Reference, Value, alternatives, scalar

LINUX = (AL2, AL2023, AMAZON_LINUX)
"""Amazon Linux, whichever."""

_NAMES = {
    BOTTLEROCKET: re.compile(r"bottlerocket[-/]aws-k8s"),
    WINDOWS: re.compile(r"windows.*eks_optimized", re.IGNORECASE),
    UBUNTU: re.compile(r"ubuntu-eks|/canonical/ubuntu/eks"),
    AL2023: re.compile(r"amazon-eks-node-al2023|/amazon-linux-2023/"),
    AL2: re.compile(r"amazon-eks-(?:arm64-|gpu-)?node-\d|/amazon-linux-2(?:-arm64|-gpu)?/"),
    AMAZON_LINUX: re.compile(r"amazon-eks-.*node|/eks/optimized-ami/"),
}


def family_of_type(ami_type: str) -> str:
    """The family that a managed group's ``ami_type`` stands for (F4); empty for one that is not known."""
    known = (AL2023, AL2, BOTTLEROCKET, WINDOWS)
    return next((family for family in known if ami_type.upper().startswith(f"{family}_")), "") or (
        CUSTOM if ami_type.upper() == CUSTOM else ""
    )


def image_family(run: Lowering, image: Value) -> str:
    """The family of an EKS image; empty for any other, and for one that is not told."""
    found = {_family(names) for names in (tuple(_names(run, option)) for option in alternatives(image))}
    return found.pop() if len(found) == 1 else ""


def families(run: Lowering, image: Value, told: UserData) -> tuple[str, ...]:
    """The families that an image may be of, by its name and by what its user data is written for.

    An image that is known and has no name of EKS's is a custom one; none where nothing is told.
    """
    named = image_family(run, image)
    if told.family and told.family != AMAZON_LINUX:
        return (told.family,)
    if named == AMAZON_LINUX:
        # NOTE: AL2023 has no bootstrap script (F3).
        return (AL2,) if told.family else (AL2, AL2023)
    if named:
        return (named,)
    if told.family:
        return (AL2, UBUNTU)
    known = any(name for option in alternatives(image) for name in _names(run, option))
    return (CUSTOM,) if known else ()


def _family(names: tuple[str, ...]) -> str:
    for family, pattern in _NAMES.items():
        if any(pattern.search(name) for name in names):
            return family
    return ""


def _names(run: Lowering, image: Value) -> Iterator[str]:
    """What an image is called: the parameter or the filter that it was found by."""
    if isinstance(image, Known) and image.value:
        yield str(image.value)  # also "resolve:ssm:/aws/service/..."
        yield from run.cached("names of images", lambda: _by_id(run)).get(str(image.value), ())
    elif isinstance(image, Reference):
        resource = run.world.target(image)
        if resource is not None and resource.type in _LOOKED_UP:
            yield from _of_lookup(resource)


_LOOKED_UP = {"aws_ami": "id", "aws_ssm_parameter": "value"}


def _by_id(run: Lowering) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for type_, attribute in _LOOKED_UP.items():
        for resource in run.world.data(type_):
            image = scalar(resource.value(attribute))
            if isinstance(image, str):
                found[image] = (*found.get(image, ()), *_of_lookup(resource))
    return found


def _of_lookup(resource: Resource) -> Iterator[str]:
    for name in ("name", "name_regex"):
        yield str(scalar(resource.value(name)) or "")
    for block in resource.blocks("filter").items:
        if scalar(block.value("name")) == "name":
            yield from (str(scalar(item) or "") for item in block.members("values").items)
