"""What a route leads to: the kind of its target and which object it is."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.knowledge import Cause, Pointer
from eks_checks.aws.lower.context import Lowering, cause, left_out
from eks_checks.aws.vpc import InternetGateway, TargetKind
from eks_checks.terraform.resource import Block
from eks_checks.terraform.value import Known, Reference, Value, alternatives

_BY_ATTRIBUTE = (
    ("nat_gateway_id", TargetKind.NAT_GATEWAY),
    ("egress_only_gateway_id", TargetKind.EGRESS_ONLY),
    ("transit_gateway_id", TargetKind.TRANSIT_GATEWAY),
    ("vpc_peering_connection_id", TargetKind.PEERING),
    ("vpc_endpoint_id", TargetKind.VPC_ENDPOINT),
    ("carrier_gateway_id", TargetKind.CARRIER_GATEWAY),
    ("local_gateway_id", TargetKind.LOCAL_GATEWAY),
    ("core_network_arn", TargetKind.CORE_NETWORK),
)
_COMPUTED = ("network_interface_id", "instance_id")
"""Target attributes that providers may fill in beside another one: they count only alone."""
_OWN_ARGUMENT = {kind: attribute for attribute, kind in _BY_ATTRIBUTE}

_BY_TYPE = {
    "aws_internet_gateway": TargetKind.INTERNET_GATEWAY,
    "aws_internet_gateway_attachment": TargetKind.INTERNET_GATEWAY,
    "aws_vpn_gateway": TargetKind.VPN_GATEWAY,
    "aws_vpn_gateway_attachment": TargetKind.VPN_GATEWAY,
    "aws_egress_only_internet_gateway": TargetKind.EGRESS_ONLY,
    "aws_vpc_endpoint": TargetKind.VPC_ENDPOINT,
    # NOTE: EC2 takes these ids as ``gateway_id`` too, and makes the route they mean (C12).
    "aws_nat_gateway": TargetKind.NAT_GATEWAY,
    "aws_ec2_transit_gateway": TargetKind.TRANSIT_GATEWAY,
}
_OTHER = frozenset({"aws_vpc_peering_connection", "aws_vpc"})
_BY_PREFIX = {
    "igw": TargetKind.INTERNET_GATEWAY,
    "vgw": TargetKind.VPN_GATEWAY,
    "eigw": TargetKind.EGRESS_ONLY,
    "vpce": TargetKind.VPC_ENDPOINT,
    "nat": TargetKind.NAT_GATEWAY,
    "tgw": TargetKind.TRANSIT_GATEWAY,
    "local": TargetKind.LOCAL,
}


@dataclass(frozen=True)
class RouteTarget:
    """The kind of a route's target, the object, its name for people, and what leaves it open."""

    kind: TargetKind
    gateway: Pointer
    text: str
    causes: tuple[Cause, ...] = ()


def target_of(
    run: Lowering, block: Block, vpc: Pointer, gateways: dict[str, InternetGateway], *, inline: bool
) -> RouteTarget:
    """The target of a route block or ``aws_route`` (C12); an unknown inline gateway as K18 says."""
    named = [(attribute, kind) for attribute, kind in _BY_ATTRIBUTE if not left_out(block.value(attribute))]
    if len(named) + (not left_out(block.value("gateway_id"))) > 1:
        return _ambiguous(block, [attribute for attribute, _ in named])
    for attribute, kind in named:
        return _named(run, block, attribute, kind)
    value = block.value("gateway_id")
    if left_out(value):
        for attribute in _COMPUTED:
            if not left_out(block.value(attribute)):
                return _named(run, block, attribute, TargetKind.NETWORK_INTERFACE)
        return RouteTarget(TargetKind.UNKNOWN, Pointer(), "nothing (blackhole)")
    unsourced = inline and block.location is None
    kinds = _gateway_kinds(block, value, lumped=unsourced)
    if len(kinds) == 1 and TargetKind.UNKNOWN not in kinds:
        return _named(run, block, "gateway_id", *kinds)
    internet = kinds <= {TargetKind.INTERNET_GATEWAY, TargetKind.UNKNOWN} and not isinstance(value, Known)
    only = _only_gateway(run, vpc, gateways) if unsourced and internet else None
    if only is not None:
        run.unclear(
            [Cause(*_at(block), f"taken to be {only}, the only internet gateway of the VPC in the inputs")]
        )
        return RouteTarget(TargetKind.INTERNET_GATEWAY, Pointer((only,)), gateways[only].resource)
    causes = (cause(block, ("gateway_id",), value),)
    run.unclear(causes)
    return RouteTarget(TargetKind.UNKNOWN, Pointer(open=True, causes=causes), "an unknown gateway", causes)


