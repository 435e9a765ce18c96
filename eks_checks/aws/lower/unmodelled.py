"""Resource types that can affect reachability but are not modelled yet, and what that means for verdicts."""

from __future__ import annotations

from eks_checks.aws.estate import Unmodelled
from eks_checks.aws.lower.context import left_out
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import scalar
from eks_checks.terraform.world import World

_CROSSED = "routes to it give possible sources; what lies behind it is not followed"
_HOP = "a path through it is not followed: sources that come this way are not listed"
_POD = "pods are taken to share the node's groups and subnets"
_NODES = "nodes it makes are not listed"
_BALANCERS = "the load balancers that the cluster makes for it are not listed, nor are clients that use them"
_MANIFEST = _POD + "; network policies, node classes and Services with load balancers in it are not read"

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
    "kubectl_manifest": _MANIFEST,
    "kubernetes_manifest": _MANIFEST,
    "kubernetes_ingress": _BALANCERS,
    "kubernetes_ingress_v1": _BALANCERS,
    "aws_vpc_endpoint_service": _HOP,
    "aws_spot_fleet_request": _NODES,
    "aws_ec2_fleet": _NODES,
}


def unmodelled(world: World) -> tuple[Unmodelled, ...]:
    """The types of ``EFFECTS`` met in ``world``, each with its resources and the effect on verdicts."""
    balanced = tuple(r.key for r in world.resources(*_SERVICES) if _balanced(r))
    gateways = tuple(r.key for r in world.resources("aws_lb", "aws_alb") if _gateway(r))
    auto = tuple(r.key for r in world.resources("aws_eks_cluster") if _auto_mode(r))
    found = [Unmodelled("aws_eks_cluster.compute_config", auto, _AUTO)] if auto else []
    found += [Unmodelled("kubernetes_service", balanced, _BALANCERS)] if balanced else []
    found += [Unmodelled("aws_lb (gateway)", gateways, _HOP)] if gateways else []
    found += [
        Unmodelled(type_, tuple(resource.key for resource in world.resources(type_)), EFFECTS[type_])
        for type_ in sorted(EFFECTS)
        if world.resources(type_)
    ]
    return tuple(sorted(found, key=lambda entry: entry.type))


_AUTO = "nodes that Auto Mode makes are not listed; they have no SSH server (H5), other ports count"


def _auto_mode(cluster: Resource) -> bool:
    value = cluster.value("compute_config", 0, "enabled")
    return not left_out(value) and scalar(value) is not False


_SERVICES = ("kubernetes_service", "kubernetes_service_v1")


def _balanced(service: Resource) -> bool:
    """Whether the Service has a load balancer, or may have."""
    value = service.value("spec", 0, "type")
    return not left_out(value) and scalar(value) in ("LoadBalancer", None)


def _gateway(balancer: Resource) -> bool:
    return scalar(balancer.value("load_balancer_type")) == "gateway"
