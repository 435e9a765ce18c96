"""Random network ACLs of one VPC."""

from __future__ import annotations

from .make_blocks import EPHEMERAL, EVERYWHERE, OUTSIDE, TCP_RANGES
from .model import World
from .model_network import (
    Acl,
    AclAssociation,
    AclEntry,
    Vpc,
)
from .random_names import Maker


class AclsMaker:
    def __init__(self, maker: Maker, world: World, vpc: Vpc) -> None:
        self.maker, self.world, self.vpc = maker, world, vpc
        self.subnets = world.subnets_of(vpc)

    def make(self) -> None:
        maker, world, vpc = self.maker, self.world, self.vpc
        default = Acl(maker.pick(("unmanaged", "default"), (7, 3)), vpc.default_acl_id, vpc.id)
        world.acls.append(default)
        if default.kind == "default":
            default.address = maker.address("aws_default_network_acl", "default")
            if maker.by_mood(0.95, 0.9, 0.7):
                self._entries(default, separate=False)
        elif maker.chance(0.15):  # B19: rules on top of 100 and 101
            for egress in (False, True):
                for number in maker.rng.sample((50, 99, 102, 300), 2):
                    self._add_entry(default, self._random_entry(egress, maker.pick((4, 6))), number, True)
        for _ in range(maker.pick((0, 1, 2), (3, 5, 3))):
            acl = Acl("custom", maker.id("acl"), vpc.id, maker.address("aws_network_acl", "acl"))
            if not maker.chance(0.05):
                self._entries(acl, separate=maker.chance(0.5))
            world.acls.append(acl)
        custom = [acl for acl in world.acls if acl.kind == "custom" and acl.vpc_id == vpc.id]
        for subnet in self.subnets:
            if not custom or maker.chance(0.3):
                if default.kind == "default" and maker.chance(0.5):
                    default.subnet_ids.append(subnet.id)
                continue
            acl = maker.pick(custom)
            if acl.subnet_ids or (not acl.associations and maker.chance(0.6)):
                acl.subnet_ids.append(subnet.id)
            else:
                acl.associations.append(
                    AclAssociation(
                        maker.address("aws_network_acl_association", "aclassoc"),
                        maker.id("aclassoc"),
                        subnet.id,
                    )
                )

    def _entries(self, acl: Acl, separate: bool) -> None:
        maker = self.maker
        for egress in (False, True):
            entries = []
            if not egress and maker.chance(0.2):
                entries += self._bastion_pattern()
            if maker.by_mood(0.45, 0.8, 0.8):
                entries += [
                    self._random_entry(egress, maker.pick((4, 4, 6))) for _ in range(maker.rng.randint(1, 4))
                ]
            for family in (4, 6):
                if maker.by_mood(0.95, 0.75, 0.5):
                    entries.append(self._general_allow(egress, family))
            numbers = sorted(maker.rng.sample(range(1, 400), len(entries)))
            if maker.chance(0.25):
                maker.rng.shuffle(numbers)
            for entry, number in zip(entries, numbers, strict=False):
                self._add_entry(acl, entry, number, separate)

    def _bastion_pattern(self) -> list[AclEntry]:
        """B17, sometimes in the wrong order, sometimes without the IPv6 half."""
        maker = self.maker
        bastion = maker.pick(self.subnets)
        entries = [AclEntry(False, 0, True, "tcp", bastion.cidr, 22, 22)]
        if bastion.ipv6_cidr:
            entries.append(AclEntry(False, 0, True, "tcp", bastion.ipv6_cidr, 22, 22))
        entries.append(AclEntry(False, 0, False, "tcp", "0.0.0.0/0", 22, 22))
        if maker.chance(0.7):
            entries.append(AclEntry(False, 0, False, "6", "::/0", 22, 22))
        if maker.chance(0.3):
            entries.reverse()
        return entries

    def _general_allow(self, egress: bool, family: int) -> AclEntry:
        maker = self.maker
        if egress and maker.chance(0.35):
            low, high = maker.pick(EPHEMERAL, (6, 5, 3, 2, 1, 1, 3, 1, 2))
            return AclEntry(egress, 0, True, maker.pick(("tcp", "6")), EVERYWHERE[family], low, high)
        if maker.chance(0.2):
            low, high = maker.pick(TCP_RANGES)
            return AclEntry(egress, 0, True, maker.pick(("tcp", "6", "TCP")), EVERYWHERE[family], low, high)
        return AclEntry(egress, 0, True, maker.pick(("-1", "all", "-1")), EVERYWHERE[family])

    def _random_entry(self, egress: bool, family: int) -> AclEntry:
        maker = self.maker
        entry = AclEntry(egress, 0, maker.by_mood(0.55, 0.55, 0.45), "-1", self._acl_cidr(family))
        kind = maker.pick(("tcp", "all", "udp", "icmp", "other"), (60, 15, 12, 8, 5))
        if kind == "tcp":
            entry.protocol = maker.pick(("tcp", "6"))
            entry.from_port, entry.to_port = maker.pick(TCP_RANGES + EPHEMERAL)
        elif kind == "udp":
            entry.protocol = maker.pick(("udp", "17"))
            entry.from_port, entry.to_port = maker.pick(((22, 22), (53, 53), (0, 65535), (1024, 65535)))
        elif kind == "icmp":
            entry.protocol = maker.pick(("icmp", "1")) if family == 4 else maker.pick(("icmpv6", "58"))
            entry.icmp_type = maker.pick((-1, 0, 8, 128, 129, None))
            entry.icmp_code = maker.pick((-1, 0, None)) if entry.icmp_type is not None else None
        elif kind == "other":
            entry.protocol = maker.pick(("47", "50"))
        return entry

    def _acl_cidr(self, family: int) -> str:
        maker = self.maker
        own = [subnet.block(family) for subnet in self.subnets if subnet.block(family)]
        kind = maker.pick(("everywhere", "outside", "subnet", "vpc"), (40, 20, 30, 10))
        if kind == "outside" or (kind in ("subnet", "vpc") and not own):
            return maker.pick(OUTSIDE[family])
        if kind == "subnet":
            block = maker.part_of(maker.pick(own))
            return (
                block.replace(".0/24", ".9/24") if maker.chance(0.1) else block
            )  # B8: host bits are cleared
        return maker.pick(self.vpc.blocks(family)) if kind == "vpc" else EVERYWHERE[family]

    def _add_entry(self, acl: Acl, entry: AclEntry, number: int, separate: bool) -> None:
        entry.number = number
        if separate:
            entry.address = self.maker.address("aws_network_acl_rule", "rule")
            entry.id = f"nacl-{self.maker.rng.getrandbits(31)}"
        acl.entries.append(entry)
