"""EC2 Instance Connect Endpoints (fact I12)."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.knowledge import NO, YES, Cause, Truth, just
from eks_checks.aws.load_balancing import ConnectEndpoint
from eks_checks.aws.lower.context import Lowering, cause, left_out
from eks_checks.aws.lower.nodes import Scene, default_groups
from eks_checks.aws.lower.templates import or_default
from eks_checks.aws.vpc import Subnet
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import scalar

ENDPOINT = "aws_ec2_instance_connect_endpoint"


def lower_connect_endpoints(run: Lowering, scene: Scene) -> Iterator[ConnectEndpoint]:
    """Every endpoint of the inputs."""
    for resource in run.world.resources(ENDPOINT):
        where = run.link(resource, "subnet", "subnet_id")
        subnet = scene.subnets.get(where.exact or "")
        named = run.links(resource, "security_group", "security_group_ids")
        v4, v6 = _families(resource, subnet)
        yield ConnectEndpoint(
            key=resource.key,
            resource=resource.key,
            subnets=just(where),
            groups=or_default(named, default_groups(subnet)),
            preserves=_preserves(run, resource),
            ipv4=v4,
            ipv6=v6,
            doubts=run.doubts(resource),
            location=resource.location,
        )


def _preserves(run: Lowering, resource: Resource) -> Truth:
    value = resource.value("preserve_client_ip")
    if left_out(value):
        # NOTE: AWS's pages contradict each other about the default (I12).
        why = "left out, and AWS's documentation names both values as the default"
        return Truth(None, (Cause(resource.key, "preserve_client_ip", why),))
    return run.truth(resource, "preserve_client_ip")


def _families(resource: Resource, subnet: Subnet | None) -> tuple[Truth, Truth]:
    value = resource.value("ip_address_type")
    if left_out(value):
        # AWS then goes by the subnet: one without an IPv6 block gives IPv4 alone.
        bare = subnet is not None and not subnet.addresses("ipv6") and "ipv6" not in subnet.unknown_block
        return YES, NO if bare else Truth(None, (Cause(resource.key, "ip_address_type", "left to AWS"),))
    known = scalar(value)
    if known is None:
        unclear = Truth(None, (cause(resource, ("ip_address_type",), value),))
        return unclear, unclear
    return (NO if known == "ipv6" else YES), (NO if known == "ipv4" else YES)
