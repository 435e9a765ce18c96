"""The seventeen stories, transcribed from the heads of ``tests/fixtures/stories/*/main.tf``."""

from __future__ import annotations

from tests.stories.truths import (
    APPLIED,
    BOTH,
    NOBODY,
    PLAN,
    Said,
    Truth,
    Undecided,
    control_plane,
    each,
    interface,
    internet,
    on,
    pods,
    targets,
    vpc,
)

WORKERS, CLUSTER, BASTION = "aws_eks_node_group.workers", "aws_eks_cluster.this", "aws_instance.bastion"
IGW_ROUTE_MISSING, ADDRESS_MISSING = "route", "public_address"
PRIVATE = ("aws_subnet.private[0]", "aws_subnet.private[1]")
PUBLIC = ("aws_subnet.public[0]", "aws_subnet.public[1]")
ATTACHED = {("aws_security_group.node", "attached")}
CLUSTER_GROUP = {(CLUSTER, "cluster")}
REMOTE_ACCESS = {(WORKERS, "remote_access")}


def by_cluster_group(*subnets: str) -> set[Said]:
    """What the self rule of the cluster group lets in: nodes, their pods, and the control plane (E1-E3)."""
    return interface(WORKERS, *subnets) | pods(WORKERS, *subnets) | control_plane(*subnets)


FROM_THE_BASTION = interface(BASTION, "aws_subnet.public[0]")

# 10.4.0.0/16 but one of its /24s: "all but private[1]", and "all but private[0]".
ALL_BUT_THE_OTHER = {
    PRIVATE[0]: (
        "10.4.0.0/21",
        "10.4.8.0/23",
        "10.4.10.0/24",
        "10.4.12.0/22",
        "10.4.16.0/20",
        "10.4.32.0/19",
        "10.4.64.0/18",
        "10.4.128.0/17",
    ),
    PRIVATE[1]: (
        "10.4.0.0/21",
        "10.4.8.0/23",
        "10.4.11.0/24",
        "10.4.12.0/22",
        "10.4.16.0/20",
        "10.4.32.0/19",
        "10.4.64.0/18",
        "10.4.128.0/17",
    ),
}


def over_the_bastion(*subnets: str) -> frozenset[tuple[str, str | None, tuple[str, ...]]]:
    """Internet to bastion to workers."""
    return frozenset((WORKERS, subnet, ("internet", BASTION, WORKERS)) for subnet in subnets)


def inside_own_subnet(own: str, *addresses: str) -> set[Said]:
    """Nodes, pods, control plane of the own subnet, where no ACL is read; the bastion; these addresses."""
    return by_cluster_group(own) | FROM_THE_BASTION | vpc(*addresses)


# --- unknown-links -----------------------------------------------------------------------------------

FRONT, BACK = 'aws_eks_node_group.this["front"]', 'aws_eks_node_group.this["back"]'
FRONT_SUBNETS = ('aws_subnet.this["front-0"]', 'aws_subnet.this["front-1"]')
BACK_SUBNETS = ('aws_subnet.this["back-0"]', 'aws_subnet.this["back-1"]')


# --- module-nested -----------------------------------------------------------------------------------

P, N = "module.platform", "module.platform.module.network"
API, BATCH = (f'{P}.module.nodes["{key}"].aws_eks_node_group.this' for key in ("api/v1.2", "batch"))
EDGE = tuple(f'{N}.module.tier["edge/public.1"].aws_subnet.this[{i}]' for i in (0, 1))
CORE = tuple(f'{N}.module.tier["core.private"].aws_subnet.this[{i}]' for i in (0, 1))
OPEN_GROUP = {(f'{P}.module.firewall.aws_security_group.this["nodes.open/ssh"]', "attached")}
CLOSED_GROUP = {(f'{P}.module.firewall.aws_security_group.this["nodes.closed"]', "attached")}
NODES_OF_BOTH = {*((API, subnet) for subnet in EDGE), (BATCH, CORE[0])}

# --- two-groups-one-reachable-over-ipv6 ----------------------------------------------------------------

