"""From a load balancer or Instance Connect Endpoint, at its interface in one subnet, on to the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.vpc import Subnet
from eks_checks.reach.crossings import Crossings, perhaps_inside
from eks_checks.reach.exits import Exits
from eks_checks.reach.internet import whole
from eks_checks.reach.layers import Crossing, Ends, Layer, ReplyLayer
from eks_checks.reach.pieces import Target
from eks_checks.reach.topology import Kind, Place, Step
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet, Bounds, Family, Product


class Onward:
    """What packets meet from something that hands them on to targets of one estate."""

    def __init__(self, crossings: Crossings, exits: Exits) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._exits = exits
        self._transfer = crossings.transfer
        self._topology = crossings.topology
        self._kept: dict[object, Crossing] = {}

    def own(self, sender: Party, target: Target, flow: Flow) -> Crossing:
        """The target sees an address of the sender, which is any of its subnet's."""
        place = sender.subnet.key if sender.subnet is not None else None
        key = (sender.resource, place, target.subnet.key, id(target.groups), target.addresses, id(flow))
        if key not in self._kept:
            addresses = self._addresses(sender.subnet, target)
            path = self._path(sender.subnet, target)
            made = self._crossings.over(path, flow, sender, target, addresses, fixed=False)
            self._kept[key] = perhaps_inside(made, flow) if path and _unplaced(sender, target) else made
        return self._kept[key]

    def preserved(
        self,
        sender: Party,
        clients: AddressSet,
        target: Target,
        flow: Flow,
        awaited: tuple[ReplyLayer, ...] = (),
    ) -> Crossing:
        """The target, and its network ACL, see the client's own address (M8).

        The sender's groups count as if it had sent them. The reply goes back through the sender: the target's
        routes do not matter. ``awaited`` are the lists that the reply meets from there on, on the same port.
        """
        path = self._path(sender.subnet, target)
        end = target.party
        layers = [*self._transfer.layers(path, flow, sender, Party(None, target.groups, end.resource))]
        replies = [*self._transfer.replies(path, flow, sender, end)]
        here = sender.subnet
        if path and here is not None:
            layers = [_undocumented(layer, here, flow) for layer in layers]
            replies = [_undocumented_reply(reply, here, flow) for reply in replies]
        if path:
            layers.append(self._transfer.acl(flow, target.subnet, inbound=True, end="source"))
        ends = Ends(clients, target.addresses, targets_fixed=target.fixed)
        made = Crossing(ends, tuple(layers), (*replies, *awaited))
        return perhaps_inside(made, flow) if path and _unplaced(sender, target) else made

    def joined(self, here: Subnet, target: Target) -> bool:
        """Whether packets from the subnet may get to the target's VPC, being in it or joined to it."""
        mine, its = here.vpc.exact, target.subnet.vpc.exact
        if mine is None or its is None or mine == its:
            return True
        if self._open(here, target.family) or self._open(target.subnet, target.family):
            return True
        there = self._exits.whole(self._exits.stand(here), its, target.family).bounds.upper
        back = self._exits.whole(self._exits.stand(target.subnet), mine, target.family).bounds.upper
        return bool(back) and not there.isdisjoint(target.addresses)

    def _open(self, subnet: Subnet, family: Family) -> bool:
        """Whether the subnet's table may hold routes that the inputs do not show."""
        table = subnet.route_table
        return table.open or any(each.table.open for each in self._transfer.routing(table, family))

    def _path(self, here: Subnet | None, target: Target) -> tuple[Step, ...]:
        if here is not None and here.key == target.subnet.key:
            return ()
        there = self._topology.vpc_key(target.subnet)
        if here is None or self._topology.vpc_key(here) != there:
            return self._topology.path(Place(Kind.VPC, there), target.subnet)
        return self._topology.path(Place(Kind.SUBNET, here.key), target.subnet)

    def _addresses(self, here: Subnet | None, target: Target) -> AddressSet:
        if here is None:
            return self._crossings.own(target) or whole(target.family)
        found = here.addresses(target.family)
        if found or (here.managed and target.family not in here.unknown_block):
            return found
        vpc = self._crossings.estate.vpcs.get(here.vpc.exact or "")
        return (vpc.addresses(target.family) if vpc is not None else found) or whole(target.family)


def _unplaced(sender: Party, target: Target) -> bool:
    return sender.subnet is None or target.interface.subnet is None


def _why(here: Subnet) -> Cause:
    why = "whether its network ACL sees packets that keep the client's address is not documented"
    return Cause(here.resource, "network_acl", why)


def _undocumented(layer: Layer, here: Subnet, flow: Flow) -> Layer:
    """The ACL of the balancer's subnet on packets that keep the client's address: it may not see them."""
    if layer.kind != "nacl" or layer.end != "target":
        return layer

    def causes(region: AddressSet) -> Iterable[Cause]:
        yield from layer.causes(region)
        yield _why(here)

    return replace(layer, admits=Bounds(layer.admits.lower, whole(flow.family)), causes=causes)


def _undocumented_reply(reply: ReplyLayer, here: Subnet, flow: Flow) -> ReplyLayer:
    if reply.end != "target":
        return reply

    def causes(region: AddressSet) -> Iterable[Cause]:
        yield from reply.causes(region)
        yield _why(here)

    passes = Bounds(reply.passes.lower, Product.of(whole(flow.family), flow.reply))
    return replace(reply, passes=passes, causes=causes)
