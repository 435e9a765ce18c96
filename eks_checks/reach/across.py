"""What stands between two VPCs: routes both ways, lists at both ends, and groups that may not be named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import Cause, KeySet, Origin, Truth
from eks_checks.aws.vpc import Subnet
from eks_checks.reach.answer import Hop
from eks_checks.reach.exits import Exits, Passage, Stand
from eks_checks.reach.layers import Crossing, Ends, Layer, ReplyLayer
from eks_checks.reach.pieces import Target
from eks_checks.reach.transfer import Flow, Party, Transfer
from eks_checks.reach.transit import Leg
from eks_checks.reach.words import named
from eks_checks.sets import AddressSet

_NOBODY = KeySet()


class Across:
    """Makes the crossings between the VPCs of one estate."""

    def __init__(self, transfer: Transfer, exits: Exits) -> None:
        """Nothing is made yet."""
        self._transfer = transfer
        self.exits = exits
        self._weakened: dict[int, tuple[KeySet, KeySet]] = {}

    def crossing(
        self,
        way: Passage,
        stand: Stand,
        source: Party,
        target: Target,
        flow: Flow,
        addresses: AddressSet,
        *,
        fixed: bool,
    ) -> Crossing:
        """A flow from ``addresses`` of ``stand`` by one way into the target's VPC, the reply by any."""
        back = self.exits.whole(self.exits.stand(target.subnet), stand.vpc, target.family)
        layers: list[Layer] = []
        seen, by = self._seen(source.groups, way.references[0]), self._seen(target.groups, way.references[1])
        if source.groups is not None:
            party = replace(target.party, groups=by)
            layers.append(_with(self._transfer.egress(flow, source, party), way.references[1]))
        if source.subnet is not None:
            layers.append(self._transfer.acl(flow, source.subnet, inbound=False, end="target"))
        layers.append(route(way, stand.name, target.subnet.resource, "target"))
        layers += self.arriving(back, target, flow, stand.name)
        ingress = self._transfer.ingress(flow, replace(source, groups=seen), target.party)
        layers.append(_with(ingress, way.references[0]) if source.groups is not None else ingress)
        replies = (*self.answering(target, flow), *self._returning(source.subnet, flow))
        return Crossing(Ends(addresses, target.addresses, fixed, target.fixed), tuple(layers), replies)

    def arriving(self, back: Passage, target: Target, flow: Flow, where: str) -> Iterator[Layer]:
        """The reply's route out of the target's subnet, and the list on the way into it."""
        yield route(back, target.subnet.resource, where, "source")
        yield self._transfer.acl(flow, target.subnet, inbound=True, end="source")

    def answering(self, target: Target, flow: Flow) -> tuple[ReplyLayer, ...]:
        """The list on the reply's way out of the target's subnet."""
        return (self._transfer.reply(flow, target.subnet, inbound=False, end="source"),)

    def _returning(self, subnet: Subnet | None, flow: Flow) -> tuple[ReplyLayer, ...]:
        if subnet is None:
            return ()
        return (self._transfer.reply(flow, subnet, inbound=True, end="target"),)

    def _seen(self, groups: KeySet | None, named_: Truth) -> KeySet | None:
        """The groups as rules of the other VPC see them: none where they may not be named (A9, A10)."""
        if groups is None or named_.surely:
            return groups
        if named_.value is False:
            return _NOBODY
        if id(groups) not in self._weakened:
            # Kept with the original, so that its identity stays its own.
            self._weakened[id(groups)] = (
                groups,
                KeySet(maybe=groups.candidates, open=groups.open, causes=groups.causes),
            )
        return self._weakened[id(groups)][1]


def _with(layer: Layer, named_: Truth) -> Layer:
    """The layer with what leaves it open whether the other side's groups may be named."""
    if named_.value is not None:
        return layer
    why = named_.causes or (Cause(layer.resource, "references", "whether rules may name groups across it"),)
    told: Callable[[AddressSet], Iterable[Cause]] = layer.causes
    return replace(layer, causes=lambda region: (*told(region), *why))


def route(way: Passage, here: str, to: str, end: str) -> Layer:
    """The way from ``here`` to the other end, ``end`` being the one it looks at."""
    back = "the reply's route" if end == "source" else "the route"

    def explain(source: str, target: str) -> Iterable[Hop]:
        leg = _leg_for(way.legs, source if end == "source" else target)
        for origin in leg.hops if leg is not None else ():
            yield _hop(origin, f"{back} from {here}")

    names = named(leg.hops[0].resource for leg in way.legs if leg.hops) or here
    over = named(leg.resource for leg in way.legs)
    text = f"no route from {here} to {to}" + (f" that {over} carries there" if over else "")
    return Layer("route", end, names, way.bounds, text, way.causes, explain)


def _hop(origin: Origin, where: str) -> Hop:
    text = f"{where}: {origin.text}"
    return Hop("route", origin.resource, origin.text, text, origin.location, origin.implicit)


def _leg_for(legs: Iterable[Leg], address: str) -> Leg | None:
    """The way that decides for an address: a sure one, where there is one."""
    found = [leg for leg in legs if address in leg.share.upper]
    sure = [leg for leg in found if address in leg.share.lower]
    return next(iter(sure or found), None)
