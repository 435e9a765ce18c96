"""Which attributes of the AWS resources the tool reads are links: they name other objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eks_checks.aws.attributes import NATURAL
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Path

ALSO_READ = frozenset(
    {
        "aws_autoscaling_attachment",
        "aws_ec2_instance_connect_endpoint",
        "aws_ec2_managed_prefix_list_entry",
        "aws_ec2_transit_gateway_vpc_attachment",
        "aws_eip_association",
        "aws_eks_access_entry",
        "aws_eks_access_policy_association",
        "aws_eks_addon",
        "aws_eks_fargate_profile",
        "aws_internet_gateway_attachment",
        "aws_lb",
        "aws_lb_target_group_attachment",
        "aws_main_route_table_association",
        "aws_network_acl_association",
        "aws_network_acl_rule",
        "aws_network_interface_sg_attachment",
        "aws_route",
        "aws_route_table_association",
        "aws_security_group_rule",
        "aws_vpc_block_public_access_exclusion",
        "aws_vpc_endpoint_route_table_association",
        "aws_vpc_ipv4_cidr_block_association",
        "aws_vpc_ipv6_cidr_block_association",
        "aws_vpc_peering_connection_accepter",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_vpc_association",
        "aws_vpn_gateway_attachment",
        "aws_vpn_gateway_route_propagation",
    }
)
"""Types that are read beside those that are objects with an identity of their own."""

ENDINGS = ("_id", "_ids", "_arn", "_arns")
NAMES = frozenset(
    {
        "autoscaling_group_name",
        "cluster_name",
        "instance",
        "launch_configuration",
        "network_interface",
        "propagating_vgws",
        "role",
        "security_groups",
        "source_security_group_ids",
        "subnets",
        "target_key",
        "vpc_zone_identifier",
    }
)
IN_TEMPLATE = {
    "launch_template": ("id", "name", "version"),
    "launch_template_specification": ("launch_template_name", "version"),
}
"""In these blocks these are links too: which template, and which of its versions."""

BLOCKS = frozenset({"ingress", "egress", "route", "network_interfaces", "launch_template", "vpc_config"})
"""Blocks that hold links: where one is unknown as a whole, so are its links."""


def is_read(resource: Resource) -> bool:
    """Whether the resource is of a type that the tool reads."""
    return resource.type in NATURAL or resource.type in ALSO_READ


def unknown_links(resource: Resource) -> Iterator[Path]:
    """The paths of the unknown link attributes; a list counts once, however many members are unknown."""
    values, unknown = resource.raw()
    yield from _below((), values, unknown)


def is_whole_block(path: Path) -> bool:
    """Whether the path is that of blocks unknown as a whole."""
    return path[-1] in BLOCKS


def _below(path: Path, values: Any, unknown: Any) -> Iterator[Path]:
    if isinstance(unknown, dict):
        for name in sorted(unknown):
            yield from _attribute((*path, name), _part(values, name), unknown[name])
    elif isinstance(unknown, list):
        for index, part in enumerate(unknown):
            yield from _below((*path, index), _part(values, index), part)


def _attribute(path: Path, values: Any, unknown: Any) -> Iterator[Path]:
    if _is_link(path) and not _are_blocks(unknown):
        if _any(unknown):
            yield path
    elif unknown is True:
        if path[-1] in BLOCKS:
            yield path
    else:
        yield from _below(path, values, unknown)


def _is_link(path: Path) -> bool:
    names = [step for step in path if isinstance(step, str)]
    name = names[-1]
    if len(names) > 1 and name in IN_TEMPLATE.get(names[-2], ()):
        return True
    return name in NAMES or name.endswith(ENDINGS)


def _are_blocks(unknown: Any) -> bool:
    """Whether a name that is a link elsewhere is that of blocks here: ``aws_instance.network_interface``."""
    return isinstance(unknown, list) and any(isinstance(part, dict) for part in unknown)


def _any(unknown: Any) -> bool:
    if isinstance(unknown, (dict, list)):
        return any(_any(part) for part in (unknown.values() if isinstance(unknown, dict) else unknown))
    return unknown is True


def _part(values: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return values.get(step) if isinstance(values, dict) else None
    return values[step] if isinstance(values, list) and step < len(values) else None
