"""Which security groups carry a cluster's own tag, ``kubernetes.io/cluster/NAME`` (E1, J4)."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.knowledge import Truth

PREFIX = "kubernetes.io/cluster/"


@dataclass(frozen=True)
class ClusterTag:
    """Whether one group carries the tag, whatever its value, and what puts it there.

    ``holder`` is the group itself, an ``aws_ec2_tag``, or the cluster, whose EKS tags its own group.
    """

    carried: Truth
    holder: str
    attribute: str = "tags"
