"""Security groups on resources whose interfaces are not modelled: their members are not known.

A rule that names such a group admits hosts that no input shows as interfaces. What matters is the
meaning of an argument (it lists security groups), not the resource type: so a type nobody
has heard of counts as well. Passive things, which open no connections to a node, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eks_checks.aws.attributes import NATURAL
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.fleets import FLEETS
from eks_checks.aws.lower.services import PLACES
from eks_checks.terraform.configured import member
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Path

PASSIVE = (
    "aws_alb",
    "aws_autoscaling",
    "aws_dax",
    "aws_db",
    "aws_docdb",
    "aws_ec2_instance_connect_endpoint",
    "aws_efs",
    "aws_eks",
    "aws_elasticache",
    "aws_elasticsearch",
    "aws_elb",
    "aws_fsx",
    "aws_lb",
    "aws_memorydb",
    "aws_mq",
    "aws_msk",
    "aws_neptune",
    "aws_network_interface_sg_attachment",
    "aws_opensearch",
    "aws_rds",
    "aws_redshift",
    "aws_route53",
    "aws_security_group",
    "aws_vpc",
)
"""Starts of types that listen, or only hold rules."""


def carried_elsewhere(run: Lowering) -> dict[str, str]:
    """Group key to the first resource that carries the group in a way no interface here shows."""
    found: dict[str, str] = {}
    for type_ in run.world.types():
        if (
            type_ in NATURAL
            or type_ in PLACES
            or type_ in FLEETS
            or type_.startswith(PASSIVE)
            or not type_.startswith("aws_")
        ):
            continue
        for resource in run.world.resources(type_):
            for key in _carried(run, resource):
                found.setdefault(key, resource.key)
    return dict(sorted(found.items()))


def _carried(run: Lowering, resource: Resource) -> Iterator[str]:
    for path in _paths(*resource.raw(), ()):
        yield from sorted(run.links(resource, "security_group", *path).candidates)


def _paths(planned: Any, unknown: Any, path: Path) -> Iterator[Path]:
    """Where the resource names security groups, known or not yet, at any depth."""
    if isinstance(planned, list):
        for position, item in enumerate(planned):
            yield from _paths(item, member(unknown, position), (*path, position))
    elif isinstance(planned, dict):
        open_ = unknown if isinstance(unknown, dict) else {}
        for name in sorted({*planned, *open_}):
            value, hidden = planned.get(name), open_.get(name)
            if "security_group" in name and (value or hidden):
                yield (*path, name)
            elif isinstance(value, (dict, list)):
                yield from _paths(value, hidden, (*path, name))
