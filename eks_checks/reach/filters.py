"""What security groups and network ACLs let through, as sets: the merged union and the first match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from eks_checks.aws.acl_walk import Passed, first_match
from eks_checks.aws.firewall import AclEntry, NetworkAcl, Rule, SecurityGroup
from eks_checks.aws.knowledge import Cause, KeySet
from eks_checks.reach.internet import whole
from eks_checks.sets import AddressSet, Bounds, Family, Product, TrafficSet, union_of


@dataclass(frozen=True)
class GroupFilter:
    """What all groups of an interface together admit of one traffic, in one direction (A1).

    ``addresses``: peers admitted by address. ``members``: keys of groups all of whose members are surely
    admitted; ``maybe_members`` those who may be; with ``open`` members of any group may be.
    """

    addresses: Bounds[AddressSet]
    members: frozenset[str]
    maybe_members: frozenset[str]
    open: bool

    def may_admit(self, groups: KeySet, addresses: AddressSet) -> bool:
        """Whether a peer with these groups and addresses may be admitted at all."""
        return self.admits(groups) is not False or not addresses.isdisjoint(self.addresses.upper)

    def admits(self, groups: KeySet) -> bool | None:
        """Whether an interface that carries ``groups`` is admitted for them: yes, no (None), not known."""
        if self.members & groups.sure:
            return True
        named = self.members | self.maybe_members
        if named & groups.candidates or self.open or (groups.open and named):
            return None
        return False


def merged(
    groups: KeySet,
    by_key: Mapping[str, SecurityGroup],
    traffic: TrafficSet,
    family: Family,
    *,
    ingress: bool,
) -> GroupFilter:
    """The union of every rule of every group on the interface: a group never takes away (A1)."""
    lower: list[AddressSet] = []
    upper: list[AddressSet] = []
    members: set[str] = set()
    maybe: set[str] = set()
    open_ = groups.open
    for key in sorted(groups.candidates):
        group = by_key[key]
        open_ = open_ or group.open
        for rule in group.ingress if ingress else group.egress:
            if traffic.isdisjoint(rule.traffic.upper):
                continue
            sure = key in groups.sure and rule.certain and traffic <= rule.traffic.lower
            if rule.addresses is not None:
                upper.append(rule.addresses.upper)
                lower.extend([rule.addresses.lower] if sure else [])
            elif rule.group is not None:
                exact = rule.group.exact
                (members if sure and exact else maybe).update(rule.group.keys)
                open_ = open_ or rule.group.open
    everything = whole(family)
    low = union_of(lower, AddressSet.empty()) & everything
    high = everything if open_ else union_of(upper, AddressSet.empty()) & everything
    return GroupFilter(Bounds(low, low | high), frozenset(members), frozenset(maybe - members), open_)


Candidate: TypeAlias = tuple[bool, SecurityGroup, Rule]
"""(whether it is not sure to count, the group that holds it, the rule)."""


def rules_for(
    groups: KeySet, by_key: Mapping[str, SecurityGroup], traffic: TrafficSet, *, ingress: bool
) -> tuple[Candidate, ...]:
    """Every rule of the groups that may speak of ``traffic``, in the order of the groups."""
    return tuple(
        (key not in groups.sure or not rule.certain, by_key[key], rule)
        for key in sorted(groups.candidates)
        for rule in (by_key[key].ingress if ingress else by_key[key].egress)
        if not traffic.isdisjoint(rule.traffic.upper)
    )


def admitting_rules(rules: Iterable[Candidate], peer: str, carried: KeySet) -> tuple[Candidate, ...]:
    """The rules that admit one concrete peer, by address or by a group it carries: the sure ones if any."""
    found = [candidate for candidate in rules if _admits(candidate[2], peer, carried)]
    sure = [candidate for candidate in found if not candidate[0]]
    return tuple(sure or found)


def _admits(rule: Rule, peer: str, carried: KeySet) -> bool:
    if rule.addresses is not None:
        return peer in rule.addresses.upper
    return rule.group is not None and any(rule.group.may_be(key) for key in carried.candidates)


def group_causes(
    groups: KeySet, by_key: Mapping[str, SecurityGroup], traffic: TrafficSet, *, ingress: bool
) -> Iterator[Cause]:
    """What leaves the groups' rules open for ``traffic`` (not: which groups they are)."""
    for key in sorted(groups.candidates):
        group = by_key[key]
        if group.open:
            yield from group.causes
        for rule in group.ingress if ingress else group.egress:
            unsure = not rule.certain or not (traffic <= rule.traffic.lower)
            vague = rule.addresses is not None and not rule.addresses.decided
            pointer = rule.group is not None and rule.group.exact is None
            if not traffic.isdisjoint(rule.traffic.upper) and (unsure or vague or pointer):
                yield from rule.causes


def passed(acl: NetworkAcl, traffic: TrafficSet, family: Family, *, inbound: bool) -> Passed:
    """What one list of a network ACL lets through of ``traffic``: first match decides (B2, B16)."""
    empty: Product[AddressSet, TrafficSet] = Product.empty()
    everything = Product.of(whole(family), traffic)
    if acl.open:
        return Bounds(empty, everything)
    entries = [e for e in (acl.inbound if inbound else acl.outbound) if _speaks_of(e, traffic, family)]
    return first_match(entries, everything)


def _speaks_of(entry: AclEntry, traffic: TrafficSet, family: Family) -> bool:
    """Whether the entry may decide on any of the traffic: of a long list few do."""
    return not traffic.isdisjoint(entry.traffic.upper) and not entry.far_end.upper.isdisjoint(whole(family))


def either(options: Sequence[Passed]) -> Passed:
    """What passes whichever of the ACLs is in force."""
    found = options[0]
    for option in options[1:]:
        found = Bounds(found.lower & option.lower, found.upper | option.upper)
    return found


def deciding_entry(acl: NetworkAcl, address: str, traffic: TrafficSet, *, inbound: bool) -> AclEntry | None:
    """The entry that decides for one concrete far end and traffic; None for the implicit deny."""
    for entry in acl.inbound if inbound else acl.outbound:
        if address in entry.far_end.upper and not traffic.isdisjoint(entry.traffic.upper):
            return entry
    return None


def acl_causes(acls: Iterable[NetworkAcl], traffic: TrafficSet, *, inbound: bool) -> Iterator[Cause]:
    """What leaves these ACLs open for ``traffic``."""
    for acl in acls:
        yield from acl.causes
        for entry in acl.inbound if inbound else acl.outbound:
            if not traffic.isdisjoint(entry.traffic.upper):
                yield from entry.causes


def with_members(found: GroupFilter, by_group: bool | None, family: Family) -> Bounds[AddressSet]:
    """The addresses that a filter admits of a peer; ``by_group``: whether it is in a group it names."""
    if by_group is False:
        return found.addresses
    lower = whole(family) if by_group else found.addresses.lower
    return Bounds(lower, whole(family))
