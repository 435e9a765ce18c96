"""A world as `terraform show -json` writes it: a plan without changes over an existing stack.

Every id is known.  Attributes follow state written by Terraform 1.11 with the AWS provider 5.x/6.x;
what is unset is null, "" or [], by chance, since real documents show all three.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from .model import World
from .plan_acls import acl_resources
from .plan_connections import connection_resources
from .plan_eks import eks_resources
from .plan_groups import group_resources
from .plan_network import network_resources
from .plan_routes import route_resources
from .plan_services import service_resources

ADDRESS = re.compile(
    r'^(?:(module\.[^.\["]+(?:\["[^"]*"\])?)\.)?([a-z0-9_]+)\.([A-Za-z0-9_-]+)(?:\[(.+)\])?$'
)
PROVIDER = "registry.terraform.io/hashicorp/aws"
PROVIDERS = {
    "kubectl": "registry.terraform.io/gavinbunney/kubectl",
    "kubernetes": "registry.terraform.io/hashicorp/kubernetes",
}
TERRAFORM = "1.11.4"
FAMILIES = (
    network_resources,
    route_resources,
    acl_resources,
    group_resources,
    eks_resources,
    connection_resources,
    service_resources,
)


class Blank:
    """How this document writes what is not set."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"plan {seed}")

    def items(self, values: list) -> Any:
        """A list; an empty one may be null."""
        return list(values) if values else self.rng.choice([None, []])

    def text(self, value: Any) -> Any:
        return value if value is not None else self.rng.choice([None, ""])

    def flag(self, value: bool) -> Any:
        return True if value else self.rng.choice([None, False])


def to_plan(world: World) -> dict:
    blank = Blank(world.seed)
    pairs = [pair for family in FAMILIES for pair in family(world, blank)]
    blank.rng.shuffle(pairs)
    resources = [_resource(address, values) for address, values in pairs]
    plan: dict[str, Any] = {
        "format_version": "1.2",
        "terraform_version": TERRAFORM,
        "planned_values": {"root_module": _module(resources)},
        "resource_changes": [_change(resource) for resource in resources],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": PROVIDER}},
            "root_module": _configuration(resources),
        },
        "timestamp": "2026-11-23T12:00:00Z",
        "applyable": False,
        "complete": True,
        "errored": False,
    }
    if blank.rng.random() < 0.8:
        plan["prior_state"] = {
            "format_version": "1.0",
            "terraform_version": TERRAFORM,
            "values": {"root_module": _module(resources)},
        }
    return plan


def split(address: str) -> tuple[str, str, str, Any]:
    """(module path, type, name, index); index None, an integer or a key."""
    match = ADDRESS.match(address)
    if match is None:
        raise ValueError(f"not an address of these worlds: {address!r}")
    module, type_, name, index = match.groups()
    return module or "", type_, name, _index(index)


def _index(text: Any) -> Any:
    if text is None:
        return None
    return int(text) if text.isdigit() else text[1:-1]


def _resource(address: str, values: dict) -> dict:
    _, type_, name, index = split(address)
    resource = {"address": address, "mode": "managed", "type": type_, "name": name}
    if index is not None:
        resource["index"] = index
    resource.update(
        provider_name=PROVIDERS.get(type_.partition("_")[0], PROVIDER),
        schema_version=1,
        values=values,
        sensitive_values={},
    )
    return resource


def _change(resource: dict) -> dict:
    module, _, _, _ = split(resource["address"])
    change = {
        key: resource[key]
        for key in ("address", "mode", "type", "name", "index", "provider_name")
        if key in resource
    }
    if module:
        change["module_address"] = module
    change["change"] = {
        "actions": ["no-op"],
        "before": resource["values"],
        "after": resource["values"],
        "after_unknown": {},
        "before_sensitive": {},
        "after_sensitive": {},
    }
    return change


def _module(resources: list[dict]) -> dict:
    root: dict[str, Any] = {"resources": [item for item in resources if not split(item["address"])[0]]}
    children = []
    for module in sorted({split(item["address"])[0] for item in resources} - {""}):
        children.append(
            {
                "address": module,
                "resources": [item for item in resources if split(item["address"])[0] == module],
            }
        )
    if children:
        root["child_modules"] = children
    return root


def _configuration(resources: list[dict]) -> dict:
    """Only constants, as where every link runs through locals or dynamic blocks (facts K5, K17, K18)."""
    root: dict[str, Any] = {"resources": list(_blocks(resources, ""))}
    calls = {}
    for module in sorted({split(item["address"])[0] for item in resources} - {""}):
        call: dict[str, Any] = {
            "source": "./" + module.split(".")[1].split("[")[0],
            "module": {"resources": list(_blocks(resources, module))},
        }
        if "[" in module:
            call["for_each_expression"] = {}
        calls[module.split(".")[1].split("[")[0]] = call
    if calls:
        root["module_calls"] = calls
    return root


def _blocks(resources: list[dict], module: str) -> Iterator[dict]:
    seen = set()
    for item in resources:
        path, type_, name, index = split(item["address"])
        if path != module or (type_, name) in seen:
            continue
        seen.add((type_, name))
        block = {
            "address": f"{type_}.{name}",
            "mode": "managed",
            "type": type_,
            "name": name,
            "provider_config_key": type_.partition("_")[0],
            "expressions": {},
            "schema_version": 1,
        }
        constant = {"aws_vpc": "cidr_block", "aws_eks_node_group": "node_group_name"}.get(type_)
        if constant and index is None:
            block["expressions"] = {constant: {"constant_value": item["values"][constant]}}
        if isinstance(index, int):
            block["count_expression"] = {}
        elif index is not None:
            block["for_each_expression"] = {}
        yield block
