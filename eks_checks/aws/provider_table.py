"""What the AWS provider does with a resource before AWS sees it, for the types that are read here.

Facts of the provider's schema, kept by hand: which attributes it fills in when they are left out,
which defaults a plan shows, and which texts it takes for numbers. ``id`` and ``region`` go without saying.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_checks.aws.provider_balancing import BALANCING
from eks_checks.aws.provider_connections import CONNECTIONS
from eks_checks.aws.provider_iam import IAM
from eks_checks.aws.provider_shape import Default, Shape, shape
from eks_checks.aws.provider_shape import words as _words

NUMBERS = _words(
    """from_port to_port icmp_type icmp_code rule_no rule_number device_index network_card_index
    ipv4_address_count ipv4_prefix_count ipv6_address_count ipv6_prefix_count private_ips_count
    ipv4_netmask_length ipv6_netmask_length max_entries http_put_response_hop_limit retention_in_days
    instance_port lb_port priority weight
    desired_capacity min_size max_size desired_size max_unavailable disk_size volume_size iops throughput"""
)
FLAGS = _words(
    """auto_accept blackhole split_tunnel static_routes_only
    transit_gateway_default_route_table_association transit_gateway_default_route_table_propagation
    associate_public_ip_address assign_generated_ipv6_cidr_block assign_ipv6_address_on_creation
    bootstrap_cluster_creator_admin_permissions bootstrap_self_managed_addons delete_on_termination egress
    cross_zone_load_balancing enable_cross_zone_load_balancing
    enable_dns_hostnames enable_dns_support enable_primary_ipv6 enabled endpoint_private_access
    endpoint_public_access internal map_public_ip_on_launch propagate_at_launch publicly_accessible self
    source_dest_check update_default_version"""
)
TEXTS = _words("protocol ip_protocol version value user_data name cidr_block destination_cidr_block")

SINGLE = frozenset({"timeouts"})
"""Blocks that are one object; all others are lists of objects."""

_RULE = shape(
    "",
    {
        "cidr_blocks": (),
        "description": "",
        "ipv6_cidr_blocks": (),
        "prefix_list_ids": (),
        "security_groups": (),
        "self": False,
    },
)
_ENTRY = shape("", {"cidr_block": "", "icmp_code": 0, "icmp_type": 0, "ipv6_cidr_block": ""})
_ROUTE = shape(
    "",
    dict.fromkeys(
        _words(
            """carrier_gateway_id cidr_block core_network_arn destination_prefix_list_id
            egress_only_gateway_id gateway_id ipv6_cidr_block local_gateway_id nat_gateway_id
            network_interface_id transit_gateway_id vpc_endpoint_id vpc_peering_connection_id"""
        ),
        "",
    ),
)
_NAMES = "name_prefix name"
_TAGGED = "arn owner_id tags_all"
_VPC = f"""{_TAGGED} default_network_acl_id default_route_table_id default_security_group_id dhcp_options_id
    enable_network_address_usage_metrics ipv6_association_id ipv6_cidr_block
    ipv6_cidr_block_network_border_group main_route_table_id"""
_SUBNET_DEFAULTS: Mapping[str, Default] = {
    "assign_ipv6_address_on_creation": False,
    "enable_dns64": False,
    "enable_resource_name_dns_a_record_on_launch": False,
    "enable_resource_name_dns_aaaa_record_on_launch": False,
    "ipv6_native": False,
}
_DISK = shape(
    "encrypted iops kms_key_id snapshot_id tags_all throughput volume_id volume_size volume_type",
    {"delete_on_termination": True},
)
_TEMPLATE_LINK = shape("id name")
_TEMPLATE_METADATA = shape(
    "http_endpoint http_protocol_ipv6 http_put_response_hop_limit http_tokens instance_metadata_tags"
)
_TEMPLATE_INTERFACE = Shape(
    frozenset(), texts=frozenset({"associate_public_ip_address", "delete_on_termination"})
)
_POLICY_TEMPLATE = shape(
    "",
    None,
    launch_template_specification=shape("launch_template_id launch_template_name", {"version": "$Default"}),
    override=shape("", None, launch_template_specification=shape("launch_template_id launch_template_name")),
)

_INSTANCE = shape(
    """ami arn associate_public_ip_address availability_zone capacity_reservation_specification
    cpu_options disable_api_stop disable_api_termination ebs_block_device ebs_optimized
    enable_primary_ipv6 enclave_options ephemeral_block_device host_id host_resource_group_arn
    iam_instance_profile instance_initiated_shutdown_behavior instance_lifecycle
    instance_market_options instance_state instance_type ipv6_address_count ipv6_addresses key_name
    maintenance_options metadata_options monitoring network_interface outpost_arn password_data
    placement_group placement_group_id placement_partition_number primary_network_interface
    primary_network_interface_id private_dns private_dns_name_options private_ip public_dns public_ip
    root_block_device secondary_private_ips security_groups spot_instance_request_id subnet_id
    tags_all tenancy user_data_base64 vpc_security_group_ids""",
    {
        "force_destroy": False,
        "get_password_data": False,
        "source_dest_check": True,
        "user_data_replace_on_change": False,
    },
    ebs_block_device=_DISK,
    enclave_options=shape("enabled"),
    launch_template=_TEMPLATE_LINK,
    metadata_options=shape(
        "http_put_response_hop_limit http_tokens instance_metadata_tags",
        {"http_endpoint": "enabled", "http_protocol_ipv6": "disabled"},
    ),
    network_interface=shape("", {"delete_on_termination": False, "network_card_index": 0}),
    primary_network_interface=shape("delete_on_termination"),
    root_block_device=Shape(_DISK.computed - {"snapshot_id"} | {"device_name"}, _DISK.defaults),
)
_SPOT = _words(
    """launch_group spot_bid_status spot_instance_id spot_price spot_request_state valid_from valid_until"""
)

TYPES: Mapping[str, Shape] = {
    **BALANCING,
    **CONNECTIONS,
    **IAM,
    "aws_vpc": shape(
        _VPC + " cidr_block enable_dns_hostnames", {"enable_dns_support": True, "instance_tenancy": "default"}
    ),
    "aws_default_vpc": shape(
        _VPC + " cidr_block existing_default_vpc instance_tenancy",
        {"enable_dns_support": True, "enable_dns_hostnames": True, "force_destroy": False},
    ),
    "aws_vpc_ipv4_cidr_block_association": shape("cidr_block"),
    "aws_vpc_ipv6_cidr_block_association": shape(
        "assign_generated_ipv6_cidr_block ip_source ipv6_address_attribute ipv6_cidr_block ipv6_pool"
    ),
    "aws_subnet": shape(
        _TAGGED
        + """ availability_zone availability_zone_id ipv6_cidr_block_association_id
        private_dns_hostname_type_on_launch""",
        {**_SUBNET_DEFAULTS, "map_public_ip_on_launch": False},
    ),
    "aws_default_subnet": shape(
        _TAGGED
        + """ availability_zone_id cidr_block enable_lni_at_device_index existing_default_subnet
        ipv6_cidr_block ipv6_cidr_block_association_id outpost_arn private_dns_hostname_type_on_launch
        vpc_id""",
        # NOTE: instances in a default subnet get a public address unless it is told otherwise (C19).
        {**_SUBNET_DEFAULTS, "map_public_ip_on_launch": True, "force_destroy": False},
    ),
    "aws_route_table": shape(_TAGGED + " propagating_vgws route", None, route=_ROUTE),
    "aws_default_route_table": shape(
        _TAGGED + " route vpc_id", None, route=Shape(frozenset(), {**_ROUTE.defaults, "instance_id": ""})
    ),
    "aws_route": shape("instance_id instance_owner_id network_interface_id origin state"),
    "aws_route_table_association": shape(""),
    "aws_main_route_table_association": shape("original_route_table_id"),
    "aws_internet_gateway": shape(_TAGGED + " vpc_id"),
    "aws_internet_gateway_attachment": shape(""),
    "aws_egress_only_internet_gateway": shape("tags_all"),
    "aws_nat_gateway": shape(
        """association_id auto_provision_zones auto_scaling_ips availability_mode network_interface_id
        private_ip public_ip regional_nat_gateway_address regional_nat_gateway_auto_mode route_table_id
        secondary_allocation_ids secondary_private_ip_address_count secondary_private_ip_addresses
        tags_all vpc_id""",
        {"connectivity_type": "public"},
    ),
    "aws_vpc_endpoint": shape(
        _TAGGED
        + """ cidr_blocks dns_entry dns_options ip_address_type network_interface_ids policy
        prefix_list_id private_dns_enabled requester_managed route_table_ids security_group_ids
        service_region state subnet_configuration subnet_ids""",
        {"vpc_endpoint_type": "Gateway"},
    ),
    "aws_vpc_block_public_access_options": shape("aws_account_id aws_region"),
    "aws_vpc_block_public_access_exclusion": shape("resource_arn tags_all"),
    "aws_network_acl": shape(_TAGGED + " egress ingress subnet_ids", None, ingress=_ENTRY, egress=_ENTRY),
    # NOTE: a default ACL without entries in the sources has none: nothing is computed here (B13).
    "aws_default_network_acl": shape(_TAGGED + " vpc_id", None, ingress=_ENTRY, egress=_ENTRY),
    "aws_network_acl_rule": shape("", {"egress": False}),
    "aws_network_acl_association": shape(""),
    # NOTE: rules that are left out are no rules, nor even AWS's own allow-all egress (A2).
    "aws_security_group": shape(
        f"{_TAGGED} {_NAMES} egress ingress vpc_id",
        {"description": "Managed by Terraform", "revoke_rules_on_delete": False},
        ingress=_RULE,
        egress=_RULE,
    ),
    "aws_default_security_group": shape(
        f"{_TAGGED} {_NAMES} description egress ingress vpc_id",
        {"revoke_rules_on_delete": False},
        ingress=_RULE,
        egress=_RULE,
    ),
    "aws_security_group_rule": shape("security_group_rule_id source_security_group_id", {"self": False}),
    "aws_vpc_security_group_ingress_rule": shape("arn security_group_rule_id tags_all"),
    "aws_vpc_security_group_egress_rule": shape("arn security_group_rule_id tags_all"),
    "aws_ec2_managed_prefix_list": shape(_TAGGED + " version"),
    "aws_ec2_managed_prefix_list_entry": shape(""),
    "aws_network_interface": shape(
        _TAGGED
        + """ attachment enable_primary_ipv6 interface_type ipv4_prefix_count ipv4_prefixes
        ipv6_address_count ipv6_address_list ipv6_addresses ipv6_prefix_count ipv6_prefixes mac_address
        outpost_arn private_dns_name private_ip private_ip_list private_ips private_ips_count
        security_groups""",
    ),
    "aws_network_interface_sg_attachment": shape(""),
    "aws_eip": shape(
        """allocation_id arn association_id carrier_ip customer_owned_ip domain instance ipam_pool_id
        network_border_group network_interface private_dns private_ip ptr_record public_dns public_ip
        public_ipv4_pool tags_all"""
    ),
    "aws_eip_association": shape(
        "allocation_id instance_id network_interface_id private_ip_address public_ip"
    ),
    "aws_instance": _INSTANCE,
    # NOTE: a Spot request has an instance's arguments, and tells what it got beside them.
    "aws_spot_instance_request": Shape(
        _INSTANCE.computed | _SPOT, {**_INSTANCE.defaults, "wait_for_fulfillment": False}, _INSTANCE.blocks
    ),
    "aws_ec2_fleet": shape("arn fleet_state fulfilled_capacity fulfilled_on_demand_capacity tags_all"),
    "aws_spot_fleet_request": shape(
        "client_token load_balancers spot_request_state tags_all target_group_arns",
        None,
        launch_specification=shape(
            """availability_zone ebs_block_device ephemeral_block_device key_name placement_group
            root_block_device subnet_id vpc_security_group_ids""",
            {"associate_public_ip_address": False, "ebs_optimized": False, "monitoring": False},
        ),
        launch_template_config=shape(
            "", None, overrides=shape("availability_zone priority spot_price subnet_id weighted_capacity")
        ),
    ),
    "aws_network_interface_attachment": shape("attachment_id status"),
    "aws_ec2_tag": shape(""),
    "aws_ec2_instance_metadata_defaults": shape(
        "",
        {
            "http_endpoint": "no-preference",
            "http_put_response_hop_limit": -1,
            "http_tokens": "no-preference",
            "instance_metadata_tags": "no-preference",
        },
    ),
    "aws_launch_template": shape(
        f"arn tags_all {_NAMES} default_version latest_version metadata_options",
        None,
        metadata_options=_TEMPLATE_METADATA,
        network_interfaces=_TEMPLATE_INTERFACE,
    ),
    "aws_launch_configuration": shape(
        f"""arn {_NAMES} associate_public_ip_address ebs_block_device ebs_optimized key_name metadata_options
        root_block_device""",
        {"enable_monitoring": True},
        ebs_block_device=_DISK,
        metadata_options=shape("http_endpoint http_put_response_hop_limit http_tokens"),
        root_block_device=_DISK,
    ),
    # NOTE: it takes no default_tags: its tags are blocks (L3).
    "aws_autoscaling_group": shape(
        f"""arn {_NAMES} availability_zone_distribution availability_zones capacity_reservation_specification
        default_cooldown desired_capacity health_check_type load_balancers mixed_instances_policy
        predicted_capacity service_linked_role_arn target_group_arns traffic_source vpc_zone_identifier
        warm_pool_size""",
        {
            "force_delete": False,
            "force_delete_warm_pool": False,
            "health_check_grace_period": 300,
            "ignore_failed_scaling_activities": False,
            "metrics_granularity": "1Minute",
            "protect_from_scale_in": False,
            "wait_for_capacity_timeout": "10m",
        },
        launch_template=shape("id name version"),
        mixed_instances_policy=shape("", None, launch_template=_POLICY_TEMPLATE),
    ),
    "aws_eks_cluster": shape(
        """access_config arn certificate_authority cluster_id control_plane_scaling_config created_at
        deletion_protection endpoint identity kubernetes_network_config platform_version status tags_all
        upgrade_policy version""",
        {"bootstrap_self_managed_addons": True},
        access_config=shape("authentication_mode", {"bootstrap_cluster_creator_admin_permissions": True}),
        compute_config=shape("enabled"),
        kubernetes_network_config=shape(
            "elastic_load_balancing ip_family service_ipv4_cidr service_ipv6_cidr"
        ),
        vpc_config=shape(
            "cluster_security_group_id public_access_cidrs vpc_id",
            {"endpoint_private_access": False, "endpoint_public_access": True},
        ),
    ),
    "aws_eks_node_group": shape(
        """ami_type arn capacity_type disk_size instance_types node_group_name node_group_name_prefix
        node_repair_config release_version resources status tags_all update_config version""",
        None,
        launch_template=_TEMPLATE_LINK,
        update_config=shape("update_strategy"),
    ),
    "aws_eks_fargate_profile": shape("arn status tags_all"),
    "aws_eks_addon": shape("addon_version arn configuration_values created_at modified_at tags_all"),
    "aws_kms_key": shape(
        "arn description key_id multi_region policy rotation_period_in_days tags_all",
        {
            "bypass_policy_lockout_safety_check": False,
            "customer_master_key_spec": "SYMMETRIC_DEFAULT",
            "enable_key_rotation": False,
            "is_enabled": True,
            "key_usage": "ENCRYPT_DECRYPT",
        },
    ),
    "aws_cloudwatch_log_group": shape(
        f"arn {_NAMES} deletion_protection_enabled log_group_class tags_all",
        {"retention_in_days": 0, "skip_destroy": False},
    ),
}
