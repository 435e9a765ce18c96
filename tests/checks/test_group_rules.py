"""EKS305, EKS306, EKS307 and EKS308: how groups are written, tagged and shared, and what they leave open."""

from __future__ import annotations

from eks_checks.aws.eks import Cluster
from eks_checks.aws.firewall import SecurityGroup
from eks_checks.aws.group_tags import ClusterTag
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, KeySet, Pointer, Truth, exactly
from eks_checks.aws.rule_forms import RuleForms, SeparateRule
from eks_checks.checks.check import Outcome
from eks_checks.checks.eks305_sg_rules_mixed import eks305
from eks_checks.checks.eks306_cluster_tag_on_many_sg import eks306
from eks_checks.checks.eks307_node_default_sg import eks307
from eks_checks.checks.eks308_node_sg_all_ports import eks308
from eks_checks.findings import Severity
from eks_checks.settings import Settings
from tests.checks import builders as b

OTHER_SG, EXTRA_SG = "aws_security_group.other", "aws_security_group.extra"
DEFAULT_SG = f"{b.VPC}#default_security_group"
NODE = b.node(b.shape(b.NODE_SG))
OPEN = KeySet(open=True, causes=(b.WHY,))


# --- EKS305 ---------------------------------------------------------------------------------------


def separate(direction: str, of_it: Truth = YES, name: str = "aws_security_group_rule.x") -> SeparateRule:
    return SeparateRule(name, direction, of_it)


def mixed(inbound: Truth, outbound: Truth, *rules: SeparateRule) -> Outcome:
    forms = RuleForms(b.NODE_SG, {"inbound": inbound, "outbound": outbound}, rules, location=b.HERE)
    return b.World(particulars={"rule_forms": (forms,)}).only(eks305)


def test_one_form_alone_passes() -> None:
    assert mixed(YES, YES).verdict == "pass"
    assert mixed(NO, NO, separate("inbound"), separate("outbound")).verdict == "pass"


def test_both_forms_in_one_direction_fight() -> None:
    outcome = mixed(YES, NO, separate("inbound"), separate("inbound", name="aws_security_group_rule.y"))
    assert outcome.verdict == "fail"
    assert outcome.severity is Severity.LOW
    assert "takes the separate rules away" in outcome.message
    named = [(e.resource, e.attribute) for e in outcome.evidence]
    assert named == [
        (b.NODE_SG, "ingress"),
        ("aws_security_group_rule.x", ""),
        ("aws_security_group_rule.y", ""),
    ]


def test_of_different_directions_neither_takes_the_other_away() -> None:
    outcome = mixed(NO, YES, separate("inbound"))
    assert outcome.verdict == "fail"
    assert outcome.severity is Severity.INFO
    assert "Rated info instead of low" in outcome.message
    worse = mixed(YES, YES, separate("inbound"))
    assert worse.severity is Severity.LOW
    assert "Rated info" not in worse.message


def test_what_is_not_known_of_either_form_is_possible() -> None:
    for outcome in (
        mixed(b.MAYBE, NO, separate("inbound")),
        mixed(YES, NO, separate("inbound", b.MAYBE)),
        mixed(b.MAYBE, NO, separate("inbound", b.MAYBE)),
    ):
        assert outcome.verdict == "possible"
        assert outcome.severity is Severity.LOW
        assert f"{b.WHY.resource}.{b.WHY.attribute} decides" in outcome.message
    assert mixed(b.MAYBE, NO).verdict == "pass"
    assert mixed(NO, NO, separate("inbound", b.MAYBE)).verdict == "pass"


def test_what_is_certain_stands_before_what_may_be_worse() -> None:
    outcome = mixed(b.MAYBE, YES, separate("inbound"))
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.INFO)


# --- EKS306 ---------------------------------------------------------------------------------------


def tags(**carried: Truth) -> dict[str, ClusterTag]:
    """The tag on the node, other and extra groups; EKS's own group always has it."""
    known = {
        f"aws_security_group.{name}": ClusterTag(truth, f"aws_security_group.{name}")
        for name, truth in carried.items()
    }
    return {**known, b.CLUSTER_SG: ClusterTag(YES, b.CLUSTER)}


def judge(
    carried: dict[str, ClusterTag], *interfaces: Interface, pods: tuple[Interface, ...] = ()
) -> Outcome:
    groups = (b.group(b.NODE_SG), b.group(OTHER_SG), b.group(EXTRA_SG), b.cluster_group())
    cluster = b.cluster()
    told = {"cluster_tags": {cluster.key: carried}}
    world = b.World(interfaces=interfaces, groups=groups, clusters=(cluster,), particulars=told, pods=pods)
    return world.only(eks306)


