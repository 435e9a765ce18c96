"""Data sources of a folder are never read: what they found is not known, though what they ask for is."""

from __future__ import annotations

from pathlib import Path

from eks_checks import analysis
from eks_checks.reach.engine import Question
from eks_checks.terraform.value import Known
from tests.terraform.evaluation.worlds import ASSOCIATED, GATEWAY, GROUP, HOST, NETWORK, OUT, folder

CONNECTED = NETWORK + GATEWAY + OUT + ASSOCIATED


def from_internet(inputs: analysis.Inputs) -> str:
    asked = Question(everything=True, sources=("internet",), families=("ipv4",))
    [answer] = analysis.reach(inputs, asked).answers
    return answer.verdict.value


def test_the_entries_of_a_prefix_list_are_not_known(tmp_path: Path) -> None:
    listed = GROUP.replace(
        'cidr_blocks = ["0.0.0.0/0"]\n  }\n  egress',
        "prefix_list_ids = [data.aws_ec2_managed_prefix_list.peers.id]\n  }\n  egress",
    )
    for found in ('id = "pl-0123456789abcdef0"', 'name = "peers"'):
        source = f'data "aws_ec2_managed_prefix_list" "peers" {{ {found} }}\n'
        assert from_internet(folder(tmp_path, CONNECTED + listed + HOST + source)) == "possible"


def test_a_cluster_is_known_by_its_name_alone(tmp_path: Path) -> None:
    inputs = folder(
        tmp_path,
        NETWORK
        + """data "aws_eks_cluster" "this" { name = "prod" }
        resource "aws_eks_node_group" "this" {
          cluster_name = data.aws_eks_cluster.this.name
          subnet_ids   = [aws_subnet.this.id]
        }""",
    )
    cluster = inputs.estate.clusters["prod"]
    assert not cluster.managed
    assert cluster.additional_groups.open
    assert cluster.subnets.open


def test_a_subnet_asked_for_by_its_id_is_one_outside_the_inputs(tmp_path: Path) -> None:
    inputs = folder(
        tmp_path,
        CONNECTED
        + GROUP
        + HOST.replace("aws_subnet.this.id", "data.aws_subnet.away.id")
        + 'data "aws_subnet" "away" { id = "subnet-0123456789abcdef0" }\n',
    )
    subnet = inputs.estate.subnets["subnet-0123456789abcdef0"]
    assert subnet.vpc.open
    assert subnet.route_table.open
    assert from_internet(inputs) == "possible"


def test_the_region_is_the_providers(tmp_path: Path) -> None:
    inputs = folder(
        tmp_path,
        """provider "aws" { region = "eu-west-1" }
        data "aws_region" "this" {}
        resource "aws_subnet" "this" { availability_zone = "${data.aws_region.this.name}a" }""",
    )
    [subnet] = inputs.world.resources("aws_subnet")
    assert subnet.value("availability_zone") == Known("eu-west-1a")
