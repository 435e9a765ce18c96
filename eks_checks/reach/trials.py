"""The estate as it would be if one thing that is not known turned out so or so.

A cause names an attribute. Wherever the estate holds a fact that this attribute leaves open, the fact
is settled, the same way everywhere; all else stays as it is, open where it was open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import AclEntry, NetworkAcl, Rule, SecurityGroup, in_order
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import YES, Cause, KeySet, Origin, Pointer, Truth
from eks_checks.aws.vpc import Attached, BlockMode, BlockPublicAccess, Route, RouteTable, TargetKind
from eks_checks.sets import AddressSet, Bounds, TrafficSet

Where: TypeAlias = tuple[str, str]
"""(resource, attribute) of what is not known."""
Choice: TypeAlias = "bool | str | int"
"""What it turns out to be: so or not, the key of an object, a Block Public Access mode, an entry's number."""

ADMITTING = "?admitting"
"""Key of a group that lets everything in and out: what a group not in the inputs may turn out to be."""
_EVERYTHING = AddressSet.all_ipv4() | AddressSet.all_ipv6()
_TRAFFIC = ("protocol", "ip_protocol", "from_port", "to_port", "icmp_type", "icmp_code")
_FIELDS = (
    "vpcs",
    "subnets",
    "route_tables",
    "internet_gateways",
    "network_acls",
    "security_groups",
    "interfaces",
    "pods",
    "passive",
    "block_public_access",
)


@dataclass(frozen=True)
class Held:
    """Which facts of an estate an attribute leaves open: the types of what holds them, and the candidates.

    ``candidates`` are keys of objects it may name, ``elsewhere`` whether it may name another one too;
    ``directions`` are those of the rules (``ingress``, ``egress``), ``numbers`` those of other entries.
    """

    types: frozenset[str]
    candidates: tuple[str, ...]
    elsewhere: bool
    directions: frozenset[str]
    numbers: tuple[int, ...]
    causes: tuple[Cause, ...]


def held(estate: Estate, where: Where) -> Held:
    """What of the estate depends on the attribute."""
    types: set[str] = set()
    keys: set[str] = set()
    causes: dict[Cause, None] = {}
    directions: set[str] = set()
    numbers: set[int] = set()
    elsewhere = False
    for holder, above in _walk(estate):
        mine = [c for c in getattr(holder, "causes", ()) if (c.resource, c.attribute) == where]
        if not mine:
            continue
        causes.update(dict.fromkeys(mine))
        types.add(type(holder).__name__)
        if isinstance(holder, (Pointer, Attached)):
            keys.update(holder.keys)
            elsewhere = elsewhere or holder.open
        elif isinstance(holder, KeySet):
            keys.update(holder.maybe)
            elsewhere = elsewhere or holder.open
        elif isinstance(holder, Rule) and isinstance(above, SecurityGroup):
            directions.add("ingress" if any(r is holder for r in above.ingress) else "egress")
        elif isinstance(holder, AclEntry) and isinstance(above, NetworkAcl) and holder.number is None:
            numbers.update(e.number for e in (*above.inbound, *above.outbound) if e.number is not None)
    candidates = tuple(sorted(keys))
    told = tuple(causes)
    return Held(frozenset(types), candidates, elsewhere, frozenset(directions), tuple(sorted(numbers)), told)


def settled(estate: Estate, where: Where, choice: Choice) -> Estate:
    """The estate in which the attribute turns out as chosen."""
    change = _Change(where, choice, estate)
    made = {name: change.of(getattr(estate, name)) for name in _FIELDS}
    groups = dict(made["security_groups"])
    groups[ADMITTING] = _admitting()
    return replace(estate, **{**made, "security_groups": dict(sorted(groups.items()))})


