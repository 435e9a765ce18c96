"""Any target: what ``--to`` may name, the cluster's endpoint, databases and the like."""

from __future__ import annotations

import pytest

from eks_checks.errors import UsageError
from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.engine import Question, Reachability
from eks_checks.sets import AddressSet
from tests.aws.plans import CLUSTER, GROUP, OPAQUE, SUBNET, VPC, WORLD, Object, R, estate, nodes, ref

API = (443, 443)


def cluster(values: Object | None = None, unknown: Object | None = None) -> R:
    """The cluster with these settings of its endpoint."""
    config = {"endpoint_public_access": True, "endpoint_private_access": False, **(values or {})}
    hidden = {"subnet_ids": [True], "cluster_security_group_id": True, **(unknown or {})}
    expressions = {"subnet_ids": ref("aws_subnet.a.id"), **dict.fromkeys(unknown or {}, OPAQUE)}
    return R(
        CLUSTER.address,
        {"name": "prod", "vpc_config": [config]},
        {"id": True, "vpc_config": [hidden]},
        {"vpc_config": [expressions]},
    )


def instance(name: str, group: str = "aws_security_group.node") -> R:
    return R(
        f"aws_instance.{name}",
        {"ami": "ami-1"},
        {"subnet_id": True, "vpc_security_group_ids": [True]},
        {"subnet_id": ref("aws_subnet.a.id"), "vpc_security_group_ids": ref(f"{group}.id")},
    )


def group(name: str) -> R:
    return R(
        f"aws_security_group.{name}", {}, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")}
    )


def rule(name: str, of: str, peer: str, port: int, direction: str = "ingress") -> R:
    """A rule of one group that names another."""
    return R(
        f"aws_vpc_security_group_{direction}_rule.{name}",
        {"ip_protocol": "tcp", "from_port": port, "to_port": port},
        {"security_group_id": True, "referenced_security_group_id": True},
        {
            "security_group_id": ref(f"aws_security_group.{of}.id"),
            "referenced_security_group_id": ref(f"aws_security_group.{peer}.id"),
        },
    )


def world(*more: R, api: R | None = None) -> tuple[R, ...]:
    return (VPC, SUBNET, GROUP, api or cluster(), *more)


def answers(resources: tuple[R, ...], **question: object) -> tuple[Answer, ...]:
    asked: Object = {"families": ("ipv4",), "ports": API, **question}
    return Reachability(estate(*resources)).answers(Question(**asked))


DATABASE = (
    R(
        "aws_db_subnet_group.this",
        {"name": "data"},
        {"id": True, "subnet_ids": [True]},
        {"subnet_ids": ref("aws_subnet.a.id")},
    ),
    R(
        "aws_db_instance.this",
        {"db_subnet_group_name": "data", "publicly_accessible": False},
        {"id": True, "vpc_security_group_ids": [True]},
        {"vpc_security_group_ids": ref("aws_security_group.data.id")},
    ),
    group("data"),
)


def test_the_public_endpoint_is_open_to_the_world_by_default() -> None:
    """G1: public on, private off, no range given is 0.0.0.0/0."""
    [public] = answers(world(), targets=("aws_eks_cluster.this",))
    assert (public.resource, public.subnet, public.groups) == ("aws_eks_cluster.this", None, ())
    assert (public.verdict, public.public_address, public.listener) == (Verdict.REACHABLE, "yes", "yes")
    [source] = public.sources
    assert (source.scope, source.cidrs) == ("internet", ("0.0.0.0/0",))


