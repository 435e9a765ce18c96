"""Which addresses to try: one of every class that some CIDR of the world tells apart.

Where an address is not fixed, trying one of each class makes the answer exact, not a sample.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

from .crossing import transit_routes
from .delivery import Interface
from .model import World
from .network import network_of
from .packets import Cidr, cidr, last_of

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


def addresses(world: World, interface: Interface, family: int) -> list[int]:
    """The fixed address, or one of each class inside the subnet (contract: any address of its subnet)."""
    fixed = interface.families[family]
    return [fixed] if fixed is not None else subnet_classes(world, interface.subnet_id, family)


def subnet_classes(world: World, subnet_id: str, family: int) -> list[int]:
    cache = world.__dict__.setdefault("subnet_classes", {})
    if (subnet_id, family) not in cache:
        block = cidr(world.subnet(subnet_id).block(family))
        last = last_of(block)
        found = {block.base, last}
        found.update(edge for edge in edges(world, family) if block.base <= edge <= last)
        cache[(subnet_id, family)] = sorted(found)
    return cache[(subnet_id, family)]


def block_samples(world: World, blocks: Iterable[Cidr], family: int) -> list[int]:
    """First and last address of every class inside these blocks."""
    samples = set()
    for block in blocks:
        if block.family != family:
            continue
        first, last = block.base, last_of(block)
        cuts = sorted({first, last + 1} | {edge for edge in edges(world, family) if first <= edge <= last})
        for start, end in itertools.pairwise(cuts):
            samples.update((start, end - 1))
    return sorted(samples)


def internet_samples(world: World, vpc_id: str, family: int) -> list[int]:
    """First address of every class of globally reachable unicast addresses outside the VPC, its last
    where it is near, and some at random."""
    cache = world.__dict__.setdefault("internet_samples", {})
    if (vpc_id, family) not in cache:
        own = network_of(world).vpc_blocks[vpc_id]
        found = set(edges(world, family))
        for block in [item for item in SPECIAL + own if item.family == family]:
            found.update((block.base, last_of(block) + 1))
        top = 2 ** (32 if family == 4 else 128)
        found.update((1 << 24, 8 << 24) if family == 4 else (UNICAST6.base, last_of(UNICAST6) + 1))
        rng = random.Random(f"internet {world.seed} {family}")
        samples = set(found) | {edge - 1 for edge in sorted(found) if rng.random() < 0.3}
        samples.update(_random_global(rng, family) for _ in range(4))
        cache[(vpc_id, family)] = sorted(
            sample
            for sample in samples
            if 0 <= sample < top
            and is_global(sample, family)
            and not network_of(world).vpc_holds(vpc_id, sample, family)
        )
    return cache[(vpc_id, family)]


def _random_global(rng: random.Random, family: int) -> int:
    while True:
        candidate = rng.getrandbits(32) if family == 4 else (0b001 << 125) | rng.getrandbits(125)
        if is_global(candidate, family):
            return candidate


def edges(world: World, family: int) -> list[int]:
    """Where some CIDR of the world begins, or has just ended."""
    cache = world.__dict__.setdefault("edges", {})
    if family not in cache:
        found = set()
        for block in _mentioned(world):
            if block.family == family:
                found.update((block.base, last_of(block) + 1))
        cache[family] = sorted(found)
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
        for block, _, _ in routes:
            yield block
    for gateway in world.transit_gateways:
        for table in gateway.tables:
            for block, _, _ in transit_routes(network, gateway, table):
                yield block
    for _subnet, block in network.blocks:
        yield block
    yield from vpn_blocks(world)


def vpn_blocks(world: World) -> list[Cidr]:
    return [
        cidr(text)
        for gateway in world.vpn_gateways
        for connection in gateway.connections
        for _, text in connection.routes
    ]
