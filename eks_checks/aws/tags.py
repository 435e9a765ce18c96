"""Tags: what the resources of a cluster, and the nodes themselves, will carry (L1-L10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from eks_checks.aws.knowledge import Cause, KeySet
from eks_checks.location import SourceSpan

AWS_PREFIX = "aws:"
"""What keys begin with that AWS keeps for itself: nobody else can set them (L8)."""
INSTANCE, VOLUME, INTERFACE = "instance", "volume", "network-interface"
KINDS = (INSTANCE, VOLUME, INTERFACE)
"""What a node becomes in EC2, as ``tag_specifications`` call it."""
MADE_AS = {INSTANCE: "aws_instance", VOLUME: "aws_ebs_volume", INTERFACE: "aws_network_interface"}
"""The Terraform type of each kind, for whoever asks for a tag on some types only."""


TAGGABLE = (
    "aws_autoscaling_group",
    "aws_cloudwatch_log_group",
    "aws_default_network_acl",
    "aws_default_route_table",
    "aws_default_security_group",
    "aws_default_subnet",
    "aws_default_vpc",
    "aws_ec2_fleet",
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
    "aws_spot_fleet_request",
    "aws_spot_instance_request",
    "aws_subnet",
    "aws_vpc",
)
"""Types of a cluster's resources that take tags. Routes, rules and associations do not (L9)."""

REST_UNKNOWN = "..."
"""What the key of a tag ends in here of which the rest is not known before apply."""

NOBODY = KeySet()


@dataclass(frozen=True)
class Tag:
    """One tag: its ``value`` is None where it is not known, and ``causes`` then say why.

    ``names`` are the clusters (keys) whose name stands in its key or value.
    """

    key: str
    value: str | None
    names: KeySet = NOBODY
    causes: tuple[Cause, ...] = ()

    @property
    def users(self) -> bool:
        """Whether it is the user's, and not AWS's."""
        return not self.key.startswith(AWS_PREFIX)


@dataclass(frozen=True)
class TagSet:
    """The tags of one thing: ``sure`` ones by key, ``maybe`` ones besides; ``open``: perhaps any others.

    ``prefixes`` are starts of keys of which AWS, EKS or Karpenter may put some there. ``causes`` say what
    leaves it open.
    """

    sure: Mapping[str, Tag] = field(default_factory=dict)
    maybe: tuple[Tag, ...] = ()
    open: bool = False
    causes: tuple[Cause, ...] = ()
    prefixes: tuple[str, ...] = ()

    @property
    def users(self) -> tuple[str, ...]:
        """The keys of the user's own tags that are there for certain, in order."""
        return tuple(sorted(key for key, tag in self.sure.items() if tag.users))

    def may_hold(self, key: str) -> bool:
        """Whether a tag with this key is or may be there."""
        return (
            self.open
            or key in self.sure
            or any(tag.key == key for tag in self.maybe)
            or (bool(self.prefixes) and key.startswith(self.prefixes))
        )

    def doubts(self, key: str = "") -> tuple[Cause, ...]:
        """What decides whether there is such a tag, or with which value; without a key: any tag at all."""
        own = self.sure[key].causes if key in self.sure else ()
        perhaps = (c for tag in self.maybe if key in ("", tag.key) for c in tag.causes)
        return tuple(dict.fromkeys((*own, *perhaps, *self.causes)))


NO_TAGS = TagSet()


def over(base: TagSet, top: TagSet) -> TagSet:
    """The tags of both; where both set one, ``top`` has the last word."""
    return TagSet(
        {**base.sure, **top.sure},
        (*(tag for tag in base.maybe if tag.key not in top.sure), *top.maybe),
        base.open or top.open,
        tuple(dict.fromkeys((*base.causes, *top.causes))),
        tuple(dict.fromkeys((*base.prefixes, *top.prefixes))),
    )


def either(options: Iterable[TagSet], causes: tuple[Cause, ...]) -> TagSet:
    """What is known where it is one of these, and ``causes`` decide which: what all have alike is sure."""
    sets = tuple(options)
    first, rest = sets[0], sets[1:]
    sure = {
        key: tag
        for key, tag in first.sure.items()
        if tag.value is not None
        and all(key in other.sure and other.sure[key].value == tag.value for other in rest)
    }
    loose = (tag for each in sets for tag in (*each.sure.values(), *each.maybe) if tag.key not in sure)
    maybe = {
        (tag.key, tag.value): Tag(tag.key, tag.value, tag.names, (*tag.causes, *causes)) for tag in loose
    }
    every = tuple(dict.fromkeys((*causes, *(c for each in sets for c in each.causes))))
    prefixes = tuple(dict.fromkeys(p for each in sets for p in each.prefixes))
    return TagSet(sure, tuple(maybe.values()), any(each.open for each in sets), every, prefixes)


@dataclass(frozen=True)
class Tagged:
    """A taggable resource of a cluster, with the tags it will carry (the provider's default tags included).

    ``clusters`` are those it is a resource of; a VPC or a subnet may serve several. ``certain``: it surely
    is a resource of some cluster. ``provider`` is the
    provider configuration that makes it (``aws.east``), empty where the input does not tell. ``attribute`` is
    where its tags are written.
    """

    resource: str
    type: str
    tags: TagSet
    clusters: KeySet = NOBODY
    certain: bool = True
    provider: str = ""
    attribute: str = "tags"
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Launched:
    """One way in which nodes come up: what it puts on each kind of thing that a node becomes.

    ``origin`` is the resource that says so (a template, a group, what holds a node class), ``attribute``
    where in it. ``kinds`` lacks what cannot be tagged in this way at all.
    """

    origin: str
    attribute: str
    kinds: Mapping[str, TagSet]


@dataclass(frozen=True)
class NodeTags:
    """The tags at the nodes of one group: ``resource`` creates them, ``kind`` is that of the NodeGroup.

    ``own`` are the tags of what creates the nodes, as far as they are meant for nodes. ``ways`` are all the
    ways in which they come up. ``idle`` are resources that look as if they tagged nodes, and do not (L4).
    """

    resource: str
    kind: str
    own: TagSet
    ways: tuple[Launched, ...]
    idle: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None

    def on(self, kind: str) -> Iterator[tuple[Launched, TagSet]]:
        """Each way in which this kind of thing comes up, with its tags."""
        for way in self.ways:
            if kind in way.kinds:
                yield way, way.kinds[kind]


@dataclass(frozen=True)
class Tagging:
    """All of it: the taggable ``resources`` of the inputs' clusters, in order of their keys, and ``nodes``.

    ``clusters`` maps a cluster's key to the resource that manages it, for those that the inputs manage.
    """

    resources: tuple[Tagged, ...] = ()
    nodes: tuple[NodeTags, ...] = ()
    clusters: Mapping[str, str] = field(default_factory=dict)
