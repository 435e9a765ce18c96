"""The catalogue: every check, named here by hand. There is no registration by import."""

from __future__ import annotations

from eks_checks.checks.check import Check
from eks_checks.checks.eks101_node_public_subnet import eks101
from eks_checks.checks.eks102_node_public_address import eks102
from eks_checks.checks.eks103_node_subnet_no_egress import eks103
from eks_checks.checks.eks104_public_subnet_workload import eks104
from eks_checks.checks.eks105_load_balancer_subnet_tags import eks105
from eks_checks.checks.eks106_node_subnet_shared import eks106
from eks_checks.checks.eks201_node_ssh_from_internet import eks201
from eks_checks.checks.eks202_node_ssh_from_pods import eks202
from eks_checks.checks.eks203_node_ssh_beyond_bastion import eks203
from eks_checks.checks.eks204_node_group_ssh_open import eks204
from eks_checks.checks.eks205_node_ssh_key import eks205
from eks_checks.checks.eks206_node_ssh_attack_path import eks206
from eks_checks.checks.eks207_node_no_session_manager import eks207
from eks_checks.checks.eks208_pod_ssh_egress_open import eks208
from eks_checks.checks.eks209_node_port_from_internet import eks209
from eks_checks.checks.eks210_node_ssh_via_service import eks210
from eks_checks.checks.eks301_cluster_sg_open import eks301
from eks_checks.checks.eks302_cluster_sg_on_nodes import eks302
from eks_checks.checks.eks303_node_sg_restriction_defeated import eks303
from eks_checks.checks.eks304_pods_share_node_sg import eks304
from eks_checks.checks.eks305_sg_rules_mixed import eks305
from eks_checks.checks.eks306_cluster_tag_on_many_sg import eks306
from eks_checks.checks.eks307_node_default_sg import eks307
from eks_checks.checks.eks308_node_sg_all_ports import eks308
from eks_checks.checks.eks309_endpoint_public_world import eks309
from eks_checks.checks.eks310_endpoint_unreachable import eks310
from eks_checks.checks.eks401_node_nacl_ssh_unrestricted import eks401
from eks_checks.checks.eks402_nacl_rule_shadowed import eks402
from eks_checks.checks.eks403_nodes_cut_off import eks403
from eks_checks.checks.eks404_nacl_unused import eks404
from eks_checks.checks.eks501_creator_admin import eks501
from eks_checks.checks.eks502_auth_config_map import eks502
from eks_checks.checks.eks503_system_masters import eks503
from eks_checks.checks.eks504_creator_not_dedicated import eks504
from eks_checks.checks.eks505_creator_role_powers import eks505
from eks_checks.checks.eks506_admin_not_role import eks506
from eks_checks.checks.eks601_node_imds_open import eks601
from eks_checks.checks.eks602_node_role_powers import eks602
from eks_checks.checks.eks603_node_group_no_template import eks603
from eks_checks.checks.eks604_control_plane_logs import eks604
from eks_checks.checks.eks701_required_tags import eks701
from eks_checks.checks.eks702_cluster_tag import eks702
from eks_checks.checks.eks703_instance_tags import eks703
from eks_checks.checks.eks704_tag_condition_missing import eks704

CHECKS: tuple[Check, ...] = (
    eks101,
    eks102,
    eks103,
    eks104,
    eks105,
    eks106,
    eks201,
    eks202,
    eks203,
    eks204,
    eks205,
    eks206,
    eks207,
    eks208,
    eks209,
    eks210,
    eks301,
    eks302,
    eks303,
    eks304,
    eks305,
    eks306,
    eks307,
    eks308,
    eks309,
    eks310,
    eks401,
    eks402,
    eks403,
    eks404,
    eks501,
    eks502,
    eks503,
    eks504,
    eks505,
    eks506,
    eks601,
    eks602,
    eks603,
    eks604,
    eks701,
    eks702,
    eks703,
    eks704,
)
"""Every check, in order of its id."""
