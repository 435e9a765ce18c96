"""Which provider configuration makes a resource, told by the sources alone."""

from __future__ import annotations

import json
from pathlib import Path

from eks_checks import analysis
from tests.terraform.evaluation.worlds import folder

SOURCES = {
    "main.tf": """
provider "aws" {
  region = "eu-west-1"
  default_tags { tags = { team = "net", env = "dev" } }
}
provider "aws" {
  alias  = "east"
  region = "us-east-1"
  assume_role { role_arn = "arn:aws:iam::111122223333:role/builder" }
}
resource "aws_vpc" "here" {
  cidr_block = "10.0.0.0/16"
  tags       = { env = "prod" }
}
resource "aws_vpc" "there" {
  provider   = aws.east
  cidr_block = "10.1.0.0/16"
}
module "net" {
  source    = "./net"
  providers = { aws = aws.east }
}
module "inherits" { source = "./net" }
""",
    "net/main.tf": 'resource "aws_vpc" "this" { cidr_block = "10.2.0.0/16" }\n',
}


def test_aliases_and_what_is_passed_to_modules(tmp_path: Path) -> None:
    world = folder(tmp_path, SOURCES).world
    made = {r.key: (r.provider_key, r.provider_arguments) for r in world.resources("aws_vpc")}
    default, east = {"region", "default_tags"}, {"region", "assume_role"}
    assert made == {
        "aws_vpc.here": ("aws", default),
        "aws_vpc.there": ("aws.east", east),
        "module.net.aws_vpc.this": ("aws.east", east),
        "module.inherits.aws_vpc.this": ("aws", default),
    }


def test_regions_and_default_tags_come_with_it(tmp_path: Path) -> None:
    world = folder(tmp_path, SOURCES).world
    shown = {r.key: (r.raw("region")[0], r.raw("tags_all")[0]) for r in world.resources("aws_vpc")}
    tags = {"team": "net", "env": "dev"}
    assert shown == {
        "aws_vpc.here": ("eu-west-1", {**tags, "env": "prod"}),
        "aws_vpc.there": ("us-east-1", {}),
        "module.net.aws_vpc.this": ("us-east-1", {}),
        "module.inherits.aws_vpc.this": ("eu-west-1", tags),
    }


def test_without_a_block_the_environment_configures_it(tmp_path: Path) -> None:
    [vpc] = folder(tmp_path, 'resource "aws_vpc" "this" { cidr_block = "10.0.0.0/16" }').world.resources()
    assert (vpc.provider_key, vpc.provider_arguments) == ("aws", frozenset())


def test_sources_that_no_configuration_vouches_for_tell_nothing(tmp_path: Path) -> None:
    """Sources are used only where they match a plan's configuration (contract); this plan has none."""
    folder(tmp_path, SOURCES)
    there = {"type": "aws_vpc", "name": "there", "address": "aws_vpc.there", "mode": "managed"}
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{**there, "values": {}}]}},
        "resource_changes": [
            {**there, "change": {"actions": ["create"], "before": None, "after": {}, "after_unknown": {}}}
        ],
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    [vpc] = analysis.load([str(tmp_path / "plan.json")]).world.resources()
    assert (vpc.provider_key, vpc.provider_arguments) == ("", None)
