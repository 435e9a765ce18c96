"""The tags that resources and nodes will carry, whose cluster's they are, and which cluster they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.tags import INSTANCE, INTERFACE, KINDS, VOLUME, NodeTags, Tagged, TagSet
from tests.aws.plans import (
    CLUSTER,
    GROUP,
    NODES,
    OPAQUE,
    SUBNET,
    VPC,
    WORLD,
    Object,
    R,
    estate,
    nodes,
    ref,
    with_template,
)
from tests.terraform.evaluation.worlds import folder


def tagged(resource: str, *resources: R) -> Tagged:
    """One resource of a cluster with its tags."""
    [found] = [one for one in estate(*resources).tagging.resources if one.resource == resource]
    return found


def values(tags: TagSet) -> dict[str, str | None]:
    """Key to value of the tags that are sure."""
    return {key: tag.value for key, tag in tags.sure.items()}


def members(*resources: R) -> set[str]:
    """Every taggable resource that is, or may be, a cluster's."""
    return {one.resource for one in estate(*resources).tagging.resources}


ASG = "aws_autoscaling_group.w"
TEMPLATE = "aws_launch_template.this"


def group(*tags: Object, unknown: Object | None = None, **values: object) -> R:
    """A self-managed group of cluster prod, with these tag blocks besides."""
    joined = {"key": "kubernetes.io/cluster/prod", "value": "owned", "propagate_at_launch": True}
    return R(
        ASG,
        {"tag": [joined, *tags], **values},
        {"vpc_zone_identifier": True, **(unknown or {})},
        {"vpc_zone_identifier": ref("aws_subnet.a.id")},
    )


def template(values: Object | None = None, unknown: Object | None = None) -> R:
    """The template that the node group uses."""
    return R(
        TEMPLATE, {"name": "t", **(values or {})}, {"id": True, "latest_version": True, **(unknown or {})}
    )


def specifications(**kinds: dict[str, str]) -> Object:
    """``tag_specifications`` for these kinds (``interface`` is the network interface)."""
    names = {"interface": INTERFACE}
    return {
        "tag_specifications": [{"resource_type": names.get(k, k), "tags": tags} for k, tags in kinds.items()]
    }


NOTHING: dict[str, object] = {kind: {} for kind in KINDS}


def at_nodes(resource: str, *resources: R) -> NodeTags:
    """The tags at the nodes of one group."""
    [found] = [one for one in estate(*resources).tagging.nodes if one.resource == resource]
    return found


# --- whose resources ----------------------------------------------------------------------------------


def test_roles_keys_and_the_log_group_are_the_clusters() -> None:
    role = R("aws_iam_role.cluster", {"name": "c"}, {"arn": True})
    node_role = R("aws_iam_role.node", {"name": "n"}, {"arn": True})
    stray = R("aws_iam_role.stray", {"name": "s"}, {"arn": True})
    key = R("aws_kms_key.secrets", {}, {"arn": True})
    logs = R("aws_cloudwatch_log_group.eks", {"name": "/aws/eks/prod/cluster"})
    others = R("aws_cloudwatch_log_group.other", {"name": "/aws/eks/production/cluster"})
    cluster = R(
        CLUSTER.address,
        {**CLUSTER.values, "encryption_config": [{"provider": [{}]}]},
        {**CLUSTER.unknown, "role_arn": True, "encryption_config": [{"provider": [{"key_arn": True}]}]},
        {
            **CLUSTER.expressions,
            "role_arn": ref("aws_iam_role.cluster.arn"),
            "encryption_config": [{"provider": [{"key_arn": ref("aws_kms_key.secrets.arn")}]}],
        },
    )
    workers = nodes(
        unknown={"node_role_arn": True}, expressions={"node_role_arn": ref("aws_iam_role.node.arn")}
    )
    found = members(VPC, SUBNET, GROUP, cluster, workers, role, node_role, stray, key, logs, others)
    assert found == {
        VPC.address,
        SUBNET.address,
        CLUSTER.address,
        NODES,
        role.address,
        node_role.address,
        key.address,
        logs.address,
    }


