"""From pieces to the entries of an answer: one per scope, resource, subnet and verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from eks_checks.aws.knowledge import Cause
from eks_checks.location import Places, nowhere
from eks_checks.reach.answer import Blocker, Hop, Source, UnknownValue, Verdict
from eks_checks.reach.internet import globally_reachable, whole
from eks_checks.reach.layers import Crossing, unknown_of
from eks_checks.reach.pieces import Piece, Target, addresses_of, has_address
from eks_checks.reach.prefixes import FAMILIES, client_prefixes
from eks_checks.reach.witness import Packet, hops, witness
from eks_checks.reach.words import sender
from eks_checks.sets import AddressSet, Bounds, union_of

NOTHING = AddressSet.empty()
SCOPES = (
    "internet",
    "vpc",
    "interface",
    "pods",
    "control_plane",
    "peering",
    "transit_gateway",
    "vpn",
    "client_vpn",
    "load_balancer",
    "instance_connect_endpoint",
)
_BY_INTERFACE = frozenset({"interface", "pods", "control_plane", "client_vpn", "instance_connect_endpoint"})
_CONTRACT_LAYER = {"block_public_access": "route"}


@dataclass(frozen=True)
class Asked:
    """What the answer should hold besides: hops of a path, and sources that are blocked.

    ``protocol`` and ``port`` are those of the packet that a path is told of, ``places`` tells where
    the resources at its ends stand.
    """

    explain: bool
    blocked: bool
    protocol: str = "tcp"
    port: int = 22
    places: Places = nowhere


@dataclass(frozen=True)
class Judged:
    """A piece for one shape of the target, with what it admits once all doubts are counted.

    ``own`` are the addresses of the target's VPC, which are not the internet's.
    """

    target: Target
    piece: Piece
    admitted: Bounds[AddressSet]
    own: AddressSet = NOTHING


def judge(target: Target, piece: Piece, own: AddressSet) -> Judged:
    """What of the piece's sources surely and possibly gets in; ``own`` are the VPC's addresses."""
    admitted = piece.crossing.admitted
    if piece.doubtful or not target.there:
        admitted = Bounds(NOTHING, admitted.upper)
    return Judged(target, piece, admitted, own)


def entries(judged: list[Judged], asked: Asked) -> tuple[Source, ...]:
    """The contract's ``sources``, in its order. ``judged`` are all pieces of one target (every shape)."""
    groups: dict[tuple[str, str, str], list[Judged]] = {}
    for one in judged:
        piece = one.piece
        groups.setdefault((piece.scope, piece.resource, piece.subnet or ""), []).append(one)
    found: list[Source] = []
    for key in sorted(groups, key=lambda k: (SCOPES.index(k[0]), k[1], k[2])):
        by_interface = key[0] in _BY_INTERFACE
        found.extend(_of_interface(groups[key], asked) if by_interface else _of_addresses(groups[key], asked))
    return tuple(found)


def latent(judged: list[Judged], asked: Asked) -> tuple[Source, ...]:
    """Internet sources that only a public address, or only a route, keeps out (C8, C9).

    Those that another shape of the target lets in, or may, are no latent ones.
    """
    found: list[Source] = []
    inside = union_of((one.admitted.upper for one in judged if one.piece.scope == "internet"), NOTHING)
    for missing, kind, other in (("public_address", "address", "route"), ("route", "route", "address")):
        lacking = [
            (one, one.piece.crossing.without(kind))
            for one in judged
            if one.piece.scope == "internet" and _state(one, kind) is False and _state(one, other) is True
        ]
        region = union_of((crossing.admitted.lower for _, crossing in lacking), NOTHING) - inside
        cidrs = _internet_cidrs(region, NOTHING, judged[0]) if lacking else ()
        if cidrs:
            one, crossing = next(p for p in lacking if not p[1].admitted.lower.isdisjoint(region))
            way = _hops(crossing, region & crossing.admitted.lower, one, asked) if asked.explain else ()
            held = _all_blockers([one], region)
            found.append(
                Source("internet", Verdict.BLOCKED, cidrs=cidrs, missing=missing, path=way, blocked_by=held)
            )
    return tuple(found)


def _state(one: Judged, kind: str) -> bool | None:
    """Whether the layer lets what is asked for through: yes, not at all (no), or not surely (None)."""
    wanted = one.piece.crossing.ends.sources
    for layer in one.piece.crossing.layers:
        if layer.kind == kind:
            if layer.admits.upper.isdisjoint(wanted):
                return False
            return True if layer.admits.lower & wanted else None
    return True


