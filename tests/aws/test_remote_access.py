"""``remote_access``: what EKS opens by itself, and what it attaches (E5, E6, E11)."""

from __future__ import annotations

from typing import Any

import pytest

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.estate import Estate
from eks_checks.reach.engine import Question, Reachability
from tests.aws.plans import NODES, OPAQUE, WORLD, R, estate, nodes, ref, shape

REMOTE = f"{NODES}#remote_access"
CLUSTER_GROUP = "aws_eks_cluster.this#cluster_security_group"
BASTION = R("aws_security_group.bastion", {}, {"id": True})


def group_of(made: Estate) -> NodeGroup:
    [found] = made.node_groups
    return found


def opened(made: Estate, port: int) -> list[tuple[str, ...]]:
    """Who reaches the port, by scope and prefixes: no internet gateway is there, so only the VPC shows."""
    answers = Reachability(made).answers(Question(ports=(port, port)))
    return [source.cidrs or () for answer in answers for source in answer.sources if source.scope == "vpc"]


@pytest.mark.parametrize("sources", [None, [], "absent"])
def test_a_key_without_source_groups_opens_22_to_the_world(sources: Any) -> None:
    block = {"ec2_ssh_key": "ops"} | ({} if sources == "absent" else {"source_security_group_ids": sources})
    made = estate(*WORLD, nodes({"remote_access": [block]}))
    assert shape(made).groups.sure == {CLUSTER_GROUP, REMOTE}
    [rule] = made.security_groups[REMOTE].ingress
    assert rule.addresses is not None
    assert rule.addresses.lower.to_cidrs() == ("0.0.0.0/0",), "IPv4 only"
    assert rule.traffic.lower.describe() == "tcp 22"
    assert opened(made, 22) == [("10.0.0.0/16",)]
    assert opened(made, 3389) == []


def test_source_groups_are_sources_and_are_not_attached() -> None:
    made = estate(
        *WORLD,
        BASTION,
        nodes(
            {"remote_access": [{"ec2_ssh_key": "ops"}]},
            {"remote_access": [{"source_security_group_ids": [True]}]},
            {"remote_access": [{"source_security_group_ids": ref("aws_security_group.bastion.id")}]},
        ),
    )
    assert shape(made).groups.sure == {CLUSTER_GROUP, REMOTE}
    [rule] = made.security_groups[REMOTE].ingress
    assert rule.group is not None
    assert (rule.group.exact, rule.addresses) == (BASTION.address, None)
    assert opened(made, 22) == []


@pytest.mark.parametrize("ami", ["WINDOWS_CORE_2022_x86_64", "WINDOWS_FULL_2019_x86_64"])
def test_on_windows_it_is_3389(ami: str) -> None:
    made = estate(*WORLD, nodes({"ami_type": ami, "remote_access": [{"ec2_ssh_key": "ops"}]}))
    assert opened(made, 3389) == [("10.0.0.0/16",)]
    assert opened(made, 22) == []
    assert group_of(made).windows.surely


def test_without_a_block_nothing_is_opened() -> None:
    made = estate(*WORLD, nodes())
    assert shape(made).groups.sure == {CLUSTER_GROUP}
    assert REMOTE not in made.security_groups
    assert str(group_of(made).remote_access) == "no"


def test_sources_that_are_not_known_are_never_taken_as_safe() -> None:
    made = estate(
        *WORLD,
        nodes(
            {"remote_access": [{"ec2_ssh_key": "ops"}]},
            {"remote_access": [{"source_security_group_ids": [True]}]},
            {"remote_access": [{"source_security_group_ids": OPAQUE}]},
        ),
    )
    answers = Reachability(made).answers(Question())
    [source] = [s for a in answers for s in a.sources if s.scope == "vpc"]
    assert source.verdict.value == "possible"
    assert source.unknowns


def test_a_block_without_a_key_is_possible() -> None:
    """[UNVERIFIED] in E6: neither taken as open nor as closed."""
    made = estate(
        *WORLD, nodes({"remote_access": [{"ec2_ssh_key": None, "source_security_group_ids": None}]})
    )
    answers = Reachability(made).answers(Question())
    assert {s.verdict.value for a in answers for s in a.sources if s.scope == "vpc"} == {"possible"}


def test_a_key_makes_the_group_one_with_a_key() -> None:
    made = estate(*WORLD, nodes({"remote_access": [{"ec2_ssh_key": "ops"}]}))
    assert str(group_of(made).ssh_key) == "yes"
    assert str(group_of(estate(*WORLD, nodes())).ssh_key) == "no"
