"""Whether a node's groups and network ACL let it ask the AWS services on tcp 443 at all (J1), for EKS403.

Whether a route or an endpoint leads there is another question (EKS103). Which addresses the services have
is not told by any input: any public one may be theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.acl_walk import Passed
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.vpc import Subnet
from eks_checks.aws.ways_out import GATEWAY
from eks_checks.reach import filters
from eks_checks.reach.engine import Reachability
from eks_checks.reach.internet import globally_reachable, private
from eks_checks.reach.needs import ClientSpans, Denial, Need, Passage, flow_of
from eks_checks.reach.pieces import Candidate
from eks_checks.reach.transfer import Flow
from eks_checks.reach.words import role
from eks_checks.sets import AddressSet, Bounds, Family

_FAMILY: Family = "ipv4"
_PUBLIC = globally_reachable(_FAMILY)
NOTHING = AddressSet.empty()


@dataclass(frozen=True)
class _Way:
    """The far ends of each filter on the way: the groups, the list outbound, the list inbound for replies."""

    groups: Bounds[AddressSet]
    request: Bounds[AddressSet]
    reply: Bounds[AddressSet]

    @property
    def all(self) -> Bounds[AddressSet]:
        """The far ends that are asked, and answer."""
        return self.groups & self.request & self.reply


class ServiceEgress:
    """What keeps nodes of one estate from the services."""

    def __init__(self, reachability: Reachability) -> None:
        """Nothing is asked yet."""
        self._reachability = reachability
        self._estate = reachability.estate
        self._spans = ClientSpans(reachability.estate)

    def of(self, host: Interface, need: Need) -> Passage:
        """Whether every way of the host to a service is denied, in each shape it comes up in."""
        told = [self._of_shape(start, need) for start, _ in self._reachability.pairs(host, host, _FAMILY)]
        if not told:
            return Passage(NO)
        worst = {passage.denied.value for passage in told}
        if len(worst) == 1:
            return told[0]
        causes = tuple(dict.fromkeys(cause for passage in told for cause in passage.denied.causes))
        why = Cause(host.resource, "", "its nodes come up in several ways, of which some are denied")
        return Passage(Truth(None, causes or (why,)), tuple(d for passage in told for d in passage.by))

    def _of_shape(self, start: Candidate, need: Need) -> Passage:
        open_: list[Cause] = []
        for span in self._spans.of(need):
            flow = flow_of(need, _FAMILY, span)
            way = self._way(start, flow)
            if way.all.lower & _PUBLIC:
                continue
            if way.all.upper & _PUBLIC:
                open_.extend(self._causes(start, flow))
                continue
            inside = self._inside(start, flow, way)
            if not inside.possibly:
                return Passage(YES, tuple(dict.fromkeys(self._denials(start, flow, way))))
            open_.extend(inside.causes)
        return Passage(Truth(None, tuple(dict.fromkeys(open_))) if open_ else NO)

    def _way(self, start: Candidate, flow: Flow) -> _Way:
        transfer, subnet = self._reachability.transfer, start.subnet
        out = transfer.acl_passes(subnet, flow.request, _FAMILY, inbound=False)
        back = transfer.acl_passes(subnet, flow.reply, _FAMILY, inbound=True)
        groups = transfer.merged(start.groups, flow, ingress=False).addresses
        return _Way(groups, _far_ends(out), _far_ends(back))

    def _inside(self, start: Candidate, flow: Flow, way: _Way) -> Truth:
        """Whether something in the VPC, or in a network beyond it, may serve the host instead."""
        vpc = self._estate.vpcs.get(start.subnet.vpc.exact or "")
        own = vpc.addresses(_FAMILY) if vpc is not None else NOTHING
        found = self._reachability.transfer.merged(start.groups, flow, ingress=False)
        named = bool(found.members or found.maybe_members or found.open)
        if self._endpoints(start.subnet) and ((way.all.upper & own) or named):
            sure = bool(way.all.lower & own) or bool(found.members)
            return YES if sure else Truth(None, tuple(self._causes(start, flow)))
        if vpc is None or not vpc.managed:
            where = start.subnet.vpc.exact or start.subnet.resource or start.interface.resource
            why = Cause(where, "endpoints", "which VPC endpoints there are is not told")
            return Truth(None, (why,)) if (way.all.upper & (own or private(_FAMILY))) or named else NO
        if way.all.upper & (private(_FAMILY) - own):
            beyond = "whether its nodes use a proxy in another network is not told"
            return Truth(None, (Cause(start.interface.resource, "user_data", beyond),))
        return NO

    def _endpoints(self, subnet: Subnet) -> bool:
        found = self._estate.particulars.vpc_endpoints.values()
        return any(each.kind != GATEWAY and each.vpc.may_be(subnet.vpc.exact or "") for each in found)

    def _denials(self, start: Candidate, flow: Flow, way: _Way) -> Iterator[Denial]:
        if not way.groups.upper & _PUBLIC:
            for key in sorted(start.groups.candidates):
                group = self._estate.security_groups[key]
                text = f"no outbound rule of {role(group.kind)} {group.resource} lets it out"
                yield Denial(group.resource, text, group.location)
        for shut, traffic, inbound in (
            (not way.request.upper & _PUBLIC, flow.request, False),
            (not way.reply.upper & _PUBLIC, flow.reply, True),
        ):
            for key in start.subnet.network_acl.keys if shut else ():
                acl = self._estate.network_acls[key]
                entry = filters.deciding_entry(acl, _PUBLIC.first(), traffic, inbound=inbound)
                what = f"replies of the AWS services ({traffic.describe()})" if inbound else "tcp 443"
                side = "into" if inbound else "out of"
                if entry is None or entry.allow.possibly:
                    yield Denial(acl.resource, f"no entry lets {what} {side} {start.subnet.resource}")
                else:
                    text = f"{entry.origin.text}: {what} {side} {start.subnet.resource}"
                    yield Denial(entry.origin.resource, text, entry.origin.location)

    def _causes(self, start: Candidate, flow: Flow) -> Iterator[Cause]:
        groups, subnet = start.shape.groups, start.subnet
        yield from groups.causes
        yield from filters.group_causes(groups, self._estate.security_groups, flow.request, ingress=False)
        acls = [self._estate.network_acls[key] for key in subnet.network_acl.keys]
        yield from subnet.network_acl.causes
        yield from filters.acl_causes(acls, flow.request, inbound=False)
        yield from filters.acl_causes(acls, flow.reply, inbound=True)


def _far_ends(passed: Passed) -> Bounds[AddressSet]:
    return Bounds(passed.lower.keys(NOTHING), passed.upper.keys(NOTHING))