def test_the_template_and_its_groups_are_the_clusters_too() -> None:
    made = template({}, {"vpc_security_group_ids": [True]})
    made = R(
        made.address, made.values, made.unknown, {"vpc_security_group_ids": ref("aws_security_group.node.id")}
    )
    assert {TEMPLATE, GROUP.address} <= members(*WORLD, made, with_template("$Latest"))


def test_a_role_by_the_templates_instance_profile() -> None:
    role = R("aws_iam_role.node", {"name": "node"}, {"arn": True})
    profile = R("aws_iam_instance_profile.node", {"name": "node", "role": "node"}, {"arn": True})
    made = template({"iam_instance_profile": [{"name": "node"}]})
    launched = group(launch_template=[{"name": "t", "version": "$Latest"}])
    one = tagged("aws_iam_role.node", *WORLD, role, profile, made, launched)
    assert one.clusters.sure == {CLUSTER.address}


def test_a_subnet_that_may_be_used_is_only_perhaps_the_clusters() -> None:
    other = R("aws_subnet.b", {"cidr_block": "10.0.2.0/24"}, {"id": True, "vpc_id": True}, SUBNET.expressions)
    either = nodes(expressions={"subnet_ids": ref("aws_subnet.a.id", "aws_subnet.b.id")})
    one = tagged("aws_subnet.b", *WORLD, other, either)
    assert not one.certain
    assert one.clusters.maybe == {CLUSTER.address}


def test_two_clusters_share_their_vpc() -> None:
    second = R(
        "aws_eks_cluster.second",
        {"name": "second", "vpc_config": [{}]},
        CLUSTER.unknown,
        CLUSTER.expressions,
    )
    one = tagged(VPC.address, *WORLD, second)
    assert one.clusters.sure == {CLUSTER.address, second.address}


# --- tags of every form -------------------------------------------------------------------------------


def test_a_tag_block_whose_key_is_not_known_may_be_any_tag() -> None:
    made = group({"value": "x", "propagate_at_launch": True}, unknown={"tag": [{}, {"key": True}]})
    one = tagged(ASG, *WORLD, made)
    assert one.tags.open
    assert values(one.tags) == {"kubernetes.io/cluster/prod": "owned"}


def ec2_tag(resource_id: Object, key: str = "Owner") -> R:
    """A tag that is a resource of its own."""
    return R(
        "aws_ec2_tag.t", {"key": key, "value": "net"}, {"resource_id": True}, {"resource_id": resource_id}
    )


def test_a_separate_tag_is_on_the_object_it_names() -> None:
    world = (*WORLD, ec2_tag(ref("aws_vpc.this.id")))
    assert values(tagged(VPC.address, *world).tags) == {"Owner": "net"}
    assert values(tagged(SUBNET.address, *world).tags) == {}


def test_a_separate_tag_on_the_clusters_group_is_not_on_the_cluster() -> None:
    named = ref(
        "aws_eks_cluster.this.vpc_config[0].cluster_security_group_id", "aws_eks_cluster.this.vpc_config"
    )
    one = tagged(CLUSTER.address, *WORLD, ec2_tag(named))
    assert not one.tags.may_hold("Owner")


def test_a_separate_tag_on_one_of_two_may_be_on_either() -> None:
    other = R("aws_vpc.other", {"cidr_block": "10.9.0.0/16"}, {"id": True})
    world = (*WORLD, other, ec2_tag(ref("aws_vpc.this.id", "aws_vpc.other.id")))
    tags = tagged(VPC.address, *world).tags
    assert values(tags) == {}
    assert tags.may_hold("Owner")
    assert tags.doubts("Owner")


