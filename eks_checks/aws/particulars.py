"""What checks alone ask for, no answer about reachability: each part is worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from eks_checks.aws.knowledge import NO, Cause, Truth

if TYPE_CHECKING:
    from eks_checks.aws.access import Access
    from eks_checks.aws.eks import WrittenPolicies
    from eks_checks.aws.estate import Estate
    from eks_checks.aws.group_tags import ClusterTag
    from eks_checks.aws.iam import Iam
    from eks_checks.aws.node_facts import NodeFacts
    from eks_checks.aws.role_tags import RoleTag
    from eks_checks.aws.rule_forms import RuleForms
    from eks_checks.aws.tags import Tagging
    from eks_checks.aws.ways_out import NatGateway, VpcEndpoint

# NOTE: what is not asked for is not imported either: `reach` answers sooner.


class Particulars:
    """Of an estate of which nothing more is told; ``aws/lower/particulars.py`` reads the inputs."""

    @cached_property
    def access(self) -> Access:
        """Who gets into which cluster, and by what."""
        from eks_checks.aws.access import NO_ACCESS

        return NO_ACCESS

    @cached_property
    def iam(self) -> Iam:
        """Roles, policies and who may assume what."""
        from eks_checks.aws.iam import NO_IAM

        return NO_IAM

    @cached_property
    def node_facts(self) -> Mapping[str, NodeFacts]:
        """What makes nodes, to what is known of these beside their interfaces."""
        return {}

    @cached_property
    def written_policies(self) -> Mapping[str, WrittenPolicies]:
        """Cluster key to the network policies that the inputs write for it."""
        return {}

    @cached_property
    def role_tags(self) -> Mapping[str, tuple[RoleTag, ...]]:
        """Subnet key to the tags by which controllers choose subnets for load balancers (L6)."""
        return {}

    @cached_property
    def cluster_tags(self) -> Mapping[str, Mapping[str, ClusterTag]]:
        """Cluster key to the groups that carry, or may carry, the cluster's tag, by group key (J4)."""
        return {}

    @cached_property
    def rule_forms(self) -> tuple[RuleForms, ...]:
        """How the rules of each managed group are written (A22)."""
        return ()

    @cached_property
    def associated(self) -> Mapping[str, Truth]:
        """Key of each network ACL to whether it is put on some subnet (B14)."""
        return {}

    @cached_property
    def nat_gateways(self) -> Mapping[str, NatGateway]:
        """The NAT gateways by key."""
        return {}

    @cached_property
    def vpc_endpoints(self) -> Mapping[str, VpcEndpoint]:
        """The VPC endpoints by key; their interfaces are among the estate's passive ones."""
        return {}

    @cached_property
    def foreign_names(self) -> tuple[Cause, ...]:
        """What may lead the usual names of AWS services to endpoints that are not of the same VPC."""
        return ()

    @cached_property
    def host_management(self) -> Truth:
        """Whether the account lends instances a role for Session Manager (I11)."""
        return NO

    def tagging(self, estate: Estate) -> Tagging:
        """The tags of the clusters' resources and nodes, and whose resources these are in ``estate``."""
        from eks_checks.aws.tags import Tagging

        return Tagging()
