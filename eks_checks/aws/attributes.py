"""Which attributes name which objects, and which always hold a value: the tables behind identity."""

from __future__ import annotations

NATURAL = {
    "aws_vpc": "vpc",
    "aws_default_vpc": "vpc",
    "aws_subnet": "subnet",
    "aws_default_subnet": "subnet",
    "aws_route_table": "route_table",
    "aws_default_route_table": "route_table",
    "aws_network_acl": "network_acl",
    "aws_default_network_acl": "network_acl",
    "aws_security_group": "security_group",
    "aws_default_security_group": "security_group",
    "aws_internet_gateway": "internet_gateway",
    "aws_network_interface": "interface",
    "aws_instance": "interface",
    "aws_launch_template": "launch_template",
    "aws_launch_configuration": "launch_configuration",
    "aws_ec2_managed_prefix_list": "prefix_list",
    "aws_prefix_list": "prefix_list",
    "aws_eks_cluster": "cluster",
    "aws_eks_node_group": "node_group",
    "aws_autoscaling_group": "autoscaling_group",
    "aws_nat_gateway": "nat_gateway",
    "aws_vpn_gateway": "vpn_gateway",
    "aws_egress_only_internet_gateway": "egress_only_gateway",
    # NOTE: tables before gateways: a gateway's default table may be one that a resource manages.
    "aws_ec2_transit_gateway_route_table": "transit_gateway_route_table",
    "aws_ec2_transit_gateway": "transit_gateway",
    "aws_ec2_transit_gateway_vpc_attachment": "transit_gateway_attachment",
    "aws_ec2_transit_gateway_peering_attachment": "transit_gateway_attachment",
    "aws_ec2_transit_gateway_connect": "transit_gateway_attachment",
    "aws_ec2_transit_gateway_vpc_attachment_accepter": "transit_gateway_attachment",
    "aws_ec2_transit_gateway_peering_attachment_accepter": "transit_gateway_attachment",
    "aws_ec2_transit_gateway_attachment": "transit_gateway_attachment",
    "aws_ec2_transit_gateway_vpn_attachment": "transit_gateway_attachment",
    "aws_ec2_transit_gateway_dx_gateway_attachment": "transit_gateway_attachment",
    "aws_vpc_peering_connection": "vpc_peering_connection",
    "aws_vpc_peering_connection_accepter": "vpc_peering_connection",
    "aws_vpc_peering_connection_options": "vpc_peering_connection",
    "aws_vpn_connection": "vpn_connection",
    "aws_dx_gateway_association": "dx_gateway_association",
    "aws_ec2_client_vpn_endpoint": "client_vpn_endpoint",
    "aws_networkmanager_core_network": "core_network",
    "aws_vpc_endpoint": "vpc_endpoint",
    "aws_ec2_carrier_gateway": "carrier_gateway",
    "aws_eip": "eip",
    "aws_db_subnet_group": "db_subnet_group",
    "aws_docdb_subnet_group": "docdb_subnet_group",
    "aws_neptune_subnet_group": "neptune_subnet_group",
    "aws_elasticache_subnet_group": "elasticache_subnet_group",
    "aws_memorydb_subnet_group": "memorydb_subnet_group",
    "aws_redshift_subnet_group": "redshift_subnet_group",
    "aws_rds_cluster": "rds_cluster",
    "aws_lb": "load_balancer",
    "aws_alb": "load_balancer",
    "aws_elb": "classic_load_balancer",
    "aws_lb_listener": "listener",
    "aws_alb_listener": "listener",
    "aws_lb_target_group": "target_group",
    "aws_alb_target_group": "target_group",
    "aws_iam_role": "role",
    "aws_iam_instance_profile": "instance_profile",
    "aws_iam_policy": "policy",
    "aws_iam_user": "user",
    "aws_iam_group": "user_group",
}
"""Resource (and data source) type to the kind of object it is."""

IMPLICIT = {
    ("aws_vpc", "default_security_group_id"): ("security_group", "#default_security_group"),
    ("aws_vpc", "default_network_acl_id"): ("network_acl", "#default_network_acl"),
    ("aws_vpc", "default_route_table_id"): ("route_table", "#default_route_table"),
    ("aws_vpc", "main_route_table_id"): ("route_table", "#default_route_table"),
    ("aws_eks_cluster", "cluster_security_group_id"): ("security_group", "#cluster_security_group"),
    ("aws_eks_node_group", "remote_access_security_group_id"): ("security_group", "#remote_access"),
    ("aws_instance", "primary_network_interface_id"): ("interface", ""),
    ("aws_spot_instance_request", "primary_network_interface_id"): ("interface", ""),
    ("aws_spot_instance_request", "spot_instance_id"): ("interface", ""),
    ("aws_ec2_transit_gateway", "association_default_route_table_id"): (
        "transit_gateway_route_table",
        "#transit_gateway_route_table",
    ),
    ("aws_ec2_transit_gateway", "propagation_default_route_table_id"): (
        "transit_gateway_route_table",
        "#transit_gateway_route_table",
    ),
    ("aws_vpn_connection", "transit_gateway_attachment_id"): ("transit_gateway_attachment", "#attachment"),
    ("aws_dx_gateway_association", "transit_gateway_attachment_id"): (
        "transit_gateway_attachment",
        "#attachment",
    ),
}
"""(type, attribute) to kind and key suffix of what AWS or EKS makes beside the resource (C16, E1, E10)."""

