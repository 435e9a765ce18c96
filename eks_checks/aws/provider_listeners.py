"""What the AWS provider does with databases, caches, brokers, file systems and VPC endpoints."""

from __future__ import annotations

from collections.abc import Mapping

from eks_checks.aws.provider_shape import Shape, shape

LISTENERS: Mapping[str, Shape] = {
    "aws_db_instance": shape(
        """address allocated_storage arn availability_zone backup_retention_period backup_target
        backup_window ca_cert_identifier character_set_name database_insights_mode db_name
        db_subnet_group_name domain_fqdn endpoint engine engine_lifecycle_support engine_version
        engine_version_actual hosted_zone_id identifier identifier_prefix iops kms_key_id
        latest_restorable_time license_model listener_endpoint maintenance_window master_user_secret
        master_user_secret_kms_key_id monitoring_role_arn multi_az nchar_character_set_name
        network_type option_group_name parameter_group_name performance_insights_kms_key_id
        performance_insights_retention_period port replica_mode replicas resource_id
        snapshot_identifier status storage_throughput storage_type tags_all timezone username
        vpc_security_group_ids""",
        {"publicly_accessible": False},
    ),
    "aws_db_subnet_group": shape("arn name name_prefix supported_network_types tags_all vpc_id"),
    "aws_docdb_cluster": shape(
        """arn availability_zones cluster_identifier cluster_identifier_prefix cluster_members
        cluster_resource_id db_cluster_parameter_group_name db_subnet_group_name endpoint
        engine_version hosted_zone_id kms_key_id master_user_secret master_username network_type
        preferred_backup_window preferred_maintenance_window reader_endpoint tags_all
        vpc_security_group_ids"""
    ),
    "aws_docdb_subnet_group": shape("arn name name_prefix supported_network_types tags_all"),
    "aws_efs_mount_target": shape(
        """availability_zone_id availability_zone_name dns_name file_system_arn ip_address ip_address_type
        ipv6_address mount_target_dns_name network_interface_id owner_id security_groups"""
    ),
    "aws_elasticache_cluster": shape(
        """apply_immediately arn availability_zone az_mode cache_nodes cluster_address
        configuration_endpoint engine engine_version engine_version_actual ip_discovery
        maintenance_window network_type node_type num_cache_nodes parameter_group_name port
        preferred_outpost_arn replication_group_id security_group_ids snapshot_window subnet_group_name
        tags_all transit_encryption_enabled"""
    ),
    "aws_elasticache_replication_group": shape(
        """apply_immediately arn at_rest_encryption_enabled auto_minor_version_upgrade cluster_enabled
        cluster_mode configuration_endpoint_address data_tiering_enabled engine engine_version
        engine_version_actual global_replication_group_id ip_discovery maintenance_window
        member_clusters network_type node_type num_cache_clusters num_node_groups parameter_group_name
        primary_endpoint_address reader_endpoint_address replicas_per_node_group security_group_ids
        security_group_names snapshot_window subnet_group_name tags_all transit_encryption_enabled
        transit_encryption_mode"""
    ),
    "aws_elasticache_serverless_cache": shape(
        """arn create_time daily_snapshot_time description endpoint full_engine_version
        major_engine_version reader_endpoint security_group_ids snapshot_retention_limit status
        subnet_ids tags_all"""
    ),
    "aws_elasticache_subnet_group": shape("arn tags_all vpc_id"),
    "aws_elasticsearch_domain": shape(
        "access_policies advanced_options arn domain_id endpoint kibana_endpoint tags_all"
    ),
    "aws_fsx_lustre_file_system": shape(
        """arn auto_import_policy automatic_backup_retention_days daily_automatic_backup_start_time
        dns_name efa_enabled export_path file_system_type_version imported_file_chunk_size kms_key_id
        mount_name network_interface_ids owner_id tags_all vpc_id weekly_maintenance_start_time"""
    ),
    "aws_fsx_ontap_file_system": shape(
        """arn daily_automatic_backup_start_time dns_name endpoint_ip_address_range endpoints ha_pairs
        kms_key_id network_interface_ids owner_id route_table_ids tags_all throughput_capacity
        throughput_capacity_per_ha_pair vpc_id weekly_maintenance_start_time"""
    ),
    "aws_fsx_openzfs_file_system": shape(
        """arn daily_automatic_backup_start_time dns_name endpoint_ip_address endpoint_ip_address_range
        kms_key_id network_interface_ids owner_id root_volume_id route_table_ids tags_all vpc_id
        weekly_maintenance_start_time"""
    ),
    "aws_fsx_windows_file_system": shape(
        """arn daily_automatic_backup_start_time dns_name kms_key_id network_interface_ids owner_id
        preferred_file_server_ip preferred_subnet_id remote_administration_endpoint storage_capacity
        tags_all vpc_id weekly_maintenance_start_time"""
    ),
    "aws_memorydb_cluster": shape(
        """arn cluster_endpoint engine engine_patch_version engine_version maintenance_window name
        name_prefix parameter_group_name port shards snapshot_retention_limit snapshot_window
        subnet_group_name tags_all"""
    ),
    "aws_memorydb_subnet_group": shape("arn name name_prefix tags_all vpc_id"),
    "aws_mq_broker": shape(
        """arn authentication_strategy data_replication_mode instances pending_data_replication_mode
        storage_type subnet_ids tags_all""",
        {"publicly_accessible": False},
    ),
    "aws_msk_cluster": shape(
        """arn bootstrap_brokers bootstrap_brokers_public_sasl_iam bootstrap_brokers_public_sasl_scram
        bootstrap_brokers_public_tls bootstrap_brokers_sasl_iam bootstrap_brokers_sasl_scram
        bootstrap_brokers_tls bootstrap_brokers_vpc_connectivity_sasl_iam
        bootstrap_brokers_vpc_connectivity_sasl_scram bootstrap_brokers_vpc_connectivity_tls
        cluster_uuid current_version storage_mode tags_all zookeeper_connect_string
        zookeeper_connect_string_tls"""
    ),
    "aws_msk_serverless_cluster": shape(
        "arn bootstrap_brokers_sasl_iam cluster_uuid tags_all", vpc_config=shape("security_group_ids")
    ),
    "aws_neptune_cluster": shape(
        """allow_major_version_upgrade apply_immediately arn availability_zones cluster_identifier
        cluster_identifier_prefix cluster_members cluster_resource_id endpoint engine_version
        hosted_zone_id kms_key_arn neptune_cluster_parameter_group_name neptune_subnet_group_name
        preferred_backup_window preferred_maintenance_window reader_endpoint storage_type tags_all
        vpc_security_group_ids"""
    ),
    "aws_neptune_subnet_group": shape("arn name name_prefix tags_all"),
    "aws_opensearch_domain": shape(
        """access_policies advanced_options arn dashboard_endpoint dashboard_endpoint_v2
        domain_endpoint_v2_hosted_zone_id domain_id endpoint endpoint_v2 engine_version ip_address_type
        tags_all"""
    ),
    "aws_rds_cluster": shape(
        """allocated_storage apply_immediately arn availability_zones backup_retention_period
        ca_certificate_identifier ca_certificate_valid_till cluster_identifier
        cluster_identifier_prefix cluster_members cluster_resource_id cluster_scalability_type
        database_insights_mode database_name db_cluster_parameter_group_name db_subnet_group_name
        db_system_id endpoint engine_lifecycle_support engine_version engine_version_actual
        hosted_zone_id iam_roles kms_key_id master_user_secret master_user_secret_kms_key_id
        master_username monitoring_interval monitoring_role_arn network_type
        performance_insights_kms_key_id performance_insights_retention_period port
        preferred_backup_window preferred_maintenance_window reader_endpoint storage_encrypted
        storage_type tags_all vpc_security_group_ids"""
    ),
    "aws_rds_cluster_instance": shape(
        """apply_immediately arn availability_zone ca_cert_identifier db_parameter_group_name
        db_subnet_group_name dbi_resource_id endpoint engine_version engine_version_actual identifier
        identifier_prefix kms_key_id monitoring_role_arn network_type performance_insights_enabled
        performance_insights_kms_key_id performance_insights_retention_period port
        preferred_backup_window preferred_maintenance_window publicly_accessible storage_encrypted
        tags_all writer"""
    ),
    "aws_redshift_cluster": shape(
        """aqua_configuration_status arn availability_zone cluster_namespace_arn cluster_nodes
        cluster_parameter_group_name cluster_public_key cluster_revision_number
        cluster_subnet_group_name cluster_type database_name default_iam_role_arn dns_name endpoint
        enhanced_vpc_routing iam_roles kms_key_id master_password_secret_arn
        master_password_secret_kms_key_id preferred_maintenance_window tags_all vpc_security_group_ids""",
        {"publicly_accessible": False},
    ),
    "aws_redshift_subnet_group": shape("arn tags_all"),
    "aws_vpc_endpoint": shape(
        """arn cidr_blocks dns_entry ip_address_type network_interface_ids owner_id policy prefix_list_id
        private_dns_enabled requester_managed route_table_ids security_group_ids service_region state
        subnet_ids tags_all""",
        {"vpc_endpoint_type": "Gateway"},
    ),
}
"""Type to its Shape."""
