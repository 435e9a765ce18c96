"""The cases of ``tests/fixtures/evaluation``, transcribed from the heads of their ``main.tf``.

In all of them every id is unknown in the plan, and who reaches whom is told by the ``.tf`` files only. Every
open group admits a range of its own (11.22.N.0/24 from the internet, 10.N.200.0/22 from the VPC), so that a
link taken for another gives another answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from tests.source_tree import ROOT
from tests.stories.truths import (
    APPLIED,
    NOBODY,
    POSSIBLE,
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
    possible source names as what decides; every attribute it names is one of them. ``or_possible``: targets
    (resource, family) whose sources may be said to be possible until AWS has chosen a block: every block
    would do, but that takes a cleverer analysis. ``folder``: whether the ``.tf`` alone, without any plan,
    give the answers of ``planned``. ``root``: where in the case the root module is.
    """

    applied: tuple[Target, ...]
    planned: tuple[Target, ...] | None = None
    because: frozenset[tuple[str, str]] = frozenset()
    or_possible: frozenset[tuple[str, str]] = frozenset()
    folder: bool = False
    root: str = "."

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


def invented(case: str, address: str, attribute: str) -> str:
    """What the apply made up for an attribute of the root module: no truth, only the name of a thing."""
    text = (ROOT / "tests" / "fixtures" / "evaluation" / case / APPLIED).read_text(encoding="utf-8")
    resources = json.loads(text)["prior_state"]["values"]["root_module"]["resources"]
    return next(str(r["values"][attribute]) for r in resources if r["address"] == address)


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
    "united": (("private-a", "private-c"), True),
    "split": (("private-c",), False),
    "decoded": (("public-a",), True),
    "yaml": (("private-b",), False),
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


# --- two-regions -------------------------------------------------------------------------------------


def in_region(module: str, number: int, tier: str) -> tuple[Target, ...]:
    """The nodes of one call of the stack, and those of the third module in the same Region."""
    side = {"here": "left", "east": "right"}[module]
    inside = vpc(f"10.{number}.200.0/24", at=f"module.{module}.aws_vpc.this")
    outside = internet(f"11.22.{number}.0/24") if tier == "public" else set()
    return together(
        targets(
            f"module.{module}.aws_eks_node_group.this",
            numbered(f"module.{module}.aws_subnet.{tier}", 0, 1),
            inside | outside,
            attached(f"module.{module}.aws_security_group.node"),
        ),
        targets(
            f"module.both.module.{side}.aws_eks_node_group.this",
            numbered(f"module.{module}.aws_subnet.private", 0),
            vpc(f"10.{number}.201.0/24", at=f"module.{module}.aws_vpc.this"),
            attached(f"module.both.module.{side}.aws_security_group.node"),
        ),
    )


TWO_REGIONS = Case(together(in_region("here", 74, "public"), in_region("east", 75, "private")))


# --- json-and-override -------------------------------------------------------------------------------

SLATE = attached("aws_security_group.open")

JSON_AND_OVERRIDE = Case(
    together(
        targets(
            "aws_eks_node_group.web",
            numbered("aws_subnet.this", "public"),
            internet("11.22.76.0/24") | vpc("10.76.200.0/24"),
            SLATE,
        ),
        targets(
            "aws_eks_node_group.batch", numbered("aws_subnet.this", "private"), vpc("10.76.200.0/24"), SLATE
        ),
    ),
    folder=True,
)


# --- data-at-plan ------------------------------------------------------------------------------------

ZONE_A, ZONE_B = "eu-central-1a", "eu-central-1b"
ACCOUNT = 'aws_eks_node_group.this["123456789012"]'
HEATH = numbered("aws_subnet.this", "a", "b")
EXISTING = "sg-0123456789abcdef0"


def perhaps(target: str, block: str, *subnets: str) -> set[Said]:
    """What a group outside the inputs may let in: hosts of the VPC, its own members, the control plane."""
    return (
        vpc(block, verdict=POSSIBLE)
        | interface(target, *subnets, verdict=POSSIBLE)
        | pods(target, *subnets, verdict=POSSIBLE)
        | control_plane(*subnets, verdict=POSSIBLE)
    )


