"""Hides values of a plan whose every value is known, as Terraform writes what is known only after apply.

What is hidden is a link or an address: the plan then stands for every stack that it may become, and the full
plan is one of them. So no answer about the hidden plan may be definite and different from the full plan's.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple["str | int", ...]

# Attributes that name another object, or an address range, or decide where something is: by type.
# "*" is every element of a list, one at a time; a list without it is hidden as a whole.
HIDEABLE: dict[str, tuple[str, ...]] = {
    "aws_vpc": ("cidr_block",),
    "aws_subnet": ("vpc_id", "cidr_block", "map_public_ip_on_launch", "assign_ipv6_address_on_creation"),
    "aws_internet_gateway": ("vpc_id",),
    "aws_route": (
        "route_table_id",
        "destination_cidr_block",
        "destination_ipv6_cidr_block",
        "gateway_id",
        "vpc_peering_connection_id",
        "transit_gateway_id",
    ),
    "aws_route_table": (
        "route",
        "route.*.cidr_block",
        "route.*.ipv6_cidr_block",
        "vpc_id",
        "propagating_vgws",
        "route.*.vpc_peering_connection_id",
        "route.*.transit_gateway_id",
    ),
    "aws_default_route_table": (
        "route.*.cidr_block",
        "default_route_table_id",
        "route.*.transit_gateway_id",
    ),
    "aws_route_table_association": ("subnet_id", "route_table_id"),
    "aws_main_route_table_association": ("route_table_id", "vpc_id"),
    "aws_network_acl": (
        "subnet_ids",
        "subnet_ids.*",
        "ingress.*.cidr_block",
        "egress.*.cidr_block",
        "vpc_id",
        "ingress.*.rule_no",
        "egress.*.action",
        "ingress",
        "egress.*.ipv6_cidr_block",
    ),
    "aws_default_network_acl": ("ingress.*.cidr_block", "egress.*.cidr_block", "default_network_acl_id"),
    "aws_network_acl_rule": (
        "network_acl_id",
        "cidr_block",
        "ipv6_cidr_block",
        "rule_number",
        "rule_action",
        "egress",
        "from_port",
        "protocol",
    ),
    "aws_network_acl_association": ("subnet_id", "network_acl_id"),
    "aws_ec2_managed_prefix_list": ("entry.*.cidr", "entry"),
    "aws_security_group": (
        "ingress.*.cidr_blocks",
        "ingress.*.cidr_blocks.*",
        "ingress.*.security_groups",
        "egress.*.cidr_blocks",
        "egress.*.security_groups",
        "ingress",
        "ingress.*.prefix_list_ids",
        "vpc_id",
        "ingress.*.self",
        "ingress.*.from_port",
        "ingress.*.protocol",
        "egress.*.ipv6_cidr_blocks",
    ),
    "aws_default_security_group": ("ingress.*.cidr_blocks", "egress.*.cidr_blocks", "vpc_id"),
    "aws_security_group_rule": (
        "security_group_id",
        "cidr_blocks",
        "cidr_blocks.*",
        "ipv6_cidr_blocks",
        "source_security_group_id",
        "type",
        "prefix_list_ids",
        "to_port",
    ),
    "aws_vpc_security_group_ingress_rule": (
        "security_group_id",
        "cidr_ipv4",
        "cidr_ipv6",
        "referenced_security_group_id",
        "prefix_list_id",
        "ip_protocol",
    ),
    "aws_vpc_security_group_egress_rule": (
        "security_group_id",
        "cidr_ipv4",
        "cidr_ipv6",
        "referenced_security_group_id",
        "ip_protocol",
    ),
    "aws_launch_template": (
        "vpc_security_group_ids",
        "network_interfaces.*.security_groups",
        "network_interfaces.*.associate_public_ip_address",
        "network_interfaces.*.ipv6_address_count",
        "vpc_security_group_ids.*",
    ),
    "aws_eks_cluster": ("vpc_config.*.security_group_ids", "vpc_config.*.subnet_ids"),
    "aws_eks_node_group": (
        "subnet_ids",
        "subnet_ids.*",
        "launch_template.*.id",
        "cluster_name",
        "remote_access.*.source_security_group_ids",
        "remote_access.*.source_security_group_ids.*",
        "ami_type",
    ),
    "aws_autoscaling_group": ("vpc_zone_identifier", "vpc_zone_identifier.*", "launch_template.*.id"),
    "aws_instance": ("subnet_id", "vpc_security_group_ids", "vpc_security_group_ids.*", "private_ip"),
    "aws_network_interface": ("subnet_id", "security_groups", "security_groups.*", "private_ip"),
    "aws_network_interface_sg_attachment": ("security_group_id", "network_interface_id"),
    "aws_eip": ("instance", "network_interface"),
    "aws_eip_association": ("instance_id", "network_interface_id"),
    "aws_vpc_peering_connection": ("vpc_id", "peer_vpc_id", "auto_accept", "accept_status", "peer_region"),
    "aws_ec2_transit_gateway": ("default_route_table_association", "security_group_referencing_support"),
    "aws_ec2_transit_gateway_vpc_attachment": (
        "transit_gateway_id",
        "vpc_id",
        "subnet_ids",
        "subnet_ids.*",
        "security_group_referencing_support",
        "transit_gateway_default_route_table_association",
    ),
    "aws_ec2_transit_gateway_route_table": ("transit_gateway_id",),
    "aws_ec2_transit_gateway_route": (
        "destination_cidr_block",
        "transit_gateway_attachment_id",
        "transit_gateway_route_table_id",
        "blackhole",
    ),
    "aws_ec2_transit_gateway_route_table_association": (
        "transit_gateway_attachment_id",
        "transit_gateway_route_table_id",
    ),
    "aws_ec2_transit_gateway_route_table_propagation": (
        "transit_gateway_attachment_id",
        "transit_gateway_route_table_id",
    ),
    "aws_vpn_gateway": ("vpc_id",),
    "aws_vpn_connection": ("vpn_gateway_id", "static_routes_only"),
    "aws_vpn_connection_route": ("destination_cidr_block", "vpn_connection_id"),
    "aws_ec2_client_vpn_endpoint": ("client_cidr_block", "security_group_ids", "security_group_ids.*"),
    "aws_ec2_client_vpn_network_association": ("subnet_id", "client_vpn_endpoint_id"),
    "aws_ec2_client_vpn_authorization_rule": ("target_network_cidr", "client_vpn_endpoint_id"),
    "aws_vpc_ipv4_cidr_block_association": ("cidr_block", "vpc_id"),
    "aws_lb": (
        "internal",
        "subnets",
        "subnets.*",
        "security_groups",
        "security_groups.*",
        "load_balancer_type",
    ),
    "aws_lb_listener": ("load_balancer_arn", "port", "protocol"),
    "aws_lb_target_group": ("port", "protocol", "target_type", "preserve_client_ip"),
    "aws_lb_target_group_attachment": ("target_group_arn", "target_id", "port"),
    "aws_autoscaling_attachment": ("lb_target_group_arn", "autoscaling_group_name"),
    "aws_ec2_instance_connect_endpoint": (
        "subnet_id",
        "security_group_ids",
        "security_group_ids.*",
        "preserve_client_ip",
    ),
    "aws_vpc_block_public_access_options": ("internet_gateway_block_mode",),
    "aws_vpc_block_public_access_exclusion": ("internet_gateway_exclusion_mode", "subnet_id", "vpc_id"),
}
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Spot:
    """One value of a plan: a resource's address and the path in it."""

    address: str
    path: Path

    def __str__(self) -> str:
        return f"{self.address}.{'.'.join(map(str, self.path))}"


