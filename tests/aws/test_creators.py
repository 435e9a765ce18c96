"""With whose rights resources are made: the role that their provider configuration assumes, if any."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from eks_checks import analysis
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.creators import Creator, creator_of
from eks_checks.settings import Settings
from eks_checks.terraform.sameness import Same
from eks_checks.terraform.value import NULL, Known
from tests.aws.plans import CLUSTER, R, plan
from tests.terraform.evaluation.worlds import folder

ROLE = "arn:aws:iam::111122223333:role/builder"
CLUSTERS = """
resource "aws_eks_cluster" "a" {
  name = "a"
}
resource "aws_eks_cluster" "b" {
  name     = "b"
  provider = aws.east
}
"""


def written(tmp_path: Path, providers: str) -> dict[str, Creator]:
    run = Lowering(folder(tmp_path, {"main.tf": providers + CLUSTERS}).world)
    return {r.key: creator_of(run, r) for r in run.world.resources("aws_eks_cluster")}


def planned(expressions: dict[str, Any] | None) -> Creator:
    shown = plan(CLUSTER)
    shown["configuration"]["provider_config"]["aws"]["expressions"] = expressions or {}
    shown["configuration"]["root_module"]["resources"][0]["provider_config_key"] = "aws"
    world = analysis.load(["-"], io.BytesIO(json.dumps(shown).encode())).world
    return creator_of(Lowering(world), world.resources("aws_eks_cluster")[0])


def test_each_provider_configuration_has_its_own(tmp_path: Path) -> None:
    east = f'provider "aws" {{\n  alias = "east"\n  assume_role {{ role_arn = "{ROLE}" }}\n}}\n'
    made = written(tmp_path, 'provider "aws" {}\n' + east)
    a, b = made["aws_eks_cluster.a"], made["aws_eks_cluster.b"]
    assert (a.provider, a.role, str(a.assumes)) == ("aws", NULL, "no")
    assert (b.provider, b.role, str(b.assumes)) == ("aws.east", Known(ROLE), "yes")
    assert a.same(b) is Same.NO
    assert b.same(b) is Same.YES


@pytest.mark.parametrize(
    ("arguments", "assumes"),
    [
        ("", "no"),
        ('assume_role { role_arn = "" }', "no"),
        ("assume_role { role_arn = null }", "no"),
        (f'assume_role_with_web_identity {{ role_arn = "{ROLE}" }}', "yes"),
        ('assume_role { role_arn = "arn:aws:iam::${terraform_data.x.output}:role/a" }', "yes"),
        ("assume_role { role_arn = terraform_data.x.output }", "unknown"),
        ('dynamic "assume_role" {\n  for_each = []\n  content { role_arn = "x" }\n}', "no"),
        ('dynamic "assume_role" {\n  for_each = ["a"]\n  content { role_arn = "x" }\n}', "yes"),
        ('dynamic "assume_role" {\n  for_each = terraform_data.x.output\n  content {}\n}', "unknown"),
        ('profile = "prod"', "unknown"),
        ('profile = ""', "no"),
        (f'profile = "prod"\n  assume_role {{ role_arn = "{ROLE}" }}', "yes"),
    ],
)
def test_whether_it_assumes_a_role(tmp_path: Path, arguments: str, assumes: str) -> None:
    providers = f'provider "aws" {{\n  alias = "east"\n  {arguments}\n}}\n'
    data = 'resource "terraform_data" "x" { input = timestamp() }\n'
    creator = written(tmp_path, providers + data)["aws_eks_cluster.b"]
    assert str(creator.assumes) == assumes
    assert bool(creator.assumes.causes) is (assumes == "unknown")


def test_the_last_of_a_chain_counts(tmp_path: Path) -> None:
    chain = f'assume_role {{ role_arn = "first" }}\n  assume_role {{ role_arn = "{ROLE}" }}'
    made = written(tmp_path, f'provider "aws" {{\n  alias = "east"\n  {chain}\n}}\n')
    assert made["aws_eks_cluster.b"].role == Known(ROLE)


def test_a_plan_tells_constants_and_keeps_expressions_unknown() -> None:
    assert str(planned({}).assumes) == "no"
    assert planned({"assume_role": [{"role_arn": {"constant_value": ROLE}}]}).role == Known(ROLE)
    unclear = planned({"assume_role": [{"role_arn": {"references": ["var.account"]}}]})
    assert str(unclear.assumes) == "unknown"
    assert "var.account" in unclear.assumes.causes[0].reason


def test_a_state_does_not_tell() -> None:
    shown = plan(CLUSTER)
    del shown["configuration"]
    world = analysis.load(["-"], io.BytesIO(json.dumps(shown).encode())).world
    found = creator_of(Lowering(world), world.resources("aws_eks_cluster")[0])
    assert (found.provider, str(found.assumes)) == ("", "unknown")
    assert found.same(found) is Same.UNDECIDED


def test_two_configurations_of_one_role_are_one_creator(tmp_path: Path) -> None:
    role = f'assume_role {{ role_arn = "{ROLE}" }}'
    other = f'provider "aws" {{\n  {role}\n}}\nprovider "aws" {{\n  alias = "east"\n  {role}\n}}\n'
    made = written(tmp_path, other)
    assert made["aws_eks_cluster.a"].same(made["aws_eks_cluster.b"]) is Same.YES


# --- what EKS504 says of it ------------------------------------------------------------------


def created(providers: dict[str, Any], **clusters: str) -> dict[str, str]:
    """What EKS504 says of clusters (name to the key of their provider)."""
    shown = plan(*(R(f"aws_eks_cluster.{name}", {"name": name, "vpc_config": [{}]}) for name in clusters))
    shown["configuration"]["provider_config"] = {
        key: {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": expressions}
        for key, expressions in providers.items()
    }
    blocks = shown["configuration"]["root_module"]["resources"]
    for block, key in zip(blocks, clusters.values(), strict=True):
        block["provider_config_key"] = key
    inputs = analysis.load(["-"], io.BytesIO(json.dumps(shown).encode()))
    findings = analysis.scan(inputs, Settings(), select=["EKS504"]).findings
    return {each.resource: each.status.value for each in findings}


def assumes(role: str | None) -> dict[str, Any]:
    value = {"constant_value": role} if role else {"references": ["var.role"]}
    return {"assume_role": [{"role_arn": value}]}


A, B = "aws_eks_cluster.a", "aws_eks_cluster.b"


@pytest.mark.parametrize(
    ("providers", "expected"),
    [
        ({"aws": {}, "aws.b": assumes(ROLE)}, {A: "fail"}),
        ({"aws": assumes(ROLE), "aws.b": assumes(ROLE + "-b")}, {}),
        ({"aws": assumes(ROLE), "aws.b": assumes(ROLE)}, {A: "fail", B: "fail"}),
        ({"aws": assumes(ROLE), "aws.b": assumes(None)}, {A: "possible", B: "possible"}),
    ],
)
def test_a_role_of_its_own_creates_each_cluster(providers: dict[str, Any], expected: dict[str, str]) -> None:
    assert created(providers, a="aws", b="aws.b") == expected


def test_one_provider_that_assumes_a_role_for_two_clusters() -> None:
    assert created({"aws": assumes(ROLE)}, a="aws", b="aws") == {A: "fail", B: "fail"}
    assert created({"aws": assumes(ROLE)}, a="aws") == {}
