"""The one concrete packet of a path: its ends, its ports, the order of its hops, and its reply."""

from __future__ import annotations

import re

import pytest

from eks_checks.reach.answer import Answer, Hop, Source
from eks_checks.reach.engine import Question, Reachability
from eks_checks.sets import AddressSet
from tests.aws.plans import Object, R, estate, ref
from tests.reach.test_entries import network
from tests.reach.test_flips import IN_VPC, _all, group, host, rule

WORLD = rule({"cidr_ipv4": "0.0.0.0/0"})
EVERYWHERE_OUT = rule({"cidr_ipv4": "0.0.0.0/0"}, None, "egress", "b")
ELSEWHERE = R(
    "aws_subnet.b",
    {"cidr_block": "10.0.2.0/24", "map_public_ip_on_launch": False},
    {"id": True, "vpc_id": True},
    IN_VPC,
)


def far(name: str, of: str) -> R:
    """An instance in the other subnet."""
    made = host(name, of)
    return R(
        made.address, made.values, made.unknown, {**made.expressions, "subnet_id": ref("aws_subnet.b.id")}
    )


def acl(*out: Object) -> R:
    """The target's network ACL: everything in, and these entries out."""
    return R(
        "aws_network_acl.n",
        {"ingress": [_all(100)], "egress": list(out)},
        {"id": True, "vpc_id": True, "subnet_ids": [True]},
        {**IN_VPC, "subnet_ids": ref("aws_subnet.a.id")},
    )


def back(low: int, high: int) -> Object:
    return {**_all(100), "protocol": "6", "from_port": low, "to_port": high}


def answer(*more: R, **question: object) -> Answer:
    resources = {
        r.address: r
        for r in (*network(public=True, routed=True), group("g"), host("host", "g"), WORLD, *more)
    }
    asked: Object = {"targets": ("aws_instance.host",), "families": ("ipv4",), "explain": True, **question}
    [found] = Reachability(estate(*resources.values())).answers(Question(**asked))
    return found


def source(found: Answer, scope: str, resource: str = "") -> Source:
    [one] = [s for s in found.sources if s.scope == scope and (not resource or s.resource == resource)]
    return one


def hop(path: tuple[Hop, ...], layer: str) -> Hop:
    return next(hop for hop in path if hop.layer == layer)


def test_from_the_internet() -> None:
    path = source(answer(), "internet").path
    assert [h.layer for h in path] == [
        "source",
        "address",
        "network_acl",
        "security_group",
        "target",
        "reply",
        "route",
    ]
    sent, taken = hop(path, "source"), hop(path, "target")
    found = re.fullmatch(r"tcp ([\d.]+):(\d+) -> ([\d.]+):22", sent.rule)
    assert found is not None
    start, port, end = found.groups()
    assert end in AddressSet.from_cidr("10.0.1.0/24")
    assert 1024 <= int(port) <= 65535
    assert taken.rule == f"tcp {end}:22 -> {start}:{port}"
    assert "sent to the public address of aws_instance.host" in sent.text
    assert "only" not in taken.text


def test_between_two_subnets_the_hops_are_in_the_order_of_travel() -> None:
    found = answer(ELSEWHERE, group("b"), far("bastion", "b"), EVERYWHERE_OUT)
    path = source(found, "interface", "aws_instance.bastion").path
    assert [h.layer for h in path] == [
        "source",
        "egress",
        "network_acl",
        "route",
        "network_acl",
        "security_group",
        "target",
        "reply",
        "route",
        "reply",
    ]
    assert "leaving aws_subnet.b" in path[2].text
    assert "entering aws_subnet.a" in path[4].text
    assert "leaving aws_subnet.a" in path[7].text
    assert "entering aws_subnet.b" in path[9].text


def test_inside_one_subnet_the_packet_has_two_ends() -> None:
    found = answer(group("b"), host("bastion", "b"), EVERYWHERE_OUT)
    sent = hop(source(found, "interface", "aws_instance.bastion").path, "source").rule
    start, end = re.findall(r"10\.0\.1\.\d+", sent)
    assert start != end


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1024, 65535, ""),
        (32768, 60999, "; replies pass to client ports 32768-60999 only"),
        (1024, 2000, "; replies pass to client ports 1024-2000 only"),
    ],
)
def test_the_reply_names_the_ports_it_gets_back_to(low: int, high: int, said: str) -> None:
    """B10: one client port is enough; where not all pass, which ones do."""
    path = source(answer(acl(back(low, high))), "internet").path
    taken = hop(path, "target")
    assert taken.text.partition(taken.rule)[2] == said
    assert low <= int(taken.rule.rpartition(":")[2]) <= high


def test_an_echo_has_no_ports() -> None:
    everything = rule({"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "-1", "from_port": None, "to_port": None})
    path = source(answer(everything, protocol="icmp"), "internet").path
    assert re.fullmatch(r"icmp echo request [\d.]+ -> [\d.]+", hop(path, "source").rule)
    assert re.fullmatch(r"icmp echo reply [\d.]+ -> [\d.]+", hop(path, "target").rule)


def test_udp_goes_to_the_port_that_was_asked_for() -> None:
    dns = rule({"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "udp", "from_port": 53, "to_port": 53})
    sent = hop(source(answer(dns, protocol="udp", ports=(53, 53)), "internet").path, "source").rule
    assert sent.startswith("udp ")
    assert sent.endswith(":53")


def test_a_stand_in_is_never_told() -> None:
    """The block is AWS's to choose: the packet has an address that nobody knows yet."""
    six = [
        R(
            "aws_vpc.this",
            {"cidr_block": "10.0.0.0/16", "assign_generated_ipv6_cidr_block": True},
            {"id": True, "default_security_group_id": True, "ipv6_cidr_block": True},
        ),
        R(
            "aws_subnet.a",
            {"cidr_block": "10.0.1.0/24", "assign_ipv6_address_on_creation": True},
            {"id": True, "vpc_id": True, "ipv6_cidr_block": True},
            {**IN_VPC, "ipv6_cidr_block": ref("aws_vpc.this.ipv6_cidr_block")},
        ),
        rule({"cidr_ipv6": "::/0"}),
    ]
    found = answer(*six, families=("ipv6",))
    sent = hop(source(found, "vpc").path, "source").rule
    assert sent == "tcp (address known after apply):49152 -> (address known after apply):22"
    assert "3fff" not in repr(found)
