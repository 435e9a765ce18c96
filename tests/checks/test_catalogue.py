"""The catalogue against the contract: every check has its file, its page and its row."""

from __future__ import annotations

import re

import pytest

import eks_checks.checks
from eks_checks.checks import CHECKS
from eks_checks.checks.check import Check
from eks_checks.findings import Severity
from tests.source_tree import ROOT

CONTRACT = {
    "EKS101": ("node-public-subnet", Severity.HIGH),
    "EKS102": ("node-public-address", Severity.HIGH),
    "EKS103": ("node-subnet-no-egress", Severity.LOW),
    "EKS104": ("public-subnet-workload", Severity.LOW),
    "EKS105": ("load-balancer-subnet-tags", Severity.INFO),
    "EKS106": ("node-subnet-shared", Severity.LOW),
    "EKS201": ("node-ssh-from-internet", Severity.CRITICAL),
    "EKS202": ("node-ssh-from-pods", Severity.MEDIUM),
    "EKS203": ("node-ssh-beyond-bastion", Severity.MEDIUM),
    "EKS204": ("node-group-ssh-open", Severity.CRITICAL),
    "EKS205": ("node-ssh-key", Severity.LOW),
    "EKS206": ("node-ssh-attack-path", Severity.HIGH),
    "EKS207": ("node-no-session-manager", Severity.LOW),
    "EKS208": ("pod-ssh-egress-open", Severity.LOW),
    "EKS209": ("node-port-from-internet", Severity.HIGH),
    "EKS210": ("node-ssh-via-service", Severity.HIGH),
    "EKS301": ("cluster-sg-open", Severity.HIGH),
    "EKS302": ("cluster-sg-on-nodes", Severity.MEDIUM),
    "EKS303": ("node-sg-restriction-defeated", Severity.HIGH),
    "EKS304": ("pods-share-node-sg", Severity.LOW),
    "EKS305": ("sg-rules-mixed", Severity.LOW),
    "EKS306": ("cluster-tag-on-many-sg", Severity.MEDIUM),
    "EKS307": ("node-default-sg", Severity.MEDIUM),
    "EKS308": ("node-sg-all-ports", Severity.MEDIUM),
    "EKS309": ("endpoint-public-world", Severity.HIGH),
    "EKS310": ("endpoint-unreachable", Severity.INFO),
    "EKS401": ("node-nacl-ssh-unrestricted", Severity.LOW),
    "EKS402": ("nacl-rule-shadowed", Severity.LOW),
    "EKS403": ("nodes-cut-off", Severity.MEDIUM),
    "EKS404": ("nacl-unused", Severity.INFO),
    "EKS501": ("creator-admin", Severity.MEDIUM),
    "EKS502": ("auth-config-map", Severity.MEDIUM),
    "EKS503": ("system-masters", Severity.HIGH),
    "EKS504": ("creator-not-dedicated", Severity.LOW),
    "EKS505": ("creator-role-powers", Severity.MEDIUM),
    "EKS506": ("admin-not-role", Severity.MEDIUM),
    "EKS601": ("node-imds-open", Severity.MEDIUM),
    "EKS602": ("node-role-powers", Severity.MEDIUM),
    "EKS603": ("node-group-no-template", Severity.INFO),
    "EKS604": ("control-plane-logs", Severity.LOW),
    "EKS701": ("required-tags", Severity.LOW),
    "EKS702": ("cluster-tag", Severity.LOW),
    "EKS703": ("instance-tags", Severity.LOW),
    "EKS704": ("tag-condition-missing", Severity.LOW),
}
SECTIONS = (
    "What it finds",
    "Why it matters",
    "What is assumed",
    "How it decides",
    "Avoid",
    "Prefer",
    "How to fix",
    "Configuration",
    "Known to be quiet on",
    "Guide",
    "Related",
)
PAGES = ROOT / "docs" / "checks"

every_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)


def test_ids_names_and_severities_are_the_contracts() -> None:
    assert {check.id: (check.name, check.severity) for check in CHECKS} == CONTRACT


def test_the_catalogue_is_in_order_of_the_ids() -> None:
    ids = [check.id for check in CHECKS]
    assert ids == sorted(set(ids))


@every_check
def test_the_file_is_named_after_the_check(check: Check) -> None:
    folder = ROOT / "eks_checks" / "checks"
    name = f"{check.id.lower()}_{check.name.replace('-', '_')}"
    assert (folder / f"{name}.py").is_file()
    assert check.run.__module__ == f"{eks_checks.checks.__name__}.{name}"


@every_check
def test_the_summary_is_one_line(check: Check) -> None:
    assert check.summary.endswith(".")
    assert "\n" not in check.summary
    assert len(check.summary) <= 110
    assert check.resource_types


@every_check
def test_the_page_has_every_section(check: Check) -> None:
    text = (PAGES / f"{check.id}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {check.id} {check.name}\n")
    assert f"**Severity: {check.severity.label}**" in text
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == SECTIONS
    assert "Designing EKS clusters for better security" in text


@every_check
def test_the_index_has_a_row(check: Check) -> None:
    rows = (PAGES / "README.md").read_text(encoding="utf-8").splitlines()
    [row] = [row for row in rows if row.startswith(f"| [{check.id}]({check.id}.md) |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:3] == [check.name, check.severity.label]


@every_check
def test_the_page_names_only_facts_that_there_are(check: Check) -> None:
    model = ROOT / "docs" / "model.md"
    if not model.is_file():
        pytest.skip("docs/model.md is not written yet")
    known = set(re.findall(r"\b([A-N]\d{1,2})\b", model.read_text(encoding="utf-8")))
    text = (PAGES / f"{check.id}.md").read_text(encoding="utf-8")
    assumed = text.partition("## What is assumed")[2].partition("\n## ")[0]
    cited = set(re.findall(r"\b([A-N]\d{1,2})\b", assumed))
    assert cited
    assert cited <= known