MAKES = {("autoscaling_group", "aws_eks_node_group"): "resources"}
"""(kind, type) to the attribute in which a resource tells the objects of the kind that it makes."""

ADOPTS = {
    "aws_default_route_table": ("default_route_table_id", "route_table"),
    "aws_default_network_acl": ("default_network_acl_id", "network_acl"),
    "aws_vpc_peering_connection_accepter": ("vpc_peering_connection_id", "vpc_peering_connection"),
    "aws_vpc_peering_connection_options": ("vpc_peering_connection_id", "vpc_peering_connection"),
    "aws_ec2_transit_gateway_vpc_attachment_accepter": (
        "transit_gateway_attachment_id",
        "transit_gateway_attachment",
    ),
    "aws_ec2_transit_gateway_peering_attachment_accepter": (
        "transit_gateway_attachment_id",
        "transit_gateway_attachment",
    ),
}
"""Resources that stand for an object another one or AWS made: the attribute that names it (B13, C17)."""

SAME_ATTRIBUTES = {
    ("aws_eks_cluster", "id"): "name",
    ("aws_autoscaling_group", "id"): "name",
    ("aws_launch_configuration", "id"): "name",
    ("aws_vpc_peering_connection_accepter", "id"): "vpc_peering_connection_id",
    ("aws_vpc_peering_connection_options", "id"): "vpc_peering_connection_id",
    ("aws_ec2_transit_gateway_vpc_attachment_accepter", "id"): "transit_gateway_attachment_id",
    ("aws_ec2_transit_gateway_peering_attachment_accepter", "id"): "transit_gateway_attachment_id",
    ("aws_iam_role", "id"): "name",
    ("aws_iam_group", "id"): "name",
    ("aws_iam_instance_profile", "id"): "name",
    ("aws_iam_policy", "id"): "arn",
    ("aws_iam_user", "id"): "name",
    ("aws_key_pair", "id"): "key_name",
}
"""(type, attribute) to the attribute of the same resource that has the same value."""

FILLED = frozenset(
    {
        "arn",
        "cluster_security_group_id",
        "default_network_acl_id",
        "default_route_table_id",
        "default_security_group_id",
        "id",
        "main_route_table_id",
        "remote_access_security_group_id",
    }
)
"""Attributes that AWS never leaves null or empty once the object is there, of whatever type."""

NAMED = frozenset(
    {
        ("aws_autoscaling_group", "name"),
        ("aws_eks_cluster", "name"),
        ("aws_iam_instance_profile", "name"),
        ("aws_iam_policy", "name"),
        ("aws_iam_role", "name"),
        ("aws_key_pair", "key_name"),
        ("aws_launch_configuration", "name"),
        ("aws_launch_template", "name"),
        ("aws_security_group", "name"),
    }
)
"""(type, attribute) of names that AWS gives where nobody does; other types may be without one."""

IDS = frozenset(
    {"", "id", "arn", "name", "name_prefix", "latest_version", "default_version", "association_id"}
)

PREFIXES = {
    "vpc": "vpc-",
    "subnet": "subnet-",
    "security_group": "sg-",
    "route_table": "rtb-",
    "network_acl": "acl-",
    "internet_gateway": "igw-",
    "prefix_list": "pl-",
    "transit_gateway": "tgw-",
    "transit_gateway_attachment": "tgw-attach-",
    "transit_gateway_route_table": "tgw-rtb-",
    "vpc_peering_connection": "pcx-",
    "vpn_gateway": "vgw-",
    "vpn_connection": "vpn-",
    "client_vpn_endpoint": "cvpn-endpoint-",
}
"""What a real id of the kind starts with: a text that does not is no such object."""

REQUIRED = frozenset(
    {
        "vpc_id",
        "peer_vpc_id",
        "route_table_id",
        "security_group_id",
        "network_acl_id",
        "cluster_name",
        "transit_gateway_route_table_id",
        "vpc_peering_connection_id",
        "vpn_connection_id",
        "client_vpn_endpoint_id",
    }
)
"""Arguments that are never left out where they are links: one not known is unset nowhere."""

FOLLOW = {
    "vpc": "vpc_id",
    "subnet": "subnet_id",
    "security_group": "security_group_id",
    "route_table": "route_table_id",
    "network_acl": "network_acl_id",
    "internet_gateway": "internet_gateway_id",
    "cluster": "cluster_name",
    "transit_gateway": "transit_gateway_id",
    "transit_gateway_attachment": "transit_gateway_attachment_id",
    "transit_gateway_route_table": "transit_gateway_route_table_id",
    "vpc_peering_connection": "vpc_peering_connection_id",
    "vpn_gateway": "vpn_gateway_id",
    "vpn_connection": "vpn_connection_id",
    "client_vpn_endpoint": "client_vpn_endpoint_id",
}
