"""ClusterNetworkPolicy: rules for whole namespaces, before and after the namespaces' own policies."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.kubernetes.manifest import Manifest, at, text
from eks_checks.kubernetes.policies.rules import (
    ANY_ADDRESS,
    ANY_TRAFFIC,
    Action,
    Policy,
    Rule,
    cidrs,
    egress,
    port_list,
    port_number,
    ports,
)
from eks_checks.kubernetes.policies.standard import selects_all
from eks_checks.sets import AddressSet, Bounds, TrafficSet
from eks_checks.terraform.value import NULL, Collection, Mapping, Value, is_null

GROUPS = ("networking.k8s.aws", "policy.networking.k8s.io")
KINDS = ("ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy")
ADMIN, NAMESPACED, BASELINE = 0, 1, 2
"""The tiers; between the two of this kind stand the namespaces' own policies."""
_ACTIONS = {"accept": Action.ALLOW, "allow": Action.ALLOW, "deny": Action.DENY, "pass": Action.PASS}


def policy(one: Manifest, *, enforced: bool) -> Policy:
    """The egress side of such a policy; unless it surely is ``enforced``, it stops nothing."""
    spec = one.at("spec")
    tier = text(at(spec, "tier")).lower()
    baseline = tier == "baseline" or one.kind == "BaselineAdminNetworkPolicy"
    subject = at(spec, "subject", "namespaces")
    known = port_number(at(spec, "priority"))
    sure = enforced and one.certain and selects_all(subject) and (known is not None or baseline)
    order = float("-inf") if known is None else float(known)
    rules = tuple(egress(at(spec, "egress"), _rule))
    return Policy(one.resource, "", sure, rules, False, BASELINE if baseline else ADMIN, order)


def _rule(entry: Value) -> Iterator[Rule]:
    action = _ACTIONS.get(text(at(entry, "action")).lower(), Action.ALLOW)
    yield Rule(action, _peers(at(entry, "to")), port_list(at(entry, "ports"), _port))


def _peers(to: Value) -> Bounds[AddressSet]:
    """The addresses of the networks named; pods are none, nodes and names of hosts may be any."""
    if not isinstance(to, Collection) or not to.exact:
        return ANY_ADDRESS
    found = Bounds.exact(AddressSet.empty())
    for peer in to.items:
        named = {key for key, value in peer.entries} if isinstance(peer, Mapping) else {""}
        if named == {"networks"}:
            found = found | cidrs(at(peer, "networks"))
        elif not named <= {"namespaces", "pods"}:
            found = found | ANY_ADDRESS
    return found


def _port(entry: Value) -> Bounds[TrafficSet]:
    one, several = at(entry, "portNumber"), at(entry, "portRange")
    if isinstance(one, Mapping) and not is_null(at(one, "port")):
        return ports(at(one, "protocol"), at(one, "port"), NULL)
    if isinstance(several, Mapping) and not is_null(at(several, "start")):
        return ports(at(several, "protocol"), at(several, "start"), at(several, "end"))
    return ANY_TRAFFIC
