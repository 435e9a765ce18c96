"""The cases of ``tests/fixtures/evaluation``, transcribed from the heads of their ``main.tf``.

In all of them every id is unknown in the plan, and who reaches whom is told by the ``.tf`` files only. Every
open group admits a range of its own (11.22.N.0/24 from the internet, 10.N.200.0/22 from the VPC), so that a
link taken for another gives another answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.stories.truths import (
    NOBODY,
    Said,
    Target,
    control_plane,
    interface,
    internet,
    pods,
    targets,
    vpc,
)


@dataclass(frozen=True)
class Case:
    """What is true of a case: in the plan with its sources, after the apply, and of the folder alone.

    ``planned``: the targets as the plan has to tell them where that differs, because AWS decides something at
    apply; None: as after the apply. ``because``: (resource, attribute) pairs, at least one of which each
    possible source names as what decides; every attribute it names is one of them. ``folder``: whether the
    ``.tf`` alone, without any plan, give the answers of ``planned``.
    """

    applied: tuple[Target, ...]
    planned: tuple[Target, ...] | None = None
    because: frozenset[tuple[str, str]] = frozenset()
    folder: bool = False
    notes: str = field(default="", compare=False)

    @property
    def before(self) -> tuple[Target, ...]:
        """What the plan says with the sources beside it."""
        return self.applied if self.planned is None else self.planned


def numbered(address: str, *keys: int | str) -> tuple[str, ...]:
    """``address[0]``, ``address["a"]`` ..."""
    return tuple(f'{address}["{key}"]' if isinstance(key, str) else f"{address}[{key}]" for key in keys)


def attached(*groups: str) -> set[tuple[str, str]]:
    """Groups that a template or an instance names."""
    return {(group, "attached") for group in groups}


def nodes_and_pods(resource: str, *subnets: str) -> set[Said]:
    """The nodes of one creator, and the pods on them, which have the nodes' groups."""
    return interface(resource, *subnets) | pods(resource, *subnets)


def together(*several: Iterable[Target]) -> tuple[Target, ...]:
    """All these targets."""
    return tuple(target for some in several for target in some)


CLUSTER = "aws_eks_cluster.this"
CLUSTER_GROUP = {(CLUSTER, "cluster")}
PRIVATE = numbered("aws_subnet.private", 0, 1)
BASTION = "aws_instance.bastion"


# --- modules-three-deep ------------------------------------------------------------------------------

P = "module.platform"
TIERS = {
    tier: numbered(f"{P}.module.network[0].module.{tier}.aws_subnet.this", 0, 1)
    for tier in ("public", "private")
}

MODULES_THREE_DEEP = Case(
    together(
        targets(
            f'{P}.module.nodes["web"].aws_eks_node_group.this[0]',
            TIERS["public"],
            internet("11.22.61.0/24"),
            attached(f"{P}.module.web_group.aws_security_group.this[0]"),
        ),
        targets(
            f'{P}.module.nodes["jobs"].aws_eks_node_group.this[0]',
            TIERS["private"],
            vpc("10.61.200.0/24", at=f"{P}.module.network[0].aws_vpc.this[0]"),
            attached(f"{P}.module.jobs_group.aws_security_group.this[0]"),
        ),
    ),
    folder=True,
)


# --- merged-node-groups ------------------------------------------------------------------------------

ZONED = {
    tier: numbered("aws_subnet.this", f"{tier}/eu-central-1a", f"{tier}/eu-central-1b")
    for tier in ("public", "private")
}
A, B, BATCH = numbered("aws_eks_node_group.this", "a", "b", "batch")
OPEN, CLOSED = numbered("aws_security_group.this", "open", "closed")

MERGED_NODE_GROUPS = Case(
    together(
        targets(A, ZONED["private"], NOBODY, attached(CLOSED)),
        targets(B, ZONED["public"], internet("11.22.62.0/24") | vpc("10.62.200.0/24"), attached(OPEN)),
        targets(BATCH, ZONED["private"], vpc("10.62.200.0/24"), attached(OPEN)),
    ),
    folder=True,
)


# --- count-element -----------------------------------------------------------------------------------

WORKERS = numbered("module.workers.aws_eks_node_group.this", 0, 1, 2)
SPREAD = numbered("aws_eks_node_group.spread", 0, 1, 2)
FIRST, SECOND = numbered("aws_security_group.this", 0, 1)
FROM_OUTSIDE_63, FROM_INSIDE_63 = internet("11.22.63.0/24"), vpc("10.63.200.0/24")

