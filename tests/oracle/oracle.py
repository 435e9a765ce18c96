"""What the contract's `reach` must answer for a world, found by asking packet after packet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from .addresses import addresses, block_samples, internet_samples, is_global, vpn_blocks
from .balancers import ask_balancer, balancers_for, counts_as_client, leads_to
from .delivery import Interface, Source, delivered
from .endpoints import ENDPOINT, ask_endpoint, endpoints
from .model import World
from .model_connections import TransitGateway
from .model_eks import LaunchTemplate
from .network import network_of
from .packets import Cidr
from .parties import Party, sources, targets
from .verdicts import (
    BLOCKED,
    POSSIBLE,
    REACHABLE,
    between,
    either,
    of_every_case,
    options,
    strongest,
    weakest,
)

FAMILY_NAME = {4: "ipv4", 6: "ipv6"}


@dataclass
class Wide:
    """One scope of addresses.  `ask` answers for any address, `counts` says which it speaks of;
    `inside`: blocks that its `cidrs` must not leave, None: no such blocks; `telling`: whether the
    question is worth counting; `quiet`: blocks whose addresses are not counted either."""

    scope: str
    resource: str | None
    samples: list[int]
    ask: Callable[[int], str]
    counts: Callable[[int], bool]
    inside: list[Cidr] | None = None
    via: str | None = None
    telling: bool = True
    quiet: list[Cidr] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ask = cache(self.ask)

    @cached_property
    def verdicts(self) -> dict[int, str]:
        return {address: self.ask(address) for address in self.samples}

    def counted(self) -> list[str]:
        """The answers that say how telling the worlds are."""
        return [
            answer
            for address, answer in self.verdicts.items()
            if self.telling and not any(block.holds(address) for block in self.quiet)
        ]


@dataclass
class Expected:
    """One target entry for one port.  An answer may leave room for several verdicts: `verdicts.either`."""

    resource: str
    subnet: str
    family: int
    protocol: str
    port: int | None
    public_address: set[str]
    security_groups: list[list[tuple[str, str, bool | None]]]  # the union, then each variant's own
    wide: list[Wide] = field(default_factory=list)
    known: dict[tuple[str, str, str | None], str] = field(default_factory=dict)
    optional: set[tuple[str, str, str | None]] = field(default_factory=set)

    def scope(self, name: str) -> Wide:
        return next(item for item in self.wide if item.scope == name)

    def ask_internet(self, address: int) -> str:
        return self.scope("internet").ask(address)

    def ask_vpc(self, address: int) -> str:
        return self.scope("vpc").ask(address)

    @cached_property
    def verdicts(self) -> set[str]:
        """The target's verdict; several where an answer that decides it leaves room."""
        answers = [verdict for item in self.wide for verdict in item.verdicts.values()]
        certain = [verdict for key, verdict in self.known.items() if key not in self.optional]
        low = [weakest(options(verdict)) for verdict in answers + certain]
        high = [strongest(options(verdict)) for verdict in [*answers, *self.known.values()]]
        # Whoever else may be a balancer's client, and so decide, is left open: see `counts_as_client`.
        high += [REACHABLE for item in self.wide if item.scope == "load_balancer" and item.telling]
        return set(options(between(strongest(low), strongest(high))))


def expectations(
    world: World, protocol: str = "tcp", port: int | None = 22, all_interfaces: bool = False
) -> list[Expected]:
    """One for each target and family; worked out once for each question."""
    known = world.__dict__.setdefault("expectations", {})
    asked = (protocol, port, all_interfaces)
    if asked not in known:
        senders = sources(world)
        known[asked] = [
            Question(world, target, family, protocol, port).expected(senders)
            for target in targets(world, all_interfaces)
            for family in target.families()
        ]
    return known[asked]


