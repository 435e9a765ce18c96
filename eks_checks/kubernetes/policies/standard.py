"""Kubernetes' own NetworkPolicy: of the pods it selects, only what some policy allows gets out."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.kubernetes.manifest import Manifest, at, is_set, text
from eks_checks.kubernetes.policies.rules import (
    ANY_ADDRESS,
    ANY_TRAFFIC,
    Action,
    Policy,
    Rule,
    cidrs,
    egress,
    port_list,
    ports,
    prefix,
)
from eks_checks.sets import AddressSet, Bounds, TrafficSet
from eks_checks.terraform.value import NULL, Collection, Mapping, Value, is_null

GROUPS = ("networking.k8s.io", "extensions")
KIND = "NetworkPolicy"


def policy(one: Manifest, *, tier: int = 0, order: float = 0.0) -> Policy | None:
    """The egress side of a NetworkPolicy; None where it surely has none."""
    spec = one.at("spec")
    isolates = _isolates(spec)
    if isolates is False:
        return None
    sure = one.certain and isolates is True and selects_all(at(spec, "podSelector"))
    rules = tuple(egress(at(spec, "egress"), _rule))
    return Policy(one.resource, namespace_of(one), sure, rules, True, tier, order)


def namespace_of(one: Manifest) -> str | None:
    """The namespace of an object: ``default`` where it names none, None where it is not known."""
    if one.namespace:
        return one.namespace
    return "default" if is_null(one.at("metadata", "namespace")) else None


def selects_all(selector: Value) -> bool:
    """Whether a label selector surely selects everything: it is there, and asks for nothing."""
    if not isinstance(selector, Mapping) or selector.open is not None:
        return False
    return all(_empty(at(selector, name)) for name in ("matchLabels", "matchExpressions"))


def _empty(value: Value) -> bool:
    if isinstance(value, Mapping):
        return value.open is None and not value.entries
    return is_null(value)


def _isolates(spec: Value) -> bool | None:
    """Whether the selected pods are closed for egress: by ``policyTypes``, else by having egress rules."""
    types = at(spec, "policyTypes")
    if isinstance(types, Collection) and types.exact:
        named = [text(item) for item in types.items]
        return True if "Egress" in named else None if "" in named else False
    if is_null(types):
        return is_set(at(spec, "egress"))
    return None


def _rule(entry: Value) -> Iterator[Rule]:
    """Every rule allows."""
    yield Rule(Action.ALLOW, _peers(at(entry, "to")), port_list(at(entry, "ports"), _port))


def _peers(to: Value) -> Bounds[AddressSet]:
    """Where a rule lets pods go: anywhere where it names no peer. Selectors never mean a node's address."""
    if is_null(to):
        return Bounds.exact(AddressSet.everything())
    if not isinstance(to, Collection):
        return ANY_ADDRESS
    found = Bounds.exact(AddressSet.empty())
    for peer in to.items:
        found = found | _peer(peer)
    return found if to.exact else found | ANY_ADDRESS


def _peer(peer: Value) -> Bounds[AddressSet]:
    if not isinstance(peer, Mapping) or peer.open is not None:
        return ANY_ADDRESS
    block = at(peer, "ipBlock")
    if is_null(block):
        return Bounds.exact(AddressSet.empty())
    but = at(block, "except")
    excluded = Bounds.exact(AddressSet.empty()) if is_null(but) else cidrs(but)
    return prefix(at(block, "cidr")) - excluded


def _port(entry: Value) -> Bounds[TrafficSet]:
    if not isinstance(entry, Mapping):
        return ANY_TRAFFIC
    last = at(entry, "endPort")
    return ports(at(entry, "protocol"), at(entry, "port"), NULL if is_null(last) else last)
