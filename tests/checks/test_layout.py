"""EKS103, 104, 105, 106: the corners that their fixtures do not have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eks_checks.aws.eks import Endpoint
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Cause, Pointer, Truth
from eks_checks.aws.load_balancing import Balancing, ConnectEndpoint
from eks_checks.aws.role_tags import INTERNAL_ROLE, PUBLIC_ROLE, RoleTag
from eks_checks.aws.vpc import LANDS_IN_DEFAULT, TargetKind
from eks_checks.aws.ways_out import NatGateway
from eks_checks.checks.check import Check, Outcome, View
from eks_checks.checks.eks103_node_subnet_no_egress import eks103
from eks_checks.checks.eks104_public_subnet_workload import eks104
from eks_checks.checks.eks105_load_balancer_subnet_tags import eks105
from eks_checks.checks.eks106_node_subnet_shared import eks106
from eks_checks.settings import Settings
from tests.checks import builders as b

IGW = TargetKind.INTERNET_GATEWAY
PUBLIC = b.table(b.route("0.0.0.0/0", IGW))
KEYS = (b.cluster(endpoint=Endpoint(private=YES)),)


def outcomes(check: Check, view: View) -> dict[str, Outcome]:
    """What the check says, by resource."""
    return {outcome.resource: outcome for outcome in check.run(view)}


# --- EKS103 ---------------------------------------------------------------------------------------


def test_nodes_without_any_way_out_fail_and_all_endpoints_are_named() -> None:
    outcome = b.World(interfaces=(b.node(b.shape()),), clusters=KEYS).only(eks103)
    assert (outcome.resource, outcome.verdict) == (b.SUBNET, "fail")
    for service in ("ec2", "ecr.api", "ecr.dkr", "s3", "sts"):
        assert service in outcome.message
    assert "private endpoint" not in outcome.message


def test_a_missing_private_endpoint_is_told() -> None:
    off = b.cluster(endpoint=Endpoint(public=YES, private=NO))
    outcome = b.World(interfaces=(b.node(b.shape()),), clusters=(off,)).only(eks103)
    assert f"the API server of {b.CLUSTER} has no private endpoint" in outcome.message
    assert (b.CLUSTER, "vpc_config[0].endpoint_private_access") in {
        (each.resource, each.attribute) for each in outcome.evidence
    }


def test_public_node_subnets_are_not_judged() -> None:
    assert b.World(interfaces=(b.node(b.shape()),), table=PUBLIC, clusters=KEYS).outcomes(eks103) == {}


def test_nodes_that_may_not_be_there_do_not_fail() -> None:
    perhaps = b.node(b.shape(), certain=False, causes=(b.WHY,))
    outcome = b.World(interfaces=(perhaps,), clusters=KEYS).only(eks103)
    assert outcome.verdict == "possible"
    assert b.WHY.attribute in outcome.message


def test_fargate_needs_less_than_nodes_do() -> None:
    pods = Interface("aws_eks_fargate_profile.x", "fargate", b.SUBNET, (b.shape(),), Pointer((b.CLUSTER,)))
    outcome = b.World(interfaces=(pods,), clusters=KEYS).only(eks103)
    assert outcome.verdict == "fail"
    assert "ecr.api, ecr.dkr and s3" in outcome.message
    assert "sts" not in outcome.message


def test_a_nat_gateway_that_is_only_perhaps_there_is_possible() -> None:
    nat = replace(b.route("0.0.0.0/0", TargetKind.NAT_GATEWAY), gateway=Pointer(("aws_nat_gateway.x",)))
    world = b.World(interfaces=(b.node(b.shape()),), table=b.table(nat), clusters=KEYS)
    view = world.view()
    for doubts, verdict in (((), "pass"), ((b.WHY,), "possible")):
        gateway = NatGateway("aws_nat_gateway.x", "aws_nat_gateway.x", Pointer(), YES, True, doubts)
        estate = replace(view.estate, particulars=b.Told(nat_gateways={gateway.key: gateway}))
        assert outcomes(eks103, replace(view, estate=estate))[b.SUBNET].verdict == verdict


def test_a_node_group_whose_subnet_is_not_told_is_possible() -> None:
    lost = b.node(b.shape(), at=None, causes=(b.WHY,))
    outcome = b.World(interfaces=(lost,), clusters=KEYS).only(eks103)
    assert (outcome.resource, outcome.verdict) == (b.NODES, "possible")


# --- EKS104 ---------------------------------------------------------------------------------------


def public_world(*interfaces: Interface, settings: Settings | None = None) -> b.World:
    """All subnets are public; one cluster."""
    return b.World(
        interfaces=interfaces, table=PUBLIC, clusters=(b.cluster(),), settings=settings or Settings()
    )


def test_a_workload_in_a_public_subnet_fails_unless_it_is_a_declared_bastion() -> None:
    outcome = public_world(b.stranger()).only(eks104)
    assert outcome.verdict == "fail"
    assert "declare it under bastions" in outcome.message
    declared = public_world(b.stranger(), settings=Settings(bastions=(b.BASTION,)))
    assert declared.only(eks104).verdict == "pass"


def test_nodes_and_what_eks_makes_are_not_judged() -> None:
    perhaps = b.node(b.shape(), resource="aws_autoscaling_group.x", node=Truth(None, (b.WHY,)))
    world = public_world(b.node(b.shape()), b.control_plane(), perhaps)
    assert world.outcomes(eks104) == {}


def test_without_a_cluster_there_is_no_vpc_to_judge() -> None:
    assert b.World(interfaces=(b.stranger(),), table=PUBLIC).outcomes(eks104) == {}


@pytest.mark.parametrize(
    ("reason", "verdict"), [("known after apply", "possible"), (f"unset: {LANDS_IN_DEFAULT}", None)]
)
def test_an_unknown_subnet_is_possible_and_an_unset_one_is_the_default_vpc(
    reason: str, verdict: str | None
) -> None:
    lost = replace(b.stranger(), subnet=None, certain=False, causes=(Cause(b.BASTION, "subnet_id", reason),))
    found = public_world(lost).outcomes(eks104)
    assert (found[b.BASTION].verdict if found else None) == verdict


def test_an_instance_connect_endpoint_sits_there_as_well() -> None:
    view = public_world().view()
    endpoint = ConnectEndpoint(
        "aws_ec2_instance_connect_endpoint.x",
        "aws_ec2_instance_connect_endpoint.x",
        b.exactly(b.SUBNET),
        b.exactly(b.BASTION_SG),
        NO,
    )
    estate = replace(view.estate, balancing=Balancing({}, {}, (), (endpoint,)))
    assert outcomes(eks104, replace(view, estate=estate))[endpoint.resource].verdict == "fail"


def test_routes_that_are_not_known_are_possible() -> None:
    world = replace(public_world(b.stranger()), table=b.table(open_=True))
    assert world.only(eks104).verdict == "possible"


# --- EKS105 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "there", "kind", "verdict"),
    [
        (PUBLIC_ROLE, YES, IGW, "pass"),
        (PUBLIC_ROLE, YES, TargetKind.NAT_GATEWAY, "fail"),
        (INTERNAL_ROLE, YES, IGW, "fail"),
        (INTERNAL_ROLE, YES, TargetKind.NAT_GATEWAY, "pass"),
        (INTERNAL_ROLE, YES, TargetKind.UNKNOWN, "possible"),
        (INTERNAL_ROLE, b.MAYBE, IGW, "possible"),
        (INTERNAL_ROLE, b.MAYBE, TargetKind.NAT_GATEWAY, "pass"),
    ],
)
def test_the_tag_against_the_routes(key: str, there: Truth, kind: TargetKind, verdict: str) -> None:
    view = b.World(table=b.table(b.route("0.0.0.0/0", kind))).view()
    tags = b.Told(role_tags={b.SUBNET: (RoleTag(key, there, b.SUBNET),)})
    [outcome] = eks105.run(replace(view, estate=replace(view.estate, particulars=tags)))
    assert outcome.verdict == verdict
    assert bool(outcome.evidence) is (verdict != "pass")


# --- EKS106 ---------------------------------------------------------------------------------------


def shared(*others: Interface) -> Outcome:
    """What is said of the nodes' subnet when these are there too."""
    return b.World(interfaces=(b.node(b.shape()), *others), clusters=(b.cluster(),)).outcomes(eks106)[
        b.SUBNET
    ]


