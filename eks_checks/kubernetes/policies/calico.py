"""Calico's policies: allow and deny rules in order, for all namespaces or one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_checks.kubernetes.manifest import Manifest, at, is_set, text
from eks_checks.kubernetes.policies.rules import (
    ANY_ADDRESS,
    ANY_TRAFFIC,
    EVERY_ADDRESS,
    LAST_PORT,
    PROTOCOLS,
    Action,
    Policy,
    Rule,
    any_of,
    cidrs,
    egress,
    port_number,
)
from eks_checks.kubernetes.policies.standard import namespace_of
from eks_checks.sets import AddressSet, Bounds, IntervalSet, TrafficSet
from eks_checks.terraform.value import Collection, Known, Mapping, Value, is_null, scalar

GROUPS = ("projectcalico.org", "crd.projectcalico.org")
KUBERNETES_ORDER = 1000.0
"""Where Calico puts Kubernetes' own policies, in the tier ``default``."""
DEFAULT_TIER = 1
_OTHER_TIERS = 0
_ACTIONS = {"allow": Action.ALLOW, "deny": Action.DENY, "pass": Action.PASS}
_ALL_PODS = frozenset(
    {"", "all()", "has(projectcalico.org/namespace)", "projectcalico.org/orchestrator=='k8s'"}
)
_NARROWING = ("selector", "notSelector", "namespaceSelector", "serviceAccounts", "services", "domains")
_UNREAD = ("icmp", "notICMP", "http", "notProtocol")


def policy(one: Manifest) -> Policy | None:
    """The egress side of a NetworkPolicy or GlobalNetworkPolicy of Calico; None where it surely has none."""
    spec = one.at("spec")
    isolates = _isolates(spec)
    if isolates is False:
        return None
    tier = at(spec, "tier")
    rules = tuple(egress(at(spec, "egress"), _rule))
    everywhere = one.certain and isolates is True and _selects_all(spec)
    order, known = _order(at(spec, "order"))
    namespace = "" if one.kind == "GlobalNetworkPolicy" else namespace_of(one)
    if not is_null(tier) and text(tier) != "default":
        # Which tier comes first is not looked at: what it lets through counts, what it stops does not.
        loose = tuple(rule for rule in rules if rule.action is Action.ALLOW)
        return Policy(one.resource, namespace, False, loose, False, _OTHER_TIERS)
    return Policy(one.resource, namespace, everywhere and known, rules, True, DEFAULT_TIER, order)


def _isolates(spec: Value) -> bool | None:
    types = at(spec, "types")
    if isinstance(types, Collection) and types.exact:
        named = [text(item) for item in types.items]
        return True if "Egress" in named else None if "" in named else False
    return is_set(at(spec, "egress")) if is_null(types) else None


def _selects_all(spec: Value) -> bool:
    if any(scalar(at(spec, name)) is True for name in ("doNotTrack", "preDNAT")):
        return False  # for hosts alone
    for name in ("selector", "namespaceSelector", "serviceAccountSelector"):
        value = at(spec, name)
        if is_null(value):
            continue
        known = re.sub(r"\s+", "", text(value)).replace('"', "'")
        if not isinstance(value, Known) or known not in _ALL_PODS:
            return False
    return True


def _order(value: Value) -> tuple[float, bool]:
    """(the order, whether it is known): last where none is given, first where it is not known."""
    if is_null(value):
        return float("inf"), True
    try:
        return float(text(value)), True
    except ValueError:
        return float("-inf"), False


def _rule(entry: Value) -> Iterator[Rule]:
    name = text(at(entry, "action")).lower()
    if name == "log":
        return
    to = at(entry, "destination")
    action = _ACTIONS.get(name)
    if action is None or not isinstance(entry, Mapping) or entry.open is not None:
        yield Rule(Action.ALLOW, ANY_ADDRESS, ANY_TRAFFIC)
        return
    addresses = _addresses(to, at(entry, "ipVersion"))
    plain = is_null(at(entry, "source")) and all(is_null(at(entry, name)) for name in _UNREAD)
    yield Rule(action, addresses, _traffic(at(entry, "protocol"), to), pods=plain)


def _addresses(to: Value, version: Value) -> Bounds[AddressSet]:
    if is_null(to):
        found = EVERY_ADDRESS
    elif not isinstance(to, Mapping) or to.open is not None:
        return ANY_ADDRESS
    else:
        nets, others = at(to, "nets"), at(to, "notNets")
        found = EVERY_ADDRESS if is_null(nets) else cidrs(nets)
        found = found if is_null(others) else found - cidrs(others)
        if any(not is_null(at(to, name)) for name in _NARROWING):
            found = Bounds(AddressSet.empty(), found.upper)
    if is_null(version):
        return found
    family = {"4": AddressSet.all_ipv4(), "6": AddressSet.all_ipv6()}.get(text(version), AddressSet.empty())
    return Bounds(found.lower & family, found.upper)


def _traffic(protocol: Value, to: Value) -> Bounds[TrafficSet]:
    listed, others = at(to, "ports"), at(to, "notPorts")
    number = PROTOCOLS.get(text(protocol).lower()) or port_number(protocol)
    if number is None:
        bare = is_null(protocol) and is_null(listed) and is_null(others)
        return Bounds.exact(TrafficSet.everything()) if bare else ANY_TRAFFIC
    whole = TrafficSet.protocol(number)
    found = Bounds.exact(whole) if is_null(listed) else _ports(listed, number, whole)
    return found if is_null(others) else found - _ports(others, number, whole)


def _ports(listed: Value, number: int, whole: TrafficSet) -> Bounds[TrafficSet]:
    if not isinstance(listed, Collection) or not listed.exact:
        return Bounds(TrafficSet.empty(), whole)
    return any_of(_port(item, number, whole) for item in listed.items)


def _port(item: Value, number: int, whole: TrafficSet) -> Bounds[TrafficSet]:
    """A port, ``first:last``, or a name, which may be any."""
    found = re.fullmatch(r"(\d{1,5})(?::(\d{1,5}))?", text(item))
    if found is None:
        return Bounds(TrafficSet.empty(), whole)
    low, high = int(found[1]), int(found[2] or found[1])
    if not low <= high <= LAST_PORT:
        return Bounds(TrafficSet.empty(), whole)
    return Bounds.exact(TrafficSet.of(number, IntervalSet.of((low, high))))
