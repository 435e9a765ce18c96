"""Session Manager: what a node needs for it (fact I11)."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.aws.iam import AWS_MANAGED, Iam, Role, agreed
from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.node_facts import AL2, AL2023, AMAZON_LINUX, BOTTLEROCKET, WINDOWS, Image

SERVICES = ("ssm", "ssmmessages")
"""What the agent on the node calls."""
OLDER_AGENTS = "ec2messages"
"""What it calls besides before its version 3.3.40.0."""
MANAGED_POLICY = "AmazonSSMManagedInstanceCore"

_ACTIONS = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
_WITH_SESSIONS = ("AmazonEC2RoleforSSM", "AmazonSSMManagedEC2InstanceDefaultPolicy", MANAGED_POLICY)
_WITHOUT_SESSIONS = frozenset(
    {
        "AWSXRayDaemonWriteAccess",
        "AWSXrayWriteOnlyAccess",
        "AmazonEBSCSIDriverPolicy",
        "AmazonEC2FullAccess",
        "AmazonEC2ReadOnlyAccess",
        "AmazonEFSCSIDriverPolicy",
        "AmazonEKSClusterPolicy",
        "AmazonEKSServicePolicy",
        "AmazonEKSVPCResourceController",
        "AmazonRoute53FullAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "AutoScalingFullAccess",
        "CloudWatchAgentServerPolicy",
        "CloudWatchFullAccess",
        "CloudWatchLogsFullAccess",
        "EC2InstanceProfileForImageBuilder",
        "EC2InstanceProfileForImageBuilderECRContainerBuilds",
        "ElasticLoadBalancingFullAccess",
        "ReadOnlyAccess",
        "SecretsManagerReadWrite",
        "ViewOnlyAccess",
    }
)
"""Policies of AWS that nodes commonly carry and that open no session."""
_SHIPPING = frozenset({AL2, AL2023, AMAZON_LINUX, BOTTLEROCKET, WINDOWS})
"""Image families of which EKS's own images ship the agent."""


def node_roles(iam: Iam, resource: str) -> tuple[Role, ...]:
    """The roles that nodes of ``resource`` have, or may have."""
    return tuple(iam.role(key) for key in sorted(iam.roles_of_nodes(resource).candidates))


def sessions_by_role(iam: Iam, resource: str) -> Truth:
    """Whether the role of the nodes of ``resource`` lets their agent open sessions; without a role, no."""
    roles = iam.roles_of_nodes(resource)
    if roles.exact and not roles.candidates:
        return NO
    truths = [_lets(role) for role in node_roles(iam, resource)]
    return agreed([*truths, *([Truth(None, roles.causes)] if roles.open else [])])


def ships_agent(resource: str, image: Image) -> Truth:
    """Whether the nodes' image has the agent, as far as its family tells."""
    if image.families and _SHIPPING.issuperset(image.families):
        return YES
    why = Cause(resource, "image", "whether its image has the Session Manager agent is not known")
    return Truth(None, image.causes or (why,))


def _lets(role: Role) -> Truth:
    telling = tuple(
        each
        for each in role.policies
        if each.policy.kind != AWS_MANAGED or each.policy.name not in _WITHOUT_SESSIONS
    )
    asked = replace(role, policies=telling)
    granted = [asked.grants(action) for action in _ACTIONS]
    if any(not truth.possibly for truth in granted):
        return NO
    if all(truth.surely for truth in granted):
        return YES
    if asked.attached(*_WITH_SESSIONS).surely and role.boundary is None:
        return YES
    return Truth(None, tuple(dict.fromkeys(cause for truth in granted for cause in truth.causes)))
