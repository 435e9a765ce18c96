"""Which VPCs are a cluster's: those of clusters, and of the subnets where nodes may land."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import NetworkAcl
from eks_checks.aws.knowledge import NO, YES, Cause, Pointer, Truth


class ClusterVpcs:
    """The VPCs of the clusters of one estate. Without any cluster or node there are none."""

    def __init__(self, estate: Estate) -> None:
        """Every VPC that a cluster or a node names."""
        links = list(_links(estate))
        self._sure = {link.exact for link in links if link.exact is not None}
        self._maybe = {key for link in links for key in link.keys}
        self._anywhere = any(link.open for link in links)
        self._causes = tuple(dict.fromkeys(c for link in links if link.exact is None for c in link.causes))

    def has(self, vpc: Pointer) -> Truth:
        """Whether the VPC that is pointed to is one of them."""
        if vpc.exact in self._sure:
            return YES
        if self._anywhere or (vpc.open and self._maybe) or self._maybe & set(vpc.keys):
            return Truth(None, tuple(dict.fromkeys((*vpc.causes, *self._causes))))
        return NO

    def acls(self, estate: Estate) -> Iterator[tuple[NetworkAcl, tuple[Cause, ...]]]:
        """Each network ACL that is or may be in such a VPC, with why it may be elsewhere, or not there.

        In order of their resources.
        """
        for acl in sorted(estate.network_acls.values(), key=lambda each: (each.resource, each.key)):
            inside = self.has(acl.vpc)
            if inside.possibly:
                told = () if inside.surely else inside.causes or (_untold(acl),)
                yield acl, (*told, *estate.uncertain.get(acl.resource, ()))


def _links(estate: Estate) -> Iterator[Pointer]:
    for cluster in estate.clusters.values():
        yield cluster.vpc
    for interface in estate.node_interfaces():
        subnet = estate.subnets.get(interface.subnet or "")
        if subnet is not None:
            yield subnet.vpc


def _untold(acl: NetworkAcl) -> Cause:
    return Cause(acl.resource, "vpc_id", "whether it is of a cluster's VPC is not known")