EDGE_GROUP, INNER_GROUP = "aws_eks_node_group.edge", "aws_eks_node_group.inner"
OVER_IPV6 = interface(EDGE_GROUP, "aws_subnet.edge") | interface(INNER_GROUP, "aws_subnet.inner")
AMAZONS_BLOCK = "2600:1f14:d907:4b00::/56"  # what aws_vpc.this.ipv6_cidr_block is after the apply


def two_groups(moment: str) -> Truth:
    """The same truth; the VPC's IPv6 block is known only after the apply."""
    block = "aws_vpc.this.ipv6_cidr_block" if moment == PLAN else AMAZONS_BLOCK
    inside = OVER_IPV6 | vpc(block)
    return Truth(
        targets(EDGE_GROUP, ("aws_subnet.edge",), inside | internet("::/0"), ATTACHED, family="ipv6")
        + targets(
            INNER_GROUP,
            ("aws_subnet.inner",),
            inside,
            ATTACHED,
            family="ipv6",
            latent={("::/0", IGW_ROUTE_MISSING)},
        )
        + targets(EDGE_GROUP, ("aws_subnet.edge",), NOBODY, ATTACHED)
        + targets(INNER_GROUP, ("aws_subnet.inner",), NOBODY, ATTACHED),
        # A latent internet source is a failure too, one step lower.
        on(EDGE_GROUP, "EKS101 EKS102 EKS201 EKS203")
        | on(INNER_GROUP, "EKS203")
        | on(INNER_GROUP, "EKS201", "high")
        | each("EKS401", "aws_subnet.edge", "aws_subnet.inner", severity="medium"),
        moments=(moment,),
    )


def missing_tags(moments: tuple[str, ...]) -> Truth:
    """The tags that are not there are missing in the plan already: no default_tags, no tags."""
    return Truth(
        targets(WORKERS, PRIVATE, by_cluster_group(*PRIVATE), CLUSTER_GROUP),
        on(WORKERS, "EKS202 EKS302")
        | each("EKS401", *PRIVATE, severity="medium")
        | each("EKS701", WORKERS, "aws_iam_role.node", *PRIVATE, "aws_route_table.private"),
        passes=frozenset(
            {("EKS701", CLUSTER), ("EKS701", "aws_iam_role.cluster"), ("EKS701", "aws_vpc.this")}
        ),
        moments=moments,
    )


