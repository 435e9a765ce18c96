"""Who sits in subnets besides a cluster's own: interfaces of any kind, by where they are."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, Pointer, Truth
from eks_checks.aws.load_balancing import ConnectEndpoint
from eks_checks.aws.vpc import LANDS_IN_DEFAULT, TargetKind, Vpc

_OF_EKS = ("control_plane", "pods", "fargate")


def occupants(estate: Estate) -> Iterator[Interface]:
    """Every interface that the inputs tell of, but those of pods, of load balancers and of NAT gateways."""
    yield from estate.interfaces
    yield from estate.passive
    for endpoint in estate.balancing.endpoints:
        yield from _of_endpoint(endpoint)


def workloads(estate: Estate) -> Iterator[Interface]:
    """The occupants that are neither EKS's own nor nodes, for sure, nor instances that do NAT's work."""
    translating = _nat_instances(estate)
    for interface in occupants(estate):
        ours = interface.kind in _OF_EKS or interface.node.possibly
        if not ours and interface.resource not in translating:
            yield interface


def stranger_to(interface: Interface, node: Interface) -> Truth:
    """Whether the interface belongs to something else than the node's cluster."""
    if interface.cluster.unset and not interface.node.possibly:
        return Truth(True)
    if interface.cluster.exact is not None and node.cluster.exact is not None:
        same = interface.cluster.exact == node.cluster.exact and (
            interface.node.surely or interface.kind in _OF_EKS
        )
        return NO if same else _other(interface, node)
    return Truth(None, (*interface.node.causes, *interface.cluster.causes, *node.cluster.causes))


def cluster_vpcs(estate: Estate) -> tuple[Pointer, ...]:
    """The VPCs in which the inputs have clusters, or nodes."""
    found = [cluster.vpc for cluster in estate.clusters.values()]
    nodes = (estate.subnets.get(i.subnet or "") for i in estate.node_interfaces())
    return tuple(dict.fromkeys([*found, *(subnet.vpc for subnet in nodes if subnet is not None)]))


def may_land_in(interface: Interface, vpc: Vpc) -> bool:
    """Whether an interface whose subnet is not told may be in ``vpc``: unset means the default VPC (C19)."""
    unset = any(LANDS_IN_DEFAULT in cause.reason for cause in interface.causes)
    return not unset or vpc.default or not vpc.managed


def _other(interface: Interface, node: Interface) -> Truth:
    """Of another cluster for sure; of the same one, where it is not sure that it is a node."""
    if interface.cluster.exact != node.cluster.exact:
        return Truth(True)
    return Truth(None, interface.node.causes)


def _nat_instances(estate: Estate) -> frozenset[str]:
    """Resources to whose interfaces a route of the inputs leads."""
    return frozenset(
        key.partition("#")[0]
        for table in estate.route_tables.values()
        for route in table.routes
        if route.kind is TargetKind.NETWORK_INTERFACE
        for key in route.gateway.keys
    )


def _of_endpoint(endpoint: ConnectEndpoint) -> Iterator[Interface]:
    shape = Shape(endpoint.groups, NO, endpoint.ipv6, origin=endpoint.resource)
    untold = (None,) if endpoint.subnets.open else ()
    for subnet in (*sorted(endpoint.subnets.candidates), *untold):
        yield Interface(
            endpoint.resource,
            "connect_endpoint",
            subnet,
            (shape,),
            certain=subnet in endpoint.subnets.sure and not endpoint.doubts,
            causes=(*endpoint.subnets.causes, *endpoint.doubts),
            location=endpoint.location,
        )
