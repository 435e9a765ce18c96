"""Node classes of Karpenter and Auto Mode: which subnets and groups they select (H1, H2, H4, H6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eks_checks import analysis
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from tests.aws.plans import OPAQUE, Object, R, estate, ref, word

CLUSTER_GROUP = "aws_eks_cluster.this#cluster_security_group"
CLUSTER_GROUP_ID = [
    "aws_eks_cluster.this.vpc_config[0].cluster_security_group_id",
    "aws_eks_cluster.this.vpc_config[0]",
    "aws_eks_cluster.this.vpc_config",
    "aws_eks_cluster.this",
]
CLASS = "kubectl_manifest.nodes"

VPC = R("aws_vpc.this", {"cidr_block": "10.0.0.0/16"}, {"id": True})


def subnet(name: str, number: int, tags: Object | None = None, **values: object) -> R:
    return R(
        f"aws_subnet.{name}",
        {"cidr_block": f"10.0.{number}.0/24", "tags": tags, "tags_all": tags, **values},
        {"id": True, "vpc_id": True},
        {"vpc_id": ref("aws_vpc.this.id")},
    )


def group(name: str, tags: Object | None = None, **values: object) -> R:
    return R(
        f"aws_security_group.{name}",
        {"name": name, "tags": tags, "tags_all": tags, **values},
        {"id": True, "vpc_id": True},
        {"vpc_id": ref("aws_vpc.this.id")},
    )


def cluster(**values: object) -> R:
    return R(
        "aws_eks_cluster.this",
        {"name": "prod", "vpc_config": [{}], **values},
        {"id": True, "vpc_config": [{"subnet_ids": [True], "cluster_security_group_id": True}]},
        {"vpc_config": [{"subnet_ids": ref("aws_subnet.a.id")}]},
    )


FOUND = {"karpenter.sh/discovery": "prod"}
A, B, PUBLIC = subnet("a", 1, FOUND), subnet("b", 2, FOUND), subnet("public", 3, {"Name": "public-a"})
NODE, STRAY = group("node", FOUND), group("stray", {"karpenter.sh/discovery": "prod-old"})
WORLD = (VPC, A, B, PUBLIC, cluster(), NODE, STRAY)


def node_class(spec: str, kind: str = "EC2NodeClass", version: str = "karpenter.k8s.aws/v1") -> R:
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: default\nspec:\n{spec}"
    return R(CLASS, {"yaml_body": text})


def spec(subnets: str, groups: str, more: str = "") -> str:
    return f"  subnetSelectorTerms: {subnets}\n  securityGroupSelectorTerms: {groups}\n{more}"


def nodes(*resources: R) -> dict[str | None, Interface]:
    return {i.subnet: i for i in estate(*resources).node_interfaces() if i.resource == CLASS}


TAGGED = "[{tags: {karpenter.sh/discovery: prod}}]"


def test_tags_choose_subnets_and_groups() -> None:
    made = nodes(*WORLD, node_class(spec(TAGGED, TAGGED)))
    assert set(made) == {"aws_subnet.a", "aws_subnet.b"}
    for node in made.values():
        [shape] = node.shapes
        assert (shape.groups.sure, shape.groups.exact) == ({"aws_security_group.node"}, True)
        assert (word(node.node), node.certain, node.cluster.exact) == ("yes", True, "aws_eks_cluster.this")


@pytest.mark.parametrize(
    ("terms", "chosen"),
    [
        ('[{tags: {karpenter.sh/discovery: "prod*"}}]', {"node", "stray"}),
        ('[{tags: {karpenter.sh/discovery: "*"}}]', {"node", "stray"}),
        ('[{tags: {karpenter.sh/discovery: "prod-???"}}]', {"stray"}),
        ("[{name: node}, {name: stray}]", {"node", "stray"}),
        ("[{name: 'n*e'}]", {"node"}),
        ("[{tags: {karpenter.sh/discovery: prod}, name: stray}]", set()),
        ("[{tags: {karpenter.sh/discovery: Prod}}]", set()),
    ],
)
def test_terms_are_alternatives_and_conditions_add_up(terms: str, chosen: set[str]) -> None:
    [shape] = nodes(*WORLD, node_class(spec(TAGGED, terms)))["aws_subnet.a"].shapes
    assert shape.groups.sure == {f"aws_security_group.{name}" for name in chosen}
    # What certainly selects nothing cannot make nodes as written: some group must be meant after all.
    assert shape.groups.open is not bool(chosen)


def test_the_cluster_group_is_found_by_the_tags_that_eks_gives_it() -> None:
    for terms in (
        "[{tags: {kubernetes.io/cluster/prod: owned}}]",
        '[{tags: {"aws:eks:cluster-name": prod}}]',
        '[{tags: {Name: "eks-cluster-sg-prod-*"}}]',
        '[{name: "eks-cluster-sg-prod-*"}]',
    ):
        [shape] = nodes(*WORLD, node_class(spec(TAGGED, terms)))["aws_subnet.a"].shapes
        assert (shape.groups.sure, shape.groups.exact) == ({CLUSTER_GROUP}, True), terms


def test_a_tag_put_on_the_cluster_group_counts() -> None:
    tag = R(
        "aws_ec2_tag.this",
        {"key": "karpenter.sh/discovery", "value": "prod"},
        {"resource_id": True},
        {"resource_id": {"references": CLUSTER_GROUP_ID}},
    )
    [shape] = nodes(*WORLD, tag, node_class(spec(TAGGED, TAGGED)))["aws_subnet.a"].shapes
    assert shape.groups.sure == {CLUSTER_GROUP, "aws_security_group.node"}


def test_a_tag_that_is_not_known_leaves_the_group_possible() -> None:
    unclear = R(
        "aws_security_group.unclear",
        {"name": "unclear", "tags": {}},
        {"id": True, "vpc_id": True, "tags": {"karpenter.sh/discovery": True}, "tags_all": True},
        {"vpc_id": ref("aws_vpc.this.id"), "tags": OPAQUE},
    )
    [shape] = nodes(*WORLD, unclear, node_class(spec(TAGGED, TAGGED)))["aws_subnet.a"].shapes
    assert shape.groups.sure == {"aws_security_group.node"}
    assert shape.groups.maybe == {"aws_security_group.unclear"}
    assert shape.groups.causes


def test_objects_of_a_vpc_outside_the_inputs_may_match_as_well() -> None:
    outside = R("data.aws_vpc.this", {"id": "vpc-0123456789abcdef0", "cidr_block": "10.0.0.0/16"})
    inside = R(
        "aws_subnet.a",
        {"cidr_block": "10.0.1.0/24", "vpc_id": "vpc-0123456789abcdef0", "tags": FOUND, "tags_all": FOUND},
        {"id": True},
    )
    made = nodes(outside, inside, cluster(), NODE, node_class(spec(TAGGED, TAGGED)))
    assert set(made) == {"aws_subnet.a", None}
    assert made["aws_subnet.a"].certain
    assert made["aws_subnet.a"].shapes[0].groups.open


def test_ids_are_the_objects_themselves_also_outside_the_inputs() -> None:
    terms = "[{id: subnet-0123456789abcdef0}]"
    made = nodes(*WORLD, node_class(spec(terms, "[{id: sg-0123456789abcdef0}]")))
    assert set(made) == {"subnet-0123456789abcdef0"}
    [shape] = made["subnet-0123456789abcdef0"].shapes
    assert (shape.groups.sure, shape.groups.exact) == ({"sg-0123456789abcdef0"}, True)


def test_what_matches_no_subnet_may_land_anywhere() -> None:
    made = nodes(*WORLD, node_class(spec("[{tags: {no: such}}]", TAGGED)))
    assert set(made) == {None}
    assert not made[None].certain
    assert [cause.resource for cause in made[None].causes] == [CLASS]


@pytest.mark.parametrize(
    ("more", "flag", "public"),
    [
        ("", False, "no"),
        ("", True, "yes"),
        ("  associatePublicIPAddress: false\n", True, "no"),
        ("  associatePublicIPAddress: true\n", False, "yes"),
    ],
)
def test_the_class_has_the_first_word_on_public_addresses(more: str, flag: bool, public: str) -> None:
    where = subnet("a", 1, FOUND, map_public_ip_on_launch=flag)
    made = nodes(VPC, where, cluster(), NODE, node_class(spec(TAGGED, TAGGED, more)))
    assert word(made["aws_subnet.a"].shapes[0].public_ipv4) == public


ADMIN = "  userData: |\n    [settings.host-containers.admin]\n    enabled = true\n"


@pytest.mark.parametrize(
    ("more", "listens"),
    [
        ("  amiFamily: AL2023\n", "yes"),
        ("  amiSelectorTerms: [{alias: al2023@latest}]\n", "yes"),
        ("  amiSelectorTerms: [{alias: bottlerocket@v1.40.0}]\n", "no"),
        ("  amiFamily: Bottlerocket\n", "no"),
        ("  amiFamily: Bottlerocket\n" + ADMIN, "yes"),
        ("  amiFamily: Windows2022\n", "unknown"),
        ("  amiFamily: Custom\n", "unknown"),
        ("", "unknown"),
    ],
)
def test_who_listens_is_told_by_the_image_family(more: str, listens: str) -> None:
    made = nodes(*WORLD, node_class(spec(TAGGED, TAGGED, more)))
    assert word(made["aws_subnet.a"].listener_ssh) == listens


OLD = """  subnetSelector: {karpenter.sh/discovery: prod}
  securityGroupSelector: {karpenter.sh/discovery: "prod,prod-old"}
