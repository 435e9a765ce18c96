"""A small network with every id known: public subnets, private ones with nodes, and what a test adds."""

from __future__ import annotations

from typing import Any

from eks_checks.aws.estate import Estate
from eks_checks.reach.answer import Answer, Source
from eks_checks.reach.engine import Question, Reachability
from tests.aws.plans import R, estate

EVERYWHERE = "0.0.0.0/0"
OFFICE = "11.22.33.0/24"
ZONES = ("eu-central-1a", "eu-central-1b")
WORKERS = "aws_autoscaling_group.workers"


def group(name: str, **values: Any) -> R:
    """A security group without rules."""
    return R(f"aws_security_group.{name}", {"id": f"sg-{name}", "vpc_id": "vpc-1", "name": name, **values})


def lets(
    name: str, ports: tuple[int, int], *peers: str, direction: str = "ingress", protocol: str = "tcp"
) -> R:
    """Rules of a group for ports: each peer is a CIDR, or the name of a group."""
    cidrs = [peer for peer in peers if "/" in peer and ":" not in peer]
    ipv6 = [peer for peer in peers if ":" in peer]
    others = [peer for peer in peers if "/" not in peer]
    return R(
        f"aws_security_group_rule.{name}_{direction}_{protocol}_{ports[0]}_{'_'.join(others)}",
        {
            "type": direction,
            "security_group_id": f"sg-{name}",
            "protocol": protocol,
            "from_port": ports[0],
            "to_port": ports[1],
            **({"cidr_blocks": cidrs} if cidrs else {}),
            **({"ipv6_cidr_blocks": ipv6} if ipv6 else {}),
            **({"source_security_group_id": f"sg-{others[0]}"} if others else {}),
        },
    )


def subnet(name: str, number: int, zone: int = 0, **values: Any) -> R:
    """10.0.NUMBER.0/24 of the VPC."""
    block = f"10.0.{number}.0/24"
    given = {"id": f"subnet-{name}", "vpc_id": "vpc-1", "cidr_block": block, "availability_zone": ZONES[zone]}
    return R(f"aws_subnet.{name}", {**given, **values})


def nacl(name: str, *entries: tuple[bool, int, str, int, int], subnets: tuple[str, ...]) -> R:
    """A network ACL: (whether inbound, number, CIDR, from port, to port) of tcp, all of them allowing."""
    made: dict[str, list[dict[str, Any]]] = {"ingress": [], "egress": []}
    for inbound, number, cidr, low, high in entries:
        made["ingress" if inbound else "egress"].append(
            {
                "rule_no": number,
                "action": "allow",
                "protocol": "tcp",
                "cidr_block": cidr,
                "from_port": low,
                "to_port": high,
            }
        )
    where = [f"subnet-{each}" for each in subnets]
    values = {"id": f"acl-{name}", "vpc_id": "vpc-1", "subnet_ids": where, **made}
    return R(f"aws_network_acl.{name}", values)


NETWORK = (
    R("aws_vpc.this", {"id": "vpc-1", "cidr_block": "10.0.0.0/16"}),
    R("aws_internet_gateway.this", {"id": "igw-1", "vpc_id": "vpc-1"}),
    subnet("edge_a", 0, 0),
    subnet("edge_b", 1, 1),
    subnet("nodes_a", 10, 0),
    subnet("nodes_b", 11, 1),
    R(
        "aws_route_table.edge",
        {
            "id": "rtb-1",
            "vpc_id": "vpc-1",
            "route": [{"cidr_block": EVERYWHERE, "gateway_id": "igw-1"}],
        },
    ),
    *(
        R(
            f"aws_route_table_association.edge_{zone}",
            {"subnet_id": f"subnet-edge_{zone}", "route_table_id": "rtb-1"},
        )
        for zone in "ab"
    ),
    group("lb"),
    group("node"),
    lets("lb", (0, 65535), EVERYWHERE, direction="egress"),
)


def workers(*subnets: str, **values: Any) -> tuple[R, ...]:
    """Self-managed nodes with the group ``node``."""
    template = {"id": "lt-1", "vpc_security_group_ids": ["sg-node"], "latest_version": 1}
    given = {
        "id": "workers",
        "name": "workers",
        "vpc_zone_identifier": [f"subnet-{each}" for each in subnets or ("nodes_a", "nodes_b")],
        "launch_template": [{"id": "lt-1", "version": "1"}],
        "tag": [{"key": "kubernetes.io/cluster/prod", "value": "owned", "propagate_at_launch": True}],
    }
    return (
        R("aws_launch_template.workers", template),
        R(WORKERS, {**given, **values}),
    )


def balancer(kind: str = "application", subnets: tuple[str, ...] = ("edge_a", "edge_b"), **values: Any) -> R:
    """A public load balancer with the group ``lb``, unless ``values`` say otherwise."""
    given = {
        "id": "arn:lb",
        "arn": "arn:lb",
        "load_balancer_type": kind,
        "internal": False,
        "subnets": [f"subnet-{each}" for each in subnets],
        "security_groups": ["sg-lb"],
    }
    return R("aws_lb.this", {**given, **values})


def listener(port: int = 443, protocol: str = "HTTPS", **values: Any) -> R:
    """A listener of that balancer which forwards everything to the target group."""
    given = {
        "id": "arn:listener",
        "arn": "arn:listener",
        "load_balancer_arn": "arn:lb",
        "port": port,
        "protocol": protocol,
        "default_action": [{"type": "forward", "target_group_arn": "arn:tg"}],
    }
    return R("aws_lb_listener.this", {**given, **values})


def target_group(port: int = 30080, protocol: str = "HTTP", **values: Any) -> R:
    """The target group."""
    given = {
        "id": "arn:tg",
        "arn": "arn:tg",
        "vpc_id": "vpc-1",
        "port": port,
        "protocol": protocol,
        "target_type": "instance",
    }
    return R("aws_lb_target_group.this", {**given, **values})


REGISTERED = R(
    "aws_autoscaling_attachment.this", {"autoscaling_group_name": "workers", "lb_target_group_arn": "arn:tg"}
)


def asked(found: Estate, port: int = 30080, **question: Any) -> dict[tuple[str, str | None], Answer]:
    """(resource, subnet without its type) to the answer."""
    asks = Question(ports=(port, port), **{"families": ("ipv4",), **question})
    answers = Reachability(found).answers(asks)
    return {(a.resource, (a.subnet or "").removeprefix("aws_subnet.") or None): a for a in answers}


def through(*resources: R, port: int = 30080, where: str = "nodes_a", **question: Any) -> list[Source]:
    """The load balancer sources of the nodes in one subnet."""
    answer = asked(estate(*NETWORK, *resources), port, **question)[WORKERS, where]
    return [source for source in answer.sources if source.scope == "load_balancer"]


def said(sources: list[Source]) -> list[tuple[str, tuple[str, ...]]]:
    """Verdict and prefixes of each."""
    return [(source.verdict.value, source.cidrs or source.cidrs_of) for source in sources]
