"""Who effectively gets in by a rule that defeats a restriction: the engine's sources against the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eks_checks.aws.interface import Interface
from eks_checks.checks.check import View
from eks_checks.checks.ssh_sources import Entry
from eks_checks.reach.admission import Admission
from eks_checks.reach.answer import Answer, Source, Verdict
from eks_checks.reach.engine import Question
from eks_checks.reach.restriction import Defeat
from eks_checks.sets import AddressSet, Family, union_of


@dataclass(frozen=True)
class _Opened:
    """What all wider rules on one interface open beyond one restricting group."""

    interface: Interface
    holder: Admission
    addresses: AddressSet
    groups: frozenset[str]
    anyone: bool


class DefeatReach:
    """Looks the sources of one port of one view up once."""

    def __init__(self, view: View, port: int) -> None:
        """Nothing is looked up before it is asked for."""
        self._view = view
        self._addresses: dict[tuple[str, str, tuple[str, ...] | None], AddressSet] = {}
        self._groups: dict[tuple[str, str | None], list[frozenset[str]]] = {}
        self._answers: dict[str, list[Answer]] = {}
        for answer in view.answers(Question(ports=(port, port), explain=True)):
            self._answers.setdefault(answer.resource, []).append(answer)

    def answers(self, resource: str) -> tuple[Answer, ...]:
        """Who reaches the port of what the resource creates."""
        return tuple(self._answers.get(resource, ()))

    def entries(self, defeats: Iterable[Defeat]) -> tuple[Entry, ...]:
        """The sources that reach the port (or may) and that only the wider rules let in."""
        found: dict[tuple[int, int], Entry] = {}
        for opened in _together(defeats):
            for answer in self._answers.get(opened.interface.resource, ()):
                if answer.subnet in self._subnets(opened.interface):
                    for source in answer.sources:
                        if source.verdict is not Verdict.BLOCKED and self._thereby(opened, answer, source):
                            found[id(answer), id(source)] = Entry(answer, source)
        return tuple(found.values())

    def _subnets(self, interface: Interface) -> set[str | None]:
        subnet = self._view.estate.subnets.get(interface.subnet or "")
        return {interface.subnet, subnet.resource} if subnet is not None else {interface.subnet}

    def _thereby(self, opened: _Opened, answer: Answer, source: Source) -> bool:
        if self._view.is_bastion(source.resource, source.cidrs or ()):
            return False
        addresses = self._addresses_of(answer, source)
        if addresses and addresses <= opened.holder.addresses.lower:
            return False
        carried = self._groups_of(source) if source.has_subnet else []
        if carried and all(groups & opened.holder.groups.sure for groups in carried):
            return False
        by_group = any(groups & opened.groups for groups in carried)
        return opened.anyone or by_group or not addresses.isdisjoint(opened.addresses)

    def _addresses_of(self, answer: Answer, source: Source) -> AddressSet:
        key = (answer.family, source.subnet or source.resource, source.cidrs)
        if key not in self._addresses:
            self._addresses[key] = self._looked_up(answer, source)
        return self._addresses[key]

    def _looked_up(self, answer: Answer, source: Source) -> AddressSet:
        if source.cidrs is not None:
            return AddressSet.from_cidrs(source.cidrs)
        estate = self._view.estate
        family: Family = "ipv6" if answer.family == "ipv6" else "ipv4"
        named = [vpc.addresses(family) for vpc in estate.vpcs.values() if vpc.resource == source.resource]
        named += [s.addresses(family) for s in estate.subnets.values() if s.resource == source.subnet]
        return named[0] if named else AddressSet.empty()

    def _groups_of(self, source: Source) -> list[frozenset[str]]:
        """The groups of each shape of the interfaces that the source stands for."""
        key = (source.resource, source.subnet)
        if key not in self._groups:
            alike = [each for each in self._view.estate.everyone if each.resource == source.resource]
            here = [each for each in alike if source.subnet in self._subnets(each)] or alike
            self._groups[key] = [shape.groups.candidates for each in here for shape in each.shapes]
        return self._groups[key]


def _together(defeats: Iterable[Defeat]) -> Iterator[_Opened]:
    several: dict[tuple[int, str], list[Defeat]] = {}
    for defeat in defeats:
        several.setdefault((id(defeat.interface), defeat.holder.group.key), []).append(defeat)
    for alike in several.values():
        yield _Opened(
            alike[0].interface,
            alike[0].holder,
            union_of((defeat.addresses for defeat in alike), AddressSet.empty()),
            frozenset().union(*(defeat.groups for defeat in alike)),
            any(defeat.wider is None for defeat in alike),
        )