"""


def test_the_first_versions_select_by_maps_and_lists_with_commas() -> None:
    made = nodes(*WORLD, node_class(OLD, "AWSNodeTemplate", "karpenter.k8s.aws/v1alpha1"))
    assert set(made) == {"aws_subnet.a", "aws_subnet.b"}
    groups = made["aws_subnet.a"].shapes[0].groups
    assert groups.sure == {"aws_security_group.node", "aws_security_group.stray"}
    assert word(made["aws_subnet.a"].listener_ssh) == "yes"  # Amazon Linux 2, where none is named


def test_the_first_versions_name_ids_in_one_text() -> None:
    old = "  subnetSelector: {aws-ids: 'subnet-0aaaaaaaaaaaaaaaa, subnet-0bbbbbbbbbbbbbbbb'}\n"
    old += "  securityGroupSelector: {aws-ids: sg-0aaaaaaaaaaaaaaaa}\n"
    made = nodes(*WORLD, node_class(old, "AWSNodeTemplate", "karpenter.k8s.aws/v1alpha1"))
    assert set(made) == {"subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"}


# --- Auto Mode (H5, H6) ------------------------------------------------------------------------------

AUTO = {"compute_config": [{"enabled": True, "node_pools": []}]}


def auto_class(more: str = "") -> R:
    return node_class(spec(TAGGED, TAGGED, more), "NodeClass", "eks.amazonaws.com/v1")


def test_a_node_class_of_auto_mode_has_no_ssh_server() -> None:
    made = nodes(VPC, A, B, cluster(**AUTO), NODE, auto_class())
    assert set(made) == {"aws_subnet.a", "aws_subnet.b"}
    node = made["aws_subnet.a"]
    assert (word(node.node), word(node.listener_ssh)) == ("yes", "no")
    assert node.shapes[0].groups.sure == {"aws_security_group.node"}


def test_it_may_say_itself_whether_nodes_get_public_addresses() -> None:
    where = subnet("a", 1, FOUND, map_public_ip_on_launch=True)
    more = "  advancedNetworking: {associatePublicIPAddress: false}\n"
    made = nodes(VPC, where, cluster(**AUTO), NODE, auto_class(more))
    assert word(made["aws_subnet.a"].shapes[0].public_ipv4) == "no"


def test_without_auto_mode_its_classes_make_no_nodes() -> None:
    assert not nodes(*WORLD, auto_class())


PODS = "[{tags: {role: pods}}]"
APART = f"  podSubnetSelectorTerms: {PODS}\n  podSecurityGroupSelectorTerms: {PODS}\n"


def test_its_pods_are_where_it_selects_subnets_and_groups_for_them() -> None:
    zoned = {name: {"availability_zone": f"eu-central-1{zone}"} for name, zone in (("a", "a"), ("b", "b"))}
    near = subnet("pods_a", 11, {"role": "pods"}, **zoned["a"])
    far = subnet("pods_b", 12, {"role": "pods"}, **zoned["b"])
    here = subnet("a", 1, FOUND, **zoned["a"])
    made = estate(
        VPC, here, near, far, cluster(**AUTO), NODE, group("pods", {"role": "pods"}), auto_class(APART)
    )
    [pods] = made.pods
    assert (pods.resource, pods.subnet, pods.certain) == (CLASS, "aws_subnet.pods_a", True)
    assert pods.shapes[0].groups.sure == {"aws_security_group.pods"}


def test_its_pods_are_beside_the_nodes_otherwise_whatever_the_cni_is_told() -> None:
    addon = R(
        "aws_eks_addon.cni",
        {
            "addon_name": "vpc-cni",
            "cluster_name": "prod",
            "configuration_values": '{"env": {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true"}}',
        },
        {"id": True},
    )
    made = estate(VPC, A, cluster(**AUTO), NODE, addon, auto_class())
    [pods] = made.pods
    assert (pods.subnet, pods.certain) == ("aws_subnet.a", True)
    assert pods.shapes[0].groups.sure == {"aws_security_group.node"}


# --- of which cluster ---------------------------------------------------------------------------------


def second() -> R:
    return R("aws_eks_cluster.other", {"name": "other", "vpc_config": [{}]}, {"id": True})


def test_of_several_clusters_karpenters_own_settings_tell() -> None:
    release = R(
        "helm_release.karpenter",
        {"chart": "karpenter", "name": "karpenter", "values": ["settings:\n  clusterName: prod\n"]},
    )
    made = nodes(*WORLD, second(), node_class(spec(TAGGED, TAGGED)))
    assert set(made["aws_subnet.a"].cluster.keys) == {"aws_eks_cluster.other", "aws_eks_cluster.this"}
    told = nodes(*WORLD, second(), release, node_class(spec(TAGGED, TAGGED)))
    assert told["aws_subnet.a"].cluster.exact == "aws_eks_cluster.this"


def karpenter(name: str = "karpenter") -> R:
    """A release of one of Karpenter's charts."""
    return R(f"helm_release.{name}", {"chart": name, "name": name, "values": []})


