"""What carries packets to interfaces from elsewhere: load balancers, and EC2 Instance Connect Endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Origin, Pointer, Truth
from eks_checks.location import SourceSpan
from eks_checks.sets import AddressSet, Bounds

ANYBODY = Bounds.exact(AddressSet.everything())
NONE = AddressSet.empty()


@dataclass(frozen=True)
class Registration:
    """Targets of a target group: what is registered, on which port.

    ``creators`` are resources that make the interfaces (of a group whose targets are load balancers: these);
    ``addresses`` those of targets that are told by address. ``port`` is None where it is not known.
    ``causes`` say why it is not sure that this is registered, or with what; none where it is.
    """

    creators: KeySet
    origin: Origin
    addresses: AddressSet = NONE
    port: int | None = None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class TargetGroup:
    """A target group; of a classic load balancer, its instances on one port.

    ``kind`` is ``instance``, ``ip``, ``alb``, ``lambda``, or empty where not known. ``transports`` are of
    ``tcp`` and ``udp``, None where not known; ``family`` is ``ipv4``, ``ipv6`` or empty. ``preserves`` says
    whether a network load balancer hands on the client's own address (M8); ``cross_zone`` is None where
    that is the load balancer's to say.
    """

    key: str
    resource: str
    kind: str
    transports: frozenset[str] | None
    family: str
    preserves: Truth
    registrations: tuple[Registration, ...]
    cross_zone: Truth | None = None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Forward:
    """Where a listener sends the requests of ``clients``: to one of the target groups of ``group``.

    ``causes`` say why it is not sure that it does.
    """

    group: Pointer
    origin: Origin
    clients: Bounds[AddressSet] = ANYBODY
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Listener:
    """One port on which a load balancer takes connections; None where it is not known, as ``transports``."""

    resource: str
    port: int | None
    transports: frozenset[str] | None
    forwards: tuple[Forward, ...]
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer.

    ``kind`` is ``application``, ``network``, ``classic``, ``gateway``, or empty where it is not known.
    ``public_ipv4`` and ``ipv6`` say whether clients find it at a public IPv4 address (unless it is
    internal), and at IPv6 addresses. ``groups`` is None for a network load balancer without groups, which
    filters nothing. ``doubts`` say why it may not be there, or not for certain as it is described.
    """

    key: str
    resource: str
    kind: str
    internal: Truth
    subnets: KeySet
    groups: KeySet | None
    listeners: tuple[Listener, ...]
    public_ipv4: Truth = YES
    ipv6: Truth = NO
    cross_zone: Truth = YES
    doubts: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Accelerator:
    """An endpoint group of a global accelerator: the load balancers and interfaces it sends clients to."""

    key: str
    resource: str
    balancers: KeySet
    creators: KeySet
    location: SourceSpan | None = None


@dataclass(frozen=True)
class ConnectEndpoint:
    """An EC2 Instance Connect Endpoint (I12).

    ``preserves`` says whether a target sees the client's own address; ``ipv4`` and ``ipv6`` whether it can
    connect to such addresses. ``doubts`` say why it may not be there.
    """

    key: str
    resource: str
    subnets: KeySet
    groups: KeySet
    preserves: Truth
    ipv4: Truth = YES
    ipv6: Truth = NO
    doubts: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Balancing:
    """All of these in one estate, by key: also balancers and target groups that the inputs only speak of."""

    balancers: dict[str, LoadBalancer]
    groups: dict[str, TargetGroup]
    accelerators: tuple[Accelerator, ...]
    endpoints: tuple[ConnectEndpoint, ...]

    def named(self) -> Iterator[LoadBalancer | ConnectEndpoint | Accelerator]:
        """Everything that clients may come through."""
        yield from self.balancers.values()
        yield from self.accelerators
        yield from self.endpoints

    def ports(self) -> Iterator[int]:
        """Every port on which something is registered."""
        for group in self.groups.values():
            yield from (one.port for one in group.registrations if one.port is not None)

    def subnets(self) -> frozenset[str]:
        """Every subnet that one of them names."""
        lists = [b.subnets.candidates for b in self.balancers.values()]
        return frozenset().union(*lists, *(e.subnets.candidates for e in self.endpoints))

    def security_groups(self) -> frozenset[str]:
        """Every security group on one of them."""
        lists = [b.groups.candidates for b in self.balancers.values() if b.groups is not None]
        return frozenset().union(*lists, *(e.groups.candidates for e in self.endpoints))


NOTHING_BALANCED = Balancing({}, {}, (), ())
