"""Tags by which load balancer controllers choose subnets (fact L6)."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, Truth
from eks_checks.location import SourceSpan

PUBLIC_ROLE = "kubernetes.io/role/elb"
"""On subnets for internet-facing load balancers."""
INTERNAL_ROLE = "kubernetes.io/role/internal-elb"
"""On subnets for internal ones."""
ROLES = (PUBLIC_ROLE, INTERNAL_ROLE)
ROLE_VALUES = ("1", "")
"""The values with which the tags count."""


@dataclass(frozen=True)
class RoleTag:
    """Whether one subnet has the role tag ``key``; ``by`` is what puts it there: the subnet, or an
    ``aws_ec2_tag``.
    """

    key: str
    there: Truth = NO
    by: str = ""
    location: SourceSpan | None = None
