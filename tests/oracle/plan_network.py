"""The network half of a plan document: (address, values) of every managed resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import World
from .model_network import Acl, AclEntry, ElasticIp, Gateway, Route, RouteTable

ROUTE_TARGETS = (
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
)
TARGET_OF_KIND = {"internet": "gateway_id", "nat": "nat_gateway_id", "egress_only": "egress_only_gateway_id"}
REGION, ACCOUNT = "eu-west-1", "123456789012"


def network_resources(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for part in (
        _vpcs,
        _subnets,
        _gateways,
        _prefix_lists,
        _tables,
        _acls,
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


# --- routing -------------------------------------------------------------------------------------------


def _tables(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for table in world.tables:
        if table.address:
            yield table.address, _table(world, table, blank)
        for route in table.routes:
            if route.address:
                yield route.address, _separate_route(world, table, route, blank)
    for item in world.table_associations:
        if item.subnet_id is not None:
            yield (
                item.address,
                {
                    "id": item.id,
                    "subnet_id": item.subnet_id,
                    "route_table_id": item.table_id,
                    "gateway_id": blank.text(None),
                    "timeouts": None,
                },
            )
        else:
            table = next(table for table in world.tables if table.id == item.table_id)
            vpc = world.vpc_by_id(table.vpc_id)
            yield (
                item.address,
                {
                    "id": item.id,
                    "vpc_id": vpc.id,
                    "route_table_id": item.table_id,
                    "original_route_table_id": vpc.default_table_id,
                    "timeouts": None,
                },
            )


def _table(world: World, table: RouteTable, blank: Any) -> dict:
    inline = [_inline_route(world, route, blank) for route in table.routes if not route.address]
    if inline and blank.rng.random() < 0.1:  # the local route, adopted: changes nothing
        local = world.vpc_by_id(table.vpc_id).cidr
        inline.append(_inline_route(world, Route("local", cidr=local), blank))
    propagating = list(table.propagating)
    for gateway in world.vpn_gateways:  # a refresh shows what aws_vpn_gateway_route_propagation brought
        if table.id in [table_id for _, table_id in gateway.propagations] and blank.rng.random() < 0.5:
            propagating.append(gateway.id)
    values = common(
        blank,
        id=table.id,
        vpc_id=table.vpc_id,
        owner_id=ACCOUNT,
        propagating_vgws=blank.items(propagating),
        route=blank.items(inline),
        timeouts=None,
    )
    if table.kind == "default":
        values["default_route_table_id"] = table.id
        for route in values["route"] or []:  # that resource knows fewer kinds of target
            del route["carrier_gateway_id"], route["local_gateway_id"]
    return values


def _target(world: World, route: Route) -> dict:
    if route.target in [item.id for item in world.peerings]:
        return {"vpc_peering_connection_id": route.target}
    if route.target in [item.id for item in world.transit_gateways]:
        return {"transit_gateway_id": route.target}
    kind = next((gateway.kind for gateway in world.gateways if gateway.id == route.target), "internet")
    return {TARGET_OF_KIND[kind]: route.target}


def _inline_route(world: World, route: Route, blank: Any) -> dict:
    unset = blank.rng.choice([None, ""])
    values = dict.fromkeys(
        ("cidr_block", "ipv6_cidr_block", "destination_prefix_list_id", *ROUTE_TARGETS), unset
    )
    values.update(_target(world, route))
    if route.prefix_list:
        values["destination_prefix_list_id"] = route.prefix_list
    else:
        values["ipv6_cidr_block" if ":" in route.cidr else "cidr_block"] = route.cidr
    return values


def _separate_route(world: World, table: RouteTable, route: Route, blank: Any) -> dict:
    values = {
        name: blank.text(None)
        for name in (
            "destination_cidr_block",
            "destination_ipv6_cidr_block",
            "destination_prefix_list_id",
            *ROUTE_TARGETS,
        )
    }
    values.update(_target(world, route))
    if route.prefix_list:
        values["destination_prefix_list_id"] = route.prefix_list
    else:
        values["destination_ipv6_cidr_block" if ":" in route.cidr else "destination_cidr_block"] = route.cidr
    stray = any(
        gateway.id == route.target and gateway.vpc_id != table.vpc_id for gateway in world.gateways
    ) or any(item.id == route.target and item.status != "active" for item in world.peerings)
    return {
        **values,
        "id": route.id,
        "route_table_id": table.id,
        "origin": "CreateRoute",
        "state": "blackhole" if stray else "active",
        "timeouts": None,
    }


# --- network ACLs ----------------------------------------------------------------------------------------


def _acls(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for acl in world.acls:
        if acl.address:
            yield acl.address, _acl(acl, blank)
        for entry in acl.entries:
            if entry.address:
                yield entry.address, _acl_rule(acl, entry, blank)
        for association in acl.associations:
            yield (
                association.address,
                {"id": association.id, "network_acl_id": acl.id, "subnet_id": association.subnet_id},
            )


def _acl(acl: Acl, blank: Any) -> dict:
    subnets = list(acl.subnet_ids)
    if blank.rng.random() < 0.5:  # a refresh shows subnets that aws_network_acl_association brought
        subnets += [association.subnet_id for association in acl.associations]
    values = common(
        blank,
        id=acl.id,
        arn=arn("ec2", "network-acl", acl.id),
        vpc_id=acl.vpc_id,
        owner_id=ACCOUNT,
        subnet_ids=blank.items(subnets),
    )
    for name, egress in (("ingress", False), ("egress", True)):
        values[name] = blank.items(
            [
                _inline_entry(entry, blank)
                for entry in acl.entries
                if entry.egress is egress and not entry.address
            ]
        )
    if acl.kind == "default":
        values["default_network_acl_id"] = acl.id
    return values


def _inline_entry(entry: AclEntry, blank: Any) -> dict:
    icmp = {"icmp_type": entry.icmp_type, "icmp_code": entry.icmp_code}
    return {
        "rule_no": entry.number,
        "action": _action(entry, blank),
        "protocol": entry.protocol,
        "from_port": entry.from_port,
        "to_port": entry.to_port,
        **_entry_cidrs(entry, blank),
        **{name: blank.rng.choice([None, 0]) if value is None else value for name, value in icmp.items()},
    }


def _acl_rule(acl: Acl, entry: AclEntry, blank: Any) -> dict:
    return {
        "id": entry.id,
        "network_acl_id": acl.id,
        "rule_number": entry.number,
        "egress": blank.flag(entry.egress),
        "protocol": entry.protocol,
        "rule_action": _action(entry, blank),
        "from_port": entry.from_port,
        "to_port": entry.to_port,
        **_entry_cidrs(entry, blank),
        "icmp_type": entry.icmp_type,
        "icmp_code": entry.icmp_code,
    }


def _action(entry: AclEntry, blank: Any) -> str:
    action = "allow" if entry.allow else "deny"
    return action.upper() if blank.rng.random() < 0.05 else action


def _entry_cidrs(entry: AclEntry, blank: Any) -> dict:
    v6 = ":" in entry.cidr
    return {
        "cidr_block": blank.text(None if v6 else entry.cidr),
        "ipv6_cidr_block": blank.text(entry.cidr if v6 else None),
    }


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
