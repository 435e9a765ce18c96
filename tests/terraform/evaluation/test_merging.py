"""The files of a folder as one module: overriding ones, JSON ones, and ones that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

from eks_checks import analysis
from eks_checks.reach.engine import Question
from eks_checks.terraform.resource import Resource
from tests.terraform.evaluation.asking import of_folder, written
from tests.terraform.evaluation.evaluating import said
from tests.terraform.evaluation.worlds import folder
from tests.terraform.readable import text

GROUP = """
locals {
  name  = "base"
  other = "stays"
}
variable "size" { default = 1 }
resource "aws_security_group" "this" {
  name        = local.name
  description = "base"
  ingress {
    from_port = 1
    to_port   = 1
    protocol  = "tcp"
  }
  dynamic "ingress" {
    for_each = [2]
    content {
      from_port = ingress.value
      to_port   = ingress.value
      protocol  = "tcp"
    }
  }
  egress {
    from_port = 9
    to_port   = 9
    protocol  = "udp"
  }
}
"""


def only(inputs: analysis.Inputs, type_: str) -> Resource:
    [found] = inputs.world.resources(type_)
    return found


def ports(resource: Resource, kind: str) -> list[str]:
    return [text(block.value("from_port")) for block in resource.blocks(kind)]


def test_a_local_in_an_override_file_replaces_that_one_alone(tmp_path: Path) -> None:
    over = 'locals {\n  name = "over"\n}\nvariable "size" { default = 2 }\n'
    evaluator = of_folder(written(tmp_path, {"main.tf": GROUP, "override.tf": over}))
    assert said(evaluator, "[local.name, local.other, var.size]") == "['over', 'stays', 2]"


def test_override_files_are_applied_in_the_order_of_their_names(tmp_path: Path) -> None:
    files = {
        "a_override.tf": 'locals {\n  name = "a"\n}\n',
        "b_override.tf.json": json.dumps({"locals": {"name": "b"}}),
        "overrides.tf": 'locals {\n  fresh = "an ordinary file"\n}\n',
        "main.tf": GROUP,
    }
    evaluator = of_folder(written(tmp_path, files))
    assert said(evaluator, "[local.name, local.fresh]") == "['b', 'an ordinary file']"


def test_arguments_are_overridden_one_by_one(tmp_path: Path) -> None:
    over = 'resource "aws_security_group" "this" {\n  description = "over"\n}\n'
    group = only(folder(tmp_path, {"main.tf": GROUP, "override.tf": over}), "aws_security_group")
    assert (text(group.value("name")), text(group.value("description"))) == ("'base'", "'over'")
    assert (ports(group, "ingress"), ports(group, "egress")) == (["1", "2"], ["9"])


def test_nested_blocks_are_overridden_all_of_a_kind(tmp_path: Path) -> None:
    """A literal block replaces the ``dynamic`` ones too, and the other way round."""
    block = "from_port = 5\n to_port = 5\n protocol = 6\n"
    literal = f'resource "aws_security_group" "this" {{\n ingress {{\n {block} }}\n}}\n'
    group = only(folder(tmp_path, {"main.tf": GROUP, "override.tf": literal}), "aws_security_group")
    assert (ports(group, "ingress"), ports(group, "egress")) == (["5"], ["9"])
    dynamic = f'dynamic "egress" {{\n for_each = [1, 2]\n content {{\n {block} }}\n }}'
    over = f'resource "aws_security_group" "this" {{\n {dynamic}\n}}\n'
    group = only(folder(tmp_path, {"main.tf": GROUP, "override.tf": over}), "aws_security_group")
    assert (ports(group, "ingress"), ports(group, "egress")) == (["1", "2"], ["5", "5"])


def test_a_module_call_is_overridden_too(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./old"\n  name   = "kept"\n}\n',
        "override.tf": 'module "m" {\n  source = "./new"\n}\n',
        "old/main.tf": 'variable "name" {}\noutput "o" { value = "old" }\n',
        "new/main.tf": 'variable "name" {}\noutput "o" { value = "new ${var.name}" }\n',
    }
    assert said(of_folder(written(tmp_path, files)), "module.m.o") == "'new kept'"


NATIVE = """
variable "ports" {
  type    = list(number)
  default = [22, 443]
}
locals {
  text = "a ${length(var.ports)} b"
}
resource "aws_vpc" "this" {
  count      = 2
  cidr_block = "10.${count.index}.0.0/16"
  tags       = { Name = local.text, "x.y" = "z" }
}
resource "aws_security_group" "this" {
  vpc_id = aws_vpc.this[1].id
  dynamic "ingress" {
    for_each = var.ports
    iterator = each_port
    content {
      from_port   = each_port.value
      to_port     = each_port.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
  egress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }
}
"""
JSON = {
    "variable": {"ports": {"type": "list(number)", "default": [22, 443]}},
    "locals": {"text": "a ${length(var.ports)} b"},
    "resource": {
        "aws_vpc": {
            "this": {
                "count": 2,
                "cidr_block": "10.${count.index}.0.0/16",
                "tags": {"Name": "${local.text}", "x.y": "z"},
            }
        },
        "aws_security_group": {
            "this": {
                "vpc_id": "${aws_vpc.this[1].id}",
                "dynamic": {
                    "ingress": {
                        "for_each": "${var.ports}",
                        "iterator": "each_port",
                        "content": {
                            "from_port": "${each_port.value}",
                            "to_port": "${each_port.value}",
                            "protocol": "tcp",
                            "cidr_blocks": ["10.0.0.0/8"],
                        },
                    }
                },
                "egress": {"from_port": 0, "to_port": 0, "protocol": "-1", "self": True},
            }
        },
    },
}


def shown(inputs: analysis.Inputs) -> dict[str, dict[str, str]]:
    """Every attribute of every resource, one block or a list of one alike."""
    found: dict[str, dict[str, str]] = {}
    for resource in inputs.world.resources():
        at = found.setdefault(resource.key, {})
        for name in ("cidr_block", "tags", "tags_all", "vpc_id"):
            at[name] = text(resource.value(name))
        for kind in ("ingress", "egress"):
            for number, block in enumerate(resource.blocks(kind)):
                for name in ("from_port", "to_port", "protocol", "cidr_blocks", "self"):
                    at[f"{kind} {number} {name}"] = text(block.value(name))
    return found


def test_json_syntax_says_the_same(tmp_path: Path) -> None:
    native = shown(folder(tmp_path / "native", NATIVE))
    assert native == shown(folder(tmp_path / "json", {"main.tf.json": json.dumps(JSON)}))
    assert sorted(native) == ["aws_security_group.this", "aws_vpc.this[0]", "aws_vpc.this[1]"]
    assert native["aws_security_group.this"]["vpc_id"] == "aws_vpc.this[1].id"
    assert native["aws_security_group.this"]["ingress 1 from_port"] == "443"
    assert native["aws_vpc.this[1]"]["tags"] == "{Name: 'a 2 b', x.y: 'z'}"


def test_json_and_native_files_are_one_module(tmp_path: Path) -> None:
    files = {
        "names.tf.json": json.dumps({"locals": {"name": "of json"}}),
        "main.tf": 'locals {\n  both = "${local.name} and hcl"\n}\n',
    }
    assert said(of_folder(written(tmp_path, files)), "local.both") == "'of json and hcl'"


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    files = {
        "main.tf": GROUP,
        "bad.tf": 'locals {\n  fine = 1\n}\nresource "aws_vpc" "this" {\n  cidr_block = = "x"\n}\n',
        "bad.tf.json": '{\n  "locals": {\n    "x" 1\n  }\n}\n',
    }
    inputs = folder(tmp_path, files)
    notices = analysis.reach(inputs, Question(everything=True)).notices
    assert any(f"{tmp_path}/bad.tf:5: " in notice and notice.endswith("; skipped") for notice in notices)
    assert any(f"{tmp_path}/bad.tf.json:3: not JSON" in notice for notice in notices)
    assert text(only(inputs, "aws_security_group").value("name")) == "'base'"
    assert said(of_folder(tmp_path), "local.fine") == "1"
