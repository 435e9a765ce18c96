"""Transit gateway route tables: written and propagated routes, and which table decides for what comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from eks_checks.aws.connections import Attachment, AttachmentKind, TransitGateway
from eks_checks.aws.knowledge import NOWHERE, Cause, Origin, Pointer, Truth, absent
from eks_checks.aws.lower.context import Lowering, cause, left_out, text
from eks_checks.aws.lower.handed import handed
from eks_checks.aws.vpc import Attached, CidrBlock, Route, RouteTable, Subnet, TargetKind, Vpc
from eks_checks.sets import AddressSet, Bounds, Family
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known

DEFAULT_TABLE = "#transit_gateway_route_table"
_OWN = "aws_ec2_transit_gateway_"
_BY_BGP = (AttachmentKind.DIRECT_CONNECT, AttachmentKind.CONNECT, AttachmentKind.UNKNOWN)
_ANYTHING = Bounds(AddressSet.empty(), AddressSet.everything())


@dataclass
class _Draft:
    resource: str
    gateway: Pointer
    routes: list[Route] = field(default_factory=list)
    open: bool = False
    causes: tuple[Cause, ...] = ()


class TransitTables:
    """The tables of every transit gateway while their routes are collected."""

    def __init__(
        self,
        run: Lowering,
        gateways: Mapping[str, TransitGateway],
        attachments: Mapping[str, Attachment],
        vpcs: Mapping[str, Vpc],
        subnets: Mapping[str, Subnet],
    ) -> None:
        """Collect tables and routes."""
        self._subnets = subnets
        self.run = run
        self.attachments = attachments
        self._vpcs = vpcs
        self._gateways = _settings(run)
        self._drafts = {}
        for key, gateway in gateways.items():
            managed = self._gateways[key].address.mode == "managed"
            draft = _Draft(gateway.resource, Pointer((key,)), open=not managed)
            draft.causes = () if managed else (absent(key, "route tables"),)
            self._drafts[key + DEFAULT_TABLE] = draft
        for resource in (
            *run.world.resources(f"{_OWN}route_table"),
            *run.found_data(f"{_OWN}route_table"),
        ):
            key = run.identity.key(resource)
            managed = resource.address.mode == "managed"
            gateway_ = run.link(resource, "transit_gateway", "transit_gateway_id")
            why = () if managed else (absent(key, "routes"),)
            draft = _Draft(resource.key if managed else key, gateway_, open=not managed, causes=why)
            self._drafts.setdefault(key, draft)
        self._write()
        self._propagate()
        self._leave_open()

    def finished(self) -> dict[str, RouteTable]:
        """Every table by key; of equal propagated routes none is sure to win."""
        return {
            key: RouteTable(key, draft.resource, NOWHERE, _unsettled(draft.routes), draft.open, draft.causes)
            for key, draft in sorted(self._drafts.items())
        }

    def named(self, resource: Resource, attribute: str = "transit_gateway_route_table_id") -> Pointer:
        """The table that a resource names; one that no input has is made, with nothing told of it."""
        found = self.run.link(resource, "transit_gateway_route_table", attribute)
        for key in found.keys:
            if key not in self._drafts:
                why = (self.run.absent(key, "routes"),)
                self._drafts[key] = _Draft(key, Pointer(open=True), open=True, causes=why)
        return found

    def of(self, gateway: str) -> list[str]:
        """The tables that are, or may be, the gateway's."""
        return [key for key, draft in self._drafts.items() if draft.gateway.may_be(gateway)]

    def default(self, gateway: str, what: str) -> tuple[Truth, Pointer]:
        """Whether ``what`` (``association`` or ``propagation``) is by default, and in which table."""
        resource = self._gateways.get(gateway)
        if resource is None:
            why = (absent(gateway, f"default_route_table_{what}"),)
            return Truth(None, why), Pointer(open=True, causes=why)
        attribute = f"default_route_table_{what}"
        value = resource.value(attribute)
        on = Truth(True) if left_out(value) else _word(resource, attribute)
        keys = {gateway + DEFAULT_TABLE}
        causes: list[Cause] = []
        for other in self.run.world.resources(f"{_OWN}default_route_table_{what}"):
            if self.run.link(other, "transit_gateway", "transit_gateway_id").may_be(gateway):
                keys.update(self.named(other).keys)
                causes.append(Cause(other.key, "transit_gateway_route_table_id", "for later attachments"))
                on = Truth(True) if on.surely else Truth(None, on.causes)
        return on, Pointer(tuple(sorted(keys)), causes=tuple(causes))

    def _write(self) -> None:
        for resource in self.run.world.resources(f"{_OWN}route"):
            read = self.run.addresses.read(
                resource.value("destination_cidr_block"),
                "ipv6" if ":" in text(resource, "destination_cidr_block") else "ipv4",
            )
            why = (Cause(resource.key, "destination_cidr_block", read.reason),) if read.reason else ()
            self._add(resource, [(read.bounds, read.prefix, read.text)], why)
        for resource in self.run.world.resources(f"{_OWN}prefix_list_reference"):
            named = self.run.link(resource, "prefix_list", "prefix_list_id")
            known = self.run.prefix_lists.get(named.exact or "")
            if known is not None and known.cidrs:
                entries: list[tuple[Bounds[AddressSet], int | None, str]] = [
                    (Bounds.exact(AddressSet.from_cidr(c)), int(c.rpartition("/")[2]), c) for c in known.cidrs
                ]
                self._add(resource, entries, ())
            else:
                why = (Cause(resource.key, "prefix_list_id", "its entries decide the destination"),)
                self._add(resource, [(_ANYTHING, None, "a prefix list")], why)

    def _add(
        self,
        resource: Resource,
        destinations: list[tuple[Bounds[AddressSet], int | None, str]],
        why: tuple[Cause, ...],
    ) -> None:
        run = self.run
        table = self.named(resource)
        hole = run.truth(resource, "blackhole")
        kind, to = TargetKind.ATTACHMENT, NOWHERE
        if not hole.surely:
            to = run.link(resource, "transit_gateway_attachment", "transit_gateway_attachment_id")
        if to.unset:
            kind = TargetKind.UNKNOWN
        certain = table.exact is not None and resource.uncertain is None and hole.value is not None
        causes = (*why, *table.causes, *to.causes, *hole.causes, *run.doubts(resource))
        words = "nothing (blackhole)" if to.unset else " or ".join(to.keys) or "an unknown attachment"
        for bounds, length, shown in destinations:
            origin = Origin(resource.key, f"{shown} to {words}", resource.location)
            route = Route(bounds, length, kind, to, origin, certain, causes=causes)
            for key in sorted(self._drafts) if table.open else table.keys:
                self._drafts[key].routes.append(route)

    def _propagate(self) -> None:
        for resource in self.run.world.resources(f"{_OWN}route_table_propagation"):
            table = self.named(resource)
            to = self.run.link(resource, "transit_gateway_attachment", "transit_gateway_attachment_id")
            doubts = (*table.causes, *to.causes, *self.run.doubts(resource))
            sure = table.exact is not None and to.exact is not None and not self.run.doubts(resource)
            for name in sorted(self.attachments) if to.open else to.keys:
                self._learn(name, table, Truth(True) if sure else Truth(None, doubts), resource)
        for name, attachment in self.attachments.items():
            for gateway in sorted(
                filter(attachment.gateway.may_be, {*self._gateways, *attachment.gateway.keys})
            ):
                on, table = self.default(gateway, "propagation")
                on = both(on, default_flag(self.run, name, "propagation"))
                if on.possibly:
                    sure = on.surely and attachment.gateway.exact is not None and len(table.keys) == 1
                    causes = (*on.causes, *table.causes, *attachment.gateway.causes)
                    self._learn(name, table, Truth(True) if sure else Truth(None, causes), None)

    def _learn(self, name: str, table: Pointer, sure: Truth, by: Resource | None) -> None:
        """Put what an attachment makes known of itself into the tables."""
        attachment = self.attachments.get(name)
        if attachment is None:
            attachment = Attachment(name, name, AttachmentKind.UNKNOWN, Pointer(open=True))
        location = by.location if by is not None else attachment.location
        resource = by.key if by is not None else attachment.resource
        causes = (*sure.causes, *attachment.doubts)
        for bounds, length, shown, certain, why in self._told_by(attachment):
            origin = Origin(resource, f"{shown} to {attachment.resource} (propagated)", location)
            certain = certain and sure.surely and not attachment.doubts
            to = Pointer((name,))
            route = Route(
                bounds, length, TargetKind.ATTACHMENT, to, origin, certain, True, causes=(*why, *causes)
            )
            for key in sorted(self._drafts) if table.open else table.keys:
                if key in self._drafts:
                    self._drafts[key].routes.append(route)

    def _told_by(
        self, attachment: Attachment
    ) -> Iterator[tuple[Bounds[AddressSet], int | None, str, bool, tuple[Cause, ...]]]:
        if attachment.kind is AttachmentKind.VPC:
            vpc = self._vpcs.get(attachment.vpc.exact or "")
            if vpc is not None and not _only_by_id(vpc):
                for block in vpc.blocks:
                    told = not block.symbol or self._stands_in(vpc, block)
                    yield from _of_block(block, attachment, told=told)
                return
            why = attachment.vpc.causes or (absent(" or ".join(attachment.vpc.keys), "cidr_block"),)
            yield _ANYTHING, None, "the VPC's blocks", False, why
        elif attachment.kind is AttachmentKind.VPN:
            # NOTE: a VPN connection with written routes propagates none: they stand in the table itself.
            static = self._static(attachment)
            if not static.surely:
                why = (*static.causes, Cause(attachment.resource, "routes", "BGP tells them, after apply"))
                yield _ANYTHING, None, "routes learned by BGP", False, why
        elif attachment.kind in _BY_BGP:
            why = (Cause(attachment.resource, "routes", "BGP tells them, after apply"),)
            yield _ANYTHING, None, "routes learned by BGP", False, why

    def _stands_in(self, vpc: Vpc, block: CidrBlock) -> bool:
        """Whether the subnets that may lie in a block not known yet all have a part of its stand-in."""
        family: Family = "ipv6" if block.addresses.ipv6 else "ipv4"
        known = [other.addresses for other in vpc.blocks if not other.symbol]
        return all(
            any(part.addresses <= one for one in (*known, block.addresses))
            for subnet in self._subnets.values()
            if subnet.vpc.may_be(vpc.key)
            for part in subnet.blocks
            if part.addresses.family(family)
        )

    def _static(self, attachment: Attachment) -> Truth:
        resource = self.run.by_key("aws_vpn_connection").get(attachment.behind)
        return Truth(None) if resource is None else self.run.truth(resource, "static_routes_only")

    def _leave_open(self) -> None:
        """What modules without sources are given, they may add routes to."""
        given = dict(handed(self.run, "transit_gateway_route_table"))
        for gateway, why in handed(self.run, "transit_gateway").items():
            given.update(dict.fromkeys(self.of(gateway), why))
        for key, why in given.items():
            if key in self._drafts:
                self._drafts[key].open = True
                self._drafts[key].causes = (*self._drafts[key].causes, *why)


