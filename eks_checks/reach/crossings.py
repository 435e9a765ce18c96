"""What stands between sources and a target: the layers of a flow, put together."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.aws.knowledge import Cause, absent
from eks_checks.aws.vpc import Vpc
from eks_checks.reach.internet import whole
from eks_checks.reach.layers import Crossing, Ends, Layer
from eks_checks.reach.pieces import NOTHING, Target
from eks_checks.reach.topology import Step
from eks_checks.reach.transfer import Flow, Party, Transfer
from eks_checks.sets import AddressSet, Bounds, Family, Product, union_of


class Crossings:
    """Makes the crossings of one estate."""

    def __init__(self, transfer: Transfer) -> None:
        """Nothing is made yet."""
        self.transfer = transfer
        self.topology = transfer.topology
        self.estate = transfer.estate
        self._own: dict[object, AddressSet] = {}
        self._hosts: dict[object, AddressSet] = {}

    def over(
        self,
        path: tuple[Step, ...],
        flow: Flow,
        source: Party,
        target: Target,
        addresses: AddressSet,
        *,
        fixed: bool,
    ) -> Crossing:
        """All that a flow from ``addresses`` along ``path`` meets on its way to the target, and back."""
        layers = tuple(self.transfer.layers(path, flow, source, target.party))
        replies = tuple(self.transfer.replies(path, flow, source, target.party))
        return Crossing(Ends(addresses, target.addresses, fixed, target.fixed), layers, replies)

    def strangers(self, crossing: Crossing, target: Target, flow: Flow) -> Crossing:
        """Hosts no interface shows may be members of a group: one known only by id, or carried elsewhere."""
        found = self.transfer.merged(target.groups, flow, ingress=True)
        groups = self.estate.security_groups
        named = sorted(found.members | found.maybe_members)
        elsewhere = self.estate.carried_elsewhere
        outside = [k for k in named if k in elsewhere or (k in groups and groups[k].kind == "external")]
        if not outside:
            return crossing
        causes = tuple(
            _members(groups[key].resource if key in groups else key, elsewhere.get(key)) for key in outside
        )

        def opened(layer: Layer) -> Layer:
            if layer.kind != "security_group":
                return layer
            admits = Bounds(layer.admits.lower, whole(flow.family))
            return replace(layer, admits=admits, causes=lambda region: (*layer.causes(region), *causes))

        return replace(crossing, layers=tuple(opened(layer) for layer in crossing.layers))

    def hosts(self, vpc: Vpc | None, family: Family) -> AddressSet:
        """Every address a host of the VPC may have: its blocks, and its subnets' where one is not known."""
        if vpc is None:
            return whole(family)
        key = (vpc.key, family)
        if key not in self._hosts:
            found = vpc.addresses(family)
            if vpc.symbolic(family):
                inside = (s for s in self.estate.subnets.values() if s.vpc.exact == vpc.key)
                found = found | union_of((subnet.addresses(family) for subnet in inside), NOTHING)
            self._hosts[key] = found
        return self._hosts[key]

    def own(self, target: Target) -> AddressSet:
        """The addresses of the target's VPC, as far as the inputs tell."""
        vpc = self.estate.vpcs.get(target.subnet.vpc.exact or "")
        if vpc is None:
            return NOTHING
        key = (vpc.key, target.family)
        if key not in self._own:
            self._own[key] = vpc.addresses(target.family)
        return self._own[key]


def perhaps_inside(crossing: Crossing, flow: Flow) -> Crossing:
    """The same flow where both ends may lie in one subnet: routes and network ACLs then do not count (B1)."""
    everything = whole(flow.family)

    def softened(layer: Layer) -> Layer:
        if layer.kind not in ("nacl", "route"):
            return layer
        return replace(layer, admits=Bounds(layer.admits.lower, everything))

    replies = tuple(
        replace(reply, passes=Bounds(reply.passes.lower, Product.of(everything, flow.reply)))
        for reply in crossing.replies
    )
    return replace(crossing, layers=tuple(softened(layer) for layer in crossing.layers), replies=replies)


def _members(group: str, carrier: str | None) -> Cause:
    """Why the members of a group, which a rule admits, are not all known."""
    if carrier is None:
        return absent(group, "members")
    why = f"a rule admits its members, and {carrier} carries it where it is not followed"
    return Cause(group, "members", why)
