"""Existing stacks that echo the rules of separate resources (K14), transcribed from each ``story.md``."""

from __future__ import annotations

from tests.stories.truths import (
    NOBODY,
    Said,
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

WORKERS = "aws_eks_node_group.workers"
PUBLIC = ("aws_subnet.public[0]", "aws_subnet.public[1]")
OWN_BLOCK = {PUBLIC[0]: "10.20.0.0/24", PUBLIC[1]: "10.20.1.0/24"}
ATTACHED = {("aws_security_group.node", "attached")}
WORLD = "0.0.0.0/0"
ACL = each("EKS401", *PUBLIC, severity="medium")


def inside(*subnets: str) -> set[Said]:
    """Nodes, their pods and the control plane in these subnets."""
    return interface(WORKERS, *subnets) | pods(WORKERS, *subnets) | control_plane(*subnets)


def opened() -> Truth:
    """Port 22 is open to everybody."""
    return Truth(
        targets(WORKERS, PUBLIC, internet(WORLD) | vpc("10.20.0.0/16") | inside(*PUBLIC), ATTACHED),
        on(WORKERS, "EKS101 EKS102 EKS201 EKS202 EKS203") | ACL,
    )


def from_the_vpc() -> Truth:
    """Only the VPC's own rule counts."""
    return Truth(
        targets(WORKERS, PUBLIC, vpc("10.20.0.0/16") | inside(*PUBLIC), ATTACHED),
        on(WORKERS, "EKS101 EKS102 EKS202 EKS203") | ACL,
        paths=frozenset(),
    )


def from_the_first_subnet() -> Truth:
    """Only 10.20.0.0/24, which is public[0], is admitted."""
    return Truth(
        targets(WORKERS, PUBLIC, vpc("10.20.0.0/24") | inside(PUBLIC[0]), ATTACHED),
        on(WORKERS, "EKS101 EKS102 EKS202 EKS203") | ACL,
        paths=frozenset(),
    )


ECHOES: dict[str, tuple[Truth, ...]] = {
    "nacl-deny-deleted": (opened(),),
    "nacl-rule-unchanged": (
        Truth(
            tuple(
                target
                for own in PUBLIC
                for target in targets(WORKERS, (own,), inside(own) | vpc(OWN_BLOCK[own]), ATTACHED)
            ),
            on(WORKERS, "EKS101 EKS102 EKS202 EKS203"),
            paths=frozenset(),
            passes=frozenset(("EKS401", subnet) for subnet in PUBLIC),
        ),
    ),
    "route-deleted": (
        Truth(
            targets(
                WORKERS, PUBLIC, vpc("10.20.0.0/16") | inside(*PUBLIC), ATTACHED, latent={(WORLD, "route")}
            ),
            # The public address stays (EKS102), no route is left, the internet is latent: one step lower.
            on(WORKERS, "EKS202 EKS203")
            | on(WORKERS, "EKS102", "medium")
            | on(WORKERS, "EKS201", "high")
            | ACL,
            paths=frozenset(),
            passes=frozenset({("EKS101", WORKERS)}),
        ),
    ),
    "route-unchanged": (opened(),),
    "sg-foreign-rule-beside-echo": (opened(),),
    "sg-inline-beside-echo": (from_the_vpc(),),
    "sg-inline-changed-beside-rule": (from_the_first_subnet(),),
    "sg-rule-deleted": (
        Truth(
            targets(WORKERS, PUBLIC, NOBODY, ATTACHED),
            on(WORKERS, "EKS101 EKS102") | each("EKS401", *PUBLIC, severity="low"),
            paths=frozenset(),
        ),
    ),
    "sg-rule-narrowed": (from_the_first_subnet(),),
    "sg-rule-unchanged": (opened(),),
}
