"""EKS401: the ACL of a node subnet, judged by the first-match walk."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.aws.knowledge import Truth
from eks_checks.aws.vpc import Attached
from eks_checks.checks.check import Outcome
from eks_checks.checks.eks401_node_nacl_ssh_unrestricted import eks401
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
    assert judge(b.acl(*REST, outbound=no_reply)).verdict == "pass"
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
