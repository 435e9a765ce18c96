"""What the contract's `reach` must answer for a world, found by asking packet after packet.

Where an address is not fixed, one address of every class that any CIDR of the world tells apart is
tried: the answer is exact, not a sample.  On internet and VPC addresses likewise; a few more besides.
"""

from __future__ import annotations

import ipaddress
import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from .delivery import Cidr, Interface, Source, cidr, delivered, network_of
from .model import World
from .parties import Party, sources, targets

__all__ = ["Expected", "delivered", "expectations", "is_global", "strongest"]

BLOCKED, POSSIBLE, REACHABLE = "blocked", "possible", "reachable"
RANK = {BLOCKED: 0, POSSIBLE: 1, REACHABLE: 2}
FAMILY_NAME = {4: "ipv4", 6: "ipv6"}

SPECIAL = [
    cidr(text)
    for text in (  # A18
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
]
UNICAST6 = cidr("2000::/3")


def is_global(address: int, family: int) -> bool:
    if family == 6 and not UNICAST6.holds(address):
        return False
    return not any(block.family == family and block.holds(address) for block in SPECIAL)


def strongest(verdicts: Iterable[str]) -> str:
    return max(verdicts, key=RANK.__getitem__, default=BLOCKED)


@dataclass
class Expected:
    """One target entry for one port.  `ask_internet` and `ask_vpc` answer for any address at all."""

    resource: str
    subnet: str
    family: int
    protocol: str
    port: int | None
    public_address: set[str]
    security_groups: list[list[tuple[str, str, bool | None]]]  # the union, then each variant's own
    ask_internet: Callable[[int], str]
    ask_vpc: Callable[[int], str]
    internet: list[int] = field(default_factory=list)
    vpc: list[int] = field(default_factory=list)
    known: dict[tuple[str, str, str], str] = field(default_factory=dict)
    optional: set[tuple[str, str, str]] = field(default_factory=set)

    @cached_property
    def internet_verdicts(self) -> dict[int, str]:
        return {address: self.ask_internet(address) for address in self.internet}

    @cached_property
    def vpc_verdicts(self) -> dict[int, str]:
        return {address: self.ask_vpc(address) for address in self.vpc}

    def verdicts(self) -> set[str]:
        """The target's verdict; two where an optional source would decide it."""
        certain = [
            *self.internet_verdicts.values(),
            *self.vpc_verdicts.values(),
            *(verdict for key, verdict in self.known.items() if key not in self.optional),
        ]
        return {strongest(certain), strongest([*certain, *self.known.values()])}


def expectations(
    world: World, protocol: str = "tcp", port: int | None = 22, all_interfaces: bool = False
) -> list[Expected]:
    senders = sources(world)
    return [
        _expected(world, senders, target, family, protocol, port)
        for target in targets(world, all_interfaces)
        for family in target.families()
    ]


def _expected(
    world: World, senders: list[Party], target: Party, family: int, protocol: str, port: int | None
) -> Expected:
    def ask(asking: list[Source]) -> str:
        """Most open over the target's interfaces; every / some / none over addresses."""
        return strongest(
            _verdict(
                delivered(world, source, variant, destination, family, protocol, port)
                for source in asking
                for destination in addresses(world, variant, family)
            )
            for variant in target.variants
            if family in variant.families
        )

    expected = Expected(
        target.resource,
        target.subnet,
        family,
        protocol,
        port,
        _public_address(target, family),
        security_groups(world, target),
        ask_internet=lambda address: ask([Source(address, internet=True)]),
        ask_vpc=lambda address: ask([Source(address)]),
        internet=internet_samples(world, family),
        vpc=vpc_samples(world, family),
    )
    for sender in senders:
        if family not in sender.families() or (sender.is_single and sender.resource == target.resource):
            continue
        key = (sender.scope, sender.resource, sender.subnet)
        expected.known[key] = strongest(
            ask([Source(address, variant) for address in addresses(world, variant, family)])
            for variant in sender.variants
            if family in variant.families
        )
        if family in sender.optional:
            expected.optional.add(key)
    return expected


def _verdict(answers: Iterable[bool]) -> str:
    seen = set()
    for answer in answers:
        seen.add(answer)
        if len(seen) == 2:
            return POSSIBLE
    return REACHABLE if seen == {True} else BLOCKED


def _public_address(target: Party, family: int) -> set[str]:
    if family == 6:
        return {"yes"}  # every IPv6 block of these worlds is global
    return {"yes" if variant.public_ipv4 else "no" for variant in target.variants}


def security_groups(world: World, target: Party) -> list[list[tuple[str, str, bool | None]]]:
    """(resource, role, implicit): of all variants together, then of each; implicit None: not said."""
    every = [variant.groups for variant in target.variants]
    return [
        [_role(world, group_id) for group_id in dict.fromkeys(groups)] for groups in [sum(every, ()), *every]
    ]


def _role(world: World, group_id: str) -> tuple[str, str, bool | None]:
    group = world.group(group_id)
    if group.kind == "cluster":
        named = any(group_id in _named_groups(template) for template in world.templates)
        return group.owner, "cluster", None if named else True
    if group.kind == "remote_access":
        return group.owner, "remote_access", True
    if group.kind == "custom":
        return group.address, "attached", False
    return group.address or world.vpc.address, "default", None


def _named_groups(template) -> list[str]:
    return template.groups + [group for block in template.interfaces for group in block.groups]


# --- addresses -------------------------------------------------------------------------------------


def addresses(world: World, interface: Interface, family: int) -> list[int]:
    """The fixed address, or one of each class inside the subnet (contract: any address of its subnet)."""
    fixed = interface.families[family]
    if fixed is not None:
        return [fixed]
    cache = world.__dict__.setdefault("subnet_classes", {})
    if (interface.subnet_id, family) not in cache:
        block = cidr(world.subnet(interface.subnet_id).block(family))
        last = last_of(block)
        edges = {block.base, last}
        edges.update(edge for edge in _edges(world, family) if block.base <= edge <= last)
        cache[(interface.subnet_id, family)] = sorted(edges)
    return cache[(interface.subnet_id, family)]


def vpc_samples(world: World, family: int) -> list[int]:
    """First and last address of every class inside the VPC's own blocks."""
    samples = set()
    for text in world.vpc.blocks(family):
        block = cidr(text)
        first, last = block.base, last_of(block)
        edges = sorted({first, last + 1} | {edge for edge in _edges(world, family) if first <= edge <= last})
        for start, end in itertools.pairwise(edges):
            samples.update((start, end - 1))
    return sorted(samples)


def internet_samples(world: World, family: int) -> list[int]:
    """First address of every class of globally reachable unicast addresses outside the VPC, its last
    where it is near, and some at random."""
    cache = world.__dict__.setdefault("internet_samples", {})
    if family not in cache:
        own = [cidr(text) for text in world.vpc.blocks(family)]
        edges = set(_edges(world, family))
        for block in [item for item in SPECIAL if item.family == family] + own:
            edges.update((block.base, last_of(block) + 1))
        top = 2 ** (32 if family == 4 else 128)
        edges.update((1 << 24, 8 << 24) if family == 4 else (UNICAST6.base, last_of(UNICAST6) + 1))
        rng = random.Random(f"internet {world.seed} {family}")
        samples = set(edges) | {edge - 1 for edge in edges if rng.random() < 0.3}
        samples.update(_random_global(rng, family) for _ in range(4))
        cache[family] = sorted(
            sample
            for sample in samples
            if 0 <= sample < top
            and is_global(sample, family)
            and not any(block.holds(sample) for block in own)
        )
    return cache[family]


def _random_global(rng: random.Random, family: int) -> int:
    while True:
        candidate = rng.getrandbits(32) if family == 4 else (0b001 << 125) | rng.getrandbits(125)
        if is_global(candidate, family):
            return candidate


def _edges(world: World, family: int) -> list[int]:
    """Where some CIDR of the world begins, or has just ended."""
    cache = world.__dict__.setdefault("edges", {})
    if family not in cache:
        edges = set()
        for block in _mentioned(world):
            if block.family == family:
                edges.update((block.base, last_of(block) + 1))
        cache[family] = sorted(edges)
    return cache[family]


def _mentioned(world: World) -> Iterable[Cidr]:
    network = network_of(world)
    for rules in network.rules.values():
        for rule in rules:
            yield from rule[4]
    for entries in network.entries.values():
        for _, block, _ in entries:
            yield block
    for routes in network.routes.values():
        for block, _ in routes:
            yield block
    for _subnet, block in network.blocks:
        yield block


def last_of(block: Cidr) -> int:
    width = 32 if block.family == 4 else 128
    return block.base + 2 ** (width - block.length) - 1


def text_of(address: int, family: int) -> str:
    """NOTE: ipaddress.ip_address(small integer) would be IPv4 whatever the family."""
    return str(ipaddress.IPv4Address(address) if family == 4 else ipaddress.IPv6Address(address))
