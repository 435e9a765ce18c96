"""VPCs, subnets and their address blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from eks_checks.aws.knowledge import Cause, Pointer, Truth
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.vpc import Attached, CidrBlock, Subnet, Vpc
from eks_checks.sets import AddressSet, Family
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, is_null, scalar


def lower_vpcs(run: Lowering) -> dict[str, Vpc]:
    """Every VPC of the inputs, by key: managed ones, and those known as data."""
    resources = (*run.world.resources("aws_vpc", "aws_default_vpc"), *run.found_data("aws_vpc"))
    keys = tuple(run.identity.key(resource) for resource in resources)
    blocks: dict[str, list[CidrBlock]] = {}
    for resource in run.world.resources("aws_vpc_ipv4_cidr_block_association"):
        _associate(run, resource, "cidr_block", "ipv4", keys, blocks)
    for resource in run.world.resources("aws_vpc_ipv6_cidr_block_association"):
        _associate(run, resource, "ipv6_cidr_block", "ipv6", keys, blocks)
    found: dict[str, Vpc] = {}
    for resource, key in zip(resources, keys, strict=True):
        own = [*_own_ipv4(run, resource), *_own_ipv6(run, resource), *_also_associated(run, resource)]
        found.setdefault(key, _vpc(resource, key, [*own, *blocks.get(key, [])]))
    return found


def external_vpc(run: Lowering, key: str) -> Vpc:
    """A VPC that the inputs know only by id: it has blocks, which ones is not known."""
    run.absent(key, "cidr_block")
    blocks = [_unknown_vpc_block(run, f"{key}.cidr_block", "ipv4")]
    return Vpc(key, key, tuple(blocks), managed=False)


def lower_subnets(run: Lowering, vpcs: dict[str, Vpc]) -> dict[str, Subnet]:
    """Every subnet of the inputs, by key, without what is in force for it (see ``routes`` and ``acls``)."""
    found: dict[str, Subnet] = {}
    resources = run.world.resources("aws_subnet", "aws_default_subnet")
    for resource in (*resources, *run.found_data("aws_subnet")):
        key = run.identity.key(resource)
        vpc = _default_vpc(resource, vpcs) or run.link(resource, "vpc", "vpc_id")
        for candidate in vpc.keys:
            if candidate not in vpcs:
                vpcs[candidate] = external_vpc(run, candidate)
        found.setdefault(key, _subnet(run, resource, key, vpc, vpcs))
    return found


def _default_vpc(resource: Resource, vpcs: dict[str, Vpc]) -> Pointer | None:
    """The default VPC, in which every default subnet lies (C19), where the inputs manage it."""
    if resource.type != "aws_default_subnet" or not left_out(resource.value("vpc_id")):
        return None
    managed = [key for key, vpc in vpcs.items() if vpc.default and vpc.managed]
    return Pointer((managed[0],)) if len(managed) == 1 else None


def external_subnet(run: Lowering, key: str) -> Subnet:
    """A subnet that the inputs know only by id (K11): nothing about it is sure."""

    def why(attribute: str) -> tuple[Cause, ...]:
        return (run.absent(key, attribute),)

    return Subnet(
        key,
        key,
        Pointer(open=True, causes=why("vpc_id")),
        (),
        ("ipv4", "ipv6"),
        public_on_launch=Truth(None, why("map_public_ip_on_launch")),
        ipv6_on_creation=Truth(None, why("assign_ipv6_address_on_creation")),
        route_table=Attached((), open=True, causes=why("route_table")),
        network_acl=Attached((), open=True, causes=why("network_acl")),
        managed=False,
    )


def _vpc(resource: Resource, key: str, blocks: Iterable[CidrBlock]) -> Vpc:
    managed = resource.address.mode == "managed"
    sure_last = sorted(blocks, key=lambda block: not block.doubts)
    unique = tuple({block.addresses: block for block in sure_last}.values())
    default = resource.type == "aws_default_vpc" or scalar(resource.value("default")) is True
    name = resource.key if managed else key
    return Vpc(key, name, unique, managed, default, text(resource, "region"), resource.location)


def _own_ipv4(run: Lowering, resource: Resource) -> Iterable[CidrBlock]:
    value = resource.value("cidr_block")
    if isinstance(value, Known) and isinstance(value.value, str) and value.value:
        yield from _block(run, resource, "cidr_block", value.value)
    else:
        yield _unknown_vpc_block(run, f"{resource.key}.cidr_block", "ipv4")


def _also_associated(run: Lowering, resource: Resource) -> Iterable[CidrBlock]:
    """Further blocks of a VPC known as data."""
    for entry in resource.blocks("cidr_block_associations").items:
        cidr = text(entry, "cidr_block")
        if cidr and text(entry, "state") in ("", "associated"):
            yield from _block(run, resource, "cidr_block_associations", cidr)


def _own_ipv6(run: Lowering, resource: Resource) -> Iterable[CidrBlock]:
    value = resource.value("ipv6_cidr_block")
    if isinstance(value, Known):
        if value.value:
            yield from _block(run, resource, "ipv6_cidr_block", str(value.value))
        return
    asked = run.truth(resource, "assign_generated_ipv6_cidr_block").possibly
    if asked or not left_out(value) or not left_out(resource.value("ipv6_ipam_pool_id")):
        yield _unknown_vpc_block(run, f"{resource.key}.ipv6_cidr_block", "ipv6")


def _associate(
    run: Lowering,
    resource: Resource,
    attribute: str,
    family: Family,
    vpcs: tuple[str, ...],
    blocks: dict[str, list[CidrBlock]],
) -> None:
    """Add the block to its VPC, or with doubts to each of ``vpcs`` that may be it."""
    value = resource.value(attribute)
    vpc = run.link(resource, "vpc", "vpc_id")
    if isinstance(value, Known) and value.value:
        made = list(_block(run, resource, attribute, str(value.value)))
    else:
        made = [_unknown_vpc_block(run, f"{resource.key}.{attribute}", family)]
    doubts = (*run.doubts(resource), *(() if vpc.exact else vpc.causes))
    for key in dict.fromkeys((*vpc.keys, *(vpcs if vpc.open else ()))):
        blocks.setdefault(key, []).extend(replace(block, doubts=doubts) for block in made)


def _block(run: Lowering, resource: Resource, attribute: str, cidr: str) -> Iterable[CidrBlock]:
    try:
        yield CidrBlock(AddressSet.from_cidr(cidr))
    except ValueError as error:
        run.unclear([Cause(resource.key, attribute, str(error))])


def _unknown_vpc_block(run: Lowering, symbol: str, family: Family) -> CidrBlock:
    return CidrBlock(run.addresses.vpc_stand_in(symbol, family), symbol)


def _subnet(run: Lowering, resource: Resource, key: str, vpc: Pointer, vpcs: dict[str, Vpc]) -> Subnet:
    managed = resource.address.mode == "managed"
    blocks: list[CidrBlock] = []
    unknown: list[str] = []
    parent = vpcs.get(vpc.exact or "")
    for attribute, family in _BLOCKS:
        if family == "ipv6" and _lacks_ipv6(resource):
            continue
        block = _subnet_block(run, resource, attribute, family, parent)
        if block is not None:
            blocks.append(block)
        elif not is_null(resource.value(attribute)):
            unknown.append(family)
    return Subnet(
        key=key,
        resource=resource.key if managed else key,
        vpc=vpc,
        blocks=tuple(blocks),
        unknown_block=tuple(unknown),
        public_on_launch=_public(run, resource),
        ipv6_on_creation=_flag(run, resource, "assign_ipv6_address_on_creation"),
        managed=managed,
        availability_zone=text(resource, "availability_zone"),
        location=resource.location,
        doubts=run.doubts(resource),
        public_at=resource.located("map_public_ip_on_launch"),
        zone_id=text(resource, "availability_zone_id"),
    )


_BLOCKS: tuple[tuple[str, Family], ...] = (("cidr_block", "ipv4"), ("ipv6_cidr_block", "ipv6"))


def _public(run: Lowering, resource: Resource) -> Truth:
    # NOTE: a default subnet gives public addresses unless told otherwise (C19).
    default = resource.type == "aws_default_subnet"
    return _flag(run, resource, "map_public_ip_on_launch", default=default)


def _flag(run: Lowering, resource: Resource, name: str, *, default: bool = False) -> Truth:
    """A setting of the subnet; what a data source does not say of it is not known."""
    if resource.address.mode == "data" and left_out(resource.value(name)):
        return Truth(None, (Cause(resource.key, name, "the data source does not say"),))
    return run.truth(resource, name, default=default)


def _lacks_ipv6(resource: Resource) -> bool:
    no_pool = left_out(resource.value("ipv6_ipam_pool_id"))
    return left_out(resource.value("ipv6_cidr_block")) and no_pool


def _subnet_block(
    run: Lowering, resource: Resource, attribute: str, family: Family, vpc: Vpc | None
) -> CidrBlock | None:
    value = resource.value(attribute)
    if isinstance(value, Known):
        return next(iter(_block(run, resource, attribute, str(value.value))), None) if value.value else None
    stand_in = vpc.symbolic(family) if vpc else AddressSet.empty()
    real = vpc.addresses(family) - stand_in if vpc else AddressSet.empty()
    if not stand_in or real:
        return None
    symbol = f"{resource.key}.{attribute}"
    addresses = run.addresses.subnet_stand_in(symbol, stand_in, family)
    return CidrBlock(addresses, symbol) if addresses else None
