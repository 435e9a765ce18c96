"""Words that several layers say alike."""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.reach.answer import Hop


def named(names: Iterable[str]) -> str:
    """Names in their order, each once."""
    return ", ".join(dict.fromkeys(name for name in names if name))


def sender(scope: str, resource: str) -> str:
    """Who sends a packet of a source."""
    return {
        "internet": "the internet",
        "vpc": f"a host of {resource or 'the VPC'}",
        "pods": f"a pod on {resource}",
        "control_plane": f"the control plane of {resource}",
        "interface": resource,
    }.get(scope, f"a host behind {resource}")


def role(kind: str) -> str:
    """What a group of the kind is called before the resource that owns it."""
    return {
        "cluster": "the cluster security group of",
        "remote_access": "the remote-access group of",
        "default": "the default group of",
        "external": "the unmanaged group",
    }.get(kind, "security group")


def rule_hop(kind: str, doubtful: bool, group: SecurityGroup, rule: Rule) -> Hop:
    """The step on which ``rule`` of ``group`` decides; ``doubtful`` where it may not count."""
    origin = rule.origin
    text = f"{'perhaps ' if doubtful else ''}{role(group.kind)} {group.resource}: {origin.text}"
    return Hop(kind, origin.resource, origin.text, text, origin.location, origin.implicit)