def _of_interface(group: list[Judged], asked: Asked) -> Iterator[Source]:
    best = group[0] if len(group) == 1 else max(group, key=lambda one: _verdict(one).strength)
    verdict = _verdict(best)
    piece = best.piece
    held = _held(group)
    told = piece.cidrs is not None or bool(piece.cidrs_of)
    if verdict is Verdict.REACHABLE and not asked.explain and not told:
        yield _plain(piece.scope, piece.resource, piece.subnet, best.target.shape.origin, held)
        return
    base = Source(
        piece.scope,
        verdict,
        piece.resource,
        piece.subnet,
        piece.cidrs,
        piece.cidrs_of,
        mitigated_by=held,
        shape=best.target.shape.origin,
    )
    if verdict is Verdict.BLOCKED:
        if asked.blocked:
            yield replace(base, blocked_by=_blockers(best, piece.crossing.ends.sources))
        return
    region = best.admitted.lower or best.admitted.upper
    yield _explained(base, best, region, asked)


@lru_cache(maxsize=1 << 16)
def _plain(scope: str, resource: str, subnet: str | None, shape: str, held: tuple[str, ...]) -> Source:
    """The entry of an interface that surely gets in: one object, of however many targets it is told."""
    return Source(scope, Verdict.REACHABLE, resource, subnet, mitigated_by=held, shape=shape)


def _held(group: list[Judged]) -> tuple[str, ...]:
    """The policies that hold the source back, where all of it that gets in or may is held."""
    if not group[0].piece.mitigated_by:
        return ()
    open_ = [one.piece.mitigated_by for one in group if _verdict(one) is not Verdict.BLOCKED]
    return tuple(sorted({name for names in open_ for name in names})) if all(open_) else ()


def _verdict(one: Judged) -> Verdict:
    verdict = one.piece.crossing.verdict
    sure = one.target.there and not one.piece.doubtful
    return verdict if sure or verdict is not Verdict.REACHABLE else Verdict.POSSIBLE


def _of_addresses(group: list[Judged], asked: Asked) -> Iterator[Source]:
    reachable = union_of((one.admitted.lower for one in group), NOTHING)
    possible = union_of((one.admitted.upper for one in group), NOTHING) - reachable
    everything = addresses_of([one.piece for one in group])
    blocked = everything - reachable - possible
    taken = NOTHING
    for verdict, region in ((Verdict.REACHABLE, reachable), (Verdict.POSSIBLE, possible)):
        for source, cidrs in _sources(group, verdict, region, taken):
            one = _first(group, region, verdict)
            taken = taken | AddressSet.from_cidrs(cidrs or ())
            yield _explained(source, one, region, asked)
    if asked.blocked:
        for source, _ in _sources(group, Verdict.BLOCKED, blocked, taken):
            yield replace(source, blocked_by=_all_blockers(group, blocked))


def _sources(
    group: list[Judged], verdict: Verdict, region: AddressSet, taken: AddressSet
) -> Iterator[tuple[Source, tuple[str, ...] | None]]:
    """The entries of one verdict: real prefixes, then those whose block is not known yet."""
    if not region:
        return
    one = group[0]
    piece = one.piece
    base = Source(piece.scope, verdict, piece.resource)
    if piece.scope == "internet":
        cidrs = _internet_cidrs(region, taken, one)
        if cidrs:
            gateway = _via(_first(group, region, verdict), region) if verdict is not Verdict.BLOCKED else ""
            yield replace(base, cidrs=cidrs, via=gateway), cidrs
        return
    if piece.scope == "load_balancer":
        yield from _clients(base, group, region, taken)
        return
    family = one.target.family
    vpcs = tuple(dict.fromkeys(each.piece.vpc for each in group if each.piece.vpc is not None))
    symbolic = union_of((vpc.symbolic(family) for vpc in vpcs), NOTHING)
    real, unknown = region - symbolic, region & symbolic
    if piece.scope == "vpc" and piece.vpc is None:
        yield replace(base, cidrs_of=(f"{one.target.subnet.key.lstrip('?')}.vpc_id",)), None
        return
    if real:
        yield replace(base, cidrs=real.to_cidrs()), real.to_cidrs()
    if unknown:
        symbols = sorted({name for vpc in vpcs for name in vpc.symbols(unknown, family)})
        yield replace(base, cidrs_of=tuple(symbols)), None


def _clients(
    base: Source, group: list[Judged], region: AddressSet, taken: AddressSet
) -> Iterator[tuple[Source, tuple[str, ...] | None]]:
    """Clients of a load balancer: of the internet, and of its VPC."""
    vpc = next((one.piece.vpc for one in group if one.piece.vpc is not None), None)
    cidrs, unknown = client_prefixes(region, taken, vpc)
    if cidrs:
        yield replace(base, cidrs=cidrs), cidrs
    if unknown and vpc is not None:
        names = (name for family in FAMILIES for name in vpc.symbols(unknown, family))
        yield replace(base, cidrs_of=tuple(names)), None