def test_default_tags_of_the_right_alias_also_where_tags_all_is_not_known(tmp_path: Path) -> None:
    """K13: a key that the apply chooses leaves tags_all open as a whole, but not what the provider adds."""
    sources = {
        "main.tf": """
provider "aws" {
  default_tags { tags = { Owner = "here" } }
}
provider "aws" {
  alias = "east"
  default_tags { tags = { Owner = "east", Env = terraform_data.x.id } }
}
resource "terraform_data" "x" {}
resource "aws_eks_cluster" "here" {
  name = "here"
  tags = { (terraform_data.x.id) = "x" }
}
resource "aws_eks_cluster" "there" {
  provider = aws.east
  name     = "there"
  tags     = { Owner = "me" }
}
module "net" {
  source    = "./net"
  providers = { aws = aws.east }
}
""",
        "net/main.tf": 'resource "aws_eks_cluster" "this" { name = "net" }\n',
    }
    found = {one.resource: one for one in folder(tmp_path, sources).estate.tagging.resources}
    here, there = found["aws_eks_cluster.here"], found["aws_eks_cluster.there"]
    assert values(here.tags) == {"Owner": "here"}
    assert here.tags.open
    assert here.provider == "aws"
    assert values(there.tags) == {"Owner": "me", "Env": None}
    assert not there.tags.open
    assert found["module.net.aws_eks_cluster.this"].provider == "aws.east"
    assert values(found["module.net.aws_eks_cluster.this"].tags) == {"Owner": "east", "Env": None}


# --- names of clusters --------------------------------------------------------------------------------


def named_by(
    tags: Object, *resources: R, unknown: Object | None = None, expressions: Object | None = None
) -> set[str]:
    """The clusters that the VPC's tags name for certain."""
    made = R(VPC.address, {**VPC.values, "tags": tags}, {**VPC.unknown, **(unknown or {})}, expressions or {})
    found = tagged(VPC.address, made, SUBNET, CLUSTER, *resources).tags
    return {cluster for tag in found.sure.values() for cluster in tag.names.sure}


@pytest.mark.parametrize(
    "tags",
    [
        {"Cluster": "prod"},
        {"Name": "prod-vpc"},
        {"Name": "eu/prod/vpc"},
        {"kubernetes.io/cluster/prod": "shared"},
    ],
)
def test_a_name_is_found_as_a_word_in_key_or_value(tags: Object) -> None:
    assert named_by(tags) == {CLUSTER.address}


@pytest.mark.parametrize(
    "tags", [{"Environment": "production"}, {"Name": "nonprod"}, {"Name": "Prod"}, {"a": ""}]
)
def test_another_word_that_holds_the_name_is_no_name(tags: Object) -> None:
    assert named_by(tags) == set()


def test_of_names_inside_each_other_the_longest_counts() -> None:
    longer = R(
        "aws_eks_cluster.longer",
        {"name": "prod-eu", "vpc_config": [{}]},
        CLUSTER.unknown,
        CLUSTER.expressions,
    )
    assert named_by({"Name": "prod-eu-vpc"}, longer) == {longer.address}
    assert named_by({"Name": "prod-vpc"}, longer) == {CLUSTER.address}


def test_a_reference_to_the_clusters_name_is_its_name(tmp_path: Path) -> None:
    sources = {
        "main.tf": """
resource "terraform_data" "x" {}
locals { name = "shop-${terraform_data.x.id}" }
resource "aws_eks_cluster" "this" {
  name = local.name
  tags = {
    same   = local.name
    inside = "eu-${local.name}-vpc"
    longer = "my${local.name}"
    other  = "shop-${terraform_data.x.output}"
  }
}
resource "aws_eks_addon" "dns" {
  cluster_name = aws_eks_cluster.this.name
  addon_name   = "coredns"
  tags         = { id = aws_eks_cluster.this.id, plain = "shoe", begins = "shop-1" }
}
""",
    }
    found = {one.resource: one for one in folder(tmp_path, sources).estate.tagging.resources}
    own = {key for key, tag in found["aws_eks_cluster.this"].tags.sure.items() if tag.names.sure}
    assert own == {"same", "inside"}
    addon = found["aws_eks_addon.dns"].tags.sure
    assert {key for key, tag in addon.items() if tag.names.sure} == {"id"}
    assert {key for key, tag in addon.items() if tag.names.maybe} == {"begins"}


# --- at the nodes -------------------------------------------------------------------------------------


