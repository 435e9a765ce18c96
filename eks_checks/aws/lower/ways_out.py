"""NAT gateways and VPC endpoints: what takes hosts to AWS services (F6, C7, C20).

Nothing here is noted in ``coverage``: a link that is not resolved matters only to who asks for a way
out, and the answer names it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, NOWHERE, Cause, KeySet, Pointer, Truth, just
from eks_checks.aws.lower.context import Lowering, cause, left_out, text
from eks_checks.aws.ways_out import GATEWAY, NatGateway, VpcEndpoint
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, Reference, Unknown, Value, alternatives, scalar

_SERVICE = re.compile(r"(?:[a-z0-9-]+\.)*amazonaws\.[a-z0-9-]+\.(?P<service>.+)")
_LOOKED_UP = "aws_vpc_endpoint_service"
_AWS_NAMES = "amazonaws.com"
_NAMES_FROM_OUTSIDE = (
    ("aws_route53_zone_association", "zone_id"),
    ("aws_route53_resolver_rule_association", "resolver_rule_id"),
    ("aws_route53profiles_association", "profile_id"),
)
_NOTHING = KeySet()


@dataclass(frozen=True)
class Associated:
    """What separate resources join to one endpoint; ``replaces`` where its default group goes for one."""

    route_tables: KeySet = _NOTHING
    subnets: KeySet = _NOTHING
    groups: KeySet = _NOTHING
    replaces: Truth = NO


def lower_nat_gateways(run: Lowering) -> dict[str, NatGateway]:
    """Every NAT gateway by key."""
    found: dict[str, NatGateway] = {}
    managed = run.world.resources("aws_nat_gateway")
    for resource in (*managed, *run.found_data("aws_nat_gateway")):
        key = run.identity.key(resource)
        bare = left_out(resource.value("subnet_id"))
        found.setdefault(
            key,
            NatGateway(
                key=key,
                resource=resource.key if resource.address.mode == "managed" else key,
                subnet=NOWHERE if bare else _link(run, resource, "subnet", "subnet_id"),
                public=_public(resource),
                regional=bare,
                doubts=run.doubts(resource),
                location=resource.location,
            ),
        )
    return dict(sorted(found.items()))


def lower_vpc_endpoints(run: Lowering) -> dict[str, VpcEndpoint]:
    """Every VPC endpoint by key, with what separate resources associate with it."""
    found: dict[str, VpcEndpoint] = {}
    for resource in (*run.world.resources("aws_vpc_endpoint"), *run.found_data("aws_vpc_endpoint")):
        key = run.identity.key(resource)
        also = associated(run).get(key, Associated())
        service, causes = _service(run, resource)
        found.setdefault(
            key,
            VpcEndpoint(
                key=key,
                resource=resource.key if resource.address.mode == "managed" else key,
                service=service,
                kind=_kind(resource),
                vpc=_link(run, resource, "vpc", "vpc_id"),
                route_tables=_tables(run, resource).plus(also.route_tables),
                private_dns=_private_dns(run, resource),
                causes=causes,
                doubts=run.doubts(resource),
                managed=resource.address.mode == "managed",
                location=resource.location,
            ),
        )
    return dict(sorted(found.items()))


def foreign_names(run: Lowering) -> tuple[Cause, ...]:
    """What may lead the usual names of AWS services elsewhere: zones of one's own, and zones from outside.

    So central endpoints serve the hosts of other VPCs, or endpoints without private names those of theirs.
    """
    found = []
    for resource in run.world.resources("aws_route53_zone"):
        name = scalar(resource.value("name"))
        if name is None or _AWS_NAMES in str(name):
            found.append(Cause(resource.key, "name", "its records may lead to an endpoint of the service"))
    for type_, argument in _NAMES_FROM_OUTSIDE:
        for resource in run.world.resources(type_):
            zone = resource.value(argument)
            known = isinstance(zone, Reference) and run.world.target(zone) is not None
            if not known:
                why = "what it brings may lead to an endpoint of the service"
                found.append(Cause(resource.key, argument, why))
    return tuple(found)


def associated(run: Lowering) -> dict[str, Associated]:
    """Endpoint key to what separate association resources join to it."""
    return run.cached("associated with VPC endpoints", lambda: _associated(run))


_ASSOCIATIONS = (
    ("aws_vpc_endpoint_route_table_association", "route_table", "route_table_id"),
    ("aws_vpc_endpoint_subnet_association", "subnet", "subnet_id"),
    ("aws_vpc_endpoint_security_group_association", "security_group", "security_group_id"),
)


def _associated(run: Lowering) -> dict[str, Associated]:
    found: dict[str, dict[str, KeySet]] = {}
    replaces: dict[str, Truth] = {}
    for type_, kind, attribute in _ASSOCIATIONS:
        for resource in run.world.resources(type_):
            endpoint = _link(run, resource, "vpc_endpoint", "vpc_endpoint_id")
            named = just(_link(run, resource, kind, attribute))
            doubts = (*run.doubts(resource), *endpoint.causes)
            if endpoint.exact is None or doubts:
                named = KeySet(maybe=named.candidates, open=named.open, causes=(*named.causes, *doubts))
            for key in endpoint.keys:
                lists = found.setdefault(key, {})
                lists[kind] = lists.get(kind, _NOTHING).plus(named)
                swapped = run.truth(resource, "replace_default_association")
                if kind == "security_group" and swapped.possibly:
                    replaces[key] = Truth(None, doubts) if doubts else swapped
    return {
        key: Associated(
            lists.get("route_table", _NOTHING),
            lists.get("subnet", _NOTHING),
            lists.get("security_group", _NOTHING),
            replaces.get(key, NO),
        )
        for key, lists in found.items()
    }


def _link(run: Lowering, resource: Resource, kind: str, attribute: str) -> Pointer:
    return run.identity.find(resource.value(attribute), kind, resource.key, attribute)


def _tables(run: Lowering, resource: Resource) -> KeySet:
    name = "route_table_ids"
    if left_out(resource.value(name)):
        return KeySet()
    return run.identity.find_all(resource.members(name), "route_table", resource.key, name)


def _public(resource: Resource) -> Truth:
    value = resource.value("connectivity_type")
    if left_out(value):
        return Truth(True)
    if isinstance(value, Known):
        return Truth(scalar(value) == "public")
    return Truth(None, (cause(resource, ("connectivity_type",), value),))


def _kind(resource: Resource) -> str:
    value = resource.value("vpc_endpoint_type")
    return GATEWAY if left_out(value) else text(resource, "vpc_endpoint_type")


def _private_dns(run: Lowering, resource: Resource) -> Truth:
    """Whether the VPC's own hosts find the endpoint by the service's name."""
    enabled = run.truth(resource, "private_dns_enabled")
    for options in resource.blocks("dns_options").items if enabled.possibly else ():
        # NOTE: then queries of the VPC go on to the gateway endpoint of the same service.
        inbound_only = run.truth(options, "private_dns_only_for_inbound_resolver_endpoint")
        if inbound_only.possibly:
            return NO if inbound_only.surely else inbound_only
    return enabled


def _service(run: Lowering, resource: Resource) -> tuple[str | None, tuple[Cause, ...]]:
    value = resource.value("service_name")
    names = {_named(run, option) for option in alternatives(value)}
    if len(names) == 1 and None not in names:
        return names.pop(), ()
    return None, (cause(resource, ("service_name",), value),)


def _named(run: Lowering, value: Value) -> str | None:
    if isinstance(value, Known):
        told = _SERVICE.fullmatch(str(value.value))
        return told["service"] if told else str(value.value)
    if isinstance(value, Reference):
        looked_up = run.world.target(value)
        if looked_up is None or looked_up.type != _LOOKED_UP:
            return None
        # Of a service of one's own only the type counts: it is none of AWS's.
        return (text(looked_up, "service") or None) if looked_up.address.mode == "data" else _LOOKED_UP
    return _end_of(value)


def _end_of(value: Value) -> str | None:
    """The service where the Region alone is not known: what follows it in ``com.amazonaws.REGION.``."""
    parts = value.parts if isinstance(value, Unknown) else ()
    if len(parts) != 3 or not isinstance(parts[0], Known) or not isinstance(parts[2], Known):
        return None
    start, end = str(parts[0].value), str(parts[2].value)
    return end[1:] or None if start.endswith("amazonaws.") and end.startswith(".") else None
