"""IAM documents, roles and what is attached to them: known, known in part, and not known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.estate import Estate
from eks_checks.aws.iam import Iam, Role
from eks_checks.aws.iam_documents import GAP, Element, Pattern
from tests.aws.plans import CLUSTER, NODES, OPAQUE, Object, R, estate, nodes, ref, together, word

EKS_TRUST = {
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}}
    ]
}
NODE = "aws_iam_role.node"
AWS_POLICY = "arn:aws:iam::aws:policy/"


def allow(actions: object, **more: object) -> Object:
    return {"Effect": "Allow", "Action": actions, "Resource": "*", **more}


def deny(actions: object, **more: object) -> Object:
    return {"Effect": "Deny", "Action": actions, "Resource": "*", **more}


def text(*statements: Object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(name: str = "node", **more: object) -> R:
    values = {"name": name, "assume_role_policy": json.dumps(EKS_TRUST), **more}
    return R(f"aws_iam_role.{name}", values, {"id": True, "arn": True})


def inline(*statements: Object, on: str = "node", name: str = "extra") -> R:
    values = {"name": name, "role": on, "policy": text(*statements)}
    return R(f"aws_iam_role_policy.{name}", values, {"id": True})


def attached(policy: str, on: str = "node", name: str = "a") -> R:
    return R(f"aws_iam_role_policy_attachment.{name}", {"role": on, "policy_arn": AWS_POLICY + policy})


def the_role(made: Estate, key: str = NODE) -> Role:
    return made.particulars.iam.roles[key]


def folder(tmp_path: Path, hcl: str) -> Iam:
    (tmp_path / "main.tf").write_text(hcl, encoding="utf-8")
    return analysis.load([str(tmp_path)]).estate.particulars.iam


# --- what a statement matches -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("ec2:RunInstances", "ec2:runinstances", "yes"),
        ("ec2:Run*", "ec2:RunInstances", "yes"),
        ("ec2:Run?nstances", "ec2:RunInstances", "yes"),
        ("ec2:Run", "ec2:RunInstances", "no"),
        # No classes of characters: only * and ? are wildcards in IAM.
        ("ec2:[R]unInstances", "ec2:RunInstances", "no"),
        (f"ec2:{GAP}", "ec2:RunInstances", "unknown"),
        (f"s3:{GAP}", "ec2:RunInstances", "no"),
        ("*", "ec2:RunInstances", "yes"),
    ],
)
def test_patterns(pattern: str, action: str, expected: str) -> None:
    assert word(Pattern(pattern, ("",) * pattern.count(GAP)).matches(action)) == expected


def test_not_action_holds_everything_else() -> None:
    element = Element((Pattern("iam:*"),), negated=True)
    assert word(element.holds("ec2:RunInstances")) == "yes"
    assert word(element.holds("iam:PassRole")) == "no"
    assert word(element.everything) == "no"


def test_an_arn_with_a_gap_is_not_everything() -> None:
    assert word(Pattern(GAP, ("aws_kms_key.this.arn",)).everything) == "no"
    assert word(Pattern(GAP, ("",)).everything) == "unknown"
    assert str(Pattern(f"arn:{GAP}:x", ("aws_kms_key.this.arn",))) == "arn:${aws_kms_key.this.arn}:x"


# --- what a role may do -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "action", "expected"),
    [
        ([allow("ssm:*")], "ssm:GetParameter", "yes"),
        ([allow("ssm:*")], "ec2:RunInstances", "no"),
        ([allow(["s3:Get*", "ec2:*"])], "ec2:RunInstances", "yes"),
        ([allow("ec2:*"), deny("ec2:Run*")], "ec2:RunInstances", "no"),
        ([allow("ec2:*"), deny("ec2:Run*")], "ec2:StopInstances", "yes"),
        # A denial of some requests leaves others.
        (
            [allow("ec2:*"), deny("ec2:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})],
            "ec2:RunInstances",
            "unknown",
        ),
        ([allow("ec2:*"), deny("ec2:*", Resource="arn:aws:ec2:*:*:vpc/*")], "ec2:RunInstances", "unknown"),
        (
            [allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/x": "y"}})],
            "ec2:RunInstances",
            "unknown",
        ),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "ec2:RunInstances", "yes"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "iam:PassRole", "no"),
    ],
)
def test_what_an_inline_policy_grants(statements: list[Object], action: str, expected: str) -> None:
    assert word(the_role(estate(role(), inline(*statements))).grants(action)) == expected


def test_a_single_statement_needs_no_list() -> None:
    policy = R(
        "aws_iam_role_policy.x",
        {"name": "x", "role": "node", "policy": json.dumps({"Statement": allow("ssm:*")})},
    )
    assert word(the_role(estate(role(), policy)).grants("ssm:GetParameter")) == "yes"


def test_policies_of_aws_by_name_and_by_what_they_say() -> None:
    made = the_role(estate(role(), attached("AmazonSSMManagedInstanceCore")))
    assert word(made.attached("AmazonSSMManagedInstanceCore")) == "yes"
    assert word(made.attached("AdministratorAccess")) == "no"
    assert word(made.grants("ssmmessages:OpenDataChannel")) == "yes"
    assert word(made.grants("ec2:RunInstances")) == "no"


def test_a_policy_of_aws_whose_text_is_not_kept_may_say_anything() -> None:
    made = the_role(estate(role(), attached("service-role/AmazonSomething")))
    assert word(made.attached("AmazonSomething")) == "yes"
    assert word(made.grants("ec2:RunInstances")) == "unknown"


def test_power_users_do_not_pass_roles() -> None:
    made = the_role(estate(role(), attached("PowerUserAccess")))
    assert word(made.grants("ec2:RunInstances")) == "yes"
    assert word(made.grants("iam:PassRole")) == "no"


def test_a_boundary_narrows() -> None:
    bounded = role(permissions_boundary=AWS_POLICY + "AmazonSSMManagedInstanceCore")
    made = the_role(estate(bounded, attached("AdministratorAccess")))
    assert word(made.grants("ssm:UpdateInstanceInformation")) == "yes"
    assert word(made.grants("ec2:RunInstances")) == "no"


def test_a_policy_of_ones_own_by_reference() -> None:
    policy = R(
        "aws_iam_policy.mine", {"name": "mine", "policy": text(allow("s3:*"))}, {"id": True, "arn": True}
    )
    link = R(
        "aws_iam_role_policy_attachment.x",
        {"role": "node"},
        {"policy_arn": True},
        {"policy_arn": ref("aws_iam_policy.mine.arn")},
    )
    made = the_role(estate(role(), policy, link))
    assert word(made.attached("mine")) == "yes"
    assert word(made.grants("s3:GetObject")) == "yes"
    assert word(made.grants("ec2:RunInstances")) == "no"


def test_a_policy_that_cannot_be_told_leaves_the_role_open() -> None:
    link = R(
        "aws_iam_role_policy_attachment.x", {"role": "node"}, {"policy_arn": True}, {"policy_arn": OPAQUE}
    )
    made = the_role(estate(role(), link))
    assert word(made.grants("ec2:RunInstances")) == "unknown"
    assert word(made.attached("AdministratorAccess")) == "unknown"
    assert made.unread


def test_an_attachment_to_a_role_that_cannot_be_told_may_be_on_any() -> None:
    link = R(
        "aws_iam_role_policy_attachment.x",
        {"policy_arn": AWS_POLICY + "AdministratorAccess"},
        {"role": True},
        {"role": OPAQUE},
    )
    made = estate(role(), role("other"), link).particulars.iam
    assert {word(one.attached("AdministratorAccess")) for one in made.roles.values()} == {"unknown"}


def test_every_form_of_attachment() -> None:
    policy = R("aws_iam_policy.mine", {"name": "mine", "policy": text(allow("s3:*"))}, {"arn": True})
    lists = R(
        "aws_iam_policy_attachment.x",
        {"name": "x", "roles": ["node"], "policy_arn": AWS_POLICY + "PowerUserAccess"},
    )
    exclusive = R(
        "aws_iam_role_policy_attachments_exclusive.x",
        {"role_name": "node", "policy_arns": [AWS_POLICY + "IAMFullAccess"]},
    )
    named = R("aws_iam_role_policies_exclusive.x", {"role_name": "node", "policy_names": ["extra", "unseen"]})
    own = role(
        managed_policy_arns=[AWS_POLICY + "AmazonEKSWorkerNodePolicy"],
        inline_policy=[{"name": "own", "policy": text(allow("sqs:*"))}],
    )
    made = the_role(estate(own, policy, lists, exclusive, named, inline(allow("sns:*"))))
    assert {each.policy.name for each in made.policies} == {
        "AmazonEKSWorkerNodePolicy",
        "own",
        "PowerUserAccess",
        "IAMFullAccess",
        "extra",
        "unseen",
    }
    [unseen] = [each for each in made.policies if each.policy.name == "unseen"]
    assert unseen.policy.document.open


def test_an_empty_inline_policy_block_says_nothing() -> None:
    assert not the_role(estate(role(inline_policy=[{"name": None, "policy": None}]))).policies


def test_what_the_plan_takes_off_does_not_survive_as_an_echo() -> None:
    # K14: the refreshed role lists what separate resources attached, also the one that goes.
    before = [AWS_POLICY + name for name in ("AdministratorAccess", "AmazonEKSWorkerNodePolicy")]
    values = {"name": "node", "assume_role_policy": json.dumps(EKS_TRUST), "managed_policy_arns": before}
    kept = R(NODE, values, {}, {"name": {"constant_value": "node"}}, ("no-op",))
    gone = R(
        "aws_iam_role_policy_attachment.x",
        {"role": "node", "policy_arn": AWS_POLICY + "AdministratorAccess"},
        actions=("delete",),
    )
    made = the_role(estate(kept, gone))
    assert word(made.attached("AmazonEKSWorkerNodePolicy")) == "yes"
    assert word(made.attached("AdministratorAccess")) == "no"


def test_a_role_that_no_input_holds_may_carry_anything() -> None:
    made = estate(CLUSTER, nodes({"node_role_arn": "arn:aws:iam::123456789012:role/theirs"}))
    assert made.particulars.iam.roles_of_nodes(NODES).sure == {"arn:aws:iam::123456789012:role/theirs"}
    theirs = made.particulars.iam.role("arn:aws:iam::123456789012:role/theirs")
    assert (theirs.name, theirs.managed) == ("theirs", False)
    assert word(theirs.grants("ec2:RunInstances")) == "unknown"


def test_a_role_read_as_data_tells_its_trust_alone() -> None:
    read = R(
        "data.aws_iam_role.node",
        {
            "id": "node",
            "name": "node",
            "arn": "arn:aws:iam::1:role/node",
            "assume_role_policy": json.dumps(EKS_TRUST),
        },
    )
    made = the_role(estate(read), "node")
    assert [str(p) for s in made.trust.statements for p in s.principals] == ["eks.amazonaws.com"]
    assert made.open


# --- documents known in part --------------------------------------------------------------------------


def test_jsonencode_with_an_unknown_part(tmp_path: Path) -> None:
    iam = folder(
        tmp_path,
        """
