"""What is known of nodes besides their interfaces: image, templates, keys, metadata service."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from eks_checks.aws.node_facts import NodeFacts
from tests.aws.plans import CLUSTER, NODES, OPAQUE, WORLD, R, estate, nodes, ref, with_template

TEMPLATE = "aws_launch_template.this"
CLOSED = {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1}
SILENT = {"metadata_options": True}
"""A plan's word on a block of metadata options that is not written: the provider computes it."""


def template(values: dict[str, Any] | None = None, unknown: dict[str, Any] | None = None) -> R:
    """The launch template, with the metadata options left out unless they are given."""
    silent = {} if values and "metadata_options" in values else SILENT
    return R(TEMPLATE, values or {}, {"id": True, **silent, **(unknown or {})})


def facts(*resources: R, of: str = NODES) -> NodeFacts:
    """The facts of the one maker of nodes."""
    return estate(*WORLD, *resources).particulars.node_facts[of]


def options(found: NodeFacts) -> tuple[tuple[str, ...], ...]:
    """Endpoint, tokens and hop limit of the one way of coming up."""
    [way] = found.metadata
    return way.endpoint.values, way.tokens.values, way.hops.values


def of_type(ami_type: str) -> R:
    """A node group without template."""
    return nodes({"ami_type": ami_type})


# --- images ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ami_type", "family"),
    [
        ("AL2_x86_64", "AL2"),
        ("AL2_ARM_64", "AL2"),
        ("AL2023_x86_64_NVIDIA", "AL2023"),
        ("BOTTLEROCKET_ARM_64_FIPS", "BOTTLEROCKET"),
        ("WINDOWS_CORE_2022_x86_64", "WINDOWS"),
        ("CUSTOM", "CUSTOM"),
    ],
)
def test_the_ami_type_names_the_family(ami_type: str, family: str) -> None:
    assert facts(of_type(ami_type)).image.families == (family,)


@pytest.mark.parametrize(
    ("version", "families"),
    [("1.29", ("AL2",)), ("1.30", ("AL2023",)), ("1.9", ("AL2",)), (None, ("AL2", "AL2023"))],
)
def test_without_an_ami_type_the_version_of_kubernetes_decides(version: str | None, families: Any) -> None:
    group = nodes({"ami_type": None, "version": version}, {"ami_type": True})
    found = facts(group).image
    assert found.families == families
    assert bool(found.causes) == (len(families) > 1)


def test_the_clusters_version_counts_where_the_group_has_none() -> None:
    old = R(CLUSTER.address, {**CLUSTER.values, "version": "1.28"}, CLUSTER.unknown, CLUSTER.expressions)
    group = nodes({"ami_type": None}, {"ami_type": True, "version": True})
    world = [old if one is CLUSTER else one for one in WORLD]
    assert estate(*world, group).particulars.node_facts[NODES].image.families == ("AL2",)


def test_an_existing_group_may_have_been_made_before() -> None:
    group = R(NODES, {**nodes().values, "ami_type": None, "version": "1.31"}, {}, {}, ("no-op",))
    assert facts(group).image.families == ("AL2", "AL2023")


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("amazon-eks-node-al2023-x86_64-standard-1.31-v*", ("AL2023",)),
        ("amazon-eks-node-1.29-v*", ("AL2",)),
        ("amazon-eks-gpu-node-1.29-v*", ("AL2",)),
        ("amazon-eks-node-*", ("AL2", "AL2023")),
        ("bottlerocket-aws-k8s-1.31-*", ("BOTTLEROCKET",)),
        ("ubuntu-eks/k8s_1.29/images/*", ("UBUNTU",)),
        ("hardened-*", ("CUSTOM",)),
    ],
)
def test_the_name_that_an_image_is_looked_up_by(name: str, families: tuple[str, ...]) -> None:
    image = R("data.aws_ami.node", {"id": "ami-1", "filter": [{"name": "name", "values": [name]}]})
    found = facts(image, template({"image_id": "ami-1"}), with_template()).image
    assert found.families == families


def test_an_image_that_only_apply_tells_is_not_known() -> None:
    own = R(TEMPLATE, {}, {"id": True, "image_id": True, **SILENT}, {"image_id": OPAQUE})
    found = facts(own, with_template()).image
    assert found.families == ()
    assert [cause.attribute for cause in found.causes] == ["image_id"]


@pytest.mark.parametrize(
    ("script", "families"),
    [
        ("#!/bin/bash\n/etc/eks/bootstrap.sh prod", ("AL2", "UBUNTU")),
        ("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n", ("AL2023",)),
    ],
)
def test_user_data_is_written_for_a_family(script: str, families: tuple[str, ...]) -> None:
    own = template({"image_id": "ami-1", "user_data": base64.b64encode(script.encode()).decode()})
    assert facts(own, with_template()).image.families == families


