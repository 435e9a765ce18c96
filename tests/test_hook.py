"""The hook, called as pre-commit calls it: in the repository, with the names of changed files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from eks_checks import hook
from tests.source_tree import ROOT

NETWORK = """
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_subnet" "nodes" {
  vpc_id                  = aws_vpc.this.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = var.public
}

resource "aws_route_table_association" "nodes" {
  subnet_id      = aws_subnet.nodes.id
  route_table_id = aws_route_table.this.id
}
"""
CLUSTER = """
variable "public" {
  type    = bool
  default = false
}

resource "aws_eks_cluster" "this" {
  name     = "it"
  role_arn = "arn:aws:iam::111122223333:role/it"

  vpc_config {
    subnet_ids = [aws_subnet.nodes.id]
  }
}

resource "aws_eks_node_group" "workers" {
  cluster_name  = aws_eks_cluster.this.name
  node_role_arn = "arn:aws:iam::111122223333:role/it"
  subnet_ids    = [aws_subnet.nodes.id]

  remote_access {
    ec2_ssh_key = "it"
  }

  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}
"""
CALL = 'module "eks" {\n  source = "../modules/eks"\n  public = %s\n}\n'
BUCKET = 'resource "aws_s3_bucket" "this" {\n  bucket = "it"\n}\n'
FROM_INTERNET = ("--select", "EKS201", "--fail-on", "critical")


class Answer(NamedTuple):
    """What the hook said."""

    code: int
    out: str
    err: str

    @property
    def headings(self) -> list[str]:
        """The paths that have a report."""
        return [line[3:] for line in self.out.splitlines() if line.startswith("== ")]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def runs(*arguments: str) -> Answer:
        code = hook.main(list(arguments))
        return Answer(code, *capsys.readouterr())

    return runs


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository: two environments that call one module, and a folder of other things."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    write(tmp_path, "modules/eks/network.tf", NETWORK)
    write(tmp_path, "modules/eks/cluster.tf", CLUSTER)
    write(tmp_path, "prod/main.tf", CALL % "false")
    write(tmp_path, "stage/main.tf", CALL % "true")
    write(tmp_path, "buckets/main.tf", BUCKET)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(top: Path, name: str, text: str) -> None:
    path = top / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_changed_module_means_each_of_its_roots_alone(run: Callable[..., Answer], top: Path) -> None:
    found = run(*FROM_INTERNET, "modules/eks/cluster.tf", "modules/eks/network.tf")
    assert found.code == 1
    assert found.headings == ["prod", "stage"]
    prod, stage = found.out.split("== stage\n")
    assert "prod: folder, 7 resources" in prod
    assert "high  EKS201" in prod
    assert "module.eks.aws_eks_node_group.workers (modules/eks/cluster.tf:" in stage.replace("stage/../", "")
    assert "critical  EKS201" in stage
    assert found.err == ""


def test_a_changed_root_means_itself(run: Callable[..., Answer], top: Path) -> None:
    assert run(*FROM_INTERNET, "prod/main.tf").code == 0
    assert run(*FROM_INTERNET, "prod/main.tf", "buckets/main.tf").headings == ["prod"]
    assert run(*FROM_INTERNET, "stage/main.tf").code == 1
    assert run(*FROM_INTERNET, "--fail-on", "never", "stage/main.tf").code == 0


def test_what_has_nothing_of_a_cluster_passes_without_a_word(run: Callable[..., Answer], top: Path) -> None:
    write(top, "values/variables.tf", 'variable "x" {}\n')
    write(top, "values/locals.tf", "locals {\n  y = 1\n}\n")
    write(top, "ids/main.tf", 'resource "random_id" "this" {\n  byte_length = 4\n}\n')
    write(top, "vars/prod.tfvars", "x = 1\n")
    names = ["buckets/main.tf", "values/locals.tf", "ids/main.tf", "vars/prod.tfvars"]
    assert run(*names) == (0, "", "")
    assert run() == (0, "", "")


def test_values_of_variables_are_taken_from_their_files(
    run: Callable[..., Answer], top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(top, "prod/main.tf", 'variable "open" {\n  default = false\n}\n\n' + CALL % "var.open")
    assert run(*FROM_INTERNET, "prod/main.tf").code == 0
    monkeypatch.setenv("TF_VAR_open", "true")
    assert run(*FROM_INTERNET, "prod/main.tf").code == 1
    write(top, "prod/terraform.tfvars", "open = false\n")
    assert run(*FROM_INTERNET, "prod/terraform.tfvars").code == 0


def test_a_syntax_error_is_told_and_the_rest_is_used(run: Callable[..., Answer], top: Path) -> None:
    write(top, "stage/broken.tf", 'locals {\n  x = 1\n}\n\nresource "aws_vpc" {{{\n')
    found = run(*FROM_INTERNET, "stage/broken.tf")
    assert found.code == 1
    assert "critical  EKS201" in found.out
    assert "stage/broken.tf:5: `resource" in found.out
    write(top, "alone/broken.tf", "\nresource {{{\n")
    found = run("alone/broken.tf", "prod/main.tf", *FROM_INTERNET)
    assert found.code == 2
    assert found.headings == ["alone", "prod"]
    assert found.err.startswith("eks-checks-hook: alone/broken.tf:2: `resource")


def test_modules_that_are_not_installed(run: Callable[..., Answer], top: Path) -> None:
    write(top, "remote/main.tf", 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n}\n')
    found = run("remote/main.tf")
    assert (found.code, found.headings, found.err) == (0, ["remote"], "")
    assert "Note: module.eks: its source terraform-aws-modules/eks/aws is not installed: run" in found.out


def test_each_root_has_its_own_configuration(run: Callable[..., Answer], top: Path) -> None:
    write(top, "stage/.eks-checks.yaml", "checks: {EKS201: off}\n")
    found = run("modules/eks/cluster.tf", "--fail-on", "critical")
    assert found.headings == ["prod", "stage"]
    assert "stage/.eks-checks.yaml turns off EKS201" in found.out.split("== stage")[1]
    assert "turns off" not in found.out.split("== stage")[0]


def test_plans_and_sources_together(run: Callable[..., Answer], top: Path) -> None:
    story = ROOT / "tests" / "fixtures" / "stories" / "private-and-clean"
    shutil.copy(story / "plan.json", top / "plan.json")
    found = run(*FROM_INTERNET, "stage/main.tf", "plan.json", "gone.tf", "prod/main.tf")
    assert found.code == 2
    assert found.headings == ["plan.json", "prod", "stage"]
    assert found.err == "eks-checks-hook: gone.tf: there is no such file; check the path\n"
    write(top, "broken-plan.json", "{")
    assert run("broken-plan.json", "prod/main.tf", *FROM_INTERNET).headings == ["broken-plan.json", "prod"]


def test_the_same_bytes_whatever_the_order(run: Callable[..., Answer], top: Path) -> None:
    files = ["prod/main.tf", "modules/eks/cluster.tf", "buckets/main.tf"]
    assert run(*files).out == run(*reversed(files)).out


def test_it_needs_nobody(top: Path) -> None:
    """No credentials, no Terraform, no network: an empty environment and a path without programs."""
    code = "import sys; from eks_checks.hook import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *FROM_INTERNET, "stage/main.tf"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (1, "")
    assert "critical  EKS201" in done.stdout


def test_a_folder_is_a_kind_of_input(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from eks_checks.cli import main

    assert main(["scan", "prod", *FROM_INTERNET, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["inputs"] == [
        {"path": "prod", "kind": "folder", "terraform_version": "", "resources": 7}
    ]


def test_which_files_the_hooks_take() -> None:
    taken = {
        "eks-checks": [
            "main.tf",
            "a/b.tf.json",
            "x.tofu",
            "terraform.tfvars",
            "p.auto.tfvars.json",
            "plan.tf",
        ],
        "eks-checks-plan": ["plan.json", "live/tfplan.json", "my-plan.out.json"],
        "": [
            "README.md",
            "a/.terraform/modules/x/main.tf",
            "state.json",
            "main.tf.bak",
            "atf",
            ".terraform.lock.hcl",
        ],
    }
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    for expected, files in taken.items():
        for file in files:
            takers = [
                entry["id"]
                for entry in hooks
                if re.search(entry["files"], file) and not re.search(entry["exclude"], file)
            ]
            assert takers == ([expected] if expected else []), file
