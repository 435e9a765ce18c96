"""What the AWS provider fills in for load balancers, their target groups, and Instance Connect Endpoints."""

from __future__ import annotations

from collections.abc import Mapping

from eks_checks.aws.provider_shape import Shape, shape

_BALANCER = shape(
    """arn arn_suffix dns_name enforce_security_group_inbound_rules_on_private_link_traffic internal
    ip_address_type name name_prefix secondary_ips_auto_assigned_per_subnet security_groups subnet_mapping
    subnets tags_all vpc_id zone_id""",
    {
        "client_keep_alive": 3600,
        "desync_mitigation_mode": "defensive",
        "drop_invalid_header_fields": False,
        "enable_deletion_protection": False,
        "enable_http2": True,
        "enable_tls_version_and_cipher_suite_headers": False,
        "enable_waf_fail_open": False,
        "enable_xff_client_port": False,
        "enable_zonal_shift": False,
        "idle_timeout": 60,
        "load_balancer_type": "application",
        "preserve_host_header": False,
        "xff_header_processing_mode": "append",
    },
    subnet_mapping=shape("outpost_id"),
)
_LISTENER = shape(
    "arn mutual_authentication protocol ssl_policy tags_all tcp_idle_timeout_seconds",
    None,
    default_action=shape("order", None, forward=shape("", None, target_group=shape("", {"weight": 1}))),
)
_RULE = shape(
    "arn priority tags_all",
    None,
    action=shape("order", None, forward=shape("", None, target_group=shape("", {"weight": 1}))),
)
_GROUP = shape(
    """arn arn_suffix connection_termination health_check ip_address_type load_balancer_arns
    load_balancing_algorithm_type load_balancing_anomaly_mitigation load_balancing_cross_zone_enabled name
    name_prefix preserve_client_ip protocol_version stickiness tags_all target_failover target_group_health
    target_health_state""",
    {"proxy_protocol_v2": False, "slow_start": 0, "target_type": "instance"},
)

BALANCING: Mapping[str, Shape] = {
    "aws_lb": _BALANCER,
    "aws_alb": _BALANCER,
    "aws_lb_listener": _LISTENER,
    "aws_alb_listener": _LISTENER,
    "aws_lb_listener_rule": _RULE,
    "aws_alb_listener_rule": _RULE,
    "aws_lb_target_group": _GROUP,
    "aws_alb_target_group": _GROUP,
    "aws_lb_target_group_attachment": shape(""),
    "aws_alb_target_group_attachment": shape(""),
    "aws_autoscaling_attachment": shape(""),
    "aws_autoscaling_traffic_source_attachment": shape(""),
    "aws_elb": shape(
        """arn availability_zones dns_name instances internal name name_prefix security_groups
        source_security_group source_security_group_id subnets tags_all zone_id""",
        {"cross_zone_load_balancing": True},
    ),
    "aws_elb_attachment": shape(""),
    "aws_ec2_instance_connect_endpoint": shape(
        """arn availability_zone dns_name fips_dns_name ip_address_type network_interface_ids owner_id
        preserve_client_ip security_group_ids tags_all vpc_id"""
    ),
    "aws_globalaccelerator_endpoint_group": shape(
        "arn endpoint_group_region health_check_path health_check_port",
        None,
        endpoint_configuration=shape("client_ip_preservation_enabled"),
    ),
}
"""Type to what is filled in where it is left out."""