DATA_AT_PLAN = Case(
    together(
        targets(
            f'aws_eks_node_group.this["{ZONE_A}"]',
            HEATH[:1],
            vpc("10.77.200.0/24"),
            attached(f'aws_security_group.this["{ZONE_A}"]'),
        ),
        targets(
            f'aws_eks_node_group.this["{ZONE_B}"]',
            HEATH[1:],
            NOBODY,
            attached(f'aws_security_group.this["{ZONE_B}"]'),
        ),
        # The zones' nodes have no egress.
        targets(ACCOUNT, HEATH, perhaps(ACCOUNT, "10.77.0.0/16", *HEATH), attached(EXISTING)),
    ),
    because=frozenset({(EXISTING, "rules")}),
)


# --- data-at-apply -----------------------------------------------------------------------------------

FOUND, BOTH_GROUPS, OWN_GROUP = numbered("aws_eks_node_group.this", "found", "both", "own")
FOUND_ID = invented("data-at-apply", "data.aws_security_group.found", "id")
ALL_BUT_200 = (
    "10.78.0.0/17",
    "10.78.128.0/18",
    "10.78.192.0/21",
    "10.78.201.0/24",
    "10.78.202.0/23",
    "10.78.204.0/22",
    "10.78.208.0/20",
    "10.78.224.0/19",
)
WITH_FOUND = perhaps(FOUND, "10.78.0.0/16", PRIVATE[0]) | perhaps(BOTH_GROUPS, "10.78.0.0/16", PRIVATE[0])


def haze(*found: str) -> tuple[Target, ...]:
    """The targets; the group that was found has a name only after the apply."""
    own = "aws_security_group.own"
    some = {said for said in WITH_FOUND if said.scope != "vpc"}
    return together(
        targets(FOUND, PRIVATE[:1], WITH_FOUND, attached(*found)),
        targets(
            BOTH_GROUPS,
            PRIVATE[:1],
            some | vpc("10.78.200.0/24") | vpc(*ALL_BUT_200, verdict=POSSIBLE),
            attached(own, *found),
        ),
        targets(OWN_GROUP, PRIVATE[:1], vpc("10.78.200.0/24"), attached(own)),
    )


DATA_AT_APPLY = Case(
    haze(FOUND_ID),
    haze(),
    because=frozenset(
        {
            (FOUND_ID, "rules"),
            *(
                (template, "vpc_security_group_ids")
                for template in numbered("aws_launch_template.this", "found", "both")
            ),
        }
    ),
    folder=True,
)


# --- self-managed ------------------------------------------------------------------------------------

SPOT, FIXED, PROXY = numbered("aws_autoscaling_group.this", "spot", "fixed", "proxy")
PUBLIC = numbered("aws_subnet.public", 0, 1)

SELF_MANAGED = Case(
    together(
        targets(
            SPOT,
            PRIVATE,
            interface(PROXY, *PUBLIC)
            | interface("aws_network_interface.bastion[0]", PUBLIC[1])
            | interface("aws_instance.jump", PUBLIC[0]),
            attached('aws_security_group.this["node"]'),
        ),
        targets(FIXED, PRIVATE, NOBODY, attached('aws_security_group.this["closed"]')),
    ),
    folder=True,
)


# --- decided-by-aws ----------------------------------------------------------------------------------

HALF, WHOLE = numbered("aws_eks_node_group.this", "half", "whole")
HALF_GROUP, WHOLE_GROUP = numbered("aws_security_group.this", "half", "whole")
SCALE = "aws_vpc.this[0]"


def scale(block: str) -> tuple[Target, ...]:
    """The targets; the VPC's IPv6 block is known only after the apply."""
    lower_half = (
        vpc("10.80.11.0/25", at=SCALE)
        | interface(WHOLE, PRIVATE[1], verdict=POSSIBLE)
        | pods(WHOLE, PRIVATE[1], verdict=POSSIBLE)
        | control_plane(PRIVATE[1], verdict=POSSIBLE)
        | interface('aws_network_interface.host["low"]', PRIVATE[1])
    )
    over_ipv6 = vpc(block, at=SCALE) | interface(HALF, PRIVATE[0]) | interface(WHOLE, PRIVATE[1])
    return together(
        targets(HALF, PRIVATE[:1], lower_half, attached(HALF_GROUP)),
        targets(HALF, PRIVATE[:1], over_ipv6, attached(HALF_GROUP), family="ipv6"),
        targets(WHOLE, PRIVATE[1:], NOBODY, attached(WHOLE_GROUP)),
        targets(WHOLE, PRIVATE[1:], NOBODY, attached(WHOLE_GROUP), family="ipv6"),
    )


