"""Known interfaces of the target's VPC as sources: instances, nodes, pods, the control plane."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.interface import Interface
from eks_checks.aws.vpc import Subnet
from eks_checks.reach.alike import Alike
from eks_checks.reach.crossings import Crossings, perhaps_inside
from eks_checks.reach.layers import Crossing, Ends
from eks_checks.reach.mitigation import Mitigation
from eks_checks.reach.pieces import Candidate, Piece, Target
from eks_checks.reach.roster import Roster
from eks_checks.reach.selection import Selection
from eks_checks.reach.topology import Kind, Place, Step
from eks_checks.reach.transfer import Flow, Party
from eks_checks.sets import AddressSet


class Interfaces:
    """What the roster lists, with what stands between it and the target."""

    def __init__(self, crossings: Crossings, roster: Roster, alike: Alike) -> None:
        """Nothing is computed yet."""
        self._crossings = crossings
        self._transfer = crossings.transfer
        self._topology = crossings.topology
        self._roster = roster
        self._alike = alike
        self._mitigation = Mitigation(crossings.estate)
        self._kept: dict[object, Crossing] = {}
        self._free: dict[int, Piece] = {}
        self._named: dict[object, tuple[Candidate, ...]] = {}

    def pieces(self, target: Target, flow: Flow, selection: Selection, *, explain: bool) -> Iterator[Piece]:
        """Known interfaces, pods and the control plane. Those no rule of the target admits are left out

        at once, unless blocked sources are told too: in a large network they are most.
        """
        quick = selection.open_only
        plain = quick and target.there and not explain
        listed = self._listed(target, selection)
        for source in self._alike.knocking(listed, target.groups, flow) if quick else listed:
            if not source.interface.many and source.interface.resource == target.interface.resource:
                continue  # itself, or the pods on it
            addresses = selection.within(source.scope, source.interface.resource, source.addresses)
            if not addresses:
                continue
            held = self._mitigation.by(source, target, flow)
            if plain and not held and source.exists.surely and self._alike.unhindered(source, target, flow):
                yield self._unhindered(source, target)
                continue
            leaving = self._transfer.merged(source.groups, flow, ingress=False)
            if quick and not leaving.may_admit(target.groups, target.addresses):
                continue
            crossing = self.between(source, addresses, target, flow, shared=quick)
            interface = source.interface
            yield Piece(
                source.scope,
                interface.resource,
                interface.subnet,
                crossing,
                source.exists.causes,
                not source.exists.surely,
                source.shape.groups,
                mitigated_by=held,
            )

    def _listed(self, target: Target, selection: Selection) -> tuple[Candidate, ...]:
        """The candidates; only those named, where no others are asked for. Each such list is made once."""
        listed = self._roster.candidates(target)
        if not selection.known_only:
            return listed
        key = (id(listed), selection.exact)
        if key not in self._named:
            named = selection.exact
            self._named[key] = tuple(each for each in listed if each.interface.resource in named)
        return self._named[key]

    def _unhindered(self, source: Candidate, target: Target) -> Piece:
        """A source with nothing between it and the target: the same piece for every such target."""
        if id(source) not in self._free:
            ends = Ends(source.addresses, target.addresses, source.fixed, targets_fixed=True)
            interface, why = source.interface, source.exists.causes
            crossing = Crossing(ends, (), ())
            self._free[id(source)] = Piece(
                source.scope, interface.resource, interface.subnet, crossing, why, groups=source.shape.groups
            )
        return self._free[id(source)]

    def between(
        self, source: Candidate, addresses: AddressSet, target: Target, flow: Flow, *, shared: bool
    ) -> Crossing:
        """What lies between two interfaces: the same for all that have the same groups, subnet and addresses.

        ``shared`` crossings name the first such pair where they name one, so only what gets in may be told.
        """
        ends = (source.subnet.key, addresses, source.fixed, target.subnet.key, target.addresses, target.fixed)
        key = (id(flow), id(source.groups), id(target.groups), ends)
        if shared and key in self._kept:
            return self._kept[key]
        interface = source.interface
        party = Party(source.subnet, source.groups, interface.resource)
        path = self._path(interface, source.subnet, target)
        crossing = self._crossings.over(path, flow, party, target, addresses, fixed=source.fixed)
        if path and (interface.subnet is None or target.interface.subnet is None):
            crossing = perhaps_inside(crossing, flow)
        if shared:
            self._kept[key] = crossing
        return crossing

    def _path(self, source: Interface, subnet: Subnet, target: Target) -> tuple[Step, ...]:
        if subnet.key == target.subnet.key and source.subnet is not None:
            return ()
        if (
            self._topology.vpc_key(subnet) != self._topology.vpc_key(target.subnet)
            or subnet.key == target.subnet.key
        ):
            # Perhaps the same VPC, perhaps not: as if two subnets of one, whose lists are open.
            return self._topology.path(Place(Kind.VPC, self._topology.vpc_key(target.subnet)), target.subnet)
        return self._topology.path(Place(Kind.SUBNET, subnet.key), target.subnet)
