"""The tags that a cluster's resources will carry (facts L1-L9; contract, "resource of the cluster")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eks_checks.aws.attributes import NATURAL
from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import Cause, KeySet
from eks_checks.aws.lower.belonging import Belonging
from eks_checks.aws.lower.cluster_names import ClusterNames
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.node_tags import lower_node_tags
from eks_checks.aws.lower.tagging import Tags, carried_tags
from eks_checks.aws.tags import NO_TAGS, NOBODY, REST_UNKNOWN, TAGGABLE, Tag, Tagged, Tagging, TagSet, over
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, Unknown, Value, scalar, unknowns
from eks_checks.terraform.value import Mapping as Object

_AUTOSCALING = "aws_autoscaling_group"
_EC2_KINDS = (
    "vpc",
    "subnet",
    "security_group",
    "route_table",
    "network_acl",
    "launch_template",
    "instance",
    "network_interface",
)
"""Kinds of objects that ``aws_ec2_tag`` may name."""


def lower_tagging(run: Lowering, estate: Estate) -> Tagging:
    """Every taggable resource of the inputs' clusters with its tags, and the tags at the nodes."""
    names = ClusterNames(run, estate.clusters.values())
    reader = TagReader(run, names)
    members = Belonging(run, estate, names).fill()
    found = []
    for key in sorted(members.found):
        resource = run.world.get(key)
        if resource is not None and resource.type in TAGGABLE and resource.address.mode == "managed":
            found.append(_tagged(reader, resource, members))
    clusters = {one.key: one.resource for one in estate.clusters.values() if one.managed}
    return Tagging(tuple(found), lower_node_tags(run, estate, reader), clusters)


def _tagged(reader: TagReader, resource: Resource, members: Belonging) -> Tagged:
    return Tagged(
        resource=resource.key,
        type=resource.type,
        tags=reader.of(resource),
        clusters=members.found.get(resource.key, NOBODY),
        certain=resource.key in members.certain,
        provider=resource.provider_key,
        attribute="tag" if resource.type == _AUTOSCALING else "tags",
        location=resource.location,
    )


