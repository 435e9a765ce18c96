"""Small plans, written as a list of resources: a VPC, a subnet, a cluster, and what a test adds."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

from eks_checks import analysis
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Truth
from eks_checks.terraform.plan import document

PROVIDER = "registry.terraform.io/hashicorp/aws"
Object = dict[str, Any]


@dataclass(frozen=True)
class R:
    """One resource: known values, what is unknown (as in ``after_unknown``), and its expressions.

    ``before`` are the prior values where they are others.
    """

    address: str
    values: Object = field(default_factory=dict)
    unknown: Object = field(default_factory=dict)
    expressions: Object = field(default_factory=dict)
    actions: tuple[str, ...] = ("create",)
    before: Object | None = None

    @property
    def data(self) -> bool:
        """Whether it is a data source."""
        return self.address.startswith("data.")


def ref(*names: str) -> Object:
    """An expression with these references, each with the shorter one Terraform adds."""
    return {"references": [part for name in names for part in (name, ".".join(name.split(".")[:2]))]}


OPAQUE: Object = {"references": ["local.something"]}

VPC = R("aws_vpc.this", {"cidr_block": "10.0.0.0/16"}, {"id": True, "default_security_group_id": True})
SUBNET = R(
    "aws_subnet.a",
    {"cidr_block": "10.0.1.0/24", "map_public_ip_on_launch": True},
    {"id": True, "vpc_id": True},
    {"vpc_id": ref("aws_vpc.this.id")},
)
CLUSTER = R(
    "aws_eks_cluster.this",
    {"name": "prod", "vpc_config": [{}]},
    {"id": True, "vpc_config": [{"subnet_ids": [True], "cluster_security_group_id": True}]},
    {"vpc_config": [{"subnet_ids": ref("aws_subnet.a.id")}]},
)
GROUP = R("aws_security_group.node", {}, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")})
WORLD = (VPC, SUBNET, CLUSTER, GROUP)
NODES = "aws_eks_node_group.workers"


def nodes(
    values: Object | None = None, unknown: Object | None = None, expressions: Object | None = None
) -> R:
    """A managed node group of the cluster in the subnet."""
    return R(
        NODES,
        {"cluster_name": "prod", "ami_type": "AL2023_x86_64_STANDARD", **(values or {})},
        {"id": True, "subnet_ids": [True], **(unknown or {})},
        {"subnet_ids": ref("aws_subnet.a.id"), **(expressions or {})},
    )


def with_template(version: Any = None, expression: Object | None = None) -> R:
    """A node group that uses the launch template; its version a value or an expression."""
    block = {"version": version} if version is not None else {}
    unknown = {"id": True, **({"version": True} if expression else {})}
    expressions = {
        "id": ref("aws_launch_template.this.id"),
        **({"version": expression} if expression else {}),
    }
    return nodes(
        {"launch_template": [block]}, {"launch_template": [unknown]}, {"launch_template": [expressions]}
    )


def estate(*resources: R) -> Estate:
    """What AWS will hold after this plan."""
    return analysis.load(["-"], io.BytesIO(json.dumps(plan(*resources)).encode())).estate


def together(**plans: tuple[R, ...]) -> Estate:
    """What AWS will hold after several plans, path to resources."""
    documents = (document(plan(*resources), path) for path, resources in plans.items())
    return analysis.Inputs(tuple(documents)).estate


def plan(*resources: R) -> Object:
    """The plan as `terraform show -json` writes it."""
    managed = [r for r in resources if not r.data]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [_planned(r) for r in managed if _stays(r)]}},
        "resource_changes": [_change(r) for r in managed],
        "prior_state": {
            "format_version": "1.0",
            "values": {"root_module": {"resources": [_prior(r) for r in resources if _existed(r)]}},
        },
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": PROVIDER}},
            "root_module": {"resources": [_block(r) for r in resources]},
        },
    }


def node(estate: Estate, resource: str = NODES) -> Interface:
    """The one interface of the node group."""
    [found] = [i for i in estate.interfaces if i.resource == resource]
    return found


def shape(estate: Estate, resource: str = NODES) -> Shape:
    """The one way it comes up."""
    [found] = node(estate, resource).shapes
    return found


def word(truth: Truth) -> str:
    """``yes``, ``no`` or ``unknown``."""
    return str(truth)


def _parts(r: R) -> Object:
    mode = "data" if r.data else "managed"
    bare = r.address.removeprefix("data.").partition("[")[0]
    type_, _, name = bare.partition(".")
    return {"address": r.address, "mode": mode, "type": type_, "name": name, "provider_name": PROVIDER}


def _planned(r: R) -> Object:
    return {**_parts(r), "schema_version": 1, "values": r.values, "sensitive_values": {}}


def _existed(r: R) -> bool:
    return r.data or r.actions != ("create",)


def _stays(r: R) -> bool:
    return r.actions not in (("delete",), ("forget",))


def _prior(r: R) -> Object:
    return {**_planned(r), "values": r.values if r.before is None else r.before}


def _change(r: R) -> Object:
    change = {
        "actions": list(r.actions),
        "before": _prior(r)["values"] if _existed(r) else None,
        "after": r.values if _stays(r) else None,
        "after_unknown": r.unknown,
    }
    return {**_parts(r), "change": change}


def _block(r: R) -> Object:
    parts = {key: value for key, value in _parts(r).items() if key != "provider_name"}
    return {**parts, "provider_config_key": "aws", "expressions": r.expressions, "schema_version": 1}
