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


EVALUATION: dict[str, Case] = {
    "conditional-creation": CONDITIONAL_CREATION,
    "count-element": COUNT_ELEMENT,
    "dynamic-blocks": DYNAMIC_BLOCKS,
    "flattened-rules": FLATTENED_RULES,
    "merged-node-groups": MERGED_NODE_GROUPS,
    "modules-three-deep": MODULES_THREE_DEEP,
}
