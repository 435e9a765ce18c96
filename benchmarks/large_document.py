"""Resources with references between them, as a plan document: of a new stack, or of one that is applied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PROVIDER = "registry.terraform.io/hashicorp/aws"
TERRAFORM = "1.11.4"
COMPUTED: dict[str, tuple[str, ...]] = {
    "aws_vpc": ("default_security_group_id", "default_network_acl_id", "main_route_table_id"),
    "aws_instance": ("private_ip", "primary_network_interface_id"),
    "aws_network_interface": ("private_ips",),
}
"""What AWS chooses at apply beside ``id`` and ``arn``; left out where the stack is applied."""
APPLIED: dict[str, dict[str, Any]] = {"aws_launch_template": {"default_version": 1, "latest_version": 1}}
"""What a stack that is applied shows besides, where it decides an answer."""


@dataclass(frozen=True)
class Ref:
    """The id of another resource of the same world."""

    address: str

    @property
    def id(self) -> str:
        """The id that the resource gets at apply."""
        kind = self.address.partition(".")[0].removeprefix("aws_").replace("_", "-")
        return f"{_PREFIX.get(kind, kind)}-{hashlib.sha1(self.address.encode()).hexdigest()[:17]}"


_PREFIX = {
    "security-group": "sg",
    "network-acl": "acl",
    "route-table": "rtb",
    "internet-gateway": "igw",
    "nat-gateway": "nat",
    "network-interface": "eni",
    "launch-template": "lt",
    "instance": "i",
}


@dataclass(frozen=True)
class Written:
    """One resource as it is written: plain values, and references wherever it names another."""

    type: str
    name: str
    values: dict[str, Any]

    @property
    def address(self) -> str:
        """Terraform's address."""
        return f"{self.type}.{self.name}"


def document(resources: Iterable[Written], *, known: bool) -> dict[str, Any]:
    """The plan that creates the resources; with ``known`` the plan that changes nothing of them any more."""
    made = list(resources)
    shown = [_planned(resource, known=known) for resource in made]
    plan: dict[str, Any] = {
        "format_version": "1.2",
        "terraform_version": TERRAFORM,
        "planned_values": {"root_module": {"resources": [entry for entry, _ in shown]}},
        "resource_changes": [_change(entry, unknown, known=known) for entry, unknown in shown],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": PROVIDER}},
            "root_module": {"resources": [_configured(resource) for resource in made]},
        },
        "complete": True,
        "errored": False,
    }
    if known:
        state = {"root_module": {"resources": [entry for entry, _ in shown]}}
        plan["prior_state"] = {"format_version": "1.0", "terraform_version": TERRAFORM, "values": state}
    return plan


def _planned(resource: Written, *, known: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """The resource in ``planned_values``, and its ``after_unknown``."""
    identity = {"address": resource.address, "mode": "managed", "type": resource.type, "name": resource.name}
    values: dict[str, Any] = {"tags": None}
    unknown: dict[str, Any] = {}
    for name, value in resource.values.items():
        if known:
            values[name] = _applied(value)
        else:
            _split(name, value, values, unknown)
    if known:
        own = Ref(resource.address).id
        values.update(APPLIED.get(resource.type, {}))
        values.update(id=own, arn=f"arn:aws:service:eu-west-1:123456789012:{resource.name}/{own}")
    else:
        unknown.update(dict.fromkeys(("id", "arn", *COMPUTED.get(resource.type, ())), True))
    provided = {"provider_name": PROVIDER, "schema_version": 1, "values": values, "sensitive_values": {}}
    return {**identity, **provided}, unknown


def _applied(value: Any) -> Any:
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, list):
        return [_applied(item) for item in value]
    return {key: _applied(item) for key, item in value.items()} if isinstance(value, dict) else value


def _split(name: str, value: Any, values: dict[str, Any], unknown: dict[str, Any]) -> None:
    """What is known of an argument goes to ``values``, the rest to ``unknown``: of a list, its length is."""
    if isinstance(value, Ref):
        unknown[name] = True
    elif isinstance(value, list) and any(isinstance(item, Ref) for item in value):
        values[name], unknown[name] = [None for _ in value], [True for _ in value]
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        blocks: list[tuple[dict[str, Any], dict[str, Any]]] = [({}, {}) for _ in value]
        for block, (inner, hidden) in zip(value, blocks, strict=True):
            for key, item in block.items():
                _split(key, item, inner, hidden)
        values[name] = [inner for inner, _ in blocks]
        if any(hidden for _, hidden in blocks):
            unknown[name] = [hidden for _, hidden in blocks]
    else:
        values[name] = value


def _change(entry: dict[str, Any], unknown: dict[str, Any], *, known: bool) -> dict[str, Any]:
    same = ("address", "mode", "type", "name", "provider_name")
    before = entry["values"] if known else None
    change = {"actions": ["no-op" if known else "create"], "before": before, "after": entry["values"]}
    sensitive: dict[str, Any] = {"before_sensitive": {} if known else False, "after_sensitive": {}}
    return {**{key: entry[key] for key in same}, "change": {**change, "after_unknown": unknown, **sensitive}}


def _configured(resource: Written) -> dict[str, Any]:
    identity = {"address": resource.address, "mode": "managed", "type": resource.type, "name": resource.name}
    expressions = {name: _expression(value) for name, value in resource.values.items()}
    return {**identity, "provider_config_key": "aws", "expressions": expressions, "schema_version": 1}


def _expression(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [{name: _expression(item) for name, item in block.items()} for block in value]
    named = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, Ref)]
    if not named:
        return {"constant_value": value}
    return {"references": [text for ref in named for text in (f"{ref.address}.id", ref.address)]}
