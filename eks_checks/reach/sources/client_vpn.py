"""The clients of Client VPN endpoints: they come out of the endpoint's subnets, under its groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from eks_checks.aws.connections import ClientVpn
from eks_checks.aws.knowledge import Cause, KeySet
from eks_checks.aws.vpc import Route, Subnet
from eks_checks.reach.across import Across
from eks_checks.reach.answer import Hop
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.exits import Stand
from eks_checks.reach.internet import whole
from eks_checks.reach.layers import Crossing, Layer
from eks_checks.reach.pieces import NOTHING, Piece, Target
from eks_checks.reach.selection import Selection
from eks_checks.reach.topology import Kind, Place
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet, Bounds, union_of


class ClientVpns:
    """Lists the clients of every endpoint."""

    def __init__(self, crossings: Crossings, across: Across) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._across = across
        self._estate = crossings.estate

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """A piece for each subnet that clients come out of; the best of them is told."""
        for endpoint in self._estate.connections.client_vpns.values():
            served = endpoint.ipv6 if target.family == "ipv6" else endpoint.ipv4
            asked = selection.within("client_vpn", endpoint.resource, endpoint.clients)
            if served.value is False or not asked:
                continue
            networks = endpoint.networks
            for key in sorted(networks.candidates):
                subnet = self._estate.subnets.get(key)
                if subnet is None:
                    continue
                doubts = (*endpoint.causes, *served.causes)
                if key not in networks.sure:
                    doubts = (*doubts, *networks.causes)
                doubtful = bool(endpoint.causes) or not served.surely or key not in networks.sure
                for crossing in self._from(endpoint, subnet, target, flow):
                    yield self._piece(endpoint, key, crossing, doubts, doubtful)
            if networks.open:
                crossing = self._crossings.over((), flow, Party(None), target, whole(flow.family), fixed=True)
                layers = (*crossing.layers, _authorised(endpoint, target))
                opened = replace(crossing, layers=layers)
                yield self._piece(endpoint, "", opened, (*endpoint.causes, *networks.causes), True)

    def _piece(
        self,
        endpoint: ClientVpn,
        network: str,
        crossing: Crossing,
        doubts: tuple[Cause, ...],
        doubtful: bool,
    ) -> Piece:
        groups = endpoint.groups.get(network, KeySet())
        cidrs = None if endpoint.symbol else endpoint.clients.to_cidrs()
        return Piece(
            "client_vpn",
            endpoint.resource,
            None,
            crossing,
            doubts,
            doubtful,
            groups,
            cidrs=cidrs,
            cidrs_of=(endpoint.symbol,) if endpoint.symbol else (),
        )

    def _from(self, endpoint: ClientVpn, subnet: Subnet, target: Target, flow: Flow) -> Iterator[Crossing]:
        """From one subnet: clients have its addresses by then, whatever their own are."""
        groups = endpoint.groups.get(subnet.key, KeySet())
        party = Party(subnet, groups, endpoint.resource)
        inside = subnet.addresses(target.family) or whole(target.family)
        let = (_authorised(endpoint, target), self._routed(endpoint, subnet, target))
        own, vpc = target.subnet.vpc.exact, subnet.vpc.exact
        if own is not None and vpc is not None and own != vpc:
            stand = Stand(vpc, subnet.route_table, subnet)
            for way in self._across.exits.onward(stand, own, target.family).values():
                crossing = self._across.crossing(way, stand, party, target, flow, inside, fixed=False)
                yield replace(crossing, layers=(*let, *crossing.layers))
            return
        topology = self._crossings.topology
        place = Place(Kind.SUBNET, subnet.key)
        if own is None or vpc is None:
            place = Place(Kind.VPC, topology.vpc_key(target.subnet))
        path = topology.path(place, target.subnet)
        crossing = self._crossings.over(path, flow, party, target, inside, fixed=False)
        yield replace(crossing, layers=(*let, *crossing.layers))

    def _routed(self, endpoint: ClientVpn, subnet: Subnet, target: Target) -> Layer:
        """The endpoint's routes through the subnet: its VPC's by itself, others where they are written."""
        vpc = self._estate.vpcs.get(subnet.vpc.exact or "")
        near = vpc.addresses(target.family) if vpc is not None else NOTHING
        mine = [route for route in endpoint.routes if route.gateway.may_be(subnet.key)]
        found = _covered(mine, lambda route: route.gateway.exact == subnet.key)
        untold = vpc is None or bool(vpc.symbolic(target.family))
        high = whole(target.family) if untold else found.upper | near
        admits = Bounds(found.lower | near, high | found.lower | near)
        text = f"no route of {endpoint.resource} leads through {subnet.resource} to {target.subnet.resource}"
        why = subnet.vpc.causes
        if vpc is not None and untold:
            names = (symbol.rpartition(".") for symbol in vpc.symbols(near, target.family))
            why = tuple(Cause(name, attribute, "known after apply") for name, _, attribute in names)
        return _layer(endpoint, admits, mine, text, "the endpoint's route", why)


def _authorised(endpoint: ClientVpn, target: Target) -> Layer:
    found = _covered(endpoint.rules, lambda _: True)
    text = f"no authorisation rule of {endpoint.resource} lets its clients to {target.subnet.resource}"
    return _layer(endpoint, found, endpoint.rules, text, "authorised", ())


def _covered(routes: Iterable[Route], sure: Callable[[Route], bool]) -> Bounds[AddressSet]:
    listed = list(routes)
    lower = union_of((r.destination.lower for r in listed if r.certain and sure(r)), NOTHING)
    upper = union_of((r.destination.upper for r in listed), NOTHING)
    return Bounds(lower, lower | upper)


def _layer(
    endpoint: ClientVpn,
    admits: Bounds[AddressSet],
    routes: Iterable[Route],
    text: str,
    word: str,
    why: tuple[Cause, ...],
) -> Layer:
    listed = list(routes)

    def causes(_region: AddressSet) -> Iterable[Cause]:
        yield from why
        for route in listed:
            if not route.certain or not route.destination.decided:
                yield from route.causes

    def explain(_source: str, target: str) -> Iterable[Hop]:
        for route in listed:
            if target in route.destination.upper:
                origin = route.origin
                told = f"{word}: {origin.text}"
                yield Hop("route", origin.resource, origin.text, told, origin.location)
                return

    return Layer("route", "target", endpoint.resource, admits, text, causes, explain)
