"""EKS206, EKS209, EKS210: over other hosts, on other ports, and through services, in small networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import SecurityGroup
from eks_checks.aws.knowledge import NO
from eks_checks.checks.check import Check, Outcome, View
from eks_checks.checks.eks206_node_ssh_attack_path import eks206
from eks_checks.checks.eks209_node_port_from_internet import eks209
from eks_checks.checks.eks210_node_ssh_via_service import eks210
from eks_checks.findings import Severity
from eks_checks.reach.answer import Hop, Verdict
from eks_checks.reach.engine import Reachability
from eks_checks.settings import Settings
from tests.checks import builders as b
from tests.reach.networks import Host, group, network, rule

SSH, WORLD, OFFICE = (22, 22), "0.0.0.0/0", "8.1.0.0/16"


def asked(check: Check, estate: Estate, settings: Settings | None = None, *, brief: bool = False) -> Outcome:
    view = View(estate, Reachability(estate), settings or Settings(), brief)
    [outcome] = [outcome for outcome in check.run(view) if outcome.resource == "node"]
    if outcome.verdict != "pass" and not brief:
        assert outcome.message
        assert outcome.evidence
        assert outcome.remediation
    return outcome


def rated(check: Check, outcome: Outcome) -> Severity:
    return b.severity_of(check, outcome)


# --- EKS206 ---------------------------------------------------------------------------------------

INNER = group("inner", rule("inner", SSH, "gate"))
NODE = Host("node", ["inner"], kind="node_group")


def gated(*sources: str, more: Sequence[SecurityGroup] = (), hosts: Sequence[Host] = ()) -> Estate:
    """A gate that takes in 22 from ``sources``, and nodes that take it in from the gate."""
    gate = group("gate", *(rule("gate", SSH, source) for source in sources))
    return network([gate, INNER, *more], [Host("gate", ["gate"], public=True), NODE, *hosts])


def test_a_way_is_told_with_its_rules_and_what_cuts_it() -> None:
    outcome = asked(eks206, gated(WORLD))
    assert outcome.verdict == "fail"
    assert "internet -> gate:22 -> node:22" in outcome.message
    assert "1 other host" in outcome.message
    told = [(item.resource, item.text) for item in outcome.evidence]
    assert any(name == "gate" and "lets the internet reach gate on tcp 22" in text for name, text in told)
    assert any(name == "inner" and "lets gate reach node on tcp 22" in text for name, text in told)
    assert (
        "The fewest changes that cut every such way: gate: remove 22-22 from 0.0.0.0/0."
        in outcome.remediation
    )


def test_the_whole_way_counts_however_long() -> None:
    jump = group("jump", rule("jump", SSH, "gate"))
    inner = group("inner", rule("inner", SSH, "jump"))
    gate = group("gate", rule("gate", SSH, WORLD))
    hosts = [Host("gate", ["gate"], public=True), Host("jump", ["jump"]), NODE]
    outcome = asked(eks206, network([gate, jump, inner], hosts))
    assert "internet -> gate:22 -> jump:22 -> node:22" in outcome.message
    assert "2 other hosts" in outcome.message


def test_what_the_internet_reaches_by_itself_is_not_told_twice() -> None:
    both = group("inner", rule("inner", SSH, "gate"), rule("inner", SSH, WORLD))
    gate = group("gate", rule("gate", SSH, WORLD))
    node = replace(NODE, public=True)
    assert asked(eks206, network([gate, both], [Host("gate", ["gate"], public=True), node])).verdict == "pass"


def test_a_way_that_is_sure_is_told_where_the_direct_one_is_not() -> None:
    both = group("inner", rule("inner", SSH, "gate"), rule("inner", SSH, WORLD))
    gate = group("gate", rule("gate", SSH, WORLD))
    node = replace(NODE, public=None)
    assert asked(eks206, network([gate, both], [Host("gate", ["gate"], public=True), node])).verdict == "fail"


def test_nodes_of_the_same_maker_are_no_hop() -> None:
    """One subnet's nodes are reached directly, and reach the other's."""
    estate = network([group("inner", rule("inner", SSH, WORLD))], [replace(NODE, public=True)])
    [public] = estate.interfaces
    private = replace(public, subnet="other", shapes=tuple(replace(s, public_ipv4=NO) for s in public.shapes))
    assert asked(eks206, replace(estate, interfaces=(public, private))).verdict == "pass"


def test_a_host_on_the_way_that_is_not_sure_makes_it_possible() -> None:
    gate = group("gate", rule("gate", SSH, WORLD))
    outcome = asked(eks206, network([gate, INNER], [Host("gate", ["gate"], public=None), NODE]))
    assert outcome.verdict == "possible"
    assert "cannot be told before apply" in outcome.message


def test_nothing_that_listens_lowers_it() -> None:
    gate = group("gate", rule("gate", SSH, WORLD))
    hosts = [Host("gate", ["gate"], public=True), replace(NODE, listener=NO)]
    outcome = asked(eks206, network([gate, INNER], hosts))
    assert rated(eks206, outcome) is Severity.MEDIUM
    assert "Rated medium instead of high: nothing listens on the port" in outcome.message


@pytest.mark.parametrize(
    ("sources", "settings", "verdict"),
    [
        ([OFFICE], Settings(bastions=("gate",), allowed_cidrs=("8.0.0.0/8",)), "pass"),
        ([OFFICE], Settings(bastions=("gate", "8.1.0.0/16")), "pass"),
        ([OFFICE], Settings(bastions=("gate",)), "fail"),
        ([OFFICE], Settings(allowed_cidrs=("8.0.0.0/8",)), "fail"),
        ([OFFICE, "9.0.0.0/24"], Settings(bastions=("gate",), allowed_cidrs=("8.0.0.0/8",)), "fail"),
        ([WORLD], Settings(bastions=("gate",), allowed_cidrs=("8.0.0.0/8",)), "fail"),
        ([WORLD], Settings(bastions=("gate",), allowed_cidrs=("0.0.0.0/0",)), "pass"),
    ],
)
def test_a_declared_bastion_is_meant_for_the_allowed_ranges_alone(
    sources: list[str], settings: Settings, verdict: str
) -> None:
    outcome = asked(eks206, gated(*sources), settings)
    assert outcome.verdict == verdict
    over_bastion = "gate is a declared bastion, but takes in"
    assert (over_bastion in outcome.message) is (verdict == "fail" and bool(settings.bastions))


def test_over_another_host_to_the_bastion_is_no_meant_way() -> None:
    """The bastion takes in the office and a web server that anybody may log in to."""
    web = group("web", rule("web", SSH, WORLD))
    estate = gated(OFFICE, "web", more=[web], hosts=[Host("web", ["web"], public=True)])
    settings = Settings(bastions=("gate",), allowed_cidrs=(OFFICE,))
    outcome = asked(eks206, estate, settings)
    assert outcome.verdict == "fail"
    assert "internet -> web:22 -> gate:22 -> node:22" in outcome.message
    assert "declared bastion, but" not in outcome.message


def test_the_cut_spares_the_rule_by_which_a_declared_bastion_gets_in() -> None:
    """One rule lets in whoever carries "staff": the bastion, and a build server that is no bastion."""
    groups = [
        group("inner", rule("inner", SSH, "staff")),
        group("staff"),
        group("gate", rule("gate", SSH, OFFICE)),
        group("own", rule("own", SSH, "jump")),
        group("jump", rule("jump", SSH, WORLD), rule("jump", SSH, "9.0.0.0/8")),
    ]
    hosts = [
        Host("gate", ["gate", "staff"], public=True),
        Host("build", ["own", "staff"]),
        Host("jump", ["jump"], public=True),
    ]
    estate = network(groups, [*hosts, NODE])
    declared = Settings(bastions=("gate",), allowed_cidrs=(OFFICE,))
    assert "every such way: own: remove 22-22 from jump." in asked(eks206, estate, declared).remediation
    assert "every such way: inner: remove 22-22 from staff." in asked(eks206, estate).remediation


def test_where_only_verdicts_count_no_cut_is_looked_for() -> None:
    outcome = asked(eks206, gated(WORLD), brief=True)
    assert outcome.verdict == "fail"
    assert "The fewest changes" not in outcome.remediation


# --- EKS209 ---------------------------------------------------------------------------------------


def opened(*rules: tuple[tuple[int, int] | None, str], public: bool | None = True) -> Estate:
    """Nodes whose group has these inbound rules."""
    held = [rule("inner", ports, source) for ports, source in rules]
    return network([group("inner", *held)], [replace(NODE, public=public)])


def test_every_port_but_22_counts_and_well_known_ones_are_called_out() -> None:
    outcome = asked(eks209, opened(((22, 22), WORLD), ((10250, 10250), WORLD), ((31000, 31010), OFFICE)))
    assert outcome.verdict == "fail"
    assert "reaches tcp 10250, tcp 31000-31010 of the nodes" in outcome.message
    assert "the kubelet's (tcp 10250)" in outcome.message
    assert "NodePorts" in outcome.message
    assert "10255" not in outcome.message


def test_22_alone_is_not_its_business() -> None:
    assert asked(eks209, opened(((22, 22), WORLD))).verdict == "pass"


def test_all_traffic_is_every_port_but_22_and_one_rule_is_one_piece_of_evidence() -> None:
    outcome = asked(eks209, opened((None, WORLD)))
    assert "every tcp port but 22 and every udp port" in outcome.message
    assert len([item for item in outcome.evidence if item.resource == "inner"]) == 1


def test_every_rule_is_named_though_their_ports_are_one_range() -> None:
    outcome = asked(eks209, opened(((1000, 1999), WORLD), ((2000, 2999), WORLD), ((3000, 3100), "9.0.0.0/8")))
    assert "tcp 1000-3100 " in outcome.message
    told = {item.text.partition(":")[0] for item in outcome.evidence if item.resource == "inner"}
    assert told >= {"1000-1999 from 0.0.0.0/0", "2000-2999 from 0.0.0.0/0", "3000-3100 from 9.0.0.0/8"}


def test_without_a_public_address_it_is_latent_and_lower() -> None:
    outcome = asked(eks209, opened(((10250, 10250), WORLD), public=False))
    assert outcome.verdict == "fail"
    assert rated(eks209, outcome) is Severity.MEDIUM
    assert "nothing gets in yet, as the nodes have no public address" in outcome.message


def test_a_public_address_that_is_not_known_makes_it_possible() -> None:
    assert asked(eks209, opened(((10250, 10250), WORLD), public=None)).verdict == "possible"


def test_ranges_of_the_vpc_are_not_the_internet() -> None:
    assert asked(eks209, opened((None, "10.0.0.0/8"))).verdict == "pass"


def test_allowed_ranges_are_left_out() -> None:
    allowed = Settings(allowed_cidrs=("8.0.0.0/8",))
    assert asked(eks209, opened(((443, 443), OFFICE)), allowed).verdict == "pass"
    outcome = asked(eks209, opened(((443, 443), OFFICE), ((8443, 8443), "8.0.0.0/7")), allowed)
    assert "(9.0.0.0/8) reaches tcp 8443 of" in outcome.message


# --- EKS210 ---------------------------------------------------------------------------------------

LB, ENDPOINT = "aws_lb.shell", "aws_ec2_instance_connect_endpoint.this"
FORWARD = Hop("forward", LB, "2222 to 22", "takes it on 2222 and hands it on to 22", b.HERE)
RULE = Hop("security_group", b.NODE_SG, "rule", "inbound tcp 22 from 0.0.0.0/0", b.HERE)
BALANCED = b.source("load_balancer", LB, cidrs=("0.0.0.0/0",), path=(FORWARD, RULE))
TUNNEL = b.source("instance_connect_endpoint", ENDPOINT)


def test_a_listener_and_an_endpoint_are_told_with_their_clients() -> None:
    outcome = b.World(answers=(b.answer(BALANCED, TUNNEL),)).only(eks210)
    assert outcome.verdict == "fail"
    assert f"{LB} on its port 2222 hands on clients from 0.0.0.0/0" in outcome.message
    assert f"{ENDPOINT} opens tunnels for whomever IAM permits" in outcome.message
    assert {item.resource for item in outcome.evidence} == {LB, b.NODE_SG}
    assert "OpenTunnel" in outcome.remediation
    assert "listener" in outcome.remediation


def test_other_sources_are_other_checks_business() -> None:
    assert b.World(answers=(b.answer(b.INTERNET, b.FROM_BASTION, b.PODS),)).only(eks210).verdict == "pass"


def test_what_is_declared_is_meant() -> None:
    settings = Settings(bastions=(ENDPOINT, "0.0.0.0/1"))
    outcome = b.World(answers=(b.answer(BALANCED, TUNNEL),), settings=settings).only(eks210)
    assert "clients from 128.0.0.0/1" in outcome.message
    assert ENDPOINT not in outcome.message
    settings = Settings(bastions=(ENDPOINT, LB))
    assert b.World(answers=(b.answer(BALANCED, TUNNEL),), settings=settings).only(eks210).verdict == "pass"


def test_a_way_that_is_not_sure_is_possible() -> None:
    maybe = b.source("load_balancer", LB, Verdict.POSSIBLE, cidrs=("0.0.0.0/0",))
    outcome = b.World(answers=(b.answer(maybe),)).only(eks210)
    assert outcome.verdict == "possible"
    assert f"{b.WHY.resource}.{b.WHY.attribute}" in outcome.message


def test_without_a_listener_a_service_is_less_bad() -> None:
    quiet = b.answer(TUNNEL, listener="no", listener_note="Bottlerocket has no SSH server")
    outcome = b.World(answers=(quiet,)).only(eks210)
    assert rated(eks210, outcome) is Severity.MEDIUM
    assert "Bottlerocket has no SSH server" in outcome.message
