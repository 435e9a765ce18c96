"""Role tags of subnets, as lowered."""

from __future__ import annotations

from pathlib import Path

from eks_checks import analysis
from eks_checks.aws.role_tags import INTERNAL_ROLE, PUBLIC_ROLE

FOLDER = """
variable "wanted" {}

resource "aws_subnet" "mine" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.0.0/24"
  tags       = { "kubernetes.io/role/elb" = 1 }
}

resource "aws_subnet" "perhaps" {
  count      = var.wanted
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
  tags       = { "kubernetes.io/role/internal-elb" = "" }
}

resource "aws_subnet" "tagged" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.2.0/24"
}

resource "aws_ec2_tag" "tagged" {
  resource_id = aws_subnet.tagged.id
  key         = "kubernetes.io/role/elb"
  value       = var.wanted
}

resource "aws_subnet" "other" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.3.0/24"
  tags       = { "kubernetes.io/role/elb" = "no" }
}
"""


def test_which_subnets_carry_which_tags_and_by_what(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(FOLDER, encoding="utf-8")
    found = analysis.load([str(tmp_path)]).estate.particulars.role_tags
    told = {
        (key.partition("[")[0], tag.key, tag.there.value, tag.by.partition("[")[0])
        for key, tags in found.items()
        for tag in tags
    }
    assert told == {
        ("aws_subnet.mine", PUBLIC_ROLE, True, "aws_subnet.mine"),
        ("aws_subnet.perhaps", INTERNAL_ROLE, None, "aws_subnet.perhaps"),
        ("aws_subnet.tagged", PUBLIC_ROLE, None, "aws_ec2_tag.tagged"),
    }


def test_what_decides_is_named(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(FOLDER, encoding="utf-8")
    found = analysis.load([str(tmp_path)]).estate.particulars.role_tags
    causes = {
        (cause.resource.partition("[")[0], cause.attribute)
        for tags in found.values()
        for tag in tags
        for cause in tag.there.causes
    }
    assert causes == {("aws_subnet.perhaps", "count"), ("aws_ec2_tag.tagged", "value")}
