"""EKS403: what EKS needs of the nodes, on small estates with the real engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.eks import Endpoint
from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Origin, Pointer, Truth
from eks_checks.aws.vpc import Attached, TargetKind
from eks_checks.aws.ways_out import INTERFACE, VpcEndpoint
from eks_checks.checks.check import Outcome
from eks_checks.checks.eks403_nodes_cut_off import eks403
from eks_checks.findings import Severity, Status
from eks_checks.reach.engine import Reachability
from eks_checks.settings import Settings
from tests.checks import builders as b
from tests.checks.builders import entry
from tests.source_tree import ROOT

FIXTURES = ROOT / "tests" / "fixtures"
PRIVATE = Endpoint(public=NO, private=YES)
EVERYTHING = Rule(b.ALL, Origin("aws_security_group.x", "outbound all traffic"), b.addresses("0.0.0.0/0"))
MEMBERS = b.cluster_group()
OPEN = entry(200, True, "0.0.0.0/0")
INSIDE = tuple(
    entry(number, True, "10.0.0.0/16", *span) for number, span in enumerate([(443, 443), (10250, 10250)], 10)
)


def judge(*interfaces: Interface, **changes: object) -> Outcome:
    """What is said of the node group: by default with the cluster's group, under an open ACL."""
    endpoint = changes.pop("endpoint", PRIVATE)
    endpoints = changes.pop("endpoints", {})
    pods = changes.pop("pods", ())
    cluster = replace(b.cluster(), endpoint=endpoint)  # type: ignore[arg-type]
    groups = changes.pop("groups", (replace(MEMBERS, egress=(EVERYTHING,)),))
    world = b.World(
        interfaces=(*(interfaces or (node(),)), *changes.pop("plane", (plane(),))),  # type: ignore[misc]
        groups=groups,  # type: ignore[arg-type]
        clusters=(cluster,),
        table=b.table(b.route("10.0.0.0/16", TargetKind.LOCAL)),
        acls=changes.pop("acls", (b.acl(OPEN),)),  # type: ignore[arg-type]
        **changes,  # type: ignore[arg-type]
    )
    view = world.view()
    estate = replace(view.estate, pods=pods, particulars=b.Told(vpc_endpoints=endpoints))  # type: ignore[arg-type]
    view = replace(view, estate=estate, reachability=Reachability(estate))
    [outcome] = eks403.run(view)
    return outcome


def node(at: str = b.SUBNET, *, group: str = b.CLUSTER_SG, **changes: object) -> Interface:
    return b.node(b.shape(group), at=at, **changes)


def plane(at: str = b.OTHER_SUBNET) -> Interface:
    return replace(b.control_plane(), subnet=at)


def pods(*at: str, group: str = b.CLUSTER_SG) -> tuple[Interface, ...]:
    return tuple(
        Interface(b.NODES, "pods", subnet, (b.shape(group),), Pointer((b.CLUSTER,))) for subnet in at
    )


def own(*ingress: Rule, egress: tuple[Rule, ...] = (EVERYTHING,)) -> tuple[SecurityGroup, ...]:
    """The cluster's group, and one of the nodes' own with these rules."""
    return (replace(MEMBERS, egress=(EVERYTHING,)), replace(b.group(b.NODE_SG, *ingress), egress=egress))


def test_the_cluster_group_under_an_acl_that_lets_all_pass() -> None:
    assert judge().verdict == "pass"
    assert judge(pods=pods(b.SUBNET, b.OTHER_SUBNET)).verdict == "pass"


def test_every_client_port_of_the_nodes_system_must_get_its_reply() -> None:
    windows_only = (*INSIDE, entry(100, True, "0.0.0.0/0", 49152, 65535))
    outcome = judge(acls=(b.acl(*windows_only),))
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.MEDIUM)
    assert "tcp 443 to the control plane" in outcome.message
    windows = b.node_group(windows=YES)
    assert judge(acls=(b.acl(*windows_only),), node_groups=(windows,)).verdict == "pass"
    linux = (*INSIDE, entry(100, True, "0.0.0.0/0", 32768, 60999))
    assert judge(acls=(b.acl(*linux),)).verdict == "pass"
    assert judge(acls=(b.acl(*linux),), node_groups=(windows,)).verdict == "fail"
    either = (*INSIDE, entry(100, True, "0.0.0.0/0", 49152, 60999))
    unknown = b.node_group(windows=b.MAYBE)
    assert judge(acls=(b.acl(*either),), node_groups=(unknown,)).verdict == "pass", "what both use"


def test_the_deciding_entry_is_named_with_its_line() -> None:
    deny = entry(50, False, "10.0.11.0/24", 10250, 10250)
    outcome = judge(acls=(b.acl(deny, OPEN),))
    assert outcome.verdict == "fail"
    [evidence] = outcome.evidence
    assert "rule 50 deny tcp 10250" in evidence.text
    assert evidence.location == b.HERE


def test_the_private_api_is_asked_only_where_there_is_one() -> None:
    groups = own(b.rule(b.CLUSTER_SG, b.ports(10250, 10250)))
    mine = node(group=b.NODE_SG)
    assert judge(mine, groups=groups).verdict == "fail", "the cluster's group does not admit the nodes' own"
    assert judge(mine, groups=groups, endpoint=Endpoint(public=YES, private=NO)).verdict == "pass"
    maybe = judge(mine, groups=groups, endpoint=Endpoint(public=YES, private=b.MAYBE))
    assert maybe.verdict == "possible"
    assert b.WHY.attribute in maybe.message


