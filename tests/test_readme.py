"""What the README says is so: commands run, sample output is what they print, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from eks_checks import analysis
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
    "live/prod": "examples/bastion-story",
}


def _table() -> list[str]:
    return re.findall(r"^\| `eks-checks ([^`]+)` \|", README, flags=re.MULTILINE)


def test_the_table_of_commands_is_read() -> None:
    assert len(_table()) >= 9


@pytest.mark.parametrize("line", _table())
def test_each_command_of_the_table_runs(line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words = [FILES.get(word, word) for word in shlex.split(line)]
    monkeypatch.chdir(ROOT)
    if "." in words:
        monkeypatch.chdir(_folder(tmp_path))
    done = CliRunner().invoke(command, words)
    assert done.exit_code in (0, 1), done.output
    assert done.output.strip()


def _folder(place: Path) -> Path:
    """The example with a variable and a file of variables as the commands of the table name them."""
    folder = place / "prod"
    shutil.copytree(ROOT / "examples" / "bastion-story", folder)
    (folder / "public.tf").write_text('variable "public" {\n  default = true\n}\n', encoding="utf-8")
    (folder / "prod.tfvars").write_text("public = true\n", encoding="utf-8")
    return folder


def test_the_quick_starts_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each block of commands, those of ours; on the example, where its author would type them."""
    monkeypatch.chdir(ROOT / "examples" / "bastion-story")
    blocks = re.findall(r"```text\n(.*?)```", README, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("eks-checks ")]
    assert lines == ["eks-checks scan plan.json", "eks-checks scan ."]
    for line in lines:
        done = CliRunner().invoke(command, shlex.split(line)[1:])
        assert "critical  EKS201" in done.output


def test_the_commands_of_the_example_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "examples" / "bastion-story")
    lines = re.findall(r"^    eks-checks (.*)$", Path("README.md").read_text("utf-8"), flags=re.MULTILINE)
    printed = {line: CliRunner().invoke(command, shlex.split(line)).output for line in lines}
    assert len(printed) == 6
    assert printed["reach ."] == printed["reach plan.json"], "the folder gives the plan's answers"
    bastion = [text for line, text in printed.items() if "--to aws_instance.bastion" in line]
    assert ["REACHABLE" in text for text in bastion] == [True, False]


def test_the_hooks_shown_are_there() -> None:
    [text] = re.findall(r"```yaml\n(repos:.*?)```", README, flags=re.DOTALL)
    [repository] = yaml.safe_load(text)["repos"]
    offered = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {hook["id"] for hook in repository["hooks"]} == offered


def test_the_sample_output_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    sample = re.search(r"```text\n(aws_eks_node_group.*?)```", README, flags=re.DOTALL)
    assert sample
    printed = CliRunner().invoke(command, ["reach", EXAMPLE]).output
    assert sample.group(1).strip() in printed


def test_the_configuration_shown_is_accepted() -> None:
    [text] = re.findall(r"```yaml\n(profile:.*?)```", README, flags=re.DOTALL)
    assert parse(text, file="README.md", checks=analysis.check_parameters).bastions


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