class _Change:
    """Rebuilds what holds the open fact; what does not stays the same object."""

    def __init__(self, where: Where, choice: Choice, estate: Estate) -> None:
        self._where = where
        self._is_gateway = choice in estate.internet_gateways
        self._is_group = choice in estate.security_groups
        self._choice = choice
        self._made: dict[int, tuple[Any, Any]] = {}

    def of(self, thing: Any) -> Any:
        """The thing after the change; None where it is then not there."""
        if isinstance(thing, Mapping):
            found = {key: self.of(value) for key, value in thing.items()}
            return thing if all(found[k] is thing[k] for k in thing) else found
        if isinstance(thing, tuple):
            several = tuple(self.of(value) for value in thing)
            same = all(a is b for a, b in zip(several, thing, strict=True))
            return thing if same else tuple(v for v in several if v is not None)
        if not dataclasses.is_dataclass(thing) or isinstance(thing, (Cause, Origin, Bounds)):
            return thing
        if id(thing) not in self._made:
            self._made[id(thing)] = (thing, self._object(thing))
        return self._made[id(thing)][1]

    def _object(self, thing: Any) -> Any:
        parts = {f.name: getattr(thing, f.name) for f in dataclasses.fields(thing) if f.init}
        inside = {
            name: part if name in ("causes", "doubts") else self.of(part) for name, part in parts.items()
        }
        changed = {name: part for name, part in inside.items() if part is not parts[name]}
        made = replace(thing, **changed) if changed else thing
        if isinstance(made, NetworkAcl) and changed:
            made = replace(made, inbound=in_order(made.inbound), outbound=in_order(made.outbound))
        rest = tuple(c for c in parts.get("causes", ()) if (c.resource, c.attribute) != self._where)
        doubts = tuple(c for c in parts.get("doubts", ()) if (c.resource, c.attribute) != self._where)
        if self._choice is True and len(doubts) != len(parts.get("doubts", ())):
            made = replace(made, doubts=doubts)
        return self._settle(made, rest) if len(rest) != len(parts.get("causes", ())) else made

    def _settle(self, thing: Any, rest: tuple[Cause, ...]) -> Any:
        choice = self._choice
        if isinstance(thing, Truth):
            return Truth(bool(choice)) if not rest and isinstance(choice, bool) else Truth(None, rest)
        if isinstance(thing, (Pointer, Attached)):
            return self._link(thing, rest)
        if isinstance(thing, KeySet):
            return self._listed(thing, rest)
        if isinstance(thing, Rule):
            return self._rule(thing, rest)
        if isinstance(thing, AclEntry):
            return self._entry(thing, rest)
        if isinstance(thing, Route):
            return self._route(thing, rest)
        if isinstance(thing, Interface):
            here = choice if isinstance(choice, bool) else thing.subnet in (None, choice)
            return replace(thing, certain=True, causes=rest) if here and not rest else thing if here else None
        if isinstance(thing, SecurityGroup) and not rest:
            more = _admitting() if choice else None
            ingress = (*thing.ingress, *(more.ingress if more else ()))
            egress = (*thing.egress, *(more.egress if more else ()))
            return replace(thing, open=False, ingress=ingress, egress=egress, causes=())
        if isinstance(thing, NetworkAcl) and not rest:
            entries = _entries(allow=bool(choice))
            return replace(thing, open=False, inbound=entries, outbound=entries, causes=())
        if isinstance(thing, RouteTable) and not rest and choice is False:
            return replace(thing, open=False, causes=())
        if isinstance(thing, BlockPublicAccess) and isinstance(choice, str):
            return replace(thing, mode=BlockMode(choice), causes=rest)
        return thing

    def _link(self, thing: Any, rest: tuple[Cause, ...]) -> Any:
        if isinstance(self._choice, str) and self._choice in thing.keys:
            return replace(thing, keys=(self._choice,), open=False, causes=rest)
        if self._choice is True and len(thing.keys) == 1:
            return replace(thing, open=False, causes=rest)
        return thing

    def _listed(self, thing: KeySet, rest: tuple[Cause, ...]) -> KeySet:
        if rest:
            return thing
        if isinstance(self._choice, str):
            fits = self._choice in thing.maybe or (thing.open and self._is_group)
            return KeySet(thing.sure | {self._choice}) if fits else thing
        if self._choice is False:
            return KeySet(thing.sure)
        return KeySet(thing.sure | thing.maybe | ({ADMITTING} if thing.open else set()))

    def _rule(self, thing: Rule, rest: tuple[Cause, ...]) -> Rule | None:
        sure = thing.certain
        if self._choice is False:
            known = thing.addresses is not None and sure and bool(thing.addresses.lower)
            if not known or thing.addresses is None or self._of_traffic():
                return None
            return replace(thing, addresses=Bounds.exact(thing.addresses.lower), causes=rest)
        if isinstance(self._choice, str):
            group = thing.group
            if group is None or not (self._choice in group.keys or (group.open and self._is_group)):
                return thing
            named = Pointer((self._choice,))
            return replace(thing, group=named, causes=rest, certain=sure or not rest)
        made = thing if rest else replace(thing, certain=True)
        if self._of_traffic() or not rest:
            made = replace(made, traffic=Bounds.exact(thing.traffic.upper))
        if thing.addresses is not None and not self._of_traffic():
            made = replace(made, addresses=Bounds.exact(thing.addresses.upper))
        return replace(made, causes=rest)

    def _entry(self, thing: AclEntry, rest: tuple[Cause, ...]) -> AclEntry | None:
        if isinstance(self._choice, int) and not isinstance(self._choice, bool):
            number = thing.number if thing.number is not None else self._choice
            return replace(thing, number=number, causes=rest, certain=thing.certain or not rest)
        if self._where[1].rpartition(".")[2] in ("action", "rule_action"):
            return replace(thing, causes=rest)  # its Truth is settled already
        if self._choice is False:
            return None
        traffic = Bounds.exact(thing.traffic.upper) if self._of_traffic() or not rest else thing.traffic
        far_end = thing.far_end if self._of_traffic() else Bounds.exact(thing.far_end.upper)
        return replace(
            thing, traffic=traffic, far_end=far_end, causes=rest, certain=thing.certain or not rest
        )

    def _route(self, thing: Route, rest: tuple[Cause, ...]) -> Route | None:
        if self._is_gateway and thing.kind is TargetKind.UNKNOWN:
            leads = Pointer((str(self._choice),))
            return replace(thing, kind=TargetKind.INTERNET_GATEWAY, gateway=leads, causes=rest)
        if isinstance(self._choice, str):
            return thing if thing.kind is TargetKind.UNKNOWN else replace(thing, causes=rest)
        if self._choice is False:
            if thing.kind is TargetKind.UNKNOWN:
                return replace(thing, kind=TargetKind.NAT_GATEWAY, gateway=Pointer(), causes=rest)
            return None
        whole = thing.prefix is None and not thing.destination.decided
        made = replace(thing, destination=Bounds.exact(thing.destination.upper), prefix=0) if whole else thing
        return replace(made, certain=made.certain or not rest, causes=rest)

    def _of_traffic(self) -> bool:
        return self._where[1].rpartition(".")[2] in _TRAFFIC


