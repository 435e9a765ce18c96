"""Which rules of a group are inline and which are separate resources (A19, A20, A22, K14)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.rule_forms import RuleForms
from tests.aws.plans import GROUP, OPAQUE, VPC, R, estate, ref
from tests.source_tree import ROOT

ECHO = ROOT / "tests" / "fixtures" / "handmade-echo"
SSH = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/24"]}
RULE = "aws_security_group_rule.ssh"


def rule(unknown: dict[str, object] | None = None, expression: object = None, type_: str = "ingress") -> R:
    """A separate rule of the group."""
    return R(
        RULE,
        {"type": type_, **SSH},
        {"security_group_id": True, **(unknown or {})},
        {"security_group_id": expression or ref("aws_security_group.node.id")},
    )


def group(**values: object) -> R:
    """The group with lists of its own."""
    return R(GROUP.address, values, GROUP.unknown, GROUP.expressions)


def forms(*resources: R) -> RuleForms:
    """How the group's rules are written."""
    [found] = estate(VPC, *resources).particulars.rule_forms
    return found


def told(found: RuleForms) -> tuple[str, str, list[tuple[str, str, str]]]:
    """(inbound inline, outbound inline, the separate rules) in words."""
    separate = [(one.resource, one.direction, str(one.of_it)) for one in found.rules]
    return str(found.written_inline("inbound")), str(found.written_inline("outbound")), separate


def test_a_list_left_out_is_none_and_an_empty_one_that_is_written_is_a_list() -> None:
    left_out = R(GROUP.address, {}, {**GROUP.unknown, "ingress": True, "egress": True}, GROUP.expressions)
    assert told(forms(left_out)) == ("no", "no", [])
    assert told(forms(group(ingress=[], egress=[SSH]))) == ("yes", "yes", [])


def test_separate_rules_by_the_group_they_name() -> None:
    assert told(forms(GROUP, rule()))[2] == [(RULE, "inbound", "yes")]
    assert told(forms(GROUP, rule(type_="egress")))[2] == [(RULE, "outbound", "yes")]
    vpc_rule = R(
        "aws_vpc_security_group_egress_rule.out",
        {"ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"},
        {"security_group_id": True},
        {"security_group_id": ref("aws_security_group.node.id")},
    )
    assert told(forms(GROUP, vpc_rule))[2] == [(vpc_rule.address, "outbound", "yes")]


def test_a_rule_whose_group_is_not_known_may_be_of_any() -> None:
    found = forms(GROUP, rule(expression=OPAQUE))
    assert told(found)[2] == [(RULE, "inbound", "unknown")]
    assert found.anywhere[0].of_it.causes[0].attribute == "security_group_id"


def test_a_rule_of_another_group_is_none_of_this() -> None:
    other = R("aws_security_group.other", {}, {"id": True}, {})
    found = estate(VPC, GROUP, other, rule(expression=ref("aws_security_group.other.id")))
    by_group = {one.resource: one for one in found.particulars.rule_forms}
    assert not list(by_group[GROUP.address].rules)
    assert list(by_group[other.address].rules)


@pytest.mark.parametrize("alone", [False, True], ids=["sources", "plan alone"])
@pytest.mark.parametrize(
    ("case", "inbound", "without_sources"),
    [
        ("sg-rule-unchanged", "no", "no"),
        ("sg-rule-deleted", "no", "no"),
        ("sg-rule-narrowed", "no", "no"),
        ("sg-inline-beside-echo", "yes", "yes"),
        ("sg-inline-changed-beside-rule", "yes", "yes"),
        # Somebody made it by hand: only the sources tell that nobody wrote it.
        ("sg-foreign-rule-beside-echo", "no", "unknown"),
    ],
)
def test_an_echo_is_not_written(
    case: str,
    inbound: str,
    without_sources: str,
    alone: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ECHO / case / "plan.json", tmp_path)
    inputs = analysis.load(["plan.json"], source=None if alone else str(ECHO / case))
    [found] = [one for one in inputs.estate.particulars.rule_forms if one.resource.endswith(".node")]
    assert str(found.written_inline("inbound")) == (without_sources if alone else inbound)
    assert str(found.written_inline("outbound")) == "no"
