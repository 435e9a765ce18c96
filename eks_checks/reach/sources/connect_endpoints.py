"""EC2 Instance Connect Endpoints as sources (fact I12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.load_balancing import ConnectEndpoint
from eks_checks.aws.vpc import Subnet
from eks_checks.reach.answer import Verdict
from eks_checks.reach.crossings import Crossings
from eks_checks.reach.exits import Exits
from eks_checks.reach.internet import whole
from eks_checks.reach.layers import Crossing, Ends, Layer
from eks_checks.reach.pieces import NOTHING, Piece, Target
from eks_checks.reach.ports import CONNECTED
from eks_checks.reach.selection import Selection
from eks_checks.reach.sources.forwarding import transport
from eks_checks.reach.sources.onward import Onward
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet, Bounds, union_of

SCOPE = "instance_connect_endpoint"


class ConnectEndpoints:
    """Whoever may open a tunnel through an endpoint: that is for IAM to say, not for the network."""

    def __init__(self, crossings: Crossings, exits: Exits) -> None:
        """Nothing is computed yet."""
        self._estate = crossings.estate
        self._onward = Onward(crossings, exits)

    def pieces(self, target: Target, flow: Flow, selection: Selection) -> Iterator[Piece]:
        """Each endpoint that may lie in the target's VPC."""
        for endpoint in self._estate.balancing.endpoints:
            if not selection.within(SCOPE, endpoint.resource, self._addresses(endpoint)):
                continue
            served = endpoint.ipv4 if target.family == "ipv4" else endpoint.ipv6
            asked = transport(flow)
            if asked is None or asked[0] != "tcp" or asked[1] not in CONNECTED or served.value is False:
                yield from self._refused(endpoint, target, selection)
                continue
            unclear = () if served.surely else served.causes
            for piece in self._of(endpoint, target, flow):
                if selection.open_only and not piece.crossing.admitted.upper:
                    continue
                sure = not (endpoint.doubts or unclear or piece.doubtful)
                doubts = tuple(dict.fromkeys((*endpoint.doubts, *unclear, *piece.doubts)))
                yield replace(piece, doubts=doubts, doubtful=not sure)

    def _addresses(self, endpoint: ConnectEndpoint) -> AddressSet:
        """Those its interface may have; any where its subnet is not known."""
        subnets = [self._estate.subnets[key] for key in endpoint.subnets.candidates]
        known = [block.addresses for subnet in subnets for block in subnet.blocks]
        return union_of(known, NOTHING) or AddressSet.everything()

    def _of(self, endpoint: ConnectEndpoint, target: Target, flow: Flow) -> Iterator[Piece]:
        where = endpoint.subnets
        for key in sorted(where.candidates):
            here = self._estate.subnets[key]
            doubts = () if key in where.sure else where.causes
            apart = None not in (here.vpc.exact, target.subnet.vpc.exact) and here.vpc != target.subnet.vpc
            if apart and (endpoint.preserves.surely or not self._onward.joined(here, target)):
                continue  # NOTE: with the client's address never into another VPC (I12)
            if apart:
                why = f"what joins it to the VPC of {target.interface.resource} is not followed"
                doubts = (*doubts, Cause(endpoint.resource, "subnet_id", why))
            yield from self._kept_or_not(endpoint, here, target, flow, doubts)
        if where.open:
            yield from self._kept_or_not(endpoint, None, target, flow, where.causes)

    def _kept_or_not(
        self,
        endpoint: ConnectEndpoint,
        here: Subnet | None,
        target: Target,
        flow: Flow,
        doubts: tuple[Cause, ...],
    ) -> Iterator[Piece]:
        """Where it is open whose address the target sees, both ways; one where they agree."""
        sender = Party(here, endpoint.groups, endpoint.resource)
        option = endpoint.preserves
        made: list[tuple[bool, Crossing]] = []
        if option.possibly:
            anybody = whole(flow.family)
            made.append((True, self._onward.preserved(sender, anybody, target, flow)))
        if not option.surely:
            made.append((False, self._onward.own(sender, target, flow)))
        agree = len({crossing.verdict for _, crossing in made}) == 1
        for kept, crossing in made[:1] if agree else made:
            open_ = (*doubts, *(() if agree else option.causes))
            why = (*open_, *_address_decides(endpoint, crossing, kept=kept))
            yield Piece(
                SCOPE, endpoint.resource, None, crossing, why, doubtful=bool(open_), groups=endpoint.groups
            )

    def _refused(self, endpoint: ConnectEndpoint, target: Target, selection: Selection) -> Iterator[Piece]:
        """What an endpoint never does: other ports than 22 and 3389, other protocols than tcp (I12)."""
        if selection.open_only:
            return
        text = f"{endpoint.resource} connects to tcp 22 and 3389 only, and in its own address family"
        layer = Layer(
            "route", "source", endpoint.resource, Bounds.exact(NOTHING), text, lambda _: (), lambda _s, _t: ()
        )
        ends = Ends(whole(target.family), target.addresses, targets_fixed=True)
        yield Piece(SCOPE, endpoint.resource, None, Crossing(ends, (layer,), ()))


def _address_decides(endpoint: ConnectEndpoint, crossing: Crossing, *, kept: bool) -> Iterator[Cause]:
    """Where the rules admit some of the addresses that the target may see."""
    if crossing.verdict is Verdict.POSSIBLE and not crossing.open_causes:
        if kept:
            why = "the target sees the client's own address, and its rules admit only some"
            yield Cause(endpoint.resource, "preserve_client_ip", why)
        else:
            why = "its private address in the subnet: a rule covers only part of the subnet"
            yield Cause(endpoint.resource, "private_ip", why)