def _walk(estate: Estate) -> Iterator[tuple[Any, Any]]:
    """Everything that may hold an open fact, with what it is part of."""
    stack: list[tuple[Any, Any]] = [(getattr(estate, name), None) for name in reversed(_FIELDS)]
    while stack:
        thing, above = stack.pop()
        if isinstance(thing, Mapping):
            stack.extend((value, above) for value in reversed(list(thing.values())))
        elif isinstance(thing, tuple):
            stack.extend((value, above) for value in reversed(thing))
        elif dataclasses.is_dataclass(thing) and not isinstance(thing, (Cause, Origin, Bounds)):
            yield thing, above
            parts = (getattr(thing, field.name) for field in dataclasses.fields(thing) if field.init)
            stack.extend((part, thing) for part in parts)


def _admitting() -> SecurityGroup:
    rule = Rule(Bounds.exact(TrafficSet.everything()), Origin(ADMITTING, ""), Bounds.exact(_EVERYTHING))
    return SecurityGroup(ADMITTING, "external", ADMITTING, Pointer(), (rule,), (rule,))


def _entries(*, allow: bool) -> tuple[AclEntry, ...]:
    if not allow:
        return ()
    everything = Bounds.exact(TrafficSet.everything())
    return (AclEntry(1, YES, Bounds.exact(_EVERYTHING), everything, Origin(ADMITTING, "")),)
