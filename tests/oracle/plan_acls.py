"""Network ACLs as a plan document writes them: inline and separate entries, both ways to associate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import World
from .model_network import Acl, AclEntry
from .plan_network import ACCOUNT, arn, common


def acl_resources(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for acl in world.acls:
        if acl.address:
            yield acl.address, _acl(acl, blank)
        for entry in acl.entries:
            if entry.address:
                yield entry.address, _acl_rule(acl, entry, blank)
        for association in acl.associations:
            yield (
                association.address,
                {"id": association.id, "network_acl_id": acl.id, "subnet_id": association.subnet_id},
            )


def _acl(acl: Acl, blank: Any) -> dict:
    subnets = list(acl.subnet_ids)
    if blank.rng.random() < 0.5:  # a refresh shows subnets that aws_network_acl_association brought
        subnets += [association.subnet_id for association in acl.associations]
    values = common(
        blank,
        id=acl.id,
        arn=arn("ec2", "network-acl", acl.id),
        vpc_id=acl.vpc_id,
        owner_id=ACCOUNT,
        subnet_ids=blank.items(subnets),
    )
    for name, egress in (("ingress", False), ("egress", True)):
        values[name] = blank.items(
            [
                _inline_entry(entry, blank)
                for entry in acl.entries
                if entry.egress is egress and not entry.address
            ]
        )
    if acl.kind == "default":
        values["default_network_acl_id"] = acl.id
    return values


def _inline_entry(entry: AclEntry, blank: Any) -> dict:
    icmp = {"icmp_type": entry.icmp_type, "icmp_code": entry.icmp_code}
    return {
        "rule_no": entry.number,
        "action": _action(entry, blank),
        "protocol": entry.protocol,
        "from_port": entry.from_port,
        "to_port": entry.to_port,
        **_entry_cidrs(entry, blank),
        **{name: blank.rng.choice([None, 0]) if value is None else value for name, value in icmp.items()},
    }


def _acl_rule(acl: Acl, entry: AclEntry, blank: Any) -> dict:
    return {
        "id": entry.id,
        "network_acl_id": acl.id,
        "rule_number": entry.number,
        "egress": blank.flag(entry.egress),
        "protocol": entry.protocol,
        "rule_action": _action(entry, blank),
        "from_port": entry.from_port,
        "to_port": entry.to_port,
        **_entry_cidrs(entry, blank),
        "icmp_type": entry.icmp_type,
        "icmp_code": entry.icmp_code,
    }


def _action(entry: AclEntry, blank: Any) -> str:
    action = "allow" if entry.allow else "deny"
    return action.upper() if blank.rng.random() < 0.05 else action


def _entry_cidrs(entry: AclEntry, blank: Any) -> dict:
    v6 = ":" in entry.cidr
    return {
        "cidr_block": blank.text(None if v6 else entry.cidr),
        "ipv6_cidr_block": blank.text(entry.cidr if v6 else None),
    }
