"""Which built-in checks of Checkov stand beside ours, by the sections of the guide.

Data and one text; Checkov is not imported. A test holds ids and names to the installed Checkov.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CLOUD = "Cloud infrastructure security"


@dataclass(frozen=True)
class Builtin:
    """A check of Checkov's own; ``name`` is as Checkov has it."""

    id: str
    name: str


@dataclass(frozen=True)
class Topic:
    """What a section of the guide asks for, the checks of ours that test it, and those of Checkov."""

    section: str
    about: str
    ours: tuple[str, ...]
    builtin: tuple[Builtin, ...]


@dataclass(frozen=True)
class Replaced:
    """A check of Checkov's that is left out: which of ours stand in its place, and why."""

    builtin: Builtin
    by: tuple[str, ...]
    why: str


TOPICS = (
    Topic(
        CLOUD,
        "CloudTrail",
        (),
        (
            Builtin("CKV_AWS_35", "Ensure CloudTrail logs are encrypted at rest using KMS CMKs"),
            Builtin("CKV_AWS_36", "Ensure CloudTrail log file validation is enabled"),
            Builtin("CKV_AWS_67", "Ensure CloudTrail is enabled in all Regions"),
            Builtin("CKV_AWS_251", "Ensure CloudTrail logging is enabled"),
            Builtin("CKV2_AWS_10", "Ensure CloudTrail trails are integrated with CloudWatch Logs"),
        ),
    ),
    Topic(
        CLOUD,
        "The root account, users and passwords",
        ("EKS506",),
        (
            Builtin("CKV_AWS_348", "Ensure IAM root user does not have Access keys"),
            Builtin("CKV_AWS_273", "Ensure access is controlled through SSO and not AWS IAM defined users"),
            Builtin(
                "CKV_AWS_40",
                "Ensure IAM policies are attached only to groups or roles (Reducing access management "
                "complexity may in-turn reduce opportunity for a principal to inadvertently receive "
                "or retain excessive privileges.)",
            ),
            Builtin("CKV_AWS_41", "Ensure no hard coded AWS access key and secret key exists in provider"),
            Builtin("CKV_AWS_9", "Ensure IAM password policy expires passwords within 90 days or less"),
            Builtin("CKV_AWS_10", "Ensure IAM password policy requires minimum length of 14 or greater"),
            Builtin("CKV_AWS_11", "Ensure IAM password policy requires at least one lowercase letter"),
            Builtin("CKV_AWS_12", "Ensure IAM password policy requires at least one number"),
            Builtin("CKV_AWS_13", "Ensure IAM password policy prevents password reuse"),
            Builtin("CKV_AWS_14", "Ensure IAM password policy requires at least one symbol"),
            Builtin("CKV_AWS_15", "Ensure IAM password policy requires at least one uppercase letter"),
        ),
    ),
    Topic(
        CLOUD,
        "IAM policies and roles",
        ("EKS505", "EKS602", "EKS704"),
        (
            Builtin(
                "CKV_AWS_1",
                'Ensure IAM policies that allow full "*-*" administrative privileges are not created',
            ),
            Builtin("CKV_AWS_49", 'Ensure no IAM policies documents allow "*" as a statement\'s actions'),
            Builtin(
                "CKV_AWS_60",
                "Ensure IAM role allows only specific services or principals to assume it",
            ),
            Builtin(
                "CKV_AWS_61",
                "Ensure AWS IAM policy does not allow assume role permission across all services",
            ),
            Builtin(
                "CKV_AWS_62",
                'Ensure IAM policies that allow full "*-*" administrative privileges are not created',
            ),
            Builtin("CKV_AWS_63", 'Ensure no IAM policies documents allow "*" as a statement\'s actions'),
            Builtin("CKV_AWS_107", "Ensure IAM policies does not allow credentials exposure"),
            Builtin("CKV_AWS_108", "Ensure IAM policies does not allow data exfiltration"),
            Builtin(
                "CKV_AWS_109",
                "Ensure IAM policies does not allow permissions management / resource exposure "
                "without constraints",
            ),
            Builtin("CKV_AWS_110", "Ensure IAM policies does not allow privilege escalation"),
            Builtin("CKV_AWS_111", "Ensure IAM policies does not allow write access without constraints"),
            Builtin(
                "CKV_AWS_274",
                "Disallow IAM roles, users, and groups from using the AWS AdministratorAccess policy",
            ),
            Builtin("CKV_AWS_286", "Ensure IAM policies does not allow privilege escalation"),
            Builtin("CKV_AWS_287", "Ensure IAM policies does not allow credentials exposure"),
            Builtin("CKV_AWS_288", "Ensure IAM policies does not allow data exfiltration"),
            Builtin(
                "CKV_AWS_289",
                "Ensure IAM policies does not allow permissions management / resource exposure "
                "without constraints",
            ),
            Builtin("CKV_AWS_290", "Ensure IAM policies does not allow write access without constraints"),
            Builtin(
                "CKV_AWS_355",
                'Ensure no IAM policies documents allow "*" as a statement\'s resource for '
                "restrictable actions",
            ),
            Builtin(
                "CKV_AWS_356",
                'Ensure no IAM policies documents allow "*" as a statement\'s resource for '
                "restrictable actions",
            ),
            Builtin("CKV2_AWS_40", "Ensure AWS IAM policy does not allow full IAM privileges"),
            Builtin("CKV2_AWS_56", "Ensure AWS Managed IAMFullAccess IAM policy is not used."),
        ),
    ),
    Topic(
        CLOUD,
        "VPC: flow logs, layout, network ACLs",
        ("EKS101", "EKS102", "EKS103", "EKS104", "EKS105", "EKS106", "EKS402", "EKS403", "EKS404"),
        (Builtin("CKV2_AWS_11", "Ensure VPC flow logging is enabled in all VPCs"),),
    ),
    Topic(
        CLOUD,
        "EKS: logging, encryption, endpoint, version",
        ("EKS604", "EKS309", "EKS310"),
        (
            Builtin("CKV_AWS_37", "Ensure Amazon EKS control plane logging is enabled for all log types"),
            Builtin("CKV_AWS_58", "Ensure EKS Cluster has Secrets Encryption Enabled"),
            Builtin("CKV_AWS_66", "Ensure that CloudWatch Log Group specifies retention days"),
            Builtin("CKV_AWS_158", "Ensure that CloudWatch Log Group is encrypted by KMS"),
            Builtin("CKV_AWS_7", "Ensure rotation for customer created CMKs is enabled"),
            Builtin("CKV_AWS_33", "Ensure KMS key policy does not contain wildcard (*) principal"),
            Builtin("CKV_AWS_339", "Ensure EKS clusters run on a supported Kubernetes version"),
        ),
    ),
    Topic(
        CLOUD,
        "Instance metadata",
        ("EKS601",),
        (
            Builtin("CKV_AWS_79", "Ensure Instance Metadata Service Version 1 is not enabled"),
            Builtin(
                "CKV_AWS_341",
                "Ensure Launch template should not have a metadata response hop limit greater than 1",
            ),
        ),
    ),
    Topic(
        "Dedicated IAM role for cluster creation",
        "Who creates and administers the cluster",
        ("EKS501", "EKS502", "EKS503", "EKS504", "EKS505", "EKS506"),
        (),
    ),
    Topic(
        "Managed vs self-managed node groups",
        "Launch templates",
        ("EKS603",),
        (Builtin("CKV_AWS_315", "Ensure EC2 Auto Scaling groups use EC2 launch templates"),),
    ),
    Topic(
        "Cluster resource tagging",
        "Tags, on the resources and on what they become",
        ("EKS701", "EKS702", "EKS703", "EKS704"),
        (),
    ),
    Topic(
        "SSH access to nodes",
        "Who reaches tcp 22, by what way",
        (
            "EKS201",
            "EKS202",
            "EKS203",
            "EKS204",
            "EKS205",
            "EKS206",
            "EKS207",
            "EKS208",
            "EKS209",
            "EKS210",
            "EKS401",
            "EKS402",
        ),
        (),
    ),
    Topic(
        "EC2 security groups for nodes",
        "The groups on nodes, pods and the control plane",
        ("EKS301", "EKS302", "EKS303", "EKS304", "EKS305", "EKS306", "EKS307", "EKS308"),
        (
            Builtin("CKV2_AWS_12", "Ensure the default security group of every VPC restricts all traffic"),
            Builtin("CKV_AWS_23", "Ensure every security group and rule has a description"),
        ),
    ),
)
"""The sections of the guide in their order, with who checks what of it."""