def test_the_public_endpoint_admits_its_ranges_as_a_set() -> None:
    api = cluster({"public_access_cidrs": ["8.8.8.0/25", "8.8.8.128/25"]})
    [public] = answers(world(api=api), targets=("aws_eks_cluster.this",), sources=("internet",), explain=True)
    by_verdict = {source.verdict: source for source in public.sources}
    assert by_verdict[Verdict.REACHABLE].cidrs == ("8.8.8.0/24",)
    [hop] = by_verdict[Verdict.REACHABLE].path
    assert "8.8.8.0/25" in hop.rule
    [blocker] = by_verdict[Verdict.BLOCKED].blocked_by
    assert "public_access_cidrs" in blocker.text
    outside = AddressSet.from_cidrs(by_verdict[Verdict.BLOCKED].cidrs or ())
    assert outside.isdisjoint(AddressSet.from_cidr("8.8.8.0/24"))
    assert AddressSet.from_cidr("8.8.9.0/24") <= outside


def test_an_unknown_range_is_possible_and_named() -> None:
    api = cluster(unknown={"public_access_cidrs": True})
    [public] = answers(world(api=api), targets=("aws_eks_cluster.this",))
    assert public.verdict is Verdict.POSSIBLE
    assert [u.attribute for u in public.unknowns] == ["vpc_config[0].public_access_cidrs"]


def test_only_443_is_open_at_the_public_endpoint() -> None:
    found = answers(world(), targets=("aws_eks_cluster.this",), ports=(440, 450))
    assert [(a.port, a.verdict.value) for a in found] == [
        ("440-442", "blocked"),
        ("443", "reachable"),
        ("444-450", "blocked"),
    ]
    [udp] = answers(world(), targets=("aws_eks_cluster.this",), protocol="udp")
    assert udp.verdict is Verdict.BLOCKED


def test_an_ipv4_cluster_has_no_ipv6_endpoint() -> None:
    """G3: dual-stack endpoints are for clusters of IPv6."""
    assert answers(world(), targets=("aws_eks_cluster.this",), families=("ipv6",)) == ()
    six = R(
        CLUSTER.address,
        {**cluster().values, "kubernetes_network_config": [{"ip_family": "ipv6"}]},
        cluster().unknown,
        cluster().expressions,
    )
    found = answers(world(api=six), targets=("aws_eks_cluster.this",), families=("ipv6",))
    assert [(a.subnet, a.verdict, a.sources[0].cidrs) for a in found] == [
        (None, Verdict.REACHABLE, ("::/0",))
    ]


@pytest.mark.parametrize(
    ("private", "unknown", "expected"), [(True, False, "reachable"), (None, True, "possible")]
)
def test_the_private_endpoint_is_on_the_control_plane(
    private: bool | None, unknown: bool, expected: str
) -> None:
    """G2: its groups decide; nodes that carry the cluster group get in (E1, E5)."""
    values = {"endpoint_public_access": False, **({"endpoint_private_access": private} if private else {})}
    api = cluster(values, {"endpoint_private_access": True} if unknown else None)
    found = answers(
        world(nodes(), api=api), targets=("aws_eks_cluster.this",), sources=("aws_eks_node_group.workers",)
    )
    assert [a.subnet for a in found] == ["aws_subnet.a"]
    assert {g.role for g in found[0].groups} == {"cluster"}
    assert {(s.scope, s.verdict.value) for s in found[0].sources} == {
        ("interface", expected),
        ("pods", expected),
    }
    assert any("endpoint_private_access" in u.attribute for u in found[0].unknowns) is unknown


def test_without_a_private_endpoint_no_interface_answers() -> None:
    found = answers(world(nodes()), targets=("aws_eks_cluster.this",))
    assert [a.subnet for a in found] == [None]


def test_a_cluster_without_any_endpoint_is_said_to_have_none() -> None:
    with pytest.raises(UsageError, match="has no API endpoint"):
        answers(world(api=cluster({"endpoint_public_access": False})), targets=("aws_eks_cluster.this",))


def test_a_database_is_a_target_by_name_only() -> None:
    resources = world(*DATABASE, group("app"), instance("app", "aws_security_group.app"))
    assert "aws_db_instance.this" not in {a.resource for a in answers(resources, everything=True)}
    [found] = answers(resources, targets=("aws_db_instance.this",), ports=(5432, 5432))
    assert (found.subnet, found.verdict) == ("aws_subnet.a", Verdict.BLOCKED)
    assert [(g.resource, g.role) for g in found.groups] == [("aws_security_group.data", "attached")]


