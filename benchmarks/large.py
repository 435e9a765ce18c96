"""A large network as `terraform show -json` writes it: 10,000 resources, and multiples of that.

    python -m benchmarks.large [--factor N] [--known] [--seed N] -o plan.json

One VPC; for each unit of ``factor``: 2,000 security-group rules on 300 groups, 400 subnets, 60 network
ACLs with 40 entries each, 1,000 interfaces, 50 node groups in 10 clusters, and resources of other types
up to 10,000. A rule that names a group or a subnet's addresses speaks of as many interfaces in a world
twice as large; one group in fifty admits port 22 from the whole VPC, so that some answers grow with the
world.

A new stack has ids that nobody knows before apply; every link is then a direct reference in the plan's
configuration, so that no sources are needed. With ``known`` the same stack is applied already.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.large_document import Ref, Written, document

RESOURCES, GROUPS, RULES, SUBNETS, ACLS, ENTRIES = 10_000, 300, 2_000, 400, 60, 40
INTERFACES, NODE_GROUPS, CLUSTERS, TABLES = 1_000, 50, 10, 40
PORTS = ((22, 22), (22, 22), (443, 443), (80, 80), (5432, 5432), (20, 25), (0, 65535), (8000, 9000))
OTHER_TYPES = ("aws_iam_role", "aws_route53_record", "aws_cloudwatch_log_group", "aws_s3_bucket")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one plan."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.large", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--factor", type=float, default=1.0, help="times 10,000 resources (default 1)")
    parser.add_argument("--known", action="store_true", help="all ids known, as after apply")
    parser.add_argument("--seed", type=int, default=1, help="which of these worlds (default 1)")
    parser.add_argument("-o", dest="file", required=True, help="the plan to write")
    options = parser.parse_args(arguments)
    made = plan(options.factor, options.seed, known=options.known)
    Path(options.file).write_text(json.dumps(made, separators=(",", ":")), encoding="utf-8")
    return 0


def plan(factor: float = 1.0, seed: int = 1, *, known: bool = False) -> dict[str, Any]:
    """The plan document of one world; the same arguments give the same document."""
    return document(World(factor, seed).resources(), known=known)


class World:
    """The resources of one world, in an order that depends on the arguments only."""

    def __init__(self, factor: float, seed: int) -> None:
        """Nothing is made yet."""
        self._random = random.Random(f"large {seed}")
        self._factor = factor
        self._groups = self._many(GROUPS)
        self._subnets = self._many(SUBNETS)

    def resources(self) -> list[Written]:
        """Every resource, 10,000 for each unit of the factor."""
        made = [*self._network(), *self._acls(), *self._security(), *self._nodes(), *self._interfaces()]
        for number in range(self._many(RESOURCES) - len(made)):
            type_ = OTHER_TYPES[number % len(OTHER_TYPES)]
            made.append(Written(type_, f"other{number}", {"name": f"other-{number}", "tags": {"Team": "a"}}))
        return made

    def _many(self, number: int) -> int:
        return max(1, round(number * self._factor))

    def _network(self) -> Iterator[Written]:
        vpc = Ref("aws_vpc.main")
        # NOTE: a block of a VPC is at most a /16, so each holds 256 of these subnets.
        blocks = [f"10.{number}.0.0/16" for number in range((self._subnets + 255) // 256)]
        yield Written("aws_vpc", "main", {"cidr_block": blocks[0], "tags": {"Team": "network"}})
        for number, block in enumerate(blocks[1:]):
            values = {"vpc_id": vpc, "cidr_block": block}
            yield Written("aws_vpc_ipv4_cidr_block_association", f"more{number}", values)
        yield Written("aws_internet_gateway", "main", {"vpc_id": vpc})
        yield Written(
            "aws_nat_gateway", "main", {"subnet_id": self._subnet(0), "connectivity_type": "public"}
        )
        tables = self._many(TABLES)
        for number in range(tables):
            yield Written("aws_route_table", f"t{number}", {"vpc_id": vpc})
            out = {"gateway_id": Ref("aws_internet_gateway.main")}
            target = out if number % 4 == 0 else {"nat_gateway_id": Ref("aws_nat_gateway.main")}
            values = {"route_table_id": Ref(f"aws_route_table.t{number}"), **target}
            yield Written("aws_route", f"out{number}", {**values, "destination_cidr_block": "0.0.0.0/0"})
        for number in range(self._subnets):
            zone = f"eu-west-1{'abc'[number % 3]}"
            values = {"vpc_id": vpc, "cidr_block": self._block(number), "availability_zone": zone}
            public = number % tables % 4 == 0
            yield Written("aws_subnet", f"s{number}", {**values, "map_public_ip_on_launch": public})
            link = {
                "subnet_id": self._subnet(number),
                "route_table_id": Ref(f"aws_route_table.t{number % tables}"),
            }
            yield Written("aws_route_table_association", f"s{number}", link)

    def _acls(self) -> Iterator[Written]:
        """Half of them hold their entries themselves, half have a resource for each entry."""
        lists = self._many(ACLS)
        for number in range(lists):
            here = [self._subnet(subnet) for subnet in range(number, self._subnets, lists)]
            values: dict[str, Any] = {"vpc_id": Ref("aws_vpc.main"), "subnet_ids": here}
            entries = list(self._entries())
            if number % 2 == 0:
                for direction, egress in (("ingress", False), ("egress", True)):
                    values[direction] = [_inline(entry) for entry in entries if entry["egress"] is egress]
            yield Written("aws_network_acl", f"a{number}", values)
            for place, entry in enumerate(entries if number % 2 else ()):
                owner = {"network_acl_id": Ref(f"aws_network_acl.a{number}")}
                yield Written("aws_network_acl_rule", f"a{number}_{place}", {**owner, **entry})

    def _entries(self) -> Iterator[dict[str, Any]]:
        half = ENTRIES // 2
        for egress in (False, True):
            for place in range(half - 1):
                low, high = self._random.choice(PORTS[:6])
                cidr = self._block(self._random.randrange(self._subnets))
                action = "deny" if self._random.random() < 0.4 else "allow"
                yield _entry(100 + place, egress, action, cidr, "6", low, high)
            yield _entry(30000, egress, "allow", "0.0.0.0/0", "-1", 0, 0)

    def _security(self) -> Iterator[Written]:
        for number in range(self._groups):
            values = {
                "vpc_id": Ref("aws_vpc.main"),
                "name": f"g{number}",
                "tags": {"Team": f"team{number % 9}"},
            }
            yield Written("aws_security_group", f"g{number}", values)
        for number in range(self._many(RULES)):
            group, low = number % self._groups, number < self._groups
            owner = {"security_group_id": self._group(group)}
            if low:
                values = {**owner, "ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"}
                yield Written("aws_vpc_security_group_egress_rule", f"g{group}", values)
                continue
            first, last = self._random.choice(PORTS)
            values = {
                **owner,
                "ip_protocol": "tcp",
                "from_port": first,
                "to_port": last,
                **self._peer(number),
            }
            yield Written("aws_vpc_security_group_ingress_rule", f"r{number}", values)

    def _peer(self, number: int) -> dict[str, Any]:
        if number % 350 == 0:
            return {"cidr_ipv4": "10.0.0.0/8", "from_port": 22, "to_port": 22}
        if number % 97 == 0:
            return {"cidr_ipv4": "0.0.0.0/0"}
        if self._random.random() < 0.5:
            return {"referenced_security_group_id": self._group(self._random.randrange(self._groups))}
        subnet = self._block(self._random.randrange(self._subnets))
        return {"cidr_ipv4": self._random.choice((subnet, subnet, "192.168.0.0/16", "203.0.113.0/24"))}

    def _nodes(self) -> Iterator[Written]:
        clusters = self._many(CLUSTERS)
        for number in range(clusters):
            place = {"subnet_ids": [self._subnet(3 * number + zone) for zone in range(3)]}
            network = [
                {**place, "endpoint_private_access": True, "security_group_ids": [self._group(number)]}
            ]
            yield Written("aws_eks_cluster", f"c{number}", {"name": f"c{number}", "vpc_config": network})
        for number in range(self._many(NODE_GROUPS)):
            name = f"n{number}"
            first = self._random.randrange(self._subnets - 3)
            values: dict[str, Any] = {"cluster_name": f"c{number % clusters}", "node_group_name": name}
            values["subnet_ids"] = [self._subnet(first + zone) for zone in range(3)]
            if number % 5:
                # Its own groups in place of the cluster's.
                groups = self._some_groups()
                yield Written("aws_launch_template", name, {"name": name, "vpc_security_group_ids": groups})
                template = Ref(f"aws_launch_template.{name}")
                values["launch_template"] = [{"id": template, "version": "1"}]
            yield Written("aws_eks_node_group", name, values)

    def _interfaces(self) -> Iterator[Written]:
        for number in range(self._many(INTERFACES)):
            subnet = self._subnet(self._random.randrange(self._subnets))
            if number % 5 == 0:
                values = {"subnet_id": subnet, "security_groups": self._some_groups()}
                yield Written("aws_network_interface", f"i{number}", values)
                continue
            values = {"subnet_id": subnet, "vpc_security_group_ids": self._some_groups()}
            yield Written("aws_instance", f"i{number}", {**values, "instance_type": "m5.large"})

    def _some_groups(self) -> list[Ref]:
        chosen = self._random.sample(range(self._groups), min(self._random.randint(1, 3), self._groups))
        return [self._group(number) for number in sorted(chosen)]

    def _group(self, number: int) -> Ref:
        return Ref(f"aws_security_group.g{number}")

    def _subnet(self, number: int) -> Ref:
        return Ref(f"aws_subnet.s{number % self._subnets}")

    def _block(self, subnet: int) -> str:
        return f"10.{subnet // 256}.{subnet % 256}.0/24"


def _entry(
    number: int, egress: bool, action: str, cidr: str, protocol: str, low: int, high: int
) -> dict[str, Any]:
    ports = {"protocol": protocol, "from_port": low, "to_port": high}
    return {"rule_number": number, "egress": egress, "rule_action": action, "cidr_block": cidr, **ports}


def _inline(entry: dict[str, Any]) -> dict[str, Any]:
    kept = {name: entry[name] for name in ("protocol", "from_port", "to_port", "cidr_block")}
    rest = {"ipv6_cidr_block": "", "icmp_type": 0, "icmp_code": 0}
    return {"rule_no": entry["rule_number"], "action": entry["rule_action"], **kept, **rest}


if __name__ == "__main__":
    sys.exit(main())