COUNT_ELEMENT = Case(
    together(
        targets(WORKERS[0], ("aws_subnet.public[0]",), FROM_OUTSIDE_63 | FROM_INSIDE_63, attached(FIRST)),
        targets(WORKERS[1], PRIVATE[:1], NOBODY, attached(SECOND)),
        targets(WORKERS[2], ("aws_subnet.public[0]",), FROM_OUTSIDE_63 | FROM_INSIDE_63, attached(FIRST)),
        targets(SPREAD[0], PRIVATE[:1], NOBODY, attached(SECOND)),
        targets(SPREAD[1], PRIVATE[1:], FROM_INSIDE_63, attached(FIRST)),
        targets(SPREAD[2], PRIVATE[:1], NOBODY, attached(SECOND)),
    ),
)


# --- flattened-rules ---------------------------------------------------------------------------------

WEB, DB, IDLE = numbered("aws_eks_node_group.this", "web", "db", "idle")
WEB_GROUP, DB_GROUP, IDLE_GROUP = numbered("aws_security_group.this", "web", "db", "idle")

FLATTENED_RULES = Case(
    together(
        targets(
            WEB,
            PRIVATE,
            vpc("10.64.201.0/24") | interface(BASTION, "aws_subnet.bastion"),
            attached(WEB_GROUP),
        ),
        targets(DB, PRIVATE, nodes_and_pods(WEB, *PRIVATE), attached(DB_GROUP)),
        targets(IDLE, PRIVATE, nodes_and_pods(IDLE, *PRIVATE), attached(IDLE_GROUP)),
    ),
    folder=True,
)


# --- conditional-creation ----------------------------------------------------------------------------

OWN, GIVEN, EXTRA, NONE = (
    f"module.{name}.aws_eks_node_group.this" for name in ("own", "given", "extra", "none")
)
FORK = numbered("module.vpc[0].aws_subnet.private", 0, 1)
SHARED = "aws_security_group.shared[0]"


def in_fork(cidr: str) -> set[Said]:
    """This range of the VPC of conditional-creation."""
    return vpc(cidr, at="module.vpc[0].aws_vpc.this[0]")


CONDITIONAL_CREATION = Case(
    together(
        targets(OWN, FORK, in_fork("10.65.201.0/24"), attached("module.own.aws_security_group.this[0]")),
        targets(GIVEN, FORK, in_fork("10.65.202.0/24"), attached(SHARED)),
        targets(
            EXTRA,
            FORK,
            in_fork("10.65.202.0/24"),
            attached("module.extra.aws_security_group.this[0]", SHARED),
        ),
        targets(NONE, FORK, nodes_and_pods(NONE, *FORK) | control_plane(*FORK), CLUSTER_GROUP),
    ),
    folder=True,
)


# --- dynamic-blocks ----------------------------------------------------------------------------------

FRONT, BACK, HELPED = numbered("aws_eks_node_group.this", "front", "back", "helped")
FRONT_GROUP, BACK_GROUP = numbered("aws_security_group.this", "front", "back")

DYNAMIC_BLOCKS = Case(
    together(
        targets(
            FRONT,
            ("aws_subnet.public[0]",),
            internet("11.22.66.0/24") | interface(BASTION, PRIVATE[1]),
            attached(FRONT_GROUP),
        ),
        targets(BACK, PRIVATE, vpc("10.66.200.0/24"), attached(BACK_GROUP)),
        targets(
            HELPED,
            PRIVATE[:1],
            interface(BASTION, PRIVATE[1]) | nodes_and_pods(HELPED, PRIVATE[0]) | control_plane(*PRIVATE),
            CLUSTER_GROUP | {(HELPED, "remote_access")},
        ),
    ),
    folder=True,
)


# --- blocks-as-attributes ----------------------------------------------------------------------------

LIT, ATTR, PUB = numbered("aws_eks_node_group.this", "lit", "attr", "pub")

BLOCKS_AS_ATTRIBUTES = Case(
    together(
        targets(
            LIT,
            PRIVATE[:1],
            vpc("10.67.201.0/24") | interface(BASTION, "aws_subnet.public"),
            attached("aws_security_group.lit"),
        ),
        targets(
            ATTR,
            PRIVATE[1:],
            vpc("10.67.202.0/24") | nodes_and_pods(LIT, PRIVATE[0]),
            attached("aws_security_group.attr"),
        ),
        targets(
            PUB,
            ("aws_subnet.public",),
            internet("11.22.67.0/24"),
            attached("aws_security_group.pub"),
        ),
    ),
    folder=True,
)


# --- network-acl-entries -----------------------------------------------------------------------------

ADMITTED = {
    "a": ("10.68.200.0/24",),
    "b": ("10.68.200.0/24", "10.68.202.0/23"),
    "c": ("10.68.200.0/22",),
    "d": ("10.68.200.0/24",),
}

NETWORK_ACL_ENTRIES = Case(
    together(
        *(
            targets(
                f'aws_eks_node_group.this["{key}"]',
                (f'aws_subnet.this["{key}"]',),
                vpc(*cidrs),
                attached("aws_security_group.node"),
            )
            for key, cidrs in ADMITTED.items()
        )
    ),
    folder=True,
)