def untold(*resources: R) -> list[str]:
    """The releases whose nodes are said not to be known."""
    told = estate(*resources).coverage.unmodelled
    return [key for each in told if each.type == "helm_release" for key in each.resources]


def test_karpenter_without_a_node_class_starts_nodes_that_are_not_known() -> None:
    crds = karpenter("karpenter-crd")
    assert untold(*WORLD, karpenter(), crds) == ["helm_release.karpenter"]
    assert untold(*WORLD, karpenter(), crds, node_class(spec(TAGGED, TAGGED))) == []
    assert untold(*WORLD, crds) == []


def test_a_node_class_of_auto_mode_says_nothing_of_karpenters_nodes() -> None:
    assert untold(*WORLD, karpenter(), auto_class()) == ["helm_release.karpenter"]


def test_several_classes_in_one_resource_are_one_interface_of_several_shapes() -> None:
    text = "".join(
        f"---\napiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata:\n  name: {name}\nspec:\n{body}"
        for name, body in (
            ("one", spec(TAGGED, TAGGED)),
            ("two", spec("[{tags: {Name: 'public-*'}}]", "[{name: stray}]")),
            ("three", spec(TAGGED, "[{name: stray}]")),
        )
    )
    made = nodes(*WORLD, R(CLASS, {"yaml_body": text}))
    assert set(made) == {"aws_subnet.a", "aws_subnet.b", "aws_subnet.public"}
    assert [shape.groups.sure for shape in made["aws_subnet.a"].shapes] == [
        {"aws_security_group.node"},
        {"aws_security_group.stray"},
    ]


