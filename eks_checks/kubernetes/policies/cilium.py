"""Cilium's policies: what is denied stays denied, and of selected pods only what is allowed gets out.

Nodes are entities to Cilium. A range of addresses does not mean a node of the cluster, unless Cilium is told
so; a rule that allows a range is taken to mean nodes as well, one that denies it is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.kubernetes.manifest import Manifest, at, is_set, text
from eks_checks.kubernetes.policies.rules import (
    ANY_ADDRESS,
    ANY_TRAFFIC,
    EVERY_ADDRESS,
    Action,
    Nodes,
    Policy,
    Rule,
    any_of,
    cidrs,
    port_list,
    port_number,
    ports,
    prefix,
)
from eks_checks.kubernetes.policies.standard import namespace_of, selects_all
from eks_checks.sets import AddressSet, Bounds, TrafficSet
from eks_checks.terraform.value import NULL, Collection, Mapping, Value, is_null, scalar

GROUP = "cilium.io"
KINDS = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
DENIES, ALLOWS = 0, 1
"""The tiers: a denial beats every allowance."""
_ALL_NODES = {"all": Nodes.ANY, "cluster": Nodes.OWN, "remote-node": Nodes.OWN}
_NO_NODES = frozenset({"world", "world-ipv4", "world-ipv6", "init", "health", "unmanaged", "ingress", "none"})
_PODS_ONLY = ("toEndpoints",)


def policies(one: Manifest) -> Iterator[Policy]:
    """The egress side of a policy of Cilium: its denials, and its allowances."""
    namespace = "" if one.kind == "CiliumClusterwideNetworkPolicy" else namespace_of(one)
    listed = at(one.body, "specs")
    more = listed.items if isinstance(listed, Collection) else () if is_null(listed) else (listed,)
    for spec in (one.at("spec"), *more):
        if not is_null(spec) and is_null(at(spec, "nodeSelector")):
            yield from _of(one, namespace, spec)


def _of(one: Manifest, namespace: str | None, spec: Value) -> Iterator[Policy]:
    everywhere = one.certain and selects_all(at(spec, "endpointSelector"))
    denied = at(spec, "egressDeny")
    if isinstance(denied, Collection):
        rules = tuple(rule for entry in denied.items for rule in _denials(entry))
        yield Policy(one.resource, namespace, everywhere, rules, False, DENIES)
    allowed = at(spec, "egress")
    if is_set(allowed) is False:
        return
    opened = tuple(_allowances(allowed))
    closes = isinstance(allowed, Collection) and bool(allowed.items)
    closes = closes and is_null(at(spec, "enableDefaultDeny", "egress"))
    closes = closes or scalar(at(spec, "enableDefaultDeny", "egress")) is True
    yield Policy(one.resource, namespace, everywhere and closes, opened, True, ALLOWS)


def _denials(entry: Value) -> Iterator[Rule]:
    """What of nodes a rule surely denies."""
    if not isinstance(entry, Mapping) or entry.open is not None or not entry.entries:
        return
    traffic = port_list(at(entry, "toPorts"), _port_rule)
    named = {key for key, value in entry.entries if not is_null(value)} - {"toPorts"}
    if not named:
        yield Rule(Action.DENY, EVERY_ADDRESS, traffic)
        return
    entities = at(entry, "toEntities")
    if named == {"toEntities"} and isinstance(entities, Collection):
        for nodes in {_ALL_NODES[text(item)] for item in entities.items if text(item) in _ALL_NODES}:
            yield Rule(Action.DENY, EVERY_ADDRESS, traffic, nodes)


def _allowances(egress: Value) -> Iterator[Rule]:
    """What of nodes the rules may allow."""
    if not isinstance(egress, Collection) or not egress.exact:
        yield Rule(Action.ALLOW, ANY_ADDRESS, ANY_TRAFFIC)
    for entry in egress.items if isinstance(egress, Collection) else ():
        if not isinstance(entry, Mapping) or entry.open is not None:
            yield Rule(Action.ALLOW, ANY_ADDRESS, ANY_TRAFFIC)
        else:
            yield from _allowance(entry)


def _allowance(entry: Mapping) -> Iterator[Rule]:
    named = {key for key, value in entry.entries if not is_null(value)}
    traffic = port_list(at(entry, "toPorts"), _port_rule)
    peers = named - {"toPorts", "authentication"}
    if not peers:
        # An empty rule allows nothing; one of ports alone allows them everywhere.
        if "toPorts" in named:
            yield Rule(Action.ALLOW, EVERY_ADDRESS, traffic)
        return
    for name in ("toCIDR", "toCIDRSet"):
        if name in peers:
            yield Rule(Action.ALLOW, _ranges(at(entry, name)), traffic)
    if "toEntities" in peers:
        yield from _entities(at(entry, "toEntities"), traffic)
    if peers - {"toCIDR", "toCIDRSet", "toEntities", *_PODS_ONLY}:
        yield Rule(Action.ALLOW, ANY_ADDRESS, ANY_TRAFFIC)


def _entities(listed: Value, traffic: Bounds[TrafficSet]) -> Iterator[Rule]:
    items = listed.items if isinstance(listed, Collection) and listed.exact else None
    names = {text(item) for item in items} if items is not None else {""}
    # The nodes of another cluster are the world to this one.
    nodes = Nodes.OTHERS if names <= _NO_NODES else Nodes.ANY
    yield Rule(Action.ALLOW, EVERY_ADDRESS, traffic, nodes)


def _ranges(listed: Value) -> Bounds[AddressSet]:
    if not isinstance(listed, Collection) or not listed.exact:
        return ANY_ADDRESS
    found = Bounds.exact(AddressSet.empty())
    for item in listed.items:
        if not isinstance(item, Mapping):
            found = found | prefix(item)
            continue
        but = at(item, "except")
        inside = prefix(at(item, "cidr"))
        found = found | (inside if is_null(but) else inside - cidrs(but))
    return found


def _port_rule(entry: Value) -> Bounds[TrafficSet]:
    inside = at(entry, "ports")
    if not isinstance(inside, Collection) or not inside.exact or not is_null(at(entry, "rules")):
        return ANY_TRAFFIC
    return any_of(_port(one) for one in inside.items)


def _port(one: Value) -> Bounds[TrafficSet]:
    """A port of any protocol where none is named; port 0 is every port."""
    first = at(one, "port")
    wild = port_number(first) == 0 and is_null(at(one, "endPort"))
    return ports(at(one, "protocol"), NULL if wild else first, at(one, "endPort"), default="any")
