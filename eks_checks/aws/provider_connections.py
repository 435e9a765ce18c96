"""What the AWS provider does with what joins VPCs to other networks: a part of ``provider_table``."""

from __future__ import annotations

from collections.abc import Mapping

from eks_checks.aws.provider_shape import Default, Shape, shape

_TAKES_DEFAULTS: Mapping[str, Default] = {
    "transit_gateway_default_route_table_association": True,
    "transit_gateway_default_route_table_propagation": True,
}
_TUNNEL = "address bgp_asn bgp_holdtime cgw_inside_address inside_cidr inside_ipv6_cidr preshared_key"
_TUNNELS = " ".join(f"tunnel{n}_{name}" for n in (1, 2) for name in (*_TUNNEL.split(), "vgw_inside_address"))

CONNECTIONS: Mapping[str, Shape] = {
    "aws_vpc_peering_connection": shape(
        "accept_status accepter peer_owner_id peer_region requester tags_all"
    ),
    "aws_vpc_peering_connection_accepter": shape(
        "accept_status accepter peer_owner_id peer_region peer_vpc_id requester tags_all vpc_id"
    ),
    "aws_vpc_peering_connection_options": shape("accepter requester"),
    "aws_ec2_transit_gateway": shape(
        """arn association_default_route_table_id encryption_support owner_id
        propagation_default_route_table_id tags_all""",
        {
            "auto_accept_shared_attachments": "disable",
            "default_route_table_association": "enable",
            "default_route_table_propagation": "enable",
            "dns_support": "enable",
            "multicast_support": "disable",
            "security_group_referencing_support": "disable",
            "vpn_ecmp_support": "enable",
        },
    ),
    "aws_ec2_transit_gateway_vpc_attachment": shape(
        "arn security_group_referencing_support tags_all vpc_owner_id",
        {
            **_TAKES_DEFAULTS,
            "appliance_mode_support": "disable",
            "dns_support": "enable",
            "ipv6_support": "disable",
        },
    ),
    "aws_ec2_transit_gateway_vpc_attachment_accepter": shape(
        """appliance_mode_support dns_support ipv6_support security_group_referencing_support subnet_ids
        tags_all transit_gateway_id vpc_id vpc_owner_id""",
        _TAKES_DEFAULTS,
    ),
    "aws_ec2_transit_gateway_route_table": shape(
        "arn default_association_route_table default_propagation_route_table tags_all"
    ),
    "aws_ec2_transit_gateway_route": shape("", {"blackhole": False}),
    "aws_ec2_transit_gateway_route_table_association": shape("resource_id resource_type"),
    "aws_ec2_transit_gateway_route_table_propagation": shape("resource_id resource_type"),
    "aws_ec2_transit_gateway_default_route_table_association": shape("original_default_route_table_id"),
    "aws_ec2_transit_gateway_default_route_table_propagation": shape("original_default_route_table_id"),
    "aws_ec2_transit_gateway_prefix_list_reference": shape("prefix_list_owner_id", {"blackhole": False}),
    "aws_ec2_transit_gateway_peering_attachment": shape("arn peer_account_id state tags_all"),
    "aws_ec2_transit_gateway_peering_attachment_accepter": shape(
        "peer_account_id peer_region peer_transit_gateway_id tags_all transit_gateway_id"
    ),
    "aws_ec2_transit_gateway_connect": shape("tags_all", {**_TAKES_DEFAULTS, "protocol": "gre"}),
    "aws_vpn_gateway": shape("amazon_side_asn arn tags_all vpc_id"),
    "aws_vpn_gateway_attachment": shape(""),
    "aws_vpn_gateway_route_propagation": shape(""),
    "aws_vpn_connection": shape(
        f"""arn core_network_arn core_network_attachment_arn customer_gateway_configuration
        enable_acceleration local_ipv4_network_cidr local_ipv6_network_cidr outside_ip_address_type
        preshared_key_arn preshared_key_storage remote_ipv4_network_cidr remote_ipv6_network_cidr routes
        static_routes_only tags_all transit_gateway_attachment_id {_TUNNELS} tunnel_bandwidth
        tunnel_inside_ip_version vgw_telemetry"""
    ),
    "aws_vpn_connection_route": shape(""),
    "aws_customer_gateway": shape("arn tags_all"),
    "aws_dx_gateway_association": shape(
        """allowed_prefixes associated_gateway_id associated_gateway_owner_account_id
        associated_gateway_type dx_gateway_association_id dx_gateway_owner_account_id
        transit_gateway_attachment_id"""
    ),
    "aws_dx_gateway_association_proposal": shape(
        "allowed_prefixes associated_gateway_owner_account_id associated_gateway_type"
    ),
    "aws_ec2_client_vpn_endpoint": shape(
        """arn disconnect_on_session_timeout dns_name endpoint_ip_address_type security_group_ids
        self_service_portal_url tags_all traffic_ip_address_type vpc_id""",
        {
            "self_service_portal": "disabled",
            "session_timeout_hours": 24,
            "split_tunnel": False,
            "transport_protocol": "udp",
            "vpn_port": 443,
        },
    ),
    "aws_ec2_client_vpn_network_association": shape("association_id vpc_id"),
    "aws_ec2_client_vpn_authorization_rule": shape(""),
    "aws_ec2_client_vpn_route": shape("origin type"),
    "aws_ec2_carrier_gateway": shape("arn owner_id tags_all"),
    "aws_networkmanager_core_network": shape("arn created_at edges segments state tags_all"),
    "aws_networkmanager_vpc_attachment": shape(
        """arn attachment_policy_rule_number attachment_type core_network_arn edge_location options
        owner_account_id resource_arn segment_name state tags_all"""
    ),
    "aws_vpc_security_group_vpc_association": shape("state"),
}