def test_strangers_in_the_nodes_subnet_fail_and_elsewhere_do_not() -> None:
    assert shared(b.stranger()).verdict == "pass"
    outcome = shared(b.stranger(at=b.SUBNET))
    assert outcome.verdict == "fail"
    assert outcome.evidence[0].resource == b.BASTION


def test_the_clusters_own_are_no_strangers() -> None:
    own = replace(b.control_plane(), subnet=b.SUBNET)
    more = b.node(b.shape(), resource="aws_eks_node_group.more")
    assert shared(own, more).verdict == "pass"


def test_another_clusters_nodes_are() -> None:
    other = b.node(
        b.shape(), resource="aws_eks_node_group.other", cluster=Pointer(("aws_eks_cluster.other",))
    )
    outcome = shared(other)
    assert outcome.verdict == "fail"
    assert "aws_eks_node_group.other" in outcome.message


def test_endpoints_of_services_are_meant() -> None:
    endpoint = b.stranger(resource='module.x.aws_vpc_endpoint.this["sts"]', at=b.SUBNET)
    assert shared(endpoint).verdict == "pass"


@pytest.mark.parametrize(
    ("reason", "wanted"), [("known after apply", "possible"), (f"unset: {LANDS_IN_DEFAULT}", "pass")]
)
def test_a_stranger_in_a_subnet_that_is_not_told_may_be_there(reason: str, wanted: str) -> None:
    lost = replace(b.stranger(), subnet=None, certain=False, causes=(Cause(b.BASTION, "subnet_id", reason),))
    assert shared(lost).verdict == wanted
    mine = b.node(b.shape(), at=None, resource="aws_eks_node_group.lost", certain=False, causes=(b.WHY,))
    assert shared(mine).verdict == "pass"


def test_who_may_be_there_or_may_be_a_node_is_possible() -> None:
    perhaps = replace(b.stranger(at=b.SUBNET), certain=False, causes=(b.WHY,))
    assert shared(perhaps).verdict == "possible"
    joining = replace(b.stranger(at=b.SUBNET), node=Truth(None, (b.WHY,)), cluster=Pointer(open=True))
    outcome = shared(joining)
    assert outcome.verdict == "possible"
    assert b.WHY.resource in outcome.message