def test_where_eks_chooses_the_subnet_it_is_possible_unless_some_node_is_always_left_out() -> None:
    acls = (b.acl(entry(50, False, "10.0.11.0/24", 10250, 10250), OPEN),)
    both = (plane(b.SUBNET), plane(b.OTHER_SUBNET))
    single = judge(acls=acls, plane=both)
    assert single.verdict == "possible"
    assert "vpc_config[0].subnet_ids" in single.message
    each = (entry(50, False, "10.0.10.0/24", 10250, 10250), entry(51, False, "10.0.11.0/24", 10250, 10250))
    spread = judge(node(b.SUBNET), node(b.OTHER_SUBNET), acls=(b.acl(*each, OPEN),), plane=both)
    assert spread.verdict == "fail", "wherever its interfaces are, nodes of the other subnet lack them"


def test_names_are_resolved_on_whatever_nodes_core_dns_runs() -> None:
    acls = (b.acl(entry(50, False, "0.0.0.0/0", 53, 53), OPEN),)
    here = judge(acls=acls, pods=pods(b.SUBNET))
    assert here.verdict == "pass", "inside a subnet no ACL is read"
    spread = judge(node(b.SUBNET), node(b.OTHER_SUBNET), acls=acls, pods=pods(b.SUBNET, b.OTHER_SUBNET))
    assert (spread.verdict, spread.severity) == ("fail", Severity.LOW), "over tcp alone"
    assert "Rated low instead of medium" in spread.message
    udp = replace(acls[0].inbound[0], traffic=b.Bounds.exact(b.TrafficSet.udp(53, 53)))
    deaf = judge(
        node(b.SUBNET),
        node(b.OTHER_SUBNET),
        acls=(b.acl(udp, OPEN),),
        pods=pods(b.SUBNET, b.OTHER_SUBNET),
    )
    assert (deaf.verdict, deaf.severity) == ("fail", Severity.MEDIUM)
    assert "udp 53" in deaf.message


def test_a_group_that_lets_nothing_out_to_the_services() -> None:
    inward = (b.rule(b.addresses("10.0.0.0/16"), b.ports(0, 65535)),)
    shut = own(b.rule(b.CLUSTER_SG, b.ports(10250, 10250)), egress=inward)
    public = Endpoint(public=YES, private=NO)
    mine = node(group=b.NODE_SG)
    outcome = judge(mine, groups=shut, endpoint=public)
    assert outcome.verdict == "fail"
    assert "tcp 443 to the AWS services" in outcome.message
    assert outcome.evidence[0].resource == b.NODE_SG
    served = VpcEndpoint("e", "aws_vpc_endpoint.sts", "sts", INTERFACE, Pointer((b.VPC,)))
    assert judge(mine, groups=shut, endpoint=public, endpoints={"e": served}).verdict == "pass"
    office = own(
        b.rule(b.CLUSTER_SG, b.ports(10250, 10250)),
        egress=(b.rule(b.addresses("10.9.0.0/16"), b.ports(0, 65535)),),
    )
    beyond = judge(mine, groups=office, endpoint=public)
    assert beyond.verdict == "possible"
    assert "a proxy in another network" in beyond.evidence[0].text


def test_what_is_not_known_of_a_rule_leaves_it_open() -> None:
    vague = b.rule(b.CLUSTER_SG, b.Bounds(b.TrafficSet.empty(), b.TrafficSet.everything()), certain=False)
    groups = own(vague)
    outcome = judge(node(group=b.NODE_SG), groups=groups, endpoint=Endpoint(public=YES, private=NO))
    assert outcome.verdict == "possible"
    assert b.WHY.attribute in outcome.message
    no_acl = b.subnet(b.SUBNET, network_acl=Attached((), open=True, causes=(b.WHY,)))
    assert judge(subnets=(no_acl,)).verdict == "possible"


def test_one_of_two_templates_is_possible() -> None:
    groups = own()
    two = b.node(b.shape(b.CLUSTER_SG), b.shape(b.NODE_SG))
    outcome = judge(two, groups=groups)
    assert outcome.verdict == "possible"
    further = b.node(b.shape(b.CLUSTER_SG), b.shape(b.NODE_SG, primary=False))
    assert judge(further, groups=groups).verdict == "pass", "a further interface is not the node's own"


def test_nodes_that_only_may_be_there_or_of_this_cluster() -> None:
    acls = (b.acl(),)
    assert judge(acls=acls).verdict == "fail"
    assert judge(node(certain=False, causes=(b.WHY,)), acls=acls).verdict == "possible"
    assert judge(node(node=Truth(None, (b.WHY,))), acls=acls).verdict == "possible"
    lost = judge(node(cluster=Pointer(open=True, causes=(b.WHY,))))
    assert lost.verdict == "possible"
    assert "the control plane" in lost.message


@pytest.mark.parametrize("folder", ["checks/EKS401/none", "checks/EKS403/none"])
def test_what_eks401_asks_for_cuts_no_node_off(folder: str) -> None:
    plan = FIXTURES / Path(folder) / "plan.json"
    report = analysis.scan(analysis.load([str(plan)]), Settings(), select=["EKS401", "EKS403"])
    assert not [f for f in report.findings if f.check_id == "EKS403" and f.status is not Status.SUPPRESSED]
    assert {run.check_id: bool(run.passed) for run in report.checks}["EKS403"]
