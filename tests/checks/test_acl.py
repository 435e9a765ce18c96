"""EKS401 to EKS404: network ACLs, judged by the first-match walk."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.aws.knowledge import NO, YES, Origin, Pointer, Truth
from eks_checks.aws.vpc import Attached
from eks_checks.checks.check import Outcome
from eks_checks.checks.eks401_node_nacl_ssh_unrestricted import eks401
from eks_checks.checks.eks402_nacl_rule_shadowed import eks402
from eks_checks.checks.eks404_nacl_unused import eks404
from eks_checks.findings import Severity
from eks_checks.settings import Settings
from tests.checks import builders as b
from tests.checks.builders import entry

DECLARED = Settings(bastions=(b.BASTION,))
BY_CIDR = Settings(bastions=("10.0.0.0/24",))
ALLOW_BASTION = entry(100, True, "10.0.0.0/24", 22, 22)
DENY = (entry(110, False, "0.0.0.0/0", 22, 22), entry(111, False, "::/0", 22, 22))
REST = (entry(200, True, "0.0.0.0/0"), entry(201, True, "::/0"))
PATTERN = b.acl(ALLOW_BASTION, *DENY, *REST)


def judge(acl: object = PATTERN, settings: Settings = DECLARED, **changes: object) -> Outcome:
    world = b.World(
        interfaces=(b.node(b.shape()), b.stranger()),
        acls=(acl,) if acl else (),  # type: ignore[arg-type]
        settings=settings,
        **changes,  # type: ignore[arg-type]
    )
    return world.only(eks401)


def test_the_guides_pattern_passes_however_the_bastion_is_declared() -> None:
    for settings in (DECLARED, BY_CIDR, Settings()):
        assert judge(settings=settings).verdict == "pass"


def test_denying_everyone_passes() -> None:
    assert judge(b.acl(*DENY, *REST), Settings()).verdict == "pass"


def test_allow_all_fails_low_and_names_the_entry() -> None:
    outcome = judge(b.acl(*REST))
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.LOW)
    assert outcome.resource == b.SUBNET
    assert "rule 200" in outcome.evidence[0].text
    assert outcome.evidence[0].location == b.HERE


def test_the_wrong_order_fails_and_names_the_entry_that_wins() -> None:
    early = entry(105, True, "0.0.0.0/0")
    outcome = judge(b.acl(ALLOW_BASTION, early, *DENY))
    assert outcome.verdict == "fail"
    assert "rule 105" in outcome.evidence[0].text
    assert all("deny" not in e.text.split(":")[0] for e in outcome.evidence)


def test_medium_where_something_inside_reaches_22() -> None:
    outcome = judge(b.acl(*REST), answers=(b.answer(b.PODS),))
    assert outcome.severity is Severity.MEDIUM
    assert "Rated medium" in outcome.message
    elsewhere = b.answer(b.PODS, subnet=b.OTHER_SUBNET)
    assert judge(b.acl(*REST), answers=(elsewhere,)).severity is Severity.LOW


def test_the_other_family_counts_where_the_subnet_has_it() -> None:
    four_only = b.acl(ALLOW_BASTION, DENY[0], *REST)
    assert judge(four_only).verdict == "pass"
    dual = b.subnet(b.SUBNET, ipv6="2600:1f00::/64")
    outcome = judge(four_only, subnets=(dual,))
    assert outcome.verdict == "fail"
    assert "::/0" in outcome.message or ":" in outcome.message
    assert judge(subnets=(dual,)).verdict == "pass"
    unknown = replace(b.subnet(b.SUBNET), unknown_block=("ipv6",))
    assert judge(four_only, subnets=(unknown,)).verdict == "fail"


def test_shapes_do_not_matter_sets_do() -> None:
    halves = (entry(110, False, "0.0.0.0/1", 20, 23), entry(111, False, "128.0.0.0/1", 22, 22))
    assert judge(b.acl(ALLOW_BASTION, *halves, *REST)).verdict == "pass"
    gap = (entry(110, False, "0.0.0.0/1", 22, 22),)
    assert judge(b.acl(ALLOW_BASTION, *gap, *REST)).verdict == "fail"


def test_more_than_the_bastions_subnet_fails_where_one_is_declared() -> None:
    wide = b.acl(entry(100, True, "10.0.0.0/23", 22, 22), *DENY, *REST)
    outcome = judge(wide)
    assert outcome.verdict == "fail"
    assert "10.0.0.0/23" in outcome.message
    assert "beyond the declared bastions" in outcome.message


def test_without_a_declared_bastion_any_narrow_network_is_the_pattern() -> None:
    for cidr, verdict in (
        ("10.0.0.0/24", "pass"),
        ("198.51.100.0/24", "pass"),
        ("10.0.0.0/16", "fail"),
        ("0.0.0.0/0", "fail"),
        ("0.0.0.0/1", "fail"),
    ):
        acl = b.acl(entry(100, True, cidr, 22, 22), *DENY, *REST)
        assert judge(acl, Settings()).verdict == verdict, cidr


def test_without_a_declared_bastion_other_node_subnets_are_no_bastions() -> None:
    world = b.World(
        interfaces=(b.node(b.shape()), b.node(b.shape(), at=b.OTHER_SUBNET)),
        acls=(b.acl(entry(100, True, "10.0.11.0/24", 22, 22), *DENY, *REST),),
    )
    found = world.outcomes(eks401)
    assert found[b.SUBNET].verdict == "fail"
    assert found[b.OTHER_SUBNET].verdict == "pass", "its own range never meets its own ACL"


def test_the_reply_must_get_out() -> None:
    no_reply = (entry(100, True, "0.0.0.0/0", 443, 443),)
    assert judge(b.acl(*REST, outbound=no_reply), Settings()).verdict == "pass", "nobody gets a reply"
    one_port = (entry(90, False, "0.0.0.0/0", 1024, 50000), entry(100, True, "0.0.0.0/0"))
    assert judge(b.acl(*REST, outbound=one_port)).verdict == "fail"


def test_udp_22_is_not_ssh_and_port_0_is_a_port() -> None:
    udp = replace(entry(50, False, "0.0.0.0/0", 22, 22), traffic=b.Bounds.exact(b.TrafficSet.udp(22, 22)))
    assert judge(b.acl(udp, *REST)).verdict == "fail"
    assert judge(b.acl(entry(50, True, "0.0.0.0/0", 0, 21), *DENY, *REST)).verdict == "pass"


def test_a_bastion_in_the_node_subnet_fails_whatever_the_acl_says() -> None:
    world = b.World(
        interfaces=(b.node(b.shape()), b.stranger(at=b.SUBNET)), acls=(PATTERN,), settings=DECLARED
    )
    outcome = world.only(eks401)
    assert outcome.verdict == "fail"
    assert b.BASTION in outcome.message
    assert "subnet of its own" in outcome.remediation


def test_unknown_acls_entries_and_orders_are_possible() -> None:
    maybe = replace(entry(90, True, "0.0.0.0/0", 22, 22), allow=Truth(None), causes=(b.WHY,))
    for acl in (
        b.acl(*DENY, open_=True),
        b.acl(ALLOW_BASTION, *DENY, *REST, entry(None, True, "0.0.0.0/0", 22, 22)),
        b.acl(maybe, *DENY, *REST),
        b.acl(replace(entry(90, True, "0.0.0.0/0", 22, 22), far_end=b.anything(), causes=(b.WHY,)), *DENY),
        b.acl(replace(DENY[0], certain=False, causes=(b.WHY,)), DENY[1], *REST),
    ):
        outcome = judge(acl)
        assert outcome.verdict == "possible"
        assert "decides" in outcome.message
    assert judge(None).verdict == "possible"
    open_ = b.subnet(b.SUBNET, network_acl=Attached((), open=True))
    assert judge(subnets=(open_,)).verdict == "possible"


def test_an_unknown_entry_behind_the_deny_changes_nothing() -> None:
    late = replace(entry(300, True, "0.0.0.0/0", 22, 22), allow=Truth(None), causes=(b.WHY,))
    assert judge(b.acl(ALLOW_BASTION, *DENY, *REST, late)).verdict == "pass"


def test_an_unknown_entry_before_an_allow_for_all_changes_nothing_either() -> None:
    early = replace(entry(50, True, "0.0.0.0/0"), far_end=b.anything(), causes=(b.WHY,))
    assert judge(b.acl(early, *REST)).verdict == "fail"


def test_two_acls_of_which_one_may_be_in_force() -> None:
    other = replace(b.acl(*REST), key="aws_network_acl.other", resource="aws_network_acl.other")
    either = b.subnet(b.SUBNET, network_acl=Attached((b.ACL, other.key), causes=(b.WHY,)))
    world = b.World(
        interfaces=(b.node(b.shape()),), acls=(PATTERN, other), subnets=(either,), settings=BY_CIDR
    )
    assert world.only(eks401).verdict == "possible"
    same = replace(b.acl(*REST), key="aws_network_acl.same")
    both_open = b.subnet(b.SUBNET, network_acl=Attached((same.key, other.key)))
    world = b.World(interfaces=(b.node(b.shape()),), acls=(same, other), subnets=(both_open,))
    assert world.only(eks401).verdict == "fail"


def test_a_subnet_that_cannot_be_told_is_said_of_the_node_group() -> None:
    outcome = b.World(interfaces=(b.node(b.shape(), at=None, causes=(b.WHY,)),)).only(eks401)
    assert (outcome.resource, outcome.verdict) == (b.NODES, "possible")


def test_a_subnet_where_nodes_only_may_land_is_possible() -> None:
    open_acl = b.acl(*REST)
    maybe = b.node(b.shape(), certain=False, causes=(b.WHY,))
    outcome = b.World(interfaces=(maybe,), acls=(open_acl,)).only(eks401)
    assert outcome.verdict == "possible"
    assert outcome.message.startswith(f"Whether nodes land in {b.SUBNET} cannot be told")
    assert b.WHY.resource in [evidence.resource for evidence in outcome.evidence]
    surely = b.World(interfaces=(maybe, b.node(b.shape(), resource="aws_eks_node_group.b")), acls=(open_acl,))
    assert surely.only(eks401).verdict == "fail"
    assert b.World(interfaces=(maybe,), acls=(PATTERN,)).only(eks401).verdict == "pass"


def test_a_bastion_that_gets_no_reply_fails_the_pattern() -> None:
    elsewhere = (entry(100, True, "10.0.1.0/24"), entry(110, True, "0.0.0.0/0", 443, 443))
    outcome = judge(b.acl(ALLOW_BASTION, *DENY, *REST, outbound=elsewhere))
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.LOW)
    assert "no reply out" in outcome.message
    assert "rule 100 allow" in outcome.evidence[0].text
    one_port = (entry(100, True, "10.0.0.0/24", 60000, 60000),)
    assert judge(b.acl(ALLOW_BASTION, *DENY, *REST, outbound=one_port)).verdict == "pass"
    denied = judge(b.acl(*DENY, *REST, outbound=elsewhere))
    assert denied.verdict == "pass", "who is denied needs no reply"


def test_what_the_denial_hits_besides_is_said() -> None:
    assert "pods and load balancer targets" in judge(b.acl(*REST)).remediation


def order(*entries: object, **changes: object) -> Outcome:
    """What EKS402 says of an ACL with these inbound entries, in the VPC of a cluster."""
    made = replace(b.acl(*entries, outbound=()), **changes)  # type: ignore[arg-type]
    return b.World(acls=(made,), clusters=(b.cluster(),)).only(eks402)


def test_a_denial_behind_an_allow_for_all_names_both() -> None:
    outcome = order(entry(100, True, "0.0.0.0/0"), entry(200, False, "0.0.0.0/0", 22, 22))
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.LOW)
    assert ["200" in e.text.split(":")[0] for e in outcome.evidence] == [True, False]
    assert all(e.location == b.HERE for e in outcome.evidence)


def test_a_repeated_allow_is_only_idle() -> None:
    outcome = order(entry(100, True, "10.0.0.0/8"), entry(200, True, "10.1.0.0/16", 443, 443))
    assert (outcome.verdict, outcome.severity) == ("fail", Severity.INFO)
    assert "Rated info instead of low" in outcome.message
    both = order(*REST, entry(300, True, "10.1.0.0/16"), entry(301, False, "10.1.0.0/16"))
    assert both.severity is Severity.LOW, "the worst counts"


def test_a_denial_of_the_rest_says_what_holds_anyway() -> None:
    assert order(ALLOW_BASTION, entry(32766, False, "0.0.0.0/0")).verdict == "pass"
    assert order(*REST).verdict == "pass"
    assert order(ALLOW_BASTION, *DENY, *REST).verdict == "pass"


def test_inbound_and_outbound_do_not_meet() -> None:
    made = b.acl(entry(100, True, "0.0.0.0/0"), outbound=(entry(200, False, "0.0.0.0/0"),))
    assert b.World(acls=(made,), clusters=(b.cluster(),)).only(eks402).verdict == "pass"


def test_an_unknown_number_or_action_leaves_it_open() -> None:
    unnumbered = order(entry(100, True, "0.0.0.0/0"), entry(None, False, "0.0.0.0/0", 22, 22))
    assert (unnumbered.verdict, "rule_number decides" in unnumbered.message) == ("possible", True)
    known = entry(200, False, "0.0.0.0/0", 22, 22)
    maybe = replace(entry(100, True, "0.0.0.0/0"), certain=False, causes=(b.WHY,))
    assert order(maybe, known).verdict == "possible"
    vague = replace(entry(100, True, "0.0.0.0/0"), allow=Truth(None), causes=(b.WHY,))
    assert order(vague, known).verdict == "fail", "whatever it does, it decides first"


def test_only_the_acls_of_a_clusters_vpc_are_judged() -> None:
    late = (entry(100, True, "0.0.0.0/0"), entry(200, False, "0.0.0.0/0", 22, 22))
    assert not b.World(acls=(b.acl(*late),)).outcomes(eks402), "no cluster, no nodes"
    elsewhere = replace(b.acl(*late), vpc=Pointer(("aws_vpc.other",)))
    assert not b.World(acls=(elsewhere,), clusters=(b.cluster(),)).outcomes(eks402)
    nodes = b.World(acls=(b.acl(*late),), interfaces=(b.node(b.shape()),))
    assert nodes.only(eks402).verdict == "fail", "the VPC where nodes land"
    somewhere = Pointer(("aws_vpc.other", b.VPC), causes=(b.WHY,))
    assert order(*late, vpc=somewhere).verdict == "possible"
    anywhere = b.World(acls=(b.acl(*late),), clusters=(b.cluster(vpc=Pointer(open=True, causes=(b.WHY,))),))
    assert anywhere.only(eks402).verdict == "possible"


def test_what_aws_puts_there_itself_is_never_the_finding() -> None:
    own = replace(
        entry(100, True, "0.0.0.0/0"), origin=Origin(b.VPC, "rule 100 (default ACL)", implicit=True)
    )
    default = replace(b.acl(own, outbound=()), default=True, resource=b.VPC)
    assert not b.World(acls=(default,), clusters=(b.cluster(),)).outcomes(eks402)
    late = replace(default, inbound=(own, entry(200, False, "0.0.0.0/0", 22, 22)))
    outcome = b.World(acls=(late,), clusters=(b.cluster(),)).only(eks402)
    assert outcome.resource == b.VPC
    assert f"the default network ACL of {b.VPC}" in outcome.message


def unused(truth: Truth, **changes: object) -> dict[str, Outcome]:
    world = b.World(acls=(replace(PATTERN, **changes),), clusters=(b.cluster(),))  # type: ignore[arg-type]
    view = world.view()
    view = replace(view, estate=replace(view.estate, particulars=b.Told(associated={b.ACL: truth})))
    return {outcome.resource: outcome for outcome in eks404.run(view)}


def test_an_acl_without_a_subnet() -> None:
    assert unused(NO)[b.ACL].verdict == "fail"
    assert unused(YES)[b.ACL].verdict == "pass"
    maybe = unused(b.MAYBE)[b.ACL]
    assert (maybe.verdict, b.WHY.attribute in maybe.message) == ("possible", True)
    assert not unused(NO, vpc=Pointer(("aws_vpc.other",)))
    vague = unused(NO, vpc=Pointer((b.VPC, "aws_vpc.other"), causes=(b.WHY,)))
    assert vague[b.ACL].verdict == "possible"
