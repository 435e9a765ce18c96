"""Who may assume a role, what makes it too powerful, and which writes ask for no tag."""

from __future__ import annotations

import json

import pytest

from eks_checks.aws import iam_services
from eks_checks.aws.iam import Role
from eks_checks.aws.iam_documents import Element, Pattern
from eks_checks.aws.iam_managed import _ACTIONS
from eks_checks.aws.iam_powers import other_policies, powers_beyond, wide_powers
from eks_checks.aws.iam_tags import untagged
from eks_checks.aws.iam_trust import admissions, trusts
from eks_checks.aws.knowledge import Truth
from tests.aws.plans import Object, R, estate

AWS_POLICY = "arn:aws:iam::aws:policy/"
AUDIENCE = "token.actions.githubusercontent.com:aud"
SUBJECT = "token.actions.githubusercontent.com:sub"
ACCOUNT = "arn:aws:iam::123456789012:root"
GIT = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
TAG = "aws:ResourceTag/kubernetes.io/cluster/prod"


def document(*statements: Object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def made(trust: tuple[Object, ...] = (), says: tuple[Object, ...] = (), **more: object) -> Role:
    """A role with this trust policy and one inline policy."""
    values: Object = {"name": "r", "assume_role_policy": document(*trust), **more}
    role = R("aws_iam_role.r", values, {"arn": True})
    policy = R("aws_iam_role_policy.p", {"name": "p", "role": "r", "policy": document(*says)})
    return estate(role, policy).particulars.iam.roles["aws_iam_role.r"]


def assume(principal: Object, condition: Object | None = None, action: str = "sts:AssumeRole") -> Object:
    more = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": action, "Principal": principal, **more}


def federated(condition: Object | None = None) -> Object:
    return assume({"Federated": GIT}, condition, "sts:AssumeRoleWithWebIdentity")


def strongest(truths: list[Truth]) -> str:
    values = [truth.value for truth in truths]
    return "yes" if True in values else "unknown" if values else "no"


# --- trust --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (assume({"Service": "eks.amazonaws.com"}), "no"),
        (assume({"AWS": "*"}), "yes"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}, "yes"),
        (assume({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), "no"),
        # Who passes a second factor may still be anybody; and IfExists holds where the key is missing.
        (assume({"AWS": "*"}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}), "yes"),
        (assume({"AWS": "*"}, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}), "yes"),
        (assume({"AWS": ACCOUNT}), "yes"),
        (assume({"AWS": "123456789012"}), "yes"),
        (assume({"AWS": ACCOUNT}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}), "no"),
        (assume({"AWS": "arn:aws:iam::123456789012:role/pipeline"}), "no"),
        # Another action of the trust policy lets nobody in.
        (assume({"AWS": "*"}, action="sts:TagSession"), "no"),
        (assume({"AWS": "*"}, action="sts:*"), "yes"),
        (federated(), "yes"),
        (
            federated({"StringEquals": {AUDIENCE: "sts.amazonaws.com"}}),
            "yes",
        ),
        (federated({"StringLike": {SUBJECT: "repo:example/*"}}), "no"),
        (federated({"StringLike": {SUBJECT: "repo:*"}}), "yes"),
        (
            {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": ACCOUNT}},
            "yes",
        ),
    ],
)
def test_who_may_assume_a_role(statement: Object, expected: str) -> None:
    assert strongest([one.truth for one in admissions(made(trust=(statement,)))]) == expected


def test_a_denial_leaves_how_many_open() -> None:
    deny = {**assume({"AWS": "*"}, {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}), "Effect": "Deny"}
    assert (
        strongest([one.truth for one in admissions(made(trust=(assume({"AWS": ACCOUNT}), deny)))])
        == "unknown"
    )


def test_which_service_a_role_trusts() -> None:
    role = made(trust=(assume({"Service": ["ec2.amazonaws.com"]}),))
    assert trusts(role, "ec2.amazonaws.com").surely
    assert not trusts(role, "eks.amazonaws.com").possibly


# --- powers -------------------------------------------------------------------------------------------


TO_EKS: Object = {"StringEquals": {"iam:PassedToService": "eks.amazonaws.com"}}
NO_SECOND_FACTOR: Object = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}


def denied(actions: object, condition: Object | None = None) -> Object:
    return {**allow(actions, condition=condition), "Effect": "Deny"}


def allow(actions: object, resources: object = "*", condition: Object | None = None) -> Object:
    more = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("*")], "yes"),
        ([allow("*:*")], "yes"),
        ([allow("*", "arn:aws:s3:::mine/*")], "no"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "yes"),
        ([allow("*", condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}})], "yes"),
        ([allow("*", condition={"StringEquals": {TAG: "owned"}})], "no"),
        ([allow("ec2:*")], "no"),
        ([allow("iam:*")], "yes"),
        ([allow("iam:Get*")], "no"),
        ([allow("iam:PassRole")], "yes"),
        ([allow("iam:PassRole", "arn:aws:iam::123456789012:role/*")], "yes"),
        ([allow("iam:PassRole", "arn:aws:iam::123456789012:role/eks-*")], "no"),
        (
            [allow("iam:PassRole", condition={"StringEquals": {"iam:PassedToService": "eks.amazonaws.com"}})],
            "no",
        ),
        ([allow("iam:PassRole"), {**allow("iam:*"), "Effect": "Deny"}], "no"),
        (
            [
                allow("iam:PassRole"),
                {
                    **allow("iam:*", condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
                    "Effect": "Deny",
                },
            ],
            "unknown",
        ),
    ],
)
def test_wide_powers(statements: list[Object], expected: str) -> None:
    assert strongest([power.truth for power in wide_powers(made(says=tuple(statements)))]) == expected


