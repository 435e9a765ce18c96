"""Reports made by hand, with everything that a renderer has to phrase."""

from __future__ import annotations

from eks_checks.aws.estate import Assumption, Coverage, Unmodelled, Unresolved
from eks_checks.findings import (
    CheckRun,
    Evidence,
    Finding,
    InputSummary,
    Report,
    Severity,
    Status,
    fingerprint,
)
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import (
    Answer,
    Blocker,
    GroupOnInterface,
    Hop,
    Source,
    UnknownValue,
    Verdict,
)
from eks_checks.reports import (
    AttackHop,
    AttackPath,
    CatalogueEntry,
    GroupOrigin,
    InterfaceGroups,
    InterfacesReport,
    KeySource,
    MetadataOptions,
    NamedObject,
    NodeEntry,
    ReachReport,
)

LONG = 'module.network["eu-west-1 production"].aws_subnet.private["10.0.0.0/20 zone a, the long name of it"]'

COVERAGE = Coverage(
    unmodelled=(
        Unmodelled(
            "aws_networkfirewall_firewall", ("aws_networkfirewall_firewall.egress",), "may block more"
        ),
    ),
    unresolved=(Unresolved("aws_route.extra", "route_table_id", "a reference through local.tables"),),
    assumptions=(
        Assumption("account", "VPC Block Public Access is off", "C15"),
        Assumption("cluster", "the AWS VPC CNI with default settings", "I1"),
    ),
)

OPEN = Hop(
    "security_group",
    "aws_vpc_security_group_ingress_rule.ssh",
    "inbound tcp 22 from 0.0.0.0/0",
    "security group aws_security_group.node: inbound tcp 22 from 0.0.0.0/0",
    SourceSpan("network.tf", 40, 47),
)
SELF = Hop(
    "security_group",
    "aws_eks_cluster.this",
    "inbound all traffic from itself",
    "the cluster security group of aws_eks_cluster.this: inbound all traffic from itself",
    implicit=True,
)
SENT = Hop(
    "source",
    "internet",
    "tcp 198.51.100.7:49152 -> 10.0.0.10:22",
    "the internet sends tcp 198.51.100.7:49152 -> 10.0.0.10:22, sent to the public address of"
    " aws_eks_node_group.workers",
)
TAKEN = Hop(
    "target",
    "aws_eks_node_group.workers",
    "tcp 10.0.0.10:22 -> 198.51.100.7:49152",
    "aws_eks_node_group.workers replies: tcp 10.0.0.10:22 -> 198.51.100.7:49152; replies pass to client"
    " ports 32768-65535 only",
    SourceSpan("main.tf", 12, 12),
)
GATEWAY = Hop(
    "route", "aws_route_table.public", "0.0.0.0/0 to aws_internet_gateway.this", "", SourceSpan("n.tf", 9, 9)
)

GROUPS = (
    GroupOnInterface("aws_eks_cluster.this", "cluster", True),
    GroupOnInterface("aws_security_group.node", "attached", False),
    GroupOnInterface("aws_security_group.extra", "attached", False, certain=False),
)

SOURCES = (
    Source(
        "internet",
        Verdict.REACHABLE,
        cidrs=("0.0.0.0/0",),
        via="aws_internet_gateway.this",
        path=(SENT, OPEN, TAKEN, GATEWAY),
    ),
    Source("vpc", Verdict.REACHABLE, "aws_vpc.this", cidrs=("10.0.0.0/17", "10.1.0.0/16"), path=(OPEN,)),
    Source("interface", Verdict.REACHABLE, "aws_instance.bastion", "aws_subnet.public[0]", path=(OPEN,)),
    Source("pods", Verdict.REACHABLE, "aws_eks_node_group.other", "aws_subnet.private[0]", path=(SELF,)),
    Source("pods", Verdict.REACHABLE, "aws_eks_node_group.other", LONG, path=(SELF,)),
    Source(
        "control_plane",
        Verdict.POSSIBLE,
        "aws_eks_cluster.this",
        None,
        unknowns=(UnknownValue("aws_eks_cluster.this", "vpc_config[0].subnet_ids", "where it stands"),),
    ),
    Source("peering", Verdict.POSSIBLE, "aws_vpc_peering_connection.ops", cidrs=("172.16.0.0/12",)),
    Source("vpc", Verdict.POSSIBLE, "aws_vpc.this", cidrs=None, cidrs_of=("aws_vpc.this.ipv6_cidr_block",)),
)


