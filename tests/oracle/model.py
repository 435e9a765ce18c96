"""The nouns of a small AWS world in which every id and address is known.

These classes hold what somebody *wrote* in Terraform plus the ids AWS gave to it.  What AWS and EKS
add by themselves (local routes, default rules, the cluster group's rules) is the oracle's business.
`address` is the Terraform address; None marks an object that AWS made and no resource manages.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class CidrAssociation:
    address: str
    id: str
    cidr: str


@dataclass
class Vpc:
    address: str
    id: str
    cidr: str
    default_group_id: str
    default_acl_id: str
    default_table_id: str
    main_table_id: str
    ipv6_cidr: str | None = None
    secondary: list[CidrAssociation] = field(default_factory=list)

    def blocks(self, family: int) -> list[str]:
        if family == 6:
            return [self.ipv6_cidr] if self.ipv6_cidr else []
        return [self.cidr] + [association.cidr for association in self.secondary]


@dataclass
class Subnet:
    address: str
    id: str
    vpc_id: str
    cidr: str
    zone: str = "eu-west-1a"
    ipv6_cidr: str | None = None
    map_public: bool = False
    assign_ipv6: bool = False

    def block(self, family: int) -> str | None:
        return self.cidr if family == 4 else self.ipv6_cidr


@dataclass
class Gateway:
    """kind: `internet`, `nat`, `egress_only`.  vpc_id None: an internet gateway attached to nothing."""

    kind: str
    address: str
    id: str
    vpc_id: str | None
    subnet_id: str | None = None
    attachment: str | None = None


@dataclass
class Route:
    """Exactly one of `cidr` and `prefix_list`.  address None: an inline `route`."""

    target: str
    cidr: str | None = None
    prefix_list: str | None = None
    address: str | None = None
    id: str = ""


@dataclass
class RouteTable:
    """kind: `implicit` (made by AWS, unmanaged), `default` (aws_default_route_table), `custom`."""

    kind: str
    id: str
    vpc_id: str
    address: str | None = None
    routes: list[Route] = field(default_factory=list)


@dataclass
class TableAssociation:
    """subnet_id None: an aws_main_route_table_association."""

    address: str
    id: str
    table_id: str
    subnet_id: str | None = None


@dataclass
class AclEntry:
    """address None: inline.  `protocol` and `cidr` as written: name or number, host bits allowed."""

    egress: bool
    number: int
    allow: bool
    protocol: str
    cidr: str
    from_port: int | None = 0
    to_port: int | None = 0
    icmp_type: int | None = None
    icmp_code: int | None = None
    address: str | None = None
    id: str = ""


@dataclass
class AclAssociation:
    address: str
    id: str
    subnet_id: str


@dataclass
class Acl:
    """kind: `unmanaged` (default, no resource), `default` (aws_default_network_acl), `custom`."""

    kind: str
    id: str
    vpc_id: str
    address: str | None = None
    entries: list[AclEntry] = field(default_factory=list)
    subnet_ids: list[str] = field(default_factory=list)
    associations: list[AclAssociation] = field(default_factory=list)


@dataclass
class PrefixList:
    address: str
    id: str
    family: int
    cidrs: list[str]


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


@dataclass
class ElasticIp:
    """Given to an instance, an interface or a NAT gateway; `association` is a separate resource's address."""

    address: str
    id: str
    public_ip: str
    instance_id: str | None = None
    interface_id: str | None = None
    nat_id: str | None = None
    association: str | None = None


@dataclass
class BlockPublicAccess:
    """exclusions: (address, id, mode, vpc_id or None, subnet_id or None)."""

    address: str
    mode: str
    exclusions: list[tuple[str, str, str, str | None, str | None]] = field(default_factory=list)


@dataclass
class World:
    """vpcs[0] is where everything happens; a second one at most owns an internet gateway."""

    seed: int
    vpcs: list[Vpc]
    subnets: list[Subnet] = field(default_factory=list)
    gateways: list[Gateway] = field(default_factory=list)
    tables: list[RouteTable] = field(default_factory=list)
    table_associations: list[TableAssociation] = field(default_factory=list)
    acls: list[Acl] = field(default_factory=list)
    prefix_lists: list[PrefixList] = field(default_factory=list)
    groups: list[SecurityGroup] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)
    templates: list[LaunchTemplate] = field(default_factory=list)
    node_groups: list[NodeGroup] = field(default_factory=list)
    scaling_groups: list[ScalingGroup] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    interfaces: list[NetworkInterface] = field(default_factory=list)
    elastic_ips: list[ElasticIp] = field(default_factory=list)
    block_public_access: BlockPublicAccess | None = None

    @property
    def vpc(self) -> Vpc:
        return self.vpcs[0]

    def subnet(self, subnet_id: str) -> Subnet:
        return next(subnet for subnet in self.subnets if subnet.id == subnet_id)

    def group(self, group_id: str) -> SecurityGroup:
        return next(group for group in self.groups if group.id == group_id)

    def template(self, template_id: str) -> LaunchTemplate:
        return next(template for template in self.templates if template.id == template_id)

    def cluster(self, name: str) -> Cluster:
        return next(cluster for cluster in self.clusters if cluster.name == name)