def spots(plan: dict[str, Any]) -> list[Spot]:
    """Every value that may be hidden: what is unset stays so, since that is known."""
    found: list[Spot] = []
    for resource in _planned(plan):
        for pattern in HIDEABLE.get(resource["type"], ()):
            paths = _paths(resource["values"], tuple(pattern.split(".")))
            found.extend(Spot(resource["address"], path) for path in paths)
    return sorted(found, key=str)


def chosen(plan: dict[str, Any], seed: int, most: int) -> list[Spot]:
    """One to ``most`` spots, never one inside another; kinds of attributes are drawn evenly."""
    rng = random.Random(f"hiding {seed}")
    by_kind: dict[tuple[str, ...], list[Spot]] = {}
    for spot in spots(plan):
        kind = (spot.address.split(".")[-2], *(str(part) for part in spot.path if isinstance(part, str)))
        by_kind.setdefault(kind, []).append(spot)
    taken: list[Spot] = []
    for _ in range(rng.randint(1, most)):
        if not by_kind:
            break
        spot = rng.choice(by_kind[rng.choice(sorted(by_kind))])
        if not any(_nested(spot, other) for other in taken):
            taken.append(spot)
    return taken


def hide(plan: dict[str, Any], hidden: list[Spot]) -> dict[str, Any]:
    """The plan as it is before that stack is created, with these values known after apply.

    Every hidden top-level argument has an expression that says nothing (a local); what is inside blocks
    leaves no trace in ``configuration``, as with dynamic blocks and attributes written as blocks (K17, K18).
    Links in blocks for which one candidate would be taken (K17) have an expression all the same.
    """
    made = copy.deepcopy(plan)
    made.pop("prior_state", None)
    values = {resource["address"]: resource["values"] for resource in _planned(made)}
    changes = {change["address"]: change["change"] for change in made["resource_changes"]}
    for change in changes.values():
        change.update(actions=["create"], before=None, after_unknown={}, before_sensitive=False)
    for spot in hidden:
        change = changes[spot.address]
        for holder in (values[spot.address], change["after"]):
            _omit(holder, spot.path)
        _mark(change["after_unknown"], change["after"], spot.path)
        expressions = block(made, spot.address)["expressions"]
        if len(spot.path) == 1 or (spot.path[-1] != "id" and spot.path[0] not in BLOCKS):
            expressions[spot.path[0]] = {"references": ["local.hidden"]}
        elif spot.path[-1] == "id":
            expressions[spot.path[0]] = [{"id": {"references": ["local.hidden"]}}]
    return made