def _ambiguous(block: Block, attributes: list[str]) -> RouteTarget:
    """A route has one target: of several that are not known yet, all but one will be unset."""
    at = block.resource.key
    causes = tuple(Cause(at, attribute, "one of several possible targets") for attribute in attributes)
    return RouteTarget(
        TargetKind.UNKNOWN, Pointer(open=True, causes=causes), "one of several targets", causes
    )


def _named(run: Lowering, block: Block, attribute: str, kind: TargetKind) -> RouteTarget:
    object_kind = "interface" if kind is TargetKind.NETWORK_INTERFACE else kind.value
    gateway = run.link(block, object_kind, attribute)
    name = " or ".join(gateway.keys) or f"an unknown {kind.value.replace('_', ' ')}"
    return RouteTarget(kind, gateway, "local" if kind is TargetKind.LOCAL else name, gateway.causes)


def _gateway_kinds(block: Block, value: Value, *, lumped: bool) -> set[TargetKind]:
    """What a ``gateway_id`` may name; ``lumped``: the references of the other routes are among its own."""
    kinds = set()
    for option in alternatives(value):
        kind = _kind_of(option)
        if kind is not None and not (lumped and isinstance(option, Reference) and _named_beside(block, kind)):
            kinds.add(kind)
    return kinds


def _named_beside(block: Block, kind: TargetKind) -> bool:
    """Whether a route of the same table names a target of this kind by the argument made for it."""
    argument = _OWN_ARGUMENT.get(kind)
    routes = block.resource.blocks("route").items
    return argument is not None and any(not left_out(route.value(argument)) for route in routes)


def _kind_of(value: Value) -> TargetKind | None:
    """The kind of one option; None for one that a plan only lumps in: no gateway of this argument."""
    if isinstance(value, Known):
        return _BY_PREFIX.get(str(value.value).partition("-")[0], TargetKind.UNKNOWN)
    if isinstance(value, Reference):
        return _BY_TYPE.get(
            value.resource.type, None if value.resource.type in _OTHER else TargetKind.UNKNOWN
        )
    return TargetKind.UNKNOWN


def _only_gateway(run: Lowering, vpc: Pointer, gateways: dict[str, InternetGateway]) -> str | None:
    if run.world.resources("aws_vpn_gateway") or vpc.exact is None:
        return None
    if run.cached("gateways that no route names", lambda: _named_by_nobody(run)):
        return None
    attached = [key for key, gateway in gateways.items() if gateway.vpc.may_be(vpc.exact)]
    return attached[0] if len(attached) == 1 else None


def _named_by_nobody(run: Lowering) -> bool:
    """Whether the argument made for a NAT or transit gateway goes unused: ``gateway_id`` may name it then."""
    tables = run.world.resources("aws_route_table", "aws_default_route_table")
    routes = [block for table in tables for block in table.blocks("route").items]
    routes += run.world.resources("aws_route")
    return any(
        run.world.resources(type_) and all(left_out(route.value(argument)) for route in routes)
        for type_, argument in (
            ("aws_nat_gateway", "nat_gateway_id"),
            ("aws_ec2_transit_gateway", "transit_gateway_id"),
        )
    )


def _at(block: Block) -> tuple[str, str]:
    path = "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in block.at.path)
    return block.resource.key, f"{path}.gateway_id".lstrip(".")
