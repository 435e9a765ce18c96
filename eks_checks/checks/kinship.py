"""Which resources are of one cluster: its nodes, their pods, its control plane."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.estate import Estate

_UNTOLD = frozenset({""})


@dataclass(frozen=True)
class Kinship:
    """The cluster of a resource's interfaces: nothing for one outside any, an open question as ``""``."""

    clusters: dict[str, frozenset[str]]

    @classmethod
    def of(cls, estate: Estate) -> Kinship:
        """Of every interface's creator and every cluster (whose control plane is its own)."""
        found: dict[str, set[str]] = {}
        for interface in estate.interfaces:
            keys = found.setdefault(interface.resource, set())
            if interface.cluster.exact:
                keys.add(interface.cluster.exact)
            elif not interface.cluster.unset or interface.node.value is None:
                keys.add("")
        for cluster in estate.clusters.values():
            found.setdefault(cluster.resource, set()).add(cluster.key)
        return cls({resource: frozenset(keys) for resource, keys in found.items()})

    def same(self, left: str, right: str) -> bool | None:
        """Whether both are of one cluster, None where that cannot be told; a resource is its own kin."""
        if left == right:
            return True
        mine, theirs = self.clusters.get(left, _UNTOLD), self.clusters.get(right, _UNTOLD)
        if not mine or not theirs:
            return False
        return None if "" in mine | theirs else mine == theirs
