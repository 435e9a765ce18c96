"""With which subnets and groups pods come, by the CNI's settings (facts I1-I9, D9, E3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from tests.aws.plans import CLUSTER, GROUP, NODES, SUBNET, VPC, R, estate, nodes, ref

ZONE_A, ZONE_B = "eu-central-1a", "eu-central-1b"


def subnet(name: str, number: int, zone: str, tags: dict[str, str] | None = None) -> R:
    values = {"cidr_block": f"10.0.{number}.0/24", "availability_zone": zone, "tags": tags}
    return R(f"aws_subnet.{name}", values, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")})


NODE_SUBNET = subnet("a", 1, ZONE_A)
POD_A, POD_B = subnet("pod_a", 100, ZONE_A), subnet("pod_b", 101, ZONE_B)
PODS = R("aws_security_group.pods", {}, {"id": True, "vpc_id": True}, {"vpc_id": ref("aws_vpc.this.id")})
BASE = (VPC, NODE_SUBNET, CLUSTER, GROUP, POD_A, POD_B, PODS)
OWN_GROUP = "aws_eks_cluster.this#cluster_security_group"


def addon(configuration: dict[str, Any] | None = None, **more: Any) -> R:
    text = json.dumps(configuration) if configuration is not None else None
    values = {"addon_name": "vpc-cni", "cluster_name": "prod", "configuration_values": text, **more}
    return R("aws_eks_addon.cni", values, {"id": True})


def custom(**env: str) -> R:
    return addon({"env": {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", **env}})


BY_ZONE = {"ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone"}


def eni_config(name: str, subnet: str, *groups: str, address: str = "one") -> R:
    spec: dict[str, Any] = {"subnet": subnet, **({"securityGroups": list(groups)} if groups else {})}
    manifest = {
        "apiVersion": "crd.k8s.amazonaws.com/v1alpha1",
        "kind": "ENIConfig",
        "metadata": {"name": name},
        "spec": spec,
    }
    return R(f"kubernetes_manifest.{address}", {"manifest": manifest})


def group_policy(*groups: str, namespace: str = "default") -> R:
    manifest = {
        "apiVersion": "vpcresources.k8s.aws/v1beta1",
        "kind": "SecurityGroupPolicy",
        "metadata": {"name": "x", "namespace": namespace},
        "spec": {"podSelector": {}, "securityGroups": {"groupIds": list(groups)}},
    }
    return R("kubernetes_manifest.policy", {"manifest": manifest})


def pods(found: Estate, resource: str = NODES) -> list[tuple[str | None, list[str], bool]]:
    """(subnet, groups, whether surely) of the pods of a resource; ``*`` stands for groups that may be any."""
    return [
        (one.subnet, sorted(shape.groups.candidates) + ["*"] * shape.groups.open, one.certain)
        for one in found.pods
        if one.resource == resource
        for shape in one.shapes
    ]


def test_by_default_pods_share_the_nodes_subnet_and_groups() -> None:
    found = estate(*BASE, nodes())
    assert pods(found) == [("aws_subnet.a", [OWN_GROUP], True)]
    [one] = found.pods
    assert (one.kind, str(one.node), one.cluster.exact) == ("pods", "no", "aws_eks_cluster.this")
    assert {a.fact for a in found.coverage.assumptions if a.subject == "aws_eks_cluster.this"} == {"E1", "I1"}


def test_nothing_is_assumed_of_a_cni_that_the_inputs_configure() -> None:
    found = estate(*BASE, nodes(), addon())
    assert pods(found) == [("aws_subnet.a", [OWN_GROUP], True)]
    assert [a.fact for a in found.coverage.assumptions if a.subject == "aws_eks_cluster.this"] == ["E1"]


# --- custom networking (I3) ------------------------------------------------------------------------


def test_pods_come_from_the_eni_config_of_their_nodes_zone() -> None:
    configs = (
        eni_config(ZONE_A, "subnet-00000001", "sg-00000001"),
        eni_config(ZONE_B, "subnet-00000002", "sg-00000002", address="two"),
    )
    assert pods(estate(*BASE, nodes(), custom(**BY_ZONE), *configs)) == [
        ("subnet-00000001", ["sg-00000001"], True)
    ]


def test_an_eni_config_without_groups_leaves_the_nodes() -> None:
    found = estate(*BASE, nodes(), custom(**BY_ZONE), eni_config(ZONE_A, "subnet-00000001"))
    assert pods(found) == [("subnet-00000001", [OWN_GROUP], True)]


def test_the_addon_makes_eni_configs() -> None:
    configuration = {
        "env": {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", **BY_ZONE},
        "eniConfig": {
            "create": True,
            "region": "eu-central-1",
            "subnets": {ZONE_A: {"id": "subnet-00000001", "securityGroups": ["sg-00000001"]}},
        },
    }
    found = estate(*BASE, nodes(), addon(configuration))
    assert pods(found) == [("subnet-00000001", ["sg-00000001"], True)]


def test_a_label_of_the_node_group_names_the_eni_config() -> None:
    labelled = nodes({"labels": {"k8s.amazonaws.com/eniConfig": "green"}})
    configs = (
        eni_config("default", "subnet-00000001"),
        eni_config("green", "subnet-00000002", address="two"),
    )
    assert pods(estate(*BASE, labelled, custom(), *configs)) == [("subnet-00000002", [OWN_GROUP], True)]
    assert pods(estate(*BASE, nodes(), custom(), *configs)) == [("subnet-00000001", [OWN_GROUP], True)]


def test_without_a_fitting_eni_config_pods_may_be_anywhere() -> None:
    found = estate(*BASE, nodes(), custom(**BY_ZONE), eni_config(ZONE_B, "subnet-00000002"))
    assert pods(found) == [(None, ["*"], False)]


def test_where_the_zone_is_not_known_each_eni_config_may_be_meant() -> None:
    where = R("aws_subnet.a", {"cidr_block": "10.0.1.0/24"}, SUBNET.unknown, SUBNET.expressions)
    base = tuple(where if one is NODE_SUBNET else one for one in BASE)
    configs = (
        eni_config(ZONE_A, "subnet-00000001"),
        eni_config(ZONE_B, "subnet-00000002", address="two"),
    )
    found = estate(*base, nodes(), custom(**BY_ZONE), *configs)
    assert pods(found) == [
        ("subnet-00000001", [OWN_GROUP], False),
        ("subnet-00000002", [OWN_GROUP], False),
    ]
    assert all(one.causes for one in found.pods)


def test_an_eni_config_of_another_zone_is_not_meant() -> None:
    manifest = {
        "apiVersion": "crd.k8s.amazonaws.com/v1alpha1",
        "kind": "ENIConfig",
        "metadata": {},
        "spec": {},
    }
    unknown = {"manifest": {"metadata": {"name": True}, "spec": {"subnet": True}}}
    far = R(
        "kubernetes_manifest.far",
        {"manifest": manifest},
        unknown,
        {"manifest": ref("aws_subnet.pod_b.id")},
    )
    found = estate(*BASE, nodes(), custom(**BY_ZONE), far)
    assert found.pods, "pods are somewhere"
    assert "aws_subnet.a" not in {one.subnet for one in found.pods}
    assert not any(one.certain for one in found.pods)


def test_a_configuration_that_is_not_known_leaves_both_ways_open() -> None:
    unknown = R(
        "aws_eks_addon.cni",
        {"addon_name": "vpc-cni", "cluster_name": "prod"},
        {"configuration_values": True},
        {"configuration_values": ref("local.cni")},
    )
    found = estate(*BASE, nodes(), unknown)
    assert pods(found) == [(None, ["*"], False), ("aws_subnet.a", [OWN_GROUP], False)]
    assert all("aws_eks_addon.cni" in {cause.resource for cause in one.causes} for one in found.pods)


def test_an_addon_whose_name_is_not_known_may_be_the_cni() -> None:
    settings = {"env": {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", **BY_ZONE}}
    unnamed = R(
        "aws_eks_addon.any",
        {"cluster_name": "prod", "configuration_values": json.dumps(settings)},
        {"addon_name": True},
        {"addon_name": ref("local.name")},
    )
    config = eni_config(ZONE_A, "subnet-00000001", "sg-00000001")
    found = estate(*BASE, nodes(), unnamed, config)
    assert {(one.subnet, one.certain) for one in found.pods} == {
        ("subnet-00000001", False),
        ("aws_subnet.a", False),
    }
    assert "aws_eks_addon.any" in {name for note in found.coverage.unmodelled for name in note.resources}


def test_the_cluster_of_an_ipv6_stack_has_no_custom_networking() -> None:
    six = R(
        CLUSTER.address,
        {**CLUSTER.values, "kubernetes_network_config": [{"ip_family": "ipv6"}]},
        CLUSTER.unknown,
        CLUSTER.expressions,
    )
    base = tuple(six if one is CLUSTER else one for one in BASE)
    found = estate(*base, nodes(), custom(**BY_ZONE), eni_config(ZONE_A, "subnet-00000001"))
    assert pods(found) == [("aws_subnet.a", [OWN_GROUP], True)]


def test_windows_has_no_custom_networking() -> None:
    windows = nodes({"ami_type": "WINDOWS_CORE_2022_x86_64"})
    found = estate(*BASE, windows, custom(**BY_ZONE), eni_config(ZONE_A, "subnet-00000001"))
    assert pods(found) == [("aws_subnet.a", [OWN_GROUP], True)]


def test_the_daemon_sets_environment_counts() -> None:
    env = R(
        "kubernetes_env.cni",
        {
            "kind": "DaemonSet",
            "metadata": [{"name": "aws-node", "namespace": "kube-system"}],
            "env": [{"name": "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "value": "true"}],
        },
    )
    found = estate(*BASE, nodes(), env, eni_config("default", "subnet-00000001"))
    assert pods(found) == [("subnet-00000001", [OWN_GROUP], True)]


def test_the_chart_of_the_cni_counts() -> None:
    values = ["env:\n  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true'\n"]
    chart = R("helm_release.cni", {"name": "cni", "chart": "aws-vpc-cni", "values": values})
    found = estate(*BASE, nodes(), chart, eni_config("default", "subnet-00000001"))
    assert pods(found) == [("subnet-00000001", [OWN_GROUP], True)]


def test_with_two_clusters_a_manifest_may_be_either_ones() -> None:
    other = R(
        "aws_eks_cluster.other",
        {"name": "other", "vpc_config": [{}]},
        CLUSTER.unknown,
        CLUSTER.expressions,
    )
    found = estate(*BASE, nodes(), other, custom(**BY_ZONE), eni_config(ZONE_A, "subnet-00000001"))
    assert pods(found) == [("subnet-00000001", [OWN_GROUP], False)]


# --- groups for pods (I5) --------------------------------------------------------------------------

POD_ENI = {"env": {"ENABLE_POD_ENI": "true"}}
NITRO = {"instance_types": ["m5.large"]}


def test_selected_pods_come_with_the_groups_of_the_policy_besides() -> None:
    found = estate(*BASE, nodes(NITRO), addon(POD_ENI), group_policy("sg-00000001"))
    assert pods(found) == [("aws_subnet.a", [OWN_GROUP], True), ("aws_subnet.a", ["sg-00000001"], True)]


def test_burstable_instances_have_no_branch_interfaces() -> None:
    policy = group_policy("sg-00000001")
    default = [("aws_subnet.a", [OWN_GROUP], True)]
    assert pods(estate(*BASE, nodes(), addon(POD_ENI), policy)) == default, "t3.medium is the default"
    assert pods(estate(*BASE, nodes({"instance_types": ["t3.large"]}), addon(POD_ENI), policy)) == default
    mixed = nodes({"instance_types": ["t3.large", "m5.large"]})
    perhaps = [*default, ("aws_subnet.a", ["sg-00000001"], False)]
    assert pods(estate(*BASE, mixed, addon(POD_ENI), policy)) == perhaps


@pytest.mark.parametrize(
    ("type_", "sure"), [("m5.large", True), ("t3.large", None), (None, False)], ids=["nitro", "t", "untold"]
)
def test_a_template_tells_the_instances_of_self_managed_nodes(type_: str | None, sure: bool | None) -> None:
    template = R(
        "aws_launch_template.this",
        {
            "id": "lt-1",
            "latest_version": 1,
            "vpc_security_group_ids": ["sg-00000002"],
            "instance_type": type_,
        },
    )
    group = R(
        "aws_autoscaling_group.own",
        {
            "name": "own",
            "launch_template": [{"id": "lt-1", "version": "$Latest"}],
            "tag": [{"key": "kubernetes.io/cluster/prod", "value": "owned", "propagate_at_launch": True}],
        },
        {"id": True, "vpc_zone_identifier": [True]},
        {"vpc_zone_identifier": ref("aws_subnet.a.id")},
    )
    found = estate(*BASE, template, group, addon(POD_ENI), group_policy("sg-00000001"))
    told = [("aws_subnet.a", ["sg-00000002"], True)]
    if sure is not None:
        told.append(("aws_subnet.a", ["sg-00000001"], sure))
    assert pods(found, "aws_autoscaling_group.own") == told


def test_a_policy_without_the_setting_does_nothing() -> None:
    found = estate(*BASE, nodes(NITRO), addon({}), group_policy("sg-00000001"))
    assert pods(found) == [("aws_subnet.a", [OWN_GROUP], True)]


def test_a_policy_beats_the_groups_of_an_eni_config() -> None:
    both = addon({"env": {"ENABLE_POD_ENI": "true", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", **BY_ZONE}})
    config = eni_config(ZONE_A, "subnet-00000001", "sg-00000002")
    found = estate(*BASE, nodes(NITRO), both, config, group_policy("sg-00000001"))
    assert pods(found) == [
        ("subnet-00000001", ["sg-00000002"], True),
        ("subnet-00000001", ["sg-00000001"], True),
    ]


def test_fargate_pods_may_come_with_the_groups_of_a_policy() -> None:
    profile = R(
        "aws_eks_fargate_profile.this",
        {"cluster_name": "prod"},
        {"subnet_ids": [True]},
        {"subnet_ids": ref("aws_subnet.a.id")},
    )
    found = estate(*BASE, profile, group_policy("sg-00000001"))
    assert pods(found, profile.address) == [("aws_subnet.a", ["sg-00000001"], False)]
    [own] = [one for one in found.interfaces if one.resource == profile.address]
    assert own.certain


# --- further subnets (I9) --------------------------------------------------------------------------

TAGGED = {"kubernetes.io/role/cni": "1"}


def test_pods_may_be_in_a_tagged_subnet_of_the_zone() -> None:
    near, far = subnet("near", 50, ZONE_A, TAGGED), subnet("far", 51, ZONE_B, TAGGED)
    found = estate(*BASE, near, far, nodes())
    assert pods(found) == [("aws_subnet.a", [OWN_GROUP], True), ("aws_subnet.near", [OWN_GROUP], False)]


def test_the_search_for_subnets_can_be_off() -> None:
    near = subnet("near", 50, ZONE_A, TAGGED)
    alone = [("aws_subnet.a", [OWN_GROUP], True)]
    assert pods(estate(*BASE, near, nodes(), addon({"env": {"ENABLE_SUBNET_DISCOVERY": "false"}}))) == alone
    assert pods(estate(*BASE, near, nodes(), addon(addon_version="v1.16.0-eksbuild.1"))) == alone
    excluded = subnet("near", 50, ZONE_A, {"kubernetes.io/role/cni": "0"})
    assert pods(estate(*BASE, excluded, nodes())) == alone


def test_a_separate_tag_counts() -> None:
    near = subnet("near", 50, ZONE_A)
    tag = R(
        "aws_ec2_tag.role",
        {"key": "kubernetes.io/role/cni", "value": "1"},
        {"resource_id": True},
        {"resource_id": ref("aws_subnet.near.id")},
    )
    found = pods(estate(*BASE, near, tag, nodes()))
    assert ("aws_subnet.near", [OWN_GROUP], False) in found


# --- who they are not ------------------------------------------------------------------------------


def test_further_interfaces_of_a_node_have_no_pods() -> None:
    template = R(
        "aws_launch_template.this",
        {
            "network_interfaces": [
                {"device_index": 0, "security_groups": ["sg-00000001"]},
                {"device_index": 1, "security_groups": ["sg-00000002"]},
            ]
        },
        {"id": True, "latest_version": True},
    )
    group = nodes(
        {"launch_template": [{"version": "$Latest"}]},
        {"launch_template": [{"id": True}]},
        {"launch_template": [{"id": ref("aws_launch_template.this.id")}]},
    )
    assert pods(estate(*BASE, template, group)) == [("aws_subnet.a", ["sg-00000001"], True)]


def test_pods_are_no_nodes_and_no_interfaces_of_their_own() -> None:
    found = estate(*BASE, nodes())
    kinds: list[Interface] = list(found.interfaces)
    assert "pods" not in {one.kind for one in kinds}
    assert [one.kind for one in found.everyone if one not in found.interfaces] == ["pods"]
