"""Whether sshd listens on a node, as far as image and user data tell (I10, H5, E11)."""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Truth
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.lower.images import LINUX, family_of_type, image_family
from eks_checks.aws.lower.templates import Launch
from eks_checks.aws.lower.user_data import UserData, user_data
from eks_checks.aws.node_facts import BOTTLEROCKET, CUSTOM, UBUNTU, WINDOWS
from eks_checks.terraform.resource import Block, Resource

Listener = tuple[Truth, str]
"""(whether sshd listens, why)."""

UNTOLD: Listener = (UNKNOWN, "")


def of_managed(run: Lowering, group: Resource, key: Truth, launches: Iterable[Launch]) -> Listener:
    """Of the nodes of a managed group: by its AMI type, or its template's image."""
    templates = [one.block for launch in launches for one in launch.candidates if one.block is not None]
    if any(not left_out(template.value("image_id")) for template in templates):
        return of_launches(run, templates, key, "the launch template names its own image")
    told = text(group, "ami_type")
    family = family_of_type(told)
    admin = UNKNOWN if any(not launch.known for launch in launches) else NO
    for template in templates:
        admin = _either(admin, user_data(run, template).admin)
    if family == BOTTLEROCKET:
        return _bottlerocket(key, admin)
    if family == WINDOWS:
        return _WINDOWS
    if family == CUSTOM:
        return UNKNOWN, "a custom image"
    if not left_out(group.value("ami_type")) and not told:
        return UNKNOWN, "the AMI type is not known"
    return _LINUX


def of_group(run: Lowering, launches: Iterable[Launch], key: Truth) -> Listener:
    """Of the nodes of an Auto Scaling group."""
    each = [one for launch in launches for one in launch.candidates]
    blocks = [one.block for one in each if one.block is not None and one.known]
    return of_launches(run, blocks, key) if len(blocks) == len(each) else UNTOLD


def windows(run: Lowering, launches: Iterable[Launch]) -> Truth:
    """Whether self-managed nodes run Windows, by user data and image (E11)."""
    families = {
        user_data(run, one.block).family or image_family(run, one.block.value("image_id"))
        for launch in launches
        for one in launch.candidates
        if one.block is not None and one.known
    }
    return YES if families == {WINDOWS} else UNKNOWN if WINDOWS in families else NO


def of_instance(run: Lowering, resource: Resource, launches: Iterable[Launch], key: Truth) -> Listener:
    """Of a single instance: by its own image and user data, else by its template's."""
    own = of_launches(run, [resource], key)
    return own if own != UNTOLD else of_group(run, launches, key)


def of_launches(run: Lowering, blocks: Iterable[Block], key: Truth, otherwise: str = "") -> Listener:
    """Of instances that come up by these templates or instances: what all of them agree on."""
    found = {_of_launch(run, block, key) for block in blocks}
    known = {listener for listener in found if listener != UNTOLD}
    if len(found) == 1 and known:
        return known.pop()
    return UNKNOWN, otherwise


def of_family(family: str, key: Truth, told: UserData) -> Listener:
    """By image family, key and user data."""
    if family == BOTTLEROCKET:
        return _bottlerocket(key, told.admin)
    if family == WINDOWS:
        return _WINDOWS
    if family == UBUNTU:
        return YES, "Ubuntu runs sshd"
    return _LINUX if family in LINUX else UNTOLD


def _of_launch(run: Lowering, block: Block, key: Truth) -> Listener:
    image = block.value("ami" if block.resource.type in _WITH_AMI else "image_id")
    told = user_data(run, block)
    # NOTE: user data is written for one family, whatever the image is called (F3).
    return of_family(told.family or image_family(run, image), key, told)


def _bottlerocket(key: Truth, admin: Truth) -> Listener:
    if admin.surely:
        return YES, "Bottlerocket runs SSH in its admin container, which the user data switches on"
    if key.surely:
        return YES, "Bottlerocket with a key runs SSH in its admin container"
    if key.possibly or admin.possibly:
        causes = (*key.causes, *admin.causes)
        return Truth(None, causes), "Bottlerocket runs SSH only where a key is given"
    return NO, "Bottlerocket has no SSH server unless a key is given"


def _either(left: Truth, right: Truth) -> Truth:
    if left.surely or right.surely:
        return YES
    return Truth(None, (*left.causes, *right.causes)) if left.possibly or right.possibly else NO


_WITH_AMI = ("aws_instance", "aws_spot_instance_request", "aws_spot_fleet_request")
_LINUX: Listener = (YES, "Amazon Linux runs sshd")
_WINDOWS: Listener = (UNKNOWN, "Windows nodes listen on 3389 rather than 22")
