"""Security groups as a plan document writes them: inline rules and both kinds of separate ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import World
from .model_eks import GroupRule, SecurityGroup
from .plan_network import ACCOUNT, arn, common


def group_resources(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for group in world.groups:
        if group.address:
            yield group.address, _group(group, blank)
        for rule in group.rules:
            if rule.form == "rule":
                yield rule.address, _separate_rule(group, rule, blank)
            elif rule.form == "vpc_rule":
                yield rule.address, _vpc_rule(group, rule, blank)


def _group(group: SecurityGroup, blank: Any) -> dict:
    values = common(
        blank,
        id=group.id,
        arn=arn("ec2", "security-group", group.id),
        vpc_id=group.vpc_id,
        name="default" if group.kind == "default" else f"group-{group.id[-6:]}",
        name_prefix="",
        description="Managed by Terraform",
        owner_id=ACCOUNT,
        revoke_rules_on_delete=False,
    )
    for direction in ("ingress", "egress"):
        values[direction] = blank.items(
            [
                _inline_rule(rule, blank)
                for rule in group.rules
                if rule.form == "inline" and rule.direction == direction
            ]
        )
    return values


def _by_family(cidrs: list[str], blank: Any) -> dict:
    return {
        "cidr_blocks": blank.items([text for text in cidrs if ":" not in text]),
        "ipv6_cidr_blocks": blank.items([text for text in cidrs if ":" in text]),
    }


def _inline_rule(rule: GroupRule, blank: Any) -> dict:
    return {
        **_by_family(rule.cidrs, blank),
        "prefix_list_ids": blank.items(rule.prefix_lists),
        "security_groups": blank.items(rule.groups),
        "self": blank.flag(rule.own_members),
        "description": "",
        "protocol": rule.protocol,
        "from_port": rule.from_port,
        "to_port": rule.to_port,
    }


def _separate_rule(group: SecurityGroup, rule: GroupRule, blank: Any) -> dict:
    return {
        "id": rule.id,
        "security_group_id": group.id,
        "type": rule.direction,
        **_by_family(rule.cidrs, blank),
        "prefix_list_ids": blank.items(rule.prefix_lists),
        "self": blank.flag(rule.own_members),
        "source_security_group_id": rule.groups[0] if rule.groups else None,
        "description": None,
        "protocol": rule.protocol,
        "from_port": rule.from_port,
        "to_port": rule.to_port,
        "timeouts": None,
    }


def _vpc_rule(group: SecurityGroup, rule: GroupRule, blank: Any) -> dict:
    cidr = rule.cidrs[0] if rule.cidrs else None
    all_protocols = rule.protocol in ("-1", "all")
    return common(
        blank,
        id=rule.id,
        security_group_rule_id=rule.id,
        security_group_id=group.id,
        ip_protocol=rule.protocol,
        cidr_ipv4=cidr if cidr and ":" not in cidr else None,
        cidr_ipv6=cidr if cidr and ":" in cidr else None,
        prefix_list_id=rule.prefix_lists[0] if rule.prefix_lists else None,
        referenced_security_group_id=rule.groups[0] if rule.groups else None,
        description=None,
        from_port=None if all_protocols else rule.from_port,
        to_port=None if all_protocols else rule.to_port,
    )
