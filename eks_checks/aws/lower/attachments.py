"""What is put on interfaces from outside: Elastic IPs (D5) and added security groups (A25)."""

from __future__ import annotations

from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Truth
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.lower.handed import handed
from eks_checks.terraform.resource import Block, Resource


class ElasticAddresses:
    """Which instances and interfaces hold an Elastic IP (D5)."""

    def __init__(self, run: Lowering) -> None:
        self.sure: set[str] = set()
        self.maybe: dict[str, tuple[Cause, ...]] = {}
        self.anywhere: tuple[Cause, ...] = ()
        for resource in run.world.resources("aws_eip"):
            self._add(run, resource, ("instance", "network_interface"))
        for resource in run.world.resources("aws_eip_association"):
            self._add(run, resource, ("instance_id", "network_interface_id"))
        for key, causes in handed(run, "interface").items():
            self.maybe[key] = (*self.maybe.get(key, ()), *causes)
        self._leaving = _leaving(run)

    def _add(self, run: Lowering, resource: Resource, attributes: tuple[str, ...]) -> None:
        for attribute in attributes:
            if left_out(resource.value(attribute)):
                continue
            found = run.link(resource, "interface", attribute)
            doubts = run.doubts(resource)
            if found.exact and not doubts:
                self.sure.add(found.exact)
            else:
                self.maybe.update(dict.fromkeys(found.keys, (*found.causes, *doubts)))
                self.anywhere = (*self.anywhere, *found.causes) if found.open else self.anywhere

    def on(self, key: str) -> Truth:
        """Whether the interface (or instance) with this key holds one."""
        if key in self.sure:
            return YES
        causes = (*self.maybe.get(key, ()), *self.anywhere)
        return Truth(None, causes) if causes else NO

    def leaves(self, key: str, address: str) -> bool:
        """Whether the public ``address`` it had (empty: not known) is, or may be, an Elastic IP that goes."""
        gone = self._leaving.get(key, frozenset())
        return bool(gone) and (not address or not gone.isdisjoint({address, ""}))


_HOLDERS = ("instance", "network_interface", "instance_id", "network_interface_id")


def _leaving(run: Lowering) -> dict[str, frozenset[str]]:
    """Interface key to the Elastic IPs it loses in this plan (empty: not known which), for D6."""
    found: dict[str, frozenset[str]] = {}
    for change in run.world.changes("aws_eip", "aws_eip_association"):
        if change.before is None:
            continue
        stays = set() if change.after is None else _holders(run, change.after, surely=True)
        for key in _holders(run, change.before) - stays:
            found[key] = found.get(key, frozenset()) | {text(change.before, "public_ip")}
    return found


def _holders(run: Lowering, block: Block, *, surely: bool = False) -> set[str]:
    """The instance and interface that an Elastic IP or association names, or may name."""
    named = [run.identity.find(block.value(name), "interface", "", "") for name in _HOLDERS]
    return {key for found in named if found.exact or not surely for key in found.keys}


def attached_groups(run: Lowering) -> dict[str, KeySet]:
    """Interface key to the groups that ``aws_network_interface_sg_attachment`` adds; "" for those on any."""
    found: dict[str, KeySet] = {}
    for resource in run.world.resources("aws_network_interface_sg_attachment"):
        target = run.link(resource, "interface", "network_interface_id")
        group = run.link(resource, "security_group", "security_group_id")
        doubts = run.doubts(resource)
        settled = target.exact and not doubts
        sure = frozenset({group.exact}) if settled and group.exact else frozenset[str]()
        maybe = frozenset(group.keys) - sure
        causes = (*target.causes, *group.causes, *doubts)
        for key in (*target.keys, *(("",) if target.open else ())):
            added = KeySet(sure, maybe, group.open, causes if maybe or group.open else ())
            found[key] = found.get(key, KeySet()).plus(added)
    for key, why in handed(run, "interface").items():
        found[key] = found.get(key, KeySet()).plus(KeySet(open=True, causes=why))
    return found


def also_on(attached: dict[str, KeySet], key: str) -> KeySet:
    """The groups added to the interface with this key, and to any."""
    return attached.get(key, KeySet()).plus(attached.get("", KeySet()))


def either(left: Truth, right: Truth) -> Truth:
    """Whether one or the other holds."""
    if left.surely or right.surely:
        return YES
    if left.value is None or right.value is None:
        return Truth(None, (*left.causes, *right.causes))
    return NO
