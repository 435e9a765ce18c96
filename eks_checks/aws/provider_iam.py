"""What the AWS provider does with IAM's resources before AWS sees them: part of the provider table."""

from __future__ import annotations

from collections.abc import Mapping

from eks_checks.aws.provider_shape import Shape, shape

_NAMES = "name_prefix name"

IAM: Mapping[str, Shape] = {
    "aws_eks_pod_identity_association": shape("association_arn association_id external_id tags_all"),
    "aws_iam_group": shape("arn unique_id", {"path": "/"}),
    "aws_iam_group_policy": shape(_NAMES),
    "aws_iam_group_policy_attachment": shape(""),
    "aws_iam_instance_profile": shape(f"arn {_NAMES} create_date tags_all unique_id", {"path": "/"}),
    "aws_iam_openid_connect_provider": shape("arn tags_all thumbprint_list"),
    "aws_iam_policy": shape(f"arn {_NAMES} attachment_count policy_id tags_all", {"path": "/"}),
    "aws_iam_policy_attachment": shape(""),
    "aws_iam_role": shape(
        f"arn {_NAMES} create_date inline_policy managed_policy_arns tags_all unique_id",
        {"force_detach_policies": False, "max_session_duration": 3600, "path": "/"},
    ),
    "aws_iam_role_policies_exclusive": shape(""),
    "aws_iam_role_policy": shape(_NAMES),
    "aws_iam_role_policy_attachment": shape(""),
    "aws_iam_role_policy_attachments_exclusive": shape(""),
    "aws_iam_user": shape("arn tags_all unique_id", {"force_destroy": False, "path": "/"}),
    "aws_iam_user_policy": shape(_NAMES),
    "aws_iam_user_policy_attachment": shape(""),
}
"""Resource type to what the provider fills in, as in ``provider_table.TYPES``."""
