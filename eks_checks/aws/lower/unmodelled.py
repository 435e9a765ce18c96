"""Resource types that can affect reachability but are not modelled yet, and what that means for verdicts."""

from __future__ import annotations

import json

from eks_checks.aws.estate import Unmodelled
from eks_checks.aws.lower.node_class import KARPENTER_CHART, node_classes
from eks_checks.kubernetes.cni import unread_addons
from eks_checks.kubernetes.helm import RAW_CHARTS
from eks_checks.kubernetes.manifest import Contents, Manifest, at
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, is_null, scalar
from eks_checks.terraform.world import World

_CROSSED = "routes to it give possible sources; what lies behind it is not followed"
_BGP = "what the far side announces is not in the inputs: ranges routed there are possible sources"
_HOP = "a path through it is not followed: sources that come this way are not listed"
_TEMPLATE = "what its template makes is not read: rules, routes and interfaces among it do not count"
_BALANCERS = "the load balancers that the cluster makes for it are not listed, nor are clients that use them"

EFFECTS = {
    "aws_dx_gateway_association": _BGP,
    "aws_dx_gateway_association_proposal": _BGP,
    "aws_ec2_transit_gateway_connect": _BGP,
    "aws_networkmanager_core_network": _CROSSED,
    "aws_ec2_carrier_gateway": _CROSSED,
    "aws_ec2_local_gateway_route": _CROSSED,
    "aws_ram_resource_share": "what other accounts attach to what is shared is not in the inputs",
    "aws_networkfirewall_firewall": "a path through it counts as possible, never as blocked by it",
    "aws_vpclattice_service_network_vpc_association": _HOP,
    "aws_vpc_security_group_rules_exclusive": "rules it would remove still count",
    "aws_vpc_endpoint_service": _HOP,
    "aws_api_gateway_vpc_link": _HOP,
    "aws_cloudfront_vpc_origin": _HOP,
    "aws_globalaccelerator_custom_routing_endpoint_group": _HOP,
    "aws_verifiedaccess_endpoint": _HOP,
    "aws_vpclattice_target_group_attachment": _HOP,
    "aws_ec2_transit_gateway_policy_table": _CROSSED,
    "aws_odb_network_peering_connection": _CROSSED,
    "aws_vpc_route_server_propagation": "the routes that its peers announce count as possible",
    "aws_fms_policy": "security groups and network ACLs that it manages are not in the inputs",
    "aws_cloudformation_stack": _TEMPLATE,
    "aws_cloudformation_stack_set": _TEMPLATE,
    "aws_cloudformation_stack_set_instance": _TEMPLATE,
    "aws_cloudformation_stack_instances": _TEMPLATE,
    "aws_servicecatalog_provisioned_product": _TEMPLATE,
    "aws_cloudcontrolapi_resource": "the object it makes is not read",
    "aws_elastic_beanstalk_environment": "its instances, groups and load balancer are not listed",
}

_WAIT_HANDLE = "AWS::CloudFormation::WaitConditionHandle"
_CHART = (
    "what the chart makes by itself is not read: nodes, pods' networks and policies among it are not known"
)
_UNREAD = "it cannot be read: nodes, pods' networks and policies that it may bring are not known"
_READ_CHARTS = frozenset({"aws-vpc-cni", "cilium", KARPENTER_CHART, "karpenter-crd", *RAW_CHARTS})
"""Charts of which is known what they bring, or that bring nothing which counts."""
_CLASSLESS = "no node class of Karpenter is read from the inputs: the nodes that it starts are not known"


def unmodelled(world: World, kubernetes: Contents) -> tuple[Unmodelled, ...]:
    """The types of ``EFFECTS`` met in ``world``, and what of Kubernetes is not read, each with the effect."""
    found: dict[tuple[str, str], list[str]] = {}
    for type_, effect in EFFECTS.items():
        met = [one.key for one in world.resources(type_) if not _makes_nothing(one)]
        if met:
            found[type_, effect] = met
    classless = all(one.auto for one in node_classes(kubernetes))
    for release in kubernetes.releases:
        if release.chart not in _READ_CHARTS:
            found.setdefault(("helm_release", _CHART), []).append(release.resource)
        elif release.chart == KARPENTER_CHART and classless:
            # NOTE: which subnets and groups its nodes get is told by node classes alone, and those are
            # often applied by hand once Karpenter runs (H1, H4).
            found.setdefault(("helm_release", _CLASSLESS), []).append(release.resource)
    for note in (*kubernetes.unread, *unread_addons(world)):
        holder = world.get(note.resource)
        if holder is not None:
            listed = found.setdefault((holder.type, _UNREAD), [])
            listed += [note.resource] if note.resource not in listed else []
    for (type_, effect), resources in _balancers(world, kubernetes).items():
        found.setdefault((type_, effect), []).extend(resources)
    return tuple(Unmodelled(type_, tuple(found[type_, effect]), effect) for type_, effect in sorted(found))


def _makes_nothing(resource: Resource) -> bool:
    """Whether it is a stack of wait handles alone: modules create such stacks to count who uses them."""
    body = scalar(resource.value("template_body")) if resource.type == "aws_cloudformation_stack" else None
    try:
        template = json.loads(body) if isinstance(body, str) else None
    except (ValueError, RecursionError):
        return False
    made = template.get("Resources") if isinstance(template, dict) and "Transform" not in template else None
    return isinstance(made, dict) and all(
        isinstance(one, dict) and one.get("Type") == _WAIT_HANDLE for one in made.values()
    )


def _balancers(world: World, kubernetes: Contents) -> dict[tuple[str, str], list[str]]:
    """Gateway Load Balancers, and the objects for which a cluster makes load balancers by itself."""
    found: dict[tuple[str, str], list[str]] = {}
    gateways = [r.key for r in world.resources("aws_lb", "aws_alb") if _gateway(r)]
    if gateways:
        found["aws_lb (gateway)", _HOP] = gateways
    services = [one for one in kubernetes.of("Service", "") if _balanced(one)]
    for one in (*services, *kubernetes.of("Ingress", "networking.k8s.io", "extensions")):
        holder = world.get(one.resource)
        if holder is not None:
            found.setdefault((holder.type, _BALANCERS), []).append(one.resource)
    return {key: list(dict.fromkeys(resources)) for key, resources in found.items()}


def _balanced(service: Manifest) -> bool:
    """Whether the Service has a load balancer, or may have."""
    kind = at(service.body, "spec", "type")
    return kind == Known("LoadBalancer") or not (is_null(kind) or isinstance(kind, Known))


def _gateway(balancer: Resource) -> bool:
    return scalar(balancer.value("load_balancer_type")) == "gateway"