def test_the_estate_counts_it_among_what_creates_nodes() -> None:
    made: Estate = estate(*WORLD, node_class(spec(TAGGED, TAGGED)))
    kinds: dict[str, Any] = {each.resource: each.kind for each in made.node_groups}
    assert kinds == {CLASS: "node_class"}


# --- pods of Auto Mode (H6, H7) --------------------------------------------------------------------


def pods_of(*resources: R) -> list[tuple[str | None, list[str], bool]]:
    """(subnet, groups, whether surely) of the pods on nodes of the class."""
    found = estate(*resources).pods
    return [(one.subnet, sorted(one.shapes[0].groups.candidates), one.certain) for one in found]


def test_pods_of_auto_mode_are_where_the_class_wants_them() -> None:
    nodes = "  subnetSelectorTerms:\n  - id: subnet-1\n  securityGroupSelectorTerms:\n  - id: sg-00000001\n"
    pods = (
        "  podSubnetSelectorTerms: [{id: subnet-2}]\n  podSecurityGroupSelectorTerms: [{id: sg-00000002}]\n"
    )
    auto = cluster(compute_config=[{"enabled": True, "node_pools": []}])
    world = (VPC, A, B, PUBLIC, auto, NODE)
    plain = node_class(nodes, "NodeClass", "eks.amazonaws.com/v1")
    assert pods_of(*world, plain) == [("subnet-1", ["sg-00000001"], True)]
    apart = node_class(nodes + pods, "NodeClass", "eks.amazonaws.com/v1")
    assert pods_of(*world, apart) == [("subnet-2", ["sg-00000002"], True)]