REPLACED = (
    Replaced(
        Builtin("CKV_AWS_24", "Ensure no security groups allow ingress from 0.0.0.0:0 to port 22"),
        ("EKS201", "EKS203", "EKS206", "EKS303"),
        "passes rules beside a `self` rule or a prefix list, halves of the world, `::/0` and "
        '`ip_protocol = "-1"` in `aws_vpc_security_group_ingress_rule`, '
        "`aws_security_group_rule` as plans have it, and unknown ranges; fails udp 22",
    ),
    Replaced(
        Builtin("CKV_AWS_25", "Ensure no security groups allow ingress from 0.0.0.0:0 to port 3389"),
        ("EKS204", "EKS209"),
        "the same code for 3389",
    ),
    Replaced(
        Builtin("CKV_AWS_277", "Ensure no security groups allow ingress from 0.0.0.0:0 to port -1"),
        ("EKS209", "EKS308"),
        "the same code for all ports",
    ),
    Replaced(
        Builtin("CKV_AWS_88", "EC2 instance should not have public IP."),
        ("EKS102",),
        "looks at the first interface of a launch template only, and not at the subnet or an Elastic IP",
    ),
    Replaced(
        Builtin(
            "CKV_AWS_389",
            "Ensure AWS Auto Scaling group launch configuration doesn't have public IP address "
            "assignment enabled",
        ),
        ("EKS102",),
        "looks at launch configurations only, and not at the subnet",
    ),
    Replaced(
        Builtin("CKV_AWS_130", "Ensure VPC subnets do not assign public IP by default"),
        ("EKS101", "EKS102"),
        "a flag of the subnet; whether nodes land there, and get in or out by it, is not asked",
    ),
    Replaced(
        Builtin(
            "CKV_AWS_100",
            "Ensure AWS EKS node group does not have implicit SSH access from 0.0.0.0/0",
        ),
        ("EKS204",),
        "passes `remote_access` with a key and without source groups where the plan writes "
        "null or `[]`: EKS then opens 22 to the world",
    ),
    Replaced(
        Builtin("CKV_AWS_38", "Ensure Amazon EKS public endpoint not accessible to 0.0.0.0/0"),
        ("EKS309",),
        "passes halves of the world and `::/0`",
    ),
    Replaced(
        Builtin("CKV_AWS_39", "Ensure Amazon EKS public endpoint disabled"),
        ("EKS309", "EKS310"),
        "fails every public endpoint, however few may reach it",
    ),
    Replaced(
        Builtin("CKV_AWS_232", "Ensure no NACL allow ingress from 0.0.0.0:0 to port 22"),
        ("EKS401", "EKS402"),
        "judges entries one by one, without their order; takes port 0 for a missing one; "
        "fails udp 22; passes default ACLs",
    ),
    Replaced(
        Builtin("CKV_AWS_231", "Ensure no NACL allow ingress from 0.0.0.0:0 to port 3389"),
        ("EKS401", "EKS402"),
        "the same code for 3389",
    ),
    Replaced(
        Builtin("CKV_AWS_352", "Ensure NACL ingress does not allow all Ports"),
        ("EKS401", "EKS402"),
        "judges entries one by one: fails the general allow behind a denial of 22",
    ),
    Replaced(
        Builtin("CKV2_AWS_1", "Ensure that all NACL are attached to subnets"),
        ("EKS404",),
        "asks for a reference to a subnet in the same module: an association, or subnets handed from "
        "another module, are none",
    ),
    Replaced(
        Builtin("CKV_AWS_382", "Ensure no security groups allow egress from 0.0.0.0:0 to port -1"),
        ("EKS403",),
        "fails the outbound rule that nodes need for images, the AWS API and the cluster's endpoint",
    ),
    Replaced(
        Builtin("CKV_AWS_153", "Autoscaling groups should supply tags to launch configurations"),
        ("EKS703",),
        "passes every group on a plan: it asks whether the argument is there, and there it always is",
    ),
)
"""Built-in checks of the same things as ours, which answer wrongly on a plan or ask for something else."""


def configuration(ours: Iterable[str], folder: str, version: str) -> str:
    """A Checkov configuration file that runs these checks of ours, from ``folder``, and the built-in ones."""
    return "\n".join(_lines(tuple(ours), folder, version)) + "\n"


def _lines(ours: tuple[str, ...], folder: str, version: str) -> Iterator[str]:
    yield f"# Written by `eks-checks checkov-config` {version}. Use: checkov --config-file THIS -f plan.json"
    yield "# The folder below belongs to this installation: write the file anew after moving or upgrading it."
    yield "framework:"
    yield "  - terraform_plan"
    yield "skip-download: true"
    yield "external-checks-dir:"
    yield f"  - {json.dumps(folder)}"
    yield "check:"
    yield "  # eks-checks"
    yield from (f"  - {check_id}" for check_id in ours)
    for topic in TOPICS:
        if topic.builtin:
            yield f"  # {topic.section}: {topic.about}"
            yield from (f"  - {one.id}  # {one.name}" for one in topic.builtin)
    yield "# Left out, since a check of ours answers better on a plan:"
    for one in REPLACED:
        yield f"#   {one.builtin.id} -> {', '.join(one.by)}: {one.why}"