class Associations:
    """Which of a gateway's tables decides for what comes in by an attachment: at most one does."""

    def __init__(self, run: Lowering, tables: TransitTables) -> None:
        """Read what is associated by a resource of its own."""
        self._run = run
        self._tables = tables
        self._written = [
            (
                run.link(resource, "transit_gateway_attachment", "transit_gateway_attachment_id"),
                tables.named(resource),
                run.doubts(resource),
            )
            for resource in run.world.resources(f"{_OWN}route_table_association")
        ]

    def of(self, attachment: Attachment, gateway: str) -> Attached:
        """The table; none at all where the attachment surely has no association (C11)."""
        own = set(self._tables.of(gateway))
        mine = [
            one
            for one in self._written
            if one[0].may_be(attachment.key) and (one[1].open or own & set(one[1].keys))
        ]
        sure = [one for one in mine if one[0].exact == attachment.key and not one[2]]
        if sure:
            keys = {key for one in sure for key in one[1].keys}
            causes = tuple(cause for one in sure for cause in one[1].causes)
            return Attached(tuple(sorted(keys)), any(one[1].open for one in sure), causes)
        on, default = self._tables.default(gateway, "association")
        on = both(on, default_flag(self._run, attachment.key, "association"))
        doubts = [cause for one in mine for cause in (*one[0].causes, *one[1].causes, *one[2])]
        given = handed(self._run, "transit_gateway").get(gateway, ())
        if attachment.kind is AttachmentKind.PEERING and on.surely:
            why = Cause(attachment.resource, "transit_gateway_route_table_id", "by default, or in no table")
            on = Truth(None, (why,))
        keys = {key for one in mine for key in one[1].keys} | (set(default.keys) if on.possibly else set())
        open_ = on.value is None or bool(mine) or default.open or bool(given)
        causes = (*on.causes, *default.causes, *doubts, *given)
        return Attached(tuple(sorted(keys)), open_ and (on.possibly or bool(mine) or bool(given)), causes)


