"""EKS101, 102, 201, 202, 203, 204, 205: what fails, what passes, what cannot be decided."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.aws.knowledge import YES, KeySet, Pointer, Truth, exactly
from eks_checks.aws.vpc import Attached, TargetKind
from eks_checks.checks.eks101_node_public_subnet import eks101
from eks_checks.checks.eks102_node_public_address import eks102
from eks_checks.checks.eks201_node_ssh_from_internet import eks201
from eks_checks.checks.eks202_node_ssh_from_pods import eks202
from eks_checks.checks.eks203_node_ssh_beyond_bastion import eks203
from eks_checks.checks.eks204_node_group_ssh_open import eks204
from eks_checks.findings import Severity
from eks_checks.reach.answer import Verdict
from eks_checks.settings import Settings
from tests.checks import builders as b

IGW = TargetKind.INTERNET_GATEWAY
POSSIBLE = Verdict.POSSIBLE


# --- EKS101 ---------------------------------------------------------------------------------------


def test_a_route_to_an_internet_gateway_makes_the_subnet_public_whatever_its_destination() -> None:
    for destination in ("0.0.0.0/0", "203.0.113.0/24", "::/0"):
        world = b.World(interfaces=(b.node(b.shape()),), table=b.table(b.route(destination, IGW)))
        outcome = world.only(eks101)
        assert outcome.verdict == "fail"
        assert b.SUBNET in outcome.message
        assert outcome.evidence[0].resource == b.TABLE
        assert outcome.evidence[0].location == b.HERE


def test_a_blackhole_leads_nowhere() -> None:
    gone = replace(b.route("0.0.0.0/0", TargetKind.UNKNOWN), gateway=Pointer())
    assert b.World(interfaces=(b.node(b.shape()),), table=b.table(gone)).only(eks101).verdict == "pass"


def test_nat_and_egress_only_are_private() -> None:
    routes = (b.route("0.0.0.0/0", TargetKind.NAT_GATEWAY), b.route("::/0", TargetKind.EGRESS_ONLY))
    assert b.World(interfaces=(b.node(b.shape()),), table=b.table(*routes)).only(eks101).verdict == "pass"


def test_one_public_subnet_of_two_fails_the_group_and_names_only_that_one() -> None:
    private = b.subnet(b.OTHER_SUBNET, route_table=Attached(("aws_route_table.other",)))
    world = b.World(
        interfaces=(b.node(b.shape()), b.node(b.shape(), at=b.OTHER_SUBNET)),
        table=b.table(b.route("0.0.0.0/0", IGW)),
        subnets=(private,),
    )
    view = world.view()
    view.estate.route_tables["aws_route_table.other"] = b.table()  # type: ignore[index]
    [outcome] = eks101.run(view)
    assert outcome.verdict == "fail"
    assert b.OTHER_SUBNET not in outcome.message


def test_unknown_tables_routes_and_subnets_are_possible() -> None:
    unknown = b.subnet(b.SUBNET, route_table=Attached((TABLE2,), open=True))
    worlds = [
        b.World(interfaces=(b.node(b.shape(), at=None, causes=(b.WHY,)),)),
        b.World(interfaces=(b.node(b.shape()),), table=b.table(open_=True)),
        b.World(interfaces=(b.node(b.shape()),), table=b.table(b.route("0.0.0.0/0", TargetKind.UNKNOWN))),
        b.World(interfaces=(b.node(b.shape()),), table=b.table(b.route("0.0.0.0/0", IGW, certain=False))),
        b.World(interfaces=(b.node(b.shape()),), subnets=(unknown,)),
        b.World(
            interfaces=(b.node(b.shape(), certain=False, causes=(b.WHY,)),),
            table=b.table(b.route("0.0.0.0/0", IGW)),
        ),
    ]
    for world in worlds:
        assert world.only(eks101).verdict == "possible"


TABLE2 = "aws_route_table.elsewhere"


def test_no_nodes_no_outcome() -> None:
    assert b.World(interfaces=(b.stranger(),)).outcomes(eks101) == {}


# --- EKS102 ---------------------------------------------------------------------------------------


def test_a_public_ipv4_address_fails_and_names_who_gives_it() -> None:
    world = b.World(interfaces=(b.node(b.shape(public_ipv4=YES, public_origin=b.SUBNET)),))
    outcome = world.only(eks102)
    assert outcome.verdict == "fail"
    assert outcome.evidence[0].resource == b.SUBNET
    assert "public IPv4" in outcome.message


def test_a_public_address_without_a_route_is_one_step_less_severe() -> None:
    node = b.node(b.shape(public_ipv4=YES))
    for routes, severity in (((), Severity.MEDIUM), ((b.route("0.0.0.0/0", IGW),), Severity.HIGH)):
        outcome = b.World(interfaces=(node,), table=b.table(*routes)).only(eks102)
        assert (outcome.verdict, b.severity_of(eks102, outcome)) == ("fail", severity)
        assert ("medium instead of high" in outcome.message) is (severity is Severity.MEDIUM)


def test_an_ipv6_address_fails_only_with_an_ipv6_route_to_an_internet_gateway() -> None:
    node = b.node(b.shape(ipv6=YES))
    for destination, kind, verdict in (
        ("::/0", IGW, "fail"),
        ("0.0.0.0/0", IGW, "pass"),
        ("::/0", TargetKind.EGRESS_ONLY, "pass"),
        ("::/0", TargetKind.UNKNOWN, "possible"),
    ):
        world = b.World(interfaces=(node,), table=b.table(b.route(destination, kind)))
        assert world.only(eks102).verdict == verdict, (destination, kind)


def test_an_unknown_address_setting_is_possible() -> None:
    outcome = b.World(interfaces=(b.node(b.shape(public_ipv4=b.MAYBE)),)).only(eks102)
    assert outcome.verdict == "possible"
    assert b.WHY.resource in outcome.message


# --- EKS201 ---------------------------------------------------------------------------------------


def test_the_internet_is_critical_and_the_rule_is_named() -> None:
    outcome = b.World(answers=(b.answer(b.INTERNET),)).only(eks201)
    assert (outcome.verdict, b.severity_of(eks201, outcome)) == ("fail", Severity.CRITICAL)
    assert outcome.message.startswith("The internet (0.0.0.0/0) reaches tcp 22")
    assert outcome.evidence[0].resource == b.NODE_SG
    assert outcome.evidence[0].location == b.HERE


def test_both_families_and_subnets_are_one_outcome() -> None:
    six = replace(b.INTERNET, cidrs=("::/0",))
    answers = (b.answer(b.INTERNET), b.answer(six, family="ipv6", subnet=b.OTHER_SUBNET))
    outcome = b.World(answers=answers).only(eks201)
    assert "IPv4 and IPv6" in outcome.message
    assert b.OTHER_SUBNET in outcome.message


def test_nothing_listens_lowers_by_one_step_and_says_so() -> None:
    quiet = b.answer(b.INTERNET, listener="no", listener_note="Bottlerocket without a key")
    outcome = b.World(answers=(quiet,)).only(eks201)
    assert outcome.severity is Severity.HIGH
    assert "Bottlerocket without a key" in outcome.message
    assert "high instead of critical" in outcome.message


def test_one_listening_target_keeps_the_severity() -> None:
    answers = (b.answer(b.INTERNET, listener="no"), b.answer(b.INTERNET, subnet=b.OTHER_SUBNET))
    assert b.World(answers=answers).only(eks201).severity is Severity.CRITICAL


def test_latent_fails_one_step_lower_and_says_what_is_missing() -> None:
    latent = replace(b.INTERNET, verdict=Verdict.BLOCKED, missing="public_address")
    outcome = b.World(answers=(b.answer(latent=(latent,)),)).only(eks201)
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.HIGH)
    assert "no public address" in outcome.message
    both = b.answer(latent=(latent,), listener="no")
    assert b.World(answers=(both,)).only(eks201).severity is Severity.HIGH


def test_possible_names_what_decides() -> None:
    maybe = b.source("internet", verdict=POSSIBLE, cidrs=("0.0.0.0/0",))
    outcome = b.World(answers=(b.answer(maybe),)).only(eks201)
    assert outcome.verdict == "possible"
    assert f"{b.WHY.resource}.{b.WHY.attribute} decides" in outcome.message


def test_other_scopes_are_not_the_internet() -> None:
    assert b.World(answers=(b.answer(b.FROM_VPC, b.PODS),)).only(eks201).verdict == "pass"


# --- EKS202 ---------------------------------------------------------------------------------------


def test_pods_fail_and_their_own_node_is_told_once() -> None:
    answers = (b.answer(b.PODS), b.answer(b.PODS, subnet=b.OTHER_SUBNET))
    outcome = b.World(answers=answers).only(eks202)
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.MEDIUM)
    assert outcome.message.count("the node it runs on meets no security group") == 1


def test_mitigated_pods_and_nodes_alone_pass() -> None:
    mitigated = replace(b.PODS, mitigated_by=("kubernetes_network_policy.x",))
    nodes = replace(b.PODS, scope="interface")
    assert b.World(answers=(b.answer(mitigated, nodes),)).only(eks202).verdict == "pass"


def test_possible_pods_are_possible() -> None:
    maybe = b.source("pods", b.NODES, POSSIBLE, subnet=b.OTHER_SUBNET)
    assert b.World(answers=(b.answer(maybe),)).only(eks202).verdict == "possible"


# --- EKS203 ---------------------------------------------------------------------------------------

FAMILY = (b.node(b.shape()), b.control_plane(), b.stranger())


def own(*sources: object, **changes: object) -> b.World:
    return b.World(
        interfaces=FAMILY,
        clusters=(b.cluster(),),
        answers=(b.answer(*sources),),  # type: ignore[arg-type]
        **changes,  # type: ignore[arg-type]
    )


def test_the_clusters_own_nodes_pods_and_control_plane_are_meant() -> None:
    nodes = replace(b.PODS, scope="interface")
    assert own(b.PODS, nodes, b.CONTROL_PLANE, b.INTERNET).only(eks203).verdict == "pass"


def test_an_undeclared_bastion_fails_and_the_message_says_that_none_is_declared() -> None:
    outcome = own(b.FROM_BASTION).only(eks203)
    assert outcome.verdict == "fail"
    assert b.BASTION in outcome.message
    assert "No bastion is declared" in outcome.message


def test_a_declared_bastion_passes_by_address_and_by_cidr() -> None:
    for bastions in ((b.BASTION,), ("10.0.0.0/24",), ("*bastion*",)):
        assert own(b.FROM_BASTION, settings=Settings(bastions=bastions)).only(eks203).verdict == "pass"


def test_vpc_addresses_fail_for_what_is_not_the_bastions() -> None:
    settings = Settings(bastions=("10.0.0.0/17",))
    outcome = own(b.FROM_VPC, settings=settings).only(eks203)
    assert outcome.verdict == "fail"
    assert "10.0.128.0/17" in outcome.message
    assert "10.0.0.0/17" not in outcome.message


def test_a_range_that_is_not_known_yet_is_beyond_the_bastion() -> None:
    unknown = replace(b.FROM_VPC, cidrs=None, cidrs_of=("aws_vpc.this.ipv6_cidr_block",))
    outcome = own(unknown, settings=Settings(bastions=("10.0.0.0/8",))).only(eks203)
    assert outcome.verdict == "fail"
    assert "aws_vpc.this.ipv6_cidr_block" in outcome.message


def test_joined_networks_and_other_clusters_fail() -> None:
    other = b.node(
        b.shape(), resource="aws_eks_node_group.other", cluster=Pointer(("aws_eks_cluster.other",))
    )
    pods = replace(b.PODS, resource="aws_eks_node_group.other")
    peer = b.source("peering", "aws_vpc_peering_connection.x", cidrs=("10.9.0.0/16",))
    for stranger in (pods, peer):
        world = own(stranger)
        world.interfaces = (*FAMILY, other)
        assert world.only(eks203).verdict == "fail"


def test_a_node_of_a_cluster_that_cannot_be_told_is_possible() -> None:
    unsure = b.node(
        b.shape(), resource="aws_autoscaling_group.x", cluster=Pointer((b.CLUSTER,), True), node=Truth(None)
    )
    world = own(replace(b.PODS, resource="aws_autoscaling_group.x"))
    world.interfaces = (*FAMILY, unsure)
    outcome = world.only(eks203)
    assert outcome.verdict == "possible"
    assert "aws_autoscaling_group.x" in outcome.message


# --- EKS204 ---------------------------------------------------------------------------------------


def remote(**changes: object) -> b.World:
    group = b.node_group(remote_access=YES, ssh_key=YES, **changes)
    return b.World(
        node_groups=(group,), answers=(b.answer(b.INTERNET),), rdp=(b.answer(b.INTERNET, port="3389"),)
    )


def test_remote_access_without_sources_is_critical() -> None:
    outcome = remote().only(eks204)
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.CRITICAL)
    assert "tcp 22" in outcome.message


def test_windows_opens_3389_and_the_message_says_so() -> None:
    outcome = remote(windows=YES).only(eks204)
    assert "3389" in outcome.message
    assert "tcp 22" not in outcome.message


def test_source_groups_pass_and_unknown_ones_are_possible() -> None:
    assert remote(remote_access_sources=exactly(b.BASTION_SG)).only(eks204).verdict == "pass"
    open_ = KeySet(open=True, causes=(b.WHY,))
    assert remote(remote_access_sources=open_).only(eks204).verdict == "possible"
    assert b.World(node_groups=(b.node_group(remote_access=b.MAYBE),)).only(eks204).verdict == "possible"
    assert b.World(node_groups=(b.node_group(),)).only(eks204).verdict == "pass"


def test_one_step_lower_where_no_internet_address_gets_in() -> None:
    world = remote()
    latent = replace(b.INTERNET, verdict=Verdict.BLOCKED, missing="public_address")
    world.answers = (b.answer(b.FROM_VPC, latent=(latent,)),)
    outcome = world.only(eks204)
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.HIGH)
    assert "no internet address gets in" in outcome.message
