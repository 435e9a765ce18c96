"""A small AWS world in which every id and address is known: all its nouns together."""

from __future__ import annotations

from dataclasses import dataclass, field

from .model_connections import Peering, TransitGateway, VpnGateway
from .model_eks import (
    Cluster,
    Instance,
    LaunchTemplate,
    NetworkInterface,
    NodeGroup,
    ScalingGroup,
    SecurityGroup,
)
from .model_network import (
    Acl,
    BlockPublicAccess,
    ElasticIp,
    Gateway,
    PrefixList,
    RouteTable,
    Subnet,
    TableAssociation,
    Vpc,
)
from .model_services import ConnectEndpoint, LoadBalancer, PodNetwork, TargetGroup


@dataclass
class World:
    """vpcs[0] is where most happens; others own an internet gateway, or are connected to it."""

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
    peerings: list[Peering] = field(default_factory=list)
    transit_gateways: list[TransitGateway] = field(default_factory=list)
    vpn_gateways: list[VpnGateway] = field(default_factory=list)
    balancers: list[LoadBalancer] = field(default_factory=list)
    target_groups: list[TargetGroup] = field(default_factory=list)
    endpoints: list[ConnectEndpoint] = field(default_factory=list)
    pod_networks: list[PodNetwork] = field(default_factory=list)

    @property
    def vpc(self) -> Vpc:
        return self.vpcs[0]

    def vpc_by_id(self, vpc_id: str) -> Vpc:
        return next(vpc for vpc in self.vpcs if vpc.id == vpc_id)

    def subnets_of(self, vpc: Vpc) -> list[Subnet]:
        return [subnet for subnet in self.subnets if subnet.vpc_id == vpc.id]

    def subnet(self, subnet_id: str) -> Subnet:
        return next(subnet for subnet in self.subnets if subnet.id == subnet_id)

    def group(self, group_id: str) -> SecurityGroup:
        return next(group for group in self.groups if group.id == group_id)

    def template(self, template_id: str) -> LaunchTemplate:
        return next(template for template in self.templates if template.id == template_id)

    def cluster(self, name: str) -> Cluster:
        return next(cluster for cluster in self.clusters if cluster.name == name)

    def target_group(self, arn: str) -> TargetGroup:
        return next(group for group in self.target_groups if group.arn == arn)

    def pod_network(self, cluster_name: str) -> PodNetwork | None:
        return next((item for item in self.pod_networks if item.cluster == cluster_name), None)