STORIES: dict[str, tuple[Truth, ...]] = {
    "bastion-rule-defeated": (
        Truth(
            targets(
                WORKERS, PRIVATE, by_cluster_group(*PRIVATE) | FROM_THE_BASTION, ATTACHED | CLUSTER_GROUP
            ),
            on(WORKERS, "EKS202 EKS205 EKS302 EKS303") | each("EKS401", *PRIVATE, severity="medium"),
            paths=over_the_bastion(*PRIVATE),
            without_settings=on(WORKERS, "EKS203"),
            moments=BOTH,
        ),
    ),
    "cluster-sg-left-open": (
        Truth(
            targets(WORKERS, PRIVATE, by_cluster_group(*PRIVATE) | vpc("10.1.0.0/16"), CLUSTER_GROUP),
            on(WORKERS, "EKS202 EKS203 EKS302")
            | on(CLUSTER, "EKS301")
            | each("EKS401", *PRIVATE, severity="medium"),
            paths=frozenset(),
            moments=BOTH,
        ),
    ),
    "defaults-left-alone": (
        Truth(
            targets(WORKERS, PRIVATE, by_cluster_group(*PRIVATE), CLUSTER_GROUP),
            on(WORKERS, "EKS202 EKS302")
            | each("EKS401", *PRIVATE, severity="medium")
            | on(CLUSTER, "EKS501", "high"),
            paths=frozenset(),
        ),
    ),
    "dual-stack-ipv6-cluster": (
        Truth(
            # An IPv6 cluster's pods have no IPv4 (D9).
            targets(WORKERS, PRIVATE, interface(WORKERS, *PRIVATE) | control_plane(*PRIVATE), CLUSTER_GROUP)
            + targets(WORKERS, PRIVATE, by_cluster_group(*PRIVATE), CLUSTER_GROUP, family="ipv6"),
            on(WORKERS, "EKS202 EKS302") | each("EKS401", *PRIVATE, severity="medium"),
            paths=frozenset(),
            moments=BOTH,
        ),
    ),
    "latent-exposure": (
        Truth(
            targets(
                WORKERS,
                PUBLIC,
                by_cluster_group(*PUBLIC) | vpc("10.15.0.0/16"),
                ATTACHED,
                latent={("0.0.0.0/0", ADDRESS_MISSING)},
            ),
            on(WORKERS, "EKS101 EKS202 EKS203")
            | on(WORKERS, "EKS201", "high")
            | each("EKS401", *PUBLIC, severity="medium"),
            paths=frozenset(),
            moments=BOTH,
        ),
    ),
    "launch-template-own-groups": (
        Truth(
            targets(WORKERS, PRIVATE, NOBODY, ATTACHED),
            each("EKS401", *PRIVATE, severity="low"),
            paths=frozenset(),
            moments=BOTH,
        ),
    ),
    "missing-tags": (missing_tags((PLAN,)), missing_tags((APPLIED,))),
    "module-nested": (
        Truth(
            targets(
                API,
                EDGE,
                internet("0.0.0.0/0")
                | vpc("10.13.0.0/16", at=f"{N}.aws_vpc.this")
                | {Said(scope, *node) for scope in ("interface", "pods") for node in NODES_OF_BOTH}
                | control_plane(*CORE, at=f"{P}.aws_eks_cluster.this"),
                OPEN_GROUP,
            )
            + targets(BATCH, (CORE[0],), NOBODY, CLOSED_GROUP),
            on(API, "EKS101 EKS102 EKS201 EKS202 EKS203")
            | each("EKS401", *EDGE, severity="medium")
            | each("EKS401", CORE[0], severity="low"),
            moments=BOTH,
        ),
    ),
    "nacl-bastion-right-order": (
        Truth(
            targets(
                WORKERS, PRIVATE[:1], inside_own_subnet(PRIVATE[0], "10.3.0.0/24", "10.3.10.0/24"), ATTACHED
            )
            + targets(
                WORKERS, PRIVATE[1:], inside_own_subnet(PRIVATE[1], "10.3.0.0/24", "10.3.11.0/24"), ATTACHED
            ),
            on(WORKERS, "EKS202 EKS203 EKS205"),
            paths=over_the_bastion(*PRIVATE),
            passes=frozenset(("EKS401", subnet) for subnet in PRIVATE),
            moments=BOTH,
        ),
    ),
    "nacl-bastion-wrong-order": (
        Truth(
            tuple(
                target
                for own in PRIVATE
                for target in targets(
                    WORKERS, (own,), inside_own_subnet(own, *ALL_BUT_THE_OTHER[own]), ATTACHED
                )
            ),
            on(WORKERS, "EKS202 EKS203 EKS205") | each("EKS401", *PRIVATE, severity="medium"),
            paths=over_the_bastion(*PRIVATE),
            moments=BOTH,
        ),
    ),
    "node-group-in-public-subnet": (
        Truth(
            targets(
                WORKERS,
                PUBLIC,
                by_cluster_group(*PUBLIC) | vpc("10.0.0.0/16") | internet("0.0.0.0/0"),
                ATTACHED,
            ),
            on(WORKERS, "EKS101 EKS102 EKS201 EKS202 EKS203 EKS205")
            | each("EKS401", *PUBLIC, severity="medium")
            | on(CLUSTER, "EKS501", "high"),
            moments=BOTH,
        ),
    ),
    "private-and-clean": (
        Truth(
            targets(WORKERS, PRIVATE, NOBODY, ATTACHED),
            frozenset(),
            paths=frozenset(),
            passes=frozenset(("EKS401", subnet) for subnet in PRIVATE) | {("EKS501", CLUSTER)},
            moments=BOTH,
        ),
    ),
    "remote-access-open": (
        Truth(
            targets(
                WORKERS,
                PUBLIC,
                by_cluster_group(*PUBLIC) | vpc("10.7.0.0/16") | internet("0.0.0.0/0"),
                CLUSTER_GROUP | REMOTE_ACCESS,
            ),
            on(WORKERS, "EKS101 EKS102 EKS201 EKS202 EKS203 EKS204 EKS205 EKS302")
            | each("EKS401", *PUBLIC, severity="medium"),
            moments=BOTH,
        ),
    ),
    "remote-access-source-groups": (
        Truth(
            targets(
                WORKERS, PRIVATE, by_cluster_group(*PRIVATE) | FROM_THE_BASTION, CLUSTER_GROUP | REMOTE_ACCESS
            ),
            on(WORKERS, "EKS202 EKS203 EKS205 EKS302 EKS303") | each("EKS401", *PRIVATE, severity="medium"),
            paths=over_the_bastion(*PRIVATE),
            moments=BOTH,
        ),
    ),
    "self-managed-asg": (
        Truth(
            targets(
                "aws_autoscaling_group.workers",
                PRIVATE,
                interface("aws_autoscaling_group.workers", *PRIVATE)
                | pods("aws_autoscaling_group.workers", *PRIVATE),
                ATTACHED,
            ),
            on("aws_autoscaling_group.workers", "EKS202")
            | each("EKS401", *PRIVATE, severity="medium")
            | on(CLUSTER, "EKS501", "medium"),
            paths=frozenset(),
            moments=BOTH,
        ),
    ),
    "two-groups-one-reachable-over-ipv6": (two_groups(PLAN), two_groups(APPLIED)),
    "unknown-links": (
        Truth(
            targets(
                FRONT,
                FRONT_SUBNETS,
                internet("0.0.0.0/0")
                | vpc("10.12.0.0/16")
                | interface(FRONT, *FRONT_SUBNETS)
                | interface(BACK, *BACK_SUBNETS)
                | pods(FRONT, *FRONT_SUBNETS)
                | pods(BACK, *BACK_SUBNETS)
                | control_plane(*FRONT_SUBNETS, *BACK_SUBNETS),
                {('aws_security_group.this["open"]', "attached")},
            )
            + targets(BACK, BACK_SUBNETS, NOBODY, {('aws_security_group.this["closed"]', "attached")}),
            on(FRONT, "EKS101 EKS102 EKS201 EKS202 EKS203")
            | each("EKS401", *FRONT_SUBNETS, severity="medium")
            | each("EKS401", *BACK_SUBNETS, severity="low"),
            moments=BOTH,
        ),
    ),
}