def kinds(found: NodeTags) -> list[dict[str, dict[str, str | None]]]:
    """For each way in which nodes come up: kind to tags."""
    return [{kind: values(tags) for kind, tags in way.kinds.items()} for way in found.ways]


def test_without_a_template_nothing_of_the_users_reaches_the_nodes() -> None:
    found = at_nodes(NODES, *WORLD, nodes({"tags": {"Owner": "a", "Name": "w"}, "tags_all": {"Owner": "a"}}))
    assert values(found.own) == {"Owner": "a"}, "a name is not meant for nodes"
    assert kinds(found) == [NOTHING]
    assert not any(tags.open for kind in KINDS for _, tags in found.on(kind))


def test_a_template_tags_the_kinds_it_names() -> None:
    """Its own tags, and default_tags in its tags_all, stay on the template (L3)."""
    made = template(
        {**specifications(instance={"A": "1"}, volume={"B": "2"}), "tags": {"C": "3"}, "tags_all": {"C": "3"}}
    )
    found = at_nodes(NODES, *WORLD, made, with_template("$Latest"))
    assert kinds(found) == [{INSTANCE: {"A": "1"}, VOLUME: {"B": "2"}, INTERFACE: {}}]


def test_a_template_whose_content_is_not_known_leaves_all_open() -> None:
    old = R(TEMPLATE, {"latest_version": 7, "default_version": 3, "id": "lt-1"}, actions=("no-op",))
    found = at_nodes(NODES, *WORLD, old, nodes({"launch_template": [{"id": "lt-1", "version": "3"}]}))
    for kind in KINDS:
        [(_, tags)] = list(found.on(kind))
        assert tags.open
        assert tags.causes


def test_a_dynamic_block_that_the_plan_does_not_count_leaves_all_open() -> None:
    made = template({}, {"tag_specifications": True})
    made = R(made.address, made.values, made.unknown, {"tag_specifications": OPAQUE})
    found = at_nodes(NODES, *WORLD, made, with_template("$Latest"))
    assert all(tags.open for kind in KINDS for _, tags in found.on(kind))


def test_a_self_managed_group_passes_on_what_it_is_told_to_instances_alone() -> None:
    made = template(specifications(instance={"A": "template", "B": "1"}, volume={"B": "1"}))
    tags = (
        {"key": "A", "value": "group", "propagate_at_launch": True},
        {"key": "C", "value": "stays", "propagate_at_launch": False},
    )
    launched = group(*tags, launch_template=[{"name": "t", "version": "$Latest"}])
    found = at_nodes(ASG, *WORLD, made, launched)
    own = {"kubernetes.io/cluster/prod": "owned", "A": "group"}
    assert kinds(found) == [{INSTANCE: {**own, "B": "1"}, VOLUME: {"B": "1"}, INTERFACE: {}}]
    assert values(found.own) == {"A": "group"}


def test_every_template_of_a_mixed_group_is_a_way() -> None:
    second = R("aws_launch_template.second", {"name": "second"}, {"id": True, "latest_version": True})
    specification = {"launch_template_name": "t", "version": "$Latest"}
    override = {"launch_template_specification": [{"launch_template_name": "second", "version": "$Latest"}]}
    policy = {"launch_template": [{"launch_template_specification": [specification], "override": [override]}]}
    made = template(specifications(volume={"A": "1"}))
    found = at_nodes(ASG, *WORLD, made, second, group(mixed_instances_policy=[policy]))
    assert [way.origin for way in found.ways] == [TEMPLATE, second.address]
    assert [values(tags) for _, tags in found.on(VOLUME)] == [{"A": "1"}, {}]


def group_tag(name: Object, **tag: object) -> R:
    """A tag of an Auto Scaling group that is a resource of its own."""
    block = {"key": "Owner", "value": "net", "propagate_at_launch": True, **tag}
    return R(
        "aws_autoscaling_group_tag.t",
        {"tag": [block]},
        {"autoscaling_group_name": True},
        {"autoscaling_group_name": name},
    )