DECIDED_BY_AWS = Case(
    scale(invented("decided-by-aws", SCALE, "ipv6_cidr_block")),
    scale(f"{SCALE}.ipv6_cidr_block"),
    because=frozenset(
        {
            (HALF, "private_ip"),
            (WHOLE, "private_ip"),
            (CLUSTER, "private_ip"),
            (SCALE, "ipv6_cidr_block"),
            ('aws_security_group_rule.ssh["ipv6"]', "ipv6_cidr_blocks"),
        }
    ),
    or_possible=frozenset({(HALF, "ipv6")}),
    folder=True,
)


# --- registry-style ----------------------------------------------------------------------------------

QUARRY = {tier: numbered(f"module.vpc.aws_subnet.{tier}", 0, 1, 2) for tier in ("public", "private", "intra")}
QUARRY_CLUSTER = "module.eks.aws_eks_cluster.this[0]"
SHARED_NODE_GROUP = "module.eks.aws_security_group.node[0]"
DEFAULT, EDGE, WITH_PRIMARY, PLAIN = (
    f'module.eks.module.managed["{key}"].aws_eks_node_group.this[0]'
    for key in ("default", "edge", "primary", "plain")
)
TO_SHARED_GROUP = vpc("10.81.200.0/24", at="module.vpc.aws_vpc.this[0]") | interface(
    BASTION, QUARRY["public"][0]
)
TO_CLUSTER_GROUP = (
    nodes_and_pods(WITH_PRIMARY, QUARRY["private"][1])
    | nodes_and_pods(PLAIN, QUARRY["private"][2])
    | control_plane(*QUARRY["intra"], at=QUARRY_CLUSTER)
)

REGISTRY_STYLE = Case(
    together(
        targets(DEFAULT, QUARRY["private"], TO_SHARED_GROUP, attached(SHARED_NODE_GROUP)),
        targets(
            EDGE,
            QUARRY["public"],
            TO_SHARED_GROUP | internet("11.22.81.0/24"),
            attached(SHARED_NODE_GROUP, "aws_security_group.edge"),
        ),
        targets(
            WITH_PRIMARY,
            QUARRY["private"][1:2],
            TO_SHARED_GROUP | TO_CLUSTER_GROUP,
            attached(SHARED_NODE_GROUP) | {(QUARRY_CLUSTER, "cluster")},
        ),
        targets(PLAIN, QUARRY["private"][2:], TO_CLUSTER_GROUP, {(QUARRY_CLUSTER, "cluster")}),
    ),
    folder=True,
)


# --- context-labels ----------------------------------------------------------------------------------

APPS = numbered("module.subnets.aws_subnet.private", "a-apps", "b-apps")
EDGE_OF_A, EDGE_OF_B = numbered("module.subnets.aws_subnet.public", "a-edge", "b-edge")

CONTEXT_LABELS = Case(
    together(
        targets(
            "module.workers.aws_eks_node_group.default[0]",
            APPS,
            vpc("10.82.200.0/24", at="module.subnets.aws_vpc.default[0]") | interface(BASTION, EDGE_OF_B),
            attached(
                "module.workers_group.aws_security_group.default[0]",
                "module.workers.module.ssh_access[0].aws_security_group.default[0]",
            ),
        ),
        targets(
            "module.edge.aws_eks_node_group.default[0]",
            (EDGE_OF_A,),
            internet("11.22.82.0/24"),
            attached("module.edge_group.aws_security_group.default[0]"),
        ),
    ),
    folder=True,
)


# --- growing-stack -----------------------------------------------------------------------------------

SHOAL = {key: f'aws_eks_node_group.this["{key}"]' for key in "abcd"}
FROM_INSIDE_83 = vpc("10.83.200.0/24")

GROWING_STACK = Case(
    together(
        targets(SHOAL["a"], PRIVATE[:1], FROM_INSIDE_83, attached(OPEN)),
        targets(SHOAL["b"], PRIVATE[1:], NOBODY, attached(CLOSED)),
        targets(SHOAL["c"], PUBLIC[:1], FROM_INSIDE_83 | internet("11.22.83.0/24"), attached(OPEN)),
        targets(SHOAL["d"], PRIVATE, FROM_INSIDE_83, attached(OPEN)),
    ),
    folder=True,
)


