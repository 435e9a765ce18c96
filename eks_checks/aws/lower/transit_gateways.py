"""Transit gateways and what is attached to them (facts A10, C11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eks_checks.aws.connections import Attachment, AttachmentKind, TransitGateway, VpnConnection
from eks_checks.aws.knowledge import NO, NOWHERE, YES, Cause, KeySet, Pointer, Truth
from eks_checks.aws.lower.context import Lowering, cause, left_out, text
from eks_checks.aws.lower.transit_tables import Associations, TransitTables
from eks_checks.aws.lower.vpn import may_name
from eks_checks.aws.vpc import RouteTable, Subnet, Vpc
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known

_REFERENCING = "security_group_referencing_support"
_OWN = "aws_ec2_transit_gateway_"


def lower_transit_gateways(
    run: Lowering,
    vpcs: Mapping[str, Vpc],
    subnets: Mapping[str, Subnet],
    connections: Mapping[str, VpnConnection],
) -> tuple[dict[str, TransitGateway], dict[str, Attachment], dict[str, RouteTable]]:
    """Every transit gateway, attachment and transit gateway route table, by key."""
    gateways: dict[str, TransitGateway] = {}
    for resource in (
        *run.world.resources("aws_ec2_transit_gateway"),
        *run.found_data("aws_ec2_transit_gateway"),
    ):
        key = run.identity.key(resource)
        shown = resource.key if resource.address.mode == "managed" else key
        referencing = _enabled(run, resource, _REFERENCING)
        gateways.setdefault(key, TransitGateway(key, shown, referencing, location=resource.location))
    attachments = _attachments(run, connections)
    if not gateways and not attachments:
        return {}, {}, {}
    tables = TransitTables(run, gateways, attachments, vpcs, subnets)
    associations = Associations(run, tables)
    for key, gateway in gateways.items():
        mine = (one for one in attachments.values() if one.gateway.may_be(key) or one.peer.may_be(key))
        associated = {one.key: associations.of(one, key) for one in mine}
        gateways[key] = replace(gateway, associations=associated)
    return dict(sorted(gateways.items())), dict(sorted(attachments.items())), tables.finished()


def _attachments(run: Lowering, connections: Mapping[str, VpnConnection]) -> dict[str, Attachment]:
    found: dict[str, Attachment] = {}
    for resource in run.world.resources(f"{_OWN}vpc_attachment"):
        key = run.identity.key(resource)
        found[key] = _of_vpc(run, resource, key)
    for resource in run.found_data(f"{_OWN}vpc_attachment"):
        key = run.identity.key(resource)
        found.setdefault(key, _of_vpc(run, resource, key))
    accepters = run.world.resources(f"{_OWN}vpc_attachment_accepter")
    for resource in accepters:
        key = run.identity.key(resource)
        found.setdefault(key, _of_vpc(run, resource, key))
    accepted = {run.identity.key(r) for r in run.world.resources(f"{_OWN}peering_attachment_accepter")}
    for resource in run.world.resources(f"{_OWN}peering_attachment"):
        key = run.identity.key(resource)
        found[key] = _peering(run, resource, key, key in accepted)
    for resource in run.world.resources(f"{_OWN}peering_attachment_accepter"):
        key = run.identity.key(resource)
        if key not in found:
            found[key] = _peering(run, resource, key, True)
    for resource in run.world.resources(f"{_OWN}connect"):
        key = run.identity.key(resource)
        found[key] = _attachment(run, resource, key, AttachmentKind.CONNECT)
    for connection in connections.values():
        if not connection.transit_gateway.unset:
            key = f"{connection.key}#attachment"
            resource_ = connection.resource
            found[key] = Attachment(
                key,
                resource_,
                AttachmentKind.VPN,
                connection.transit_gateway,
                ipv6=Truth(None),
                behind=connection.key,
                location=connection.location,
            )
    for resource in run.world.resources("aws_dx_gateway_association"):
        if may_name(resource.value("associated_gateway_id"), "transit_gateway"):
            key = f"{run.identity.key(resource)}#attachment"
            found[key] = _attachment(run, resource, key, AttachmentKind.DIRECT_CONNECT)
    return found


def _attachment(run: Lowering, resource: Resource, key: str, kind: AttachmentKind) -> Attachment:
    name = "associated_gateway_id" if kind is AttachmentKind.DIRECT_CONNECT else "transit_gateway_id"
    return Attachment(
        key,
        resource.key if resource.address.mode == "managed" else key,
        kind,
        run.link(resource, "transit_gateway", name),
        ipv6=Truth(None),
        behind=resource.key,
        doubts=run.doubts(resource),
        location=resource.location,
    )


def _of_vpc(run: Lowering, resource: Resource, key: str) -> Attachment:
    base = _attachment(run, resource, key, AttachmentKind.VPC)
    if resource.type.endswith("_accepter"):
        # NOTE: the other account's attachment: what it is of shows only once it is accepted.
        unsure = Truth(None, (Cause(key, "vpc_id", "the attachment is made in another account"),))
        subnets = KeySet(open=True, causes=unsure.causes)
        vpc = run.link(resource, "vpc", "vpc_id")
        return replace(base, vpc=vpc, subnets=subnets, referencing=unsure, ipv6=unsure, behind=key)
    return replace(
        base,
        vpc=run.link(resource, "vpc", "vpc_id"),
        subnets=run.links(resource, "subnet", "subnet_ids"),
        referencing=_enabled(run, resource, _REFERENCING),
        ipv6=_enabled(run, resource, "ipv6_support"),
    )


def _peering(run: Lowering, resource: Resource, key: str, accepted: bool) -> Attachment:
    base = _attachment(run, resource, key, AttachmentKind.PEERING)
    value = resource.value("peer_transit_gateway_id")
    peer = NOWHERE if left_out(value) else run.link(resource, "transit_gateway", "peer_transit_gateway_id")
    peer = Pointer(open=True) if peer.unset else peer
    there = accepted or text(resource, "state") == "available"
    why = Cause(resource.key, "state", "whether the other side accepts it is not in the inputs")
    return replace(base, peer=peer, accepted=YES if there else Truth(None, (why,)))


def _enabled(run: Lowering, resource: Resource, name: str) -> Truth:
    """A setting that is ``enable`` or ``disable``; one left out is off, and that is said (A10)."""
    value = resource.value(name)
    if left_out(value):
        if name == _REFERENCING:
            run.assume(resource.key, "it does not pass on security group references (unset)", "A10")
        return NO
    if isinstance(value, Known):
        return YES if value.value == "enable" else NO
    return Truth(None, (cause(resource, (name,), value),))
