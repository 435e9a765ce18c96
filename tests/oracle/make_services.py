"""Random load balancers and EC2 Instance Connect Endpoints."""

from __future__ import annotations

from .make_blocks import EVERYWHERE
from .make_connections import carried_groups
from .model import World
from .model_eks import GroupRule, SecurityGroup
from .model_network import Vpc
from .model_services import ConnectEndpoint, Listener, LoadBalancer, Target, TargetGroup
from .random_names import Maker

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
PROTOCOLS = (("TCP", "TCP"), ("TLS", "TCP"), ("TCP_UDP", "TCP_UDP"), ("UDP", "UDP"))


class ServicesMaker:
    """`only`: groups that admit nobody but the balancer's subnet, or some clients outside."""

    def __init__(self, maker: Maker, world: World) -> None:
        self.maker, self.world = maker, world
        self.only: dict[str, str] = {}

    def make(self) -> None:
        maker, features = self.maker, self.maker.features
        if "balancers" in features:
            for _ in range(maker.pick((1, 2), (7, 3))):
                self._balancer(self._some_vpc())
            self._know_one_side(self.world.balancers[0])
        if "endpoint" in features:
            self._endpoint(self._some_vpc())

    def open_up(self) -> None:
        """Rules without which nothing would get through: for the balancers' and endpoints' own groups."""
        maker = self.maker
        for balancer in self.world.balancers:
            ports = {listener.port for listener in balancer.listeners}
            for group_id in balancer.groups:
                group = self.world.group(group_id)
                if group.kind == "custom" and maker.by_mood(0.8, 0.6, 0.4):
                    rules = [
                        GroupRule("ingress", "tcp", port, port, [EVERYWHERE[4]]) for port in sorted(ports)
                    ]
                    self._inline(group, [*rules, GroupRule("egress", "-1", cidrs=[EVERYWHERE[4]])])
            if balancer.groups and maker.chance(0.35):
                self._admit(balancer.vpc_id, balancer.groups[0])
        for endpoint in self.world.endpoints:
            if maker.chance(0.35):
                self._admit(endpoint.vpc_id, endpoint.groups[0])

    def _know_one_side(self, balancer: LoadBalancer) -> None:
        """Who gets in hangs on whose address the target sees."""
        maker, world = self.maker, self.world
        subnet = world.subnet(balancer.subnet_ids[0])
        for groups in maker.some(carried_groups(world, world.vpc_by_id(balancer.vpc_id)), 1, 3):
            peer = maker.pick((subnet.cidr, "8.0.0.0/7", "0.0.0.0/1"))
            if maker.chance(0.6):
                self.only.update(dict.fromkeys(groups, peer))

    def _inline(self, group: SecurityGroup, rules: list[GroupRule]) -> None:
        """Inline only where there is nothing but inline: the two forms do not go together (A22)."""
        if all(rule.form == "inline" for rule in group.rules):
            group.rules += rules

    def _admit(self, vpc_id: str, peer: str) -> None:
        """Some group admits what comes from this one."""
        groups = [item for item in self.world.groups if item.vpc_id == vpc_id and item.kind == "custom"]
        self._inline(self.maker.pick(groups), [GroupRule("ingress", "tcp", 22, 22, groups=[peer])])

    def _some_vpc(self) -> Vpc:
        inhabited = [vpc for vpc in self.world.vpcs if self.world.subnets_of(vpc)]
        return self.maker.pick(inhabited, [4, 1, 1][: len(inhabited)])

    def _groups(self, vpc: Vpc) -> list[str]:
        own = [item.id for item in self.world.groups if item.vpc_id == vpc.id and item.kind == "custom"]
        return self.maker.some(own, 1, 2)

    # --- load balancers ----------------------------------------------------------------------------------

    def _balancer(self, vpc: Vpc) -> None:
        maker, world = self.maker, self.world
        zones: dict[str, list[str]] = {}
        for subnet in world.subnets_of(vpc):
            zones.setdefault(subnet.zone, []).append(subnet.id)
        kind = maker.pick(("network", "application"), (6, 4)) if len(zones) > 1 else "network"
        chosen = sorted(zones)
        if kind == "network" and len(chosen) > 1 and maker.chance(0.15):
            chosen.remove(maker.pick(chosen))
        number = len(world.balancers)
        balancer = LoadBalancer(
            maker.address("aws_lb", "front"),
            f"{ARN}loadbalancer/{kind[:3]}/front-{number}/50dc6c495c0c918{number}",
            f"front-{number}",
            kind,
            vpc.id,
            [maker.pick(zones[zone]) for zone in chosen],
            internal=maker.chance(0.45),
        )
        if kind == "application" or maker.chance(0.55):
            balancer.groups = self._groups(vpc)
            if maker.chance(0.4):
                group = SecurityGroup(
                    "custom", maker.id("sg"), vpc.id, maker.address("aws_security_group", "lb")
                )
                world.groups.append(group)
                balancer.groups = [group.id]
        world.balancers.append(balancer)
        for port in maker.some((22, 443, 80, 2222), 1, 2):
            self._listener(balancer, port)

    def _listener(self, balancer: LoadBalancer, port: int) -> None:
        maker, world = self.maker, self.world
        protocol = ("HTTP", "HTTP")
        if balancer.kind == "network":
            protocol = maker.pick(PROTOCOLS, (8, 1, 1, 0.7))
        group = self._target_group(balancer, protocol[1])
        arn = f"{ARN}listener/{balancer.kind[:3]}/{balancer.name}/50dc6c495c0c9188/{port:016x}"
        balancer.listeners.append(
            Listener(maker.address("aws_lb_listener", "in"), arn, protocol[0], port, group.arn)
        )
        world.target_groups.append(group)

    def _target_group(self, balancer: LoadBalancer, protocol: str) -> TargetGroup:
        maker = self.maker
        number = len(self.world.target_groups)
        group = TargetGroup(
            maker.address("aws_lb_target_group", "nodes"),
            f"{ARN}targetgroup/nodes-{number}/73e2d6bc24d8a06{number}",
            f"nodes-{number}",
            balancer.vpc_id,
            protocol,
            maker.pick((22, 30080, 443), (8, 1, 1)),
            maker.pick(("instance", "ip"), (75, 25)),
        )
        if balancer.kind == "network":
            group.preserves_client = maker.pick((None, True, False), (3, 2, 3))
            if "UDP" in protocol:
                group.preserves_client = maker.pick((None, True))
        self._targets(group)
        return group

    def _targets(self, group: TargetGroup) -> None:
        maker, world = self.maker, self.world
        instances = [item for item in world.instances if self._is_in(item.subnet_id, group)]
        interfaces = [item for item in world.interfaces if self._is_in(item.subnet_id, group)]
        if group.target_type == "ip":
            names = [("ip", item.private_ip) for item in instances + interfaces]
        else:
            names = [("instance", item.id) for item in instances]
            names += [
                ("group", f"eks-{item.name}")
                for item in world.node_groups
                if self._is_in(item.subnet_ids[0], group)
            ] * 2
            names += [
                ("group", item.name)
                for item in world.scaling_groups
                if self._is_in(item.subnet_ids[0], group)
            ] * 2
        for kind, name in sorted(set(maker.some(names, 1, 4))):
            type_ = "aws_autoscaling_attachment" if kind == "group" else "aws_lb_target_group_attachment"
            target = Target(maker.address(type_, "node"), kind, name)
            if kind != "group" and maker.chance(0.3):
                target.port = maker.pick((22, 443))
            group.targets.append(target)

    def _is_in(self, subnet_id: str, group: TargetGroup) -> bool:
        return self.world.subnet(subnet_id).vpc_id == group.vpc_id

    # --- Instance Connect --------------------------------------------------------------------------------

    def _endpoint(self, vpc: Vpc) -> None:
        maker = self.maker
        groups = self._groups(vpc) if maker.chance(0.8) else [vpc.default_group_id]
        self.world.endpoints.append(
            ConnectEndpoint(
                maker.address("aws_ec2_instance_connect_endpoint", "door"),
                maker.id("eice"),
                vpc.id,
                maker.pick(self.world.subnets_of(vpc)).id,
                groups,
                preserves_client=maker.chance(0.3),
            )
        )
