"""The nouns of a small AWS world: load balancers, Instance Connect Endpoints, how pods get addresses."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Target:
    """kind: `instance` (name: its id), `ip` (its address) or `group` (an Auto Scaling group's name,
    through an aws_autoscaling_attachment).  port None: the target group's own."""

    address: str
    kind: str
    name: str
    port: int | None = None


@dataclass
class TargetGroup:
    """preserves_client None: left to AWS's default."""

    address: str
    arn: str
    name: str
    vpc_id: str
    protocol: str
    port: int
    target_type: str = "instance"
    preserves_client: bool | None = None
    targets: list[Target] = field(default_factory=list)


@dataclass
class Listener:
    address: str
    arn: str
    protocol: str
    port: int
    target_group_arn: str


@dataclass
class LoadBalancer:
    """kind: `application` or `network`; a network one may have no groups."""

    address: str
    arn: str
    name: str
    kind: str
    vpc_id: str
    subnet_ids: list[str]
    internal: bool = False
    groups: list[str] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)


@dataclass
class ConnectEndpoint:
    """An EC2 Instance Connect Endpoint; its groups are never empty: AWS gives the VPC's default one."""

    address: str
    id: str
    vpc_id: str
    subnet_id: str
    groups: list[str]
    preserves_client: bool = False


@dataclass
class PodPolicy:
    """A SecurityGroupPolicy; form: `kubectl_manifest` or `kubernetes_manifest`."""

    address: str
    form: str
    groups: list[str]


@dataclass
class PodSubnet:
    """One ENIConfig.  address None: made by the add-on itself (`eniConfig.create`)."""

    zone: str
    subnet_id: str
    groups: list[str] = field(default_factory=list)
    address: str | None = None


@dataclass
class PodNetwork:
    """The VPC CNI add-on of a cluster."""

    address: str
    cluster: str
    custom_networking: bool = False
    subnets: list[PodSubnet] = field(default_factory=list)
    pod_interfaces: bool = False
    policies: list[PodPolicy] = field(default_factory=list)