def test_wide_policies_of_aws_and_those_of_no_list() -> None:
    role = made(managed_policy_arns=[AWS_POLICY + "AdministratorAccess", AWS_POLICY + "service-role/Other"])
    assert [power.text for power in wide_powers(role)] == ["every action on every resource"]
    names = [power.attached.policy.name for power in other_policies(role, {"Other"})]
    assert names == ["AdministratorAccess"]


def test_a_boundary_takes_away_what_it_does_not_name() -> None:
    role = made(says=(allow("iam:*"),), permissions_boundary=AWS_POLICY + "AmazonSSMManagedInstanceCore")
    assert not list(wide_powers(role))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow(["ecr:GetAuthorizationToken", "ec2:Describe*"]), []),
        (allow("s3:GetObject", "arn:aws:s3:::one/*"), ["s3:GetObject"]),
        (allow("s3:List*"), []),
        (allow("autoscaling:DescribeTags"), []),
        (allow("sqs:SendM*"), ["sqs:SendMessage"]),
        (allow("*"), ["*"]),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, ["every action but those named"]),
        # What the reference does not know is no reason to be silent.
        (allow("notaservice:Do"), ["notaservice:Do"]),
    ],
)
def test_powers_beyond_a_list(statement: Object, expected: list[str]) -> None:
    allowed = Element((Pattern("ecr:GetAuthorizationToken"),))
    assert [power.text for power in powers_beyond(made(says=(statement,)), allowed)] == expected


# --- tags ---------------------------------------------------------------------------------------------


def asked(key: str, operator: str = "StringEquals", value: str = "owned") -> Object:
    return {operator: {key: value}}


STOP = "ec2:StopInstances"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow(STOP)], "yes"),
        ([allow("ec2:*")], "yes"),
        ([allow("ec2:Describe*")], "no"),
        ([allow("s3:*")], "no"),
        ([allow(STOP, condition=asked(TAG))], "no"),
        ([allow(STOP, condition=asked("ec2:ResourceTag/team"))], "no"),
        ([allow(STOP, condition=asked(TAG, "StringEqualsIfExists"))], "yes"),
        ([allow(STOP, condition=asked(TAG, "StringNotEquals"))], "yes"),
        ([allow(STOP, condition=asked(TAG, "Null", "false"))], "no"),
        ([allow(STOP, condition=asked(TAG, "Null", "true"))], "yes"),
        ([allow(STOP, condition=asked("aws:RequestedRegion"))], "yes"),
        ([allow(STOP, "arn:aws:ec2:*:*:instance/*")], "yes"),
        ([allow(STOP, "arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0")], "no"),
        ([allow(STOP, "arn:aws:ec2:*:*:volume/*")], "no"),
        ([allow("autoscaling:SetDesiredCapacity")], "yes"),
        (
            [
                allow(
                    "autoscaling:SetDesiredCapacity", "arn:aws:autoscaling:*:*:*:autoScalingGroupName/prod-*"
                )
            ],
            "no",
        ),
        # An instance comes of an image and a subnet: a condition on one of them holds the call.
        (
            [
                allow("ec2:RunInstances", ["arn:aws:ec2:*::image/*", "arn:aws:ec2:*:*:subnet/*"]),
                allow("ec2:RunInstances", "*", asked("aws:RequestTag/team")),
            ],
            "no",
        ),
        ([allow("ec2:RunInstances")], "yes"),
        ([allow("ec2:CreateTags", "*", asked("ec2:CreateAction", value="RunInstances"))], "no"),
        ([allow("ec2:CreateTags")], "yes"),
        ([allow(STOP), denied("ec2:*", asked(TAG, "StringNotEquals"))], "no"),
        ([allow(STOP), denied("ec2:*")], "no"),
    ],
)
def test_writes_without_a_condition_on_tags(statements: list[Object], expected: str) -> None:
    role = made(says=tuple(statements))
    [attached] = role.policies
    assert strongest([one.truth for one in untagged(role, attached)]) == expected


# --- the reference ------------------------------------------------------------------------------------


def test_what_the_reference_says_of_the_actions_that_checks_rest_on() -> None:
    run = iam_services.action("ec2:runinstances")
    assert run is not None
    assert (run.name, run.writes, run.takes_tags) == ("ec2:RunInstances", True, True)
    needed = {target.name for target in run.targets if target.required}
    assert {"instance", "image", "subnet"} <= needed
    scale = iam_services.action("autoscaling:SetDesiredCapacity")
    assert scale is not None
    assert scale.takes_tags
    described = iam_services.action("ec2:DescribeInstances")
    assert described is not None
    assert described.harmless
    assert not described.takes_tags
    assert iam_services.action("ec2:Nothing") is None
    assert iam_services.actions_of("nothing") == ()


def test_the_actions_of_the_policies_that_are_kept_here_exist() -> None:
    named = {name for actions in _ACTIONS.values() for name in actions.split()} - {"*"}
    assert not [name for name in sorted(named) if iam_services.action(name) is None]