# What the plan alone must say where main.tf is not read: "possible", never "blocked" (K5, K6, K17).
EVERYWHERE = ("internet", "vpc", "interface", "pods", "control_plane")


def perhaps(check_ids: str, *resources: str) -> frozenset[tuple[str, str]]:
    """These checks on these resources."""
    return frozenset((name, resource) for name in check_ids.split() for resource in resources)


UNDECIDED: dict[str, Undecided] = {
    "unknown-links": Undecided(
        resources=(FRONT, BACK),
        scopes=EVERYWHERE,
        # Which template, group, subnet and table: nothing is certain of front, nothing is certain of back.
        possible=perhaps("EKS101 EKS102 EKS201 EKS202 EKS203", FRONT, BACK),
        # The template may name groups or none (E5), and one may hold 22 that another opens (EKS303); which
        # subnets nodes land in is not told either (EKS401).
        perhaps=perhaps("EKS205 EKS302 EKS303 EKS401", FRONT, BACK),
    ),
    "module-nested": Undecided(
        resources=(API, BATCH),
        scopes=EVERYWHERE,
        possible=perhaps("EKS101 EKS102 EKS201 EKS202 EKS203", API, BATCH),
        perhaps=perhaps("EKS302 EKS303 EKS401", API, BATCH) | perhaps("EKS401", *EDGE, *CORE),
    ),
}
