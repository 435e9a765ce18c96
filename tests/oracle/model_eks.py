"""The nouns of a small AWS world: security groups, clusters, nodes, instances."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class GroupRule:
    """form: `inline`, `rule` (aws_security_group_rule), `vpc_rule` (one source only, no `self`)."""

    direction: str
    protocol: str
    from_port: int | None = 0
    to_port: int | None = 0
    cidrs: list[str] = field(default_factory=list)
    prefix_lists: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    own_members: bool = False
    form: str = "inline"
    address: str | None = None
    id: str = ""


@dataclass
class SecurityGroup:
    """kind: `custom`, `default` (aws_default_security_group), and three that no resource manages:
    `unmanaged_default`, `cluster` (owner: the cluster), `remote_access` (owner: the node group)."""

    kind: str
    id: str
    vpc_id: str
    address: str | None = None
    owner: str | None = None
    rules: list[GroupRule] = field(default_factory=list)


@dataclass
class TemplateInterface:
    groups: list[str] = field(default_factory=list)
    device_index: int | None = 0
    associate_public: str = ""
    ipv6_address_count: int | None = None


@dataclass
class LaunchTemplate:
    address: str
    id: str
    name: str
    groups: list[str] = field(default_factory=list)
    interfaces: list[TemplateInterface] = field(default_factory=list)
    latest_version: int = 1


@dataclass
class RemoteAccess:
    group_id: str
    key: str = "ops"
    source_groups: list[str] = field(default_factory=list)


@dataclass
class Cluster:
    address: str
    name: str
    group_id: str
    subnet_ids: list[str]
    vpc_id: str
    additional_groups: list[str] = field(default_factory=list)
    ip_family: str = "ipv4"


@dataclass
class NodeGroup:
    address: str
    name: str
    cluster: str
    subnet_ids: list[str]
    template_id: str | None = None
    remote_access: RemoteAccess | None = None
    ami_type: str = "AL2023_x86_64_STANDARD"


@dataclass
class ScalingGroup:
    """cluster None: not an EKS node.  Several templates: a mixed instances policy, the first its base."""

    address: str
    name: str
    subnet_ids: list[str]
    template_ids: list[str]
    cluster: str | None = None
    mixed: bool = False


@dataclass
class Instance:
    """`interface`: the address of the aws_network_interface it was given as its primary one."""

    address: str
    id: str
    interface_id: str
    subnet_id: str
    private_ip: str
    groups: list[str]
    ipv6: str | None = None
    public_ip: str | None = None
    interface: str | None = None
    attachments: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class NetworkInterface:
    address: str
    id: str
    subnet_id: str
    private_ip: str
    groups: list[str]
    ipv6: str | None = None
