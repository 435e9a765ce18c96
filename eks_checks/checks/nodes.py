"""The EKS nodes of an estate as checks see them: interfaces by what creates them."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.internet_routes import InternetRoutes
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Subnet
from eks_checks.checks.phrases import said_by
from eks_checks.findings import Evidence

NODE_TYPES = (
    "aws_eks_node_group",
    "aws_autoscaling_group",
    "aws_instance",
    "aws_network_interface",
    "aws_eks_cluster",
    "aws_batch_compute_environment",
    "aws_ec2_fleet",
    "aws_spot_fleet_request",
    "aws_spot_instance_request",
    "helm_release",
    "kubectl_manifest",
    "kubernetes_manifest",
)
"""The Terraform types that a finding about nodes may have."""


def node_groups(estate: Estate) -> Iterator[tuple[str, tuple[Interface, ...]]]:
    """(resource, its node interfaces) for whatever creates EKS nodes, in order of the address."""
    found: dict[str, list[Interface]] = {}
    for interface in estate.node_interfaces():
        found.setdefault(interface.resource, []).append(interface)
    for resource in sorted(found):
        yield resource, tuple(found[resource])


def subnet_of(estate: Estate, interface: Interface) -> Subnet | None:
    """The subnet the interface is in, where the inputs tell."""
    return estate.subnets.get(interface.subnet or "")


def routes_in_force(found: InternetRoutes, subnet: Subnet) -> tuple[Evidence, ...]:
    """The routes to an internet gateway that are, or may be, in force for ``subnet``, as evidence."""
    force = "in force" if found.truth.surely else "perhaps in force"
    return tuple(said_by(route.origin, f"{force} for {subnet.resource}") for route in found.routes)


def doubts(interface: Interface) -> tuple[Cause, ...]:
    """Why it is not sure that this is a node, or that it lands in this subnet; empty where it is."""
    if interface.node.surely and interface.certain:
        return ()
    causes = (*interface.node.causes, *interface.causes)
    return causes or (Cause(interface.resource, "subnet", "whether a node lands there is not known"),)
