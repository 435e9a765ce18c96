"""Manifests, Helm values and typed resources as the reader finds them in small plans."""

from __future__ import annotations

import io
import json
from typing import Any

from eks_checks import analysis
from eks_checks.kubernetes.documents import documents
from eks_checks.kubernetes.manifest import Contents, Manifest, at, is_set, text
from eks_checks.kubernetes.reading import contents
from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.value import NULL, Collection, Known, Mapping, Reference, Unknown, of_json
from tests.aws.plans import GROUP, SUBNET, VPC, R, plan, ref

ENI_CONFIG = """apiVersion: crd.k8s.amazonaws.com/v1alpha1
kind: ENIConfig
metadata:
  name: eu-west-1a
spec:
  subnet: subnet-1
  securityGroups:
    - sg-1
"""


def read(*resources: R) -> Contents:
    text = json.dumps(plan(VPC, SUBNET, GROUP, *resources)).encode()
    return contents(analysis.load(["-"], io.BytesIO(text)).world)


def only(found: Contents) -> Manifest:
    [one] = found.manifests
    return one


def kubectl(text: str) -> R:
    return R("kubectl_manifest.this", {"yaml_body": text})


def helm(chart: str, values: list[Any], **more: Any) -> R:
    return R("helm_release.this", {"name": "x", "chart": chart, "values": values, **more})


def group_id() -> Reference:
    return Reference(ResourceAddress((), "managed", "aws_security_group", "node"), ("id",))


# --- texts -----------------------------------------------------------------------------------------


def test_a_text_is_one_object() -> None:
    found = only(read(kubectl(ENI_CONFIG)))
    assert (found.resource, found.api_version, found.kind, found.name, found.namespace) == (
        "kubectl_manifest.this",
        "crd.k8s.amazonaws.com/v1alpha1",
        "ENIConfig",
        "eu-west-1a",
        "",
    )
    assert found.group == "crd.k8s.amazonaws.com"
    assert text(found.at("spec", "subnet")) == "subnet-1"
    assert text(found.at("spec", "securityGroups", 0)) == "sg-1"
    assert found.certain


def test_several_documents_and_lists_are_several_objects() -> None:
    listed = (
        "---\nkind: List\napiVersion: v1\nitems:\n- {kind: A}\n- {kind: B}\n---\n# nothing\n---\nkind: C\n"
    )
    found = read(kubectl(listed))
    assert [one.kind for one in found.manifests] == ["A", "B", "C"]


def test_json_is_read_too() -> None:
    assert only(read(kubectl('{"kind": "A", "spec": {"x": [1, true, null]}}'))).at("spec", "x", 1) == Known(
        True
    )


def test_override_namespace_beats_the_text() -> None:
    one = R("kubectl_manifest.this", {"yaml_body": "metadata: {namespace: a}", "override_namespace": "b"})
    assert only(read(one)).namespace == "b"


def test_what_is_no_yaml_is_noted() -> None:
    found = read(kubectl("a: [1"))
    assert found.manifests == ()
    [note] = found.unread
    assert (note.resource, note.attribute) == ("kubectl_manifest.this", "yaml_body")
    assert "no YAML" in note.reason


def test_a_text_known_after_apply_is_noted() -> None:
    found = read(R("kubectl_manifest.this", {}, {"yaml_body": True}, {"yaml_body": ref("aws_vpc.this.id")}))
    assert found.manifests == ()
    assert [note.attribute for note in found.unread] == ["yaml_body"]


def test_an_id_stands_where_it_is_written() -> None:
    whole = Unknown(
        "a text", parts=(Known("a: "), group_id(), Known('\nb: "x-'), group_id(), Known('"\nc: 1\n'))
    )
    [found] = documents(whole)
    assert at(found, "a") == group_id()
    assert isinstance(at(found, "b"), Unknown)
    assert at(found, "c") == Known(1)


def test_a_key_that_is_not_known_leaves_the_map_open() -> None:
    [found] = documents(Unknown("a text", parts=(Known("a: 1\n"), group_id(), Known(": 2\n"))))
    assert at(found, "a") == Known(1)
    assert isinstance(at(found, "other"), Unknown)


# --- objects ---------------------------------------------------------------------------------------