# --- default-objects ---------------------------------------------------------------------------------

MAIN, SIDE = numbered("aws_eks_node_group.this", "main", "side")
MAIN_SUBNET, SIDE_SUBNET = numbered("module.vpc.aws_subnet.this", "main", "side")
MOOR = "module.vpc.aws_vpc.this[0]"
IN_DEFAULT_GROUP = (
    vpc("10.69.200.0/24", at=MOOR) | nodes_and_pods(MAIN, MAIN_SUBNET) | nodes_and_pods(SIDE, SIDE_SUBNET)
)

DEFAULT_OBJECTS = Case(
    together(
        targets(MAIN, (MAIN_SUBNET,), internet("11.22.69.0/24") | IN_DEFAULT_GROUP, {(MOOR, "default")}),
        targets(
            SIDE,
            (SIDE_SUBNET,),
            IN_DEFAULT_GROUP,
            {(MOOR, "default")},
            latent={("11.22.69.0/24", "route")},
        ),
        targets(
            "aws_eks_node_group.edge",
            ("aws_subnet.edge",),
            internet("11.22.70.0/24") | vpc("10.70.200.0/24", at="aws_vpc.edge"),
            {("aws_default_security_group.edge", "default")},
        ),
    ),
    folder=True,
)


# --- carriers ----------------------------------------------------------------------------------------

CARAVAN = "module.eks.aws_eks_cluster.this[0]"
PRIMARY = "aws_eks_node_group.primary"
IN_CLUSTER_GROUP = nodes_and_pods(PRIMARY, PRIVATE[0]) | control_plane(*PRIVATE, at=CARAVAN)

CARRIERS = Case(
    together(
        targets(PRIMARY, PRIVATE[:1], vpc("10.71.200.0/24") | IN_CLUSTER_GROUP, {(CARAVAN, "cluster")}),
        targets(
            "aws_eks_node_group.own",
            PRIVATE[1:],
            IN_CLUSTER_GROUP,
            attached("module.eks.aws_security_group.node[0]"),
        ),
    ),
    folder=True,
)


# --- collections -------------------------------------------------------------------------------------

# Node group: its subnets, and whether its group is the open one.
PICKED = {
    "sliced": (("private-b", "private-c"), True),
    "chunk": (("public-a", "public-b", "public-c"), False),
    "zone": (("private-a", "public-a"), True),
    "lookup": (("public-b",), True),
    "last": (("public-c",), True),
    "fourth": (("public-a",), False),
    "flagged": (("public-b",), True),
    "first": (("private-a",), True),
}


def orchard(name: str, subnet: str, is_open: bool) -> tuple[Target, ...]:
    """One node group in one subnet of collections."""
    sources = vpc("10.72.200.0/24") | (internet("11.22.72.0/24") if subnet.startswith("public") else set())
    return targets(
        f'aws_eks_node_group.this["{name}"]',
        (f'aws_subnet.this["{subnet}"]',),
        sources if is_open else NOBODY,
        attached(f"aws_security_group.this[{0 if is_open else 1}]"),
    )


COLLECTIONS = Case(
    together(
        *(orchard(name, subnet, is_open) for name, (subnets, is_open) in PICKED.items() for subnet in subnets)
    ),
    folder=True,
)


# --- config-files ------------------------------------------------------------------------------------

GATE, CORE, DARK = numbered("aws_eks_node_group.this", "gate", "core", "dark")
INNER = numbered("aws_subnet.this", "inner-0", "inner-1")

CONFIG_FILES = Case(
    together(
        targets(
            GATE,
            numbered("aws_subnet.this", "front"),
            internet("11.22.73.0/24"),
            attached('aws_security_group.this["gate"]'),
        ),
        targets(CORE, INNER, vpc("10.73.200.0/24"), attached('aws_security_group.this["core"]')),
        targets(DARK, INNER[1:], NOBODY, attached('aws_security_group.this["dark"]')),
    ),
    folder=True,
)


EVALUATION: dict[str, Case] = {
    "blocks-as-attributes": BLOCKS_AS_ATTRIBUTES,
    "carriers": CARRIERS,
    "collections": COLLECTIONS,
    "conditional-creation": CONDITIONAL_CREATION,
    "config-files": CONFIG_FILES,
    "count-element": COUNT_ELEMENT,
    "default-objects": DEFAULT_OBJECTS,
    "dynamic-blocks": DYNAMIC_BLOCKS,
    "flattened-rules": FLATTENED_RULES,
    "merged-node-groups": MERGED_NODE_GROUPS,
    "modules-three-deep": MODULES_THREE_DEEP,
    "network-acl-entries": NETWORK_ACL_ENTRIES,
}