@dataclass(frozen=True)
class Question:
    world: World
    target: Party
    family: int
    protocol: str
    port: int | None

    def expected(self, senders: list[Party]) -> Expected:
        expected = Expected(
            self.target.resource,
            self.target.subnet,
            self.family,
            self.protocol,
            self.port,
            _public_address(self.target, self.family),
            security_groups(self.world, self.target),
            list(self._wide()),
        )
        for sender in senders:
            if sender.subnet is None:
                expected.known[(sender.scope, sender.resource, None)] = between(BLOCKED, POSSIBLE)
            if self.family in sender.families() and not self._is_itself(sender):
                key = (sender.scope, sender.resource, sender.subnet)
                expected.known[key] = self._from_party(sender)
                if self.family in sender.optional:
                    expected.optional.add(key)
        for endpoint in endpoints(self.world):
            key = (ENDPOINT, endpoint.address, "")
            expected.known[key] = ask_endpoint(
                self.world, endpoint, self._variants(), self.family, self.protocol, self.port
            )
        return expected

    def _is_itself(self, sender: Party) -> bool:
        return sender.is_single and sender.resource == self.target.resource

    def _variants(self) -> list[Interface]:
        return [variant for variant in self.target.variants if self.family in variant.families]

    # --- who asks --------------------------------------------------------------------------------------

    def _ask(self, asking: Iterable[Source]) -> str:
        """Most open over the target's interfaces; every / some / none over addresses."""
        asking = list(asking)
        return strongest(
            of_every_case(
                delivered(self.world, source, variant, destination, self.family, self.protocol, self.port)
                for source in asking
                for destination in addresses(self.world, variant, self.family)
            )
            for variant in self._variants()
        )

    def _ask_all_ways(self, asking: list[Source]) -> str:
        """Contract and facts leave open whether the reply may take another connection (M2)."""
        readings = [self._ask(asking)]
        if self.world.peerings and self.world.transit_gateways:
            readings.append(self._ask(replace(source, asymmetric=True) for source in asking))
        return either(readings)

    def _from_party(self, sender: Party) -> str:
        certain = self._strongest(sender.variants)
        readings = [certain]
        if sender.perhaps:
            readings = [between(certain, self._strongest(sender.variants + sender.perhaps))]
        if sender.translated and self._vpc_of(sender.translated) != self._vpc_of(self.target.variants):
            readings.append(self._strongest(sender.translated))
        return either(readings)

    def _vpc_of(self, variants: tuple[Interface, ...]) -> str:
        return self.world.subnet(variants[0].subnet_id).vpc_id

    def _strongest(self, variants: tuple[Interface, ...]) -> str:
        """Over the sender's kinds of interface, every / some / none over its addresses."""
        found = [
            self._ask_all_ways(
                [Source(address, variant) for address in addresses(self.world, variant, self.family)]
            )
            for variant in variants
            if self.family in variant.families
        ]
        low = strongest(weakest(options(answer)) for answer in found)
        return either([low, strongest(strongest(options(answer)) for answer in found)])

    # --- addresses -------------------------------------------------------------------------------------

    def _wide(self) -> Iterator[Wide]:
        world, family = self.world, self.family
        network = network_of(world)
        home = self._vpc_of(self.target.variants)
        own = network.vpc_blocks[home]
        gateway = next(
            (item.address for item in world.gateways if item.kind == "internet" and item.vpc_id == home), None
        )
        yield Wide(
            "internet",
            None,
            internet_samples(world, home, family),
            lambda address: self._ask([Source(address, internet=True)]),
            lambda address: is_global(address, family) and not network.vpc_holds(home, address, family),
            via=gateway,
            # Many, and mostly blocked, for routes lead there by other ways.
            quiet=[
                block for blocks in network.vpc_blocks.values() for block in blocks if block.family == family
            ],
        )
        yield self._plain_hosts("vpc", world.vpc_by_id(home).address, own, Source(0, vpc_id=home))
        for peering in world.peerings:
            if other := peering.other(home):
                source = Source(0, vpc_id=other, via=peering.id)
                yield self._plain_hosts("peering", peering.address, network.vpc_blocks[other], source)
        for transit in world.transit_gateways:
            if transit.attachment_of(home):
                yield self._through_transit(transit, home)
        for vpn in world.vpn_gateways:
            for connection in vpn.connections if vpn.vpc_id == home else ():
                yield self._plain_hosts(
                    "vpn", connection.address, vpn_blocks(world), Source(0, vpn=True, via=connection.id)
                )
        for balancer in balancers_for(world, home, family):
            yield Wide(
                "load_balancer",
                balancer.address,
                internet_samples(world, home, family) + block_samples(world, own, family),
                lambda address, balancer=balancer: ask_balancer(
                    world, balancer, self.target, address, self.protocol, self.port
                ),
                lambda address, balancer=balancer: counts_as_client(world, balancer, address),
                telling=leads_to(world, balancer, self.target, self.protocol, self.port),
            )

    def _plain_hosts(self, scope: str, resource: str, blocks: list[Cidr], source: Source) -> Wide:
        return self._hosts_in(blocks, scope, resource, lambda address: replace(source, address=address))

    def _through_transit(self, transit: TransitGateway, home: str) -> Wide:
        """All other VPCs behind one gateway; their blocks never overlap."""
        network = network_of(self.world)
        others = [item.vpc_id for item in transit.attachments if item.vpc_id != home]
        blocks = [block for vpc_id in others for block in network.vpc_blocks[vpc_id]]

        def source(address: int) -> Source:
            vpc_id = next(item for item in others if network.vpc_holds(item, address, self.family))
            return Source(address, vpc_id=vpc_id, via=transit.id)

        wide = self._hosts_in(blocks, "transit_gateway", transit.address, source)

        def ask(address: int) -> str:
            """NOTE: a host in no known subnet is in no known zone, so it may be cut off (C11)."""
            answer = self._ask_all_ways([source(address)])
            placed = network.subnet_holding(source(address).vpc_id, address, self.family)
            return answer if placed or answer == BLOCKED else either([answer, POSSIBLE])

        return replace(wide, ask=ask)

    def _hosts_in(
        self, blocks: list[Cidr], scope: str, resource: str, source: Callable[[int], Source]
    ) -> Wide:
        inside = [block for block in blocks if block.family == self.family]
        return Wide(
            scope,
            resource,
            block_samples(self.world, inside, self.family),
            lambda address: self._ask_all_ways([source(address)]),
            lambda address: any(block.holds(address) for block in inside),
            inside,
        )


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
    return group.address or world.vpc_by_id(group.vpc_id).address, "default", None


def _named_groups(template: LaunchTemplate) -> list[str]:
    return template.groups + [group for block in template.interfaces for group in block.groups]
