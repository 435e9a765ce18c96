"""The tags at the nodes: on the instances, volumes and interfaces that a node group becomes (L1-L4, L10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.autoscaling import launches_of_group
from eks_checks.aws.lower.cni import kubernetes_of
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.lower.fleets import launches_of_fleet
from eks_checks.aws.lower.node_class import NodeClass, node_classes
from eks_checks.aws.lower.tagging import default_tags, written_map
from eks_checks.aws.lower.templates import Launch, launch_of
from eks_checks.aws.tags import (
    INSTANCE,
    KINDS,
    NO_TAGS,
    REST_UNKNOWN,
    VOLUME,
    Launched,
    NodeTags,
    Tag,
    TagSet,
    either,
    over,
)
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, Value, is_null, unknowns
from eks_checks.terraform.value import Mapping as Object

if TYPE_CHECKING:
    from eks_checks.aws.lower.tags import TagReader

_SPECIFICATIONS = "tag_specifications"
_EKS = ("eks:",)
_EKS_ON_INSTANCES = ("eks:", "k8s.io/cluster-autoscaler/", "kubernetes.io/cluster/")
_KARPENTER = ("eks:", "karpenter.", "kubernetes.io/cluster/", "Name")
"""Starts of the keys of tags that EKS and Karpenter put on nodes by themselves (L2)."""
_CONTROLLERS = ("kubernetes.io/", "k8s.io/", "karpenter.sh/", "eks:")
"""Starts of the keys of tags that speak to a controller of the thing that carries them."""


def lower_node_tags(run: Lowering, estate: Estate, reader: TagReader) -> tuple[NodeTags, ...]:
    """One entry for whatever creates nodes, in order of its address."""
    found: dict[str, NodeTags] = {}
    nodes = _Nodes(run, reader, _doubts(estate))
    for group in estate.node_groups:
        resource = run.world.get(group.resource)
        if resource is not None and group.resource not in found:
            found[group.resource] = nodes.of(group, resource)
    return tuple(found[key] for key in sorted(found))


def _doubts(estate: Estate) -> dict[str, tuple[Cause, ...]]:
    """What makes interfaces to why none of them may be a node; without those that surely are."""
    found: dict[str, list[Cause]] = {}
    for one in estate.interfaces:
        found.setdefault(one.resource, []).extend(one.node.causes)
    for one in estate.interfaces:
        if one.node.surely:
            found.pop(one.resource, None)
    return {resource: tuple(dict.fromkeys(causes)) for resource, causes in found.items()}


class _Nodes:
    """The nodes of one group."""

    def __init__(self, run: Lowering, reader: TagReader, doubts: Mapping[str, tuple[Cause, ...]]) -> None:
        """``doubts``: what makes nodes to why it may make none."""
        self.run, self.reader, self.doubts = run, reader, doubts

    def of(self, group: NodeGroup, resource: Resource) -> NodeTags:
        own, ways = NO_TAGS, tuple[Launched, ...]()
        idle = tuple[str, ...]()
        if group.kind == "managed":
            own, ways, idle = self.reader.of(resource), self._managed(resource), self._idle(resource)
        elif group.kind == "self_managed":
            own, ways = self.reader.of_autoscaling(resource, propagated=True), self._self_managed(resource)
        elif group.kind == "instance":
            own = self.reader.of(resource)
            ways = (self._instance(resource, own),)
        elif group.kind in ("node_class", "auto_mode"):
            ways = self._classes(resource)
        else:
            ways = tuple(self._fleet(resource))
        causes = self.doubts.get(resource.key, ())
        return NodeTags(resource.key, group.kind, _meant(own), ways, idle, causes, group.location)

    # --- templates ------------------------------------------------------------------------------------

    def _managed(self, resource: Resource) -> tuple[Launched, ...]:
        launches = launch_of(self.run, resource, fallback=True) or (Launch(),)
        ways = self._ways(launches, resource, "launch_template")
        return tuple(_and_theirs(way, _EKS_ON_INSTANCES, _EKS) for way in ways)

    def _self_managed(self, resource: Resource) -> tuple[Launched, ...]:
        passed_on = self.reader.of_autoscaling(resource, propagated=True)
        ways = self._ways(launches_of_group(self.run, resource), resource, "launch_template")
        # NOTE: the group's tags win over the template's, and reach instances alone, never volumes.
        return tuple(
            replace(way, kinds={**way.kinds, INSTANCE: over(way.kinds[INSTANCE], passed_on)}) for way in ways
        )

    def _fleet(self, resource: Resource) -> Iterator[Launched]:
        why = Cause(resource.key, "tags", "which of a fleet's tags reach its nodes is not modelled")
        rest = TagSet(open=True, causes=(why,))
        for way in self._ways(launches_of_fleet(self.run, resource), resource, "launch_template"):
            yield replace(way, kinds={kind: over(tags, rest) for kind, tags in way.kinds.items()})

    def _ways(self, launches: Iterable[Launch], holder: Resource, attribute: str) -> Iterator[Launched]:
        for launch in launches or (Launch(),):
            origin, at = (launch.name, _SPECIFICATIONS) if launch.block else (holder.key, attribute)
            old = launch.block is not None and launch.block.type == "aws_launch_configuration"
            yield Launched(origin, "" if old else at, self._kinds(launch, holder))

    def _kinds(self, launch: Launch, holder: Resource) -> dict[str, TagSet]:
        if launch.one_of:
            options = [self._kinds(one, holder) for one in launch.one_of]
            return {kind: either((each[kind] for each in options), launch.causes) for kind in KINDS}
        if not launch.known:
            fallback = (Cause(holder.key, "launch_template", "its content in force is not known"),)
            unknown = TagSet(open=True, causes=launch.causes or fallback)
            return dict.fromkeys(KINDS, unknown)
        if launch.block is None or launch.block.type == "aws_launch_configuration":
            return dict.fromkeys(KINDS, NO_TAGS)
        return self._specified(launch.block)

    def _specified(self, template: Resource) -> dict[str, TagSet]:
        """What ``tag_specifications`` say; provider default_tags do not enter them (L3)."""
        found = dict.fromkeys(KINDS, NO_TAGS)
        blocks = template.blocks(_SPECIFICATIONS)
        if blocks.open is not None and not blocks.open.computed:
            why = Cause(template.key, _SPECIFICATIONS, blocks.open.reason)
            found = dict.fromkeys(KINDS, TagSet(open=True, causes=(why,)))
        for block in blocks.items:
            kind = text(block, "resource_type")
            tags = self.reader.of_map(block, _SPECIFICATIONS, written_map(block, "tags"))
            if kind in found:
                found[kind] = over(found[kind], tags)
            elif not isinstance(block.value("resource_type"), Known):
                why = Cause(template.key, _SPECIFICATIONS, "a resource_type is not known before apply")
                perhaps = TagSet(open=True, causes=(why,))
                found = {each: over(known, perhaps) for each, known in found.items()}
        return found

    # --- single instances -----------------------------------------------------------------------------

    def _instance(self, resource: Resource, own: TagSet) -> Launched:
        """An instance's interface is made with it, and takes no tags of the resource: it is left out."""
        kinds = {INSTANCE: own, VOLUME: self._volumes(resource)}
        if resource.has("launch_template"):
            why = Cause(resource.key, "launch_template", "whose tags an instance takes is not modelled")
            kinds = {kind: over(tags, TagSet(open=True, causes=(why,))) for kind, tags in kinds.items()}
        return Launched(resource.key, "volume_tags", kinds)

    def _volumes(self, resource: Resource) -> TagSet:
        if not left_out(resource.value("volume_tags")):
            return self.reader.of_map(resource, "volume_tags", written_map(resource, "volume_tags"))
        disks = resource.blocks("root_block_device")
        if disks.open is not None or not disks.items:
            defaults = default_tags(self.run, resource)
            why = Cause(
                resource.key, "root_block_device", "whether default_tags enter its volumes is not known"
            )
            return TagSet(open=True, causes=(why,)) if defaults.entries or defaults.open else NO_TAGS
        found = [self._disk(block) for block in disks.items]
        return found[0] if len(found) == 1 else either(found, ())

    def _disk(self, block: Block) -> TagSet:
        own = self.reader.of_map(block, "root_block_device[0].tags", written_map(block, "tags"))
        every = self.reader.of_map(block, "root_block_device[0].tags_all", block.mapping("tags_all"))
        return over(every, own)

    # --- node classes ---------------------------------------------------------------------------------

    def _classes(self, resource: Resource) -> tuple[Launched, ...]:
        ways = [
            self._class(one) for one in node_classes(kubernetes_of(self.run)) if one.resource == resource.key
        ]
        if resource.type == "aws_eks_cluster":
            # NOTE: EKS's own node class has no tags of the user's, and EKS takes back what one adds to it.
            ways.append(
                Launched(resource.key, "compute_config", dict.fromkeys(KINDS, TagSet(prefixes=_KARPENTER)))
            )
        return tuple(ways)

    def _class(self, one: NodeClass) -> Launched:
        tags = self._of_values(one.tags, one.resource, f"{one.manifest.attribute}.spec.tags")
        kinds = dict.fromkeys(KINDS, replace(tags, prefixes=_KARPENTER))
        return Launched(one.resource, one.manifest.attribute, kinds)

    def _of_values(self, tags: Value, at: str, attribute: str) -> TagSet:
        """A node class's ``spec.tags``: they reach instances, volumes and interfaces alike."""
        if is_null(tags):
            return NO_TAGS
        if not isinstance(tags, Object):
            reason = next((unknown.reason for unknown in unknowns(tags)), "known after apply")
            return TagSet(open=True, causes=(Cause(at, attribute, reason),))
        sure = {key: self.reader.tag(key, value, at, attribute) for key, value in tags.entries}
        if tags.open is None:
            return TagSet(sure)
        return TagSet(sure, (), True, (Cause(at, attribute, tags.open.reason),))

    # --- what looks like tagging ----------------------------------------------------------------------

    def _idle(self, resource: Resource) -> tuple[str, ...]:
        """Resources that tag a managed group's Auto Scaling group: its instances stay without (L4)."""
        found = []
        for tag in self.run.world.resources("aws_autoscaling_group_tag"):
            named = self.run.link(tag, "autoscaling_group", "autoscaling_group_name")
            if resource.key in named.keys:
                found.append(tag.key)
        return tuple(found)


def _and_theirs(way: Launched, on_instances: tuple[str, ...], elsewhere: tuple[str, ...]) -> Launched:
    kinds = {
        kind: replace(tags, prefixes=on_instances if kind == INSTANCE else elsewhere)
        for kind, tags in way.kinds.items()
    }
    return replace(way, kinds=kinds)


def _meant(own: TagSet) -> TagSet:
    """Of what creates nodes, the tags that one would want to find at the nodes: no names, no signals."""
    sure: dict[str, Tag] = {
        key: tag
        for key, tag in own.sure.items()
        if tag.users and key != "Name" and not key.startswith(_CONTROLLERS) and not key.endswith(REST_UNKNOWN)
    }
    return replace(own, sure=sure)
