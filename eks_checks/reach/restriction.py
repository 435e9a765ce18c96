"""Restrictions on a port that another security group of the same interface defeats (fact A1).

A group cannot deny: what one group holds to a few sources, any wider group on the interface opens
again. Rules are compared by what they admit, never by how they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.membership import Member, Membership
from eks_checks.reach.admission import Admission, admission, surely_covers, surely_spans_all_ports
from eks_checks.reach.internet import globally_reachable, whole
from eks_checks.sets import AddressSet, Bounds, Family, union_of


@dataclass(frozen=True)
class Meant:
    """Who is meant to get in whatever the rules say: the declared bastions."""

    addresses: AddressSet = field(default_factory=AddressSet.empty)
    resource: Callable[[str], bool] = field(default=lambda _: False)


@dataclass(frozen=True)
class Defeat:
    """``restricting`` means to hold the port to some sources; ``wider``, of another group, admits others.

    ``wider`` is None where the other group's rules are not in the inputs. ``addresses`` and
    ``groups`` are the sources that get in by ``wider`` alone. ``sure`` is false where an unknown decides.
    """

    interface: Interface
    restricting: Rule
    holder: Admission
    wider: Rule | None
    opener: SecurityGroup
    addresses: AddressSet
    groups: frozenset[str]
    sure: bool


class Restrictions:
    """Finds defeated restrictions on one tcp port of one estate's interfaces."""

    def __init__(self, estate: Estate, port: int, meant: Meant) -> None:
        """Nothing is compared before it is asked for."""
        self._estate = estate
        self._port = port
        self._meant = meant
        self._membership = Membership(estate)
        self._admissions: dict[str, Admission] = {}
        self._coverage: dict[tuple[str, str, tuple[Family, ...], int], bool | None] = {}

    def defeats(self, interface: Interface, shape: Shape) -> Iterator[Defeat]:
        """Every (restricting rule, wider rule) of two groups on the interface, or that may be."""
        groups = [self._estate.security_groups[key] for key in self._known(shape)]
        for holder in groups:
            held = self._admission(holder)
            rules = [(rule, self.restricts(rule, held, shape)) for rule in held.rules]
            for rule, restricts in rules:
                if restricts is False:
                    continue
                for opener in groups:
                    if opener is not holder:
                        both = {holder.key, opener.key} <= shape.groups.sure
                        sure = bool(restricts) and both and interface.node.surely
                        yield from self._wider(interface, shape, rule, held, opener, sure)

    def admits(self, group: SecurityGroup) -> bool:
        """Whether the group admits somebody to the port, or may."""
        return group.open or bool(self._admission(group).rules)

    def restricts(self, rule: Rule, held: Admission, shape: Shape) -> bool | None:
        """Whether ``rule`` holds the port to sources narrower than the world; None where that is not known.

        A rule on all ports does not, unless its source is meant: it lets a source do anything and says
        nothing of this port. Nor does a rule beside which its own group admits the world.
        """
        if surely_spans_all_ports(rule) and not self._is_meant(rule):
            return False
        families = _families(shape)
        if rule.addresses is not None:
            own = rule.addresses
            families = tuple(f for f in families if own.upper.family(f) and not _is_world(own.lower, f))
        if not any(not _is_world(held.addresses.lower, f) for f in families):
            return False
        narrow = any(not _is_world(held.addresses.upper, f) for f in families)
        return True if narrow and surely_covers(rule, self._port) else None

    def _is_meant(self, rule: Rule) -> bool:
        """Whether only declared bastions get in by the rule."""
        if rule.addresses is not None:
            return bool(rule.addresses.upper) and rule.addresses.upper <= self._meant.addresses
        members = [m for key in rule.group.keys for m in self._membership.of(key)] if rule.group else []
        return bool(members) and all(self._meant.resource(m.interface.resource) for m in members)

    def _wider(
        self,
        interface: Interface,
        shape: Shape,
        restricting: Rule,
        held: Admission,
        opener: SecurityGroup,
        sure: bool,
    ) -> Iterator[Defeat]:
        nothing, nobody = AddressSet.empty(), frozenset[str]()
        if opener.open:
            yield Defeat(interface, restricting, held, None, opener, nothing, nobody, False)
        for rule in self._admission(opener).rules:
            certain = sure and surely_covers(rule, self._port)
            if rule.addresses is not None:
                excess = self._excess(rule.addresses, held, shape)
                if excess.upper:
                    exact = certain and bool(excess.lower)
                    told = excess.lower if exact else excess.upper
                    yield Defeat(interface, restricting, held, rule, opener, told, nobody, exact)
            elif rule.group is not None:
                covered = {key: self._covered(key, held, interface, shape) for key in rule.group.keys}
                others = frozenset(key for key, answer in covered.items() if answer is not True)
                if others or rule.group.open:
                    exact = certain and covered.get(rule.group.exact or "") is False
                    yield Defeat(interface, restricting, held, rule, opener, nothing, others, exact)

    def _excess(self, wider: Bounds[AddressSet], held: Admission, shape: Shape) -> Bounds[AddressSet]:
        families = union_of((whole(f) for f in _families(shape)), AddressSet.empty())
        fixed = self._fixed_addresses(held)
        meant = Bounds.exact(self._meant.addresses | fixed)
        return (wider & Bounds.exact(families)) - held.addresses - meant

    def _fixed_addresses(self, held: Admission) -> AddressSet:
        members = [m for key in sorted(held.groups.sure) for m in self._membership.of(key) if m.sure]
        fixed = (m.shape.addresses for m in members if m.shape.addresses is not None)
        return union_of(fixed, AddressSet.empty())

    def _covered(self, group: str, held: Admission, target: Interface, shape: Shape) -> bool | None:
        """Whether everyone who carries ``group`` gets in by ``held`` already, or is meant to."""
        # A lone interface is no source for itself, so there the answer is its own.
        key = (group, held.group.key, _families(shape), 0 if target.many else id(target))
        if key not in self._coverage:
            self._coverage[key] = self._members_covered(group, held, target, shape)
        return self._coverage[key]

    def _members_covered(self, group: str, held: Admission, target: Interface, shape: Shape) -> bool | None:
        if group in held.groups.sure or self._vpc_covered(group, held, shape):
            return True
        members = self._membership.of(group)
        if not members:
            return None if group in held.groups.maybe or held.groups.open else False
        others = [m for m in members if m.interface is not target or target.many]
        answers = [(member, self._member_covered(member, held, shape)) for member in others]
        if all(answer is True for _, answer in answers):
            return True
        return False if any(member.sure and answer is False for member, answer in answers) else None

    def _vpc_covered(self, group: str, held: Admission, shape: Shape) -> bool:
        known = self._estate.security_groups.get(group)
        vpc = self._estate.vpcs.get(known.vpc.exact or "") if known is not None else None
        if vpc is None or not vpc.managed:
            return False
        return all(vpc.addresses(family) <= held.addresses.lower for family in _families(shape))

    def _member_covered(self, member: Member, held: Admission, shape: Shape) -> bool | None:
        carried = member.shape.groups
        if self._meant.resource(member.interface.resource) or carried.sure & held.groups.sure:
            return True
        known = [self._membership.addresses(member.interface, member.shape, f) for f in _families(shape)]
        addresses = [a for a in known if a is not None]
        if len(addresses) == len(known) and all(a <= held.addresses.lower for a in addresses):
            return True
        open_ = carried.open or held.groups.open or len(addresses) < len(known)
        if open_ or carried.candidates & held.groups.candidates:
            return None
        return None if all(a <= held.addresses.upper for a in addresses) else False

    def _known(self, shape: Shape) -> list[str]:
        return [key for key in sorted(shape.groups.candidates) if key in self._estate.security_groups]

    def _admission(self, group: SecurityGroup) -> Admission:
        if group.key not in self._admissions:
            self._admissions[group.key] = admission(group, self._port)
        return self._admissions[group.key]


def _is_world(addresses: AddressSet, family: Family) -> bool:
    """Whether every public address is in the set, however it is written: two halves count (A18)."""
    return globally_reachable(family) <= addresses


def _families(shape: Shape) -> tuple[Family, ...]:
    return ("ipv4", "ipv6") if shape.ipv6.possibly else ("ipv4",)
