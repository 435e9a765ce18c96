"""What is known of the nodes that each resource makes, beside their interfaces: asked for by checks alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.lower import metadata
from eks_checks.aws.lower.autoscaling import launches_of_group
from eks_checks.aws.lower.cni import kubernetes_of
from eks_checks.aws.lower.context import Lowering, cause, left_out, text
from eks_checks.aws.lower.fleets import BATCH, fleet_launches
from eks_checks.aws.lower.images import families, family_of_type
from eks_checks.aws.lower.metadata import Launched
from eks_checks.aws.lower.node_class import NodeClass, node_classes
from eks_checks.aws.lower.ssh_keys import (
    Keys,
    key_pair,
    keys_of,
    keys_of_launches,
    pair_of,
    remote_key,
)
from eks_checks.aws.lower.templates import Launch, launch_of
from eks_checks.aws.lower.user_data import read_user_data, user_data
from eks_checks.aws.node_facts import (
    AL2,
    AL2023,
    BOTTLEROCKET,
    Image,
    KeyPlace,
    Metadata,
    NodeFacts,
    Template,
)
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, Reference, is_null, scalar

_AL2023_SINCE = (1, 30)
"""The version of Kubernetes from which managed groups take AL2023 where they name no AMI type (F4)."""


def lower_node_facts(run: Lowering, groups: Iterable[NodeGroup]) -> dict[str, NodeFacts]:
    """The facts of whatever makes nodes, by its resource."""
    made: dict[str, NodeFacts] = {}
    for group in groups:
        resource = run.world.get(group.resource)
        if resource is not None and group.resource not in made:
            made[group.resource] = _READERS[group.kind](run, group, resource)
    return made


def _managed(run: Lowering, group: NodeGroup, resource: Resource) -> NodeFacts:
    launches = launch_of(run, resource, fallback=True)
    blocks = resource.blocks("launch_template")
    templated = YES if blocks.items else NO
    if blocks.open is not None:
        templated = Truth(None, (Cause(resource.key, "launch_template", blocks.open.reason),))

    def image_of(launch: Launch) -> Image:
        if launch.block is not None and launch.known and not left_out(launch.block.value("image_id")):
            return _image(run, launch.block, "image_id")
        if launch.block is None or launch.known:
            return _of_type(run, group, resource)
        return Image(causes=launch.causes)

    def way(launch: Launch) -> Metadata:
        if launch.block is None and launch.known:
            return metadata.by_eks(run, resource, image_of(launch))
        if launch.block is None or not launch.known:
            return metadata.untold(launch.causes)
        return Launched(run, launch.block, image_of(launch)).metadata

    each = launches or (Launch(),)
    keys = keys_of_launches(run, launches)
    for block in resource.blocks("remote_access").items:
        keys = pair_of(block, "ec2_ssh_key").plus(keys)
    unread = remote_key(resource).causes
    return NodeFacts(
        image=_one_image(image_of(one) for launch in each for one in launch.candidates),
        templates=_templates(resource, launches),
        templated=templated,
        metadata=tuple(_ways(each, way)),
        keys=keys.places,
        maybe_keys=tuple(dict.fromkeys((*unread, *keys.causes))),
    )


def _self_managed(run: Lowering, _group: NodeGroup, resource: Resource) -> NodeFacts:
    return _by_launches(run, resource, launches_of_group(run, resource))


def _instance(run: Lowering, _group: NodeGroup, resource: Resource) -> NodeFacts:
    launches = launch_of(run, resource)
    if not launches:
        return _alone(run, resource)
    facts = _by_launches(run, resource, launches)
    own = () if left_out(resource.value("ami")) else (_image(run, resource, "ami"),)

    def way(launch: Launch) -> Metadata:
        if launch.block is None or not launch.known:
            return metadata.untold(launch.causes)
        image = own[0] if own else _image(run, launch.block, "image_id")
        return Launched(run, resource, image, launch.block).metadata

    keys = keys_of(run, resource)
    if key_pair(resource).possibly:
        # NOTE: what an instance says itself replaces the template's word.
        facts = replace(facts, keys=(), maybe_keys=())
    return replace(
        facts,
        image=own[0] if own else facts.image,
        metadata=tuple(_ways(launches, way)),
        keys=(*keys.places, *facts.keys),
        maybe_keys=(*keys.causes, *facts.maybe_keys),
    )


def _alone(run: Lowering, resource: Resource) -> NodeFacts:
    """An instance that no template describes."""
    image = _image(run, resource, "ami")
    made = Launched(run, resource, image).metadata
    keys = keys_of(run, resource)
    return NodeFacts(image, (), NO, (made,), keys.places, keys.causes)


def _fleet(run: Lowering, _group: NodeGroup, resource: Resource) -> NodeFacts:
    facts = _by_launches(run, resource, fleet_launches(run, resource))
    if resource.type == BATCH:
        return _batch(resource, facts)
    images, ways = [facts.image] if facts.metadata else [], list(facts.metadata)
    keys = Keys(facts.keys, facts.maybe_keys)
    for block in resource.blocks("launch_specification").items:
        image = _image(run, block, "ami")
        images.append(image)
        ways.append(Launched(run, resource, image).metadata)
        keys = keys.plus(keys_of(run, block))
    return replace(
        facts,
        image=_one_image(images),
        metadata=tuple(ways),
        keys=keys.places,
        maybe_keys=keys.causes,
    )


def _batch(resource: Resource, facts: NodeFacts) -> NodeFacts:
    """Of Batch on EKS; without a template its own choice is not documented."""
    keys = Keys(facts.keys, facts.maybe_keys)
    for block in resource.blocks("compute_resources").items:
        keys = keys.plus(pair_of(block, "ec2_key_pair"))
    if facts.metadata:
        return replace(facts, keys=keys.places, maybe_keys=keys.causes)
    why = (Cause(resource.key, "compute_resources", "no launch template: AWS Batch chooses"),)
    return NodeFacts(Image(causes=why), (), NO, (metadata.untold(why),), keys.places, keys.causes)


def _node_class(run: Lowering, _group: NodeGroup, resource: Resource) -> NodeFacts:
    found = [one for one in node_classes(kubernetes_of(run)) if one.resource == resource.key]
    return NodeFacts(
        image=_one_image(_of_class(one) for one in found),
        templates=(),
        templated=NO,
        metadata=tuple(dict.fromkeys(_class_metadata(one) for one in found)),
        keys=tuple(dict.fromkeys(key for one in found for key in _class_keys(run, one))),
    )


def _auto_mode(_run: Lowering, _group: NodeGroup, resource: Resource) -> NodeFacts:
    return NodeFacts(Image((BOTTLEROCKET,)), (), NO, (metadata.of_auto_mode(resource.key),))


_READERS: dict[str, Callable[[Lowering, NodeGroup, Resource], NodeFacts]] = {
    "managed": _managed,
    "self_managed": _self_managed,
    "instance": _instance,
    "fleet": _fleet,
    "node_class": _node_class,
    "auto_mode": _auto_mode,
}


def _by_launches(run: Lowering, resource: Resource, launches: tuple[Launch, ...]) -> NodeFacts:
    """Of instances that come up by templates or launch configurations alone."""

    def image_of(launch: Launch) -> Image:
        if launch.block is None or not launch.known:
            return Image(causes=launch.causes)
        return _image(run, launch.block, "image_id")

    def way(launch: Launch) -> Metadata:
        if launch.block is None or not launch.known:
            return metadata.untold(launch.causes)
        return Launched(run, launch.block, image_of(launch)).metadata

    keys = keys_of_launches(run, launches)
    return NodeFacts(
        image=_one_image(image_of(one) for launch in launches for one in launch.candidates),
        templates=_templates(resource, launches),
        templated=YES if launches else NO,
        metadata=tuple(_ways(launches, way)),
        keys=keys.places,
        maybe_keys=keys.causes,
    )


def _ways(launches: Iterable[Launch], way: Callable[[Launch], Metadata]) -> Iterator[Metadata]:
    """The metadata service of each way of launching; where it is one of several, what that leaves open."""
    found: dict[Metadata, None] = {}
    for launch in launches:
        made = [way(one) for one in launch.candidates]
        found[made[0] if len(made) == 1 else metadata.either(made, launch.causes)] = None
    yield from found


def _image(run: Lowering, block: Block, attribute: str) -> Image:
    """The image that an instance or template names, by its name and its user data."""
    value = block.value(attribute)
    found = families(run, value, user_data(run, block))
    if found and len(found) == 1:
        return Image(found)
    why = cause(block, (attribute,), value)
    if isinstance(value, Known):
        why = replace(why, reason="which family the image is of is not told by its name")
    return Image(found, (why,))


def _of_type(run: Lowering, group: NodeGroup, resource: Resource) -> Image:
    """The image of a managed group by its AMI type; where it names none, by its version of Kubernetes."""
    value = resource.value("ami_type")
    if not left_out(value):
        family = family_of_type(text(resource, "ami_type"))
        return Image((family,)) if family else Image(causes=(cause(resource, ("ami_type",), value),))
    cluster = run.by_key("aws_eks_cluster").get(group.cluster.exact or "")
    told = text(resource, "version") or (text(cluster, "version") if cluster is not None else "")
    numbers = tuple(int(part) for part in told.split(".")[:2] if part.isdigit())
    if len(numbers) == 2 and "create" in resource.actions:
        return Image((AL2023 if numbers >= _AL2023_SINCE else AL2,))
    why = Cause(resource.key, "ami_type", "not set: Amazon Linux 2, or 2023 from Kubernetes 1.30 on")
    return Image((AL2, AL2023), (why,))


def _of_class(one: NodeClass) -> Image:
    if one.auto:
        return Image((BOTTLEROCKET,))
    if one.family:
        return Image((one.family,))
    why = Cause(one.resource, one.manifest.attribute, "the node class names no image family that is known")
    return Image(causes=(why,))


def _class_metadata(one: NodeClass) -> Metadata:
    if one.auto:
        return metadata.of_auto_mode(one.resource)
    path = ("spec", "provider") if one.manifest.kind == "Provisioner" else ("spec",)
    if one.by_template:
        why = Cause(one.resource, one.manifest.attribute, "the node class names a launch template")
        return metadata.untold((why,))
    return metadata.of_node_class(one.manifest, *path)


def _class_keys(run: Lowering, one: NodeClass) -> Iterator[KeyPlace]:
    """Karpenter gives nodes no key pair; user data of a node class may bring keys all the same."""
    if not is_null(one.user_data):
        told = read_user_data(run, one.user_data, one.resource, one.manifest.attribute)
        if told.keys.surely:
            yield KeyPlace(one.resource, one.manifest.attribute, by_user_data=True)


def _one_image(images: Iterable[Image]) -> Image:
    """What the images of several ways of launching have in common: the families of all."""
    found = list(dict.fromkeys(images))
    if len(found) == 1:
        return found[0]
    causes = tuple(dict.fromkeys(cause for image in found for cause in image.causes))
    if not all(image.families for image in found):
        return Image((), causes)
    return Image(tuple(sorted({family for image in found for family in image.families})), causes)


def _templates(holder: Resource, launches: Iterable[Launch]) -> tuple[Template, ...]:
    found = {
        Template(one.name, _version(holder, one), certain=not launch.one_of)
        for launch in launches
        for one in launch.candidates
        if one.name
    }
    return tuple(sorted(found, key=lambda each: each.resource))


def _version(holder: Resource, launch: Launch) -> str:
    """Which version of a template is in force, where the holder's own block says so."""
    if launch.block is None or launch.block.type != "aws_launch_template":
        return ""
    blocks = holder.blocks("launch_template").items
    if len(blocks) != 1:
        return ""
    value = blocks[0].value("version")
    if isinstance(value, Reference):
        return {"latest_version": "$Latest", "default_version": "$Default"}.get(str(value.path[-1]), "")
    known = scalar(value)
    return "$Default" if left_out(value) else "" if known is None else str(known)
