"""Random security groups, clusters, nodes and instances in a network."""

from __future__ import annotations

import ipaddress

from .model import World
from .model_eks import (
    Cluster,
    Instance,
    LaunchTemplate,
    NetworkInterface,
    NodeGroup,
    RemoteAccess,
    ScalingGroup,
    SecurityGroup,
    TemplateInterface,
)
from .model_network import ElasticIp, Subnet, Vpc
from .random_names import Maker

AMI_TYPES = ("AL2023_x86_64_STANDARD", "AL2_x86_64", "BOTTLEROCKET_x86_64", "WINDOWS_CORE_2022_x86_64")


class EksMaker:
    def __init__(self, maker: Maker, world: World, vpc: Vpc) -> None:
        self.maker, self.world, self.vpc, self.taken = maker, world, vpc, set()
        self.subnets = world.subnets_of(vpc)

    def make(self) -> None:
        self._groups()
        self._clusters()
        self._instances()
        self._interfaces()
        for _ in range(self.maker.pick((1, 2, 3), (5, 4, 1))):
            self._node_group()
        for _ in range(self.maker.pick((0, 1, 2), (4, 4, 2))):
            self._scaling_group()

    def make_neighbour(self) -> None:
        """What another VPC holds: hosts, and often a cluster with nodes of its own."""
        self._groups()
        self._instances()
        if self.maker.chance(0.5):
            self._clusters()
            self._node_group()
            if self.maker.chance(0.3):
                self._scaling_group()

    # --- who ---------------------------------------------------------------------------------------

    def _groups(self) -> None:
        maker, world = self.maker, self.world
        default = SecurityGroup(
            maker.pick(("unmanaged_default", "default"), (6, 4)), self.vpc.default_group_id, self.vpc.id
        )
        if default.kind == "default":
            default.address = maker.address("aws_default_security_group", "default")
        world.groups.append(default)
        for _ in range(maker.rng.randint(2, 6)):
            world.groups.append(
                SecurityGroup(
                    "custom",
                    maker.id("sg"),
                    self.vpc.id,
                    maker.address("aws_security_group", maker.pick(("node", "bastion", "web"))),
                )
            )

    def _own_groups(self) -> list[str]:
        return [
            group.id for group in self.world.groups if group.kind == "custom" and group.vpc_id == self.vpc.id
        ]

    def _custom_groups(self, least: int, most: int) -> list[str]:
        pool = self._own_groups()
        chosen = self.maker.some(pool, least, most)
        if self.maker.chance(0.08):
            chosen.append(self.vpc.default_group_id)
        return chosen

    def _clusters(self) -> None:
        maker, world = self.maker, self.world
        for _ in range(maker.pick((1, 2), (88, 12))):
            address = maker.address("aws_eks_cluster", "this")
            subnets = [subnet.id for subnet in maker.some(self.subnets, 2, 3)]
            cluster = Cluster(address, f"prod-{len(world.clusters)}", maker.id("sg"), subnets, self.vpc.id)
            if maker.chance(0.5):
                cluster.additional_groups = maker.some(self._own_groups(), 1, 2)
            # NOTE: nodes and control plane of an IPv6 cluster need IPv6 in every subnet they use.
            if all(subnet.assign_ipv6 for subnet in self.subnets) and maker.chance(0.85):
                cluster.ip_family = "ipv6"
            world.clusters.append(cluster)
            world.groups.append(SecurityGroup("cluster", cluster.group_id, self.vpc.id, owner=address))

    def _own_clusters(self) -> list[Cluster]:
        return [cluster for cluster in self.world.clusters if cluster.vpc_id == self.vpc.id]

    def _node_group(self) -> None:
        maker, world = self.maker, self.world
        cluster = maker.pick(self._own_clusters())
        address = maker.address("aws_eks_node_group", "workers")
        group = NodeGroup(
            address,
            f"workers-{len(world.node_groups)}",
            cluster.name,
            [subnet.id for subnet in maker.some(self.subnets, 1, 2)],
        )
        # NOTE: Windows has no IPv6 (D9); keep it where the question does not arise.
        assigns_ipv6 = any(world.subnet(subnet_id).assign_ipv6 for subnet_id in group.subnet_ids)
        group.ami_type = maker.pick(AMI_TYPES[:3], (6, 3, 1))
        if maker.chance(0.66):
            group.template_id = self._template(cluster).id
        elif maker.chance(0.7):
            group.remote_access = RemoteAccess(maker.id("sg"))
            world.groups.append(
                SecurityGroup("remote_access", group.remote_access.group_id, self.vpc.id, owner=address)
            )
            if maker.by_mood(0.3, 0.5, 0.6):
                group.remote_access.source_groups = self._custom_groups(1, 2)
        if group.template_id is None and not assigns_ipv6 and maker.chance(0.15):
            group.ami_type = AMI_TYPES[3]
        world.node_groups.append(group)

    def _scaling_group(self) -> None:
        maker, world = self.maker, self.world
        cluster = maker.pick(self._own_clusters()) if maker.chance(0.8) else None
        group = ScalingGroup(
            maker.address("aws_autoscaling_group", "self_managed"),
            f"self-{len(world.scaling_groups)}",
            [subnet.id for subnet in maker.some(self.subnets, 1, 2)],
            [self._template(cluster).id],
            cluster and cluster.name,
        )
        if maker.chance(0.25):
            group.mixed = True
            if maker.chance(0.5):
                group.template_ids.append(self._template(cluster).id)
        world.scaling_groups.append(group)

    def _template(self, cluster: Cluster | None) -> LaunchTemplate:
        maker = self.maker
        number = len(self.world.templates)
        template = LaunchTemplate(
            maker.address("aws_launch_template", "nodes"),
            maker.id("lt"),
            f"nodes-{number}",
            latest_version=maker.rng.randint(1, 12),
        )
        groups = self._custom_groups(1, 2)
        if cluster and maker.chance(0.2):
            groups.append(cluster.group_id)
        style = maker.pick(("instance", "interface", "interfaces", "none"), (40, 40, 6, 14))
        if style == "instance":
            template.groups = groups
        elif style == "interface":
            template.interfaces.append(self._template_interface(groups if maker.chance(0.88) else []))
        elif style == "interfaces":
            template.interfaces = [
                self._template_interface(groups),
                self._template_interface(self._custom_groups(1, 2)),
            ]
            template.interfaces[1].device_index = 1
            if maker.chance(0.4):
                template.interfaces.reverse()
        self.world.templates.append(template)
        return template

    def _template_interface(self, groups: list[str]) -> TemplateInterface:
        maker = self.maker
        weights = {"open": (10, 1, 4), "mixed": (3, 3, 4), "tight": (1, 5, 4)}[maker.mood]
        return TemplateInterface(
            groups,
            maker.pick((0, None)),
            maker.pick(("true", "false", ""), weights),
            maker.pick((None, 0, 1), (6, 1, 2)) if self.vpc.ipv6_cidr else None,
        )

    def _instances(self) -> None:
        maker, world = self.maker, self.world
        for _ in range(maker.pick((0, 1, 2, 3), (1, 4, 3, 1))):
            subnet = maker.pick(self.subnets)
            instance = Instance(
                maker.address("aws_instance", "bastion"),
                maker.id("i"),
                maker.id("eni"),
                subnet.id,
                maker.host_in(subnet.cidr, self.taken),
                self._custom_groups(1, 2),
                ipv6=self._ipv6_in(subnet, subnet.assign_ipv6),
            )
            if maker.chance(0.08):
                instance.groups = [self.vpc.default_group_id]
            if (subnet.map_public and maker.chance(0.8)) or maker.chance(0.1):
                instance.public_ip = maker.public_ip()
            if maker.chance(0.15):
                extra = self._custom_groups(1, 1)[0]
                instance.attachments.append(
                    (maker.address("aws_network_interface_sg_attachment", "extra"), extra)
                )
                if extra not in instance.groups:
                    instance.groups.append(extra)
            world.instances.append(instance)
            if maker.chance(0.2):
                self._elastic_ip(instance_id=instance.id, interface_id=instance.interface_id)
                instance.public_ip = world.elastic_ips[-1].public_ip

    def _interfaces(self) -> None:
        """Never in a subnet that maps public addresses: what the interface got there is unknown (D7)."""
        maker, world = self.maker, self.world
        quiet = [subnet for subnet in self.subnets if not subnet.map_public]
        if not quiet or not maker.chance(0.25):
            return
        subnet = maker.pick(quiet)
        item = NetworkInterface(
            maker.address("aws_network_interface", "eni"),
            maker.id("eni"),
            subnet.id,
            maker.host_in(subnet.cidr, self.taken),
            self._custom_groups(1, 2),
            self._ipv6_in(subnet, subnet.assign_ipv6),
        )
        world.interfaces.append(item)
        if maker.chance(0.4):
            self._elastic_ip(interface_id=item.id)
        if maker.chance(0.6):
            public = [elastic.public_ip for elastic in world.elastic_ips if elastic.interface_id == item.id]
            world.instances.append(
                Instance(
                    maker.address("aws_instance", "bastion"),
                    maker.id("i"),
                    item.id,
                    subnet.id,
                    item.private_ip,
                    list(item.groups),
                    item.ipv6,
                    public[0] if public else None,
                    interface=item.address,
                )
            )

    def _ipv6_in(self, subnet: Subnet, wanted: bool) -> str | None:
        if not wanted or not subnet.ipv6_cidr:
            return None
        base = ipaddress.ip_network(subnet.ipv6_cidr).network_address
        return str(base + self.maker.rng.getrandbits(62) + 4)

    def _elastic_ip(self, instance_id: str | None = None, interface_id: str | None = None) -> None:
        maker = self.maker
        elastic = ElasticIp(
            maker.address("aws_eip", "ip"), maker.id("eipalloc"), maker.public_ip(), instance_id, interface_id
        )
        if maker.chance(0.4):
            elastic.association = maker.address("aws_eip_association", "ip")
        self.world.elastic_ips.append(elastic)
