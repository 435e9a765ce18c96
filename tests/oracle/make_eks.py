"""Random security groups, clusters, nodes and instances in a network."""

from __future__ import annotations

import ipaddress

from .make_network import EVERYWHERE, OUTSIDE
from .model import World
from .model_eks import (
    Cluster,
    GroupRule,
    Instance,
    LaunchTemplate,
    NetworkInterface,
    NodeGroup,
    RemoteAccess,
    ScalingGroup,
    SecurityGroup,
    TemplateInterface,
)
from .model_network import ElasticIp, Subnet
from .random_names import Maker

PORTS = (
    (22, 22),
    (22, 22),
    (22, 22),
    (0, 65535),
    (20, 30),
    (22, 443),
    (443, 443),
    (1025, 65535),
    (0, 0),
    (10250, 10250),
    (1, 21),
    (23, 23),
)
AMI_TYPES = ("AL2023_x86_64_STANDARD", "AL2_x86_64", "BOTTLEROCKET_x86_64", "WINDOWS_CORE_2022_x86_64")


class EksMaker:
    def __init__(self, maker: Maker, world: World) -> None:
        self.maker, self.world, self.taken = maker, world, set()

    def make(self) -> None:
        self._groups()
        self._clusters()
        self._instances()
        self._interfaces()
        for _ in range(self.maker.pick((1, 2, 3), (5, 4, 1))):
            self._node_group()
        for _ in range(self.maker.pick((0, 1, 2), (4, 4, 2))):
            self._scaling_group()
        self._all_rules()

    # --- who ---------------------------------------------------------------------------------------

    def _groups(self) -> None:
        maker, world = self.maker, self.world
        default = SecurityGroup(
            maker.pick(("unmanaged_default", "default"), (6, 4)), world.vpc.default_group_id, world.vpc.id
        )
        if default.kind == "default":
            default.address = maker.address("aws_default_security_group", "default")
        world.groups.append(default)
        for _ in range(maker.rng.randint(2, 6)):
            world.groups.append(
                SecurityGroup(
                    "custom",
                    maker.id("sg"),
                    world.vpc.id,
                    maker.address("aws_security_group", maker.pick(("node", "bastion", "web"))),
                )
            )

    def _custom_groups(self, least: int, most: int) -> list[str]:
        pool = [group.id for group in self.world.groups if group.kind == "custom"]
        chosen = self.maker.some(pool, least, most)
        if self.maker.chance(0.08):
            chosen.append(self.world.vpc.default_group_id)
        return chosen

    def _clusters(self) -> None:
        maker, world = self.maker, self.world
        for number in range(maker.pick((1, 2), (88, 12))):
            address = maker.address("aws_eks_cluster", "this")
            subnets = [subnet.id for subnet in maker.some(world.subnets, 2, 3)]
            cluster = Cluster(address, f"prod-{number}", maker.id("sg"), subnets, world.vpc.id)
            if maker.chance(0.5):
                cluster.additional_groups = maker.some(
                    [g.id for g in world.groups if g.kind == "custom"], 1, 2
                )
            # NOTE: nodes and control plane of an IPv6 cluster need IPv6 in every subnet they use.
            if all(subnet.assign_ipv6 for subnet in world.subnets) and maker.chance(0.85):
                cluster.ip_family = "ipv6"
            world.clusters.append(cluster)
            world.groups.append(SecurityGroup("cluster", cluster.group_id, world.vpc.id, owner=address))

    def _node_group(self) -> None:
        maker, world = self.maker, self.world
        cluster = maker.pick(world.clusters)
        address = maker.address("aws_eks_node_group", "workers")
        group = NodeGroup(
            address,
            f"workers-{len(world.node_groups)}",
            cluster.name,
            [subnet.id for subnet in maker.some(world.subnets, 1, 2)],
        )
        # NOTE: Windows has no IPv6 (D9); keep it where the question does not arise.
        assigns_ipv6 = any(world.subnet(subnet_id).assign_ipv6 for subnet_id in group.subnet_ids)
        group.ami_type = maker.pick(AMI_TYPES[:3], (6, 3, 1))
        if maker.chance(0.66):
            group.template_id = self._template(cluster).id
        elif maker.chance(0.7):
            group.remote_access = RemoteAccess(maker.id("sg"))
            world.groups.append(
                SecurityGroup("remote_access", group.remote_access.group_id, world.vpc.id, owner=address)
            )
            if maker.by_mood(0.3, 0.5, 0.6):
                group.remote_access.source_groups = self._custom_groups(1, 2)
        if group.template_id is None and not assigns_ipv6 and maker.chance(0.15):
            group.ami_type = AMI_TYPES[3]
        world.node_groups.append(group)

    def _scaling_group(self) -> None:
        maker, world = self.maker, self.world
        cluster = maker.pick(world.clusters) if maker.chance(0.8) else None
        group = ScalingGroup(
            maker.address("aws_autoscaling_group", "self_managed"),
            f"self-{len(world.scaling_groups)}",
            [subnet.id for subnet in maker.some(world.subnets, 1, 2)],
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
            maker.pick((None, 0, 1), (6, 1, 2)) if self.world.vpc.ipv6_cidr else None,
        )

    def _instances(self) -> None:
        maker, world = self.maker, self.world
        for _ in range(maker.pick((0, 1, 2, 3), (1, 4, 3, 1))):
            subnet = maker.pick(world.subnets)
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
                instance.groups = [world.vpc.default_group_id]
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
        quiet = [subnet for subnet in world.subnets if not subnet.map_public]
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

    # --- rules ---------------------------------------------------------------------------------------

    def _all_rules(self) -> None:
        maker = self.maker
        for group in self.world.groups:
            if group.kind == "remote_access":
                continue
            managed = group.kind in ("custom", "default")
            if not managed and not maker.by_mood(0.75, 0.4, 0.3):
                continue
            forms = ("inline", "rule", "vpc_rule") if managed else ("rule", "vpc_rule")
            form = maker.pick(forms)
            if maker.split and managed and maker.chance(0.55):
                self._split(group, form)
                continue
            if maker.by_mood(0.9, 0.45, 0.08):
                self._open(group, form, EVERYWHERE)
            elif maker.by_mood(0.5, 0.3, 0.15):
                self._open(group, form, {4: world_block(self.world, 4), 6: world_block(self.world, 6)})
            for _ in range(maker.pick((0, 1, 2, 3), (1, 5, 5, 3)) if managed else 1):
                self._add(group, "ingress", form)
            if not managed:
                continue
            if maker.by_mood(0.7, 0.5, 0.35):
                for family in (4, 6):
                    if maker.chance(0.9):
                        self._add_rule(
                            group, GroupRule("egress", "-1", cidrs=[EVERYWHERE[family]], form=form)
                        )
            else:
                for _ in range(maker.rng.randint(0, 2)):
                    self._add(group, "egress", form)

    def _open(self, group: SecurityGroup, form: str, blocks: dict) -> None:
        """One wide rule over port 22 (mostly), in both families (mostly)."""
        maker = self.maker
        protocol = maker.pick(("tcp", "6", "-1"), (8, 1, 2))
        ports = (
            maker.pick(((22, 22), (0, 65535), (22, 443), (443, 443)), (7, 3, 2, 1))
            if protocol != "-1"
            else (0, 0)
        )
        cidrs = [
            block for family, block in blocks.items() if block and maker.chance({4: 0.95, 6: 0.85}[family])
        ]
        for peers in [[text] for text in cidrs] if form == "vpc_rule" else [cidrs]:
            self._add_rule(group, GroupRule("ingress", protocol, *ports, cidrs=peers, form=form))

    def _split(self, group: SecurityGroup, form: str) -> None:
        """Rules that cover only a part of the subnets on either side: the answer hangs on the address."""
        maker = self.maker
        for direction in ("ingress", "egress"):
            for family in (4, 6):
                for block in maker.some(
                    [s.block(family) for s in self.world.subnets if s.block(family)], 1, 3
                ):
                    part = maker.part_of(block, 0, 2)
                    self._add_rule(
                        group, GroupRule(direction, "tcp", 22, maker.pick((22, 30)), cidrs=[part], form=form)
                    )

    def _add(self, group: SecurityGroup, direction: str, form: str) -> None:
        maker = self.maker
        protocol = maker.pick(("tcp", "6", "-1", "udp", "icmp", "all", "47"), (60, 8, 12, 8, 6, 2, 2))
        rule = GroupRule(direction, protocol, form=form)
        if protocol in ("tcp", "6"):
            rule.from_port, rule.to_port = maker.pick(PORTS)
            if maker.chance(0.1):
                rule.protocol = "TCP"
        elif protocol == "udp":
            rule.from_port, rule.to_port = maker.pick(((22, 22), (53, 53), (0, 65535)))
        elif protocol == "icmp":
            rule.from_port, rule.to_port = maker.pick(((-1, -1), (8, -1), (8, 0), (0, 0), (3, 4)))
        for _ in range(1 if form == "vpc_rule" else maker.pick((1, 2, 3), (6, 3, 1))):
            self._add_peer(group, rule)
        if (
            protocol == "icmp"
            and all(":" in text for text in rule.cidrs)
            and rule.cidrs
            and maker.chance(0.8)
        ):
            rule.protocol, rule.from_port, rule.to_port = "icmpv6", -1, -1
        self._add_rule(group, rule)

    def _add_peer(self, group: SecurityGroup, rule: GroupRule) -> None:
        maker, world = self.maker, self.world
        outward = {"open": 45, "mixed": 22, "tight": 8}[maker.mood]
        kind = maker.pick(
            ("everywhere", "outside", "inside", "group", "self", "prefix_list"), (outward, 10, 36, 18, 8, 8)
        )
        family = 6 if world.vpc.ipv6_cidr and maker.chance(0.45) else 4
        lists = [item.id for item in world.prefix_lists]
        if rule.form == "rule" and (rule.groups or rule.own_members) and kind in ("group", "self"):
            return
        if kind == "self":
            rule.own_members = True
        elif kind == "group":
            others = [other.id for other in world.groups if other.id != group.id]
            target = maker.pick(others)
            if target not in rule.groups:
                rule.groups.append(target)
        elif kind == "prefix_list" and lists:
            rule.prefix_lists = [maker.pick(lists)]
        else:
            text = (
                EVERYWHERE[family]
                if kind == "everywhere"
                else maker.pick(OUTSIDE[family])
                if kind == "outside"
                else self._inside(family)
            )
            if text not in rule.cidrs:
                rule.cidrs.append(text)

    def _inside(self, family: int) -> str:
        maker, world = self.maker, self.world
        blocks = [subnet.block(family) for subnet in world.subnets if subnet.block(family)]
        fixed = (
            [f"{instance.private_ip}/32" for instance in world.instances]
            if family == 4
            else [f"{instance.ipv6}/128" for instance in world.instances if instance.ipv6]
        )
        kind = maker.pick(("vpc", "subnet", "part", "host"), (25, 30, 35, 10))
        if kind == "host" and fixed:
            return maker.pick(fixed)
        if kind == "vpc" or not blocks:
            return maker.pick(world.vpc.blocks(family))
        return maker.pick(blocks) if kind == "subnet" else maker.part_of(maker.pick(blocks), 1, 3)

    def _add_rule(self, group: SecurityGroup, rule: GroupRule) -> None:
        maker = self.maker
        if not (rule.cidrs or rule.prefix_lists or rule.groups or rule.own_members):
            return
        if rule.form == "vpc_rule" and rule.own_members:
            rule.own_members, rule.groups = False, [group.id]
        if rule.form == "rule":
            type_ = "aws_security_group_rule"
            rule.id = f"sgrule-{maker.rng.getrandbits(31)}"
            rule.groups = rule.groups[
                :1
            ]  # one group, or self, or addresses: the provider lets none of them meet
            if rule.groups or rule.own_members:
                rule.cidrs, rule.prefix_lists, rule.own_members = [], [], not rule.groups
        elif rule.form == "vpc_rule":
            type_ = f"aws_vpc_security_group_{rule.direction}_rule"
            rule.id = maker.id("sgr")
        else:
            type_ = ""
        if type_:
            rule.address = maker.address(type_, rule.direction)
        group.rules.append(rule)


def world_block(world: World, family: int) -> str | None:
    return (world.vpc.blocks(family) or [None])[0]