def test_from_one_interface_to_any_other() -> None:
    resources = world(
        *DATABASE,
        group("app"),
        instance("app", "aws_security_group.app"),
        rule("in", "data", "app", 5432),
        rule("out", "app", "data", 5432, "egress"),
    )
    [found] = answers(
        resources, targets=("aws_db_instance.this",), sources=("aws_instance.app",), ports=(5432, 5432)
    )
    assert [(s.scope, s.verdict.value) for s in found.sources] == [("interface", "reachable")]
    [other] = answers(
        resources, targets=("aws_db_instance.this",), sources=("aws_instance.app",), ports=(3306, 3306)
    )
    assert {b.layer for s in other.sources for b in s.blocked_by} == {"egress", "security_group"}


def test_a_database_is_no_source_and_no_member_of_a_group() -> None:
    """It opens no connections: a rule that names its group lets no one in through it."""
    resources = world(*DATABASE, instance("app"), rule("in", "node", "data", 22))
    [found] = answers(resources, targets=("aws_instance.app",), ports=(22, 22))
    assert found.sources == ()


def test_a_public_database_may_have_a_public_address() -> None:
    shown = R(
        "aws_db_instance.this",
        {"db_subnet_group_name": "data", "publicly_accessible": True},
        DATABASE[1].unknown,
        DATABASE[1].expressions,
    )
    [found] = answers(world(DATABASE[0], shown, DATABASE[2]), targets=("aws_db_instance.this",))
    assert found.public_address == "yes"


def test_with_no_group_named_the_default_group_holds() -> None:
    """A15: the VPC's default group."""
    endpoint = R(
        "aws_vpc_endpoint.ecr",
        {"vpc_endpoint_type": "Interface"},
        {"id": True, "subnet_ids": [True], "security_group_ids": True},
        {"subnet_ids": ref("aws_subnet.a.id")},
    )
    [found] = answers(world(endpoint), targets=("aws_vpc_endpoint.ecr",))
    assert [(g.resource, g.role) for g in found.groups] == [("aws_vpc.this", "default")]


def test_a_gateway_endpoint_has_no_interface() -> None:
    gateway = R("aws_vpc_endpoint.s3", {"vpc_endpoint_type": "Gateway"}, {"id": True})
    with pytest.raises(UsageError, match="no interface's address"):
        answers(world(gateway), targets=("aws_vpc_endpoint.s3",))


@pytest.mark.parametrize("name", ["aws_db_instance.this", "aws_db_instance"])
def test_a_prefix_with_the_type_names_it(name: str) -> None:
    assert {a.resource for a in answers(world(*DATABASE), targets=(name,))} == {"aws_db_instance.this"}


def test_the_hint_tells_what_is_near_and_never_all_of_a_large_network() -> None:
    many = [instance(f"host{n}") for n in range(30)]
    with pytest.raises(UsageError) as near:
        answers(world(*many), targets=("aws_instance.hoost7",))
    assert "did you mean" in near.value.hint
    with pytest.raises(UsageError) as far:
        answers(world(*many), targets=("aws_zebra.x",))
    assert "more" in far.value.hint
    assert len(far.value.hint) < 500


@pytest.mark.parametrize(
    ("protocol", "port", "listens"),
    [
        ("tcp", 10250, "yes"),
        ("tcp", 10255, "unknown"),
        ("tcp", 30080, "unknown"),
        ("udp", 10250, "unknown"),
        ("tcp", 22, "yes"),
    ],
)
def test_what_listens_on_a_node(protocol: str, port: int, listens: str) -> None:
    resources = (*WORLD, nodes())
    [found] = answers(resources, ports=(port, port), protocol=protocol)
    assert found.listener == listens