def test_two_tagged_groups_on_one_interface() -> None:
    both = b.node(b.shape(b.NODE_SG, b.CLUSTER_SG))
    outcome = judge(tags(node=YES), both)
    assert outcome.verdict == "fail"
    assert "kubernetes.io/cluster/prod" in outcome.message
    assert outcome.message.startswith(f"The cluster security group of {b.CLUSTER}")
    assert {e.resource for e in outcome.evidence} == {"aws_launch_template.this", b.CLUSTER, b.NODE_SG}
    assert judge(tags(node=NO), both).verdict == "pass"


def test_on_two_interfaces_they_are_one_each() -> None:
    assert judge(tags(node=YES), NODE, b.node(b.shape(b.CLUSTER_SG), at=b.OTHER_SUBNET)).verdict == "pass"
    assert judge(tags(node=YES), b.node(b.shape(b.NODE_SG), b.shape(b.CLUSTER_SG))).verdict == "pass"


def test_the_interfaces_of_the_nodes_pods_count() -> None:
    pods = b.node(b.shape(b.NODE_SG, b.CLUSTER_SG), kind="pods", node=NO)
    assert judge(tags(node=YES), NODE, pods=(pods,)).verdict == "fail"
    maybe = b.node(b.shape(b.NODE_SG, b.CLUSTER_SG), kind="pods", node=NO, certain=False, causes=(b.WHY,))
    outcome = judge(tags(node=YES), NODE, pods=(maybe,))
    assert outcome.verdict == "possible"
    assert b.WHY.resource in outcome.message


def test_tags_and_groups_that_are_not_known_are_possible() -> None:
    maybe = Truth(None, (b.WHY,))
    either = KeySet(frozenset({b.CLUSTER_SG}), frozenset({b.NODE_SG}), causes=(b.WHY,))
    for outcome in (
        judge(tags(node=maybe), b.node(b.shape(b.NODE_SG, b.CLUSTER_SG))),
        judge(tags(node=YES), b.node(b.shape(keys=either))),
        judge(
            tags(node=YES),
            b.node(b.shape(keys=KeySet(frozenset({b.CLUSTER_SG}), open=True, causes=(b.WHY,)))),
        ),
        judge(tags(node=YES), b.node(b.shape(b.NODE_SG, b.CLUSTER_SG), node=b.MAYBE)),
    ):
        assert outcome.verdict == "possible"
        assert any(e.attribute == b.WHY.attribute for e in outcome.evidence)
    assert judge(tags(node=maybe), NODE).verdict == "pass", "one group is never two"
    assert judge(tags(node=maybe), b.node(b.shape(b.NODE_SG, OTHER_SG))).verdict == "pass"
    sure = b.node(b.shape(b.NODE_SG, OTHER_SG, EXTRA_SG))
    assert judge(tags(node=YES, other=YES, extra=maybe), sure).verdict == "fail"


# --- EKS307 ---------------------------------------------------------------------------------------


def on_default(*interfaces: Interface, group: SecurityGroup | None = None) -> Outcome:
    made = group or b.group(DEFAULT_SG, kind="default", resource=b.VPC)
    return b.World(interfaces=interfaces, groups=(made, b.group(b.NODE_SG))).only(eks307)


def test_the_default_group_fails_whatever_its_rules() -> None:
    outcome = on_default(b.node(b.shape(b.NODE_SG, DEFAULT_SG)))
    assert outcome.verdict == "fail"
    assert f"the default security group of {b.VPC}" in outcome.message
    assert outcome.evidence[0].resource == "aws_launch_template.this"
    adopted = b.group(DEFAULT_SG, kind="default", resource="aws_default_security_group.this")
    assert on_default(b.node(b.shape(DEFAULT_SG)), group=adopted).verdict == "fail"
    assert on_default(NODE).verdict == "pass"


def test_the_default_group_of_a_vpc_outside_the_inputs() -> None:
    key = "vpc-0123456789abcdef0#default_security_group"
    outside = b.group(key, kind="external", open_=True)
    outcome = on_default(b.node(b.shape(key)), group=outside)
    assert outcome.verdict == "fail"
    assert "the default security group of vpc-0123456789abcdef0" in outcome.message


def test_groups_or_nodes_that_cannot_be_told_are_possible() -> None:
    maybe = KeySet(frozenset({b.NODE_SG}), frozenset({DEFAULT_SG}), causes=(b.WHY,))
    assert on_default(b.node(b.shape(keys=maybe))).verdict == "possible"
    assert on_default(b.node(b.shape(keys=OPEN))).verdict == "possible"
    perhaps = on_default(b.node(b.shape(DEFAULT_SG), node=b.MAYBE))
    assert perhaps.verdict == "possible"
    assert "come up with the default security group" in perhaps.evidence[0].text
    assert on_default(b.node(b.shape(DEFAULT_SG), b.shape(keys=OPEN))).verdict == "fail"


# --- EKS308 ---------------------------------------------------------------------------------------

VPC_WIDE = b.rule(b.addresses("10.0.0.0/16"), b.ALL, "aws_security_group_rule.vpc")


