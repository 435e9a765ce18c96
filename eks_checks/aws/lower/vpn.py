"""Virtual private gateways, site-to-site VPN connections and Direct Connect (facts C5, C20)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eks_checks.aws.attributes import NATURAL, PREFIXES
from eks_checks.aws.connections import VpnConnection, VpnGateway
from eks_checks.aws.knowledge import NOWHERE, Cause, KeySet, Origin, Pointer, pointer
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.vpc import Route, TargetKind
from eks_checks.sets import AddressSet, Bounds
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, Reference, Value, alternatives


def lower_vpn_gateways(run: Lowering) -> dict[str, VpnGateway]:
    """Every virtual private gateway by key, attached by itself or by an attachment of its own."""
    attached: dict[str, list[Pointer]] = {}
    anywhere: list[Pointer] = []
    for resource in run.world.resources("aws_vpn_gateway_attachment"):
        vpc = run.perhaps(resource, run.link(resource, "vpc", "vpc_id"))
        of = run.link(resource, "vpn_gateway", "vpn_gateway_id")
        if of.exact is None:
            vpc = pointer(vpc.keys, open_=True, causes=(*vpc.causes, *of.causes))
        for key in of.keys:
            attached.setdefault(key, []).append(vpc)
        if of.open:
            anywhere.append(vpc)
    served = _served(run, "vpn_gateway")
    steered = {
        key
        for resource in run.world.resources("aws_route_table_association")
        if not left_out(resource.value("gateway_id"))
        for key in run.identity.find(
            resource.value("gateway_id"), "vpn_gateway", resource.key, "gateway_id"
        ).keys
    }
    found: dict[str, VpnGateway] = {}
    for resource in (*run.world.resources("aws_vpn_gateway"), *run.found_data("aws_vpn_gateway")):
        key = run.identity.key(resource)
        managed = resource.address.mode == "managed"
        name = "vpc_id" if managed else "attached_vpc_id"
        own = NOWHERE if left_out(resource.value(name)) else run.link(resource, "vpc", name)
        links = attached.get(key) or (anywhere if own.unset and anywhere else [own])
        vpc = links[0] if len(links) == 1 else pointer((k for one in links for k in one.keys), open_=True)
        vpc = run.perhaps(resource, vpc)
        shown = resource.key if managed else key
        direct = (*served.get(key, ()), *served.get("", ()))
        gateway = VpnGateway(key, shown, vpc, direct, key in steered, managed)
        found.setdefault(key, gateway)
    return found


def lower_vpn_connections(run: Lowering) -> dict[str, VpnConnection]:
    """Every VPN connection by key, with the routes written for it."""
    routes: dict[str, list[Route]] = {}
    anywhere: list[Route] = []
    for resource in run.world.resources("aws_vpn_connection_route"):
        named = run.link(resource, "vpn_connection", "vpn_connection_id")
        route = _route(run, resource, "destination_cidr_block", certain=named.exact is not None)
        for key in named.keys:
            routes.setdefault(key, []).append(route)
        if named.open:
            anywhere.append(route)
    found: dict[str, VpnConnection] = {}
    for resource in (*run.world.resources("aws_vpn_connection"), *run.found_data("aws_vpn_connection")):
        key = run.identity.key(resource)
        managed = resource.address.mode == "managed"
        gateway = _link(run, resource, "vpn_gateway", "vpn_gateway_id")
        transit = _link(run, resource, "transit_gateway", "transit_gateway_id")
        static = run.truth(resource, "static_routes_only")
        doubts = run.doubts(resource)
        why = () if managed else (Cause(key, "routes", "a data source does not tell which routes stay"),)
        connection = VpnConnection(
            key,
            resource.key if managed else key,
            run.perhaps(resource, gateway),
            run.perhaps(resource, transit),
            static,
            (*routes.get(key, ()), *anywhere),
            bool(doubts) or not managed,
            (*static.causes, *doubts, *why),
            resource.location,
        )
        found.setdefault(key, connection)
    return found


def learned(
    run: Lowering,
    resource: Resource,
    attribute: str,
    gateways: Mapping[str, VpnGateway],
    connections: Mapping[str, VpnConnection],
) -> Iterator[Route]:
    """The routes that a table takes over from the VPN gateways which ``attribute`` names.

    Written routes of a VPN connection are known; what BGP or Direct Connect brings is in no input (C20).
    """
    if attribute == "propagating_vgws":
        listed = run.links(resource, "vpn_gateway", attribute)
    else:
        link = run.link(resource, "vpn_gateway", attribute)
        exact_key = frozenset({link.exact} if link.exact else ())
        listed = KeySet(exact_key, frozenset(link.keys) - exact_key, link.open)
    keys, sure = listed.sure, listed.exact
    exact = [gateways[key] for key in sorted(keys) if key in gateways and gateways[key].managed]
    if not sure or len(exact) != len(keys):
        named = Pointer(tuple(sorted(listed.candidates)), listed.open, listed.causes)
        yield _unknown(resource, attribute, named)
        return
    for gateway in exact:
        serving = [one for one in connections.values() if one.gateway.may_be(gateway.key)]
        if gateway.direct_connect or any(_untold(one, gateway) for one in serving):
            yield _unknown(resource, attribute, Pointer((gateway.key,)))
            continue
        certain = resource.uncertain is None and gateway.vpc.exact is not None
        why = (*run.doubts(resource), *gateway.vpc.causes)
        for route in (route for one in serving for route in one.routes):
            yield _propagated(resource, route, gateway, certain, why)


def _untold(connection: VpnConnection, gateway: VpnGateway) -> bool:
    told = connection.static.surely and not connection.open
    return not told or connection.gateway.exact != gateway.key


def _propagated(
    resource: Resource, route: Route, gateway: VpnGateway, certain: bool, why: tuple[Cause, ...]
) -> Route:
    shown = f"{route.origin.text.partition(' to ')[0]} to {gateway.resource} (propagated)"
    origin = Origin(route.origin.resource, shown, route.origin.location)
    return Route(
        route.destination,
        route.prefix,
        TargetKind.VPN_GATEWAY,
        Pointer((gateway.key,)),
        origin,
        certain and route.certain,
        propagated=True,
        causes=(*route.causes, *why),
    )


def _unknown(resource: Resource, attribute: str, gateway: Pointer) -> Route:
    at = resource.key
    why = Cause(at, attribute, "propagated routes are not known before apply")
    anything = Bounds(AddressSet.empty(), AddressSet.everything())
    origin = Origin(at, "routes propagated from a VPN gateway", resource.located(attribute))
    return Route(
        anything, None, TargetKind.VPN_GATEWAY, gateway, origin, False, propagated=True, causes=(why,)
    )


def _route(run: Lowering, resource: Resource, attribute: str, *, certain: bool) -> Route:
    value = resource.value(attribute)
    read = run.addresses.read(value, "ipv6" if ":" in text(resource, attribute) else "ipv4")
    why = (Cause(resource.key, attribute, read.reason),) if read.reason else ()
    doubts = run.doubts(resource)
    origin = Origin(resource.key, f"{read.text} to the VPN connection", resource.location)
    return Route(
        read.bounds,
        read.prefix,
        TargetKind.VPN_GATEWAY,
        NOWHERE,
        origin,
        certain and not doubts,
        causes=(*why, *doubts),
    )


def may_name(value: Value, kind: str) -> bool:
    """Whether a link that names objects of several kinds may name one of ``kind``."""
    return any(
        NATURAL.get(option.resource.type) in (None, kind) if isinstance(option, Reference) else True
        for option in alternatives(value)
        if not (isinstance(option, Known) and not str(option.value or "").startswith(PREFIXES[kind]))
    )


def _served(run: Lowering, kind: str) -> dict[str, tuple[str, ...]]:
    """VPN gateways by key, each with the Direct Connect associations of its own; "" for any of them."""
    found: dict[str, list[str]] = {}
    for type_ in ("aws_dx_gateway_association", "aws_dx_gateway_association_proposal"):
        for resource in run.world.resources(type_):
            value = resource.value("associated_gateway_id")
            if not may_name(value, kind):
                continue
            named = run.identity.find(value, kind, resource.key, "associated_gateway_id")
            for key in (*named.keys, *(("",) if named.open else ())):
                found.setdefault(key, []).append(resource.key)
    return {key: tuple(names) for key, names in found.items()}


def _link(run: Lowering, resource: Resource, kind: str, attribute: str) -> Pointer:
    return NOWHERE if left_out(resource.value(attribute)) else run.link(resource, kind, attribute)
