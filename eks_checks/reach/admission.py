"""What one security group admits inbound on one port: a set of addresses, a set of groups (A1, A6, A27)."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.aws.knowledge import KeySet
from eks_checks.sets import TCP, AddressSet, Bounds, TrafficSet, union_of

_ALL_PORTS = TrafficSet.tcp(1, 65535)


@dataclass(frozen=True)
class Admission:
    """The peers a group admits: by address range, and by the group they carry. The two never mix (A27)."""

    group: SecurityGroup
    rules: tuple[Rule, ...]
    addresses: Bounds[AddressSet]
    groups: KeySet


def admission(group: SecurityGroup, port: int) -> Admission:
    """What ``group`` admits to tcp ``port``: all its rules together, unknown ones at their bounds."""
    rules = tuple(rule for rule in group.ingress if rule.traffic.upper.contains(TCP, port))
    nothing, everything = AddressSet.empty(), AddressSet.everything()
    ranged = [(rule, rule.addresses) for rule in rules if rule.addresses is not None]
    lower = union_of((a.lower for rule, a in ranged if surely_covers(rule, port)), nothing)
    upper = union_of((a.upper for _, a in ranged), nothing)
    bounds = Bounds(lower, everything if group.open else upper | lower)
    named = [(rule, rule.group) for rule in rules if rule.group is not None]
    sure = frozenset(g.exact for rule, g in named if g.exact and surely_covers(rule, port))
    every = frozenset(key for _, g in named for key in g.keys)
    open_ = group.open or any(g.open for _, g in named)
    return Admission(group, rules, bounds, KeySet(sure, every - sure, open_))


def surely_covers(rule: Rule, port: int) -> bool:
    """Whether the rule certainly exists and certainly covers tcp ``port``."""
    return rule.certain and rule.traffic.lower.contains(TCP, port)


def surely_spans_all_ports(rule: Rule) -> bool:
    """Whether the rule is about every TCP port, whatever is not known of it turns out to be."""
    return rule.traffic.lower >= _ALL_PORTS