BLOCKS = frozenset(
    {"ingress", "egress", "route", "entry", "network_interfaces", "vpc_config", "remote_access"}
)


def _planned(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    modules = [plan["planned_values"]["root_module"]]
    while modules:
        module = modules.pop()
        yield from module.get("resources", [])
        modules.extend(module.get("child_modules", []))


def _paths(value: Any, pattern: tuple[str, ...]) -> Iterator[Path]:
    if not pattern:
        if value not in EMPTY:
            yield ()
        return
    step, rest = pattern[0], pattern[1:]
    steps: list[str | int] = [step]
    if step == "*":
        steps = list(range(len(value))) if isinstance(value, list) else []
    elif not isinstance(value, dict) or step not in value:
        return
    for one in steps:
        yield from ((one, *path) for path in _paths(value[one], rest))


def _nested(one: Spot, other: Spot) -> bool:
    length = min(len(one.path), len(other.path))
    return one.address == other.address and one.path[:length] == other.path[:length]


def _omit(value: Any, path: Path) -> None:
    for step in path[:-1]:
        value = value[step]
    if isinstance(path[-1], int):
        value[path[-1]] = None  # an element leaves a null: its place is how it is told apart
    else:
        value.pop(path[-1], None)


def _mark(unknown: Any, after: Any, path: Path) -> None:
    """Put true at ``path``; lists on the way get one entry per element of the value."""
    for step, following in zip(path, [*path[1:], None], strict=True):
        if following is None:
            unknown[step] = True
        elif isinstance(step, str):
            inside = after.get(step)
            unknown.setdefault(step, [_like(element) for element in inside])
            unknown, after = unknown[step], inside
        else:
            unknown, after = unknown[step], after[step]


def _like(element: Any) -> Any:
    return {} if isinstance(element, dict) else False


def block(plan: dict[str, Any], address: str) -> dict[str, Any]:
    """The block of ``configuration`` that makes this resource."""
    parts = address.split("[")[0] if not address.startswith("module.") else address
    module = plan["configuration"]["root_module"]
    if address.startswith("module."):
        name, _, parts = address.removeprefix("module.").partition(".")
        if "[" in name:
            head, _, tail = address.removeprefix("module.").partition("].")
            name, parts = head.split("[")[0], tail
        module = module["module_calls"][name]["module"]
        parts = parts.split("[")[0]
    block: dict[str, Any] = next(block for block in module["resources"] if block["address"] == parts)
    return block