# --- the metadata service -------------------------------------------------------------------------

AL2, AL2023, BOTTLEROCKET = "AL2_x86_64", "AL2023_x86_64_STANDARD", "BOTTLEROCKET_x86_64"
ENABLED, EITHER = ("enabled",), ("optional", "required")


@pytest.mark.parametrize(
    ("ami_type", "tokens", "hops", "pods"),
    [
        (AL2, ("optional",), ("2",), "yes"),
        (BOTTLEROCKET, EITHER, ("2",), "yes"),
        ("WINDOWS_CORE_2022_x86_64", EITHER, ("2",), "yes"),
        (AL2023, ("required",), ("1", "2"), "unknown"),
    ],
)
def test_eks_writes_a_template_where_there_is_none(ami_type: str, tokens: Any, hops: Any, pods: str) -> None:
    found = facts(of_type(ami_type))
    assert options(found) == (ENABLED, tokens, hops)
    assert str(found.to_pods) == pods
    assert str(found.templated) == "no"


@pytest.mark.parametrize(
    ("ami_type", "tokens", "hops", "pods"),
    [
        (AL2, ("optional",), ("1",), "yes"),
        (AL2023, ("required",), ("1", "2"), "unknown"),
        (BOTTLEROCKET, EITHER, ("1", "2"), "unknown"),
    ],
)
def test_a_silent_template_leaves_it_to_the_image(ami_type: str, tokens: Any, hops: Any, pods: str) -> None:
    group = with_template()
    group = R(NODES, {**group.values, "ami_type": ami_type}, group.unknown, group.expressions)
    found = facts(template(), group)
    assert options(found) == (ENABLED, tokens, hops)
    assert str(found.to_pods) == pods
    if pods == "unknown":
        assert {cause.resource for cause in found.to_pods.causes} == {TEMPLATE}


def test_the_templates_own_word_counts() -> None:
    found = facts(template({"metadata_options": [CLOSED]}), with_template())
    assert options(found) == (ENABLED, ("required",), ("1",))
    assert str(found.to_pods) == "no"
    [way] = found.metadata
    assert (way.hops.resource, way.hops.attribute) == (
        TEMPLATE,
        "metadata_options[0].http_put_response_hop_limit",
    )


def test_a_state_shows_what_was_never_set_as_nothing() -> None:
    empty = {"http_endpoint": "", "http_tokens": "", "http_put_response_hop_limit": 0}
    left_out = facts(template(), with_template())
    assert options(facts(template({"metadata_options": [empty]}), with_template())) == options(left_out)


def test_an_option_that_only_apply_tells_may_be_anything() -> None:
    later = template({"metadata_options": [{"http_tokens": "required"}]}, {})
    later = R(
        TEMPLATE,
        later.values,
        {"id": True, "metadata_options": [{"http_put_response_hop_limit": True}]},
        {"metadata_options": [{"http_put_response_hop_limit": ref("terraform_data.x.output")}]},
    )
    found = facts(later, with_template())
    assert options(found) == (ENABLED, ("required",), ())
    assert str(found.to_pods) == "unknown"


def test_a_version_that_the_plan_does_not_show_may_say_anything() -> None:
    old = R(
        TEMPLATE,
        {"id": "lt-1", "latest_version": 4, "default_version": 4, "metadata_options": [CLOSED]},
        {},
        {},
        ("no-op",),
    )
    group = nodes({"launch_template": [{"id": "lt-1", "version": "2"}]})
    found = facts(old, group)
    assert str(found.to_pods) == "unknown"
    assert str(found.templated) == "yes"
    assert [one.version for one in found.templates] == ["2"]


def test_a_template_outside_the_inputs_is_a_template() -> None:
    found = facts(nodes({"launch_template": [{"id": "lt-9", "version": "1"}]}))
    assert (str(found.templated), str(found.to_pods)) == ("yes", "unknown")


ACCOUNT = "aws_ec2_instance_metadata_defaults.this"


def test_the_accounts_default_counts_before_the_images() -> None:
    account = R(ACCOUNT, {"http_tokens": "required", "http_put_response_hop_limit": 1})
    group = with_template()
    group = R(NODES, {**group.values, "ami_type": AL2}, group.unknown, group.expressions)
    found = facts(account, template(), group)
    assert options(found) == (ENABLED, ("required",), ("1",))
    [way] = found.metadata
    assert way.tokens.resource == ACCOUNT
    # The template's own word comes first.
    open_ = template({"metadata_options": [{"http_tokens": "optional"}]})
    assert options(facts(account, open_, group))[1] == ("optional",)


