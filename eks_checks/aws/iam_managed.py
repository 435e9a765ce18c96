"""What the policies say that AWS keeps itself, for those that nodes and clusters commonly carry.

From the AWS Managed Policy Reference Guide. Of any other the text is not known here, and taken for anything.
"""

from __future__ import annotations

from eks_checks.aws.iam_documents import ALLOW, Document, Element, Pattern, Statement, unknown_document
from eks_checks.aws.knowledge import Cause

_ACTIONS = {
    "AdministratorAccess": "*",
    "AmazonEC2ContainerRegistryPullOnly": """ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability
        ecr:GetDownloadUrlForLayer ecr:BatchGetImage ecr:BatchImportUpstreamImage""",
    "AmazonEC2ContainerRegistryReadOnly": """ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability
        ecr:GetDownloadUrlForLayer ecr:GetRepositoryPolicy ecr:DescribeRepositories ecr:ListImages
        ecr:DescribeImages ecr:BatchGetImage ecr:GetLifecyclePolicy ecr:GetLifecyclePolicyPreview
        ecr:ListTagsForResource ecr:DescribeImageScanFindings""",
    "AmazonEKSWorkerNodeMinimalPolicy": "eks-auth:AssumeRoleForPodIdentity",
    "AmazonEKSWorkerNodePolicy": """ec2:DescribeInstances ec2:DescribeInstanceTypes ec2:DescribeRouteTables
        ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVolumes ec2:DescribeVolumesModifications
        ec2:DescribeVpcs eks:DescribeCluster eks-auth:AssumeRoleForPodIdentity""",
    "AmazonEKS_CNI_Policy": """ec2:AssignPrivateIpAddresses ec2:AttachNetworkInterface
        ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeInstances ec2:DescribeTags
        ec2:DescribeNetworkInterfaces ec2:DescribeInstanceTypes ec2:DescribeSubnets
        ec2:DetachNetworkInterface ec2:ModifyNetworkInterfaceAttribute ec2:UnassignPrivateIpAddresses
        ec2:CreateTags""",
    "AmazonSSMManagedInstanceCore": """ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance
        ssm:GetDocument ssm:DescribeDocument ssm:GetManifest ssm:GetParameter ssm:GetParameters
        ssm:ListAssociations ssm:ListInstanceAssociations ssm:PutInventory ssm:PutComplianceItems
        ssm:PutConfigurePackageResult ssm:UpdateAssociationStatus ssm:UpdateInstanceAssociationStatus
        ssm:UpdateInstanceInformation ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel
        ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel ec2messages:AcknowledgeMessage
        ec2messages:DeleteMessage ec2messages:FailMessage ec2messages:GetEndpoint ec2messages:GetMessages
        ec2messages:SendReply""",
}
_ALL_BUT = {"PowerUserAccess": "iam:* organizations:* account:*"}
"""Policies by what they leave out; the few single actions that PowerUserAccess gives back do not count."""

_EVERYTHING = Element((Pattern("*"),))


def managed_document(name: str) -> Document:
    """The document of the policy with this name, without its path; unknown for one that is not kept here."""
    if name in _ACTIONS:
        actions = Element(tuple(map(Pattern, _ACTIONS[name].split())))
    elif name in _ALL_BUT:
        actions = Element(tuple(map(Pattern, _ALL_BUT[name].split())), negated=True)
    else:
        return unknown_document(Cause(_arn(name), "policy", "what this policy of AWS says is not known here"))
    return Document((Statement(ALLOW, actions, _EVERYTHING, resource=_arn(name), attribute="policy"),))


def _arn(name: str) -> str:
    return f"arn:aws:iam::aws:policy/{name}"