# --- a folder that leaves open whether there is such a group --------------------------------------------

FOLDER = """
variable "admins" { type = bool }
resource "aws_vpc" "this" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.0.1.0/24"
  tags       = { find = "me" }
}
resource "aws_eks_cluster" "this" {
  name = "prod"
  vpc_config { subnet_ids = [aws_subnet.a.id] }
}
resource "aws_security_group" "node" {
  vpc_id = aws_vpc.this.id
  tags   = { find = "me" }
}
resource "aws_security_group" "admins" {
  count  = var.admins ? 1 : 0
  vpc_id = aws_vpc.this.id
  tags   = { find = "me" }
}
resource "kubectl_manifest" "nodes" {
  yaml_body = <<-YAML
    apiVersion: karpenter.k8s.aws/v1
    kind: EC2NodeClass
    metadata: { name: default }
    spec:
      role: ${aws_vpc.this.arn}
      subnetSelectorTerms: [{ tags: { find: me } }]
      securityGroupSelectorTerms: [{ tags: { find: me } }]
  YAML
}
"""


def test_a_group_that_may_not_be_there_is_perhaps_selected(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(FOLDER, encoding="utf-8")
    made = analysis.load([str(tmp_path)]).estate
    [node] = made.node_interfaces()
    groups = node.shapes[0].groups
    assert groups.sure == {"aws_security_group.node"}
    assert [key.partition("[")[0] for key in groups.maybe] == ["aws_security_group.admins"]
    assert "var.admins" in " ".join(cause.reason for cause in groups.causes)


# --- what nobody would write ---------------------------------------------------------------------------

ODD = ["null", "7", "some text", "[]", "{}", "[null]", "[7]", "[[]]", "[{}]", "[{tags: x}]", "[{tags: [a]}]"]
ODD += [
    "[{id: 7}]",
    "[{id: {a: b}}]",
    "[{name: [a]}]",
    "[{tags: {a: null}}]",
    "[{tags: {a: {b: c}}}]",
    "{a: {b: c}}",
]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("kind", ["EC2NodeClass", "AWSNodeTemplate", "NodeClass"])
def test_odd_selectors_leave_the_nodes_open_and_never_fail(odd: str, kind: str) -> None:
    version = {"NodeClass": "eks.amazonaws.com/v1"}.get(kind, "karpenter.k8s.aws/v1")
    names = ("subnetSelector", "securityGroupSelector") if kind == "AWSNodeTemplate" else ()
    names = names or ("subnetSelectorTerms", "securityGroupSelectorTerms")
    text = "".join(f"  {name}: {odd}\n" for name in (*names, "amiSelectorTerms", "userData"))
    made = nodes(VPC, A, B, cluster(**AUTO), NODE, node_class(text, kind, version))
    assert not any(node.certain and node.shapes[0].groups.exact for node in made.values())


def test_a_node_class_without_any_cluster_or_network_is_told_all_the_same() -> None:
    made = nodes(node_class(spec(TAGGED, TAGGED)))
    assert set(made) == {None}
    assert made[None].shapes[0].groups.open