def test_no_preference_is_no_word() -> None:
    account = R(ACCOUNT, {"http_tokens": "no-preference", "http_put_response_hop_limit": -1})
    assert options(facts(account, template(), with_template())) == options(facts(template(), with_template()))


def test_the_default_of_another_region_is_only_perhaps_theirs() -> None:
    account = R(ACCOUNT, {"http_tokens": "optional", "region": "eu-west-1"})
    found = facts(account, template({"region": "eu-central-1"}), with_template())
    assert options(found)[1] == EITHER
    assert ACCOUNT in {cause.resource for cause in found.to_pods.causes}


def test_eks_own_hop_limit_beats_the_accounts() -> None:
    account = R(ACCOUNT, {"http_tokens": "required", "http_put_response_hop_limit": 1})
    assert options(facts(account, of_type(BOTTLEROCKET))) == (ENABLED, ("required",), ("2",))


# --- self-managed nodes ---------------------------------------------------------------------------

GROUP = "aws_autoscaling_group.nodes"
OWNED = {"tag": [{"key": "kubernetes.io/cluster/prod", "value": "owned", "propagate_at_launch": True}]}


def group_of(*blocks: dict[str, Any], mixed: bool = False) -> R:
    """A self-managed group by templates of these ids."""
    if not mixed:
        return R(GROUP, {**OWNED, "launch_template": list(blocks)}, {"vpc_zone_identifier": [True]})
    first, *others = blocks
    policy = {
        "launch_template": [
            {
                "launch_template_specification": [first],
                "override": [{"launch_template_specification": [other]} for other in others],
            }
        ]
    }
    return R(GROUP, {**OWNED, "mixed_instances_policy": [policy]}, {"vpc_zone_identifier": [True]})


def known(name: str, id_: str, **values: Any) -> R:
    """A launch template that exists."""
    more = {"id": id_, "latest_version": 1, "default_version": 1, "metadata_options": [CLOSED], **values}
    return R(f"aws_launch_template.{name}", more, {}, {}, ("no-op",))


def test_each_way_of_coming_up_counts() -> None:
    one = known("one", "lt-1")
    other = known("other", "lt-2", metadata_options=[{"http_tokens": "optional"}], key_name="ops")
    group = group_of({"launch_template_id": "lt-1"}, {"launch_template_id": "lt-2"}, mixed=True)
    found = facts(one, other, group, of=GROUP)
    assert [way.tokens.values for way in found.metadata] == [("required",), ("optional",)]
    assert str(found.to_pods) == "yes"
    assert [place.resource for place in found.keys] == ["aws_launch_template.other"]
    assert [one.resource for one in found.templates] == [
        "aws_launch_template.one",
        "aws_launch_template.other",
    ]


def test_a_launch_configuration_counts_as_a_template() -> None:
    old = R(
        "aws_launch_configuration.old",
        {"name": "old", "id": "old", "key_name": "ops", "metadata_options": [CLOSED]},
        {},
        {},
        ("no-op",),
    )
    found = facts(old, R(GROUP, {**OWNED, "launch_configuration": "old"}), of=GROUP)
    assert (str(found.to_pods), str(found.ssh_key), str(found.templated)) == ("no", "yes", "yes")


def test_an_instance_has_options_of_its_own_and_then_its_templates() -> None:
    one = known("one", "lt-1")
    values = {
        "tags": {"kubernetes.io/cluster/prod": "owned"},
        "launch_template": [{"id": "lt-1", "version": "$Latest"}],
    }
    own = {"metadata_options": [{"http_tokens": "optional"}]}
    name = "aws_instance.node"
    found = facts(one, R(name, {**values, **own}, {"subnet_id": True}), of=name)
    assert options(found) == (ENABLED, ("optional",), ("1",))
    assert options(facts(one, R(name, values, {"subnet_id": True, **SILENT}), of=name)) == (
        ENABLED,
        ("required",),
        ("1",),
    )


# --- keys -----------------------------------------------------------------------------------------


def test_the_key_of_remote_access() -> None:
    found = facts(nodes({"remote_access": [{"ec2_ssh_key": "ops"}]}))
    assert [(key.resource, key.attribute, key.name) for key in found.keys] == [
        (NODES, "remote_access[0].ec2_ssh_key", "ops")
    ]


def test_the_name_of_a_key_pair_that_comes_with_apply_is_still_one() -> None:
    pair = R("aws_key_pair.ops", {}, {"id": True, "key_name": True})
    own = R(
        TEMPLATE, {}, {"id": True, "key_name": True, **SILENT}, {"key_name": ref("aws_key_pair.ops.key_name")}
    )
    found = facts(pair, own, with_template())
    assert str(found.ssh_key) == "yes"
    assert found.keys[0].name == "aws_key_pair.ops"


