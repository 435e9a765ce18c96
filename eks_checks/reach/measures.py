"""Measures: changes of the configuration that can close a way, and the estate with some of them taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Origin, Pointer
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Change, Hop
from eks_checks.reach.internet import globally_reachable
from eks_checks.reach.login import INTERNET, Node
from eks_checks.sets import AddressSet, Bounds, TrafficSet

# NOTE: what nodes and control plane need of each other (J1, J3).
NEEDED = TrafficSet.tcp(443, 443) | TrafficSet.tcp(10250, 10250) | TrafficSet.tcp(53, 53)
# NOTE: a rule set that is known to work (J2): 22 is not in it.
_KEEP = "tcp 443 and 10250, tcp and udp 53, and the rest of tcp 1025-65535"
_PARTIES = ("control_plane", "fargate")
_PUBLIC = globally_reachable("ipv4") | globally_reachable("ipv6")

_SPARED = 10
"""What is spared ranks behind all else."""

Mark: TypeAlias = tuple[str, str, "SourceSpan | None"]
"""What tells a written rule from others: the resource that holds it, its words, and its place."""


@dataclass(frozen=True)
class Measure:
    """One change: ports left out of a rule, or (with ``group``) a security group left off an interface.

    ``rule`` and ``location`` are the rule's; ``group`` is the estate key of the group that ``resource``,
    which makes the interface, should not carry.
    """

    resource: str
    rule: str = ""
    location: SourceSpan | None = None
    group: str = ""


@dataclass(frozen=True)
class _Held:
    """A rule in its group; ``inbound`` tells the direction."""

    group: SecurityGroup
    inbound: bool
    rule: Rule


class Measures:
    """What can be changed in one estate to close ``ports``, without what EKS needs."""

    def __init__(self, estate: Estate, ports: TrafficSet, spared: frozenset[Mark] = frozenset()) -> None:
        """``ports`` are those over which one logs in, and the target's; ``spared`` rules come last."""
        self.estate = estate
        self._spared = spared
        self._ports = ports
        self._ranks: dict[Measure, tuple[int, str, str, str]] = {}
        self._held: dict[Mark, list[_Held]] = {}
        for group in estate.security_groups.values():
            for inbound, rules in ((True, group.ingress), (False, group.egress)):
                for rule in rules:
                    self._held.setdefault(_mark(rule.origin), []).append(_Held(group, inbound, rule))
        self._interfaces: dict[Node, list[Interface]] = {}
        for interface in estate.interfaces:
            subnet = estate.subnets[interface.subnet].resource if interface.subnet else ""
            self._interfaces.setdefault((interface.resource, subnet or None), []).append(interface)
        parties = [i for i in estate.interfaces if i.node.possibly or i.kind in _PARTIES]
        self._party_groups = frozenset(key for i in parties for key in _groups(i))
        self._party_open = any(shape.groups.open for i in parties for shape in i.shapes)
        self._party_addresses = self._addresses(parties)

    def against(self, hop: Hop, source: Node, target: Node, traffic: TrafficSet) -> frozenset[Measure]:
        """Every measure that may take away the rule of one hop between the two; none where EKS needs it."""
        inbound = hop.layer == "security_group"
        if not traffic.isdisjoint(NEEDED) and self._are_parties(source, target):
            return frozenset()
        found: set[Measure] = set()
        for held in self._held.get((hop.resource, hop.rule, hop.location), []):
            if held.inbound is not inbound:
                continue
            if self._can_go(held) and not self._kept(held, traffic):
                found.add(Measure(hop.resource, hop.rule, hop.location))
            # Whoever the rule names is at the far end; what holds an inbound rule is the target.
            found.update(self._leaving(source if inbound else target, held.rule.group))
            if inbound:
                found.update(self._leaving(target, Pointer((held.group.key,))))
        return frozenset(found)

    def _leaving(self, node: Node, named: Pointer | None) -> Iterator[Measure]:
        """Leaving off a group that EKS made for the cluster (E3, E5): its own rule comes back (E2)."""
        groups = self.estate.security_groups
        if named is None:
            return
        for interface in self._interfaces.get(node, []):
            for key in sorted(_groups(interface)):
                if named.may_be(key) and groups[key].kind == "cluster" and interface.kind not in _PARTIES:
                    yield Measure(interface.resource, group=key)

    def _can_go(self, held: _Held) -> bool:
        """Whether the configuration can do without the rule: not one that EKS or AWS will make again."""
        return not held.rule.origin.implicit or (
            held.inbound and held.group.kind in ("remote_access", "default")
        )

    def _kept(self, held: _Held, traffic: TrafficSet) -> bool:
        """Whether nodes and control plane speak with each other by the rule, on ports that EKS needs."""
        if traffic.isdisjoint(NEEDED) or held.group.key not in self._party_groups:
            return False
        rule = held.rule
        if rule.addresses is not None:
            return not rule.addresses.upper.isdisjoint(self._party_addresses)
        return rule.group is not None and (
            self._party_open or any(rule.group.may_be(key) for key in self._party_groups)
        )

    def _are_parties(self, *nodes: Node) -> bool:
        return all(
            any(i.node.possibly or i.kind in _PARTIES for i in self._interfaces.get(node, []))
            for node in nodes
            if node != INTERNET
        )

    def _addresses(self, interfaces: Iterable[Interface]) -> AddressSet:
        found = AddressSet.empty()
        for key in {i.subnet for i in interfaces}:
            if key is None:
                return AddressSet.everything()
            subnet = self.estate.subnets[key]
            found = found | subnet.addresses("ipv4") | subnet.addresses("ipv6")
        return found

    def taken(self, measures: Iterable[Measure]) -> Estate:
        """The estate with these changes made."""
        gone = {(m.resource, m.rule, m.location) for m in measures if not m.group}
        left = {(m.resource, m.group) for m in measures if m.group}
        groups = {key: self._narrowed(group, gone) for key, group in self.estate.security_groups.items()}
        for resource, _ in left:
            groups[_own_key(resource)] = _own_group(resource)
        interfaces = tuple(_without(interface, left) for interface in self.estate.interfaces)
        return replace(self.estate, security_groups=groups, interfaces=interfaces)

    def _narrowed(self, group: SecurityGroup, gone: set[Mark]) -> SecurityGroup:
        rules = (*group.ingress, *group.egress)
        if not any(_mark(rule.origin) in gone for rule in rules):
            return group

        def narrowed(inbound: bool) -> Iterator[Rule]:
            for rule in group.ingress if inbound else group.egress:
                if _mark(rule.origin) not in gone:
                    yield rule
                elif rest := self._rest(_Held(group, inbound, rule)).upper:
                    yield replace(rule, traffic=Bounds(rule.traffic.lower & rest, rest))

        return replace(group, ingress=tuple(narrowed(True)), egress=tuple(narrowed(False)))

    def _rest(self, held: _Held) -> Bounds[TrafficSet]:
        """What a rule lets through once the ports are left out of it."""
        ports = self._ports - NEEDED if self._kept(held, self._ports) else self._ports
        traffic = held.rule.traffic
        return Bounds(traffic.lower - ports, traffic.upper - ports)

    def change(self, measure: Measure) -> Change:
        """The measure in words."""
        groups = self.estate.security_groups
        if measure.group:
            group = groups[measure.group]
            rule = f"the cluster security group of {group.resource}"
            place = next((i.location for i in self.estate.interfaces if i.resource == measure.resource), None)
            return Change(measure.resource, rule, self._leave_text(measure, rule), place)
        held = self._held[measure.resource, measure.rule, measure.location]
        return Change(measure.resource, measure.rule, self._rule_text(measure, held[0]), measure.location)

    def _leave_text(self, measure: Measure, rule: str) -> str:
        kinds = {i.kind for i in self.estate.interfaces if i.resource == measure.resource}
        managed = "by a launch template that names groups of its own, " if "node_group" in kinds else ""
        return (
            f"keep {rule} off {measure.resource}, {managed}"
            f"with groups that admit {_KEEP} among nodes and control plane"
        )

    def _rule_text(self, measure: Measure, held: _Held) -> str:
        rest = self._rest(held).upper
        closed = held.rule.traffic.upper - rest
        verb = "remove" if not rest else f"leave {closed.describe().replace(', ', ' and ')} out of"
        kind = held.group.kind
        text = f"{verb} {measure.rule}"
        if held.rule.origin.implicit and kind == "remote_access":
            text = f"name source groups in remote_access, or do without it: {text}"
        if held.rule.origin.implicit and kind == "default":
            text = f"manage the default group (aws_default_security_group) and {text}"
        if rest and held.group.key in self._party_groups and not rest.isdisjoint(NEEDED):
            text = f"{text}; keep {_KEEP} among nodes and control plane"
        return text

    def rank(self, measure: Measure) -> tuple[int, str, str, str]:
        """Its place among measures: see ``_rank``, which is worked out once for each."""
        if measure not in self._ranks:
            self._ranks[measure] = self._rank(measure)
        return self._ranks[measure]

    def _rank(self, measure: Measure) -> tuple[int, str, str, str]:
        """What to propose first of equally few: a rule for public addresses, other inbound ones, the rest."""
        place = repr(measure.location)
        if measure.group:
            return (4, measure.resource, measure.group, place)
        held = self._held[measure.resource, measure.rule, measure.location]
        addresses = held[0].rule.addresses
        public = addresses is not None and not addresses.upper.isdisjoint(_PUBLIC)
        implicit = held[0].rule.origin.implicit
        sort = 3 if not held[0].inbound else 2 if implicit else 0 if public else 1
        if (measure.resource, measure.rule, measure.location) in self._spared:
            sort += _SPARED
        return (sort, measure.resource, measure.rule, place)


