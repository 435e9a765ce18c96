"""Route tables: inline and separate routes, and which table is in force for a subnet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.connections import Connections
from eks_checks.aws.knowledge import NOWHERE, Cause, Origin, Pointer, absent, pointer
from eks_checks.aws.lower.attach import Association, Associations, block_of, effective
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.lower.echo import own_entries
from eks_checks.aws.lower.handed import handed, leave_open, perhaps_associated
from eks_checks.aws.lower.route_targets import target_of
from eks_checks.aws.lower.vpn import learned
from eks_checks.aws.vpc import (
    Attached,
    CidrBlock,
    InternetGateway,
    Route,
    RouteTable,
    Subnet,
    TargetKind,
    Vpc,
)
from eks_checks.sets import AddressSet, Bounds
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, is_null

DEFAULT_TABLE = "#default_route_table"
_FROM_GATEWAYS = "aws_vpn_gateway_route_propagation"
_FROM_SERVERS = "aws_vpc_route_server_propagation"


@dataclass
class _Draft:
    resource: str
    vpc: Pointer
    routes: list[Route]
    open: bool = False
    causes: tuple[Cause, ...] = ()


def lower_route_tables(
    run: Lowering, vpcs: dict[str, Vpc], gateways: dict[str, InternetGateway], joined: Connections
) -> dict[str, RouteTable]:
    """Every route table by key, the implicit main table of each VPC included (C2, C3, C16, C17)."""
    drafts = {key + DEFAULT_TABLE: _implicit(vpc, gateways) for key, vpc in vpcs.items()}
    for resource in run.world.resources("aws_route_table", "aws_default_route_table"):
        if resource.type == "aws_route_table" or not run.doubts(resource):
            _table(run, resource, drafts, gateways, joined)
    for resource in run.found_data("aws_route_table"):
        key = run.identity.key(resource)
        vpc = run.link(resource, "vpc", "vpc_id")
        draft = _Draft(key, vpc, list(_inline(run, resource, vpc, gateways)))
        unread = resource.blocks("routes").open
        if unread is not None:
            draft.open = True
            draft.causes = (Cause(key, "routes", unread.reason),)
        drafts.setdefault(key, draft)
    for resource in run.world.resources(_FROM_GATEWAYS, _FROM_SERVERS):
        table = run.link(resource, "route_table", "route_table_id")
        for key in sorted(drafts) if table.open else table.keys:
            if key in drafts:
                routes = _propagated(run, resource, joined)
                sure = table.exact == key
                drafts[key].routes.extend(r if sure else replace(r, certain=False) for r in routes)
    run.doubt_adopted("aws_default_route_table", "default_route_table_id", DEFAULT_TABLE, drafts)
    for resource in run.world.resources("aws_route"):
        _separate(run, resource, drafts, gateways)
    leave_open(run, "route_table", drafts, DEFAULT_TABLE)
    return {key: _finished(key, draft, vpcs) for key, draft in sorted(drafts.items())}


def _propagated(run: Lowering, resource: Resource, joined: Connections) -> Iterable[Route]:
    if resource.type == _FROM_GATEWAYS:
        return learned(run, resource, "vpn_gateway_id", joined.vpn_gateways, joined.vpn_connections)
    # NOTE: a route server's peers are appliances; what they announce is in no input.
    why = Cause(resource.key, "route_server_id", "the routes that its peers announce are not in the inputs")
    origin = Origin(resource.key, "routes propagated from a route server", resource.location)
    anywhere = Bounds(AddressSet.empty(), AddressSet.everything())
    peer = Pointer(open=True, causes=(why,))
    kind = TargetKind.NETWORK_INTERFACE
    return (Route(anywhere, None, kind, peer, origin, False, propagated=True, causes=(why,)),)


def attach_route_tables(
    run: Lowering, subnets: dict[str, Subnet], tables: dict[str, RouteTable], vpcs: dict[str, Vpc]
) -> dict[str, Subnet]:
    """The subnets, each with the route table in force for it (C3); ``vpcs`` get their main tables."""
    associations = list(_associations(run))
    associations += perhaps_associated(run, associations)
    listed = Associations(associations)
    main = _main_tables(run, vpcs)
    for key, vpc in vpcs.items():
        pointed = main.get(key, Pointer(open=True))
        known = tuple(k for k in pointed.keys if k in tables)
        vpcs[key] = replace(
            vpc, main_table=Attached(known, pointed.open or len(known) < len(pointed.keys), pointed.causes)
        )
    attached = {}
    for key, subnet in subnets.items():
        found = effective(subnet, listed, _fallback(subnet, main))
        if any(table not in tables for table in found.keys):
            known = tuple(table for table in found.keys if table in tables)
            why = (run.absent(table, "route") for table in found.keys if table not in tables)
            found = replace(found, keys=known, open=True, causes=(*found.causes, *why))
        attached[key] = replace(subnet, route_table=found)
    return attached


def _implicit(vpc: Vpc, gateways: dict[str, InternetGateway]) -> _Draft:
    routes = []
    if vpc.default:
        origin = Origin(
            vpc.resource, "0.0.0.0/0 to the default VPC's internet gateway", vpc.location, implicit=True
        )
        everywhere = Bounds.exact(AddressSet.all_ipv4())
        gateway = next((g.key for g in gateways.values() if g.vpc.exact == vpc.key), "")
        routes.append(Route(everywhere, 0, TargetKind.INTERNET_GATEWAY, Pointer((gateway,)), origin))
    causes = () if vpc.managed else (absent(vpc.key, "main_route_table_id"),)
    return _Draft(vpc.resource, Pointer((vpc.key,)), routes, not vpc.managed, causes)


def _table(
    run: Lowering,
    resource: Resource,
    drafts: dict[str, _Draft],
    gateways: dict[str, InternetGateway],
    joined: Connections,
) -> None:
    key = run.identity.key(resource)
    if resource.type == "aws_default_route_table" and key in drafts:
        vpc = drafts[key].vpc  # NOTE: adoption removes every route but the configured ones (C17).
    else:
        vpc = run.link(resource, "vpc", "vpc_id")
    draft = _Draft(resource.key, vpc, list(_inline(run, resource, vpc, gateways)))
    blocks = resource.blocks("route")
    # NOTE: routes unknown as a whole are routes the configuration leaves out (C17).
    if blocks.open is not None and not blocks.open.computed:
        draft.open = True
        draft.causes = (Cause(resource.key, "route", blocks.open.reason),)
    if not left_out(resource.value("propagating_vgws")):
        draft.routes.extend(
            learned(run, resource, "propagating_vgws", joined.vpn_gateways, joined.vpn_connections)
        )
    drafts[key] = draft


def _inline(
    run: Lowering, resource: Resource, vpc: Pointer, gateways: dict[str, InternetGateway]
) -> Iterator[Route]:
    table = run.identity.key(resource)
    name = "routes" if resource.address.mode == "data" else "route"
    for entry in own_entries(resource, name, _atom, lambda: _separate_atoms(run, table)):
        yield from _route(run, entry, "", vpc, gateways, inline=True)


def _external(run: Lowering, key: str) -> _Draft:
    """A table that the inputs know only by id: it may hold any route."""
    return _Draft(key, Pointer(open=True), [], open=True, causes=(run.absent(key, "route"),))


def _separate(
    run: Lowering, resource: Resource, drafts: dict[str, _Draft], gateways: dict[str, InternetGateway]
) -> None:
    table = run.link(resource, "route_table", "route_table_id")
    keys = sorted(drafts) if table.open else table.keys
    for key in keys:
        draft = drafts[key] = drafts.get(key) or _external(run, key)
        certain = table.exact == key and resource.uncertain is None
        why = (*table.causes, *run.doubts(resource))
        for route in _route(run, resource, "destination_", draft.vpc, gateways, inline=False):
            draft.routes.append(route if certain else replace(route, certain=False, causes=why))


def _route(
    run: Lowering,
    block: Block,
    prefix: str,
    vpc: Pointer,
    gateways: dict[str, InternetGateway],
    *,
    inline: bool,
) -> Iterator[Route]:
    target = target_of(run, block, vpc, gateways, inline=inline)
    for bounds, length, shown, causes in _destinations(run, block, prefix):
        origin = Origin(block.resource.key, f"{shown} to {target.text}", block.location)
        all_causes = (*causes, *target.causes)
        yield Route(bounds, length, target.kind, target.gateway, origin, causes=all_causes)


def _destinations(
    run: Lowering, block: Block, prefix: str
) -> Iterator[tuple[Bounds[AddressSet], int | None, str, tuple[Cause, ...]]]:
    at = block.resource.key
    for attribute, family in ((f"{prefix}cidr_block", "ipv4"), (f"{prefix}ipv6_cidr_block", "ipv6")):
        value = block.value(attribute)
        if left_out(value):
            continue
        found = run.addresses.read(value, "ipv6" if family == "ipv6" else "ipv4")
        causes = (Cause(at, attribute, found.reason),) if found.reason else ()
        # A route's own range is fixed where it is known: stand-ins widen only what packets match.
        yield found.bounds, found.prefix, found.text, causes
    value = block.value("destination_prefix_list_id")
    if not left_out(value):
        found_list = run.link(block, "prefix_list", "destination_prefix_list_id")
        known = run.prefix_lists.get(found_list.exact or "")
        if known is not None and known.cidrs:
            for cidr in known.cidrs:
                entry = AddressSet.from_cidr(cidr)
                shown = f"{cidr} of prefix list {known.resource}"
                yield Bounds.exact(entry), int(cidr.rpartition("/")[2]), shown, ()
            return
        anything = Bounds(AddressSet.empty(), AddressSet.everything())
        cause = Cause(at, "destination_prefix_list_id", "the prefix list's entries decide the destination")
        yield anything, None, f"prefix list {'/'.join(found_list.keys) or '?'}", (cause,)


def _finished(key: str, draft: _Draft, vpcs: dict[str, Vpc]) -> RouteTable:
    vpc = vpcs.get(draft.vpc.exact or "")
    local = [_local(vpc, block) for block in vpc.blocks] if vpc else []
    return RouteTable(
        key, draft.resource, draft.vpc, (*local, *draft.routes), draft.open or vpc is None, draft.causes
    )


def _local(vpc: Vpc, block: CidrBlock) -> Route:
    cidr = block.addresses.to_cidrs()[0]
    origin = Origin(vpc.resource, f"{block.symbol or cidr} local", vpc.location, implicit=True)
    length = int(cidr.rpartition("/")[2])
    here, inside = Bounds.exact(block.addresses), Pointer((vpc.key,))
    return Route(here, length, TargetKind.LOCAL, inside, origin, not block.doubts, causes=block.doubts)


def _main_tables(run: Lowering, vpcs: dict[str, Vpc]) -> dict[str, Pointer]:
    main = {key: Pointer((key + DEFAULT_TABLE,)) for key in vpcs}
    for resource in (*run.world.resources("aws_vpc", "aws_default_vpc"), *run.found_data("aws_vpc")):
        value = resource.value("main_route_table_id")
        if isinstance(value, Known) and not is_null(value):
            main[run.identity.key(resource)] = run.link(resource, "route_table", "main_route_table_id")
    for resource in run.found_data("aws_route_table"):
        vpc = run.link(resource, "vpc", "vpc_id")
        seen = any(run.truth(block, "main").surely for block in resource.blocks("associations").items)
        if seen and vpc.exact in main and not vpcs[vpc.exact].managed:
            main[vpc.exact] = Pointer((run.identity.key(resource),))
    for change in run.world.changes("aws_main_route_table_association"):
        if change.after is None and change.before is not None:
            # NOTE: the VPC still shows the table that this plan takes back; the original one returns.
            at = change.key
            vpc = run.identity.find(change.before.value("vpc_id"), "vpc", at, "vpc_id")
            if vpc.exact in main:
                original = change.before.value("original_route_table_id")
                main[vpc.exact] = run.identity.find(original, "route_table", at, "original_route_table_id")
    for resource in run.world.resources("aws_main_route_table_association"):
        vpc = run.link(resource, "vpc", "vpc_id")
        table = run.link(resource, "route_table", "route_table_id")
        doubts = run.doubts(resource)
        if vpc.exact and not doubts:
            main[vpc.exact] = table
            continue
        for key in sorted(main) if vpc.open else vpc.keys:
            before = main.get(key, Pointer(open=True))
            causes = (*before.causes, *vpc.causes, *table.causes, *doubts)
            main[key] = pointer((*before.keys, *table.keys), open_=before.open or table.open, causes=causes)
    for key, why in handed(run, "vpc").items():
        if key in main:
            main[key] = pointer(main[key].keys, open_=True, causes=(*main[key].causes, *why))
    return main


def _associations(run: Lowering) -> Iterator[Association]:
    """Every association: managed ones, and those that data sources saw of subnets these do not speak of."""
    told: set[str] = set()
    for change in run.world.changes("aws_route_table_association"):
        if change.before is not None:
            value = change.before.value("subnet_id")
            told.update(run.identity.find(value, "subnet", change.key, "subnet_id").keys)
    for resource in run.world.resources("aws_route_table_association"):
        if left_out(resource.value("gateway_id")):
            subnet = run.link(resource, "subnet", "subnet_id")
            told.update(subnet.keys)
            table = run.link(resource, "route_table", "route_table_id")
            yield Association(subnet, table, block_of(resource), run.doubts(resource))
    for resource in run.found_data("aws_route_table"):
        for block in (resource, *resource.blocks("associations").items):
            subnet = NOWHERE if left_out(block.value("subnet_id")) else run.link(block, "subnet", "subnet_id")
            if subnet.exact and subnet.exact not in told:
                yield Association(subnet, Pointer((run.identity.key(resource),)), block_of(resource))


def _fallback(subnet: Subnet, main: dict[str, Pointer]) -> Pointer:
    if subnet.managed and subnet.vpc.exact is not None:
        return main.get(subnet.vpc.exact, Pointer(open=True))
    why = "its route table is in none of the inputs: add the state that holds it"
    told = subnet.route_table.causes or (Cause(subnet.key, "route_table", why),)
    return Pointer(open=True, causes=told)


def _separate_atoms(run: Lowering, key: str) -> frozenset[tuple[str, ...]]:
    """What the separate routes of this table, before and after, would look like echoed inline (K14)."""
    return run.cached("separate routes by table", lambda: _atoms_by_table(run)).get(key, frozenset())


def _atoms_by_table(run: Lowering) -> dict[str, frozenset[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for block in run.separate_blocks("aws_route"):
        table = run.identity.find(block.value("route_table_id"), "route_table", "", "").exact
        if table is not None:
            found.setdefault(table, set()).add(_atom(block, "destination_"))
    return {key: frozenset(atoms) for key, atoms in found.items()}


def _atom(block: Block, prefix: str = "") -> tuple[str, ...]:
    names = (f"{prefix}cidr_block", f"{prefix}ipv6_cidr_block", "destination_prefix_list_id")
    return tuple(text(block, name) for name in names)


def lower_gateways(run: Lowering, vpcs: Iterable[Vpc]) -> dict[str, InternetGateway]:
    """Every internet gateway by key, the default VPC's own included (C6, C19)."""
    found: dict[str, InternetGateway] = {}
    steered = {
        key
        for resource in run.world.resources("aws_route_table_association")
        for key in run.link(resource, "internet_gateway", "gateway_id").keys
    }
    attachments = {
        key: run.perhaps(resource, run.link(resource, "vpc", "vpc_id"))
        for resource in run.world.resources("aws_internet_gateway_attachment")
        for key in run.link(resource, "internet_gateway", "internet_gateway_id").keys
    }
    for resource in run.world.resources("aws_internet_gateway"):
        key = run.identity.key(resource)
        detached = left_out(resource.value("vpc_id"))
        vpc = attachments.get(key) or (NOWHERE if detached else run.link(resource, "vpc", "vpc_id"))
        found[key] = InternetGateway(key, resource.key, run.perhaps(resource, vpc), key in steered)
    for resource in run.found_data("aws_internet_gateway"):
        key = run.identity.key(resource)
        vpc = run.link(resource, "vpc", "attachments", 0, "vpc_id")
        found.setdefault(key, InternetGateway(key, key, vpc, key in steered))
    for vpc_ in vpcs:
        if vpc_.default and not any(g.vpc.exact == vpc_.key for g in found.values()):
            key = f"{vpc_.key}#internet_gateway"
            found[key] = InternetGateway(key, vpc_.resource, Pointer((vpc_.key,)))
    return found