@dataclass
class TagReader:
    """Reads tags of every form, and tells which clusters they name."""

    run: Lowering
    names: ClusterNames

    def of(self, resource: Resource) -> TagSet:
        """The tags that a resource will carry, those included that separate resources put on it."""
        if resource.type == _AUTOSCALING:
            return self.of_autoscaling(resource)
        own = carried_tags(self.run, resource)
        kind = NATURAL.get(resource.type, "")
        added = self._added.get(self.run.identity.key(resource), NO_TAGS) if kind in _EC2_KINDS else NO_TAGS
        return over(self._set(own, resource, "tags"), added)

    def of_autoscaling(self, resource: Resource, *, propagated: bool = False) -> TagSet:
        """The tags of an Auto Scaling group; with ``propagated`` those alone that it puts on its instances.

        They are blocks, and provider default_tags do not enter them (L3).
        """
        sure: dict[str, Tag] = {}
        maybe: list[Tag] = []
        causes: list[Cause] = []
        prefixes: list[str] = []
        blocks = resource.blocks("tag")
        if blocks.open is not None and not blocks.open.computed:
            causes.append(Cause(resource.key, "tag", blocks.open.reason))
        listed = resource.members("tags") if resource.has("tags") else None
        if listed is not None and (listed.open is not None or listed.maybe):
            causes.append(Cause(resource.key, "tags", "may hold more than the plan shows"))
        written = [(b.value("key"), b.value("value"), b.value(_PROPAGATE)) for b in blocks.items]
        older = listed.items if listed is not None else ()
        written += [(o.get("key"), o.get("value"), o.get(_PROPAGATE)) for o in older if isinstance(o, Object)]
        for key, value, passed_on in written:
            if propagated and scalar(passed_on) in (False, "false", "0"):
                continue
            known = scalar(key)
            starts = _start(key)
            if not isinstance(known, str) and not starts:
                causes.append(Cause(resource.key, "tag", "the key of a tag is not known before apply"))
                continue
            if isinstance(known, str):
                tag = self.tag(known, value, resource.key, "tag")
            else:
                known = _free(f"{starts}{REST_UNKNOWN}", sure)
                prefixes.append(starts)
                why = Cause(resource.key, "tag", "the rest of a tag's key is not known before apply")
                tag = Tag(known, as_text(value), self.names.named_by(key, value), (why,))
            if propagated and not isinstance(passed_on, Known):
                why = Cause(resource.key, "tag", f"whether {known} reaches instances is not known")
                maybe.append(Tag(known, tag.value, tag.names, (*tag.causes, why)))
            else:
                sure[known] = tag
        own = TagSet(sure, tuple(maybe), bool(causes), tuple(causes), tuple(prefixes))
        return over(own, self._separate_tags(resource, late=propagated))

    def of_map(self, block: Block, name: str, mapping: Object) -> TagSet:
        """The tags of a map that stands in a block, under ``name``."""
        sure = {key: self.tag(key, value, block.resource.key, name) for key, value in mapping.entries}
        if mapping.open is None:
            return TagSet(sure)
        return TagSet(sure, (), True, (Cause(block.resource.key, name, mapping.open.reason),))

    def tag(self, key: str, value: Value, at: str, attribute: str) -> Tag:
        """One tag with the clusters it names."""
        text = as_text(value)
        why = next((unknown.reason for unknown in unknowns(value)), "known after apply")
        causes = () if text is not None else (Cause(at, f"{attribute}[{key!r}]".replace("'", '"'), why),)
        return Tag(key, text, self.names.named_by(Known(key), value), causes)

    def _set(self, tags: Tags, resource: Resource, attribute: str) -> TagSet:
        sure = {key: self.tag(key, value, resource.key, attribute) for key, value in tags.sure.items()}
        causes = (Cause(resource.key, attribute, _OPEN),) if tags.open else ()
        return TagSet(sure, (), tags.open, causes)

    # --- tags that are resources of their own ---------------------------------------------------------

    @property
    def _added(self) -> Mapping[str, TagSet]:
        """Estate key to the tags that ``aws_ec2_tag`` puts on the object (L5)."""
        return self.run.cached("tags by aws_ec2_tag", lambda: self._gathered(self._ec2_tags()))

    def _ec2_tags(self) -> Iterator[tuple[Resource, KeySet]]:
        for resource in self.run.world.resources("aws_ec2_tag"):
            value = resource.value("resource_id")
            named = [self.run.identity.find(value, kind, resource.key, "resource_id") for kind in _EC2_KINDS]
            exact = next((link.exact for link in named if link.exact is not None), None)
            if exact is not None:
                yield resource, KeySet(frozenset((exact,)))
            else:
                yield resource, KeySet(maybe=frozenset(key for link in named for key in link.keys))

    def _separate_tags(self, resource: Resource, *, late: bool) -> TagSet:
        """What ``aws_autoscaling_group_tag`` adds; ``late``: asked of the instances that are launched."""
        if late:
            made = self.run.cached(
                "late tags of groups", lambda: self._gathered(self._group_tags(), late=True)
            )
        else:
            made = self.run.cached("tags of groups", lambda: self._gathered(self._group_tags()))
        return made.get(self.run.identity.key(resource), NO_TAGS)

    def _group_tags(self) -> Iterator[tuple[Resource, KeySet]]:
        for resource in self.run.world.resources("aws_autoscaling_group_tag"):
            link = self.run.link(resource, "autoscaling_group", "autoscaling_group_name")
            sure = frozenset((link.exact,)) if link.exact is not None else frozenset()
            yield resource, KeySet(sure, frozenset(link.keys) - sure)

    def _gathered(
        self, found: Iterator[tuple[Resource, KeySet]], *, late: bool = False
    ) -> Mapping[str, TagSet]:
        made: dict[str, TagSet] = {}
        for resource, owners in found:
            for owner in sorted(owners.candidates):
                settled = owner in owners.sure and not self.run.doubts(resource)
                extra = self._of_tag_resource(resource, settled=settled, late=late)
                made[owner] = over(made.get(owner, NO_TAGS), extra)
        return made

    def _of_tag_resource(self, resource: Resource, *, settled: bool, late: bool) -> TagSet:
        blocks = resource.blocks("tag").items or (resource,)
        found = NO_TAGS
        for block in blocks:
            key = scalar(block.value("key"))
            if late and scalar(block.value(_PROPAGATE)) is False:
                continue
            if not isinstance(key, str):
                why = Cause(resource.key, "key", "not known before apply")
                found = over(found, TagSet(open=True, causes=(why,)))
                continue
            tag = self.tag(key, block.value("value"), resource.key, "value")
            if settled and not late:
                found = over(found, TagSet({key: tag}))
                continue
            # NOTE: instances that were launched before the tag was made do not have it.
            reason = (
                "reaches instances that are launched after it"
                if late
                else "which object it tags is not known"
            )
            why = Cause(resource.key, "tag" if late else "resource_id", reason)
            found = over(found, TagSet(maybe=(Tag(key, tag.value, tag.names, (*tag.causes, why)),)))
        return found


_PROPAGATE = "propagate_at_launch"
_OPEN = "further tags may come with a value that is known after apply"


def _start(key: Value) -> str:
    """What a key begins with of which the rest is not known; empty where nothing is told."""
    first = key.parts[0] if isinstance(key, Unknown) and key.parts else None
    return str(scalar(first) or "") if isinstance(first, Known) else ""


def _free(key: str, taken: Mapping[str, Tag]) -> str:
    while key in taken:
        key += REST_UNKNOWN
    return key


def as_text(value: Value) -> str | None:
    """A tag's value as AWS has it; None where it is not known."""
    known = scalar(value)
    if known is None:
        return "" if isinstance(value, Known) else None
    return ("true" if known else "false") if isinstance(known, bool) else str(known)
