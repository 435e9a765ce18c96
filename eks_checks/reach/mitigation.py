"""Network policies that hold pods back on their way to a node: such a source is marked, never removed."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.kubernetes.policies.egress import PodEgress
from eks_checks.kubernetes.policies.rules import Asked
from eks_checks.reach.internet import whole
from eks_checks.reach.pieces import Candidate, Target
from eks_checks.reach.transfer import Flow
from eks_checks.sets import AddressSet, Family, TrafficSet


class Mitigation:
    """What the policies of one estate stop; each question is answered once."""

    def __init__(self, estate: Estate) -> None:
        """Nothing is worked out yet."""
        self._estate = estate
        self._kept: dict[object, tuple[str, ...]] = {}

    def by(self, source: Candidate, target: Target, flow: Flow) -> tuple[str, ...]:
        """The resources of the policies that surely stop every such pod on its way to the target."""
        egress = self._of(source)
        if egress is None:
            return ()
        own = self._own(source, target)
        addresses = self._addresses(target)
        key = (id(egress), addresses, id(flow), own)
        if key not in self._kept:
            self._kept[key] = egress.held(Asked(addresses, flow.request, own))
        return self._kept[key]

    def _of(self, source: Candidate) -> PodEgress | None:
        if source.interface.kind != "pods":
            return None
        return self._estate.pod_egress.get(source.interface.resource)

    def _own(self, source: Candidate, target: Target) -> bool | None:
        mine, its = source.interface.cluster, target.interface.cluster
        if mine.exact is not None and mine.exact == its.exact and target.interface.node.surely:
            return True
        return None if its.may_be(mine.exact or "") else False

    def _addresses(self, target: Target) -> AddressSet:
        """The target's addresses; every one where they stand in for a block that is not known yet."""
        vpc = self._estate.vpcs.get(target.subnet.vpc.exact or "")
        if vpc is not None and target.addresses.isdisjoint(vpc.symbolic(target.family)):
            return target.addresses
        return whole(target.family)


def left_open_on_own_node(
    estate: Estate, node: Interface, families: tuple[Family, ...], traffic: TrafficSet
) -> tuple[str, ...] | None:
    """The namespaces whose pods get to the node they run on, as no policy surely holds all of them back.

    None where policies hold the pods of every namespace; empty where nothing at all is said for these pods.
    Neither a group nor a network ACL sees such traffic (I2).
    """
    egress = estate.pod_egress.get(node.resource)
    if egress is None:
        return ()
    asked = [
        Asked(each, traffic, True) for family in families for each in _own_addresses(estate, node, family)
    ]
    open_ = sorted({namespace for each in asked for namespace in egress.left_open(each)})
    return tuple(open_) or None


def _own_addresses(estate: Estate, node: Interface, family: Family) -> Iterator[AddressSet]:
    """The addresses that each shape of the node may have; every one where they are not known yet."""
    subnet = estate.subnets.get(node.subnet or "")
    for shape in node.shapes:
        known = shape.addresses.family(family) if shape.addresses is not None else AddressSet.empty()
        if known or subnet is None or family in subnet.unknown_block:
            yield known or whole(family)
            continue
        vpc = estate.vpcs.get(subnet.vpc.exact or "")
        own = subnet.addresses(family)
        if own and (vpc is None or not own.isdisjoint(vpc.symbolic(family))):
            own = whole(family)
        if own:
            yield own
