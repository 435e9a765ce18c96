"""Client VPN endpoints: where clients come out, with which groups, and what they are let to."""

from __future__ import annotations

from eks_checks.aws.connections import ClientVpn
from eks_checks.aws.knowledge import NOWHERE, Cause, KeySet, Origin, Pointer, Truth
from eks_checks.aws.lower.context import Lowering, cause, left_out, text
from eks_checks.aws.lower.nodes import default_groups
from eks_checks.aws.lower.templates import or_default
from eks_checks.aws.vpc import Route, Subnet, TargetKind
from eks_checks.sets import AddressSet, Family
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, scalar

_OWN = "aws_ec2_client_vpn_"


def lower_client_vpns(run: Lowering, subnets: dict[str, Subnet]) -> dict[str, ClientVpn]:
    """Every Client VPN endpoint by key."""
    found: dict[str, ClientVpn] = {}
    for resource in run.world.resources(f"{_OWN}endpoint"):
        key = run.identity.key(resource)
        networks = _networks(run, key)
        groups = {name: _groups(run, resource, subnets.get(name)) for name in sorted(networks.candidates)}
        clients, symbol = _clients(run, resource)
        found[key] = ClientVpn(
            key,
            resource.key,
            clients,
            symbol,
            networks,
            groups,
            tuple(_listed(run, f"{_OWN}authorization_rule", key, "target_network_cidr")),
            tuple(_listed(run, f"{_OWN}route", key, "destination_cidr_block")),
            _carries(resource, "ipv4"),
            _carries(resource, "ipv6"),
            run.doubts(resource),
            resource.location,
        )
    return found


def _carries(resource: Resource, family: Family) -> Truth:
    value = resource.value("traffic_ip_address_type")
    if left_out(value):
        return Truth(family == "ipv4")
    if isinstance(value, Known):
        return Truth(value.value in (family, "dual-stack"))
    return Truth(None, (cause(resource, ("traffic_ip_address_type",), value),))


def _networks(run: Lowering, endpoint: str) -> KeySet:
    sure: set[str] = set()
    maybe: set[str] = set()
    causes: list[Cause] = []
    open_ = False
    for resource in run.world.resources(f"{_OWN}network_association"):
        of = run.link(resource, "client_vpn_endpoint", "client_vpn_endpoint_id")
        if not of.may_be(endpoint):
            continue
        subnet = run.link(resource, "subnet", "subnet_id")
        doubts = (*of.causes, *subnet.causes, *run.doubts(resource))
        certain = of.exact == endpoint and subnet.exact is not None and not run.doubts(resource)
        (sure if certain else maybe).update(subnet.keys)
        open_ = open_ or subnet.open
        causes.extend(doubts)
    return KeySet(frozenset(sure), frozenset(maybe - sure), open_, tuple(dict.fromkeys(causes)))


def _groups(run: Lowering, endpoint: Resource, subnet: Subnet | None) -> KeySet:
    """The endpoint's groups; none named: the default group of the network's VPC."""
    named = KeySet()
    if not left_out(endpoint.value("security_group_ids")):
        named = run.links(endpoint, "security_group", "security_group_ids")
    return or_default(named, default_groups(subnet))


def _clients(run: Lowering, endpoint: Resource) -> tuple[AddressSet, str]:
    value = endpoint.value("client_cidr_block")
    known = scalar(value)
    if isinstance(known, str) and known:
        try:
            return AddressSet.from_cidr(known), ""
        except ValueError as error:
            run.unclear([Cause(endpoint.key, "client_cidr_block", str(error))])
    symbol = f"{endpoint.key}.client_cidr_block"
    return run.addresses.vpc_stand_in(symbol, "ipv4"), symbol


def _listed(run: Lowering, type_: str, endpoint: str, attribute: str) -> list[Route]:
    """Authorisation rules or routes of the endpoint, in one form."""
    found: list[Route] = []
    for resource in run.world.resources(type_):
        of = run.link(resource, "client_vpn_endpoint", "client_vpn_endpoint_id")
        if not of.may_be(endpoint):
            continue
        family: Family = "ipv6" if ":" in text(resource, attribute) else "ipv4"
        read = run.addresses.read(resource.value(attribute), family)
        why = (Cause(resource.key, attribute, read.reason),) if read.reason else ()
        through = NOWHERE
        if not left_out(resource.value("target_vpc_subnet_id")):
            through = run.link(resource, "subnet", "target_vpc_subnet_id")
        elif not isinstance(resource.value("target_vpc_subnet_id"), Known):
            through = Pointer(open=True)
        doubts = run.doubts(resource)
        origin = Origin(resource.key, read.text, resource.location)
        certain = of.exact == endpoint and not doubts
        causes = (*why, *of.causes, *through.causes, *doubts)
        found.append(
            Route(read.bounds, read.prefix, TargetKind.LOCAL, through, origin, certain, causes=causes)
        )
    return found