def answer(subnet: str | None, family: str = "ipv4", **others: object) -> Answer:
    """An Answer of the workers, reachable by all of SOURCES unless told otherwise."""
    fields: dict[str, object] = {
        "resource": "aws_eks_node_group.workers",
        "protocol": "tcp",
        "port": "22",
        "verdict": Verdict.REACHABLE,
        "groups": GROUPS,
        "public_address": "yes",
        "listener": "yes",
        "sources": SOURCES,
        "location": SourceSpan("main.tf", 12, 30),
        **others,
    }
    return Answer(subnet=subnet, family=family, **fields)  # type: ignore[arg-type]


REACH = ReachReport(
    answers=(
        answer("aws_subnet.public[0]", unknowns=(UnknownValue("aws_x.y", "z", "decides the route"),)),
        answer("aws_subnet.public[1]", unknowns=(UnknownValue("aws_x.y", "z", "decides the route"),)),
        answer(
            "aws_subnet.public[0]",
            "ipv6",
            verdict=Verdict.BLOCKED,
            sources=(),
            public_address="no",
            listener="no",
            listener_note="Bottlerocket without a key",
            latent=(Source("internet", Verdict.BLOCKED, cidrs=("::/0",), missing="public_address"),),
        ),
        answer(
            None,
            resource="aws_instance.other",
            verdict=Verdict.POSSIBLE,
            location=None,
            groups=(),
            sources=(
                Source(
                    "pods",
                    Verdict.POSSIBLE,
                    "aws_eks_node_group.workers",
                    None,
                    mitigated_by=("kubernetes_x.y",),
                ),
                Source(
                    "internet",
                    Verdict.BLOCKED,
                    cidrs=("0.0.0.0/0",),
                    blocked_by=(Blocker("nacl", "aws_network_acl.this", "rule 100 denies tcp 22"),),
                ),
                Source(
                    "instance_connect_endpoint", Verdict.POSSIBLE, "aws_ec2_instance_connect_endpoint.this"
                ),
            ),
        ),
    ),
    coverage=COVERAGE,
    attack_paths=(
        AttackPath(
            "aws_eks_node_group.workers",
            "aws_subnet.private[0]",
            "ipv4",
            "22",
            Verdict.REACHABLE,
            (
                AttackHop("internet", "aws_instance.bastion", "22"),
                AttackHop("aws_instance.bastion", "aws_eks_node_group.workers", "22"),
            ),
        ),
    ),
    notices=("plan.json: the plan is partial",),
)


def finding(check_id: str, name: str, severity: Severity, resource: str, **others: object) -> Finding:
    """A Finding that fails, with one piece of evidence."""
    fields: dict[str, object] = {
        "status": Status.FAIL,
        "message": f"What {check_id} has to say.",
        "evidence": (Evidence("aws_security_group.node", "allows tcp 22 from 0.0.0.0/0"),),
        "remediation": "Remove the rule.",
        "fingerprint": fingerprint(check_id, resource),
        "change": "new",
        **others,
    }
    return Finding(check_id=check_id, name=name, severity=severity, resource=resource, **fields)  # type: ignore[arg-type]


