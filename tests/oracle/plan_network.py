"""The network half of a plan document: (address, values) of every managed resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import World
from .model_network import ElasticIp, Gateway

REGION, ACCOUNT = "eu-west-1", "123456789012"


def network_resources(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for part in (
        _vpcs,
        _subnets,
        _gateways,
        _prefix_lists,
        _elastic_ips,
        _block_public_access,
    ):
        yield from part(world, blank)


def common(blank: Any, **values: Any) -> dict:
    tags = blank.rng.choice([None, {}, {"Team": "platform"}])
    return {**values, "region": REGION, "tags": tags, "tags_all": tags or {}}


def arn(service: str, kind: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}/{name}"


def _vpcs(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for vpc in world.vpcs:
        yield (
            vpc.address,
            common(
                blank,
                id=vpc.id,
                arn=arn("ec2", "vpc", vpc.id),
                cidr_block=vpc.cidr,
                assign_generated_ipv6_cidr_block=bool(vpc.ipv6_cidr),
                ipv6_cidr_block=blank.text(vpc.ipv6_cidr),
                ipv6_association_id="vpc-cidr-assoc-0a" if vpc.ipv6_cidr else "",
                enable_dns_support=True,
                enable_dns_hostnames=False,
                instance_tenancy="default",
                owner_id=ACCOUNT,
                default_security_group_id=vpc.default_group_id,
                default_network_acl_id=vpc.default_acl_id,
                default_route_table_id=vpc.default_table_id,
                main_route_table_id=vpc.main_table_id,
            ),
        )
        for association in vpc.secondary:
            yield (
                association.address,
                {
                    "id": association.id,
                    "vpc_id": vpc.id,
                    "cidr_block": association.cidr,
                    "ipv4_ipam_pool_id": None,
                    "ipv4_netmask_length": None,
                    "timeouts": None,
                },
            )


def _subnets(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for subnet in world.subnets:
        yield (
            subnet.address,
            common(
                blank,
                id=subnet.id,
                arn=arn("ec2", "subnet", subnet.id),
                vpc_id=subnet.vpc_id,
                cidr_block=subnet.cidr,
                ipv6_cidr_block=blank.text(subnet.ipv6_cidr),
                availability_zone=subnet.zone,
                ipv6_native=False,
                map_public_ip_on_launch=subnet.map_public,
                assign_ipv6_address_on_creation=subnet.assign_ipv6,
                enable_dns64=False,
                owner_id=ACCOUNT,
                timeouts=None,
            ),
        )


def _gateways(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for gateway in world.gateways:
        values = common(blank, id=gateway.id)
        if gateway.kind == "nat":
            elastic = next(item for item in world.elastic_ips if item.nat_id == gateway.id)
            values.update(
                subnet_id=gateway.subnet_id,
                connectivity_type="public",
                allocation_id=elastic.id,
                public_ip=elastic.public_ip,
                network_interface_id=nat_interface(gateway),
                vpc_id=gateway.vpc_id,
            )
        else:
            values["vpc_id"] = blank.text(gateway.vpc_id)
        yield gateway.address, values
        if gateway.attachment:
            yield (
                gateway.attachment,
                {
                    "id": f"{gateway.id}:{gateway.vpc_id}",
                    "internet_gateway_id": gateway.id,
                    "vpc_id": gateway.vpc_id,
                    "timeouts": None,
                },
            )


def nat_interface(gateway: Gateway) -> str:
    return gateway.id.replace("nat-", "eni-")


def _prefix_lists(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for item in world.prefix_lists:
        entries = [{"cidr": cidr, "description": ""} for cidr in item.cidrs]
        yield (
            item.address,
            common(
                blank,
                id=item.id,
                name=item.id,
                address_family=f"IPv{item.family}",
                entry=entries,
                max_entries=len(entries) + 2,
                version=1,
                owner_id=ACCOUNT,
            ),
        )


# --- addresses -------------------------------------------------------------------------------------------


def _elastic_ips(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for item in world.elastic_ips:
        interface = item.interface_id
        if item.nat_id:
            interface = nat_interface(
                next(gateway for gateway in world.gateways if gateway.id == item.nat_id)
            )
        yield (
            item.address,
            common(
                blank,
                id=item.id,
                allocation_id=item.id,
                public_ip=item.public_ip,
                domain="vpc",
                instance=blank.text(item.instance_id),
                network_interface=blank.text(interface),
                association_id=item.id.replace("eipalloc", "eipassoc"),
                associate_with_private_ip=None,
                address=None,
                private_ip=private_ip_of(world, item),
            ),
        )
        if item.association:
            yield (
                item.association,
                {
                    "id": item.id.replace("eipalloc", "eipassoc"),
                    "allocation_id": item.id,
                    "allow_reassociation": None,
                    "instance_id": blank.text(item.instance_id),
                    "network_interface_id": blank.text(item.interface_id),
                    "public_ip": item.public_ip,
                    "private_ip_address": private_ip_of(world, item),
                },
            )


def private_ip_of(world: World, item: ElasticIp) -> Any:
    for holder in world.instances:
        if holder.id == item.instance_id or holder.interface_id == item.interface_id:
            return holder.private_ip
    return next((face.private_ip for face in world.interfaces if face.id == item.interface_id), "")


def _block_public_access(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    options = world.block_public_access
    if options is None:
        return
    yield (
        options.address,
        {
            "id": REGION,
            "aws_account_id": ACCOUNT,
            "aws_region": REGION,
            "internet_gateway_block_mode": options.mode,
            "timeouts": None,
        },
    )
    for address, id_, mode, vpc_id, subnet_id in options.exclusions:
        yield (
            address,
            common(
                blank,
                id=id_,
                internet_gateway_exclusion_mode=mode,
                vpc_id=vpc_id,
                subnet_id=subnet_id,
                timeouts=None,
            ),
        )
