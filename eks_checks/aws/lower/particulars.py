"""What checks ask for besides reachability, out of the inputs: nothing is read before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from eks_checks.aws.particulars import Particulars

if TYPE_CHECKING:
    from eks_checks.aws.access import Access
    from eks_checks.aws.eks import Cluster, NodeGroup, WrittenPolicies
    from eks_checks.aws.estate import Estate
    from eks_checks.aws.firewall import SecurityGroup
    from eks_checks.aws.group_tags import ClusterTag
    from eks_checks.aws.iam import Iam
    from eks_checks.aws.knowledge import Cause, Truth
    from eks_checks.aws.lower.context import Lowering
    from eks_checks.aws.node_facts import NodeFacts
    from eks_checks.aws.role_tags import RoleTag
    from eks_checks.aws.rule_forms import RuleForms
    from eks_checks.aws.tags import Tagging
    from eks_checks.aws.ways_out import NatGateway, VpcEndpoint

# NOTE: the modules that read are imported where they are used: `reach` answers sooner without them.


class Read(Particulars):
    """What one run of lowering tells of these clusters, node groups and security groups."""

    def __init__(
        self,
        run: Lowering,
        clusters: Mapping[str, Cluster],
        node_groups: tuple[NodeGroup, ...],
        groups: Mapping[str, SecurityGroup],
    ) -> None:
        """Nothing is read yet."""
        self._run = run
        self._clusters = dict(clusters)
        self._node_groups = node_groups
        self._groups = groups

    @cached_property
    def access(self) -> Access:
        """See ``Particulars.access``."""
        from eks_checks.aws.lower.access import lower_access

        return lower_access(self._run, self._clusters)

    @cached_property
    def iam(self) -> Iam:
        """See ``Particulars.iam``."""
        from eks_checks.aws.lower.iam import lower_iam

        return lower_iam(self._run)

    @cached_property
    def node_facts(self) -> Mapping[str, NodeFacts]:
        """See ``Particulars.node_facts``."""
        from eks_checks.aws.lower.node_facts import lower_node_facts

        return lower_node_facts(self._run, self._node_groups)

    @cached_property
    def written_policies(self) -> Mapping[str, WrittenPolicies]:
        """See ``Particulars.written_policies``."""
        from eks_checks.aws.lower.written_policies import lower_written_policies

        return lower_written_policies(self._run, self._clusters)

    @cached_property
    def role_tags(self) -> Mapping[str, tuple[RoleTag, ...]]:
        """See ``Particulars.role_tags``."""
        from eks_checks.aws.lower.role_tags import lower_role_tags

        return lower_role_tags(self._run)

    @cached_property
    def cluster_tags(self) -> Mapping[str, Mapping[str, ClusterTag]]:
        """See ``Particulars.cluster_tags``."""
        from eks_checks.aws.lower.cluster_tags import cluster_tags

        return {key: cluster_tags(self._run, one, self._groups) for key, one in self._clusters.items()}

    @cached_property
    def rule_forms(self) -> tuple[RuleForms, ...]:
        """See ``Particulars.rule_forms``."""
        from eks_checks.aws.lower.rule_forms import rule_forms

        return rule_forms(self._run)

    @cached_property
    def associated(self) -> Mapping[str, Truth]:
        """See ``Particulars.associated``."""
        from eks_checks.aws.lower.acls import associated

        return associated(self._run)

    @cached_property
    def nat_gateways(self) -> Mapping[str, NatGateway]:
        """See ``Particulars.nat_gateways``."""
        from eks_checks.aws.lower.ways_out import lower_nat_gateways

        return lower_nat_gateways(self._run)

    @cached_property
    def vpc_endpoints(self) -> Mapping[str, VpcEndpoint]:
        """See ``Particulars.vpc_endpoints``."""
        from eks_checks.aws.lower.ways_out import lower_vpc_endpoints

        return lower_vpc_endpoints(self._run)

    @cached_property
    def foreign_names(self) -> tuple[Cause, ...]:
        """See ``Particulars.foreign_names``."""
        from eks_checks.aws.lower.ways_out import foreign_names

        return foreign_names(self._run)

    @cached_property
    def host_management(self) -> Truth:
        """See ``Particulars.host_management``."""
        from eks_checks.aws.lower.host_management import host_management

        return host_management(self._run)

    def tagging(self, estate: Estate) -> Tagging:
        """See ``Particulars.tagging``."""
        from eks_checks.aws.lower.tags import lower_tagging

        return lower_tagging(self._run, estate)
