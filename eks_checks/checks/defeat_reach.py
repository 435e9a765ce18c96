"""Who effectively gets in by a rule that defeats a restriction: the engine's sources against the rules."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.interface import Interface
from eks_checks.checks.check import View
from eks_checks.checks.ssh_sources import Entry
from eks_checks.reach.answer import Answer, Source, Verdict
from eks_checks.reach.restriction import Defeat
from eks_checks.sets import AddressSet, Family


def gets_in(view: View, defeat: Defeat) -> Iterator[Entry]:
    """The sources that reach the interface's tcp 22 (or may) and that only the wider rule lets in."""
    for answer in view.ssh:
        if answer.resource != defeat.interface.resource or not _same_subnet(view, defeat.interface, answer):
            continue
        for source in answer.sources:
            if source.verdict is not Verdict.BLOCKED and _thereby(view, defeat, answer, source):
                yield Entry(answer, source)


def _same_subnet(view: View, interface: Interface, answer: Answer) -> bool:
    subnet = view.estate.subnets.get(interface.subnet or "")
    return answer.subnet in {interface.subnet, subnet.resource if subnet else None}


def _thereby(view: View, defeat: Defeat, answer: Answer, source: Source) -> bool:
    if view.settings.is_bastion(source.resource, source.cidrs or ()):
        return False
    if defeat.wider is None:
        return True
    addresses = _addresses(view, answer, source)
    if addresses and addresses <= defeat.holder.addresses.lower:
        return False
    by_address = not addresses.isdisjoint(defeat.addresses)
    if not source.has_subnet:
        return by_address
    groups = [shape.groups.candidates for each in _interfaces(view, source) for shape in each.shapes]
    held = defeat.holder.groups.sure
    if by_address:
        return not groups or any(not carried & held for carried in groups)
    return any(defeat.is_by_group(carried) for carried in groups)


def _addresses(view: View, answer: Answer, source: Source) -> AddressSet:
    if source.cidrs is not None:
        return AddressSet.from_cidrs(source.cidrs)
    family: Family = "ipv6" if answer.family == "ipv6" else "ipv4"
    named = [vpc.addresses(family) for vpc in view.estate.vpcs.values() if vpc.resource == source.resource]
    named += [s.addresses(family) for s in view.estate.subnets.values() if s.resource == source.subnet]
    return named[0] if named else AddressSet.empty()


def _interfaces(view: View, source: Source) -> list[Interface]:
    subnets = {s.key for s in view.estate.subnets.values() if source.subnet in (s.key, s.resource)}
    alike = [each for each in view.estate.interfaces if each.resource == source.resource]
    return [each for each in alike if each.subnet in subnets] or alike