def test_an_object_with_an_unknown_part() -> None:
    manifest = {"kind": "ENIConfig", "metadata": {"name": "a"}, "spec": {"securityGroups": []}}
    one = R("kubernetes_manifest.this", {"manifest": manifest}, {"manifest": {"spec": {"subnet": True}}})
    found = only(read(one))
    assert is_set(found.at("spec", "subnet")) is not False
    assert found.at("spec", "securityGroups") == Collection()
    assert found.at("spec", "other") == NULL


def test_a_network_policy_of_blocks_has_kubernetes_form() -> None:
    spec = {
        "pod_selector": [{"match_labels": None, "match_expressions": []}],
        "policy_types": ["Egress"],
        "ingress": [],
        "egress": [
            {
                "ports": [{"port": "22", "protocol": "TCP", "end_port": None}],
                "to": [
                    {
                        "ip_block": [{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}],
                        "namespace_selector": [],
                        "pod_selector": [],
                    }
                ],
            }
        ],
    }
    values = {"metadata": [{"name": "deny", "namespace": "default", "labels": None}], "spec": [spec]}
    found = only(read(R("kubernetes_network_policy_v1.this", values)))
    assert (found.kind, found.api_version, found.namespace) == (
        "NetworkPolicy",
        "networking.k8s.io/v1",
        "default",
    )
    assert found.at("spec") == of_json(
        {
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "ports": [{"port": "22", "protocol": "TCP"}],
                    "to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}],
                }
            ],
        }
    )


# --- Helm ------------------------------------------------------------------------------------------


def test_values_are_laid_over_each_other_and_settings_over_them() -> None:
    values = ["env:\n  A: '1'\n  B: '2'\nlist: [1]\n", "env:\n  B: '3'\nlist: [2]\n"]
    settings = [
        {"name": "env.C", "value": "true"},
        {"name": r"labels.a\.b/c", "value": "x", "type": "string"},
    ]
    [release] = read(helm("aws-vpc-cni", values, set=settings, namespace="kube-system")).releases
    assert release.values == of_json(
        {"env": {"A": "1", "B": "3", "C": True}, "labels": {"a.b/c": "x"}, "list": [2]}
    )
    assert (release.chart, release.namespace) == ("aws-vpc-cni", "kube-system")


def test_a_chart_is_known_by_the_end_of_its_reference() -> None:
    one = helm("oci://public.ecr.aws/aws-ec2/helm/aws-vpc-cni", [])
    [release] = read(one).releases
    assert (release.chart, release.namespace, release.values) == ("aws-vpc-cni", "default", Mapping())


def test_values_that_are_not_known_leave_every_other_key_open() -> None:
    late = R("helm_release.this", {"chart": "c", "values": ["a: 1", None]}, {"values": [False, True]})
    [release] = read(late).releases
    assert isinstance(at(release.values, "a"), Unknown), "the second file may set it otherwise"
    early = R("helm_release.this", {"chart": "c", "values": [None, "a: {b: 1}"]}, {"values": [True, False]})
    [release] = read(early).releases
    assert at(release.values, "a", "b") == Known(1)
    assert isinstance(at(release.values, "a", "c"), Unknown)


def test_a_raw_chart_installs_its_resources() -> None:
    found = read(helm("raw", [f"resources:\n- {json.dumps({'kind': 'A'})}\ntemplates:\n- |\n  kind: B\n"]))
    assert [(one.kind, one.attribute, one.certain) for one in found.manifests] == [
        ("A", "values.resources[0]", True),
        ("B", "values.templates[0]", True),
    ]


def test_objects_of_other_charts_are_perhaps_installed() -> None:
    found = read(helm("karpenter", ["extraObjects:\n- kind: A\n"]))
    assert [(one.kind, one.certain) for one in found.manifests] == [("A", False)]


def test_a_template_of_helm_is_noted() -> None:
    found = read(helm("raw", ["templates:\n- |\n  kind: {{ .Values.kind }}\n"]))
    assert found.manifests == ()
    assert [note.attribute for note in found.unread] == ["values.templates[0]"]


def test_the_text_of_a_value_is_that_value() -> None:
    role = Reference(ResourceAddress((), "managed", "aws_iam_role", "a"), ("arn",))
    entries = Collection((Mapping((("rolearn", role),)),))
    assert documents(Unknown("computed by yamlencode()", says=entries)) == (entries,)
