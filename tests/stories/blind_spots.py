"""Contents on which Checkov 3.3.30 answers differently, transcribed from the heads of their ``main.tf``.

One case for every row of the regression table but the two about endpoint CIDRs, which EKS309's fixtures have.
``handmade-sg-rule-key-absent`` has the truth of ``sg-rule-null-prefix-lists``: its ``make.py`` says why.
"""

from __future__ import annotations

from tests.stories.truths import (
    NOBODY,
    POSSIBLE,
    Findings,
    Said,
    Target,
    Truth,
    control_plane,
    each,
    interface,
    internet,
    on,
    pods,
    targets,
    vpc,
)

M = "module.world"
WORKERS, CLUSTER, VPC = f"{M}.aws_eks_node_group.workers[0]", f"{M}.aws_eks_cluster.this", f"{M}.aws_vpc.this"
PUBLIC = (f"{M}.aws_subnet.public[0]", f"{M}.aws_subnet.public[1]")
SSH, TWO_CARDS = "aws_eks_node_group.ssh", "aws_eks_node_group.two_cards"
OWN_BLOCK = {PUBLIC[0]: "10.0.0.0/24", PUBLIC[1]: "10.0.1.0/24"}
ATTACHED = {("aws_security_group.node", "attached")}
WORLD = "0.0.0.0/0"
ACL = each("EKS401", *PUBLIC, severity="medium")


def inside(group: str, *subnets: str) -> set[Said]:
    """Its nodes, their pods and the control plane, in these subnets."""
    return interface(group, *subnets) | pods(group, *subnets) | control_plane(*subnets, at=CLUSTER)


def anybody(group: str) -> set[Said]:
    """The internet, the VPC, and everything in it."""
    return internet(WORLD) | vpc("10.0.0.0/16", at=VPC) | inside(group, *PUBLIC)


def opened(groups: set[tuple[str, str]]) -> Truth:
    """Port 22 is open to the world: what most rows are about."""
    return Truth(
        targets(WORKERS, PUBLIC, anybody(WORKERS), groups),
        on(WORKERS, "EKS101 EKS102 EKS201 EKS202 EKS203") | ACL,
    )


def denied_by_the_acl() -> Truth:
    """Nothing enters the subnet on 22; inside a subnet no network ACL is read (B1). EKS401 passes."""
    return Truth(
        tuple(target for own in PUBLIC for target in _own_subnet_only(own)),
        on(WORKERS, "EKS101 EKS102 EKS202 EKS203"),
        paths=frozenset(),
        passes=frozenset(("EKS401", subnet) for subnet in PUBLIC),
    )


def _own_subnet_only(own: str) -> tuple[Target, ...]:
    return targets(WORKERS, (own,), inside(WORKERS, own) | vpc(OWN_BLOCK[own], at=VPC), ATTACHED)


def opened_by_eks() -> Truth:
    """remote_access without source groups: EKS opens 22 to the world (E6) beside the cluster group (E5)."""
    fails = on(SSH, "EKS101 EKS102 EKS201 EKS202 EKS203 EKS204 EKS205 EKS302") | ACL
    return Truth(targets(SSH, PUBLIC, anybody(SSH), {(CLUSTER, "cluster"), (SSH, "remote_access")}), fails)


def _possible() -> set[Said]:
    """Whoever has the address that an Elastic IP will be."""
    return (
        internet(WORLD, verdict=POSSIBLE)
        | vpc("10.0.0.0/16", at=VPC, verdict=POSSIBLE)
        | interface(WORKERS, *PUBLIC, verdict=POSSIBLE)
        | pods(WORKERS, *PUBLIC, verdict=POSSIBLE)
        | control_plane(*PUBLIC, at=CLUSTER, verdict=POSSIBLE)
    )


NO_EGRESS_BETWEEN_NODES: Findings = on(WORKERS, "EKS101 EKS102 EKS201 EKS203") | ACL

BLIND_SPOTS: dict[str, tuple[Truth, ...]] = {
    "default-nacl-open": (opened(ATTACHED),),
    "default-sg-open": (opened({("aws_default_security_group.this", "default")}),),
    "handmade-sg-rule-key-absent": (opened(ATTACHED),),
    "nacl-all-ports": (opened(ATTACHED),),
    "nacl-rule-all-ports": (opened(ATTACHED),),
    "nacl-rule-deny-first": (denied_by_the_acl(),),
    "nacl-udp-22": (denied_by_the_acl(),),
    "remote-access-empty-sources": (opened_by_eks(),),
    "remote-access-null-sources": (opened_by_eks(),),
    "sg-cidr-beside-prefix-list": (opened(ATTACHED),),
    "sg-rule-null-prefix-lists": (opened(ATTACHED),),
    "sg-self-rule-first": (opened(ATTACHED),),
    "sg-two-halves": (opened(ATTACHED),),
    "sg-udp-22": (
        Truth(
            targets(WORKERS, PUBLIC, NOBODY, ATTACHED),
            on(WORKERS, "EKS101 EKS102") | each("EKS401", *PUBLIC, severity="low"),
            paths=frozenset(),
        ),
    ),
    "sg-unknown-cidr": (
        Truth(
            targets(WORKERS, PUBLIC, _possible(), ATTACHED),
            # Nothing inside the VPC reaches 22 for certain: EKS401 stays low.
            on(WORKERS, "EKS101 EKS102") | each("EKS401", *PUBLIC, severity="low"),
            possible=on(WORKERS, "EKS201 EKS202 EKS203"),
        ),
    ),
    "template-second-interface-public": (
        Truth(
            targets(
                TWO_CARDS,
                PUBLIC,
                vpc("10.0.0.0/16", at=VPC) | inside(TWO_CARDS, *PUBLIC),
                ATTACHED,
                latent={(WORLD, "public_address")},
            ),
            # With two interfaces no public address is assigned (D3): the internet is latent, one step lower.
            on(TWO_CARDS, "EKS101 EKS202 EKS203") | on(TWO_CARDS, "EKS201", "high") | ACL,
            paths=frozenset(),
        ),
    ),
    "vpc-rule-all-protocols": (
        Truth(
            # The group has no outbound rule: no node and no pod gets out (A2, A3).
            targets(
                WORKERS,
                PUBLIC,
                internet(WORLD) | vpc("10.0.0.0/16", at=VPC) | control_plane(*PUBLIC, at=CLUSTER),
                ATTACHED,
            ),
            NO_EGRESS_BETWEEN_NODES,
            paths=frozenset(),
        ),
    ),
    "vpc-rule-ipv6-world": (
        Truth(
            targets(
                WORKERS,
                PUBLIC,
                internet("::/0") | vpc(f"{VPC}.ipv6_cidr_block", at=VPC),
                ATTACHED,
                family="ipv6",
            )
            + targets(WORKERS, PUBLIC, NOBODY, ATTACHED),
            NO_EGRESS_BETWEEN_NODES,
            paths=frozenset(),
        ),
    ),
}