resource "aws_kms_key" "this" {}

resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({ Statement = [] })
}

resource "aws_iam_role_policy" "x" {
  role = aws_iam_role.node.id
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = aws_kms_key.this.arn },
      { Effect = "Allow", Action = "s3:*", Resource = "*" },
    ]
  })
}
""",
    )
    node = iam.roles[NODE]
    assert word(node.grants("s3:GetObject")) == "yes"
    assert word(node.grants("kms:Decrypt")) == "yes"
    assert word(node.grants("ec2:RunInstances")) == "no"
    [first, _] = [statement for _, statement in node.statements()]
    assert str(first) == "Allow kms:Decrypt on ${aws_kms_key.this.arn}"


def test_a_template_text_with_an_unknown_part(tmp_path: Path) -> None:
    iam = folder(
        tmp_path,
        """
resource "terraform_data" "which" {}

resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = "{}"
  inline_policy {
    name   = "x"
    policy = <<EOT
{"Statement": [{"Effect": "Allow", "Action": "${terraform_data.which.output}", "Resource": "*"}]}
EOT
  }
}
""",
    )
    assert word(iam.roles[NODE].grants("ec2:RunInstances")) == "unknown"


def test_a_document_that_apply_will_read_is_told_by_its_blocks(tmp_path: Path) -> None:
    iam = folder(
        tmp_path,
        """
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Run"
    actions   = ["ec2:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "all" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    sid         = "Rest"
    effect      = "Deny"
    not_actions = ["ec2:*", "ssm:*"]
    resources   = ["*"]
  }
  override_policy_documents = [data.aws_iam_policy_document.over.json]
}

