"""What takes hosts out of a subnet and lets nobody in: NAT gateways, and VPC endpoints of AWS services."""

from __future__ import annotations

from dataclasses import dataclass, field

from eks_checks.aws.knowledge import NO, Cause, KeySet, Pointer, Truth
from eks_checks.location import SourceSpan

GATEWAY, INTERFACE = "Gateway", "Interface"

NODES_NEED = ("ec2", "ecr.api", "ecr.dkr", "s3", "sts")
"""Services without which nodes do not join, or pull no images (F6); which others depends on what they run."""
FARGATE_NEEDS = ("ecr.api", "ecr.dkr", "s3")
"""The same for Fargate, where AWS itself makes the interface and joins the node."""


@dataclass(frozen=True)
class NatGateway:
    """A NAT gateway (C7).

    ``subnet`` is where it sits; ``regional`` ones sit in no subnet, AWS gives them their own way out.
    ``public`` is false for one that only translates among private networks. ``doubts`` say why it may not
    be there.
    """

    key: str
    resource: str
    subnet: Pointer
    public: Truth
    regional: bool = False
    doubts: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class VpcEndpoint:
    """A VPC endpoint of one service (F6).

    ``service`` is the end of its name (``ecr.api`` of ``com.amazonaws.eu-west-1.ecr.api``), None where that
    is not known. ``kind`` is ``Gateway``, ``Interface``, another type of AWS's, or empty where not known.
    ``route_tables`` are those to which a gateway endpoint adds its routes. ``private_dns`` says whether
    the service's usual name leads hosts of the VPC to the endpoint's interfaces. ``doubts`` say why it
    may not be there. ``managed`` is false for one that a data source found: its interfaces are not told.
    """

    key: str
    resource: str
    service: str | None
    kind: str
    vpc: Pointer
    route_tables: KeySet = field(default_factory=KeySet)
    private_dns: Truth = NO
    causes: tuple[Cause, ...] = ()
    doubts: tuple[Cause, ...] = ()
    managed: bool = True
    location: SourceSpan | None = None

    def may_serve(self, service: str) -> bool:
        """Whether it is, or may be, an endpoint of ``service``."""
        return self.service in (None, service)
