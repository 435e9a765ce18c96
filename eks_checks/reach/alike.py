"""Classes of what is alike, so that work grows with classes and not with interfaces squared.

Hosts of two subnets are alike to a target where the filters on the way out of both do the same: then one
piece stands for both, since what gets in is decided for each source address by itself. Targets with the
same groups are alike to every source: they are knocked at by the same ones. And where all filters let a
pair of interfaces through in full, nothing stands between them, whichever pair it is.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from eks_checks.aws.acl_walk import Passed
from eks_checks.aws.knowledge import KeySet
from eks_checks.aws.vpc import Subnet
from eks_checks.reach.filters import GroupFilter
from eks_checks.reach.goals import local_goal
from eks_checks.reach.pieces import NOTHING, Candidate, Target
from eks_checks.reach.transfer import Flow, Transfer
from eks_checks.sets import AddressSet, Family, TrafficSet, union_of


@dataclass(frozen=True)
class Member:
    """A subnet of a quarter: its place among the estate's subnets, and its addresses of one family."""

    place: int
    subnet: Subnet
    addresses: AddressSet


@dataclass(frozen=True)
class Quarter:
    """Subnets of one VPC whose route tables and network ACLs do the same to what leaves them.

    ``leaves`` are the destinations to which everything gets out, and from which every reply gets in.
    """

    members: tuple[Member, ...]
    leaves: AddressSet

    @cached_property
    def addresses(self) -> AddressSet:
        """The addresses of all members."""
        return union_of((member.addresses for member in self.members), NOTHING)


@dataclass(frozen=True)
class Town:
    """All subnets of one VPC: the settled ones in quarters, and the ``others`` with their places.

    Settled is one that surely is there, in this VPC, with a known block that no other subnet may have.
    """

    quarters: tuple[Quarter, ...]
    others: tuple[tuple[int, Subnet], ...]

    @cached_property
    def addresses(self) -> AddressSet:
        """The addresses of the quarters."""
        return union_of((quarter.addresses for quarter in self.quarters), NOTHING)

    @cached_property
    def _places(self) -> dict[str, tuple[int, Subnet]]:
        settled = (member for quarter in self.quarters for member in quarter.members)
        return {member.subnet.key: (member.place, member.subnet) for member in settled}

    def remaining(self, own: str) -> list[tuple[int, Subnet]]:
        """The subnets with their places that are in no quarter for a target in ``own``, that one too."""
        mine = [self._places[own]] if own in self._places else []
        return sorted((*self.others, *mine), key=lambda each: each[0])


