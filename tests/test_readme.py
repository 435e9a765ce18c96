"""What the README says is so: commands run, sample output is what they print, links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from eks_checks.checks import CHECKS
from eks_checks.cli.commands import command
from eks_checks.settings import parse

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = "examples/bastion-story/plan.json"
NETWORK = "tests/fixtures/several-inputs/network-and-cluster"
FILES = {
    "plan.json": EXAMPLE,
    "network.tfstate": f"{NETWORK}/network.state",
    "cluster-plan.json": f"{NETWORK}/cluster/plan.json",
}


def _table() -> list[str]:
    return re.findall(r"^\| `eks-checks ([^`]+)` \|", README, flags=re.MULTILINE)


def test_the_table_of_commands_is_read() -> None:
    assert len(_table()) >= 6


@pytest.mark.parametrize("line", _table())
def test_each_command_of_the_table_runs(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(command, [FILES.get(word, word) for word in shlex.split(line)])
    assert done.exit_code in (0, 1), done.output
    assert done.output.strip()


def test_the_sample_output_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    sample = re.search(r"```text\n(aws_eks_node_group.*?)```", README, flags=re.DOTALL)
    assert sample
    printed = CliRunner().invoke(command, ["reach", EXAMPLE]).output
    assert sample.group(1).strip() in printed


def test_the_configuration_shown_is_accepted() -> None:
    [text] = re.findall(r"```yaml\n(bastions:.*?)```", README, flags=re.DOTALL)
    assert parse(text, file="README.md", check_ids=[check.id for check in CHECKS]).bastions


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
