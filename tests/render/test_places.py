"""Places in the reports: short, whole, and in a called module with the calls that lead there."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from eks_checks.findings import Evidence, Severity
from eks_checks.location import ModuleCall, SourceSpan
from eks_checks.reach.answer import Hop, Source, Verdict
from eks_checks.render import json as rendered
from eks_checks.render import reach_text, scan_text, words
from tests.render import samples

TO_EKS = (ModuleCall("module.eks", "main.tf", 3),)
TO_NODES = (*TO_EKS, ModuleCall("module.eks.module.nodes", ".terraform/modules/eks/main.tf", 87))
TO_NET = (ModuleCall("module.net", "main.tf", 40),)
NODES = SourceSpan(".terraform/modules/eks/modules/nodes/main.tf", 27, 45, TO_NODES)
KEY = SourceSpan(".terraform/modules/eks/modules/nodes/main.tf", 31, 31, TO_NODES)
RULE = SourceSpan("modules/net/main.tf", 12, 19, TO_NET)
OTHER_RULE = SourceSpan("modules/net/main.tf", 30, 37, TO_NET)

FOUND = samples.finding(
    "EKS201",
    "node-ssh-from-internet",
    Severity.CRITICAL,
    "module.eks.module.nodes.aws_eks_node_group.this",
    location=NODES,
    message="The internet gets in.",
    evidence=(
        Evidence("module.eks.module.nodes.aws_eks_node_group.this", "itself", NODES),
        Evidence("module.eks.module.nodes.aws_eks_node_group.this", "its key", KEY),
        Evidence("module.net.aws_security_group.a", "lets it in", RULE),
        Evidence("module.net.aws_security_group.b", "lets it in, too", OTHER_RULE),
        Evidence("sg-0abc", "is in none of the inputs"),
    ),
    remediation="",
)
REPORT = replace(samples.SCAN, findings=(FOUND,), notices=())


def test_a_place_is_told_with_the_calls_that_lead_there() -> None:
    assert words.place(None) == ""
    assert words.place(SourceSpan("main.tf", 12, 30)) == " (main.tf:12)"
    assert words.place(KEY) == (
        " (.terraform/modules/eks/modules/nodes/main.tf:31, "
        "called at main.tf:3 -> .terraform/modules/eks/main.tf:87)"
    )


def test_the_calls_are_told_once_and_what_was_told_not_again() -> None:
    page = scan_text.page(REPORT, quiet=True)
    assert page.text(100).splitlines() == [
        "critical  EKS201 node-ssh-from-internet",
        "    module.eks.module.nodes.aws_eks_node_group.this",
        "      (.terraform/modules/eks/modules/nodes/main.tf:27, called at main.tf:3 ->",
        "      .terraform/modules/eks/main.tf:87)",
        "      The internet gets in.",
        "      - module.eks.module.nodes.aws_eks_node_group.this: itself",
        "      - module.eks.module.nodes.aws_eks_node_group.this: its key",
        "        (.terraform/modules/eks/modules/nodes/main.tf:31)",
        "      - module.net.aws_security_group.a: lets it in (modules/net/main.tf:12, called at main.tf:40)",
        "      - module.net.aws_security_group.b: lets it in, too (modules/net/main.tf:30)",
        "      - sg-0abc: is in none of the inputs",
    ]


@pytest.mark.parametrize("width", [20, 50, 80, 100])
def test_no_place_is_cut(width: int) -> None:
    """Terminals make ``file:line`` a link where it stands whole on one line."""
    spots = re.compile(r"[\w./]+\.tf:\d+")
    page = scan_text.page(REPORT, quiet=True)
    assert spots.findall(page.text(width)) == spots.findall(page.text(100_000))


def test_json_has_each_call_once_as_evidence() -> None:
    (found,) = json.loads(rendered.scan(REPORT))["findings"]
    assert found["location"] == {"file": NODES.file, "line": 27, "end_line": 45}
    assert found["evidence"][2]["location"] == {"file": "modules/net/main.tf", "line": 12}
    called = "the module is called here"
    assert found["evidence"][5:] == [
        {"resource": "module.eks", "text": called, "location": {"file": "main.tf", "line": 3}},
        {
            "resource": "module.eks.module.nodes",
            "text": called,
            "location": {"file": ".terraform/modules/eks/main.tf", "line": 87},
        },
        {"resource": "module.net", "text": called, "location": {"file": "main.tf", "line": 40}},
    ]


def test_who_gets_in_is_told_with_the_calls_and_each_step_by_its_line() -> None:
    hop = Hop("security_group", "module.net.aws_security_group.a", "tcp 22", "lets tcp 22 in", RULE)
    source = Source("internet", Verdict.REACHABLE, cidrs=("0.0.0.0/0",), path=(hop,))
    answer = samples.answer("aws_subnet.a", sources=(source,), location=NODES)
    report = replace(samples.REACH, answers=(answer,), attack_paths=())
    short, explained = (reach_text.page(report, explain=explain).text(10_000) for explain in (False, True))
    rule = "lets tcp 22 in (module.net.aws_security_group.a, modules/net/main.tf:12"
    assert f"by {rule}, called at main.tf:40)" in short
    assert f"{rule})" in explained