def test_any_other_value_of_apply_may_be_none() -> None:
    data = R("terraform_data.x", {}, {"output": True})
    own = R(
        TEMPLATE, {}, {"id": True, "key_name": True, **SILENT}, {"key_name": ref("terraform_data.x.output")}
    )
    found = facts(data, own, with_template())
    assert str(found.ssh_key) == "unknown"
    assert [cause.attribute for cause in found.ssh_key.causes] == ["key_name"]


def brought(script: str) -> str:
    """Whether user data that is this script brings keys."""
    own = template({"user_data": base64.b64encode(script.encode()).decode()})
    return str(facts(own, with_template()).ssh_key)


def admin(settings: object) -> str:
    """Bottlerocket's settings, with this user data for its admin container."""
    data = base64.b64encode(json.dumps(settings).encode()).decode()
    return f'[settings.host-containers.admin]\nenabled = true\nuser-data = "{data}"\n'


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("#cloud-config\nssh_authorized_keys:\n  - ssh-ed25519 AAAA ops\n", "yes"),
        ("#cloud-config\nusers:\n  - name: ops\n    ssh-authorized-keys: [ssh-ed25519 AAAA]\n", "yes"),
        ("#cloud-config\nssh_import_id:\n  - gh:ops\n", "yes"),
        ("#cloud-config\nssh_authorized_keys: []\n", "no"),
        ("#!/bin/bash\necho 'ssh-rsa AAAA' >> /home/ec2-user/.ssh/authorized_keys\n", "yes"),
        ("#!/bin/bash\ncurl https://x/keys | sudo tee -a /root/.ssh/authorized_keys\n", "yes"),
        ("#!/bin/bash\n# rm authorized_keys one day\nrm -f ~/.ssh/authorized_keys\n", "no"),
        ("#!/bin/bash\nchmod 600 ~/.ssh/authorized_keys\n", "no"),
        ("#!/bin/bash\naws s3 cp s3://b/k ~/.ssh/authorized_keys\n", "unknown"),
        ("#!/bin/bash\nyum update -y\n", "no"),
        (admin({"ssh": {"authorized-keys": ["ssh-ed25519 AAAA"]}}), "yes"),
        (admin({"ssh": {"authorized-keys": []}}), "no"),
        (admin({"motd": "hello"}), "no"),
        ('[settings.host-containers.admin]\nuser-data = "not base 64"\n', "unknown"),
        ("[settings.host-containers.admin]\nenabled = true\n", "no"),
    ],
)
def test_keys_that_user_data_brings(script: str, expected: str) -> None:
    assert brought(script) == expected


# --- node classes ---------------------------------------------------------------------------------


def node_class(version: str, spec: str = "") -> R:
    """Karpenter's node class in a manifest."""
    body = f"""
apiVersion: karpenter.k8s.aws/{version}
kind: {"AWSNodeTemplate" if version == "v1alpha1" else "EC2NodeClass"}
metadata: {{name: default}}
spec:
  amiFamily: AL2023
{spec}
"""
    return R("kubectl_manifest.nodes", {"yaml_body": body})


def of_class(version: str, spec: str = "") -> NodeFacts:
    """The facts of such a node class."""
    return facts(node_class(version, spec), of="kubectl_manifest.nodes")


@pytest.mark.parametrize(("version", "hops"), [("v1", "1"), ("v1beta1", "2"), ("v1alpha1", "2")])
def test_karpenters_defaults_changed_with_v1(version: str, hops: str) -> None:
    found = of_class(version)
    assert options(found) == (ENABLED, ("required",), (hops,))
    assert str(found.to_pods) == ("yes" if hops == "2" else "no")


def test_a_node_class_may_say_otherwise() -> None:
    found = of_class("v1", "  metadataOptions:\n    httpTokens: optional\n    httpPutResponseHopLimit: 3\n")
    assert options(found) == (ENABLED, ("optional",), ("3",))
    off = of_class("v1beta1", "  metadataOptions:\n    httpEndpoint: disabled\n")
    assert str(off.to_pods) == "no"


def test_auto_mode_is_closed() -> None:
    cluster = R(
        CLUSTER.address,
        {**CLUSTER.values, "compute_config": [{"enabled": True, "node_pools": ["system"]}]},
        CLUSTER.unknown,
        CLUSTER.expressions,
    )
    world = [cluster if one is CLUSTER else one for one in WORLD]
    found = estate(*world).particulars.node_facts[CLUSTER.address]
    assert options(found) == (ENABLED, ("required",), ("1",))
    assert (str(found.to_pods), str(found.ssh_key)) == ("no", "no")


def test_no_way_of_coming_up_opens_nothing() -> None:
    assert str(NodeFacts(facts(of_type(AL2)).image, (), facts(of_type(AL2)).templated, ()).to_pods) == "no"
