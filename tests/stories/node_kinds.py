"""Nodes of every kind, transcribed from the heads of ``tests/fixtures/node-kinds/*/main.tf``."""

from __future__ import annotations

from tests.stories.truths import BOTH, Truth, control_plane, each, interface, internet, on, pods, targets

CLUSTER, BASTION, CLASS = "aws_eks_cluster.this", "aws_instance.bastion", "kubectl_manifest.node_class"
BOTTLEROCKET, LINUX = "aws_autoscaling_group.bottlerocket", "aws_autoscaling_group.linux"
PRIVATE = ("aws_subnet.private[0]", "aws_subnet.private[1]")
PUBLIC = "aws_subnet.public[0]"


def attached(*names: str) -> set[tuple[str, str]]:
    """These groups, named by somebody."""
    return {(f"aws_security_group.{name}", "attached") for name in names}


INSIDE = interface(CLASS, *PRIVATE, PUBLIC) | pods(CLASS, *PRIVATE, PUBLIC) | interface(BASTION, PUBLIC)
DISCOVERED = attached("node", "bastion", "web_admin")
SELF_MANAGED = (
    interface(BOTTLEROCKET, PRIVATE[0])
    | pods(BOTTLEROCKET, PRIVATE[0])
    | interface(LINUX, PRIVATE[1])
    | pods(LINUX, PRIVATE[1])
)

NODE_KINDS = {
    "auto-mode-default-pools": (
        Truth(
            targets(
                CLUSTER,
                PRIVATE,
                interface(CLUSTER, *PRIVATE) | pods(CLUSTER, *PRIVATE) | control_plane(*PRIVATE),
                {(CLUSTER, "cluster")},
            ),
            on(CLUSTER, "EKS202", "low")
            | on(CLUSTER, "EKS302")
            | each("EKS401", *PRIVATE, severity="medium"),
            moments=BOTH,
        ),
    ),
    "auto-mode-node-class": (
        Truth(
            targets(
                CLASS,
                PRIVATE,
                interface(CLASS, *PRIVATE) | pods(CLASS, *PRIVATE),
                attached("node", "support"),
            ),
            on(CLASS, "EKS202", "low")
            | on(CLASS, "EKS303", "medium")
            | each("EKS401", *PRIVATE, severity="medium"),
            moments=BOTH,
        ),
    ),
    "karpenter-discovery": (
        Truth(
            targets(
                CLASS, (PUBLIC,), internet("11.22.33.0/24") | INSIDE, attached("node", "bastion", "web_admin")
            )
            + targets(CLASS, PRIVATE, INSIDE, attached("node", "bastion", "web_admin")),
            on(CLASS, "EKS101 EKS102 EKS201 EKS202 EKS203 EKS303")
            | each("EKS401", *PRIVATE, PUBLIC, severity="medium"),
            moments=BOTH,
        ),
    ),
    "self-managed-by-user-data": (
        Truth(
            targets(BOTTLEROCKET, PRIVATE[:1], SELF_MANAGED, attached("node"))
            + targets(LINUX, PRIVATE[1:], SELF_MANAGED, attached("node")),
            on(BOTTLEROCKET, "EKS202", "low")
            | on(LINUX, "EKS202")
            | each("EKS701", BOTTLEROCKET, LINUX)
            | each("EKS401", *PRIVATE, severity="medium"),
            moments=BOTH,
        ),
    ),
}
