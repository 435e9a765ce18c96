"""Resource types that can affect reachability but are not modelled yet, and what that means for verdicts."""

from __future__ import annotations

from eks_checks.aws.estate import Unmodelled
from eks_checks.terraform.world import World

_CROSSED = "routes to it give possible sources; what lies behind it is not followed"
_HOP = "a path through it is not followed: sources that come this way are not listed"
_POD = "pods are taken to share the node's groups and subnets"
_NODES = "nodes it makes are not listed"

EFFECTS = {
    "aws_vpc_peering_connection": _CROSSED,
    "aws_vpc_peering_connection_accepter": _CROSSED,
    "aws_ec2_transit_gateway": _CROSSED,
    "aws_ec2_transit_gateway_vpc_attachment": _CROSSED,
    "aws_ec2_transit_gateway_peering_attachment": _CROSSED,
    "aws_vpn_gateway": _CROSSED,
    "aws_vpn_connection": _CROSSED,
    "aws_dx_gateway_association": _CROSSED,
    "aws_ec2_client_vpn_endpoint": _HOP,
    "aws_networkmanager_core_network": _CROSSED,
    "aws_ec2_carrier_gateway": _CROSSED,
    "aws_ec2_local_gateway_route": _CROSSED,
    "aws_networkfirewall_firewall": "a path through it counts as possible, never as blocked by it",
    "aws_vpclattice_service_network_vpc_association": _HOP,
    "aws_vpc_security_group_vpc_association": "a group's use in a second VPC is not checked",
    "aws_vpc_security_group_rules_exclusive": "rules it would remove still count",
    "aws_eks_addon": _POD,
    "helm_release": _POD + "; network policies and node classes it installs are not read",
    "kubectl_manifest": _POD + "; network policies and node classes in it are not read",
    "kubernetes_manifest": _POD + "; network policies and node classes in it are not read",
    "aws_spot_fleet_request": _NODES,
    "aws_ec2_fleet": _NODES,
}


def unmodelled(world: World) -> tuple[Unmodelled, ...]:
    """The types of ``EFFECTS`` met in ``world``, each with its resources and the effect on verdicts."""
    found = [
        Unmodelled(type_, tuple(resource.key for resource in world.resources(type_)), EFFECTS[type_])
        for type_ in sorted(EFFECTS)
        if world.resources(type_)
    ]
    return tuple(found)
