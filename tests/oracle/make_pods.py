"""Random VPC CNI settings: the default, custom networking, security groups for pods."""

from __future__ import annotations

import ipaddress

from .model import World
from .model_eks import Cluster
from .model_network import Subnet, Vpc
from .model_services import PodNetwork, PodPolicy, PodSubnet
from .random_names import Maker


class PodsMaker:
    def __init__(self, maker: Maker, world: World) -> None:
        self.maker, self.world = maker, world

    def make(self) -> None:
        if "pods" not in self.maker.features:
            return
        for cluster in self.world.clusters:
            self._network(cluster)

    def _network(self, cluster: Cluster) -> None:
        maker, world = self.maker, self.world
        # NOTE: a manifest does not say which cluster it is for, so it needs there to be one only; custom
        # networking is not for IPv6 clusters (I3), nor for Windows.
        alone = len(world.clusters) == 1
        windows = any(
            group.ami_type.startswith("WINDOWS")
            for group in world.node_groups
            if group.cluster == cluster.name
        )
        cni = PodNetwork(maker.address("aws_eks_addon", "cni"), cluster.name)
        if cluster.ip_family == "ipv4" and not windows and maker.chance(0.7):
            cni.custom_networking = True
            self._pod_subnets(cni, world.vpc_by_id(cluster.vpc_id), alone)
        if alone and not windows and maker.chance(0.4):
            cni.pod_interfaces = maker.chance(0.8)
            form = maker.pick(("kubectl_manifest", "kubernetes_manifest"))
            groups = self._groups(cluster, 1, 2)
            cni.policies.append(PodPolicy(maker.address(form, "policy"), form, groups))
        world.pod_networks.append(cni)

    def _groups(self, cluster: Cluster, least: int, most: int) -> list[str]:
        groups = [
            group.id
            for group in self.world.groups
            if group.vpc_id == cluster.vpc_id and group.kind in ("custom", "cluster")
        ]
        return self.maker.some(groups, least, most)

    def _pod_subnets(self, cni: PodNetwork, vpc: Vpc, alone: bool) -> None:
        maker = self.maker
        by_manifest = alone and maker.chance(0.4)
        cluster = self.world.cluster(cni.cluster)
        for zone in sorted({subnet.zone for subnet in self.world.subnets_of(vpc)}):
            if maker.chance(0.05):
                continue
            own = self._new_subnet(vpc, zone) if maker.chance(0.8) else None
            subnet = own or maker.pick([item for item in self.world.subnets_of(vpc) if item.zone == zone])
            groups = self._groups(cluster, 1, 2) if maker.chance(0.6) else []
            address = maker.address("kubectl_manifest", "eniconfig") if by_manifest else None
            cni.subnets.append(PodSubnet(zone, subnet.id, groups, address))

    def _new_subnet(self, vpc: Vpc, zone: str) -> Subnet | None:
        """A subnet for pods alone, under the main route table and the default network ACL."""
        maker = self.maker
        block = ipaddress.ip_network(maker.pick(vpc.blocks(4)))
        for _ in range(8):
            base = int(block.network_address) + (maker.rng.randrange(2 ** (26 - block.prefixlen)) << 6)
            candidate = ipaddress.ip_network((base, 26))
            taken = [ipaddress.ip_network(item.cidr) for item in self.world.subnets_of(vpc)]
            if any(candidate.overlaps(other) for other in taken):
                continue
            address = maker.address("aws_subnet", "pods")
            subnet = Subnet(address, maker.id("subnet"), vpc.id, str(candidate), zone)
            self.world.subnets.append(subnet)
            return subnet
        return None
