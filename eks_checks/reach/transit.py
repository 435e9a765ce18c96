"""Through a transit gateway: from the VPC where packets enter it to where they come out (facts A10, C11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from eks_checks.aws.connections import Attachment, AttachmentKind, Connections, TransitGateway
from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import NO, UNKNOWN, Cause, Origin, Truth, absent
from eks_checks.aws.vpc import Attached, Subnet, TargetKind
from eks_checks.reach.internet import whole
from eks_checks.reach.routing import Routing
from eks_checks.sets import AddressSet, Bounds, Family

NOTHING = AddressSet.empty()
_MOST_GATEWAYS = 4
"""How many gateways a packet is followed through, one peered with the next."""


@dataclass(frozen=True)
class Leg:
    """Destinations that a gateway sends one way.

    ``vpcs`` are the VPCs of the inputs in which they may come out, ``outside`` is true where they may come
    out in a network that no input has; into a VPC for sure only where it is the one place. ``resource`` is
    what a person knows the way by, ``references`` whether rules may name groups across it (A10). ``names``
    are the other resources on the way that it may be asked by.
    """

    scope: str
    resource: str
    share: Bounds[AddressSet]
    vpcs: frozenset[str] = frozenset()
    outside: bool = False
    references: Truth = NO
    causes: tuple[Cause, ...] = ()
    hops: tuple[Origin, ...] = ()
    leaving: Attachment | None = None
    names: frozenset[str] = frozenset()


class Transit:
    """The transit gateways of one estate."""

    def __init__(self, estate: Estate) -> None:
        """Nothing is followed yet."""
        self._estate = estate
        self._all: Connections = estate.connections
        self._kept: dict[object, tuple[Leg, ...]] = {}
        self._named: dict[str, frozenset[str]] | None = None
        self._routings: dict[object, Routing] = {}

    def legs(self, gateway: str, vpc: str, subnet: Subnet | None, family: Family) -> tuple[Leg, ...]:
        """Where ``gateway`` sends what comes from ``subnet`` (None: from any zone) of the VPC."""
        entering = self._entering(gateway, vpc)
        zones = tuple(self.present(one, subnet) for one in entering)
        key = (gateway, vpc, zones, family)
        if key not in self._kept:
            self._kept[key] = tuple(self._followed(gateway, vpc, entering, zones, family))
        return self._kept[key]

    def back(self, attachment: Attachment, family: Family) -> Iterator[Leg]:
        """Where packets go that come in by an attachment of the gateway, such as a VPN's."""
        for key in attachment.gateway.keys:
            gateway = self._all.transit_gateways.get(key)
            if gateway is not None:
                sure = attachment.gateway.exact is not None and not attachment.doubts
                for leg in self._associated(gateway, attachment, family):
                    yield leg if sure else _weak(leg, attachment.doubts)
            else:
                yield self._untold(key, "", family)

    def at(self, gateway: str) -> frozenset[str]:
        """The VPCs that are or may be attached to the gateway: by an attachment, or since a route says so."""
        if self._named is None:
            found: dict[str, set[str]] = {}
            for table in self._estate.route_tables.values():
                for route in table.routes:
                    if route.kind is TargetKind.TRANSIT_GATEWAY:
                        for key in route.gateway.keys:
                            found.setdefault(key, set()).update(table.vpc.keys)
            for one in self._all.attachments.values():
                anywhere = self._all.transit_gateways if one.gateway.open else ()
                for key in {*one.gateway.keys, *anywhere}:
                    found.setdefault(key, set()).update(self._vpcs_of(one))
            self._named = {key: frozenset(vpcs) for key, vpcs in found.items()}
        return self._named.get(gateway, frozenset())

    @cached_property
    def everywhere(self) -> frozenset[str]:
        """All VPCs of which the inputs tell the blocks."""
        return frozenset(filter(self.told, self._estate.vpcs))

    def _vpcs_of(self, attachment: Attachment) -> frozenset[str]:
        """Those it may be of: any, where that cannot be told."""
        named = frozenset(attachment.vpc.keys)
        return named | self.everywhere if attachment.vpc.open else named

    def present(self, attachment: Attachment, subnet: Subnet | None) -> Truth:
        """Whether the attachment is in the subnet's Availability Zone (C11)."""
        if subnet is None:
            why = Cause(attachment.resource, "subnet_ids", "it serves the zones of its subnets only")
            return Truth(None, (why,))
        if subnet.key in attachment.subnets.sure:
            return Truth(True)
        answers = {self._same_zone(self._estate.subnets.get(key), subnet) for key in attachment.subnets.sure}
        if True in answers:
            return Truth(True)
        maybe = (self._estate.subnets.get(key) for key in attachment.subnets.maybe)
        undecided = attachment.subnets.open or None in answers
        if not undecided and all(self._same_zone(one, subnet) is False for one in maybe):
            return NO
        why = Cause(subnet.resource, "availability_zone", f"{attachment.resource} may not be in its zone")
        return Truth(None, (*attachment.subnets.causes, why))

    def _same_zone(self, one: Subnet | None, other: Subnet) -> bool | None:
        if one is None:
            return None
        for mine, its in (
            (one.availability_zone, other.availability_zone),
            (one.zone_id, other.zone_id),
        ):
            if mine and its:
                return mine == its
        return None

    def _entering(self, gateway: str, vpc: str) -> tuple[Attachment, ...]:
        return tuple(
            one
            for one in self._all.attachments.values()
            if one.kind is AttachmentKind.VPC and one.gateway.may_be(gateway) and one.vpc.may_be(vpc)
        )

    def _followed(
        self,
        key: str,
        vpc: str,
        entering: tuple[Attachment, ...],
        zones: tuple[Truth, ...],
        family: Family,
    ) -> Iterator[Leg]:
        gateway = self._all.transit_gateways.get(key)
        if gateway is None or not entering:
            yield self._untold(key, vpc, family)
            return
        for one, zone in zip(entering, zones, strict=True):
            carried = one.ipv6 if family == "ipv6" else Truth(True)
            if zone.value is False or carried.value is False:
                continue
            sure = one.gateway.exact == key and one.vpc.exact == vpc and not one.doubts
            why = (*one.doubts, *zone.causes, *carried.causes, *one.vpc.causes, *one.gateway.causes)
            for leg in self._associated(gateway, one, family):
                leg = replace(leg, names=leg.names | {one.resource, gateway.resource})
                yield leg if sure and zone.surely and carried.surely else _weak(leg, why)

    def _associated(self, gateway: TransitGateway, entering: Attachment, family: Family) -> Iterator[Leg]:
        """By the table that decides for what comes in by the attachment; by each that may be."""
        found = gateway.associations.get(entering.key, Attached((), open=True))
        told = len(found.keys) == 1 and not found.open
        for table in found.keys:
            for leg in self._of_table(table, gateway, entering, family, _MOST_GATEWAYS):
                yield leg if told else _weak(leg, found.causes)
        if found.open:
            yield replace(self._untold(gateway.key, "", family), causes=found.causes)

    def _of_table(
        self, table: str, gateway: TransitGateway, entering: Attachment, family: Family, most: int
    ) -> Iterator[Leg]:
        known = self._all.transit_tables.get(table)
        if known is None:
            yield self._untold(gateway.key, "", family)
            return
        if known.open:
            untold = self._untold(gateway.key, "", family)
            yield replace(untold, causes=(*known.causes, *untold.causes))
        key = (table, family)
        if key not in self._routings:
            self._routings[key] = Routing(known, family)
        for route, share in self._routings[key].shares:
            if route.gateway.unset:
                continue
            share = Bounds(NOTHING, share.upper) if known.open else share
            one = route.gateway.exact
            for name in route.gateway.keys:
                for leg in self._out(name, gateway, entering, family, most):
                    here = Bounds(leg.share.lower & share.lower, leg.share.upper & share.upper)
                    made = replace(
                        leg, share=here, hops=(route.origin, *leg.hops), causes=(*route.causes, *leg.causes)
                    )
                    yield made if one else _weak(made, ())
            if route.gateway.open:
                untold = self._untold(gateway.key, "", family)
                yield replace(untold, share=Bounds(NOTHING, share.upper), causes=route.causes)

    def _out(
        self, name: str, gateway: TransitGateway, entering: Attachment, family: Family, most: int
    ) -> Iterator[Leg]:
        """Where packets come out that leave by the attachment ``name``; every destination, before routes."""
        everything = Bounds.exact(whole(family))
        one = self._all.attachments.get(name)
        if one is None:
            yield self._untold(gateway.key, "", family, absent(name, "resource_id"))
            return
        leg = Leg(
            "transit_gateway", gateway.resource, everything, leaving=one, names=frozenset({one.resource})
        )
        if one.kind is AttachmentKind.VPC:
            yield from self._into_vpc(leg, one, gateway, entering, family)
        elif one.kind is AttachmentKind.PEERING:
            yield from self._peered(leg, one, gateway, family, most)
        elif one.kind is AttachmentKind.VPN:
            found = replace(leg, scope="vpn", resource=one.resource, outside=True)
            yield _weak(found, one.doubts) if one.doubts else found
        elif one.kind is AttachmentKind.DIRECT_CONNECT:
            why = (Cause(one.resource, "allowed_prefixes", "what the far side announces is not known"),)
            yield _weak(replace(leg, scope="vpn", resource=one.resource, outside=True), why)
        else:
            why = (Cause(one.resource, "transport_attachment_id", "what lies behind it is not followed"),)
            yield _weak(replace(leg, outside=True), why)

    def _into_vpc(
        self, leg: Leg, one: Attachment, gateway: TransitGateway, entering: Attachment, family: Family
    ) -> Iterator[Leg]:
        carried = one.ipv6 if family == "ipv6" else Truth(True)
        if carried.value is False:
            return
        found = replace(
            leg,
            vpcs=self._vpcs_of(one),
            outside=one.vpc.open or not all(map(self.told, one.vpc.keys)),
            references=_all_of(gateway.referencing, entering.referencing, one.referencing),
        )
        why = (*one.doubts, *carried.causes, *one.vpc.causes)
        if found.outside:
            why = (*why, *(absent(key, "cidr_block") for key in one.vpc.keys if not self.told(key)))
        yield found if carried.surely and not one.doubts else _weak(found, why)
        through = self._middlebox(one)
        if through is not None:
            others = self.at(gateway.key) - frozenset(one.vpc.keys)
            why = (Cause(through, "route", f"what {through} passes on is not followed"),)
            yield _weak(replace(leg, vpcs=others, outside=False, references=UNKNOWN), why)

    def _middlebox(self, attachment: Attachment) -> str | None:
        """A route of the attachment's own subnets through which a VPC may hand packets on (A11)."""
        tables = self._estate.route_tables
        for key in sorted(attachment.subnets.candidates):
            subnet = self._estate.subnets.get(key)
            for table in subnet.route_table.keys if subnet is not None else ():
                for route in tables[table].routes:
                    if route.kind in (TargetKind.VPC_ENDPOINT, TargetKind.NETWORK_INTERFACE):
                        return route.origin.resource
        return None

    def _peered(
        self, leg: Leg, one: Attachment, gateway: TransitGateway, family: Family, most: int
    ) -> Iterator[Leg]:
        """On through the gateway on the other side; group references do not pass (A10)."""
        if one.accepted.value is False:
            return
        other = one.peer if one.gateway.may_be(gateway.key) else one.gateway
        known = self._all.transit_gateways.get(other.exact or "")
        if known is None or not most:
            why = tuple(absent(key, "route tables") for key in other.keys) or other.causes
            why = why or (Cause(one.resource, "peer_transit_gateway_id", "what lies there is not told"),)
            vpcs = frozenset(vpc for key in other.keys for vpc in self.at(key))
            yield _weak(replace(leg, outside=True, vpcs=vpcs), (*one.accepted.causes, *why))
            return
        found = known.associations.get(one.key, Attached((), open=True))
        told = len(found.keys) == 1 and not found.open and one.accepted.surely and not one.doubts
        why = (*one.accepted.causes, *found.causes, *one.doubts)
        for table in found.keys:
            for beyond in self._of_table(table, known, one, family, most - 1):
                on = beyond if beyond.scope == "vpn" else replace(beyond, resource=leg.resource)
                on = replace(on, references=NO)
                yield on if told else _weak(on, why)
        if found.open:
            untold = self._untold(known.key, "", family)
            yield replace(untold, resource=leg.resource, causes=(*untold.causes, *why))

    def told(self, vpc: str) -> bool:
        """Whether the inputs tell the VPC's blocks."""
        known = self._estate.vpcs.get(vpc)
        return known is not None and (known.managed or any(not block.symbol for block in known.blocks))

    def _untold(self, gateway: str, vpc: str, family: Family, why: Cause | None = None) -> Leg:
        """Anything, to anywhere: for a gateway, table or attachment of which the inputs tell nothing."""
        known = self._all.transit_gateways.get(gateway)
        name = known.resource if known is not None else gateway
        cause = why or (
            absent(gateway, "route tables")
            if known is None
            else Cause(name, "attachments", "which attachment and table decide is not in the inputs")
        )
        share = Bounds(NOTHING, whole(family))
        others = self.at(gateway) - {vpc}
        return Leg("transit_gateway", name, share, others, True, UNKNOWN, (cause,))


def _weak(leg: Leg, why: Iterable[Cause]) -> Leg:
    """The same way, only perhaps taken."""
    references = leg.references if leg.references.value is False else UNKNOWN
    share = Bounds(NOTHING, leg.share.upper)
    return replace(leg, share=share, causes=(*leg.causes, *why), references=references)


def _all_of(*truths: Truth) -> Truth:
    if any(truth.value is False for truth in truths):
        return NO
    if all(truth.surely for truth in truths):
        return Truth(True)
    return Truth(None, tuple(cause for truth in truths for cause in truth.causes))
