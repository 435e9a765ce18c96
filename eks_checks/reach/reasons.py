"""Why a layer keeps a flow out: the entry or route that decides, the rules that come nearest.

Where AWS's Reachability Analyzer has a code for the reason, it stands behind the words in brackets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from eks_checks.aws.firewall import AclEntry, NetworkAcl, Rule, SecurityGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import KeySet
from eks_checks.aws.vpc import Route, TargetKind
from eks_checks.reach.routing import Goal, Routing
from eks_checks.sets import AddressSet, Family, TrafficSet

NO_PUBLIC_ADDRESS = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
NO_ROUTE = "NO_ROUTE_TO_DESTINATION"
OTHER_ROUTE = "MORE_SPECIFIC_ROUTE"
PUBLIC_ACCESS = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"
ACL = "SUBNET_ACL_RESTRICTION"
GROUP_RULES = "ENI_SG_RULES_MISMATCH"
NO_RULES = "SG_HAS_NO_RULES"
_MOST = 2
"""Near rules that are named."""
_INWARD = {
    TargetKind.NAT_GATEWAY: "which lets no connection in",
    TargetKind.EGRESS_ONLY: "which lets no connection in",
}


def coded(words: str, code: str) -> str:
    """The words, and behind them the code."""
    return f"{words} [{code}]".lstrip()


def no_address(target: Interface, shape: Shape, family: Family, subnet: str) -> str:
    """What decides that there is no public address; ``subnet`` is the target's."""
    by = shape.public_origin
    words = f"{'its subnet' if by == subnet else by} decides" if by and by != target.resource else ""
    # NOTE: the analyzer knows of no such reason for IPv6, where an address is public by itself (C6).
    return coded(words, NO_PUBLIC_ADDRESS) if family == "ipv4" else words


def no_route(routings: Iterable[Routing], region: AddressSet, goal: Goal) -> str:
    """The route in force instead, for the first of the addresses that are kept out."""
    for routing in routings:
        address = region.first()
        here = [route for route, share in routing.shares if address in share.upper]
        wanted = [r for r in routing.table.routes if goal(r) is True and address in r.destination.upper]
        if here:
            words = f"{here[0].origin.text} is in force"
            return coded(f"{words}{_inward(here[0])}", OTHER_ROUTE if wanted else NO_ROUTE)
        return coded(f"{routing.table.resource} has no route for {address}", NO_ROUTE)
    return coded("", NO_ROUTE)


def _inward(route: Route) -> str:
    why = _INWARD.get(route.kind, "")
    if route.kind is TargetKind.INTERNET_GATEWAY:
        why = "a gateway that is not attached to this VPC"
    return f", {why}" if why else ""


def not_listed(acls: Sequence[NetworkAcl], region: AddressSet, traffic: TrafficSet, *, inbound: bool) -> str:
    """The entry that denies, or the final deny; and the nearest entry that allows others."""
    if len(acls) != 1:
        return coded("", ACL)
    entries = acls[0].inbound if inbound else acls[0].outbound
    speaking = [e for e in entries if not traffic.isdisjoint(e.traffic.upper)]
    here = [e for e in speaking if not region.isdisjoint(e.far_end.upper)]
    deny = next((e for e in here if not e.allow.possibly), None)
    words = f"{_entry(deny)} decides" if deny is not None else "the final deny decides"
    others = [e for e in speaking if e.allow.possibly and region.isdisjoint(e.far_end.upper)]
    if others:
        words += f"; {_entry(others[0])} is for others"
    return coded(words, ACL)


def _entry(entry: AclEntry) -> str:
    return entry.origin.text


def no_rule(
    groups: KeySet,
    by_key: Mapping[str, SecurityGroup],
    traffic: TrafficSet,
    region: AddressSet,
    carried: KeySet | None,
    *,
    ingress: bool,
) -> str:
    """The rules that come nearest: for the port but another peer, for the peer but another port."""
    rules = [
        (by_key[key], rule)
        for key in sorted(groups.candidates)
        for rule in (by_key[key].ingress if ingress else by_key[key].egress)
    ]
    if not rules:
        direction = "inbound" if ingress else "outbound"
        return coded(f"they have no {direction} rule", NO_RULES)
    peer = "source" if ingress else "destination"
    near = [
        _told(f"for the port but another {peer}", _others(rules, traffic)),
        _told(f"for the {peer} but another port", _elsewhere(rules, traffic, region, carried)),
    ]
    return coded("; ".join(filter(None, near)), GROUP_RULES)


def _told(what: str, rules: Iterable[Rule]) -> str:
    texts = list(dict.fromkeys(rule.origin.text for rule in rules))
    more = f" and {len(texts) - _MOST} more" if len(texts) > _MOST else ""
    return f"{what}: {', '.join(texts[:_MOST])}{more}" if texts else ""


def _others(rules: Iterable[tuple[SecurityGroup, Rule]], traffic: TrafficSet) -> Iterator[Rule]:
    yield from (rule for _, rule in rules if not traffic.isdisjoint(rule.traffic.upper))


def _elsewhere(
    rules: Iterable[tuple[SecurityGroup, Rule]],
    traffic: TrafficSet,
    region: AddressSet,
    carried: KeySet | None,
) -> Iterator[Rule]:
    for _, rule in rules:
        if traffic.isdisjoint(rule.traffic.upper) and _is_for(rule, region, carried):
            yield rule


def _is_for(rule: Rule, region: AddressSet, carried: KeySet | None) -> bool:
    if rule.addresses is not None:
        return not region.isdisjoint(rule.addresses.upper)
    named = rule.group
    return named is not None and carried is not None and any(k in named.keys for k in carried.candidates)
