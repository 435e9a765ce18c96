"""What only checks about security groups ask for: worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eks_checks.aws.eks import Cluster
from eks_checks.aws.group_tags import ClusterTag
from eks_checks.aws.rule_forms import RuleForms


def _no_tags(_: Cluster) -> Mapping[str, ClusterTag]:
    return {}


@dataclass(frozen=True)
class GroupDetails:
    """Who carries a cluster's tag, group key to tag; and how the rules of each managed group are written."""

    cluster_tags: Callable[[Cluster], Mapping[str, ClusterTag]] = _no_tags
    rule_forms: Callable[[], tuple[RuleForms, ...]] = tuple