class Knocking:
    """The candidates that may be admitted by the groups of a target, found by their groups and addresses."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        """Index them once."""
        self._candidates = candidates
        self._by_group: dict[str, list[int]] = {}
        self._ranges: list[tuple[int, int, list[int]]] = []
        self._scattered: list[tuple[AddressSet, list[int]]] = []
        self._open: list[int] = []
        by_range: dict[AddressSet, list[int]] = {}
        for place, candidate in enumerate(candidates):
            by_range.setdefault(candidate.addresses, []).append(place)
            for key in candidate.groups.candidates:
                self._by_group.setdefault(key, []).append(place)
            if candidate.groups.open:
                self._open.append(place)
        shared = _shared(list(by_range))
        for addresses, places in by_range.items():
            intervals = addresses.numbers.intervals
            if len(intervals) == 1 and addresses.isdisjoint(shared):
                self._ranges.append((*intervals[0], places))
            else:
                self._scattered.append((addresses, places))
        self._ranges.sort()

    def at(self, admitted: GroupFilter) -> tuple[Candidate, ...]:
        """Those that ``admitted`` may admit, in their order."""
        return tuple(self._candidates[place] for place in self._places(admitted))

    def _places(self, admitted: GroupFilter) -> Iterable[int]:
        if admitted.open:
            return range(len(self._candidates))
        named = admitted.members | admitted.maybe_members
        found: set[int] = set(self._open) if named else set()
        for key in named:
            found.update(self._by_group.get(key, ()))
        upper = admitted.addresses.upper
        for first, last in upper.numbers.intervals:
            found.update(self._within(first, last))
        for addresses, places in self._scattered:
            if not addresses.isdisjoint(upper):
                found.update(places)
        return sorted(found)

    def _within(self, first: int, last: int) -> Iterator[int]:
        """The places whose range, of those that no other overlaps, has any of the numbers."""
        start = bisect.bisect_left(self._ranges, (first,))
        start -= bool(start) and self._ranges[start - 1][1] >= first
        for low, _, places in itertools.islice(self._ranges, start, None):
            if low > last:
                return
            yield from places


class Alike:
    """The classes of one estate; each is made when it is first asked for."""

    def __init__(self, transfer: Transfer) -> None:
        """Nothing is compared yet."""
        self._transfer = transfer
        self._estate = transfer.estate
        self._towns: dict[object, Town] = {}
        self._merged: dict[object, Quarter] = {}
        self._indexes: dict[int, Knocking] = {}
        self._knocking: dict[object, tuple[Candidate, ...]] = {}
        # No group has a say in who gets out of a subnet, and into one.
        self._ways: dict[object, AddressSet] = transfer.between.setdefault("ways", {})

    def town(self, vpc: str, flow: Flow, hosts: AddressSet) -> Town:
        """The subnets that are or may be in the VPC; ``hosts`` are all addresses its hosts may have."""
        key = (vpc, id(flow))
        if key not in self._towns:
            self._towns[key] = self._built(vpc, flow, hosts)
        return self._towns[key]

    def quarters(self, town: Town, target: Target) -> list[Quarter]:
        """The quarters as ``target`` sees them: those that everything leaves towards it are one.

        The target's own subnet is in none of them: its hosts meet no route and no network ACL.
        """
        plain = [n for n, quarter in enumerate(town.quarters) if target.addresses <= quarter.leaves]
        key = (id(town), tuple(plain))
        if key not in self._merged:
            members = (member for n in plain for member in town.quarters[n].members)
            self._merged[key] = Quarter(tuple(sorted(members, key=lambda m: m.place)), NOTHING)
        seen = set(plain)
        special = [quarter for n, quarter in enumerate(town.quarters) if n not in seen]
        return [quarter for quarter in (self._merged[key], *special) if quarter.members]

    def knocking(self, candidates: Sequence[Candidate], groups: KeySet, flow: Flow) -> tuple[Candidate, ...]:
        """The candidates that ``groups`` may admit."""
        key = (id(candidates), id(groups), id(flow))
        if key not in self._knocking:
            if id(candidates) not in self._indexes:
                self._indexes[id(candidates)] = Knocking(candidates)
            admitted = self._transfer.merged(groups, flow, ingress=True)
            self._knocking[key] = self._indexes[id(candidates)].at(admitted)
        return self._knocking[key]

    def unhindered(self, source: Candidate, target: Target, flow: Flow) -> bool:
        """Whether both ends' groups and all that lies between their subnets let everything through."""
        merged = self._transfer.merged
        if not admits_all(merged(target.groups, flow, ingress=True), source.groups, source.addresses):
            return False
        if not admits_all(merged(source.groups, flow, ingress=False), target.groups, target.addresses):
            return False
        here, there = source.subnet, target.subnet
        if source.interface.subnet is None or target.interface.subnet is None:
            return False
        if here.key == there.key:
            return True
        if here.vpc.exact is None or here.vpc.exact != there.vpc.exact:
            return False
        return target.addresses <= self.leaves(here, flow) and source.addresses <= self.enters(there, flow)

    def leaves(self, subnet: Subnet, flow: Flow) -> AddressSet:
        """The destinations in the VPC to which every request gets out, and from which every reply gets in."""
        return self._way(subnet, flow, inbound=False)

    def enters(self, subnet: Subnet, flow: Flow) -> AddressSet:
        """The sources in the VPC from which every request gets in, and to which every reply gets out."""
        return self._way(subnet, flow, inbound=True)

    def _way(self, subnet: Subnet, flow: Flow, *, inbound: bool) -> AddressSet:
        key = (subnet.key, id(flow), inbound)
        if key not in self._ways:
            passes = self._transfer.acl_passes
            request = passes(subnet, flow.request, flow.family, inbound=inbound)
            reply = passes(subnet, flow.reply, flow.family, inbound=not inbound)
            routed = self._transfer.towards(subnet, local_goal, flow.family).lower
            # A list that may let more replies back than it surely does is told among the unknowns.
            answered = _in_full(reply, flow.reply) if reply.decided else NOTHING
            self._ways[key] = routed & request.lower.keys(NOTHING) & answered
        return self._ways[key]

    def _built(self, vpc: str, flow: Flow, hosts: AddressSet) -> Town:
        family = flow.family
        numbered = enumerate(self._estate.subnets.values())
        inside = [Member(place, s, s.addresses(family)) for place, s in numbered if s.vpc.may_be(vpc)]
        shared = _shared([member.addresses for member in inside])
        quarters: dict[object, list[Member]] = {}
        others: list[tuple[int, Subnet]] = []
        for member in inside:
            if (
                _settled(member, vpc, family)
                and member.addresses <= hosts
                and member.addresses.isdisjoint(shared)
            ):
                quarters.setdefault(self._filters(member.subnet, flow), []).append(member)
            elif member.addresses or family in member.subnet.unknown_block:
                others.append((member.place, member.subnet))
        made = (Quarter(tuple(group), self.leaves(group[0].subnet, flow)) for group in quarters.values())
        return Town(tuple(made), tuple(others))

    def _filters(self, subnet: Subnet, flow: Flow) -> object:
        """What decides who leaves the subnet and is answered: equal where the filters do the same."""
        passes = self._transfer.acl_passes
        return (
            self._transfer.towards(subnet, local_goal, flow.family),
            passes(subnet, flow.request, flow.family, inbound=False),
            passes(subnet, flow.reply, flow.family, inbound=True),
        )


def admits_all(found: GroupFilter, groups: KeySet, addresses: AddressSet) -> bool:
    """Whether groups surely admit a peer at each of its addresses: by a group it carries, or by address."""
    return found.admits(groups) is True or addresses <= found.addresses.lower


def _in_full(passes: Passed, traffic: TrafficSet) -> AddressSet:
    """The far ends for which all of the traffic surely passes."""
    return union_of((keys for keys, passed in passes.lower.entries if traffic <= passed), NOTHING)


def _shared(sets: list[AddressSet]) -> AddressSet:
    """The addresses that two or more of the sets have."""
    seen = twice = NOTHING
    for addresses in sets:
        twice = twice | (seen & addresses)
        seen = seen | addresses
    return twice


def _settled(member: Member, vpc: str, family: Family) -> bool:
    subnet = member.subnet
    known = subnet.vpc.exact == vpc and family not in subnet.unknown_block and not subnet.doubts
    return known and bool(member.addresses)
