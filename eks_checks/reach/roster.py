"""Who is there: the interfaces as targets, and as sources before it is known what stands in their way."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause, KeySet, Truth
from eks_checks.aws.vpc import Subnet
from eks_checks.reach.internet import whole
from eks_checks.reach.pieces import NOTHING, Candidate, Target, has_address
from eks_checks.reach.topology import Topology
from eks_checks.sets import AddressSet, Family

_SCOPES = {"control_plane": "control_plane", "pods": "pods", "fargate": "pods"}
"""Kind of interface to the scope it is a source of, where that is not ``interface``."""


class Roster:
    """Lists targets and candidate sources of one estate; alike lists of groups become one object."""

    def __init__(self, topology: Topology) -> None:
        """Nothing is listed yet."""
        self.topology = topology
        self.estate = topology.estate
        self._listed: dict[object, tuple[Candidate, ...]] = {}
        self._addresses: dict[object, tuple[AddressSet, bool]] = {}
        self._classes: dict[object, KeySet] = {}
        self._targets: dict[tuple[int, Family], tuple[Target, ...]] = {}

    def targets(self, interface: Interface, family: Family) -> tuple[Target, ...]:
        """The shapes of ``interface`` that have, or may have, an address of ``family``."""
        key = (id(interface), family)
        if key not in self._targets:
            self._targets[key] = tuple(self._of_target(interface, family))
        return self._targets[key]

    def _of_target(self, interface: Interface, family: Family) -> Iterator[Target]:
        subnet = self.topology.subnet_of(interface)
        for shape in interface.shapes:
            addresses, fixed = self.addresses(shape, subnet, family)
            if addresses and has_address(shape, family).possibly:
                groups = self._shared(shape.groups)
                yield Target(interface, shape, subnet, family, addresses, fixed, groups)

    def addresses(self, shape: Shape, subnet: Subnet, family: Family) -> tuple[AddressSet, bool]:
        """(private addresses the shape has or may have, whether they are known); empty where it has none."""
        key = (shape.addresses, subnet.key, family)
        if key not in self._addresses:
            self._addresses[key] = self._found_addresses(shape, subnet, family)
        return self._addresses[key]

    def _found_addresses(self, shape: Shape, subnet: Subnet, family: Family) -> tuple[AddressSet, bool]:
        known = shape.addresses.family(family) if shape.addresses is not None else NOTHING
        if known:
            return known, True
        own = subnet.addresses(family)
        if own or (subnet.managed and family not in subnet.unknown_block):
            return own, False
        vpc = self.estate.vpcs.get(subnet.vpc.exact or "")
        inside = vpc.addresses(family) if vpc is not None else NOTHING
        return inside or whole(family), False

    def candidates(self, target: Target) -> tuple[Candidate, ...]:
        """Every source of the target's family that may be in its VPC; listed once per VPC and family."""
        key = (target.subnet.vpc, target.family)
        if key not in self._listed:
            self._listed[key] = tuple(
                candidate
                for interface in self.estate.everyone
                if self._same_network(interface, target)
                for candidate in self._of_interface(interface, target.family)
            )
        return self._listed[key]

    def abroad(self, vpc: str, target: Target) -> tuple[Candidate, ...]:
        """Every source of the target's family that is, or may be, in another VPC and not in the target's."""
        key = (vpc, target.subnet.vpc, target.family)
        if key not in self._listed:
            self._listed[key] = tuple(
                candidate
                for interface in self.estate.everyone
                if vpc in self.topology.subnet_of(interface).vpc.keys
                and not self._same_network(interface, target)
                for candidate in self._of_interface(interface, target.family)
            )
        return self._listed[key]

    def shapes(self, interface: Interface, family: Family) -> tuple[Candidate, ...]:
        """The interface as a source, in every shape that has or may have an address of the family."""
        key = ("alone", id(interface), family)
        if key not in self._listed:
            self._listed[key] = tuple(self._of_interface(interface, family))
        return self._listed[key]

    def _of_interface(self, interface: Interface, family: Family) -> Iterator[Candidate]:
        subnet = self.topology.subnet_of(interface)
        scope = _SCOPES.get(interface.kind, "interface")
        if scope == "pods" and not self._have_family(interface, family):
            return
        for shape in interface.shapes:
            addresses, fixed = self.addresses(shape, subnet, family)
            exists = self._exists(interface, shape, scope, family)
            if addresses and exists.possibly:
                groups = self._shared(shape.groups)
                yield Candidate(interface, scope, shape, groups, subnet, addresses, fixed, exists)

    def _have_family(self, pods: Interface, family: Family) -> bool:
        """Whether pods may have addresses of the family: of their cluster's only (D9)."""
        families = self._cluster_families(pods)
        return not families or family in families or "" in families

    def _cluster_families(self, source: Interface) -> set[str]:
        clusters = self.estate.clusters
        return {clusters[key].ip_family for key in source.cluster.keys if key in clusters}

    def _exists(self, source: Interface, shape: Shape, scope: str, family: Family) -> Truth:
        """Whether the source surely exists, with an address of the family."""
        causes: list[Cause] = [] if source.certain else list(source.causes)
        doubtful = not source.certain
        if scope != "pods" or source.kind == "fargate":
            has = has_address(shape, family)
            if has.value is False:
                return has
            doubtful = doubtful or has.value is None
            causes.extend(has.causes)
        elif self._cluster_families(source) != {family}:
            doubtful = True
            causes.extend(source.cluster.causes)
        return Truth(None if doubtful else True, tuple(dict.fromkeys(causes)))

    def _same_network(self, source: Interface, target: Target) -> bool:
        here, there = self.topology.subnet_of(source), target.subnet
        mine, its = here.vpc, there.vpc
        return mine.open or its.open or bool(set(mine.keys) & set(its.keys))

    def _shared(self, groups: KeySet) -> KeySet:
        """The one object for all lists of the same groups; why a list is not known is left out."""
        key = (groups.sure, groups.maybe, groups.open)
        return self._classes.setdefault(key, KeySet(*key))