def test_a_tag_on_the_group_that_eks_made_is_idle() -> None:
    """L4: it looks like tagging and is none."""
    separate = group_tag(ref("aws_eks_node_group.workers.resources[0].autoscaling_groups[0].name"))
    workers = nodes(unknown={"resources": True})
    found = at_nodes(NODES, *WORLD, workers, separate)
    assert found.idle == (separate.address,)
    assert kinds(found) == [NOTHING]


def test_a_separate_tag_of_a_self_managed_group_reaches_later_instances() -> None:
    separate = group_tag(ref("aws_autoscaling_group.w.name"))
    made = group(launch_template=[{"name": "t", "version": "$Latest"}], unknown={"name": True})
    world = (*WORLD, template(), made, separate)
    [(_, tags)] = list(at_nodes(ASG, *world).on(INSTANCE))
    assert "Owner" not in tags.sure
    assert tags.may_hold("Owner")
    assert "Owner" in tagged(ASG, *world).tags.sure, "the group itself is tagged for certain"
    [(_, volumes)] = list(at_nodes(ASG, *world).on(VOLUME))
    assert not volumes.may_hold("Owner")


def karpenter(kind: str, api: str, spec: str) -> R:
    """A node class in a text."""
    body = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n"
    return R("kubectl_manifest.a", {"yaml_body": body})


@pytest.mark.parametrize(
    ("kind", "api"),
    [
        ("EC2NodeClass", "karpenter.k8s.aws/v1"),
        ("AWSNodeTemplate", "karpenter.k8s.aws/v1alpha1"),
        ("NodeClass", "eks.amazonaws.com/v1"),
    ],
)
def test_node_classes_tag_all_that_a_node_becomes(kind: str, api: str) -> None:
    cluster = R(CLUSTER.address, {**CLUSTER.values, "compute_config": [{"enabled": True}]}, CLUSTER.unknown)
    world = (VPC, SUBNET, cluster, karpenter(kind, api, "{tags: {Owner: net}}"))
    assert kinds(at_nodes("kubectl_manifest.a", *world)) == [{kind: {"Owner": "net"} for kind in KINDS}]


def test_auto_modes_own_pools_have_no_tags_of_the_users() -> None:
    pools = [{"enabled": True, "node_pools": ["system"]}]
    cluster = R(
        CLUSTER.address,
        {**CLUSTER.values, "compute_config": pools, "tags": {"Owner": "net"}},
        CLUSTER.unknown,
        CLUSTER.expressions,
    )
    found = at_nodes(CLUSTER.address, VPC, SUBNET, cluster)
    assert found.kind == "auto_mode"
    assert kinds(found) == [NOTHING]


def test_tags_are_worked_out_only_when_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers about reachability need none of it."""
    monkeypatch.setattr("eks_checks.aws.lower.tags.lower_tagging", lambda *_: pytest.fail("asked for"))
    made = estate(*WORLD, nodes())
    assert made.node_interfaces()
    assert analysis.Reachability(made) is not None


def test_a_key_of_which_the_start_is_known_is_a_tag_and_no_other_one(tmp_path: Path) -> None:
    sources = {
        "main.tf": """
resource "terraform_data" "x" {}
resource "aws_eks_cluster" "this" { name = "shop-${terraform_data.x.id}" }
resource "aws_autoscaling_group" "w" {
  tag {
    key                 = "kubernetes.io/cluster/${aws_eks_cluster.this.name}"
    value               = "owned"
    propagate_at_launch = true
  }
  tag {
    key                 = "team/${terraform_data.x.id}"
    value               = "net"
    propagate_at_launch = true
  }
}
""",
    }
    tagging = folder(tmp_path, sources).estate.tagging
    [one] = [each for each in tagging.resources if each.type == "aws_autoscaling_group"]
    assert not one.tags.open
    assert one.tags.users
    assert not one.tags.may_hold("Owner")
    assert one.tags.may_hold("team/net")
    naming = [key for key, tag in one.tags.sure.items() if tag.names.sure]
    assert naming == ["kubernetes.io/cluster/..."]
    assert values(tagging.nodes[0].own) == {}, "a key that is not known cannot be asked for at the nodes"
