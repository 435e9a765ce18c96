"""Pods as sources: not of their own node's instance, and marked where policies hold them (I2, I8)."""

from __future__ import annotations

import io
import json

from eks_checks import analysis
from eks_checks.reach.answer import Answer
from eks_checks.reach.engine import Question
from tests.aws.plans import CLUSTER, GROUP, NODES, SUBNET, VPC, R, nodes, plan, ref


def answers(*resources: R, ports: tuple[int, int] = (22, 22)) -> tuple[Answer, ...]:
    text = json.dumps(plan(VPC, SUBNET, CLUSTER, GROUP, *resources)).encode()
    question = Question(families=("ipv4",), ports=ports)
    return analysis.reach(analysis.load(["-"], io.BytesIO(text)), question).answers


def pods_of(answer: Answer) -> list[str]:
    return [source.resource for source in answer.sources if source.scope == "pods"]


def instance(name: str) -> R:
    return R(
        f"aws_instance.{name}",
        {"tags": {"kubernetes.io/cluster/prod": "owned"}},
        {"id": True, "subnet_id": True, "vpc_security_group_ids": True},
        {"subnet_id": ref("aws_subnet.a.id"), "vpc_security_group_ids": ref("aws_security_group.node.id")},
    )


OPEN = R(
    "aws_security_group_rule.own",
    {"type": "ingress", "from_port": 0, "to_port": 0, "protocol": "-1", "self": True},
    {"security_group_id": True},
    {"security_group_id": ref("aws_security_group.node.id")},
)
OUT = R(
    "aws_security_group_rule.out",
    {"type": "egress", "from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]},
    {"security_group_id": True},
    {"security_group_id": ref("aws_security_group.node.id")},
)


def test_an_instances_own_pods_are_no_source_of_it() -> None:
    one, other = answers(instance("one"), instance("other"), OPEN, OUT)
    assert (one.resource, pods_of(one)) == ("aws_instance.one", ["aws_instance.other"])
    assert (other.resource, pods_of(other)) == ("aws_instance.other", ["aws_instance.one"])


def test_pods_of_other_nodes_of_the_group_are() -> None:
    [answer] = answers(nodes())
    assert pods_of(answer) == [NODES]


def test_ports_are_told_apart_where_a_policy_does() -> None:
    calico = R("helm_release.calico", {"chart": "tigera-operator", "values": [], "namespace": "calico"})
    deny = {"action": "Deny", "protocol": "TCP", "destination": {"ports": [22]}}
    body = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "GlobalNetworkPolicy",
        "metadata": {"name": "no-ssh"},
        "spec": {"types": ["Egress"], "egress": [deny, {"action": "Allow"}]},
    }
    policy = R("kubectl_manifest.no_ssh", {"yaml_body": json.dumps(body)})
    found = answers(nodes(), calico, policy, ports=(21, 23))
    held = {a.port: [s.mitigated_by for s in a.sources if s.scope == "pods"] for a in found}
    assert held == {"21": [()], "22": [("kubectl_manifest.no_ssh",)], "23": [()]}