# --- chains-and-texts --------------------------------------------------------------------------------

ONE, TWO, THREE, FOUR = numbered("aws_eks_node_group.this", "one", "two", "three", "four")
FLINT_OPEN, FLINT_CLOSED = attached("aws_security_group.open[0]"), attached("aws_security_group.closed[0]")
FROM_INSIDE_84 = vpc("10.84.200.0/24")

CHAINS_AND_TEXTS = Case(
    together(
        targets(ONE, ("aws_subnet.public",), internet("11.22.84.0/24") | FROM_INSIDE_84, FLINT_OPEN),
        targets(TWO, PRIVATE[:1], FROM_INSIDE_84, FLINT_OPEN),
        targets(THREE, PRIVATE[1:], NOBODY, FLINT_CLOSED),
        targets(FOUR, PRIVATE[1:], FROM_INSIDE_84, FLINT_OPEN),
    ),
    folder=True,
)


# --- examples-folder ---------------------------------------------------------------------------------

EXAMPLE_SUBNETS = numbered("module.nodes.aws_subnet.this", "a", "b")


def in_example(key: str, subnet: str, cidr: str, group: str) -> tuple[Target, ...]:
    """One node group of the example."""
    inside = vpc(cidr, at="module.nodes.aws_vpc.this")
    address = f'module.nodes.module.group["{key}"].aws_eks_node_group.this'
    return targets(address, (subnet,), inside, attached(group))


EXAMPLES_FOLDER = Case(
    together(
        in_example(
            "first", EXAMPLE_SUBNETS[0], "10.85.200.0/24", 'module.nodes.aws_security_group.own["first"]'
        ),
        in_example("second", EXAMPLE_SUBNETS[1], "10.85.201.0/24", "aws_security_group.extra"),
    ),
    folder=True,
    root="examples/complete",
)


# --- unknown-blocks ----------------------------------------------------------------------------------

MARSH = {name: f"module.{name}.aws_eks_node_group.this" for name in ("given", "none", "bare")}
FROM_BASTION_86 = interface(BASTION, PRIVATE[0])
IN_MARSH_GROUP = (
    nodes_and_pods(MARSH["none"], *PRIVATE)
    | nodes_and_pods(MARSH["bare"], *PRIVATE)
    | control_plane(*PRIVATE)
)

UNKNOWN_BLOCKS = Case(
    together(
        targets(
            MARSH["given"],
            PRIVATE,
            vpc("10.86.200.0/24") | FROM_BASTION_86,
            attached("aws_security_group.node"),
        ),
        targets(
            MARSH["none"],
            PRIVATE,
            IN_MARSH_GROUP | FROM_BASTION_86,
            CLUSTER_GROUP | {(MARSH["none"], "remote_access")},
        ),
        targets(MARSH["bare"], PRIVATE, IN_MARSH_GROUP, CLUSTER_GROUP),
    ),
    folder=True,
)


EVALUATION: dict[str, Case] = {
    "blocks-as-attributes": BLOCKS_AS_ATTRIBUTES,
    "carriers": CARRIERS,
    "chains-and-texts": CHAINS_AND_TEXTS,
    "collections": COLLECTIONS,
    "conditional-creation": CONDITIONAL_CREATION,
    "config-files": CONFIG_FILES,
    "context-labels": CONTEXT_LABELS,
    "count-element": COUNT_ELEMENT,
    "data-at-apply": DATA_AT_APPLY,
    "data-at-plan": DATA_AT_PLAN,
    "decided-by-aws": DECIDED_BY_AWS,
    "default-objects": DEFAULT_OBJECTS,
    "dynamic-blocks": DYNAMIC_BLOCKS,
    "examples-folder": EXAMPLES_FOLDER,
    "flattened-rules": FLATTENED_RULES,
    "growing-stack": GROWING_STACK,
    "json-and-override": JSON_AND_OVERRIDE,
    "merged-node-groups": MERGED_NODE_GROUPS,
    "modules-three-deep": MODULES_THREE_DEEP,
    "network-acl-entries": NETWORK_ACL_ENTRIES,
    "registry-style": REGISTRY_STYLE,
    "self-managed": SELF_MANAGED,
    "two-regions": TWO_REGIONS,
    "unknown-blocks": UNKNOWN_BLOCKS,
}