data "aws_iam_policy_document" "over" {
  statement {
    sid       = "Run"
    actions   = ["ssm:*"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/team"
      values   = ["a"]
    }
  }
}

resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "x" {
  role   = aws_iam_role.node.name
  policy = data.aws_iam_policy_document.all.json
}
""",
    )
    node = iam.roles[NODE]
    told = [(s.sid, s.effect, str(s.actions), s.actions.negated) for _, s in node.statements()]
    assert told == [("Run", "Allow", "ssm:*", False), ("Rest", "Deny", "ec2:*, ssm:*", True)]
    assert word(node.grants("ec2:RunInstances")) == "no"
    assert word(node.grants("ssm:GetParameter")) == "unknown"  # under a condition
    [trust] = node.trust.statements
    assert [(p.kind, str(p)) for p in trust.principals] == [("Service", "ec2.amazonaws.com")]
    assert trust.location is not None
    written = (tmp_path / "main.tf").read_text(encoding="utf-8").splitlines()
    assert "sts:AssumeRole" in written[trust.location.line]


def test_a_text_that_is_not_known_is_open_and_never_empty() -> None:
    hidden = R("aws_iam_role_policy.x", {"name": "x", "role": "node"}, {"policy": True}, {"policy": OPAQUE})
    made = the_role(estate(role(), hidden))
    assert word(made.grants("ec2:RunInstances")) == "unknown"
    assert [cause.attribute for cause in made.unread] == ["policy"]


def test_what_is_no_json_is_open() -> None:
    made = the_role(estate(role(assume_role_policy="{")))
    assert made.trust.open


# --- whose roles --------------------------------------------------------------------------------------


def test_a_profile_leads_to_its_role() -> None:
    profile = R("aws_iam_instance_profile.node", {"name": "node-profile", "role": "node"}, {"arn": True})
    template = R(
        "aws_launch_template.this",
        {"name": "t", "iam_instance_profile": [{"arn": None, "name": "node-profile"}]},
        {"id": True},
    )
    group = R(
        "aws_autoscaling_group.this",
        {"launch_template": [{"version": "$Latest"}]},
        {"launch_template": [{"id": True}]},
        {"launch_template": [{"id": ref("aws_launch_template.this.id")}]},
    )
    instance = R("aws_instance.this", {"iam_instance_profile": "node-profile"}, {"id": True})
    made = estate(role(), profile, template, group, instance).particulars.iam
    assert made.roles_of_nodes("aws_autoscaling_group.this").sure == {NODE}
    assert made.roles_of_nodes("aws_instance.this").sure == {NODE}
    other = estate(
        R("aws_instance.this", {"iam_instance_profile": "elsewhere"}, {"id": True})
    ).particulars.iam
    assert other.roles_of_nodes("aws_instance.this").open


def test_a_cluster_and_a_node_group_by_reference() -> None:
    cluster = R(
        CLUSTER.address,
        CLUSTER.values,
        {**CLUSTER.unknown, "role_arn": True},
        {**CLUSTER.expressions, "role_arn": ref("aws_iam_role.cluster.arn")},
    )
    group = nodes({}, {"node_role_arn": True}, {"node_role_arn": ref("aws_iam_role.node.arn")})
    made = estate(cluster, role("cluster"), role(), group).particulars.iam
    assert made.cluster_role(CLUSTER.address).exact == "aws_iam_role.cluster"
    assert made.roles_of_nodes(NODES).sure == {NODE}


@pytest.mark.parametrize(("account", "sure"), [("123456789012", True), ("999999999999", False)])
def test_an_arn_of_the_callers_account_means_the_role_of_that_name(account: str, sure: bool) -> None:
    caller = R("data.aws_caller_identity.this", {"id": "123456789012", "account_id": "123456789012"})
    group = nodes({"node_role_arn": f"arn:aws:iam::{account}:role/team/node"})
    found = estate(CLUSTER, caller, role(), group).particulars.iam.roles_of_nodes(NODES)
    assert (found.sure == {NODE}) is sure
    assert NODE in found.candidates


def test_two_stages_are_joined_by_the_roles_arn() -> None:
    stage = role(arn="arn:aws:iam::123456789012:role/node")
    known = R(stage.address, stage.values, actions=("no-op",))
    made = together(
        iam=(known, attached("AmazonSSMManagedInstanceCore")),
        eks=(CLUSTER, nodes({"node_role_arn": "arn:aws:iam::123456789012:role/node"})),
    )
    [key] = made.particulars.iam.roles_of_nodes(NODES).sure
    assert word(made.particulars.iam.role(key).attached("AmazonSSMManagedInstanceCore")) == "yes"


def test_pods_that_take_a_role_by_association_and_by_token() -> None:
    issuer = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789"
    cluster = R(
        CLUSTER.address,
        {**CLUSTER.values, "identity": [{"oidc": [{"issuer": f"https://{issuer}"}]}]},
        CLUSTER.unknown,
        CLUSTER.expressions,
    )
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::1:oidc-provider/{issuer}"},
        "Condition": {"StringEquals": {f"{issuer}:sub": "system:serviceaccount:kube-system:autoscaler"}},
    }
    association = R(
        "aws_eks_pod_identity_association.x",
        {
            "cluster_name": "prod",
            "namespace": "a",
            "service_account": "b",
            "role_arn": "arn:aws:iam::1:role/pods",
        },
    )
    made = estate(cluster, role(assume_role_policy=text(trust)), association).particulars.iam
    assert [(w.kind, w.cluster.exact, w.role.exact, w.account) for w in made.workloads] == [
        ("pod_identity", CLUSTER.address, "arn:aws:iam::1:role/pods", "a:b"),
        ("irsa", CLUSTER.address, NODE, "kube-system:autoscaler"),
    ]


def test_pods_by_the_provider_of_a_cluster_that_is_not_there_yet(tmp_path: Path) -> None:
    iam = folder(
        tmp_path,
        """
resource "aws_eks_cluster" "this" {
  name     = "prod"
  role_arn = "arn:aws:iam::123456789012:role/c"
}

resource "aws_iam_openid_connect_provider" "this" {
  client_id_list = ["sts.amazonaws.com"]
  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
}

locals {
  issuer = replace(aws_iam_openid_connect_provider.this.url, "https://", "")
}

resource "aws_iam_role" "pods" {
  name = "pods"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.this.arn }
      Condition = {
        StringEquals = {
          "${local.issuer}:sub" = "system:serviceaccount:a:b"
        }
      }
    }]
  })
}
""",
    )
    assert [(w.kind, w.cluster.exact, w.role.exact) for w in iam.workloads] == [
        ("irsa", "aws_eks_cluster.this", "aws_iam_role.pods")
    ]