def open_to(*groups: SecurityGroup, cluster: Cluster | None = None, **changes: object) -> dict[str, Outcome]:
    known = {b.NODE_SG: b.group(b.NODE_SG), b.CLUSTER_SG: b.cluster_group()}
    given = known | {group.key: group for group in groups}
    settings = changes.pop("settings", Settings())
    node = changes.pop("node", NODE)
    world = b.World(
        interfaces=(node, b.control_plane(), b.stranger(b.BASTION_SG)),  # type: ignore[arg-type]
        groups=tuple(given.values()),
        clusters=(cluster or b.cluster(),),
        settings=settings,  # type: ignore[arg-type]
    )
    assert not changes
    return world.outcomes(eks308)


def test_a_rule_for_the_vpc_on_every_port() -> None:
    outcome = open_to(b.group(b.NODE_SG, VPC_WIDE))[b.NODE_SG]
    assert outcome.verdict == "fail"
    assert f"admits the whole of {b.VPC} over IPv4 on every port" in outcome.message
    assert outcome.message.startswith(f"{b.NODE_SG}, on nodes,")
    assert [e.resource for e in outcome.evidence] == ["aws_security_group_rule.vpc"]


def test_the_message_tells_who_gets_in() -> None:
    world = b.rule(b.addresses("0.0.0.0/1", "128.0.0.0/1"), b.ALL)
    assert "every IPv4 address" in open_to(b.group(b.NODE_SG, world))[b.NODE_SG].message
    outside = b.rule(b.addresses("172.16.0.0/12"), b.ALL)
    said = open_to(b.group(b.NODE_SG, outside))[b.NODE_SG].message
    assert "1,048,576 IPv4 addresses outside the VPC" in said
    udp = b.rule(b.addresses("0.0.0.0/0"), b.Bounds.exact(b.TrafficSet.udp(0, 65535)))
    assert "on every UDP port" in open_to(b.group(b.NODE_SG, udp))[b.NODE_SG].message


def test_the_groups_of_the_control_plane_are_judged_and_strangers_are_not() -> None:
    cluster = b.cluster(additional_groups=exactly(EXTRA_SG))
    judged = open_to(
        b.cluster_group(VPC_WIDE),
        b.group(EXTRA_SG, VPC_WIDE),
        b.group(b.BASTION_SG, VPC_WIDE),
        cluster=cluster,
    )
    assert {name: outcome.verdict for name, outcome in judged.items()} == {
        b.NODE_SG: "pass",
        b.CLUSTER: "fail",
        EXTRA_SG: "fail",
    }
    assert "on the control plane, admits" in judged[EXTRA_SG].message


def test_the_self_rule_of_the_cluster_group_is_another_checks() -> None:
    assert open_to()[b.CLUSTER].verdict == "pass"


def test_ranges_that_are_meant() -> None:
    allowed = Settings(allowed_cidrs=("10.0.0.0/8",))
    assert open_to(b.group(b.NODE_SG, VPC_WIDE), settings=allowed)[b.NODE_SG].verdict == "pass"


def test_what_is_not_known_is_possible() -> None:
    wide = b.group(b.NODE_SG, VPC_WIDE)
    for outcome in (
        open_to(b.group(b.NODE_SG, b.rule(b.anything(), b.ALL)))[b.NODE_SG],
        open_to(b.group(b.NODE_SG, open_=True))[b.NODE_SG],
        open_to(wide, node=b.node(b.shape(b.NODE_SG), node=b.MAYBE))[b.NODE_SG],
        open_to(wide, node=b.node(b.shape(keys=KeySet(maybe=frozenset({b.NODE_SG}), causes=(b.WHY,)))))[
            b.NODE_SG
        ],
    ):
        assert outcome.verdict == "possible"
        assert any(e.attribute for e in outcome.evidence)
    both = open_to(b.group(b.NODE_SG, VPC_WIDE, open_=True))[b.NODE_SG]
    assert both.verdict == "fail", "what is known is enough"


def test_the_group_behind_remote_access_is_left_to_another_check() -> None:
    made = b.group(f"{b.NODES}#remote_access", kind="remote_access", resource=b.NODES)
    assert b.NODES not in open_to(made, node=b.node(b.shape(b.NODE_SG, made.key)))


def test_a_pointer_to_no_vpc_leaves_the_size_open() -> None:
    lost = SecurityGroup(
        b.NODE_SG, "managed", b.NODE_SG, Pointer(open=True, causes=(b.WHY,)), (VPC_WIDE,), (), location=b.HERE
    )
    assert open_to(lost)[b.NODE_SG].verdict == "fail", "a /16 is wide wherever it is"
    small = b.rule(b.addresses("10.0.0.0/20"), b.ALL)
    lost = SecurityGroup(
        b.NODE_SG, "managed", b.NODE_SG, Pointer(open=True, causes=(b.WHY,)), (small,), (), location=b.HERE
    )
    assert open_to(lost)[b.NODE_SG].verdict == "possible"