def _mark(origin: Origin) -> Mark:
    return (origin.resource, origin.text, origin.location)


def _groups(interface: Interface) -> frozenset[str]:
    return frozenset(key for shape in interface.shapes for key in shape.groups.candidates)


def _own_key(resource: str) -> str:
    return f"{resource}#own_groups"


def _own_group(resource: str) -> SecurityGroup:
    """The groups that stand in for one left off: they close the ports, and let everything out."""
    origin = Origin(resource, "outbound all traffic to anywhere")
    everything = Bounds.exact(TrafficSet.everything())
    out = Rule(everything, origin, Bounds.exact(AddressSet.everything()))
    return SecurityGroup(_own_key(resource), "managed", resource, Pointer(open=True), (), (out,))


def _without(interface: Interface, left: set[tuple[str, str]]) -> Interface:
    gone = frozenset(group for resource, group in left if resource == interface.resource)
    if not gone & _groups(interface):
        return interface

    def changed(shape: Shape) -> Shape:
        groups = shape.groups
        sure = groups.sure - gone | {_own_key(interface.resource)}
        return replace(shape, groups=replace(groups, sure=sure, maybe=groups.maybe - gone))

    shapes = tuple(changed(s) if s.groups.candidates & gone else s for s in interface.shapes)
    return replace(interface, shapes=shapes)