SCAN = Report(
    inputs=(InputSummary("plan.json", "plan", "1.11.4", 87),),
    findings=(
        finding(
            "EKS201",
            "node-ssh-from-internet",
            Severity.CRITICAL,
            "aws_eks_node_group.workers",
            location=SourceSpan("main.tf", 12, 30),
            message="Any address on the internet reaches tcp 22 of the nodes in aws_subnet.public[0] and in "
            f"{LONG}: a route, a public address and a rule let it in.",
            evidence=(
                Evidence(
                    "aws_route_table.public",
                    "0.0.0.0/0 leads to aws_internet_gateway.this",
                    SourceSpan("n.tf", 9, 9),
                ),
                Evidence(
                    "aws_security_group.node", "allows tcp 22 from 0.0.0.0/0", SourceSpan("n.tf", 40, 47)
                ),
            ),
        ),
        finding(
            "EKS303",
            "node-sg-restriction-defeated",
            Severity.HIGH,
            "aws_eks_node_group.workers",
            change="existing",
            status=Status.POSSIBLE,
        ),
        finding(
            "EKS501",
            "creator-admin",
            Severity.MEDIUM,
            "aws_eks_cluster.this",
            remediation="",
            change="unknown",
        ),
        finding("EKS205", "node-ssh-key", Severity.LOW, "aws_eks_node_group.workers", evidence=()),
    ),
    checks=(
        CheckRun("EKS101", ("aws_eks_node_group.a", "aws_eks_node_group.b"), False),
        CheckRun("EKS201", ("aws_eks_node_group.b",), False),
        CheckRun("EKS701", (), True),
    ),
    coverage=COVERAGE,
    notices=("plan.json: the plan is partial",),
)

CLEAN = Report(
    inputs=(InputSummary("standard input", "state", "", 1),),
    findings=(),
    checks=(CheckRun("EKS101", ("aws_eks_node_group.a",), False),),
    coverage=Coverage(),
)

INTERFACES = InterfacesReport(
    interfaces=(
        *(
            InterfaceGroups(
                "aws_eks_node_group.workers",
                "node_group",
                subnet,
                ("aws_eks_cluster.this",),
                (
                    GroupOrigin(
                        "aws_eks_cluster.this", "cluster", True, True, "aws_launch_template.a", "EKS adds it."
                    ),
                    GroupOrigin(
                        "aws_security_group.a",
                        "attached",
                        False,
                        True,
                        "aws_launch_template.a",
                        "named by it",
                        SourceSpan("groups.tf", 5, 9),
                        SourceSpan("nodes.tf", 21, 21),
                    ),
                    GroupOrigin("", "attached", False, False, "aws_launch_template.a", "it may name more"),
                ),
                location=SourceSpan("main.tf", 12, 30),
                public_ipv4=public,
                ipv6="no",
            )
            for subnet, public in (("aws_subnet.a", "no"), ("aws_subnet.b", "no"), ("aws_subnet.c", "yes"))
        ),
        InterfaceGroups(
            "aws_instance.x", "instance", None, (), (), (("aws_instance.x", "subnet_id", "not known"),)
        ),
    ),
    nodes=(
        NodeEntry(
            resource="aws_eks_node_group.workers",
            kind="managed",
            clusters=("aws_eks_cluster.this",),
            ami_families=("AL2", "AL2023"),
            launch_template="yes",
            templates=(NamedObject("aws_launch_template.a", "3"),),
            ssh_key="yes",
            keys=(KeySource("aws_launch_template.a", "key_name", "ops"),),
            metadata=(
                MetadataOptions(("enabled",), ("required",), ("1",), "no"),
                MetadataOptions(("disabled", "enabled"), ("optional", "required"), (), "unknown"),
                MetadataOptions(("disabled",), ("optional",), ("2",), "no"),
            ),
            roles=(NamedObject("aws_iam_role.node"), NamedObject("aws_iam_role.spot", certain=False)),
            unknowns=(("aws_launch_template.a", "metadata_options", "known after apply"),),
            location=SourceSpan("main.tf", 12, 30),
        ),
        NodeEntry(
            resource="aws_instance.x",
            kind="instance",
            clusters=(),
            ami_families=(),
            launch_template="no",
            templates=(),
            ssh_key="unknown",
            keys=(),
            metadata=(MetadataOptions(("enabled",), ("optional",), ("1",), "yes"),),
            roles=(),
        ),
    ),
    coverage=COVERAGE,
)

CATALOGUE = (
    CatalogueEntry("EKS101", "node-public-subnet", "high", "Nodes may land in a public subnet."),
    CatalogueEntry("EKS205", "node-ssh-key", "low", "Nodes carry an SSH key at all."),
)
