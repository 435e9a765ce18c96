"""What policies of any kind have in common: rules in order, in tiers, for the pods they select."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from eks_checks.kubernetes.manifest import text
from eks_checks.sets import TCP, UDP, AddressSet, Bounds, IntervalSet, TrafficSet, union_of
from eks_checks.terraform.value import Collection, Known, Value, is_null, scalar

LAST_PORT = 65535
SCTP = 132
PROTOCOLS = {"tcp": TCP, "udp": UDP, "sctp": SCTP, "icmp": 1, "icmpv6": 58, "udplite": 136}
EVERY_ADDRESS = Bounds.exact(AddressSet.everything())
ANY_ADDRESS = Bounds(AddressSet.empty(), AddressSet.everything())
EVERY_TRAFFIC = Bounds.exact(TrafficSet.everything())
ANY_TRAFFIC = Bounds(TrafficSet.empty(), TrafficSet.everything())


class Action(enum.Enum):
    """What a rule does with what it matches; ``PASS`` leaves it to the next tier."""

    ALLOW = "allow"
    DENY = "deny"
    PASS = "pass"


class Nodes(enum.Enum):
    """Which nodes a rule may speak of at all, where it does not go by address."""

    ANY = "any"
    OWN = "own"
    OTHERS = "others"


@dataclass(frozen=True)
class Asked:
    """Packets to nodes: at ``addresses``, as ``traffic``.

    ``own`` says whether the nodes are of the pods' own cluster; None where that is not known.
    """

    addresses: AddressSet
    traffic: TrafficSet
    own: bool | None


@dataclass(frozen=True)
class Rule:
    """One egress rule. ``pods`` is false where it holds for some of the selected pods only, or perhaps."""

    action: Action
    addresses: Bounds[AddressSet] = EVERY_ADDRESS
    traffic: Bounds[TrafficSet] = EVERY_TRAFFIC
    nodes: Nodes = Nodes.ANY
    pods: bool = True

    def may_match(self, asked: Asked) -> bool:
        """Whether it may match any of the packets."""
        if asked.own is not None and self.nodes is (Nodes.OTHERS if asked.own else Nodes.OWN):
            return False
        return not (
            self.addresses.upper.isdisjoint(asked.addresses) or self.traffic.upper.isdisjoint(asked.traffic)
        )

    def surely_matches(self, asked: Asked) -> bool:
        """Whether it surely matches every one of the packets, from every selected pod."""
        mine = {Nodes.ANY: True, Nodes.OWN: asked.own is True, Nodes.OTHERS: asked.own is False}[self.nodes]
        inside = asked.addresses <= self.addresses.lower and asked.traffic <= self.traffic.lower
        return self.pods and mine and inside


@dataclass(frozen=True)
class Policy:
    """One policy's egress side.

    ``namespace`` is the one it is of, empty for all, None where not known. ``everywhere``: it surely exists
    and selects every pod there. ``ends``: what its tier leaves undecided is denied for the pods it selects.
    ``order``: lower ones come first in their tier.
    """

    resource: str
    namespace: str | None
    everywhere: bool
    rules: tuple[Rule, ...]
    ends: bool = True
    tier: int = 0
    order: float = 0.0

    @property
    def sure(self) -> bool:
        """Whether it surely selects every pod of the namespaces it concerns."""
        return self.everywhere and self.namespace is not None

    def concerns(self, namespace: str) -> bool:
        """Whether it may select pods of the namespace."""
        return self.namespace in ("", None, namespace)


def held(policies: Iterable[Policy], namespace: str, asked: Asked) -> tuple[str, ...]:
    """The resources of the policies that surely stop the packets from every pod of the namespace.

    None of them does: an empty tuple. What is not sure stops nothing, and may let anything through.
    """
    mine = sorted((p for p in policies if p.concerns(namespace)), key=lambda p: (p.tier, p.order))
    for _, tier in groupby(mine, key=lambda policy: policy.tier):
        verdict = _tier(tuple(tier), asked)
        if verdict is not None:
            return verdict
    return ()


def _tier(tier: Sequence[Policy], asked: Asked) -> tuple[str, ...] | None:
    """The policies that stop the packets; empty where one may let some through; None: the next decides."""
    passed = False
    for _, equals in groupby(tier, key=lambda policy: policy.order):
        matching = [(p, rule) for p in equals for rule in p.rules if rule.may_match(asked)]
        if len({id(policy) for policy, _ in matching}) > 1:
            # Which of them comes first is not known: a denial counts after all else.
            matching.sort(key=lambda pair: pair[1].action is Action.DENY)
        for policy, rule in matching:
            sure = policy.sure and rule.surely_matches(asked)
            if rule.action is Action.ALLOW:
                return ()
            if rule.action is Action.DENY and sure and not passed:
                return (policy.resource,)
            if rule.action is Action.PASS and sure:
                return None
            passed = passed or rule.action is Action.PASS
    ends = {policy.resource for policy in tier if policy.ends and policy.sure}
    return tuple(sorted(ends)) if ends and not passed else None


def cidrs(value: Value) -> Bounds[AddressSet]:
    """The addresses of a list of prefixes: what is not known may be any."""
    if not isinstance(value, Collection):
        return ANY_ADDRESS
    found = [prefix(item) for item in value.items]
    lower = union_of((one.lower for one in found), AddressSet.empty())
    upper = union_of((one.upper for one in found), AddressSet.empty())
    return Bounds(lower, upper if value.exact else AddressSet.everything())


def prefix(value: Value) -> Bounds[AddressSet]:
    """The addresses of one prefix, or of an address alone."""
    known = text(value)
    try:
        return Bounds.exact(AddressSet.from_cidr(known) if "/" in known else AddressSet.from_address(known))
    except ValueError:
        return ANY_ADDRESS


def ports(protocol: Value, first: Value, last: Value, *, default: str = "tcp") -> Bounds[TrafficSet]:
    """One entry of a list of ports: no port means every one, a name may mean any."""
    name = default if is_null(protocol) else text(protocol).lower()
    number = PROTOCOLS.get(name)
    numbers: tuple[int, ...] = (TCP, UDP, SCTP) if name == "any" else () if number is None else (number,)
    if not numbers:
        return ANY_TRAFFIC
    whole = union_of(map(TrafficSet.protocol, numbers), TrafficSet.empty())
    if is_null(first):
        return Bounds.exact(whole)
    low = port_number(first)
    high = low if is_null(last) else port_number(last)
    if low is None or high is None or not 0 <= low <= high <= LAST_PORT:
        return Bounds(TrafficSet.empty(), whole)
    chosen = (TrafficSet.of(one, IntervalSet.of((low, high))) for one in numbers)
    return Bounds.exact(union_of(chosen, TrafficSet.empty()))


def port_number(value: Value) -> int | None:
    """A known port, which may be written as text; None for a name or what is not known."""
    known = scalar(value) if isinstance(value, Known) else None
    if isinstance(known, bool) or known is None:
        return None
    words = str(known)
    return int(words) if words.isascii() and words.isdigit() and len(words) < 6 else None


def any_of(found: Iterable[Bounds[TrafficSet]]) -> Bounds[TrafficSet]:
    """What any of several entries matches."""
    entries = tuple(found)
    lower = union_of((one.lower for one in entries), TrafficSet.empty())
    return Bounds(lower, union_of((one.upper for one in entries), TrafficSet.empty()))


def egress(listed: Value, read: Callable[[Value], Iterable[Rule]]) -> Iterator[Rule]:
    """The rules of an egress list, each as ``read`` takes it; one that is not known may allow anything."""
    if is_null(listed):
        return
    anything = Rule(Action.ALLOW, ANY_ADDRESS, ANY_TRAFFIC)
    if not isinstance(listed, Collection):
        yield anything
        return
    for entry in listed.items:
        yield from read(entry)
    if not listed.exact:
        yield anything


def port_list(listed: Value, read: Callable[[Value], Bounds[TrafficSet]]) -> Bounds[TrafficSet]:
    """The traffic of a list of ports, each as ``read`` takes it: none written means all."""
    if is_null(listed):
        return EVERY_TRAFFIC
    if not isinstance(listed, Collection):
        return ANY_TRAFFIC
    entries = [read(entry) for entry in listed.items]
    return any_of(entries if listed.exact else [*entries, ANY_TRAFFIC])
