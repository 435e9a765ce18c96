"""The JSON documents, key by key: their shape is what other programs rely on (the contract)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from eks_checks import __version__
from eks_checks.findings import fingerprint
from eks_checks.location import SourceSpan
from eks_checks.naming import Name, Names
from eks_checks.reach.answer import Change, Cut, Source, Verdict
from eks_checks.render import json as rendered
from tests.render import samples

COVERAGE = {
    "unmodelled": [
        {
            "type": "aws_networkfirewall_firewall",
            "resources": ["aws_networkfirewall_firewall.egress"],
            "effect": "may block more",
        }
    ],
    "unresolved": [
        {
            "resource": "aws_route.extra",
            "attribute": "route_table_id",
            "reason": "a reference through local.tables",
        }
    ],
    "assumptions": [
        {"subject": "account", "assumed": "VPC Block Public Access is off", "fact": "C15"},
        {"subject": "cluster", "assumed": "the AWS VPC CNI with default settings", "fact": "I1"},
    ],
}


def ordered(document: str) -> Any:
    """The document with objects as lists of pairs: the order of keys is part of what is compared."""
    return json.loads(document, object_pairs_hook=list)


def pairs(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, pairs(item)) for key, item in value.items()]
    return [pairs(item) for item in value] if isinstance(value, list) else value


def reach_of(*sources: Source, explain: bool = False, **others: object) -> dict[str, Any]:
    report = samples.ReachReport(
        (samples.answer("aws_subnet.a", sources=sources, **others),), samples.Coverage()
    )
    document = json.loads(rendered.reach(report, explain=explain))
    [target] = document["targets"]
    return target


def test_form() -> None:
    text = rendered.scan(samples.SCAN)
    assert text.startswith('{\n  "schema_version": 1,\n  "tool": {\n    "name": "eks-checks",\n')
    assert text.endswith("\n}\n")
    assert text.isascii()
    assert text == rendered.scan(samples.SCAN)


def test_scan() -> None:
    first, *others = json.loads(rendered.scan(samples.SCAN))["findings"]
    expected = {
        "schema_version": 1,
        "tool": {"name": "eks-checks", "version": __version__},
        "inputs": [{"path": "plan.json", "kind": "plan", "terraform_version": "1.11.4", "resources": 87}],
        "summary": {
            "fail": 3,
            "possible": 1,
            "suppressed": 0,
            "by_severity": {"critical": 1, "high": 0, "medium": 1, "low": 1, "info": 0},
        },
        "findings": [
            {
                "check_id": "EKS201",
                "name": "node-ssh-from-internet",
                "severity": "critical",
                "status": "fail",
                "resource": "aws_eks_node_group.workers",
                "location": {"file": "main.tf", "line": 12, "end_line": 30},
                "message": first["message"],
                "evidence": [
                    {
                        "resource": "aws_route_table.public",
                        "text": "0.0.0.0/0 leads to aws_internet_gateway.this",
                        "location": {"file": "n.tf", "line": 9},
                    },
                    {
                        "resource": "aws_security_group.node",
                        "text": "allows tcp 22 from 0.0.0.0/0",
                        "location": {"file": "n.tf", "line": 40},
                    },
                ],
                "remediation": "Remove the rule.",
                "fingerprint": fingerprint("EKS201", "aws_eks_node_group.workers"),
                "change": "new",
            },
            *others,
        ],
        "checks": [
            {
                "check_id": "EKS101",
                "passed": ["aws_eks_node_group.a", "aws_eks_node_group.b"],
                "not_applicable": False,
            },
            {"check_id": "EKS201", "passed": ["aws_eks_node_group.b"], "not_applicable": False},
            {"check_id": "EKS701", "passed": [], "not_applicable": True},
        ],
        "coverage": COVERAGE,
    }
    assert pairs(ordered_to_plain(ordered(rendered.scan(samples.SCAN)))) == pairs(expected)
    assert [other["status"] for other in others] == ["possible", "fail", "fail"]
    assert [other["change"] for other in others] == ["existing", "unknown", "new"]
    assert others[0]["location"] is None
    assert others[0]["evidence"][0]["location"] is None
    assert all(list(other) == list(first) for other in others)


def ordered_to_plain(value: Any) -> Any:
    """Lists of pairs back to dicts, whose order is that of the document."""
    if isinstance(value, list) and value and all(isinstance(i, tuple) for i in value):
        return {key: ordered_to_plain(item) for key, item in value}
    return [ordered_to_plain(item) for item in value] if isinstance(value, list) else value


def test_reach_keys_in_the_contracts_order() -> None:
    document = json.loads(rendered.reach(samples.REACH))
    assert list(document) == ["schema_version", "targets", "attack_paths", "coverage"]
    assert document["coverage"] == COVERAGE
    for target in document["targets"]:
        assert list(target) == [
            "resource",
            "subnet",
            "family",
            "protocol",
            "port",
            "verdict",
            "security_groups",
            "public_address",
            "listener",
            "sources",
            "latent",
            "unknowns",
        ]
    first, _, third, fourth = document["targets"]
    assert first["security_groups"] == [
        {"resource": "aws_eks_cluster.this", "role": "cluster", "implicit": True},
        {"resource": "aws_security_group.node", "role": "attached", "implicit": False},
    ]
    assert first["unknowns"] == [{"resource": "aws_x.y", "attribute": "z", "effect": "decides the route"}]
    assert third["latent"] == [
        {"scope": "internet", "cidrs": ["::/0"], "verdict": "blocked", "missing": "public_address"}
    ]
    assert fourth["subnet"] is None
    assert document["attack_paths"] == [
        {
            "target": {
                "resource": "aws_eks_node_group.workers",
                "subnet": "aws_subnet.private[0]",
                "family": "ipv4",
            },
            "port": "22",
            "verdict": "reachable",
            "hops": [
                {"from": "internet", "to": "aws_instance.bastion", "port": "22"},
                {"from": "aws_instance.bastion", "to": "aws_eks_node_group.workers", "port": "22"},
            ],
        }
    ]


def test_a_cut_stands_beside_its_way() -> None:
    cut = Cut(
        (Change("aws_security_group.bastion", "tcp 22", "remove it", SourceSpan("b.tf", 7, 9)),),
        exact=True,
        verified=True,
    )
    ways = tuple(replace(samples.REACH.attack_paths[0], cut=each) for each in (cut, Cut((), False, False)))
    document = json.loads(rendered.reach(replace(samples.REACH, attack_paths=ways)))
    assert [way["cut"] for way in document["attack_paths"]] == [
        {
            "exact": True,
            "verified": True,
            "changes": [
                {
                    "resource": "aws_security_group.bastion",
                    "rule": "tcp 22",
                    "text": "remove it",
                    "location": {"file": "b.tf", "line": 7},
                }
            ],
        },
        {"exact": False, "verified": False, "changes": []},
    ]


def test_sources_carry_just_the_keys_of_their_scope() -> None:
    [first, *_] = json.loads(rendered.reach(samples.REACH))["targets"]
    assert [list(source.items()) for source in first["sources"]] == [
        [
            ("scope", "internet"),
            ("cidrs", ["0.0.0.0/0"]),
            ("verdict", "reachable"),
            ("via", "aws_internet_gateway.this"),
        ],
        [
            ("scope", "vpc"),
            ("resource", "aws_vpc.this"),
            ("cidrs", ["10.0.0.0/17", "10.1.0.0/16"]),
            ("verdict", "reachable"),
        ],
        [
            ("scope", "interface"),
            ("resource", "aws_instance.bastion"),
            ("subnet", "aws_subnet.public[0]"),
            ("verdict", "reachable"),
        ],
        [
            ("scope", "pods"),
            ("resource", "aws_eks_node_group.other"),
            ("subnet", "aws_subnet.private[0]"),
            ("verdict", "reachable"),
        ],
        [
            ("scope", "pods"),
            ("resource", "aws_eks_node_group.other"),
            ("subnet", samples.LONG),
            ("verdict", "reachable"),
        ],
        [
            ("scope", "control_plane"),
            ("resource", "aws_eks_cluster.this"),
            ("subnet", None),
            ("verdict", "possible"),
        ],
        [
            ("scope", "peering"),
            ("resource", "aws_vpc_peering_connection.ops"),
            ("cidrs", ["172.16.0.0/12"]),
            ("verdict", "possible"),
        ],
        [
            ("scope", "vpc"),
            ("resource", "aws_vpc.this"),
            ("cidrs", None),
            ("cidrs_of", ["aws_vpc.this.ipv6_cidr_block"]),
            ("verdict", "possible"),
        ],
    ]


@pytest.mark.parametrize("scope", ["interface", "pods", "control_plane", "instance_connect_endpoint"])
def test_a_known_interface_is_named_not_numbered(scope: str) -> None:
    target = reach_of(Source(scope, Verdict.REACHABLE, "aws_x.y", "aws_subnet.a", cidrs=("10.0.0.0/24",)))
    assert "cidrs" not in target["sources"][0]


@pytest.mark.parametrize("scope", ["peering", "transit_gateway", "vpn", "client_vpn", "load_balancer"])
def test_a_connection_is_named_and_numbered(scope: str) -> None:
    target = reach_of(Source(scope, Verdict.REACHABLE, "aws_x.y", cidrs=("10.0.0.0/24",)))
    assert list(target["sources"][0]) == ["scope", "resource", "cidrs", "verdict"]


def test_blocked_and_mitigated() -> None:
    fourth = json.loads(rendered.reach(samples.REACH))["targets"][3]
    assert fourth["sources"] == [
        {
            "scope": "pods",
            "resource": "aws_eks_node_group.workers",
            "subnet": None,
            "verdict": "possible",
            "mitigated_by": ["kubernetes_x.y"],
        },
        {
            "scope": "internet",
            "cidrs": ["0.0.0.0/0"],
            "verdict": "blocked",
            "blocked_by": [
                {"layer": "nacl", "resource": "aws_network_acl.this", "text": "rule 100 denies tcp 22"}
            ],
        },
        {
            "scope": "instance_connect_endpoint",
            "resource": "aws_ec2_instance_connect_endpoint.this",
            "verdict": "possible",
        },
    ]


def test_the_path_comes_only_with_explain() -> None:
    assert '"path"' not in rendered.reach(samples.REACH)
    [source, *others] = reach_of(*samples.SOURCES, explain=True)["sources"]
    assert [hop["layer"] for hop in source["path"]] == ["source", "security_group", "target", "route"]
    assert [source["path"][3], source["path"][1]] == [
        {
            "layer": "route",
            "resource": "aws_route_table.public",
            "rule": "0.0.0.0/0 to aws_internet_gateway.this",
            "text": "",
            "location": {"file": "n.tf", "line": 9},
        },
        {
            "layer": "security_group",
            "resource": "aws_vpc_security_group_ingress_rule.ssh",
            "rule": "inbound tcp 22 from 0.0.0.0/0",
            "text": "security group aws_security_group.node: inbound tcp 22 from 0.0.0.0/0",
            "location": {"file": "network.tf", "line": 40},
        },
    ]
    assert all("path" in other for other in others)
    assert others[2]["path"][0]["location"] is None


def test_icmp_has_no_port() -> None:
    assert reach_of(protocol="icmp", port=None)["port"] is None


NAMES = Names(
    {
        "net.json:aws_vpc.this": Name("aws_vpc.this", "net.json"),
        "aws_eks_node_group.a": Name("aws_eks_node_group.a", "eks.json"),
    }
)


def test_where_inputs_share_an_address_the_input_stands_beside_every_resource() -> None:
    source = Source("vpc", Verdict.REACHABLE, "net.json:aws_vpc.this", cidrs=("10.0.0.0/16",))
    answer = samples.answer("subnet-0abc", resource="aws_eks_node_group.a", sources=(source,))
    report = samples.ReachReport((answer,), samples.Coverage(), names=NAMES)
    (target,) = json.loads(rendered.reach(report))["targets"]
    assert list(target)[:5] == ["resource", "input", "subnet", "subnet_input", "family"]
    assert (target["resource"], target["input"]) == ("aws_eks_node_group.a", "eks.json")
    assert (target["subnet"], target["subnet_input"]) == ("subnet-0abc", None)
    (told,) = target["sources"]
    assert (told["resource"], told["input"]) == ("aws_vpc.this", "net.json")


def test_interfaces() -> None:
    document = json.loads(rendered.interfaces(samples.INTERFACES))
    assert list(document) == ["schema_version", "interfaces", "nodes", "coverage"]
    first, _, third, last = document["interfaces"]
    assert list(first) == [
        "resource",
        "subnet",
        "kind",
        "location",
        "clusters",
        "public_address",
        "security_groups",
        "unknowns",
    ]
    assert first["public_address"] == {"ipv4": "no", "ipv6": "no"}
    assert third["public_address"] == {"ipv4": "yes", "ipv6": "no"}
    assert first["location"] == {"file": "main.tf", "line": 12, "end_line": 30}
    assert first["security_groups"][1]["location"] == {"file": "groups.tf", "line": 5}
    assert first["security_groups"][1]["named_at"] == {"file": "nodes.tf", "line": 21}
    assert first["security_groups"][2] == {
        "resource": None,
        "role": "attached",
        "implicit": False,
        "certain": False,
        "origin": "aws_launch_template.a",
        "reason": "it may name more",
        "location": None,
        "named_at": None,
    }
    assert first["clusters"] == ["aws_eks_cluster.this"]
    assert last["clusters"] == []
    assert last["unknowns"] == [
        {"resource": "aws_instance.x", "attribute": "subnet_id", "effect": "not known"}
    ]


def test_nodes_of_the_interfaces_report() -> None:
    workers, instance = json.loads(rendered.interfaces(samples.INTERFACES))["nodes"]
    assert workers == {
        "resource": "aws_eks_node_group.workers",
        "kind": "managed",
        "location": {"file": "main.tf", "line": 12, "end_line": 30},
        "clusters": ["aws_eks_cluster.this"],
        "ami_families": ["AL2", "AL2023"],
        "launch_template": "yes",
        "launch_templates": [{"resource": "aws_launch_template.a", "version": "3", "certain": True}],
        "ssh_key": "yes",
        "ssh_keys": [{"resource": "aws_launch_template.a", "attribute": "key_name", "name": "ops"}],
        "metadata_options": [
            {
                "http_endpoint": ["enabled"],
                "http_tokens": ["required"],
                "http_put_response_hop_limit": [1],
                "pods_get_credentials": "no",
            },
            {
                "http_endpoint": ["disabled", "enabled"],
                "http_tokens": ["optional", "required"],
                "http_put_response_hop_limit": [],
                "pods_get_credentials": "unknown",
            },
            {
                "http_endpoint": ["disabled"],
                "http_tokens": ["optional"],
                "http_put_response_hop_limit": [2],
                "pods_get_credentials": "no",
            },
        ],
        "roles": [
            {"resource": "aws_iam_role.node", "certain": True},
            {"resource": "aws_iam_role.spot", "certain": False},
        ],
        "unknowns": [
            {
                "resource": "aws_launch_template.a",
                "attribute": "metadata_options",
                "effect": "known after apply",
            }
        ],
    }
    assert list(instance) == list(workers)
    assert (instance["ssh_key"], instance["roles"], instance["location"]) == ("unknown", [], None)


def test_catalogue_and_settings() -> None:
    assert json.loads(rendered.catalogue(samples.CATALOGUE))["checks"][1] == {
        "check_id": "EKS205",
        "name": "node-ssh-key",
        "severity": "low",
        "summary": "Nodes carry an SSH key at all.",
    }
    assert json.loads(rendered.settings("", [("strict", "false", "default")])) == {
        "schema_version": 1,
        "file": None,
        "settings": [{"key": "strict", "value": "false", "origin": "default"}],
    }