def _internet_cidrs(region: AddressSet, taken: AddressSet, one: Judged) -> tuple[str, ...]:
    """The fewest prefixes that are exact on globally reachable addresses outside the VPC (contract)."""
    family = one.target.family
    wanted = region & globally_reachable(family) - one.own
    if not wanted:
        return ()
    optional = (whole(family) - globally_reachable(family) | one.own) - taken
    return wanted.to_cidrs(optional=optional)


def _via(one: Judged, region: AddressSet) -> str:
    crossing = one.piece.crossing
    source, target = witness(crossing, region)
    for layer in crossing.layers:
        if layer.kind == "route":
            for hop in layer.explain(source, target):
                return hop.rule.rpartition(" to ")[2]
    return ""


def _first(group: list[Judged], region: AddressSet, verdict: Verdict) -> Judged:
    """The first piece, by shape of the target and place, that gives the verdict for some of the region."""
    found: list[Judged] = []
    for one in group:
        bounds = one.admitted.lower if verdict is Verdict.REACHABLE else one.admitted.upper
        if (found and one.target is not found[0].target) or bounds.isdisjoint(region):
            continue
        found.append(_apart(one, bounds & region))
    return min(found, key=lambda one: one.piece.place, default=group[0])


def _apart(one: Judged, region: AddressSet) -> Judged:
    """The same for the first only of the alike subnets that the piece is of."""
    apart = one.piece.apart
    return one if apart is None else judge(one.target, apart(region), one.own)


def _explained(source: Source, one: Judged, region: AddressSet, asked: Asked) -> Source:
    crossing = one.piece.crossing
    inside = region & one.admitted.upper
    unknowns = _unknowns(one) if source.verdict is Verdict.POSSIBLE else ()
    made = replace(source, unknowns=unknowns, shape=one.target.shape.origin)
    if not asked.explain:
        return made
    return replace(made, path=_hops(crossing, inside, one, asked))


def _hops(crossing: Crossing, region: AddressSet, one: Judged, asked: Asked) -> tuple[Hop, ...]:
    """One concrete packet, and the deciding rule of every layer for it, there and back."""
    piece = one.piece
    public = piece.scope == "internet" and one.target.family == "ipv4"
    names = (piece.resource or piece.scope, one.target.interface.resource)
    at = (asked.places(names[0], ""), asked.places(names[1], ""))
    who = sender(piece.scope, piece.resource)
    return hops(crossing, region, Packet(asked.protocol, asked.port, names, at, who, public))


def _blockers(one: Judged, region: AddressSet) -> tuple[Blocker, ...]:
    if _verdict(one) is Verdict.BLOCKED and not one.piece.crossing.admitted.upper:
        found = one.piece.crossing.blockers(region)
        return tuple(
            Blocker(_CONTRACT_LAYER.get(kind, kind), resource, text) for kind, resource, text in found
        )
    return ()


def _all_blockers(group: list[Judged], region: AddressSet) -> tuple[Blocker, ...]:
    found: list[Blocker] = []
    for one in group:
        here = region & one.piece.crossing.ends.sources
        if here:
            for kind, resource, text in one.piece.crossing.blockers(here):
                found.append(Blocker(_CONTRACT_LAYER.get(kind, kind), resource, text))
    return tuple(dict.fromkeys(found))


def _unknowns(one: Judged) -> tuple[UnknownValue, ...]:
    crossing = one.piece.crossing
    target = one.target.interface
    address = has_address(one.target.shape, one.target.family)
    own = (*address.causes, *target.node.causes, *(() if target.certain else target.causes))
    doubts = (*one.piece.doubts, *own, *_group_doubts(one))
    found = [*(unknown_of(cause) for cause in doubts), *crossing.unknowns]
    if not found:
        found = list(_private_addresses(one))
    return tuple(dict.fromkeys(found))


def _group_doubts(one: Judged) -> Iterable[Cause]:
    """Why the groups at either end are not known, where a group layer is not decided."""
    layers = one.piece.crossing.layers
    if all(layer.admits.decided for layer in layers if layer.kind in ("security_group", "egress")):
        return
    for groups in (one.target.shape.groups, one.piece.groups):
        if groups is not None and not groups.exact:
            yield from groups.causes


def _private_addresses(one: Judged) -> Iterable[UnknownValue]:
    """Nothing but the private addresses is open: a rule covers a part of the subnet only."""
    ends = one.piece.crossing.ends
    text = "its private address in the subnet decides: a rule covers only part of the subnet"
    if not ends.targets_fixed:
        yield UnknownValue(one.target.interface.resource, "private_ip", text)
    if one.piece.subnet is not None and not ends.sources_fixed and one.piece.resource:
        yield UnknownValue(one.piece.resource, "private_ip", text)