def both(one: Truth, other: Truth) -> Truth:
    """Whether both hold."""
    if one.value is False or other.value is False:
        return Truth(False)
    return one if other.surely else Truth(None, (*one.causes, *other.causes))


def default_flag(run: Lowering, attachment: str, what: str) -> Truth:
    """Whether the attachment takes the gateway's default: told by who accepts it, else by who makes it."""
    name = f"transit_gateway_default_route_table_{what}"
    for type_ in ("vpc_attachment_accepter", "vpc_attachment", "connect"):
        resource = run.by_key(f"{_OWN}{type_}").get(attachment)
        if resource is not None:
            return run.truth(resource, name, default=True)
    return Truth(True)


def _settings(run: Lowering) -> dict[str, Resource]:
    found = {run.identity.key(r): r for r in run.found_data("aws_ec2_transit_gateway")}
    return {**found, **run.by_key("aws_ec2_transit_gateway")}


def _word(resource: Resource, name: str) -> Truth:
    value = resource.value(name)
    if isinstance(value, Known):
        return Truth(value.value == "enable")
    return Truth(None, (cause(resource, (name,), value),))


def _of_block(
    block: CidrBlock, attachment: Attachment, *, told: bool
) -> Iterator[tuple[Bounds[AddressSet], int | None, str, bool, tuple[Cause, ...]]]:
    ipv6 = bool(block.addresses.ipv6)
    if ipv6 and not attachment.ipv6.possibly:
        return
    if not told:
        resource, _, attribute = block.symbol.rpartition(".")
        anything = AddressSet.all_ipv6() if ipv6 else AddressSet.all_ipv4()
        why = Cause(resource, attribute, "known after apply")
        yield Bounds(AddressSet.empty(), anything), None, block.symbol, False, (why,)
        return
    cidr = block.addresses.to_cidrs()[0]
    certain = not block.doubts and (not ipv6 or attachment.ipv6.surely)
    causes = (*block.doubts, *(attachment.ipv6.causes if ipv6 else ()))
    prefix = int(cidr.rpartition("/")[2])
    yield Bounds.exact(block.addresses), prefix, block.symbol or cidr, certain, causes


def _only_by_id(vpc: Vpc) -> bool:
    return not vpc.managed and all(block.symbol for block in vpc.blocks)


def _unsettled(routes: list[Route]) -> tuple[Route, ...]:
    """NOTE: the same block propagated by two attachments: the gateway keeps one, whichever came first."""
    many: Counter[AddressSet] = Counter()
    for route in {(r.destination.upper, r.gateway): r for r in routes if r.propagated}.values():
        if route.prefix is not None:
            many[route.destination.upper] += 1
    return tuple(
        replace(r, certain=False) if r.propagated and many[r.destination.upper] > 1 else r for r in routes
    )
