"""The EKS half of a plan document: groups, clusters, nodes, instances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import World
from .model_eks import (
    Instance,
    LaunchTemplate,
    NodeGroup,
    ScalingGroup,
    TemplateInterface,
)
from .plan_network import ACCOUNT, arn, common


def eks_resources(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for part in (_clusters, _templates, _node_groups, _scaling_groups, _instances, _interfaces):
        yield from part(world, blank)


# --- clusters and nodes ----------------------------------------------------------------------------------


def _clusters(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for cluster in world.clusters:
        yield (
            cluster.address,
            common(
                blank,
                id=cluster.name,
                name=cluster.name,
                arn=arn("eks", "cluster", cluster.name),
                version="1.33",
                role_arn=f"arn:aws:iam::{ACCOUNT}:role/eks",
                status="ACTIVE",
                timeouts=None,
                enabled_cluster_log_types=blank.items([]),
                access_config=[
                    {"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False}
                ],
                compute_config=[],
                storage_config=[],
                kubernetes_network_config=[
                    {
                        "ip_family": cluster.ip_family,
                        "service_ipv4_cidr": "172.20.0.0/16",
                        "service_ipv6_cidr": "",
                        "elastic_load_balancing": [],
                    }
                ],
                vpc_config=[
                    {
                        "cluster_security_group_id": cluster.group_id,
                        "endpoint_private_access": True,
                        "endpoint_public_access": False,
                        "public_access_cidrs": blank.items([]),
                        "security_group_ids": blank.items(cluster.additional_groups),
                        "subnet_ids": cluster.subnet_ids,
                        "vpc_id": cluster.vpc_id,
                    }
                ],
            ),
        )


def _templates(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for template in world.templates:
        yield (
            template.address,
            common(
                blank,
                id=template.id,
                name=template.name,
                name_prefix="",
                arn=arn("ec2", "launch-template", template.id),
                default_version=1,
                latest_version=template.latest_version,
                update_default_version=None,
                image_id=None,
                instance_type="m5.large",
                key_name=None,
                user_data=None,
                security_group_names=blank.items([]),
                vpc_security_group_ids=blank.items(template.groups),
                tag_specifications=[],
                metadata_options=[],
                network_interfaces=[_template_interface(block, blank) for block in template.interfaces],
            ),
        )


def _template_interface(block: TemplateInterface, blank: Any) -> dict:
    return {
        "associate_public_ip_address": block.associate_public,
        "associate_carrier_ip_address": "",
        "delete_on_termination": "",
        "description": None,
        "device_index": block.device_index,
        "interface_type": None,
        "ipv4_address_count": None,
        "ipv4_addresses": None,
        "ipv6_address_count": block.ipv6_address_count,
        "ipv6_addresses": blank.items([]),
        "network_card_index": blank.rng.choice([None, 0]),
        "network_interface_id": blank.text(None),
        "private_ip_address": None,
        "security_groups": blank.items(block.groups),
        "subnet_id": blank.text(None),
    }


def _node_groups(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for group in world.node_groups:
        yield (
            group.address,
            common(
                blank,
                id=f"{group.cluster}:{group.name}",
                arn=arn("eks", "nodegroup", group.name),
                cluster_name=group.cluster,
                node_group_name=group.name,
                node_group_name_prefix="",
                status="ACTIVE",
                node_role_arn=f"arn:aws:iam::{ACCOUNT}:role/node",
                ami_type=group.ami_type,
                capacity_type="ON_DEMAND",
                disk_size=20,
                instance_types=["m5.large"],
                labels=None,
                taint=[],
                version="1.33",
                timeouts=None,
                scaling_config=[{"desired_size": 3, "max_size": 6, "min_size": 3}],
                subnet_ids=group.subnet_ids,
                update_config=[],
                launch_template=_node_template(world, group, blank),
                remote_access=_remote_access(group, blank),
                resources=[_node_resources(group)],
            ),
        )


def _node_template(world: World, group: NodeGroup, blank: Any) -> list[dict]:
    if group.template_id is None:
        return []
    template = world.template(group.template_id)
    return [{"id": template.id, "name": template.name, "version": _version(template, blank)}]


def _version(template: LaunchTemplate, blank: Any) -> str:
    return blank.rng.choice([str(template.latest_version), "$Latest"])


def _remote_access(group: NodeGroup, blank: Any) -> list[dict]:
    if group.remote_access is None:
        return []
    return [
        {
            "ec2_ssh_key": group.remote_access.key,
            "source_security_group_ids": blank.items(group.remote_access.source_groups),
        }
    ]


def _node_resources(group: NodeGroup) -> dict:
    return {
        "autoscaling_groups": [{"name": f"eks-{group.name}"}],
        "remote_access_security_group_id": group.remote_access.group_id if group.remote_access else "",
    }


def _scaling_groups(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for group in world.scaling_groups:
        tags = [{"key": "Name", "value": group.name, "propagate_at_launch": True}]
        if group.cluster:
            tags.append(
                {
                    "key": f"kubernetes.io/cluster/{group.cluster}",
                    "value": "owned",
                    "propagate_at_launch": True,
                }
            )
        yield (
            group.address,
            {
                "id": group.name,
                "name": group.name,
                "name_prefix": "",
                "arn": arn("autoscaling", "group", group.name),
                "min_size": 2,
                "max_size": 4,
                "desired_capacity": 2,
                "vpc_zone_identifier": group.subnet_ids,
                "availability_zones": sorted(
                    {world.subnet(subnet_id).zone for subnet_id in group.subnet_ids}
                ),
                "launch_configuration": blank.text(None),
                "tag": tags,
                "timeouts": None,
                **_launch(world, group, blank),
            },
        )


def _launch(world: World, group: ScalingGroup, blank: Any) -> dict:
    templates = [world.template(template_id) for template_id in group.template_ids]
    if not group.mixed:
        base = templates[0]
        return {
            "launch_template": [{"id": base.id, "name": base.name, "version": _version(base, blank)}],
            "mixed_instances_policy": [],
        }
    specifications = [
        {"launch_template_id": item.id, "launch_template_name": item.name, "version": _version(item, blank)}
        for item in templates
    ]
    overrides = [
        {
            "instance_type": "m5.large",
            "weighted_capacity": "",
            "instance_requirements": [],
            "launch_template_specification": [],
        }
    ]
    overrides += [
        {
            "instance_type": "m6g.large",
            "weighted_capacity": "",
            "instance_requirements": [],
            "launch_template_specification": [item],
        }
        for item in specifications[1:]
    ]
    return {
        "launch_template": [],
        "mixed_instances_policy": [
            {
                "instances_distribution": [],
                "launch_template": [
                    {"launch_template_specification": specifications[:1], "override": overrides}
                ],
            }
        ],
    }


# --- instances and interfaces ------------------------------------------------------------------------------


def _instances(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for item in world.instances:
        yield item.address, _instance(world, item, blank)
        for address, group_id in item.attachments:
            yield (
                address,
                {
                    "id": f"{group_id}_{item.interface_id}",
                    "security_group_id": group_id,
                    "network_interface_id": item.interface_id,
                    "timeouts": None,
                },
            )


def _instance(world: World, item: Instance, blank: Any) -> dict:
    attached = {group_id for _, group_id in item.attachments}
    groups = [group_id for group_id in item.groups if group_id not in attached or blank.rng.random() < 0.5]
    network_interface = []
    if item.interface is not None:
        network_interface = [
            {
                "device_index": 0,
                "network_card_index": 0,
                "delete_on_termination": False,
                "network_interface_id": item.interface_id,
            }
        ]
    return common(
        blank,
        id=item.id,
        arn=arn("ec2", "instance", item.id),
        ami="ami-0123456789abcdef0",
        instance_type="t3.micro",
        instance_state="running",
        availability_zone=world.subnet(item.subnet_id).zone,
        subnet_id=item.subnet_id,
        vpc_security_group_ids=groups or item.groups,
        security_groups=blank.items([]),
        private_ip=item.private_ip,
        public_ip=item.public_ip or "",
        associate_public_ip_address=item.public_ip is not None,
        ipv6_addresses=[item.ipv6] if item.ipv6 else [],
        ipv6_address_count=1 if item.ipv6 else 0,
        primary_network_interface_id=item.interface_id,
        network_interface=network_interface,
        launch_template=[],
        secondary_private_ips=[],
        source_dest_check=True,
        key_name="",
        user_data=None,
        timeouts=None,
    )


def _interfaces(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for item in world.interfaces:
        holder = next((instance for instance in world.instances if instance.interface == item.address), None)
        attachment = (
            [{"attachment_id": "eni-attach-0a", "device_index": 0, "instance": holder.id}] if holder else []
        )
        yield (
            item.address,
            common(
                blank,
                id=item.id,
                arn=arn("ec2", "network-interface", item.id),
                subnet_id=item.subnet_id,
                private_ip=item.private_ip,
                private_ips=[item.private_ip],
                private_ips_count=0,
                security_groups=item.groups,
                ipv6_addresses=[item.ipv6] if item.ipv6 else [],
                ipv6_address_count=1 if item.ipv6 else 0,
                attachment=attachment,
                source_dest_check=True,
            ),
        )
