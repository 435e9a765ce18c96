"""Random security group rules, once all groups and networks are there."""

from __future__ import annotations

from .make_blocks import EVERYWHERE, OUTSIDE
from .model import World
from .model_eks import GroupRule, SecurityGroup
from .model_network import Subnet
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


class RulesMaker:
    """`far`: by VPC id and family, the blocks that connections of that VPC lead to.  `only`: groups that
    get just one peer, by id: a CIDR or another group, so that nothing else hides what it admits."""

    def __init__(
        self,
        maker: Maker,
        world: World,
        far: dict[tuple[str, int], list[str]],
        only: dict[str, str],
    ) -> None:
        self.maker, self.world, self.far, self.only = maker, world, far, only

    def make(self) -> None:
        maker = self.maker
        for group in self.world.groups:
            if group.kind == "remote_access":
                continue
            managed = group.kind in ("custom", "default")
            if not managed and not maker.by_mood(0.75, 0.4, 0.3):
                continue
            forms = ("inline", "rule", "vpc_rule") if managed else ("rule", "vpc_rule")
            form = maker.pick(forms)
            if group.id in self.only:
                self._admit_only(group, self.only[group.id], form)
                continue
            if maker.split and managed and maker.chance(0.55):
                self._split(group, form)
                continue
            if maker.by_mood(0.9, 0.45, 0.08):
                self._open(group, form, EVERYWHERE)
            elif maker.by_mood(0.5, 0.3, 0.15):
                self._open(group, form, {family: self._vpc_block(group, family) for family in (4, 6)})
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

    def _admit_only(self, group: SecurityGroup, peer: str, form: str) -> None:
        is_group = peer.startswith("sg-")
        peers = {"groups": [peer]} if is_group else {"cidrs": [peer]}
        self._add_rule(group, GroupRule("ingress", "tcp", 22, 22, form=form, **peers))
        if is_group and self.maker.chance(0.3):
            self._add_rule(group, GroupRule("egress", "tcp", 22, 22, form=form, groups=[peer]))
            return
        for family in (4, 6):
            self._add_rule(group, GroupRule("egress", "-1", cidrs=[EVERYWHERE[family]], form=form))

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
                    [s.block(family) for s in self._subnets(group) if s.block(family)], 1, 3
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
        family = 6 if world.vpc_by_id(group.vpc_id).ipv6_cidr and maker.chance(0.45) else 4
        lists = [item.id for item in world.prefix_lists]
        if rule.form == "rule" and (rule.groups or rule.own_members) and kind in ("group", "self"):
            return
        if kind == "self":
            rule.own_members = True
        elif kind == "group":
            target = maker.pick(self._others(group))
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
                else self._inside(group, family)
            )
            if text not in rule.cidrs:
                rule.cidrs.append(text)

    def _inside(self, group: SecurityGroup, family: int) -> str:
        maker, world = self.maker, self.world
        far = self.far.get((group.vpc_id, family))
        if far and maker.chance(0.4):
            block = maker.pick(far)
            return block if maker.chance(0.6) else maker.part_of(block, 1, 3)
        blocks = [subnet.block(family) for subnet in self._subnets(group) if subnet.block(family)]
        fixed = (
            [f"{instance.private_ip}/32" for instance in world.instances]
            if family == 4
            else [f"{instance.ipv6}/128" for instance in world.instances if instance.ipv6]
        )
        kind = maker.pick(("vpc", "subnet", "part", "host"), (25, 30, 35, 10))
        if kind == "host" and fixed:
            return maker.pick(fixed)
        if kind == "vpc" or not blocks:
            return maker.pick(world.vpc_by_id(group.vpc_id).blocks(family))
        return maker.pick(blocks) if kind == "subnet" else maker.part_of(maker.pick(blocks), 1, 3)

    def _others(self, group: SecurityGroup) -> list[str]:
        """Groups of the same VPC; where it is connected, now and then one of another VPC (A9, A10)."""
        others = [other for other in self.world.groups if other.id != group.id]
        beyond = [other.id for other in others if other.vpc_id != group.vpc_id]
        if beyond and self.maker.chance(0.5):
            return beyond
        return [other.id for other in others if other.vpc_id == group.vpc_id]

    def _subnets(self, group: SecurityGroup) -> list[Subnet]:
        return self.world.subnets_of(self.world.vpc_by_id(group.vpc_id))

    def _vpc_block(self, group: SecurityGroup, family: int) -> str | None:
        return (self.world.vpc_by_id(group.vpc_id).blocks(family) or [None])[0]

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
